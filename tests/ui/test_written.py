"""A value that the page wrote holds until the browser knows of it, and not a moment longer."""

from typing import Any

import pytest

from dlcore.ui import written
from dlcore.ui.written import Written

HEARD = "toy.heard"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Streamlit holds of a reader: at first what their browser said."""
    held: dict[str, Any] = {"toy.lr": 0.1, "toy.steps": 60, HEARD: 0}
    monkeypatch.setattr(written.st, "session_state", held)
    return held


@pytest.fixture
def toy(session: dict[str, Any]) -> Written:
    return Written(HEARD)


def test_what_was_written_comes_back_where_the_browser_did_not_know_of_it(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5})
    session["toy.lr"] = 0.1  # what the browser said before it had the 0.5
    assert toy.get("toy.lr", None) == 0.5
    toy.again()
    assert session["toy.lr"] == 0.5


def test_a_reader_who_knows_of_it_may_go_back(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5})
    session |= {"toy.lr": 0.1, HEARD: 1}
    toy.again()
    assert toy.get("toy.lr", None) == session["toy.lr"] == 0.1


def test_what_the_reader_changed_meanwhile_is_theirs_and_the_rest_comes_back(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5, "toy.steps": 200})
    session |= {"toy.lr": 0.3, "toy.steps": 60}
    toy.again()
    assert (session["toy.lr"], session["toy.steps"]) == (0.3, 200)


def test_of_two_writings_the_later_one_comes_back_even_if_it_says_what_the_browser_has(
    session: dict[str, Any], toy: Written
):
    toy.set(**{"toy.lr": 0.5})
    toy.set(**{"toy.lr": 0.7})
    session["toy.lr"] = 0.1
    toy.again()
    assert session["toy.lr"] == 0.7
    toy.set(**{"toy.lr": 0.1})
    toy.again()
    assert session["toy.lr"] == 0.1


def test_a_writing_that_is_heard_of_does_not_make_a_later_one_heard(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5})
    toy.set(**{"toy.steps": 200})
    session |= {"toy.lr": 0.1, "toy.steps": 60, HEARD: 1}
    toy.again()
    assert (session["toy.lr"], session["toy.steps"]) == (0.1, 200)


def test_a_page_that_was_left_has_nothing_to_write_again(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5})
    session["toy.lr"] = 0.1
    del session[HEARD]  # Streamlit forgets the widgets of a page that is left
    Written(HEARD).again()
    assert session["toy.lr"] == 0.1


def test_it_is_remembered_by_the_session_not_by_one_run_of_the_script(session: dict[str, Any], toy: Written):
    toy.set(**{"toy.lr": 0.5})
    session["toy.lr"] = 0.1
    Written(HEARD).again()
    assert session["toy.lr"] == 0.5
