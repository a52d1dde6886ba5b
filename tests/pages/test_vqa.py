"""The page on questions about pictures opens on one being read; views, scenes and settings change what runs."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import Scene
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig
from dlcore.topics.vqa.census import CensusConfig
from dlcore.topics.vqa.changes import ChangesConfig
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.learning import LearningConfig
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.topics.vqa.scenes import SCENES
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.sight import Sight
from dlcore.topics.vqa.table import TableConfig
from dlcore.ui import live
from dlcore.ui import vqa_rail as rail
from dlcore.ui.vqa_settings import config_of
from dlcore.ui.vqa_stages import AT_ONCE
from pages.language import vqa
from tests.pages.stages import OpenPage, healthy, lit, prose, stage_bytes, stage_on, toasts
from tests.pages.vqa_page import (
    SLUG,
    STAGES,
    chances_on,
    change,
    config_on,
    control,
    controls_say,
    opened,
    picture_on,
    press,
    shown,
    unseen,
)

IDS = [scene.key for scene in SCENES]
CONFIGS: dict[str, type] = {
    "read": ReadingConfig,
    "parts": AttributionConfig,
    "change": ChangesConfig,
    "table": TableConfig,
    "shift": ShiftConfig,
    "fusions": ComparingConfig,
    "train": LearningConfig,
    "data": CensusConfig,
}
ONE = {"the-asking", "the-menu", "the-picture", "the-area", "the-network", "the-training"}
#: What each stage shows besides the seed.
SEEN: dict[str, set[str]] = {
    "read": ONE,
    "parts": ONE,
    "change": ONE | {"the-adding", "the-changes", "the-buttons"},
    "table": {"the-network", "the-scenes", "the-other"},
    "shift": {"the-network", "the-scenes"},
    "fusions": {"the-area", "the-scenes"},
    "train": {"the-network", "the-training-of-one"},
    "data": {"the-area", "the-scenes"},
}
PARTS = set().union(*SEEN.values()) | {"the-undoing"}


def sides(page: AppTest) -> list[str]:
    """The tabs on screen."""
    return [view["key"] for view in stage_on(page)[1]["views"] if view["area"] == "side"]


def test_it_opens_on_a_question_that_is_read_word_by_word(open_page: OpenPage) -> None:
    page = healthy(open_page(SLUG))
    settings, stage, _ = stage_on(page)
    config = config_on(page)
    assert config == ReadingConfig(
        asked=Asked(sight=Sight(seed=rail.DEFAULTS["seed"]), question=rail.DEFAULTS["asked"])
    )
    assert lit(page) == [f"{SLUG}.scene-{IDS[0]}"]
    assert toasts(page) == []
    assert settings["autoplay"]
    assert settings["tab"] in sides(page)
    assert stage["frames"] == len(rail.DEFAULTS["asked"].split()) + 1
    np.testing.assert_allclose(chances_on(page)[-1], config.asked.chances(), atol=1e-5)
    assert (picture_on(page) == config.asked.sight.fine()).all()
    assert unseen(page) >= {"explain", "selected", "step", "tab", "the-upload", "the-score-views"}


@pytest.mark.parametrize("name", STAGES)
def test_a_link_opens_any_stage_with_the_settings_that_matter_to_it(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name]))
    settings, stage, _ = stage_on(page)
    config = config_on(page)
    assert toasts(page) == []
    assert type(config) is CONFIGS[name]
    assert shown(page) == name
    assert stage["frames"] == config.num_frames
    assert bool(settings.get("stream")) == (type(config) not in AT_ONCE)
    assert PARTS - unseen(page) == SEEN[name]
    rows = {f"the-{view}-views" for view in rail.SUBVIEWS}
    assert rows - unseen(page) == {f"the-{STAGES[name]['view']}-views"} & rows


def test_clicks_lead_through_every_stage_and_each_opens_with_its_first_tab(open_page: OpenPage) -> None:
    page = opened(open_page, seed=3)
    for view in reversed(rail.VIEWS):
        healthy(change(page, "view", view))
        for part in reversed(rail.SUBVIEWS.get(view, {})):
            healthy(change(page, view, part))
        stage = shown(page)
        assert toasts(page) == []
        assert type(config_on(page)) is CONFIGS[stage]
        assert stage_on(page)[0]["tab"] == rail.FIRST_TABS[stage]
        assert rail.FIRST_TABS[stage] in sides(page)
        assert f"**Free play.** {rail.FREE[stage]}" in prose(page)


# Scenes


def test_a_scenes_values_are_controls_and_change_them() -> None:
    for scene in SCENES:
        for name, value in scene.values:
            assert type(value) is type(rail.DEFAULTS[name]), (scene.key, name)
            assert value != rail.DEFAULTS[name] or name in vqa.LOOKING, (scene.key, name)
        assert set(scene.tries) <= set(rail.DEFAULTS)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_one_click_sets_the_scene_and_asks_its_question(open_page: OpenPage, scene: Scene) -> None:
    page = healthy(press(opened(open_page, asked="is there a lake", fusion="mcb", training="2"), f"scene-{scene.key}"))
    wanted = {**rail.DEFAULTS, **dict(scene.values)}
    assert controls_say(page) == {**wanted, "below": controls_say(page)["below"]}
    assert config_on(page) == config_of({**wanted, "upload": None})
    assert lit(page) == [f"{SLUG}.scene-{scene.key}"]
    assert toasts(page) == []
    settings, stage, _ = stage_on(page)
    assert settings["hold"] is scene.waits
    assert settings["tab"] in [view["key"] for view in stage["views"]]
    assert scene.question in prose(page)
    assert "**Look:**" not in prose(page)
    guess = page.button_group(key=f"{SLUG}.guess-{scene.key}")
    guess.set_value(scene.choices[scene.answer]).run()
    page.number_input(key=f"{SLUG}.step").set_value(3).run()
    assert "Right." in prose(page)
    assert f"**Look:** {scene.look}" in prose(page)


def test_no_two_scenes_run_the_same() -> None:
    each = [{**rail.DEFAULTS, **dict(scene.values)} for scene in SCENES]
    running = [{name: value for name, value in one.items() if name not in vqa.LOOKING} for one in each]
    assert [key for k, key in enumerate(IDS) if running[k] in running[:k]] == []


# Settings


def test_another_look_neither_computes_anything_anew_nor_leaves_the_scene(open_page: OpenPage) -> None:
    page = open_page(SLUG)
    config, scene, fine = config_on(page), lit(page), picture_on(page)
    for name, value in {"look": "seen", "tab": "words", "below": "The maths", "add": "boat"}.items():
        healthy(change(page, name, value))
        assert (config_on(page), lit(page)) == (config, scene), name
    blocks = picture_on(page).reshape(96, 3, 96, 3, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()
    means = fine.reshape(96, 3, 96, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(blocks[:, 0, :, 0], means, atol=0.51)


@pytest.mark.parametrize(
    ("name", "value"),
    [("fusion", "mcb"), ("fusion", "deaf"), ("training", "2"), ("domain", 0.75), ("seed", 5)],
)
def test_another_setting_asks_another_network_or_about_another_scene(
    open_page: OpenPage, name: str, value: Any
) -> None:
    page = open_page(SLUG)
    before = chances_on(page)
    healthy(change(page, name, value))
    config = config_on(page)
    assert config == config_of({**controls_say(page), "upload": None})
    assert np.abs(chances_on(page)[-1] - before[-1]).max() > 1e-4
    np.testing.assert_allclose(chances_on(page)[-1], config.asked.chances(), atol=1e-5)


@pytest.mark.parametrize("name", ["read", "table", "train", "data"])
def test_a_setting_of_another_view_changes_nothing(open_page: OpenPage, name: str) -> None:
    page = opened(open_page, **STAGES[name])
    before, config = stage_bytes(page), config_on(page)
    others: dict[str, dict[str, Any]] = {
        "read": {"num_scenes": 40, "other": 0.5, "train_scenes": 300, "lr": 0.01, "dropout": 0.5},
        "table": {"asked": "is there a lake", "training": "1", "domain": 0.5, "num_steps": 400},
        "train": {"asked": "is there a lake", "num_scenes": 40, "other": 0.5, "domain": 0.5},
        "data": {"asked": "is there a lake", "fusion": "mcb", "num_steps": 400, "other": 0.5},
    }
    for other, value in others[name].items():
        control(page, other).set_value(value)
    healthy(page.run())
    assert {other: controls_say(page)[other] for other in others[name]} == others[name]
    assert (config_on(page), stage_bytes(page)) == (config, before)


def test_where_the_server_has_no_place_a_sentence_says_so(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise ValueError("The server is full: try again in a minute.")

    monkeypatch.setattr(live, "run", full)
    page = opened(open_page, **STAGES["table"], below="Take it away")
    assert [note.value for note in page.info] == ["The server is full: try again in a minute."]
    assert not page.exception
