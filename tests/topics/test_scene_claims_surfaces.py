"""What the scenes on ravine, saddle, cliff and batches say happens, and how much; in which neighbourhood it holds."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.topics.batches import batch_race
from dlcore.topics.equations import substitutions
from dlcore.topics.landscape import gradient, hessian
from dlcore.topics.optimizers import OPTIMIZERS
from tests.topics.optimizers_claims import (
    BOWL_STARTS,
    BY_KEY,
    answer,
    claim,
    column,
    config_of,
    lengths,
    run,
    runs,
    says,
)

SEEDS = range(16)


@claim("ravine")
def test_in_the_ravine_momentum_is_over_a_hundred_times_nearer() -> None:
    says("ravine", "1 and 50", "η = 0.02", "150 steps", "√0.9", "0.98")
    assert answer("ravine") == "Over 100 times nearer"
    config = config_of(BY_KEY["ravine"])
    curvature = hessian(config.make_surface(), torch.zeros(1, 2, dtype=torch.float64))[0]
    assert torch.linalg.eigvalsh(curvature).tolist() == [1, 50]
    for trace in runs("ravine", BOWL_STARTS):
        sgd, momentum = (column(trace, name, trace.distance)[-1] for name in ("sgd", "momentum"))
        assert sgd > 250 * momentum


@claim("ravine")
def test_in_the_ravine_the_slow_direction_shrinks_by_the_root_of_mu() -> None:
    long = run("ravine", num_steps=400)
    x = column(long, "sgd", long.w)[:, 0]
    np.testing.assert_allclose(x[1:] / x[:-1], 0.98, rtol=1e-9)
    peaks = np.abs(column(long, "momentum", long.w)[:, 0])  # it swings, so the rate is that of its envelope
    first, last = peaks[50:100].max(), peaks[350:400].max()
    assert (last / first) ** (1 / 300) == pytest.approx(0.9**0.5, rel=2e-3)
    assert (column(long, "momentum", long.w)[:, 0] > 0.1).any()  # overshoots: it started at x < 0


SADDLE_STARTS = [
    (-3, 0.001),
    (-2, 0.001),
    (-3.5, 0.001),
    (3, 0.001),
    (-3, -0.001),
    (-3, 0.0005),
    (-3, 0.002),
    (-1, 0.003),
]


@claim("saddle")
def test_rmsprop_leaves_the_saddle_first_and_sgd_last() -> None:
    says("saddle", "0.001 off the ridge")
    trace = run("saddle")
    assert trace.w[0, 0, 1] == 0.001
    assert abs(trace.g[0, 0, 1]) < 0.0011 < 0.001 * abs(trace.g[0, 0, 0])  # on the ridge the slope in y is tiny
    for trace in runs("saddle", SADDLE_STARTS):
        gone = np.abs(trace.w[:, :, 1]) > 1
        left = dict(zip(trace.optimizers, np.where(gone.any(axis=0), gone.argmax(axis=0), len(gone)), strict=True))
        assert OPTIMIZERS[min(left, key=left.__getitem__)].title == answer("saddle") == "RMSProp"
        assert left["rmsprop"] <= 3 < 15 <= left["adam"] <= 25 < left["momentum"] < 50 < 100 < left["sgd"]


@claim("saddle")
def test_a_tiny_slope_counts_as_much_as_a_steep_one_for_rmsprop() -> None:
    trace = run("saddle")
    first = np.abs(column(trace, "rmsprop", trace.delta)[0])
    np.testing.assert_allclose(first, first[0], rtol=1e-4)
    assert first[0] == pytest.approx(0.5, rel=1e-4)  # 10 η: its average of g² starts at zero, uncorrected
    assert abs(trace.g[0, 0, 0]) > 2000 * abs(trace.g[0, 0, 1])


@claim("saddle")
def test_at_the_saddle_sgds_distance_is_a_long_plateau() -> None:
    for trace in runs("saddle", SADDLE_STARTS[:5]):
        distance = column(trace, "sgd", trace.distance)
        level = np.abs(distance - 10**0.5) < 0.05
        assert level.sum() > 45


#: Not all land on the full slope of the wall: where it is rounded off, over 5 thousandths, the throw is shorter.
CLIFF_STARTS = [(x, y) for x in (2.2, 2.4, 2.5, 2.6, 2.7, 3.0) for y in (-1.5, 1.0, 1.5, 2.0)]


@claim("cliff")
def test_one_step_at_the_wall_throws_it_far_out() -> None:
    says("cliff", "slope 300", "η = 0.2", "step of 60", "below 1")
    assert answer("cliff") == "One step throws it far out"
    wall = config_of(BY_KEY["cliff"]).make_surface()
    _, g = gradient(wall, torch.tensor([[1.0, 0.0], [2.5, 1.5], [-60.0, 1.5]], dtype=torch.float64))
    assert g[0, 0].item() == pytest.approx(300, rel=0.01)
    assert (g[1:].norm(dim=1) < 1).all()
    x_min, x_max, _, _ = wall.bounds
    for trace in runs("cliff", CLIFF_STARTS):
        steps = lengths(trace, "sgd")
        assert steps.max() == pytest.approx(60, rel=0.01)
        assert np.sort(steps)[-2] < 0.2  # a single one
        assert trace.w[:, 0, 0].min() < x_min - 4 * (x_max - x_min)  # far out of the picture
        assert trace.distance[-1, 0] > 20  # and the way back is long


@claim("clipped")
def test_clipped_it_steps_over_the_wall_and_arrives() -> None:
    says("clipped", "τ = 2", "0.4")
    assert answer("clipped") == "It steps over the wall and arrives"
    cliff, clipped = (config_of(BY_KEY[key]) for key in ("cliff", "clipped"))
    assert dataclasses.replace(cliff, clip=2.0) == clipped  # one thing changed
    for trace in runs("clipped", CLIFF_STARTS):
        assert lengths(trace, "sgd").max() <= 0.4
        assert lengths(trace, "sgd").max() > 0.399
        assert trace.w[0, 0, 0] > 1.2
        assert trace.distance[-1, 0] < 1e-6
        long = trace.norm[:, 0] > 2
        assert 1 <= long.sum() <= 3
        values = substitutions(clipped, trace, "sgd")
        raw, cut = values["raw"][long], values["grad"][long]
        np.testing.assert_allclose(raw[:, 0] * cut[:, 1], raw[:, 1] * cut[:, 0], rtol=1e-9)  # the direction is kept
        assert np.linalg.norm(raw, axis=1).max() > 20


@claim("batches")
def test_for_the_same_samples_the_smallest_batch_gets_nearest_for_every_seed() -> None:
    says("batches", "442 patients", "884 samples", "884 updates", "makes 27", "gradient 2")
    assert config_of(BY_KEY["batches"]).make_surface().num_samples == 442
    for seed in SEEDS:
        result = batch_race(config_of(BY_KEY["batches"], seed=seed))
        assert result.sizes == (1, 32, 0)
        assert result.samples[-1] == 884
        assert result.updates[-1].tolist() == [884, 27, 2]
        one, some, everything = result.distance[-1]
        assert answer("batches") == "1"
        assert one < 0.8 * some < 0.5 * everything, f"seed {seed}: {one:.3f}, {some:.3f}, {everything:.3f}"


@claim("batches")
def test_a_batch_of_one_trembles_and_all_samples_do_not() -> None:
    for seed in SEEDS:
        result = batch_race(config_of(BY_KEY["batches"], seed=seed))
        down = np.diff(result.distance, axis=0) < 0
        assert (np.diff(result.distance[:, 2]) <= 0).all()
        assert 0.3 < down[-100:, 0].mean() < 0.7  # around the minimum it is nearer as often as farther
        assert result.distance[-100:, 0].max() > 2 * result.distance[-100:, 0].min()
