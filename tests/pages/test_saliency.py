"""The page on saliency: it opens on eleven maps; views, scenes, hands and links change what is explained, and how."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import Scene
from dlcore.topics.saliency.cascade import CascadeConfig
from dlcore.topics.saliency.completeness import ErrorsConfig, PathConfig
from dlcore.topics.saliency.deletion import DeletionConfig
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.topics.saliency.forming import NoiseConfig, SamplesConfig
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.retraining import RetrainingConfig
from dlcore.topics.saliency.scenes import SCENES
from dlcore.topics.saliency.study import StudyConfig
from dlcore.ui import live
from dlcore.ui import saliency_rail as rail
from pages.vision import saliency
from tests.pages.saliency_page import (
    DIGIT,
    SLUG,
    STAGES,
    change,
    config_on,
    controls_say,
    opened,
    press,
    stream_on,
    unseen,
)
from tests.pages.stages import OpenPage, healthy, lit, prose, stage_bytes, stage_on, toasts
from tests.pages.test_every_page import REFUSED, Walk, all_controls_of

IDS = [scene.key for scene in SCENES]
CONFIGS: dict[str, type] = {
    "maps": MapsConfig,
    "samples": SamplesConfig,
    "noise": NoiseConfig,
    "path": PathConfig,
    "errors": ErrorsConfig,
    "deletion": DeletionConfig,
    "study": StudyConfig,
    "watermarks": StudyConfig,
    "sanity": CascadeConfig,
    "training": RetrainingConfig,
}
#: Settings that not every stage has; the others have none.
SEEN: dict[str, set[str]] = {
    "maps": {"the-brush"},
    "deletion": {"the-compared", "the-deletion"},
    "study": {"the-compared", "the-study"},
    "watermarks": {"the-compared", "the-study"},
    "sanity": {"the-compared", "the-cascade"},
    "training": {"the-training"},
}
PARTS = set().union(*SEEN.values())


def tiles_on(page: AppTest) -> dict[str, Any]:
    """The sheet of maps as the player gets it; arrays are their numbers."""
    (tiles,) = [view for view in stage_on(page)[1]["views"] if view["key"] == "tiles"]
    return tiles


def test_it_opens_on_the_opening_scene_with_a_map_of_every_method(open_page: OpenPage) -> None:
    page = healthy(open_page(SLUG))
    settings, stage, _ = stage_on(page)
    assert config_on(page) == MapsConfig()
    assert lit(page) == [f"{SLUG}.scene-{IDS[0]}"]
    assert settings["autoplay"]
    assert settings["stream"].startswith("descent/run/")
    assert stage["frames"] == len(METHODS)
    assert stage["views"][0]["type"] == "tiles"
    assert [tile["key"] for tile in stage["views"][0]["tiles"]] == ["picture", *METHODS]
    assert unseen(page) >= {"label", "against", "strokes", "the-photo", "the-upload", "the-sponge"}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_shows_the_settings_that_matter_to_it(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name]))
    config, hidden = config_on(page), unseen(page)
    assert isinstance(config, CONFIGS[name])
    assert stage_on(page)[1]["frames"] == config.num_frames
    assert ("the-forming" in hidden) == (STAGES[name].get("view") != "forming")
    assert ("the-truth" in hidden) == (STAGES[name].get("view") != "truth")
    assert PARTS - hidden == SEEN.get(name, set())


def test_one_group_of_settings_is_seen_at_a_time(open_page: OpenPage) -> None:
    page, parts = open_page(SLUG), {f"the-{group}" for group in rail.GROUPS}
    for group in ("methods", "display", "picture"):
        assert parts - unseen(healthy(change(page, "group", group))) == {f"the-{group}"}


# Scenes


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_are_controls_and_change_them(scene: Scene) -> None:
    for name, value in scene.values:
        assert type(value) is type(rail.DEFAULTS[name]), name
        assert value != rail.DEFAULTS[name] or name in saliency.LOOKING, name


def test_every_scene_is_told_apart_from_the_others_by_what_runs() -> None:
    each = [{**rail.DEFAULTS, **dict(scene.values)} for scene in SCENES]
    running = [{name: value for name, value in one.items() if name not in saliency.LOOKING} for one in each]
    assert [key for k, key in enumerate(IDS) if running[k] in running[:k]] == []


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_one_click_sets_the_scene_and_asks_its_question(open_page: OpenPage, scene: Scene) -> None:
    page = healthy(press(opened(open_page, noise=0.3, strokes="red 3: 9,9", label="star"), f"scene-{scene.key}"))
    assert controls_say(page) == {**rail.DEFAULTS, **dict(scene.values)}
    assert lit(page) == [f"{SLUG}.scene-{scene.key}"]
    assert scene.question in prose(page)
    assert f"**Look:** {scene.look}" not in prose(page)
    guess = page.button_group(key=f"{SLUG}.guess-{scene.key}")
    guess.set_value(scene.choices[scene.answer]).run()
    page.number_input(key=f"{SLUG}.step").set_value(3).run()
    assert "Right." in prose(page)
    assert f"**Look:** {scene.look}" in prose(page)


# Runs


DISPLAY = {"signs": "signed", "clip": 95.0, "overlay": 0.5, "outline": False}
READING = {"brush": "red", "tab": "agreement", "group": "methods", "clicks": "against", "below": "The maths"}


def test_another_look_neither_computes_anything_anew_nor_leaves_the_scene(open_page: OpenPage) -> None:
    page = open_page(SLUG)
    config, stream, scene = config_on(page), stream_on(page), lit(page)
    for name, value in {**DISPLAY, **READING}.items():
        healthy(change(page, name, value))
        assert (config_on(page), stream_on(page), lit(page)) == (config, stream, scene), name


@pytest.mark.parametrize("stage", ["maps", "training"])
def test_the_display_is_that_of_the_tiles(open_page: OpenPage, stage: str) -> None:
    page = opened(open_page, **STAGES[stage])
    before = tiles_on(page)
    changed: dict[str, set[str]] = {}
    for name, value in DISPLAY.items():
        after = tiles_on(change(page, name, value))
        changed[name] = {key for key in before if before[key] != after[key]}
        before = after
    assert changed == {"signs": {"signed", "scale"}, "clip": {"clip"}, "overlay": {"overlay"}, "outline": {"tiles"}}
    assert all(tile["outline"] is None for tile in before["tiles"])


@pytest.mark.parametrize(
    ("name", "value"), [("noise", 0.2), ("noise_seed", 1), ("shift", 0.5), ("mark", True), ("num_masks", 50)]
)
def test_another_setting_begins_another_run(open_page: OpenPage, name: str, value: Any) -> None:
    page = open_page(SLUG)
    before = stream_on(page)
    assert stream_on(healthy(change(page, name, value))) != before


def test_where_the_server_has_no_place_a_sentence_says_so(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise ValueError("The server is full: try again in a minute.")

    monkeypatch.setattr(live, "run", full)
    page = opened(open_page, below="Take it away")
    assert [note.value for note in page.info] == ["The server is full: try again in a minute."]
    assert not page.exception
    assert not page.get("download_button")


# What cannot be


@pytest.mark.parametrize("name", ["label", "against"])
def test_a_class_that_the_network_does_not_know_is_told_once(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **{name: "zebra"}))
    assert toasts(page) == ["“zebra” is no class of this network: it is not asked about."]
    assert config_on(page) == config_on(opened(open_page))
    assert toasts(page.run()) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("strokes", "pink 3: 1,2", "The colour of a stroke is 'pink'"),
        ("strokes", "scribble", "a colour, a radius in pixels, and points"),
        ("stride", 16, "stride is 16: it must be a whole number from 1 to 10"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence_and_the_picture_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str, value: Any, words: str
) -> None:
    page = opened(open_page, seed=3)
    before, stream = stage_bytes(page), stream_on(page)
    change(page, name, value)
    (error,) = page.error
    assert words in error.value
    assert (list(page.info), list(page.exception)) == ([], [])
    assert (stage_bytes(page), stream_on(page)) == (before, stream)
    healthy(change(page, name, rail.DEFAULTS[name]))
    assert stream_on(page) == stream


def test_a_class_is_not_compared_with_itself(open_page: OpenPage) -> None:
    page = opened(open_page, label="star", against="star")
    (error,) = page.error
    assert "compared with itself, star" in error.value
    assert config_on(healthy(change(page, "against", "boat"))).subject.target().against == 7


def test_digits_cannot_be_studied_and_deletion_stays_on_screen(open_page: OpenPage) -> None:
    page = opened(open_page, **STAGES["deletion"], **DIGIT)
    before = stage_bytes(page)
    change(page, "truth", "study")
    (error,) = page.error
    assert error.value == "Only drawn objects can be drawn in any number: choose a network for them."
    assert stage_bytes(page) == before
    healthy(change(page, "truth", "deletion"))


def test_no_method_at_all_is_refused(open_page: OpenPage) -> None:
    page = opened(open_page, **STAGES["sanity"])
    before = stage_bytes(page)
    change(page, "methods", [])
    (error,) = page.error
    assert "choose at least one" in error.value
    assert stage_bytes(page) == before


def test_networks_that_are_not_on_this_machine_are_told_of_and_a_link_to_them_shows_another(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlcore import imagenet

    why = {"resnet18": "torchvision is not installed.", "vit_b_16": "There are no weights."}
    monkeypatch.setattr(imagenet, "choices", lambda: why)
    page = healthy(open_page(SLUG, {"model": "ResNet-18"}))
    (told,) = toasts(page)
    assert told.startswith("The link's model = “ResNet-18” is not possible here; it is Plain CNN now.")
    (missing,) = [part for part in page.caption if part.value.startswith("Not on this machine")]
    assert missing.value == "Not on this machine: ResNet-18, Vision transformer B/16"
    assert "ResNet-18: torchvision is not installed." in missing.proto.help
    assert config_on(page) == MapsConfig()


#: Settings of one stage alone, which a walk through the groups of the rail does not come to.
ONLY = {
    "deletion": ("way", "filling", "methods"),
    "study": ("num_images", "shift", "mark"),
    "sanity": ("independent", "methods"),
    "training": ("num_train", "num_epochs", "lr"),
}


@pytest.mark.slow
@pytest.mark.parametrize("stage", ONLY)
def test_every_extreme_of_a_stages_own_settings_has_a_page(
    open_page: OpenPage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setitem(REFUSED, (f"{SLUG}.methods", ()), "methods is empty: choose at least one")
    walk = Walk(opened(open_page, **STAGES[stage]), caplog)
    walk.seen.update(all_controls_of(walk.page))
    for name in ONLY[stage]:
        walk.stretch(f"{SLUG}.{name}")
    assert walk.failures == []
