"""What the scenes on rates, step lengths and schedules say happens, and how much; in which neighbourhood it holds."""

import dataclasses
from functools import cache

import numpy as np
import pytest
import torch

from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.equations import equations
from dlcore.topics.landscape import hessian
from dlcore.topics.rates import Sweep, sweep
from dlcore.topics.stability import highest_rate, sharpness
from tests.topics.optimizers_claims import (
    BOWL_STARTS,
    BY_KEY,
    answer,
    claim,
    column,
    config_of,
    lengths,
    order,
    run,
    runs,
    says,
)


@claim("opening")
def test_at_the_same_rate_adam_is_last_from_every_start() -> None:
    says("opening", "η = 0.05", "150 steps", "8 units", "Adam comes last")
    for trace in runs("opening", BOWL_STARTS):
        assert order(trace)[-1] == "Adam"
        rest = np.delete(trace.distance[-1], trace.optimizers.index("adam"))
        assert trace.distance[-1, trace.optimizers.index("adam")] > 3 * rest.max()


@claim("opening")
def test_no_step_of_adam_is_longer_than_the_rate_in_any_coordinate() -> None:
    assert answer("opening") == "Its steps are at most η long"
    says("opening", "longer than 0.05 in x or y", "150 × 0.05 is less than 8")
    assert abs(run("opening").w[0, 0, 0]) == 8 > 150 * 0.05
    for trace in runs("opening", BOWL_STARTS):
        steps = np.abs(column(trace, "adam", trace.delta)[:-1])
        assert 0.99 * 0.05 < steps.max() <= 0.05
        # ... and in x, where the way is long, they keep their length while SGD's shrink a thousandfold.
        assert steps[:100, 0].min() > 0.4 * 0.05
        sgd = np.abs(column(trace, "sgd", trace.delta)[:-1, 0])
        assert sgd[0] > 1000 * sgd[-1]


@claim("opening")
def test_the_first_steps_at_the_same_rate_differ_twentyfold() -> None:
    says("opening", "SGD moves 1.55, Adam 0.07")
    trace = run("opening")
    assert (f"{lengths(trace, 'sgd')[0]:.2f}", f"{lengths(trace, 'adam')[0]:.2f}") == ("1.55", "0.07")


@claim("below")
def test_below_two_over_the_curvature_it_zigzags_and_arrives() -> None:
    says("below", "λ = 20", "2/λ = 0.1", "η = 0.099", "−0.98")
    config = config_of(BY_KEY["below"])
    curvature = hessian(config.make_surface(), torch.zeros(1, 2, dtype=torch.float64))[0]
    assert torch.linalg.eigvalsh(curvature).tolist() == [1, 20]
    assert highest_rate(20.0) == pytest.approx(0.1)
    assert answer("below") == "It zigzags and still arrives"
    for trace in runs("below", BOWL_STARTS):
        y, distance = trace.w[:, 0, 1], trace.distance[:, 0]
        np.testing.assert_allclose(y[1:] / y[:-1], 1 - 0.099 * 20, rtol=1e-9)
        assert pytest.approx(-0.98) == 1 - 0.099 * 20
        assert distance[-1] < 0.05 * abs(y[0])
    limit = np.asarray(highest_rate(sharpness(config.make_surface(), run("below").w[:, 0])))
    assert ((limit > 0.099) & (limit < 0.1011)).all()


@claim("above")
def test_above_two_over_the_curvature_it_flies_away() -> None:
    says("above", "η = 0.11", "2/λ = 0.1", "−1.2", "a fifth longer", "a tenth above")
    assert answer("above") == "It flies away"
    for trace in runs("above", BOWL_STARTS):
        step, what = trace.diverged["sgd"]
        assert 80 < step < 120
        assert what == "w"
        finite = trace.w[:step, 0]
        np.testing.assert_allclose(finite[1:, 1] / finite[:-1, 1], -1.2, rtol=1e-9)
        moves = np.abs(trace.delta[: step - 1, 0])
        np.testing.assert_allclose(moves[1:, 1] / moves[:-1, 1], 1.2, rtol=1e-9)
        np.testing.assert_allclose(finite[1:, 0] / finite[:-1, 0], 0.89, rtol=1e-9)  # along x all is well


