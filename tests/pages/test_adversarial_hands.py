"""What a reader does on the page on adversarial examples: aims at a class, takes a picture, a point, gives a file."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.objects import CLASSES
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.images.pictures import Picture
from dlcore.ui import adversarial_rail as rail
from dlcore.uploads import MOST_BYTES
from tests.pages.adversarial_page import (
    DIGIT,
    QUICK,
    SLUG,
    STAGES,
    change,
    changed,
    config_on,
    opened,
    picture_on,
    run_on,
    shown,
    stream_on,
    unseen,
)
from tests.pages.own_picture import file, give
from tests.pages.stages import Hand, OpenPage, healthy, lit, stage_bytes, stage_on, toasts, view_on

BOAT, HEART = f"class{CLASSES.index('boat')}", f"class{CLASSES.index('heart')}"


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


# Classes


@pytest.mark.parametrize("stage", ["sweep", "path"])
def test_a_click_on_a_class_aims_at_it_and_another_lets_go(open_page: OpenPage, hand: Hand, stage: str) -> None:
    page = opened(open_page, **STAGES[stage])
    before, untargeted = changed(page), stream_on(page)
    healthy(hand.say(page, "select", BOAT))
    assert changed(page) == {**before, "aim": "boat"}
    assert page.query_params[f"{SLUG}.aim"] == "boat"
    assert config_on(page).attack == "pgd_targeted"
    assert config_on(page).victim.target == CLASSES.index("boat")
    bars = view_on(page, "classes")
    assert (bars["labels"][bars["chosen"]], bars["chosen_as"]) == ("boat", "goal")
    assert stream_on(page) != untargeted
    healthy(hand.say(page, "select", BOAT))
    assert changed(page) == before
    assert stream_on(page) != untargeted  # it was thrown away meanwhile
    assert config_on(page).attack == "pgd"
    bars = view_on(page, "classes")
    assert (bars["labels"][bars["chosen"]], bars["chosen_as"]) == ("heart", "to be lost")
    assert toasts(page) == []


def test_the_class_that_is_to_be_lost_is_not_aimed_at_and_that_is_said(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page)
    stage, stream = stage_bytes(page), stream_on(page)
    healthy(hand.say(page, "select", HEART))
    assert toasts(page) == ["heart is what the attack is to lose: click another class to aim at it."]
    assert config_on(page) == SweepConfig()
    assert (stage_bytes(page), stream_on(page)) == (stage, stream)


def test_an_aim_lets_go_when_the_picture_becomes_what_it_aims_at(open_page: OpenPage, hand: Hand) -> None:
    page = hand.say(opened(open_page), "select", BOAT)
    healthy(change(page, "shape", "boat"))
    assert config_on(page).attack == "pgd"
    assert len(toasts(page)) == 1
    assert toasts(page.run()) == []


def test_the_nearest_border_is_aimed_at_by_nobody(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **STAGES["boundary"])
    stream = stream_on(page)
    healthy(hand.say(page, "select", BOAT))
    assert toasts(page) == ["DeepFool goes to the nearest border, whichever it is: nothing is aimed at."]
    assert stream_on(page) == stream


def test_digits_have_classes_of_their_own(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **DIGIT)
    label = config_on(page).victim.label
    healthy(hand.say(page, "select", f"class{(label + 1) % 10}"))
    assert changed(page)["aim"] == str((label + 1) % 10)
    assert config_on(page).victim.target == (label + 1) % 10


def test_from_noise_a_click_asks_for_a_class_and_stays_in_its_scene(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **STAGES["fooling"], aim="boat")
    scene = lit(page)
    assert len(scene) == 1
    healthy(hand.say(page, "select", "class1"))
    assert config_on(page).target == 1
    assert lit(page) == scene


def test_a_click_begins_the_player_anew(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, step=3)
    before = stage_on(page)[0]["restart"]
    hand.say(page, "select", BOAT)
    assert stage_on(page)[0]["restart"] == before + 1
    assert "step" not in changed(page)


def test_what_is_aimed_at_in_one_view_is_let_go_in_the_next(open_page: OpenPage, hand: Hand) -> None:
    page = hand.say(opened(open_page), "select", BOAT)
    healthy(change(page, "attack", "path"))
    assert config_on(page).attack == "pgd"
    assert "aim" not in changed(page)


# Pictures and points


def test_a_click_on_a_picture_attacks_it(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, seed=7, shift=0.3, aim="star", selected="delta")
    key = next(tile["key"] for tile in view_on(page, "pictures")["tiles"] if tile["title"] == "boat")
    healthy(hand.say(page, "select", key))
    assert changed(page) == {"seed": 7, "shift": 0.3, "shape": "boat"}
    wanted = Picture(label=CLASSES.index("boat"), seed=7, shift=0.3)
    assert config_on(page) == SweepConfig(victim=Victim(picture=wanted))
    assert (picture_on(page) == wanted.bytes((3, 64, 64))).all()


def test_a_click_on_the_perturbation_computes_nothing(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page)
    before = stream_on(page)
    healthy(hand.say(page, "select", "delta"))
    assert changed(page) == {"selected": "delta"}
    assert stream_on(page) == before


def test_a_click_in_the_plane_attacks_the_point_there(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **STAGES["plane"], step=4)
    before = stream_on(page)
    healthy(hand.say(page, "pick", 20.04, 300.0))
    assert (config_on(page).x, config_on(page).y) == (20.0, 255.0)
    assert changed(page) == {**STAGES["plane"], "x": 20.0, "y": 255.0}
    assert page.query_params[f"{SLUG}.x"] == "20.0"
    assert stream_on(page) != before
    frames = run_on(page)
    assert len(frames) == stage_on(page)[1]["frames"]


# A picture of one's own


PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 90, 3), np.uint8))
BAD = {"empty": (b"", "empty"), "garbage": (b"nothing" * 50, "PNG"), "large": (file(PHOTO) + bytes(MOST_BYTES), "MB")}


def test_a_picture_of_ones_own_is_attacked_and_not_in_the_address(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = healthy(opened(open_page, kind="own"))
    assert "the-upload" not in unseen(page)
    assert config_on(page) == SweepConfig()  # while there is none
    address = dict(page.query_params)
    healthy(give(page, file(PHOTO)))
    assert dict(page.query_params) == address
    assert (picture_on(page) == np.asarray(PHOTO)[:, 13:77]).all()
    assert config_on(page).victim.label == config_on(page).victim.answer
    for part in rail.SUBVIEWS["attack"]:
        healthy(change(page, "attack", part))
    healthy(change(page, "view", "defence"))
    healthy(change(page, "below", "Check"))
    healthy(change(page, "below", "The code"))


def test_the_run_of_a_picture_of_ones_own_computes(open_page: OpenPage) -> None:
    page = give(opened(open_page, **{**QUICK["sweep"], "kind": "own"}), file(PHOTO))
    frames = run_on(healthy(page))
    assert shown(page) == "sweep"
    assert len(frames) == stage_on(page)[1]["frames"]
    assert np.ptp([frame.arrays["linf"] for frame in frames]) == pytest.approx(DIGIT["most"], rel=0.02)


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
    assert config_on(healthy(second.run())) == SweepConfig()
    assert (picture_on(first.run()) == np.asarray(PHOTO)[:, 13:77]).all()


def test_an_own_picture_is_not_kept_for_a_kind_that_is_another(open_page: OpenPage) -> None:
    page = give(opened(open_page, kind="own"), file(PHOTO))
    healthy(change(page, "kind", "drawn"))
    assert config_on(page) == SweepConfig()


def test_another_kind_of_picture_is_aimed_at_by_nobody(open_page: OpenPage) -> None:
    page: Any = healthy(change(opened(open_page, aim="star"), "kind", "photo"))
    assert changed(page) == {"kind": "photo"}
    assert config_on(page).victim.picture == Picture(kind="photo")
