"""Every scene of the lesson on convolution: its claims have tests, its prose fits, its settings run."""

import re

import numpy as np
import pytest

from dlcore.datasets.pictures import PICTURES, picture
from dlcore.lessons import Scene
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution_scenes import OPENING, SCENES
from dlcore.topics.filtering import respond
from dlcore.topics.layer_text import read_layers
from dlcore.topics.stack_checks import compare
from tests.topics.convolution_claims import (
    BY_KEY,
    STACKS,
    WINDOWS,
    config_of,
    filters_of,
    stack_of,
    values_of,
    window,
)
from tests.topics.convolution_claims import (
    PICTURES as PICTURED,
)
from tests.topics.scene_claims import check_different, check_prose, proven

LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_ANSWER = 110, 32, 260  # on a card of two lines
LONGEST_RUN = 200  # frames: at 24 a second it is over before one gets tired of it


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_convolution_claims*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)
    configs = [config_of(key) for key in WINDOWS]
    assert [key for k, key in enumerate(WINDOWS) if configs[k] in configs[:k]] == []


def test_the_opening_scene_is_the_lesson_as_it_opens() -> None:
    assert SCENES[0] is OPENING
    assert OPENING.values == ()


def test_all_three_views_and_all_directions_have_a_scene() -> None:
    assert all((WINDOWS, PICTURED, STACKS))
    assert {config_of(key).direction for key in WINDOWS} == {"forward", "input", "weight"}


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers_and_fits_its_card(scene: Scene) -> None:
    check_prose(scene)
    assert len(scene.question) <= LONGEST_QUESTION
    assert max(map(len, scene.choices)) <= LONGEST_CHOICE
    assert len(f"{scene.why} {scene.look}") <= LONGEST_ANSWER


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scenes_numbers_have_a_real_minus_sign_and_its_sizes_a_real_times(scene: Scene) -> None:
    text = " ".join((scene.question, *scene.choices, scene.why, scene.look))
    assert re.search(r"(?<![A-Za-z])-\d|\dx\d|\d\*\d", text) is None


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    places = [scene.answer for scene in SCENES]
    assert max(places.count(place) for place in range(3)) <= len(SCENES) / 2


@pytest.mark.parametrize("key", WINDOWS)
def test_a_windows_sums_are_torchs_and_its_run_is_short(key: str) -> None:
    slide = window(key)
    assert np.isfinite(slide.result).all()
    assert np.ptp(slide.result) > 0
    assert slide.result.size <= LONGEST_RUN


@pytest.mark.parametrize("key", PICTURED)
def test_filters_answer_to_their_picture_everywhere(key: str) -> None:
    assert values_of(key)["picture"] in PICTURES
    image = picture(values_of(key)["picture"])
    found = respond(image, filters_of(key).filters().kernels)
    assert found.shape[1:] == image.shape[:2]
    assert (np.abs(found).max(axis=(1, 2)) > 0.1).all()


@pytest.mark.parametrize("key", STACKS)
def test_a_stack_is_the_network_of_the_menu_and_torch_agrees_with_its_table(key: str) -> None:
    network = ARCHITECTURES[values_of(key)["architecture"]]
    assert stack_of(key).layers == read_layers(network.text)
    assert stack_of(key).input == network.input
    assert compare(stack_of(key)).good
