"""What a reader does on the page on saliency: asks for a class, takes a picture, paints, gives one of their own."""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.topics.images.pictures import MOST_LETTERS, MOST_STROKES, Picture
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.ui import saliency_rail as rail
from dlcore.uploads import MOST_BYTES
from tests.pages.own_picture import file, give
from tests.pages.saliency_page import (
    DIGIT,
    SLUG,
    answer_on,
    change,
    config_on,
    controls_say,
    opened,
    picture_on,
    press,
    run_on,
    stream_on,
    unseen,
)
from tests.pages.stages import Hand, OpenPage, healthy, stage_bytes, stage_on, toasts, view_on

HEART = Subject(picture=Picture())


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def changed(page: AppTest) -> dict[str, Any]:
    """The controls that are not as the opening scene has them."""
    return {name: value for name, value in controls_say(page).items() if value != rail.DEFAULTS[name]}


def ranked(subject: Subject = HEART) -> list[str]:
    """The classes, the likeliest first."""
    return [subject.classes[int(number)] for number in subject.logits().argsort(descending=True)]


def number(name: str) -> int:
    return HEART.classes.index(name)


# Classes


def test_a_click_on_a_class_explains_it_and_another_takes_that_back(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, step=5)
    first, *_, last = ranked()
    chances = HEART.logits().softmax(0).numpy()
    assert answer_on(page)[:2] == (first, None)
    np.testing.assert_allclose(answer_on(page)[2], chances, rtol=1e-6)
    healthy(hand.say(page, "select", f"class{number(last)}"))
    assert changed(page) == {"label": last}
    assert answer_on(page)[:2] == (last, None)
    asked = stream_on(page)
    healthy(hand.say(page, "select", f"class{number(last)}"))
    assert changed(page) == {}
    assert answer_on(page)[:2] == (first, None)
    assert stream_on(page) != asked


def test_a_class_is_told_apart_from_another_one(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, clicks="against")
    first, second, *_ = ranked()
    healthy(hand.say(page, "select", f"class{number(second)}"))
    assert changed(page) == {"clicks": "against", "against": second}
    assert answer_on(page)[:2] == (first, second)
    logits = HEART.logits()
    difference = float(logits[number(first)] - logits[number(second)])
    assert float(config_on(page).subject.score()) == pytest.approx(difference, rel=1e-5)
    healthy(hand.say(page, "select", f"class{number(second)}"))
    assert changed(page) == {"clicks": "against"}


def test_what_is_explained_is_not_told_apart_from_itself(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, clicks="against")
    before, first = stage_bytes(page), ranked()[0]
    healthy(hand.say(page, "select", f"class{number(first)}"))
    assert toasts(page) == [f"{first} is what is explained: choose another class to compare it with."]
    assert changed(page) == {"clicks": "against"}
    assert stage_bytes(page) == before


def test_explaining_what_is_compared_with_ends_the_comparison(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, label="heart", against="star")
    healthy(hand.say(page, "select", f"class{number('star')}"))
    assert changed(page) == {"label": "star"}


def test_digits_have_classes_of_their_own(open_page: OpenPage, hand: Hand) -> None:
    page = healthy(hand.say(opened(open_page, **DIGIT), "select", "class7"))
    assert answer_on(page)[:2] == ("7", None)


# Pictures, maps


def test_a_click_on_a_map_reads_its_method_and_computes_nothing(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, below="The code")
    before = stream_on(page)
    healthy(hand.say(page, "select", "occlusion"))
    assert changed(page) == {"selected": "occlusion", "below": "The code"}
    assert stage_on(page)[0]["selected"] == "occlusion"
    assert stream_on(page) == before
    (code,) = [part.value for part in page.code]
    assert "Occlusion(score)" in code


def test_a_click_on_a_picture_explains_it(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, seed=7, shift=0.3, strokes="red 3: 9,9", label="star", selected="lime")
    key = next(tile["key"] for tile in view_on(page, "pictures")["tiles"] if tile["title"] == "boat")
    healthy(hand.say(page, "select", key))
    assert changed(page) == {"seed": 7, "shift": 0.3, "shape": "boat"}
    wanted = Picture(label=number("boat"), seed=7, shift=0.3)
    assert config_on(page).subject == Subject(picture=wanted)
    assert (picture_on(page) == wanted.bytes((3, 64, 64))).all()


def test_the_pictures_to_choose_from_are_what_a_click_on_them_gives(open_page: OpenPage) -> None:
    page = opened(open_page, seed=11)
    tiles = view_on(page, "pictures")["tiles"]
    assert [tile["title"] for tile in tiles] == list(HEART.classes)
    for label, tile in enumerate(tiles):
        assert (tile["values"][0] == Picture(label=label, seed=11).bytes((3, 64, 64))).all()


# Painting


def test_one_can_paint_only_with_a_brush(open_page: OpenPage, hand: Hand) -> None:
    def paints(page: AppTest) -> bool:
        (original,) = [tile for tile in view_on(page, "tiles")["tiles"] if tile["key"] == "picture"]
        return original["paints"]

    page = opened(open_page)
    assert not paints(page)
    with pytest.raises(AssertionError):
        healthy(hand.say(page, "paint", [(1.0, 2.0)]))
    assert paints(healthy(change(opened(open_page), "brush", "grey")))


