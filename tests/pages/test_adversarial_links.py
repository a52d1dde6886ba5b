"""Networks and links on the page on adversarial examples: a network gets what fits it; a link brings all back."""

from typing import Any

import numpy as np
import pytest

from dlcore import checkpoints
from dlcore.ui import adversarial_rail as rail
from tests.pages.adversarial_page import (
    DIGIT,
    SLUG,
    STAGES,
    change,
    changed,
    config_on,
    controls_say,
    opened,
    picture_on,
    press,
)
from tests.pages.stages import OpenPage, check_told_once, healthy, stage_bytes, stage_on, toasts

# Networks


def test_another_network_gets_pictures_and_radii_that_fit_it(open_page: OpenPage) -> None:
    page = opened(open_page, aim="star", selected="delta")
    healthy(change(page, "model", "digits"))
    assert changed(page) == DIGIT
    assert config_on(page).victim.shape == (1, 8, 8)
    assert config_on(page).most == rail.FITTING[True]["most"]
    assert picture_on(page).shape == (8, 8, 3)
    healthy(change(page, "model", "residual"))
    assert changed(page) == {"model": "residual"}


@pytest.mark.parametrize("kind", ["photo", "grey"])
def test_a_picture_that_every_network_can_look_at_stays(open_page: OpenPage, kind: str) -> None:
    page = healthy(change(opened(open_page, kind=kind), "model", "digits"))
    assert controls_say(page)["kind"] == kind
    assert np.ptp(picture_on(page), axis=2).max() == 0  # greys, all that it sees


@pytest.mark.parametrize("model", checkpoints.MODELS)
def test_every_network_of_this_project_is_attacked(open_page: OpenPage, model: str) -> None:
    page = healthy(change(opened(open_page), "model", model))
    victim = config_on(page).victim
    assert victim.model == model
    assert victim.truth == victim.label
    assert toasts(page) == []


# Links

ATTACK = {"norm": "l2", "num_steps": 20, "step_share": 0.1, "random_start": False, "noise_seed": 5}
LINKS: dict[str, dict[str, Any]] = {
    "attack": ATTACK | {"most_l2": 255.0, "group": "attack"},
    "aimed": {"method": "fgsm", "most": 8.0, "aim": "boat", "delta": "sign", "tab": "loss", "step": 12},
    "drawn": {"shape": "boat", "shift": 0.4, "mark": True, "seed": 17, "model": "robust"},
    "photograph": {"kind": "photo", "photo": "flower", "model": "residual", "selected": "attacked"},
    "digit": {**STAGES["path"], "tab": "classes", "step": 3, **DIGIT, "epsilon": 38.0},
    "boundary": {**STAGES["boundary"], "tab": "length", "below": "The code"},
    "curves": {**STAGES["curves"], "attacks": ("fgsm", "pgd_targeted"), "num_images": 40, "tab": "flow.fgsm"},
    "transfer": {**STAGES["transfer"], "epsilon": 12.0, "tab": "low"},
    "universal": {**STAGES["universal"], **rail.ONE_FOR_ALL, "tab": "lost"},
    "fooling": {**STAGES["fooling"], "aim": "star", "start": "grey", "smoothing": 1.2},
    "twins": {**STAGES["twins"], "tab": "difference", "num_images": 100},
    "hardening": {**STAGES["hardening"], "fit_epsilon": 20.0, "fit_steps": 2, "num_epochs": 4, "tab": "loss"},
    "linear": {**STAGES["linear"], "epsilon": 0.5, "tab": "sums"},
    "directions": {**STAGES["directions"], "times": 4.5, "tab": "networks"},
    "plane": {**STAGES["plane"], "plane_data": "xor", "plane_model": "line", "plane_attack": "deepfool", "x": 12.5},
    "illusion": {**STAGES["illusion"], "illusion_kind": "contrast", "tab": "levels"},
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
    invalid = {"epsilon": "5", "shape": "horse", "model": "AlexNet", "num_steps": "500", "norm": "L1", "x": "-4"}
    page = healthy(open_page(SLUG, {**invalid, "colour": "red"}))
    check_told_once(page, invalid, "colour")


@pytest.mark.parametrize("text", ["nan", "inf", "1e999"])
def test_a_number_without_end_is_told_of_and_no_page_breaks(open_page: OpenPage, text: str) -> None:
    page = healthy(open_page(SLUG, {"x": text, "view": "Why", "why": "in the plane"}))
    assert len(toasts(page)) == 1
    assert config_on(page).x == rail.DEFAULTS["x"]


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = opened(open_page, seed=42, aim="star", norm="l2", attacks=("pgd",), **DIGIT)
    assert controls_say(healthy(press(page, "reset"))) == {**rail.DEFAULTS, "seed": 42}
    press(page, "new-seed")
    assert config_on(page).victim.picture.seed not in (0, 42)
