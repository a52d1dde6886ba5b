"""Every scene on adversarial examples: its claims have tests, its prose fits its card, its run is short."""

import re

import pytest

from dlcore.figures.adversarial_sheet import Look
from dlcore.lessons import Scene
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.ui import adversarial_rail
from dlcore.ui.adversarial_stages import stage_of
from tests.topics.adversarial.claims import BY_KEY, config, controls_of
from tests.topics.scene_claims import check_card, check_different, check_places, proven

LONGEST_RUN = 61  # frames


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("adversarial/test_claims_*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)
    assert len({(config(key), controls_of(key)["tab"]) for key in BY_KEY}) == len(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0].key == "opening"
    assert SCENES[0].values == ()


def test_every_view_has_a_scene_and_of_the_parts_all_but_the_plane() -> None:
    stages = {adversarial_rail.shown(controls_of(key)) for key in BY_KEY}
    assert {controls_of(key)["view"] for key in BY_KEY} == adversarial_rail.VIEWS.keys()
    assert adversarial_rail.FREE.keys() - stages == {"plane"}


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_card(scene)


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    check_places(SCENES)


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scene_sets_controls_that_there_are_to_what_they_can_be(key: str) -> None:
    values = dict(BY_KEY[key].values)
    assert values.keys() <= adversarial_rail.DEFAULTS.keys()
    assert {*BY_KEY[key].tries} <= adversarial_rail.DEFAULTS.keys()
    assert [name for name, value in values.items() if value == adversarial_rail.DEFAULTS[name] and name != "tab"] == []
    assert controls_of(key)["view"] in adversarial_rail.VIEWS
    for view, parts in adversarial_rail.SUBVIEWS.items():
        assert controls_of(key)[view] in parts
    assert controls_of(key)["epsilon"] in adversarial_rail.EPSILONS
    assert controls_of(key)["most"] in adversarial_rail.RANGES


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scenes_run_is_short_and_its_tab_is_one_of_its_stage(key: str) -> None:
    stage = stage_of(config(key), Look())
    assert 5 <= stage.num_frames <= LONGEST_RUN
    assert controls_of(key)["tab"] in {view.key for view in stage.views}


@pytest.mark.parametrize("key", BY_KEY)
def test_the_tabs_that_a_scene_speaks_of_are_there(key: str) -> None:
    said = re.findall(r"tab ([A-Z][a-z]+(?: [a-z]+)?)", f"{BY_KEY[key].why} {BY_KEY[key].look}")
    titles = {view.title for view in stage_of(config(key), Look()).views}
    for words in said:
        assert {words, words.split()[0]} & titles, words


@pytest.mark.parametrize("scene", SCENES[1:], ids=[*BY_KEY][1:])
def test_a_question_is_put_before_the_run_shows_its_answer(scene: Scene) -> None:
    assert scene.waits
    assert "answer" in scene.lead or "Predict" in scene.lead
