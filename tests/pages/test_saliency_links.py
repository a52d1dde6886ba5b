"""Networks and links on the page on saliency: another network lets go of what does not fit; a link brings all back."""

from typing import Any

import numpy as np
import pytest

from dlcore.ui import saliency_rail as rail
from tests.pages.saliency_page import (
    DIGIT,
    SLUG,
    change,
    config_on,
    controls_say,
    opened,
    picture_on,
    press,
)
from tests.pages.stages import OpenPage, check_told_once, healthy, stage_bytes, stage_on, toasts

# Networks


def test_another_network_gets_what_fits_it(open_page: OpenPage) -> None:
    page = opened(open_page, label="star", against="boat", strokes="red 3: 9,9", selected="lime")
    healthy(change(page, "model", "digits"))
    said, subject = controls_say(page), config_on(page).subject
    assert {name: said[name] for name in ("kind", "window", "stride")} == {"kind": "digit", "window": 3, "stride": 1}
    assert {said[name] for name in ("label", "against", "strokes", "selected")} == {""}
    assert (subject.model, subject.shape) == ("digits", (1, 8, 8))
    assert picture_on(page).shape == (8, 8, 3)
    healthy(change(page, "model", "residual"))
    assert controls_say(page) == {**rail.DEFAULTS, "model": "residual"}


@pytest.mark.parametrize("kind", ["photo", "grey"])
def test_a_picture_that_every_network_can_look_at_stays(open_page: OpenPage, kind: str) -> None:
    page = healthy(change(opened(open_page, kind=kind), "model", "digits"))
    assert controls_say(page)["kind"] == kind
    assert np.ptp(picture_on(page), axis=2).max() == 0  # greys, all that it sees


def test_another_kind_of_picture_lets_go_of_what_was_asked_and_painted(open_page: OpenPage) -> None:
    page = opened(open_page, label="star", against="boat", strokes="red 3: 9,9")
    healthy(change(page, "kind", "photo"))
    assert controls_say(page) == {**rail.DEFAULTS, "kind": "photo"}


# Links

SETTINGS = {"noise": 0.2, "num_samples": 10, "num_steps": 20, "rule": "riemann_left", "baseline": "noise"}
REGIONS = {"window": 12, "stride": 6, "regions": "patches", "num_regions": 25, "num_masks": 100, "noise_seed": 5}
LINKS: dict[str, dict[str, Any]] = {
    "methods": SETTINGS | REGIONS | {"group": "methods"},
    "display": {"signs": "signed", "clip": 95.5, "overlay": 0.3, "outline": False, "tab": "agreement"},
    "drawn": {"shape": "boat", "shift": 0.4, "mark": True, "seed": 17, "label": "boat", "against": "car"},
    "painted": {"strokes": "grey 3: 12,30 15,31; red 2: 5,5", "brush": "blue", "radius": 2.5, "clicks": "against"},
    "photograph": {"kind": "photo", "photo": "flower", "model": "residual", "selected": "guided", "step": 4},
    "digit": {"view": "forming", "forming": "noise", "tab": "rank", "step": 3, **DIGIT},
    "deletion": {"view": "truth", "methods": ("gradient", "occlusion"), "filling": "blurred", "way": "insert"},
    "study": {"view": "truth", "truth": "study", "num_images": 40, "mark": True, "model": "shortcut"},
    "sanity": {"view": "sanity", "independent": True, "methods": ("gradient", "guided"), "tab": "layers"},
    "training": {"view": "training", "num_train": 400, "num_epochs": 2, "lr": 0.01, "below": "The code"},
}


@pytest.mark.parametrize("values", LINKS.values(), ids=LINKS)
def test_the_link_gives_the_same_picture_to_every_reader(open_page: OpenPage, values: dict[str, Any]) -> None:
    first, second = (healthy(opened(open_page, **values)) for _ in range(2))
    assert toasts(first) == []
    assert controls_say(first) == {**rail.DEFAULTS, **values}
    assert config_on(first) == config_on(second)
    assert stage_bytes(first) == stage_bytes(second)
    assert stage_on(first)[0]["autoplay"] is False


def test_what_a_link_got_wrong_is_told_once(open_page: OpenPage) -> None:
    invalid = {"noise": "3", "shape": "horse", "model": "AlexNet", "clip": "50", "num_masks": "77"}
    page = healthy(open_page(SLUG, {**invalid, "colour": "red"}))
    check_told_once(page, invalid, "colour")


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = opened(open_page, seed=42, noise=0.4, label="star", strokes="red 3: 9,9", model="digits", kind="digit")
    assert controls_say(healthy(press(page, "reset"))) == {**rail.DEFAULTS, "seed": 42}
    press(page, "new-seed")
    assert config_on(page).subject.picture.seed not in (0, 42)
