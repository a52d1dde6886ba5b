"""A sweep is many races at once, and its best rates are what theory says where there is a theory."""

import dataclasses

import numpy as np
import pytest

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.rates import default_rates, sweep, with_best_rates

NOISY = RaceConfig(
    surface="logistic", x0=-2, y0=4, optimizers=tuple(OPTIMIZERS), num_steps=40, batch_size=32, noise=0.1
)


def test_the_default_rates_are_evenly_spaced_from_1e_4_to_10() -> None:
    rates = default_rates()
    assert (rates[0], rates[-1], len(rates)) == (1e-4, 10, 33)
    np.testing.assert_allclose(np.diff(np.log(rates)), np.log(1e5) / 32, rtol=0.03)


def test_a_sweep_is_many_races_at_once() -> None:
    lrs = np.array([0.003, 0.1, 2.0])
    result = sweep(NOISY, lrs)
    x, y = NOISY.make_surface().minima[0]
    lowest = race(dataclasses.replace(NOISY, x0=x, y0=y, num_steps=1)).loss[0, 0]
    for i, lr in enumerate(lrs):
        alone = race(dataclasses.replace(NOISY, lr=lr))
        np.testing.assert_allclose(result.final_loss[:, i], alone.loss[-1] - lowest, rtol=0, atol=1e-9)


def test_the_best_rate_has_the_lowest_loss() -> None:
    result = sweep(NOISY)
    for k, name in enumerate(NOISY.optimizers):
        assert result.final_loss[k, list(result.lrs).index(result.best[name])] == result.final_loss[k].min()


@pytest.mark.parametrize("condition", [20.0, 50.0, 100.0])
def test_gradient_descents_best_rate_is_two_over_the_sum_of_the_extreme_curvatures(condition: float) -> None:
    best = 2 / (1 + condition)
    config = RaceConfig(optimizers=("sgd",), condition=condition, x0=100, y0=1, num_steps=200)
    assert sweep(config, best * np.array([0.7, 0.9, 1.0, 1.02, 1.1])).best["sgd"] == pytest.approx(best)


def test_a_rate_that_diverges_has_an_infinite_loss() -> None:
    result = sweep(RaceConfig(optimizers=("sgd", "momentum"), num_steps=300), np.array([0.05, 0.11, 0.25]))
    np.testing.assert_array_equal(np.isinf(result.final_loss), [[False, True, True], [False, False, True]])
    assert (result.final_loss >= 0).all()
    assert result.best["sgd"] == 0.05


def test_among_rates_that_solve_it_the_fastest_is_best() -> None:
    config = RaceConfig(optimizers=("sgd",), condition=1, x0=1, y0=1, num_steps=1000)
    result = sweep(config, np.array([0.1, 0.8, 1.5]))  # shrinks by 0.9, by 0.2, by 0.5 a step
    assert (result.final_loss < 1e-12).all()
    assert result.best["sgd"] == 0.8


def test_where_every_rate_diverges_the_smallest_is_named() -> None:
    result = sweep(RaceConfig(optimizers=("sgd",), num_steps=500), np.array([5.0, 0.3]))
    assert np.isinf(result.final_loss).all()
    assert result.best["sgd"] == 0.3


def test_a_surface_without_a_minimum_counts_from_the_lowest_point_reached() -> None:
    config = RaceConfig(surface="formula", formula="x + y", x0=0, y0=0, optimizers=("sgd", "adam"), num_steps=10)
    result = sweep(config, np.array([0.1, 1.0]))
    np.testing.assert_allclose(result.final_loss, [[18, 0], [18, 0]], atol=1e-6)
    assert result.best == {"sgd": 1.0, "adam": 1.0}


def test_the_race_with_best_rates_keeps_everything_else() -> None:
    config = RaceConfig(rates="best", hyper=(("adam.beta1", 0.8), ("sgd.lr", 0.9)), num_steps=40)
    resolved = with_best_rates(config)
    best = sweep(config).best
    assert {name: resolved.rate_of(name) for name in config.optimizers} == best
    assert resolved == dataclasses.replace(config, rates="own", hyper=resolved.hyper)
    assert resolved.hyper_of("adam")["beta1"] == 0.8
    np.testing.assert_array_equal(race(resolved).w, race(config).w)
