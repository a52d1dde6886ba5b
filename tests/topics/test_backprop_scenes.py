"""Every scene of the lesson on backpropagation: its claims have tests, its prose fits, its settings run."""

import re

import numpy as np
import pytest

from dlcore.lessons import Scene
from dlcore.topics.backprop_scenes import OPENING, SCENES
from tests.topics.backprop_claims import BY_KEY, DEEP, WALKS, config_of, deep, trained, walked
from tests.topics.scene_claims import check_different, check_prose, proven

LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_ANSWER = 110, 30, 260  # on a card of two lines


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_backprop_claims*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0] is OPENING
    assert OPENING.values == ()


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_prose(scene)
    assert len(scene.question) <= LONGEST_QUESTION
    assert max(map(len, scene.choices)) <= LONGEST_CHOICE
    assert len(f"{scene.why} {scene.look}") <= LONGEST_ANSWER


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scenes_numbers_have_a_real_minus_sign(scene: Scene) -> None:
    text = " ".join((scene.question, *scene.choices, scene.why, scene.look))
    assert re.search(r"(?<![A-Za-z])-\d", text) is None


@pytest.mark.parametrize("key", WALKS)
def test_a_walk_begins_where_its_scene_says_and_ends_in_order_or_says_why(key: str) -> None:
    walk, config = walked(key), config_of(key)
    assert walk.updates[0] == config.updates
    assert bool(walk.problem) == (key == "not-a-number")
    assert walk.problem or {"data", "forward", "loss", "backward", "step"} <= set(walk.phases)
    assert max(trained(key, config.updates).loss) < 10


@pytest.mark.parametrize("key", DEEP)
def test_what_is_measured_by_depth_is_finite_in_every_layer(key: str) -> None:
    trace = deep(key, 0)
    for measured in (trace.a, trace.dead, trace.grad_z, trace.grad_w):
        assert np.isfinite(measured).all()
    assert trace.a.shape[-1] == 20
