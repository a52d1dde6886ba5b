"""The basin map against single races, and against maps that can be drawn by hand."""

import dataclasses

import numpy as np
import pytest

from dlcore.topics.basins import BasinConfig, BasinFrame, arrival_radius, basin_frames, basin_map
from dlcore.topics.descent import race
from dlcore.topics.surfaces import make_surface


def test_gradient_descent_from_a_saddle_goes_to_its_own_side() -> None:
    result = basin_map(BasinConfig(surface="saddle", optimizer="sgd", lr=0.1, size=21, num_steps=200))
    side = np.broadcast_to(np.sign(result.y.round(9))[:, None], (21, 21))
    reached = np.where(result.index >= 0, np.sign(result.minima[result.index, 1]), 0)
    np.testing.assert_array_equal(reached, side)  # on the ridge y = 0 the pull never comes, and none is reached


@pytest.mark.parametrize(("lr", "share"), [(0.09, 1.0), (0.11, 0.0)])
def test_the_quadratic_is_one_basin_below_two_over_lambda_and_none_above(lr: float, share: float) -> None:
    config = BasinConfig(surface="quadratic", condition=20, optimizer="sgd", lr=lr, size=10, num_steps=200)
    assert (basin_map(config).index == 0).mean() == share


@pytest.mark.parametrize(
    "config",
    [
        BasinConfig(surface="himmelblau", optimizer="momentum", lr=0.01, size=5, num_steps=90),
        BasinConfig(surface="rastrigin", optimizer="adam", lr=0.3, size=5, num_steps=77),  # enters and leaves again
        BasinConfig(surface="quadratic", optimizer="momentum", lr=0.05, size=5, num_steps=63),  # swings through
        BasinConfig(surface="cliff", optimizer="sgd", lr=0.1, clip=1.0, size=5, num_steps=60),
        BasinConfig(surface="beale", optimizer="sgd", lr=0.02, size=5, num_steps=50),  # some diverge
    ],
    ids=lambda config: config.surface,
)
def test_every_cell_is_a_race_from_there(config: BasinConfig) -> None:
    result = basin_map(config)
    radius = arrival_radius(make_surface(config.surface))
    for i, y in enumerate(result.y):
        for j, x in enumerate(result.x):
            path = race(dataclasses.replace(config.race(), x0=float(x), y0=float(y))).w[:, 0]
            distances = np.linalg.norm(path[:, None] - result.minima, axis=-1)  # (steps, minima)
            inside = distances <= radius
            if inside[-1].any():
                index = int(inside[-1].argmax())
                steps = 0 if inside[:, index].all() else int(np.flatnonzero(~inside[:, index])[-1]) + 1
            else:
                index = steps = -1
            assert (result.index[i, j], result.steps[i, j]) == (index, steps)


def test_snapshots_follow_the_run_to_its_end() -> None:
    config = BasinConfig(size=8, num_steps=60)
    snapshots: list[BasinFrame] = list(basin_frames(config))
    assert [snapshot.step for snapshot in snapshots] == list(range(0, 61, 3))
    for snapshot in snapshots:
        assert snapshot.index.dtype == np.int8
        assert snapshot.steps.dtype == np.int16
        assert snapshot.index.shape == snapshot.steps.shape == (8, 8)
        assert ((snapshot.index >= 0) == (snapshot.steps >= 0)).all()
        assert (snapshot.steps <= snapshot.step).all()
        shorter = basin_map(dataclasses.replace(config, num_steps=max(1, snapshot.step)))
        if snapshot.step:
            np.testing.assert_array_equal(snapshot.steps, shorter.steps)
    np.testing.assert_array_equal(snapshots[-1].index, basin_map(config).index)


def test_a_start_on_a_minimum_has_arrived_after_no_step() -> None:
    result = basin_map(BasinConfig(surface="quadratic", optimizer="sgd", lr=0.01, size=3, num_steps=1))
    assert result.steps.tolist() == [[-1, -1, -1], [-1, 0, -1], [-1, -1, -1]]


def test_arrival_is_one_per_cent_of_the_diagonal_but_never_two_minima_at_once() -> None:
    assert arrival_radius(make_surface("himmelblau")) == pytest.approx(0.01 * np.hypot(10, 10))
    for name in ("rastrigin", "ackley", "camel", "saddle"):
        surface = make_surface(name)
        minima = np.array(surface.minima)
        gaps = np.linalg.norm(minima[:, None] - minima, axis=-1)
        assert 2 * arrival_radius(surface) < gaps[gaps > 0].min()


def test_a_formula_without_a_minimum_has_no_basin() -> None:
    result = basin_map(BasinConfig(surface="formula", formula="x + y", size=4, num_steps=5))
    assert (result.index == -1).all()
    assert (result.steps == -1).all()
    assert result.minima.shape == (0, 2)


def test_bad_settings_get_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^size is 1: it must be a whole number from 2 to 200\.$"):
        BasinConfig(size=1)
    with pytest.raises(ValueError, match=r"^optimizers is 'lion'"):
        BasinConfig(optimizer="lion")
    with pytest.raises(ValueError, match=r"^lr is -1"):
        BasinConfig(lr=-1)