@claim("above")
def test_above_two_over_the_curvature_the_distance_shrinks_at_first_and_the_loss_never_does() -> None:
    says("above", "distance shrinks at first", "loss grows from the first step")
    for trace in runs("above", [(-8, 1.5), (-9, 1.5), (-7, 1.5), (8, 1.5), (-8, -1.4), (8.5, -2), (-8, 1.6)]):
        step = trace.diverged["sgd"][0]
        assert trace.distance[3, 0] < 0.9 * trace.distance[0, 0]
        assert (np.diff(trace.loss[:step, 0]) > 0).all()


@claim("first-step")
def test_adams_first_step_is_the_rate_whatever_the_gradient() -> None:
    says("first-step", "(−8, 30)", "η = 0.05")
    trace = run("first-step")
    assert trace.g[0, 0].tolist() == [-8, 30]
    assert answer("first-step") == "0.05 in x and 0.05 in y"
    np.testing.assert_allclose(column(trace, "sgd", trace.delta)[0], [0.4, -1.5])  # the wrong answer is SGD's
    for x0, y0 in [*BOWL_STARTS, (0.001, -4), (10, 1e-4)]:
        start = run("first-step", x0=float(x0), y0=float(y0))
        first = column(start, "adam", start.delta)[0]
        np.testing.assert_allclose(first, -0.05 * np.sign([x0, y0]), rtol=1e-4)


@claim("first-step")
def test_without_bias_correction_adams_first_step_is_three_times_as_long() -> None:
    trace = run("first-step", **{"adam.correct": 0.0})
    expected = 0.05 * 0.1 / 0.001**0.5  # η (1 − β₁)/√(1 − β₂)
    np.testing.assert_allclose(np.abs(column(trace, "adam", trace.delta)[0]), expected, rtol=1e-6)
    assert 3.1 < expected / 0.05 < 3.2
    assert any("m_hat" in line for line in equations(config_of(BY_KEY["first-step"]), "adam"))


@claim("adagrad")
def test_adagrad_is_not_half_way_yet_when_rmsprop_has_arrived() -> None:
    says("adagrad", "η = 0.1", "300 steps")
    assert answer("adagrad") == "Not half-way yet"
    for trace in runs("adagrad", BOWL_STARTS):
        made = 1 - trace.distance[-1] / trace.distance[0]
        assert made[trace.optimizers.index("rmsprop")] > 0.999
        assert 0.3 < made[trace.optimizers.index("adagrad")] < 0.5


@claim("adagrad")
def test_adagrads_memory_only_grows_and_its_steps_shrink() -> None:
    for trace in runs("adagrad", BOWL_STARTS):
        memory = trace.buffers["adagrad.v"]
        assert (np.diff(memory, axis=0) >= 0).all()
        shrinking = np.abs(column(trace, "adagrad", trace.delta)[:-1, 0])
        assert (np.diff(shrinking) < 0).all()
        assert shrinking[0] > 10 * shrinking[-1]
        forgetting = trace.buffers["rmsprop.v"]
        assert (forgetting[-1] < 0.7 * forgetting.max(axis=0)).all()


@claim("adagrad")
def test_a_larger_rate_would_help_adagrad() -> None:
    config = config_of(BY_KEY["adagrad"])
    result = sweep(config)
    assert result.best["adagrad"] > 10 * config.lr
    assert run("adagrad", lr=3.0).distance[-1, 0] < 1e-6


@claim("decay")
def test_with_decay_it_ends_hundreds_of_times_farther() -> None:
    says("decay", "0.05/(1 + 0.1 t)", "0.004")
    assert answer("decay") == "Hundreds of times farther"
    constant = run("decay", schedule="constant")
    assert f"{constant.distance[-1, 0]:.3f}" == "0.004"
    starts = [*BOWL_STARTS, (-5, 2)]
    for x0, y0 in starts:
        slow = run("decay", x0=float(x0), y0=float(y0))
        steady = run("decay", x0=float(x0), y0=float(y0), schedule="constant")
        assert 200 < slow.distance[-1, 0] / steady.distance[-1, 0] < 1000
        assert slow.norm[-1, 0] > 0.2 * slow.norm[20, 0]  # the slope is not zero, but the curve is flat
        assert slow.loss[-1, 0] > 0.8 * slow.loss[-30, 0]
    rates = run("decay").lr[:, 0]
    np.testing.assert_allclose(rates, 0.05 / (1 + 0.1 * np.arange(len(rates))))


