"""Every scene on visual question answering: its claims have tests, its prose fits its card, its run is short."""

import re

import pytest

from dlcore.lessons import Scene
from dlcore.topics.vqa.scenes import SCENES
from dlcore.ui import vqa_rail
from dlcore.ui.vqa_stages import stage_of
from tests.topics.scene_claims import check_card, check_different, check_places, proven
from tests.topics.vqa.claims import BY_KEY, config, controls_of

LONGEST_RUN = 61  # frames


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("vqa/test_claims_*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0].key == "opening"
    assert SCENES[0].values == ()


def test_every_view_has_a_scene() -> None:
    assert {vqa_rail.shown(controls_of(key)) for key in BY_KEY} == vqa_rail.FREE.keys()
    assert {controls_of(key)["view"] for key in BY_KEY} == vqa_rail.VIEWS.keys()


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_card(scene)


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    check_places(SCENES)


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scene_sets_controls_that_there_are_to_what_they_can_be(key: str) -> None:
    values = dict(BY_KEY[key].values)
    assert values.keys() <= vqa_rail.DEFAULTS.keys()
    assert {*BY_KEY[key].tries} <= vqa_rail.DEFAULTS.keys()
    for view, parts in vqa_rail.SUBVIEWS.items():
        assert controls_of(key)[view] in parts


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scenes_run_is_short_and_its_tab_is_one_of_its_stage(key: str) -> None:
    stage = stage_of(config(key), "fine", "")
    assert 2 <= stage.num_frames <= LONGEST_RUN
    assert controls_of(key)["tab"] in {view.key for view in stage.views}


@pytest.mark.parametrize("key", BY_KEY)
def test_the_tabs_that_a_scene_speaks_of_are_there(key: str) -> None:
    said = re.findall(r"tab ([A-Z][a-z]+(?: [a-z]+)*)", f"{BY_KEY[key].why} {BY_KEY[key].look}")
    titles = [view.title for view in stage_of(config(key), "fine", "").views]
    for words in said:
        assert any(words.startswith(title) for title in titles), (words, titles)


@pytest.mark.parametrize("key", BY_KEY)
def test_where_the_run_answers_the_question_it_waits_for_the_reader(key: str) -> None:
    """What takes long is not begun before the reader has guessed; the others begin with a frame that tells less."""
    many = vqa_rail.shown(controls_of(key)) not in vqa_rail.ASKING
    assert BY_KEY[key].waits == many
