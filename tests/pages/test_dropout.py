"""The page on dropout: it opens on two networks that train; views, scenes, hands and links change what is shown."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import Scene
from dlcore.topics.dropout_config import DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_scenes import SCENES
from dlcore.ui import dropout_rail as rail
from dlcore.ui import live
from pages.regularization import dropout
from tests.pages.dropout_page import SLUG, change, config_on, control, controls_say, opened, press, unseen
from tests.pages.stages import (
    Hand,
    OpenPage,
    check_told_once,
    healthy,
    lit,
    message_on,
    prose,
    stage_bytes,
    stage_on,
    toasts,
)

IDS = [scene.key for scene in SCENES]
QUICK: dict[str, Any] = {"num_steps": 100, "width": 4}
TRAINED = {"the-network", "the-data", "the-training"}


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def below(page: AppTest, name: str) -> str:
    """What stands below the fold under this heading."""
    page = healthy(change(page, "below", name))
    return prose(page) + " ".join(part.value for part in page.code) + " ".join(part.value for part in page.latex)


def test_it_opens_on_its_first_scene_with_two_networks_that_train(open_page: OpenPage) -> None:
    page = healthy(open_page(SLUG))
    settings, stage, _ = stage_on(page)
    assert config_on(page) == DropoutConfig()
    assert lit(page) == [f"{SLUG}.scene-opening"]
    assert settings["autoplay"]
    assert settings["stream"].startswith("descent/run/")
    assert stage["frames"] == len(DropoutConfig().steps)
    assert "drop 0.5 = keep 0.5, the lecture's p" in " ".join(part.value for part in page.caption)


@pytest.mark.parametrize(
    ("view", "seen", "kind", "live_run"),
    [
        ("train", TRAINED, DropoutConfig, True),
        ("scaling", {"the-layer"}, ScalingConfig, False),
        ("ensemble", TRAINED | {"the-masks"}, MasksConfig, True),
        ("uncertainty", TRAINED | {"the-masks"}, MasksConfig, True),
    ],
)
def test_a_view_shows_its_settings_and_tabs(
    open_page: OpenPage, view: str, seen: set[str], kind: type, live_run: bool
) -> None:
    page = healthy(opened(open_page, view=view, **QUICK))
    parts = {"the-layer", "the-network", "the-data", "the-training", "the-masks"}
    assert parts - unseen(page) == seen
    assert isinstance(config_on(page), kind)
    settings, stage, _ = stage_on(page)
    assert ("stream" in settings) == live_run
    assert {shown["key"] for shown in stage["views"][1:]} <= set(rail.TABS)


def test_all_tabs_of_the_rail_belong_to_a_view(open_page: OpenPage) -> None:
    found = set()
    for view in rail.VIEWS:
        _, stage, _ = stage_on(opened(open_page, view=view, **QUICK))
        found |= {shown["key"] for shown in stage["views"][1:]}
    assert found == set(rail.TABS)


# Scenes


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_are_controls_and_change_them(scene: Scene) -> None:
    for name, value in scene.values:
        assert type(value) is type(rail.DEFAULTS[name]), name
        assert value != rail.DEFAULTS[name], name


def test_every_scene_is_told_apart_from_the_others_by_what_runs() -> None:
    each = [{**rail.DEFAULTS, **dict(scene.values)} for scene in SCENES]
    running = [{name: value for name, value in one.items() if name not in dropout.LOOKING} for one in each]
    assert [key for k, key in enumerate(IDS) if running[k] in running[:k]] == []


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_one_click_sets_the_scene_and_asks_its_question(open_page: OpenPage, scene: Scene) -> None:
    page = healthy(press(opened(open_page, seed=7, p=0.3, **QUICK), f"scene-{scene.key}"))
    assert controls_say(page) == {**rail.DEFAULTS, "seed": 7, **dict(scene.values)}
    assert lit(page) == [f"{SLUG}.scene-{scene.key}"]
    assert scene.question in prose(page)
    assert f"**Look:** {scene.look}" not in prose(page)
    guess = page.button_group(key=f"{SLUG}.guess-{scene.key}")
    guess.set_value(scene.choices[scene.answer]).run()
    page.number_input(key=f"{SLUG}.step").set_value(20).run()
    assert "Right." in prose(page)
    assert f"**Look:** {scene.look}" in prose(page)


# Hands and runs


def test_a_click_on_a_unit_drops_it_in_frame_0(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, view="scaling", step=9)
    page = healthy(hand.say(page, "pick", 1.2, 2.0))
    assert config_on(page) == ScalingConfig(mask="101111", seed=1)
    assert controls_say(page)["step"] == 0
    change(page, "units", 4)
    assert config_on(healthy(page)) == ScalingConfig(units=4, seed=1)


def test_a_mask_that_does_not_fit_is_told_in_a_sentence_and_nothing_is_lost(open_page: OpenPage) -> None:
    page = opened(open_page, view="scaling", mask="110111")
    before = stage_bytes(page)
    change(page, "mask", "11")
    (error,) = page.error
    assert error.value.startswith("mask is '11': it must be 6 digits")
    assert stage_bytes(page) == before


def test_a_button_of_the_picture_gives_both_networks_another_layer(open_page: OpenPage, hand: Hand) -> None:
    page = healthy(hand.say(opened(open_page, **QUICK), "act", "layer+"))
    assert config_on(page) == DropoutConfig(depth=3, **QUICK)
    (network,) = [view for view in stage_on(page)[1]["views"] if view["key"] == "network"]
    assert [len(panel["layers"]) for panel in network["panels"]] == [3, 3]


def test_the_same_settings_keep_their_run_and_others_begin_another(open_page: OpenPage) -> None:
    page = opened(open_page, **QUICK)
    first = stage_on(page)[0]["stream"]
    assert stage_on(change(page, "tab", "loss"))[0]["stream"] == first
    assert stage_on(change(page, "p", 0.8))[0]["stream"] != first


def test_both_views_of_masks_share_a_run(open_page: OpenPage) -> None:
    page = opened(open_page, view="ensemble", num_masks=10, **QUICK)
    first = stage_on(page)[0]["stream"]
    change(page, "view", "uncertainty")
    assert stage_on(healthy(page))[0]["stream"] == first


def test_where_the_server_has_no_place_a_sentence_says_so(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise ValueError("The server is full: try again in a minute.")

    monkeypatch.setattr(live, "run", full)
    page = opened(open_page)
    assert [note.value for note in page.info] == ["The server is full: try again in a minute."]
    assert "no run" in below(page, "Take it away")


# Below the fold


@pytest.mark.parametrize("view", rail.VIEWS)
def test_below_the_fold_there_are_reasons_maths_code_and_a_check_that_holds(open_page: OpenPage, view: str) -> None:
    page = opened(open_page, view=view, num_masks=10, **QUICK)
    assert "**" in below(page, "Why it happens")
    assert "mathbb E" in below(page, "The maths")
    assert "import torch" in below(page, "The code")
    check = below(page, "Check")
    assert ":material/check_circle:" in check
    assert ":material/warning:" not in check
    assert "Srivastava" in below(page, "Reading")
    change(page, "below", "Take it away")
    assert healthy(page).get("download_button")


# Links

LINKS: dict[str, dict[str, Any]] = {
    "train": {"p": 0.2, "data": "circles", "noise": 0.1, "label_noise": 0.2, "num_train": 40, "seed": 99, **QUICK},
    "scaling": {"view": "scaling", "p": 0.7, "units": 4, "mask": "0110", "seed": 5, "step": 12, "tab": "numbers"},
    "ensemble": {"view": "ensemble", "num_masks": 30, "lr": 0.02, "depth": 1, "tab": "apart", **QUICK},
}


@pytest.mark.parametrize("values", LINKS.values(), ids=LINKS)
def test_the_link_gives_the_same_picture_to_every_reader(open_page: OpenPage, values: dict[str, Any]) -> None:
    first, second = (healthy(opened(open_page, **values)) for _ in range(2))
    assert toasts(first) == []
    assert controls_say(first) == {**rail.DEFAULTS, **values}
    assert config_on(first) == config_on(second)
    assert stage_bytes(first) == stage_bytes(second)
    settings, _, _ = stage_on(first)
    assert settings["autoplay"] is False
    if values.get("view") == "scaling":
        assert message_on(first) == message_on(second)


def test_what_a_link_got_wrong_is_told_once(open_page: OpenPage) -> None:
    invalid = {"p": "1.5", "width": "7", "data": "Stars", "depth": "9"}
    page = healthy(open_page(SLUG, {**invalid, "units_of_A": "3"}))
    check_told_once(page, invalid, "units_of_A")


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = press(opened(open_page, seed=42, p=0.9, **QUICK), "reset")
    assert config_on(healthy(page)) == DropoutConfig(seed=42)
    press(page, "new-seed")
    assert config_on(page).seed != 42
    assert control(page, "p").value == 0.5
