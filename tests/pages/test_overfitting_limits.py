"""What cannot be on the page on overfitting is told in one sentence, and the picture stays."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.topics.overfitting import shown_steps
from dlcore.ui import overfitting_rail as rail
from tests.pages.overfitting_page import config_on, opened, panels_on
from tests.pages.stages import Hand, OpenPage, healthy, stage_bytes, stage_on

FOUR = "0,0,0; 1,1,1; 1,0,0; 0,1,1"


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def test_a_point_beside_the_picture_is_told_of_and_nothing_changes(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, data="points", points=FOUR)
    before = stage_bytes(page)
    hand.say(page, "pick", 9.0, 0.0)
    assert "beside the picture" in page.toast[0].value
    assert stage_bytes(page) == before


def test_a_weight_beside_changes_that_are_not_understood_is_told_of(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, edits="aw1=nonsense")
    before = stage_bytes(page)
    hand.say(page, "edit", "aw1.0.1", 2.5, 10)
    assert not page.exception
    assert "not understood" in page.toast[0].value
    assert stage_bytes(page) == before


def test_a_map_of_ones_own_points_is_refused_in_a_sentence(open_page: OpenPage) -> None:
    page = opened(open_page, view="capacity", data="points")
    assert not page.exception
    (error,) = page.error
    assert "data is 'points'" in error.value
    assert stage_on(page)[1]["unit"] == "cells"


def test_a_click_beside_the_map_does_nothing(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, view="capacity")
    before = stage_bytes(page)
    healthy(hand.say(page, "pick", -3.0, 1.0))
    assert stage_bytes(page) == before


GOOD = b"x,y,label\n0,0,cat\n1,1,dog\n2,2,cat\n-1,2,dog\n2,0,dog\n"
BAD = {
    "empty": b"",
    "words": b"x,y,label\n1,one,0\n2,2,1\n3,3,1\n4,4,0\n",
    "one class": b"0,0,0\n1,1,0\n2,2,0\n1,2,0\n",
    "binary": bytes(range(128, 256)),
}


def give(page: AppTest, data: bytes) -> AppTest:
    """The reader chooses a file."""
    uploader: Any
    (uploader,) = page.get("file_uploader")
    return uploader.set_value([("points.csv", data, "text/csv")]).run()


def test_points_of_a_file_are_learned_with_the_names_of_their_classes(open_page: OpenPage) -> None:
    page = healthy(give(opened(open_page, data="points", points=FOUR), GOOD))
    assert len(config_on(page).points) == 5
    assert panels_on(page)[0]["class_names"] == ["cat", "dog"]
    assert config_on(page).titles == ("cat", "dog")


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_is_told_of_in_a_sentence_and_the_picture_stays(open_page: OpenPage, data: bytes) -> None:
    page = opened(open_page, data="points", points=FOUR)
    before = stage_bytes(page)
    give(page, data)
    assert not page.exception
    assert len(page.error) == 1
    assert stage_bytes(page) == before


# What cannot be


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "widths": ({"hidden": "8, eight"}, "widths such as"),
    "too wide": ({"hidden": "1000"}, "256"),
    "too deep": ({"hidden": "1,1,1,1,1,1,1"}, "from 0 to 6"),
    "an edit of no weight": ({"edits": "aw9.9.9=1"}, "9"),
    "an edit of no network": ({"edits": "cw1.0.0=1"}, "begin with a or b"),
    "points": ({"data": "Your own points", "points": "0,0,0; 1,1"}, "Point 2"),
}


@pytest.mark.parametrize(("values", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_told_in_a_sentence_and_the_opening_scene_stays(
    open_page: OpenPage, values: dict[str, str], words: str
) -> None:
    page = open_page("overfitting", values)
    assert not page.exception
    (error,) = page.error
    assert words in error.value
    assert "overfitting.good" not in page.session_state  # nothing but the opening scene has been there
    assert stage_on(page)[1]["frames"] == len(shown_steps(rail.OPENING))