@claim("decay")
def test_the_sum_of_the_decayed_rates_grows_like_a_logarithm() -> None:
    sums = np.cumsum(run("decay", num_steps=1000).lr[:, 0])
    for t in (100, 200, 400, 800):
        assert sums[t] == pytest.approx(0.5 * np.log(1 + 0.1 * t), abs=0.06)  # 0.05/0.1 · ln(1 + κt)


@claim("two-forms")
def test_when_the_rate_falls_the_lectures_form_coasts_on() -> None:
    says("two-forms", "step 20", "a tenth")
    assert answer("two-forms") == "The lecture's form"
    for trace in runs("two-forms", BOWL_STARTS):
        torchs, lectures = (column(trace, name, trace.w) for name in ("momentum", "momentum-lecture"))
        np.testing.assert_allclose(torchs[:21], lectures[:21], atol=1e-12)  # until then the paths are one
        assert trace.lr[20, 0] == pytest.approx(trace.lr[19, 0] / 10)
        before, after = lengths(trace, "momentum")[19:21]
        assert after < 0.2 * before  # brakes at once
        assert lengths(trace, "momentum-lecture")[20] > 0.7 * before
        coasted = {name: lengths(trace, name)[20:].sum() for name in trace.optimizers}
        assert coasted["momentum-lecture"] > 2 * coasted["momentum"]


FAIR_STARTS = [(-1.2, 1), (-1.1, 1), (-1.3, 1), (-1.2, 1.1), (-1.2, 0.9), (-1, 1), (-1.4, 1), (-1.2, 1.2), (-1.2, 0.8)]


@cache
def fair(x0: float, y0: float) -> tuple[RaceConfig, Sweep, RaceTrace]:
    """The scene from this start: its settings, its sweep, and the race at the sweep's best rates."""
    config = config_of(BY_KEY["fair"], x0=float(x0), y0=float(y0))
    result = sweep(config)
    own = tuple((f"{name}.lr", rate) for name, rate in result.best.items())
    return config, result, race(dataclasses.replace(config, rates="own", hyper=own))


@claim("fair")
def test_each_at_its_own_best_rate_sgd_ends_over_ten_times_higher_than_the_other_two() -> None:
    says("fair", "300 gradients", "over 10 times lower")
    assert answer("fair") == "SGD far behind the other two"
    for start in FAIR_STARTS:
        _, _, trace = fair(*start)
        sgd, momentum, adam = (column(trace, name, trace.loss)[-1] for name in ("sgd", "momentum", "adam"))
        assert sgd > 10 * max(momentum, adam), (start, sgd, momentum, adam)
        assert order(trace)[-1] == "SGD"


@claim("fair")
def test_who_of_the_two_wins_changes_with_the_start() -> None:
    says("fair", "who of the two wins changes with the start")
    winners = [order(fair(*start)[2])[0] for start in FAIR_STARTS]
    assert min(winners.count("Momentum"), winners.count("Adam")) >= 2


@claim("fair")
def test_sgds_best_rate_is_below_two_over_the_curvature_of_the_walls() -> None:
    for start in FAIR_STARTS:
        config, result, trace = fair(*start)
        limit = np.asarray(highest_rate(sharpness(config.make_surface(), column(trace, "sgd", trace.w)[-100:])))
        assert 0.2 * limit.max() < result.best["sgd"] < 2 * limit.max()
        assert result.final_loss[0, result.lrs > 4 * limit.max()].min() > result.final_loss[0].min() * 5


@claim("fair")
def test_in_the_fair_race_everyone_has_the_same_budget_and_its_own_rate() -> None:
    _, result, own = fair(-1.2, 1)
    trace = run("fair")
    assert trace.samples[-1] == 300
    assert trace.lr[0].tolist() == [result.best[name] for name in trace.optimizers]
    np.testing.assert_array_equal(trace.w, own.w)
    assert not trace.diverged


@claim("fair")
def test_adam_needs_the_least_tuning() -> None:
    # Widths, in rates of the sweep that lower the loss a hundredfold and more; each of 33 a factor of 1.43.
    for start in FAIR_STARTS:
        config, result, trace = fair(*start)
        good = dict(zip(config.optimizers, (result.final_loss < trace.loss[0, 0] / 100).sum(axis=1), strict=True))
        assert good["adam"] >= 1.3 * max(good[name] for name in good if name != "adam"), (start, good)