def test_a_stroke_comes_into_the_address_and_the_network_is_asked_again(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, brush="grey", radius=12.0, step=3)
    before, chances = picture_on(page), answer_on(page)[2]
    healthy(hand.say(page, "paint", [(32.0, 32.0), (33.0, 32.0), (45.26, 32.0)]))
    assert controls_say(page)["strokes"] == "grey 12: 32,32 45.3,32"
    assert page.query_params[f"{SLUG}.strokes"] == "grey 12: 32,32 45.3,32"
    assert controls_say(page)["step"] == 0
    assert (picture_on(page)[32, 32] == 128).all()
    assert (picture_on(page)[:8] == before[:8]).all()
    assert np.abs(np.subtract(answer_on(page)[2], chances)).max() > 1e-4
    assert "the-sponge" not in unseen(page)
    hand.say(change(page, "brush", "red"), "paint", [(5.0, 5.0)])
    assert controls_say(page)["strokes"] == "grey 12: 32,32 45.3,32; red 12: 5,5"
    healthy(press(page, "wipe"))
    assert (picture_on(page) == before).all()
    assert answer_on(page)[2] == pytest.approx(chances)
    assert "the-sponge" in unseen(page)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("; ".join(["red 3: 1,2"] * MOST_STROKES), f"at most {MOST_STROKES}"),
        ("; ".join(["red 3:" + " 12.5,12.5" * 398] * 5), f"at most {MOST_LETTERS}"),
    ],
    ids=["strokes", "letters"],
)
def test_there_is_an_end_to_painting_which_is_told_and_what_was_painted_stays(
    open_page: OpenPage, hand: Hand, before: str, words: str
) -> None:
    page = healthy(opened(open_page, brush="red", strokes=before))
    stage = stage_bytes(page)
    far = [(float(x), float(y)) for y in range(0, 64, 8) for x in range(0, 64, 2)]
    healthy(hand.say(page, "paint", far))
    (told,) = toasts(page)
    assert words in told
    assert controls_say(page)["strokes"] == before
    assert stage_bytes(page) == stage


def test_digits_are_painted_in_their_own_pixels(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, brush="white", radius=1.0, **DIGIT)
    assert (picture_on(page)[1, 1] < 200).all()
    healthy(hand.say(page, "paint", [(1.5, 1.5)]))
    assert (picture_on(page)[1, 1] > 200).all()


# A picture of one's own


PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 90, 3), np.uint8))
BAD = {"empty": (b"", "empty"), "garbage": (b"nothing" * 50, "PNG"), "large": (file(PHOTO) + bytes(MOST_BYTES), "MB")}


def test_a_picture_of_ones_own_is_explained_and_not_in_the_address(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = healthy(opened(open_page, kind="own"))
    assert "the-upload" not in unseen(page)
    assert config_on(page) == MapsConfig()  # while there is none
    address = dict(page.query_params)
    healthy(give(page, file(PHOTO)))
    assert dict(page.query_params) == address
    assert (picture_on(page) == np.asarray(PHOTO)[:, 13:77]).all()
    assert view_on(page, "answer")["truth"] is None
    assert view_on(page, "tiles")["tiles"][1]["outline"] is None
    healthy(change(page, "model", "digits"))
    assert picture_on(page).shape == (8, 8, 3)
    for view in rail.VIEWS:
        healthy(change(page, "view", view))
    healthy(change(page, "below", "The code"))
    assert "picture.png" in " ".join(part.value for part in page.code)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_told_of_and_what_is_on_screen_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str
) -> None:
    data, words = BAD[name]
    page = healthy(opened(open_page, kind="own"))
    before = stage_bytes(page)
    give(page, data)
    (error,) = page.error
    assert words in error.value
    assert not page.exception
    assert stage_bytes(page) == before
    assert stage_bytes(healthy(give(page, file(PHOTO)))) != before


def test_a_reader_does_not_see_the_picture_of_another_one(open_page: OpenPage) -> None:
    first, second = (opened(open_page, kind="own") for _ in range(2))
    give(first, file(PHOTO))
    other = PHOTO.transpose(Image.Transpose.ROTATE_180)
    assert config_on(healthy(second.run())) == MapsConfig()
    give(second, file(other))
    assert (picture_on(first.run()) == np.asarray(PHOTO)[:, 13:77]).all()
    assert (picture_on(second) == np.asarray(other)[:, 13:77]).all()
    assert stream_on(first) != stream_on(second)


def test_an_own_picture_is_painted_on_and_its_run_computes(open_page: OpenPage, hand: Hand) -> None:
    quick: dict[str, Any] = {"num_samples": 1, "num_steps": 2, "num_masks": 50, "num_regions": 5}
    page = give(opened(open_page, kind="own", model="digits", brush="black", window=3, stride=1, **quick), file(PHOTO))
    healthy(hand.say(page, "paint", [(4.0, 4.0)]))
    assert (picture_on(page)[4, 4] == 0).all()
    frames = run_on(page)
    assert len(frames) == stage_on(page)[1]["frames"]
    assert all(np.isnan(frame.arrays["inside"]) for frame in frames)
