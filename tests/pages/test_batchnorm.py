"""The page on batch norm: what it opens on, its scenes, its four views, its hands, and what lies below the fold."""

from typing import Any

import numpy as np
import pytest

from dlcore.lessons import Scene
from dlcore.topics.batchnorm_config import TransformConfig
from dlcore.topics.batchnorm_runs import (
    DeepConfig,
    NetConfig,
    RatesConfig,
    SizesConfig,
    deep_frames,
    frame_steps,
    rates_frames,
    sizes_frames,
)
from dlcore.topics.batchnorm_scenes import SCENES, TRANSFORM
from dlcore.topics.batchnorm_walk import walk
from dlcore.ui import batchnorm_net_text, batchnorm_text
from dlcore.ui import batchnorm_rail as rail
from tests.pages.batchnorm_page import TITLES, change, config_on, control, controls_say, opened, press, table, unseen
from tests.pages.stages import Hand, OpenPage, check_told_once, healthy, lit, prose, stage_bytes, stage_on, toasts

VIEWS = {
    "transform": (TransformConfig, ["transform", "code", "note"]),
    "deep": (DeepConfig, ["layers", "accuracy", "loss", "spread", "gradient"]),
    "rates": (RatesConfig, ["rates"]),
    "sizes": (SizesConfig, ["sizes"]),
}
LIVE = [view for view in VIEWS if view != "transform"]
SHORT = {"updates": 20, "depth": 1}
FRAMES: dict[type[NetConfig], Any] = {DeepConfig: deep_frames, RatesConfig: rates_frames, SizesConfig: sizes_frames}


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def views_on(page: Any) -> list[str]:
    return [view["key"] for view in stage_on(page)[1]["views"]]


# What it opens on


def test_it_opens_on_the_transform_of_a_mini_batch(open_page: OpenPage) -> None:
    page = healthy(open_page("batchnorm"))
    assert page.title[0].value == "Batch norm"
    assert config_on(page) == TransformConfig()
    assert lit(page) == ["batchnorm.scene-transform"]
    settings, stage, _ = stage_on(page)
    assert (settings["step"], settings["autoplay"]) == (0, True)
    assert stage["frames"] == 6
    expected = walk(TransformConfig()).forward.normal.T.flatten()  # feature by feature
    np.testing.assert_allclose(table(page, "normal"), expected, rtol=1e-6)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_from_its_link(open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, view: str) -> None:
    page = healthy(opened(open_page, view=view, **SHORT))
    assert toasts(page) == []
    kind, views = VIEWS[view]
    assert isinstance(config_on(page), kind)
    assert views_on(page) == views
    settings, stage, _ = stage_on(page)
    assert ("stream" in settings) == (view in LIVE)
    if view in LIVE:
        assert stage["frames"] == len(frame_steps(config_on(page)))


# Scenes, and the way back


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_one_click_sets_a_scene_and_asks_its_question(open_page: OpenPage, scene: Scene) -> None:
    page = healthy(press(opened(open_page, samples=3), f"scene-{scene.key}"))
    assert lit(page) == [f"batchnorm.scene-{scene.key}"]
    assert scene.question in prose(page)
    said = controls_say(page)
    assert {name: said[name] for name, _ in scene.values} == dict(scene.values)
    again = healthy(opened(open_page, **{name: said[name] for name, _ in scene.values}))
    assert config_on(again) == config_on(page)
    assert lit(again) == lit(page)


def test_what_a_scene_invites_to_change_does_not_leave_it(open_page: OpenPage) -> None:
    page = press(healthy(open_page("batchnorm")), "scene-two")
    assert lit(change(page, "direction", "backward")) == ["batchnorm.scene-two"]
    assert lit(change(page, "samples", 3)) == []
    assert "Free play" in prose(page)


# Links


@pytest.mark.parametrize(
    "values",
    [
        {"norm": "group", "groups": 1, "direction": "backward", "upstream": "one", "edits": "x0.1=5, gamma0=2"},
        {"mode": "eval", "seen": 30, "momentum": 0.3, "samples": 2, "eps": 0.01, "seed": 7},
        {"view": "deep", "activation": "sigmoid", "lr": 1.5, "batch_size": 16, "weights": "he", **SHORT},
        {"view": "sizes", "norm": "layer", "sizes_lr": 0.1, "sizes_weights": "torch", **SHORT},
    ],
)
def test_a_link_opens_what_it_says(open_page: OpenPage, values: dict[str, Any]) -> None:
    page = healthy(opened(open_page, **values))
    assert toasts(page) == []
    said = controls_say(page)
    assert {name: said[name] for name in values} == values


def test_what_a_link_got_wrong_is_told_once_and_the_rest_holds(open_page: OpenPage) -> None:
    invalid = {"norm": "instance norm", "samples": "90", "momentum": "2"}
    page = open_page("batchnorm", {**invalid, "features": "3", "gamma": "5"})
    assert config_on(page).features == 3
    assert config_on(page).norm == "batch"
    check_told_once(page, invalid, "gamma")


