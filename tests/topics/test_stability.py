"""Theory and experiment agree on when a quadratic is descended, and how fast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.stability import highest_rate, measured_rate, rate_map, sharpness, theoretical_rate
from dlcore.topics.surfaces import make_surface


def test_the_quadratic_is_equally_sharp_everywhere() -> None:
    trace = race(RaceConfig(condition=37))
    np.testing.assert_allclose(sharpness(RaceConfig(condition=37).make_surface(), trace.w), 37)


def test_sharpness_is_the_largest_eigenvalue() -> None:
    at_the_minimum = np.array([[1.0, 1.0]])  # where the Hessian is [[802, −400], [−400, 200]]
    expected = np.linalg.eigvalsh([[802.0, -400.0], [-400.0, 200.0]]).max()
    np.testing.assert_allclose(sharpness(make_surface("rosenbrock"), at_the_minimum), [expected])


def test_on_the_saddle_the_downward_direction_does_not_count() -> None:
    assert sharpness(make_surface("saddle"), np.zeros((1, 1, 2))) == pytest.approx(1)


def test_sharpness_of_no_point_is_no_number() -> None:
    points = np.array([[[0.0, 1.0], [np.nan, np.nan]]])
    np.testing.assert_array_equal(np.isnan(sharpness(make_surface("himmelblau"), points)), [[False, True]])


def test_highest_rate() -> None:
    assert highest_rate(20.0) == pytest.approx(0.1)
    assert highest_rate(20.0, 0.9) == pytest.approx(0.19)
    np.testing.assert_array_equal(highest_rate(np.array([4.0, 0.0, -1.0])), [0.5, np.inf, np.inf])


@given(curvature=st.floats(0.01, 100), lr=st.floats(1e-4, 10), mu=st.floats(0, 0.999))
def test_the_rate_is_the_spectral_radius_of_the_companion_matrix(curvature: float, lr: float, mu: float) -> None:
    companion = np.array([[1 + mu - lr * curvature, -mu], [1, 0]])
    radius = np.abs(np.linalg.eigvals(companion)).max()
    # Where two roots meet, they move with the square root of a rounding error.
    assert theoretical_rate([curvature], lr, mu) == pytest.approx(radius, abs=1e-6)


@given(lr=st.floats(1e-4, 1), low=st.floats(0.1, 1), high=st.floats(1, 100))
def test_without_momentum_it_is_the_worst_of_one_minus_lr_lambda(lr: float, low: float, high: float) -> None:
    assert theoretical_rate([low, high], lr) == pytest.approx(max(abs(1 - lr * low), abs(1 - lr * high)))


@given(mu=st.floats(0, 0.99), curvature=st.floats(0.1, 100), times=st.floats(0.01, 3))
def test_theory_converges_exactly_below_the_boundary(mu: float, curvature: float, times: float) -> None:
    rate = theoretical_rate([curvature], times * highest_rate(curvature, mu), mu)
    if abs(times - 1) > 1e-6:
        assert (rate < 1) == (times < 1)


def test_polyaks_settings_give_polyaks_rate() -> None:
    low, high = 1.0, 20.0
    lr = (2 / (np.sqrt(low) + np.sqrt(high))) ** 2
    mu = ((np.sqrt(high) - np.sqrt(low)) / (np.sqrt(high) + np.sqrt(low))) ** 2
    best = (np.sqrt(20) - 1) / (np.sqrt(20) + 1)
    assert theoretical_rate([low, high], lr, mu) == pytest.approx(best, abs=1e-7)
    assert theoretical_rate([low, high], 2 / (low + high)) == pytest.approx((20 - 1) / (20 + 1))


@pytest.mark.parametrize("lr", [0.001, 0.03, 0.07, 0.098, 0.0999])
def test_gradient_descent_shrinks_as_the_theory_says(lr: float) -> None:
    trace = race(RaceConfig(optimizers=("sgd",), lr=lr, x0=1, y0=1, num_steps=400))
    expected = max(abs(1 - lr), abs(1 - lr * 20))
    assert measured_rate(trace.distance)[0] == pytest.approx(expected, abs=1e-3)
    assert measured_rate(trace.loss)[0] == pytest.approx(expected**2, abs=2e-3)


@pytest.mark.parametrize(("lr", "mu"), [(0.02, 0.5), (0.05, 0.9), (0.15, 0.9), (0.1, 0.6)])
def test_the_heavy_ball_shrinks_as_the_theory_says(lr: float, mu: float) -> None:
    config = RaceConfig(optimizers=("momentum",), hyper=(("momentum.mu", mu),), lr=lr, x0=1, y0=1, num_steps=600)
    expected = theoretical_rate([1, 20], lr, mu)
    assert measured_rate(race(config).distance)[0] == pytest.approx(expected, abs=0.01)


def test_a_geometric_series_has_its_ratio() -> None:
    t = np.arange(100)[:, None]
    ratios = np.array([0.5, 0.9, 1.0, 1.1])
    np.testing.assert_allclose(measured_rate(7 * ratios**t), ratios)


def test_what_is_lost_or_only_rounding_is_left_out() -> None:
    series = 0.8 ** np.arange(300.0)
    series[200:] = 1e-17
    assert measured_rate(series) == pytest.approx(0.8)
    series[50:] = np.nan
    assert measured_rate(series) == pytest.approx(0.8)
    assert np.isnan(measured_rate(np.full(10, np.nan)))
    assert np.isnan(measured_rate(np.array([1.0, 0.5])))


def test_the_map_of_rates_agrees_with_the_theory() -> None:
    lrs, mus = np.linspace(0.002, 0.25, 40), np.linspace(0, 0.95, 20)
    result = rate_map((1.0, 20.0), lrs, mus, num_steps=400)
    assert result.measured.shape == result.theory.shape == (20, 40)
    np.testing.assert_allclose(result.theory, theoretical_rate([1, 20], lrs[None], mus[:, None]))
    np.testing.assert_allclose(result.measured, result.theory, atol=0.02)
    assert np.median(np.abs(result.measured - result.theory)) < 1e-3
    clear = np.abs(lrs / result.boundary[:, None] - 1) > 0.02
    np.testing.assert_array_equal((result.measured < 1)[clear], (lrs < result.boundary[:, None])[clear])
    np.testing.assert_allclose(result.boundary, 2 * (1 + mus) / 20)


def test_the_map_is_the_race() -> None:
    result = rate_map((1.0, 20.0), np.array([0.03, 0.12]), np.array([0.5, 0.8]), num_steps=200)
    for m, mu in enumerate((0.5, 0.8)):
        for i, lr in enumerate((0.03, 0.12)):
            trace = race(RaceConfig(optimizers=("momentum",), hyper=(("momentum.mu", mu),), lr=lr, x0=1, y0=1))
            assert result.measured[m, i] == pytest.approx(measured_rate(trace.distance)[0], abs=0.02)


def test_a_map_of_wild_rates_neither_overflows_nor_underflows() -> None:
    result = rate_map((1.0, 20.0), np.array([1e-6, 0.05, 1e3]), np.array([0.0]), num_steps=1000)
    np.testing.assert_allclose(result.measured, result.theory, rtol=1e-3)
