"""A login is asked for where the host has named who knows the readers, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import user_info
from streamlit.testing.v1 import AppTest

from dlcore.ui import shell

AUTH = {
    "redirect_uri": "https://lab.example.org/oauth2callback",
    "cookie_secret": "a long random text",
    "client_id": "descent",
    "client_secret": "another one",
    "server_metadata_url": "https://id.example.org/.well-known/openid-configuration",
}


def keys(page: AppTest) -> list[str | None]:
    return [button.key for button in page.button]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host has a section [auth] in Streamlit's secrets."""
    monkeypatch.setattr(user_info, "get_secrets_auth_section", lambda: AUTH)


def opened() -> AppTest:
    return AppTest.from_file(str(Path(shell.__file__)), default_timeout=120).run()


@pytest.mark.usefixtures("named")
def test_a_stranger_sees_the_question_and_no_lesson() -> None:
    page = opened()
    assert keys(page) == ["shell.login"]
    assert not page.title
    assert "Log in" in page.markdown[-1].value
    assert not page.exception


@pytest.mark.usefixtures("named")
def test_a_deep_link_is_asked_for_it_too(open_page: Callable[..., AppTest]) -> None:
    page = open_page("optimizers", {"lr": "0.1"})
    assert keys(page) == ["shell.login"]
    assert not page.slider


@pytest.mark.usefixtures("named")
def test_who_has_logged_in_sees_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_info, "_get_user_info", lambda: {"is_logged_in": True, "name": "a reader"})
    page = opened()
    assert page.title[0].value == "Descent"
    assert "shell.login" not in keys(page)


def test_without_it_everyone_comes_in() -> None:
    assert opened().title[0].value == "Descent"
