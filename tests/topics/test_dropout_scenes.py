"""Every scene of the lesson on dropout: its claims have tests, its prose fits its card."""

import pytest

from dlcore.lessons import Scene
from dlcore.topics.dropout_config import FRAMES, MasksConfig
from dlcore.topics.dropout_scenes import OPENING, SCENES
from tests.topics.dropout_claims import BY_KEY, layer_of, training_of, view_of
from tests.topics.scene_claims import check_card, check_different, proven


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_dropout_claims*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0] is OPENING
    assert OPENING.values == ()


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_card(scene)


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scenes_run_is_short_enough_to_be_watched(key: str) -> None:
    frames = layer_of(key).num_masks if view_of(key) == "scaling" else len(training_of(key).steps)
    assert 50 <= frames <= 1.4 * FRAMES
    assert MasksConfig().num_masks <= 1.4 * FRAMES
