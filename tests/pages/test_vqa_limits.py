"""Limits of the page on questions about pictures: what cannot be is told in one sentence, what was on screen stays."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets import rsvqa
from dlcore.topics.vqa.changes import MOST_CHANGES
from dlcore.topics.vqa.distance import distance
from dlcore.topics.vqa.sight import own
from dlcore.topics.vqa.vocabulary import MOST_CHARACTERS, MOST_WORDS
from dlcore.ui import vqa_rail as rail
from dlcore.ui.vqa_settings import config_of
from dlcore.uploads import MOST_BYTES
from tests.pages.own_picture import file, give
from tests.pages.stages import Hand, OpenPage, healthy, hidden, stage_bytes, stage_on, toasts, view_on
from tests.pages.vqa_page import (
    QUICK,
    SLUG,
    STAGES,
    chances_on,
    change,
    config_on,
    controls_say,
    opened,
    picture_on,
    scene,
    states_on,
    unseen,
)

CHANGE = STAGES["change"]
OPENING = config_of({**rail.DEFAULTS, "upload": None})
#: What cannot be asked or done: the control, what is typed, and words of the sentence.
IMPOSSIBLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "empty": ("asked", "", ("has no words", "how many houses are there")),
    "blanks": ("asked", " ?! ", ("has no words",)),
    "letters": ("changes", "ask is there a " + "l" * 289, ("300 characters", f"at most {MOST_CHARACTERS}")),
    "words": ("asked", "a " * (MOST_WORDS + 1), (f"{MOST_WORDS + 1} words", f"at most {MOST_WORDS}")),
    "nobody": ("changes", "remove house 99", ("“remove house 99” cannot be done", "'house 99'")),
    "later": ("changes", "grey; move boat 98 3 4", ("“move boat 98 3 4” cannot be done",)),
    "verb": ("changes", "fly boat 3", ("'fly boat 3'", "“move house 3 40 52”")),
    "kind": ("changes", "add ufo 3 4", ("'add ufo 3 4'", "ufo")),
    "place": ("changes", "add house 3 four", ("'add house 3 four'",)),
    "outside": ("changes", "add house 3 400", ("'add house 3 400'", "400")),
    "endless": ("changes", "add house nan inf", ("'add house nan inf'",)),
    "road": ("changes", "add road 3 4", ("'add road 3 4'", "rivers and roads")),
    "silence": ("changes", "ask", ("'ask'",)),
    "long": ("changes", "ask " + "a " * (MOST_WORDS + 1), (f"{MOST_WORDS + 1} words",)),
    "many": ("changes", "grey; " * (MOST_CHANGES + 1), (f"changes are {MOST_CHANGES + 1}", f"at most {MOST_CHANGES}")),
}


@pytest.mark.parametrize("which", ["asked", "changes"])
def test_what_cannot_be_is_told_in_one_sentence_and_what_was_on_screen_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, which: str
) -> None:
    page = healthy(opened(open_page, **CHANGE, changes="grey"))
    stage, was = stage_bytes(page), controls_say(page)[which]
    for name, (_, text, words) in ((name, case) for name, case in IMPOSSIBLE.items() if case[0] == which):
        change(page, which, text)
        (error,) = page.error
        assert all(word in error.value for word in words), (name, error.value)
        assert "\n" not in error.value, name
        assert len(error.value) < 330, name
        assert (list(page.info), list(page.exception), toasts(page)) == ([], [], []), name
        assert stage_bytes(page) == stage, name
    healthy(change(page, which, was))
    assert stage_bytes(page) == stage


def test_of_a_long_question_no_more_is_taken_than_there_is_room_for(open_page: OpenPage) -> None:
    long = "is there a " + "l" * 289
    for page in (opened(open_page, asked=long), change(open_page(SLUG), "asked", long)):
        assert config_on(healthy(page)).asked.question == long[:MOST_CHARACTERS]


@pytest.mark.parametrize("name", ["read", "parts"])
def test_so_it_is_where_changes_are_not_seen_and_they_can_be_undone_there(open_page: OpenPage, name: str) -> None:
    page = opened(open_page, **STAGES[name], changes="remove house 99")
    (error,) = page.error
    assert "“remove house 99” cannot be done" in error.value
    assert not page.exception
    assert "the-undoing" not in unseen(page)
    healthy(page.button(key=f"{SLUG}.undo-all-here").click().run())


@pytest.mark.parametrize("below", ["The maths", "The code", "Check", "Take it away"])
def test_what_lies_below_stands_an_impossible_question(open_page: OpenPage, below: str) -> None:
    page = opened(open_page, asked="", changes="fly boat 3", below=below)
    assert len(page.error) == 1
    assert not page.exception


def test_twenty_changes_can_be_made_and_no_button_makes_another(open_page: OpenPage, hand: Hand) -> None:
    full = "; ".join(["grey", "colour"] * (MOST_CHANGES // 2))
    page = healthy(opened(open_page, **CHANGE, changes=full))
    assert stage_on(page)[1]["frames"] == MOST_CHANGES + 1
    before = stage_bytes(page)
    healthy(page.button(key=f"{SLUG}.button-grey-picture").click().run())
    assert toasts(page) == [f"changes are {MOST_CHANGES + 1}: at most {MOST_CHANGES} can be made."]
    assert stage_bytes(page) == before
    healthy(hand.say(page, "place", 30.0, 60.0, MOST_CHANGES))
    assert len(toasts(page)) == 1
    assert states_on(page).changes == full


def test_rivers_and_roads_can_go_and_not_be_moved(open_page: OpenPage, hand: Hand) -> None:
    seed = next(seed for seed in range(20) if scene(seed=seed).count("river"))
    page = healthy(opened(open_page, **CHANGE, seed=seed, asked="is there a river"))
    rings = {ring["key"]: ring["moves"] for ring in view_on(page, "sight")["tiles"][0]["handles"]}
    assert {name for name, moves in rings.items() if not moves} == {
        thing.name for thing in scene(seed=seed).things if thing.kind in ("river", "road")
    }
    hand.say(page, "drag", "river 1", 30.0, 60.0, 0)
    assert "rivers and roads can be removed" in " ".join([*toasts(page), *(error.value for error in page.error)])
    page = healthy(hand.say(page, "remove", "river 1", 0))
    assert states_on(page).asked.truth == "yes"
    assert [row["truth"] for row in view_on(page, "log")["entries"]] == ["yes", "no"]


# A picture of one's own

PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (128, 180, 3), np.uint8))
WIDE = Image.linear_gradient("L").resize((4000, 3000)).convert("RGB")
PICTURES: dict[str, tuple[Image.Image, str]] = {
    "png": (PHOTO, "PNG"),
    "one pixel": (Image.new("RGB", (1, 1), "red"), "PNG"),
    "large": (WIDE, "JPEG"),
    "cmyk": (PHOTO.convert("CMYK"), "JPEG"),
    "transparent": (PHOTO.convert("RGBA"), "WEBP"),
    "grey": (PHOTO.convert("L"), "PNG"),
}
BAD = {
    "empty": (b"", "empty"),
    "text": (b"how many houses are there\n" * 20, "PNG"),
    "cut off": (file(PHOTO)[:2000], "damaged"),
    "large": (file(PHOTO) + bytes(MOST_BYTES), "MB"),
}


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def test_any_picture_gets_an_answer_and_a_sentence_on_how_far_it_is(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = opened(open_page, picture="own")
    for name, (image, kind) in PICTURES.items():
        healthy(give(page, file(image, kind)))
        sight = config_on(page).asked.sight
        assert sight.pixels, name
        assert (picture_on(page) == sight.fine()).all(), name
        assert chances_on(page)[-1].sum() == pytest.approx(1, abs=1e-5), name
        assert view_on(page, "answers")["truth"] is None, name
        (said,) = [part.value for part in page.caption if "our picture" in part.value]
        found = distance(sight)
        assert ("far from all" in said) == found.far, name
        assert (f"{found.value:.3g} away" in said) == found.far, name
        assert (f"{found.own_area.p95:.3g}" in said) == found.far, name


def test_ones_own_picture_is_its_middle_square_and_is_not_in_the_address(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, picture="own"))
    assert "the-upload" not in unseen(page)
    assert config_on(page) == OPENING  # while there is none
    address = dict(page.query_params)
    healthy(give(page, file(PHOTO)))
    assert dict(page.query_params) == address
    pixels = np.asarray(PHOTO)
    assert config_on(page).asked.sight == own(pixels[:, 26:154])
    healthy(change(page, "picture", "drawn"))
    assert config_on(page) == OPENING


def test_all_views_stand_ones_own_picture(open_page: OpenPage, quiet_log: pytest.LogCaptureFixture) -> None:
    page = healthy(give(opened(open_page, picture="own", below="The code"), file(PHOTO)))
    for part in rail.SUBVIEWS["ask"]:
        healthy(change(page, "ask", part))
    for view in ("data", "change"):
        healthy(change(page, "view", view))
    healthy(change(page, "below", "Check"))
    healthy(change(page, "below", "Take it away"))
    assert view_on(page, "sight")["tiles"][0]["handles"] == []
    assert not view_on(page, "sight")["tiles"][0]["placing"]
    assert {"the-adding"} <= unseen(page)
    healthy(page.button(key=f"{SLUG}.button-grey-picture").click().run())
    assert [row["truth"] for row in view_on(page, "log")["entries"]] == [None, None]


def test_in_a_picture_of_ones_own_nothing_is_moved(open_page: OpenPage) -> None:
    page = healthy(give(opened(open_page, picture="own", **CHANGE), file(PHOTO)))
    before = stage_bytes(page)
    change(page, "changes", "move house 1 3 4")
    (error,) = page.error
    assert "picture of your own" in error.value
    assert stage_bytes(page) == before
    healthy(change(page, "changes", "ask is there a lake"))


def test_what_is_no_picture_is_told_of_and_what_is_on_screen_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = healthy(opened(open_page, picture="own"))
    before = stage_bytes(page)
    for name, (data, words) in BAD.items():
        give(page, data)
        (error,) = page.error
        assert words in error.value, name
        assert not page.exception, name
        assert stage_bytes(page) == before, name
    assert stage_bytes(healthy(give(page, file(PHOTO)))) != before


def test_a_reader_does_not_see_the_picture_of_another_one(open_page: OpenPage) -> None:
    first, second = (opened(open_page, picture="own") for _ in range(2))
    give(first, file(PHOTO))
    assert config_on(healthy(second.run())) == OPENING
    give(second, file(PHOTO.transpose(Image.Transpose.ROTATE_180)))
    assert config_on(first.run()).asked.sight == own(np.asarray(PHOTO))
    assert config_on(second).asked.sight == own(np.asarray(PHOTO)[::-1, ::-1])


# What is not on this machine, what is not shown


def test_without_rsvqa_there_are_drawn_scenes_alone_and_the_page_says_why(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rsvqa, "present", lambda: False)
    page = healthy(opened(open_page, **STAGES["train"], **QUICK["train"], data="rsvqa"))
    (told,) = toasts(page)
    assert told.startswith("The link's data = “RSVQA” is not possible here")
    assert config_on(page).data == "drawn"
    assert any("RSVQA is not on this machine" in caption.value for caption in page.caption)


def test_in_a_lecture_hidden_controls_hold_their_values(open_page: OpenPage) -> None:
    values: dict[str, Any] = {"asked": "Is there a lake?", "fusion": "MUTAN"}
    page = healthy(open_page(SLUG, values, hide="asked,fusion", lecture="1"))
    assert {f"{SLUG}-asked", f"{SLUG}-fusion"} <= hidden(page)
    assert f"{SLUG}-domain" not in hidden(page)
    config = config_on(page)
    assert (config.asked.question, config.asked.model) == ("Is there a lake?", "mutan")
    assert stage_on(page)[0]["lecture"] is True
