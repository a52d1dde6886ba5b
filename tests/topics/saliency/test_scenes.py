"""Every scene of the lesson on saliency: its claims have tests, its prose fits its card, its run is the lesson's."""

import re

import pytest

from dlcore.figures.saliency_sheet import Display
from dlcore.lessons import Scene
from dlcore.topics.saliency.scenes import LOOK_UP, SCENES
from dlcore.ui import saliency_rail
from dlcore.ui.saliency_stages import stage_of
from tests.topics.saliency.claims import BY_KEY, config, controls_of
from tests.topics.scene_claims import check_card, check_different, check_places, proven

LONGEST_RUN = 130  # frames


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("saliency/test_claims_*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)
    assert len({config(key) for key in BY_KEY}) == len(SCENES)


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0].key == "opening"
    assert SCENES[0].values == ()


def test_every_view_has_a_scene() -> None:
    assert {controls_of(key)["view"] for key in BY_KEY} == saliency_rail.VIEWS.keys()


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_card(scene)


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    check_places(SCENES)


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scene_sets_controls_that_there_are_to_what_they_can_be(key: str) -> None:
    values = dict(BY_KEY[key].values)
    assert values.keys() <= saliency_rail.DEFAULTS.keys()
    assert {*BY_KEY[key].tries} <= saliency_rail.DEFAULTS.keys()
    assert [name for name, value in values.items() if name != "seed" and value == saliency_rail.DEFAULTS[name]] == []
    assert values.get("view", "maps") in saliency_rail.VIEWS
    assert values.get("forming", "samples") in saliency_rail.FORMING
    assert values.get("truth", "study") in saliency_rail.TRUTH


@pytest.mark.parametrize("key", BY_KEY)
def test_a_scenes_run_is_short_and_its_tab_is_one_of_its_stage(key: str) -> None:
    stage = stage_of(config(key), Display())
    assert 8 <= stage.num_frames <= LONGEST_RUN or key in ("study", "finders")
    assert config(key).num_frames == stage.num_frames
    if "tab" in dict(BY_KEY[key].values):
        assert controls_of(key)["tab"] in {view.key for view in stage.views}


@pytest.mark.parametrize("key", BY_KEY)
def test_the_tabs_that_a_scene_speaks_of_are_there(key: str) -> None:
    said = re.findall(r"tab ([A-Z][a-z]+(?: [a-z]+)?)", f"{BY_KEY[key].why} {BY_KEY[key].look}")
    titles = {view.title for view in stage_of(config(key), Display()).views}
    for words in said:
        assert {words, words.split()[0]} & titles, words


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_where_one_looks_at_once_nothing_has_to_be_played(scene: Scene) -> None:
    assert (scene.lead == LOOK_UP) <= (controls_of(scene.key)["view"] == "maps")
