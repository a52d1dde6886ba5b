"""Links to the page on questions about pictures: one brings all back, and what is wrong in it is told."""

from typing import Any

import pytest

from dlcore.ui import vqa_rail as rail
from tests.pages.stages import OpenPage, check_told_once, healthy, stage_bytes, stage_on, toasts
from tests.pages.vqa_page import QUICK, SLUG, STAGES, config_on, controls_say, opened, press, scene

THING = scene(domain=0.4, seed=17).things[-1].name
LINKS: dict[str, dict[str, Any]] = {
    "question": {"asked": "which side is the Große lake; on — <b>?", "fusion": "attention", "tab": "mass", "step": 2},
    "scene": {"domain": 0.4, "seed": 17, "look": "seen", "training": "2", "tab": "words", "below": "The code"},
    "parts": {**STAGES["parts"], "explain": "yes", "fusion": "mutan", "tab": "completeness"},
    "changes": {
        **STAGES["change"],
        "seed": 17,
        "domain": 0.4,
        "add": "boat",
        "tab": "chances",
        "step": 3,
        "selected": "house 1",
        "changes": f"remove {THING}; ask are there no boats; grey; colour; add boat 20 30.5",
    },
    "table": {**STAGES["table"], **QUICK["table"], "other": 0.5, "fusion": "add", "seed": 123456},
    "shift": {**STAGES["shift"], "num_scenes": 40, "tab": "numbers"},
    "fusions": {**STAGES["fusions"], "num_scenes": 60, "domain": 1.0},
    "train": {**STAGES["train"], **QUICK["train"], "lr": 0.02, "dropout": 0.6, "fusion": "deaf", "tab": "loss"},
    "data": {**STAGES["data"], "domain": 0.75, "num_scenes": 20, "tab": "scenes"},
}


@pytest.mark.parametrize("values", LINKS.values(), ids=LINKS)
def test_the_link_gives_the_same_picture_to_every_reader(open_page: OpenPage, values: dict[str, Any]) -> None:
    first, second = (healthy(opened(open_page, **values)) for _ in range(2))
    told = toasts(first)
    assert [sentence for sentence in told if "The link's" in sentence] == []
    assert controls_say(first) == {**rail.DEFAULTS, **values}
    assert config_on(first) == config_on(second)
    assert stage_bytes(first) == stage_bytes(second)
    assert stage_on(first)[0]["autoplay"] is False
    assert stage_on(first)[0]["tab"] == controls_say(first)["tab"]


def test_what_a_link_got_wrong_is_told_once(open_page: OpenPage) -> None:
    invalid = {"domain": "7", "fusion": "BERT", "training": "9", "view": "All", "num_scenes": "many", "look": "x"}
    page = healthy(open_page(SLUG, {**invalid, "colour": "red"}))
    check_told_once(page, invalid, "colour")


@pytest.mark.parametrize("text", ["nan", "inf", "1e999"])
def test_a_number_without_end_is_told_of_and_no_page_breaks(open_page: OpenPage, text: str) -> None:
    page = healthy(open_page(SLUG, {"domain": text}))
    assert len(toasts(page)) == 1
    assert config_on(page).asked.sight.domain == rail.DEFAULTS["domain"]


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = opened(open_page, seed=42, asked="is there a lake", changes="grey", domain=0.5, fusion="blind")
    assert controls_say(healthy(press(page, "reset"))) == {**rail.DEFAULTS, "seed": 42}
    press(page, "new-seed")
    assert config_on(page).asked.sight.seed not in (0, 42)
