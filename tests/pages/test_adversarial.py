"""The page on adversarial examples: it opens on an attack beside noise; views, scenes and settings change what runs."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import Scene
from dlcore.topics.adversarial.boundary import BoundaryConfig
from dlcore.topics.adversarial.curves import CurvesConfig
from dlcore.topics.adversarial.directions import DirectionsConfig
from dlcore.topics.adversarial.fooling import FoolingConfig
from dlcore.topics.adversarial.hardening import HardeningConfig
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.topics.adversarial.linear import LinearConfig
from dlcore.topics.adversarial.path import PathConfig
from dlcore.topics.adversarial.plane import PlaneConfig
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.adversarial.transfer import TransferConfig
from dlcore.topics.adversarial.twins import TwinsConfig
from dlcore.topics.adversarial.universal import UniversalConfig
from dlcore.ui import adversarial_rail as rail
from dlcore.ui import live
from dlcore.ui.adversarial_settings import config_of
from pages.vision import adversarial
from tests.pages.adversarial_page import (
    DIGIT,
    SLUG,
    STAGES,
    change,
    changed,
    config_on,
    controls_say,
    opened,
    press,
    shown,
    stream_on,
    unseen,
)
from tests.pages.stages import OpenPage, healthy, lit, prose, stage_on, toasts, view_on

IDS = [scene.key for scene in SCENES]
CONFIGS: dict[str, type] = {
    "sweep": SweepConfig,
    "path": PathConfig,
    "boundary": BoundaryConfig,
    "curves": CurvesConfig,
    "transfer": TransferConfig,
    "universal": UniversalConfig,
    "fooling": FoolingConfig,
    "twins": TwinsConfig,
    "hardening": HardeningConfig,
    "linear": LinearConfig,
    "directions": DirectionsConfig,
    "plane": PlaneConfig,
    "illusion": IllusionConfig,
}
STEPS = {"the-settings", "the-steps"}
COUNTED = {"the-network", "the-settings", "the-steps", "the-norm", "the-epsilon", "the-count"}
#: What of the rail each stage shows once "attack" is chosen where there is a choice.
SEEN: dict[str, set[str]] = {
    "sweep": {"the-groups", "the-network", *STEPS, "the-method", "the-norm", "the-most", "the-look"},
    "path": {"the-groups", "the-network", *STEPS, "the-norm", "the-epsilon", "the-look"},
    "boundary": {"the-groups", "the-network", "the-look"},
    "curves": COUNTED | {"the-curves"},
    "transfer": COUNTED | {"the-method"},
    "universal": {"the-network", "the-epsilon", "the-count", "the-look"},
    "fooling": {"the-network", "the-fooling"},
    "twins": {"the-groups", "the-network", *STEPS, "the-method", "the-count"},
    "hardening": {"the-hardening"},
    "linear": {"the-epsilon"},
    "directions": {"the-directions"},
    "plane": {"the-plane"},
    "illusion": {"the-illusion"},
}
PARTS = set().union(*SEEN.values()) | {"the-most_l2", "the-epsilon_l2", "the-picture"}


def parts_on(page: AppTest) -> set[str]:
    """The parts of the rail that are seen, whatever part they stand in."""
    hidden = unseen(page)
    within = {"the-steps": "the-settings", "the-method": "the-settings", "the-norm": "the-settings"}
    return {part for part in PARTS - hidden if within.get(part, part) not in hidden}


def test_it_opens_on_an_attack_that_grows_beside_as_much_noise(open_page: OpenPage) -> None:
    page = healthy(open_page(SLUG))
    settings, stage, _ = stage_on(page)
    assert config_on(page) == SweepConfig()
    assert lit(page) == [f"{SLUG}.scene-{IDS[0]}"]
    assert toasts(page) == []
    assert settings["autoplay"]
    assert settings["stream"].startswith("descent/run/")
    assert stage["frames"] == SweepConfig().num_frames
    keys = [tile["key"] for tile in stage["views"][0]["tiles"]]
    assert keys == ["picture", "delta", "attacked", "again", "noise.delta", "noise.attacked"]
    assert unseen(page) >= {"aim", "selected", "the-photo", "the-upload", "the-many-views"}


@pytest.mark.parametrize("name", STAGES)
def test_a_link_opens_any_stage_with_the_settings_that_matter_to_it(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name], group="attack"))
    settings, stage, _ = stage_on(page)
    config = config_on(page)
    assert toasts(page) == []
    assert type(config) is CONFIGS[name]
    assert shown(page) == name
    assert settings["autoplay"] is False
    if name != "illusion":
        assert stage["frames"] == config.num_frames
    assert parts_on(page) == SEEN[name]
    rows = {f"the-{view}-views" for view in rail.SUBVIEWS}
    assert rows - unseen(page) == {f"the-{STAGES[name]['view']}-views"} & rows


def test_clicks_lead_through_every_stage_and_each_opens_with_its_first_tab(open_page: OpenPage) -> None:
    page = opened(open_page)
    for view in rail.VIEWS:
        healthy(change(page, "view", view))
        for part in reversed(rail.SUBVIEWS.get(view, {})):
            healthy(change(page, view, part))
            assert toasts(page) == []
            assert type(config_on(page)) is CONFIGS[part]
            assert stage_on(page)[0]["tab"] == rail.FIRST_TABS[part]
    assert {name: controls_say(page)[name] for name in rail.SUBVIEWS} == {
        view: next(iter(parts)) for view, parts in rail.SUBVIEWS.items()
    }


def test_the_view_of_one_for_all_begins_with_digits(open_page: OpenPage) -> None:
    page = healthy(change(opened(open_page, aim="boat", step=3), "view", "universal"))
    assert changed(page) == {"view": "universal", "tab": "lost", **rail.ONE_FOR_ALL}
    assert isinstance(config_on(page), UniversalConfig)
    assert config_on(page).model == "digits"
    healthy(change(page, "model", "plain"))
    assert (config_on(page).model, config_on(page).epsilon) == ("plain", rail.FITTING[False]["epsilon"])


def test_the_network_for_digits_that_was_chosen_stays_in_that_view(open_page: OpenPage) -> None:
    page = healthy(
        change(opened(open_page, **{**DIGIT, "model": "digits_robust", "epsilon": 38.0}), "view", "universal")
    )
    assert (config_on(page).model, config_on(page).epsilon) == ("digits_robust", 38.0)


@pytest.mark.parametrize("norm", rail.NORMS)
@pytest.mark.parametrize("stage", ["sweep", "curves"])
def test_the_radius_is_that_of_the_norm(open_page: OpenPage, stage: str, norm: str) -> None:
    page = healthy(opened(open_page, **STAGES[stage], group="attack", norm=norm))
    name = "most" if stage == "sweep" else "epsilon"
    radii = {"the-most", "the-most_l2", "the-epsilon", "the-epsilon_l2"}
    assert parts_on(page) & radii == {f"the-{name}{'_l2' * (norm == 'l2')}"}


def test_one_group_of_settings_is_seen_at_a_time(open_page: OpenPage) -> None:
    page = open_page(SLUG)
    assert {"the-picture", "the-settings", "the-most", "the-look"} - unseen(page) == {"the-picture"}
    healthy(change(page, "group", "attack"))
    assert "the-picture" in unseen(page)
    assert "the-steps" in unseen(healthy(change(page, "method", "fgsm")))


# Scenes


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_are_controls_and_change_them(scene: Scene) -> None:
    for name, value in scene.values:
        assert type(value) is type(rail.DEFAULTS[name]), name
        assert value != rail.DEFAULTS[name] or name in adversarial.LOOKING, name
    assert set(scene.tries) <= set(rail.DEFAULTS)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_one_click_sets_the_scene_and_asks_its_question(open_page: OpenPage, scene: Scene) -> None:
    page = healthy(press(opened(open_page, aim="star", num_steps=3, norm="l2"), f"scene-{scene.key}"))
    wanted = {**rail.DEFAULTS, **dict(scene.values)}
    assert controls_say(page) == wanted
    assert config_on(page) == config_of({**wanted, "upload": None})
    assert lit(page) == [f"{SLUG}.scene-{scene.key}"]
    assert toasts(page) == []
    settings, stage, _ = stage_on(page)
    assert settings["hold"] is scene.waits
    assert settings["tab"] in [view["key"] for view in stage["views"]]
    assert scene.question in prose(page)
    assert f"**Look:** {scene.look}" not in prose(page)
    guess = page.button_group(key=f"{SLUG}.guess-{scene.key}")
    guess.set_value(scene.choices[scene.answer]).run()
    page.number_input(key=f"{SLUG}.step").set_value(3).run()
    assert "Right." in prose(page)
    assert f"**Look:** {scene.look}" in prose(page)


def test_no_two_scenes_run_the_same() -> None:
    each = [{**rail.DEFAULTS, **dict(scene.values)} for scene in SCENES]
    running = [{name: value for name, value in one.items() if name not in adversarial.LOOKING} for one in each]
    assert [key for k, key in enumerate(IDS) if running[k] in running[:k]] == []


def test_to_aim_at_another_class_does_not_leave_the_scene_that_asks_for_it(open_page: OpenPage) -> None:
    scene = next(scene for scene in SCENES if "aim" in scene.tries)
    page = press(opened(open_page), f"scene-{scene.key}")
    healthy(page.get_by_key(f"{SLUG}.aim").set_value("star").run())  # pyright: ignore[reportAttributeAccessIssue]
    assert lit(page) == [f"{SLUG}.scene-{scene.key}"]


# Runs

READING = {"delta": "sign", "group": "attack", "tab": "loss", "below": "The maths"}


def test_another_look_neither_computes_anything_anew_nor_leaves_the_scene(open_page: OpenPage) -> None:
    page = open_page(SLUG)
    config, stream, scene = config_on(page), stream_on(page), lit(page)
    for name, value in READING.items():
        healthy(change(page, name, value))
        assert (config_on(page), stream_on(page), lit(page)) == (config, stream, scene), name


def test_the_perturbation_is_shown_as_the_rail_says(open_page: OpenPage) -> None:
    page = opened(open_page)
    for delta in ("true", "sign"):
        healthy(change(page, "delta", delta))
        pending = {entry.get("pending") for entry in stage_on(page)[1]["arrays"]}
        assert f"delta.{delta}" in pending
        assert "delta.magnified" not in pending


@pytest.mark.parametrize(
    ("name", "value", "config"),
    [
        ("method", "fgsm", SweepConfig(attack="fgsm")),
        ("most", 8.0, SweepConfig(most=8.0)),
        ("num_steps", 20, None),
        ("step_share", 0.5, None),
        ("random_start", False, None),
        ("noise_seed", 1, None),
        ("norm", "l2", None),
        ("shift", 0.5, None),
        ("mark", True, None),
        ("shape", "star", None),
        ("model", "plain", None),
    ],
)
def test_another_setting_begins_another_run(open_page: OpenPage, name: str, value: Any, config: Any) -> None:
    page = open_page(SLUG)
    before = stream_on(page)
    healthy(change(page, name, value))
    assert stream_on(page) != before
    assert config_on(page) == (config or config_of({**controls_say(page), "upload": None}))
    assert config_on(page) != SweepConfig()


def test_a_setting_of_another_view_begins_none(open_page: OpenPage) -> None:
    page = opened(open_page)
    before = stream_on(page)
    for name, value in {"epsilon": 8.0, "num_images": 40, "x": 3.0, "smoothing": 1.0, "times": 4.0}.items():
        assert stream_on(healthy(change(page, name, value))) == before, name


def test_where_the_server_has_no_place_a_sentence_says_so(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise ValueError("The server is full: try again in a minute.")

    monkeypatch.setattr(live, "run", full)
    page = opened(open_page, below="Take it away")
    assert [note.value for note in page.info] == ["The server is full: try again in a minute."]
    assert not page.exception
    assert not page.get("download_button")


def test_the_illusion_is_there_at_once_and_is_no_run(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **STAGES["illusion"]))
    settings, _, arrays = stage_on(page)
    assert not settings.get("stream")
    assert arrays
    shadow = view_on(page, "tiles")["tiles"][0]["values"]
    contrast = view_on(healthy(change(page, "illusion_kind", "contrast")), "tiles")["tiles"][0]["values"]
    assert np.asarray(shadow).dtype == np.uint8
    assert not np.array_equal(shadow, contrast)
