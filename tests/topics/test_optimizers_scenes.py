"""Every scene of the lesson on optimizers: its claims have tests, its prose is whole, its program walks its paths."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from dlcore.lessons import Scene
from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.programs import program
from dlcore.topics.rates import with_best_rates
from tests.topics.optimizers_claims import BY_KEY, config_of
from tests.topics.scene_claims import check_different, check_prose, proven


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert proven("test_scene_claims_*.py") == set(BY_KEY)


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    check_different(SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers(scene: Scene) -> None:
    check_prose(scene)


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scenes_settings_can_be_and_start_inside_the_picture(scene: Scene) -> None:
    config = config_of(scene)
    x_min, x_max, y_min, y_max = config.make_surface().bounds
    assert x_min < config.x0 < x_max
    assert y_min < config.y0 < y_max


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_the_program_shown_walks_the_scenes_paths(scene: Scene) -> None:
    config = config_of(scene)
    trace = race(config)
    scope: dict[str, Any] = {}
    exec(compile(program(config, config.make_surface()), scene.key, "exec"), scope)
    assert list(scope["paths"]) == list(config.optimizers)
    for k, name in enumerate(config.optimizers):
        last = trace.diverged.get(name, (len(trace.w), ""))[0]  # beyond 1e8 the page stops, the program does not
        assert last > 50 or last == len(trace.w)
        path = scope["paths"][name].numpy()
        assert path.shape == (config.num_steps + 1, 2)
        allowed = 1e-9 * np.maximum(1, np.abs(trace.w[:last, k])) + 2 * trembling(config)[:last, k, None]
        assert (np.abs(path[:last] - trace.w[:last, k]) <= allowed).all(), name
        assert np.median(allowed) < 1e-8 * np.nanmax(np.abs(trace.w[:last, k])), name


@cache
def trembling(config: RaceConfig) -> np.ndarray:
    """How far the paths move by where the start's last bit changes, (F, K): in chaos a program may differ as much."""
    if config.rates == "best":
        config = with_best_rates(config)
    trace = race(config)
    moved = []
    for x, y in ((np.inf, np.inf), (np.inf, -np.inf), (-np.inf, np.inf), (-np.inf, -np.inf)):
        x0, y0 = (float(np.nextafter(at, to)) for at, to in ((config.x0, x), (config.y0, y)))
        moved.append(np.abs(race(dataclasses.replace(config, x0=x0, y0=y0)).w - trace.w).max(axis=-1))
    return np.max(np.nan_to_num(moved), axis=0)
