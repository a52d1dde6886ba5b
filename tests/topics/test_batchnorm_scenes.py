"""Every scene of the lesson on batch norm: its claims have tests, its prose fits, its settings can be."""

import re

import pytest

from dlcore.lessons import Scene
from dlcore.topics.batchnorm_runs import DeepConfig, RatesConfig, SizesConfig
from dlcore.topics.batchnorm_scenes import RUNS, SCENES, TRANSFORM
from tests.topics.batchnorm_claims import BY_KEY, TRAINED, config_of, runs_of, values_of
from tests.topics.scene_claims import check_different, check_prose, proven

LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_ANSWER = 110, 32, 260  # on a card of two lines


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_batchnorm_claims*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)
    assert len({config_of(scene.key) for scene in TRANSFORM}) == len(TRANSFORM)
    assert len({runs_of(key) for key in TRAINED}) == len(RUNS)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0].values == ()


def test_all_live_views_have_a_scene() -> None:
    assert {type(runs_of(key)) for key in TRAINED} == {DeepConfig, RatesConfig, SizesConfig}


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_prose(scene)
    assert len(scene.question) <= LONGEST_QUESTION
    assert max(map(len, scene.choices)) <= LONGEST_CHOICE
    assert len(f"{scene.why} {scene.look}") <= LONGEST_ANSWER


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_names_only_controls_that_there_are(scene: Scene) -> None:
    known = set(values_of("transform"))
    assert set(dict(scene.values)) | set(scene.tries) <= known
    text = " ".join((scene.question, *scene.choices, scene.why, scene.look))
    assert re.search(r"(?<![A-Za-z])-\d|\dx\d|\d\*\d", text) is None  # a real minus sign, a real times


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    places = [scene.answer for scene in SCENES]
    assert {0, 1, 2} == set(places)
