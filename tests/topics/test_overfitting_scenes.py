"""Every scene of the lesson on overfitting: its claims have tests, its prose fits, its settings are possible."""

import dataclasses

import pytest

from dlcore.lessons import Scene
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_scenes import OPENING, SCENES
from tests.topics.overfitting_claims import BY_KEY, config_of
from tests.topics.scene_claims import check_different, check_fit, proven


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_overfitting_claims*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0] is OPENING
    assert config_of("opening") == OverfittingConfig()


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_fit(scene)


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_differs_from_the_opening_in_all_that_it_sets(scene: Scene) -> None:
    opening = {**dataclasses.asdict(OverfittingConfig()), "view": ""}
    config = {**dataclasses.asdict(config_of(scene.key)), "view": dict(scene.values).get("view", "")}
    assert [name for name, _ in scene.values if config[name] == opening[name]] == []
