"""A log on its way to the player: its texts as they are, and what is refused."""

from typing import Any

import pytest

from dlcore.figures.log import Entry, Log
from dlcore.figures.stage import Stage, pack
from tests.figures.test_stage import read

FIRST = Entry(text="asked “is there a lake”", truth="yes", answer="no", chance=0.75, flipped=False)


def sent(*entries: Entry) -> dict[str, Any]:
    return read(pack(Stage(views=[Log(key="log", title="Changes", entries=entries)], num_frames=2)))["views"][0]


def test_a_log_travels_as_it_is_even_with_what_a_reader_typed():
    typed = Entry(text="asked “<b>is</b> there”", truth=None, answer="yes", chance=1.0, flipped=True)
    view = sent(FIRST, typed)
    assert (view["type"], view["area"]) == ("log", "side")
    assert view["entries"] == [vars(FIRST), vars(typed)]
    assert view["entries"][1]["truth"] is None


def test_a_log_without_entries_is_refused():
    with pytest.raises(ValueError, match="entries are none"):
        sent()


@pytest.mark.parametrize("chance", [-0.1, 1.5, float("nan")])
def test_a_chance_that_is_none_is_refused(chance: float):
    with pytest.raises(ValueError, match="asked: chance is"):
        sent(Entry(text="asked", truth=None, answer="no", chance=chance, flipped=False))