# What cannot be


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"norm": "group", "groups": 3}, "groups is 3: it must divide the number of features, 4"),
        ({"edits": "z1=2"}, "“z1=2” is not understood"),
        ({"edits": "x0.0=1e9"}, "too large"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_the_picture_stays(
    open_page: OpenPage, values: dict[str, Any], rule: str
) -> None:
    page = healthy(opened(open_page, samples=5))
    before = stage_bytes(page)
    for name, value in values.items():
        page = change(page, name, value)
    assert not page.exception
    (error,) = page.error
    assert rule in error.value
    if "edits" in values:
        assert stage_bytes(page) == before


# The rail


def test_the_rail_shows_what_matters_to_each_view(open_page: OpenPage) -> None:
    page = opened(open_page)
    assert {"the-groups", "the-upstream", "the-activation", "the-rate", "the-sizes"} <= unseen(page)
    assert not {"the-batch", "the-mode", "the-input"} & unseen(page)
    back = change(page, "direction", "backward")
    assert "the-upstream" not in unseen(back)
    group = change(back, "norm", "group")
    assert "the-groups" not in unseen(group)
    assert "the-mode" in unseen(group)
    sizes = opened(open_page, view="sizes", **SHORT)
    assert {"the-batch", "the-rate", "the-weights", "the-batch-size"} <= unseen(sizes)
    assert "the-sizes" not in unseen(sizes)


def test_every_title_that_a_link_may_name_is_a_choice_of_its_control(open_page: OpenPage) -> None:
    page = healthy(open_page("batchnorm"))
    for name in ("image", "upstream", "weights", "sizes_weights"):
        assert list(control(page, name).options) == list(TITLES[name].values())


def test_another_input_forgets_what_was_changed_in_it_and_keeps_the_rest(open_page: OpenPage) -> None:
    page = opened(open_page, edits="x0.0=5, gamma1=2")
    assert change(page, "image", "digits").session_state["batchnorm.edits"] == "gamma1=2"


# Hands


def test_a_number_changed_by_hand_is_in_the_picture_and_in_the_settings(open_page: OpenPage, hand: Hand) -> None:
    page = hand.say(opened(open_page, step=3), "edit", "x0.0", 12.5, 3)
    assert config_on(healthy(page)).edits == "x0.0=12.5"
    assert table(page, "x")[0] == 12.5
    assert page.session_state["batchnorm.step"] == 3


def test_a_number_that_cannot_be_is_told_and_changes_nothing(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page)
    before = stage_bytes(page)
    page = hand.say(page, "edit", "x0.0", 1e7, 0)
    assert "too large" in " ".join(toasts(page))
    assert stage_bytes(page) == before


# Below the fold


@pytest.mark.parametrize("section", ["Why it happens", "The maths", "The code", "Check", "Take it away", "Reading"])
@pytest.mark.parametrize("view", ["transform", "deep"])
def test_every_section_is_there(open_page: OpenPage, section: str, view: str) -> None:
    page = healthy(opened(open_page, view=view, below=section, **SHORT))
    words = prose(page) + " ".join(part.value for part in [*page.latex, *page.code])
    assert len(words) > 250


def test_the_check_is_live_and_good(open_page: OpenPage) -> None:
    for values in ({}, {"norm": "layer", "direction": "backward"}, {"view": "rates", **SHORT}):
        assert ":material/check_circle:" in prose(opened(open_page, below="Check", **values))
    assert "torch was asked, and refuses" in prose(opened(open_page, below="Check", samples=1))


def test_every_scene_is_explained_in_one_of_the_views() -> None:
    assert {*TRANSFORM} < {*SCENES}
    assert [scene for scene in SCENES if ("view" in dict(scene.values)) == (scene in TRANSFORM)] == []


def test_the_cells_csv_has_every_number_of_the_picture() -> None:
    found = walk(TransformConfig())
    head, *rows = batchnorm_text.cells_csv(found).splitlines()
    assert head == "table,row,column,value"
    told = {tuple(row.split(",")[:3]): float(row.split(",")[3]) for row in rows}
    assert len(rows) == 3 * 24 + 6 * 4
    assert told["x̂", "5", "3"] == float(found.forward.normal[5, 3])


@pytest.mark.parametrize("kind", [DeepConfig, RatesConfig, SizesConfig])
def test_the_numbers_csv_has_every_number_of_the_run(kind: type[NetConfig]) -> None:
    config = kind(num_steps=2, depth=1)
    snapshots = list(FRAMES[kind](config))
    steps = frame_steps(config).tolist()
    head, *rows = batchnorm_net_text.numbers_csv(steps, snapshots).splitlines()
    assert head == "update,quantity,place,value"
    assert len(rows) == sum(np.size(array) for snapshot in snapshots for array in snapshot.arrays.values())
    assert rows[-1].startswith("2,")


def test_every_control_has_a_default_and_is_drawn(open_page: OpenPage) -> None:
    page = open_page("batchnorm")
    assert set(controls_say(page)) == set(rail.DEFAULTS)
