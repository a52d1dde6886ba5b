"""Random directions across a flat boundary: the cap of a sphere, as geometry has it; and how networks compare."""

import math
from statistics import NormalDist

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.device import generator
from dlcore.topics.adversarial import directions
from dlcore.topics.adversarial.directions import (
    DIRECTIONS,
    DOTS,
    TIMES,
    DirectionsConfig,
    frames,
    of_network,
    shadows,
    way_to_boundary,
)
from tests.topics.adversarial.flat_nets import flat

SMALL = DirectionsConfig(most_dimension=128, models=("digits",), num_images=3, num_draws=1000)


def run(config: DirectionsConfig) -> list[dict[str, np.ndarray]]:
    return [{name: np.asarray(value) for name, value in frame.arrays.items()} for frame in frames(config)]


# The cap


@pytest.mark.parametrize("times", [1.0, 1.5, 2.0, 10.0, 256.0])
def test_on_a_circle_it_is_an_arc_and_on_a_sphere_as_high_as_its_share(times: float) -> None:
    assert directions.flat(np.array(2), times) == pytest.approx(math.acos(1 / times) / math.pi)
    assert directions.flat(np.array(3), times) == pytest.approx((1 - 1 / times) / 2)  # Archimedes


def test_in_many_dimensions_it_is_the_tail_of_a_normal_distribution() -> None:
    n, times = 12_288, 60.0
    assert directions.flat(np.array(n), times) == pytest.approx(1 - NormalDist().cdf(math.sqrt(n) / times), rel=0.02)
    assert directions.flat(np.array(n), 4.0) < 1e-160


@pytest.mark.parametrize("n", [2, 3, 50, 1000])
def test_directions_are_as_long_as_one_and_look_everywhere_alike(n: int) -> None:
    found = shadows(4000, n, generator(n))
    assert found.shape == (4000, 2)
    assert float(found.norm(dim=1).max()) <= 1 + 1e-6
    if n == 2:
        torch.testing.assert_close(found.norm(dim=1), torch.ones(4000))
    assert found.mean(dim=0).abs().max() < 4.5 / math.sqrt(4000 * n)
    assert found.square().mean(dim=0) == pytest.approx(1 / n, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_drawn_shares_agree_with_the_cap(seed: int) -> None:
    config = DirectionsConfig(most_dimension=512, models=("digits",), num_images=2, times=3, seed=seed)
    for arrays in run(config):
        share = float(directions.flat(np.array(float(arrays["n"])), 3.0))
        sigma = math.sqrt(share * (1 - share) / config.num_draws) + 1 / config.num_draws
        assert float(arrays["percent.mean"]) / 100 == pytest.approx(share, abs=4.5 * sigma)


# The run


def test_every_dot_lies_in_the_ball_and_those_beyond_the_boundary_are_counted() -> None:
    config = DirectionsConfig(**{**vars(SMALL), "num_draws": DOTS})
    for arrays in run(config):
        along, aside = arrays["along"], arrays["aside"]
        assert along.shape == aside.shape == (DOTS,)
        assert np.hypot(along, aside).max() <= config.times * (1 + 1e-5)
        assert float(arrays["percent.mean"]) == pytest.approx(100 * (along > 1).mean(), abs=1e-4)


def test_a_network_appears_with_its_dimension_and_shares_are_shares() -> None:
    found = run(SMALL)
    assert len(found) == SMALL.num_frames == 7
    known = [bool(np.isfinite(arrays["net.digits.percent.mean"]).all()) for arrays in found]
    assert known == [False] * 5 + [True] * 2
    for part in ("mean", "low", "high"):
        values = found[-1][f"net.digits.percent.{part}"]
        assert values.shape == (len(TIMES),)
        assert 0 <= values.min() <= values.max() <= 100


@pytest.mark.parametrize(("wrong", "said"), [({"times": 0.5}, "times is 0.5"), ({"num_draws": 10}, "num_draws is 10")])
def test_what_cannot_be_is_refused_in_a_sentence(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DirectionsConfig(**wrong)


# Networks


def test_the_way_to_a_flat_boundary_is_found() -> None:
    net = flat(bias=0.3)
    images = torch.rand(8, 1, 8, 8, generator=generator(0))
    labels, weights = net(images).argmax(dim=1), net.get_buffer("weights")
    score = images.flatten(1) @ weights + 0.3
    unit = (weights / weights.norm()).view(1, 1, 8, 8)
    found = way_to_boundary(net, images, labels, -score.sign().view(-1, 1, 1, 1) * unit)
    torch.testing.assert_close(found, score.abs() / weights.norm(), rtol=1e-3, atol=0)


def test_away_from_the_boundary_there_is_none() -> None:
    net = flat(bias=0.3)
    images = torch.rand(4, 1, 8, 8, generator=generator(0))
    labels, weights = net(images).argmax(dim=1), net.get_buffer("weights")
    away = (2.0 * labels - 1).view(-1, 1, 1, 1) * (weights / weights.norm()).view(1, 1, 8, 8)
    assert way_to_boundary(net, images, labels, away).isinf().all()


def test_a_flat_network_is_crossed_as_often_as_geometry_says(monkeypatch: pytest.MonkeyPatch) -> None:
    net = flat(bias=0.3)
    images = torch.rand(200, 1, 8, 8, generator=generator(0))
    monkeypatch.setattr(checkpoints, "network", lambda _: net)
    monkeypatch.setattr(directions, "answered", lambda *_: (images, net(images).argmax(dim=1), None))
    by_chance, attacked = of_network("digits", 200, 1)
    expected = directions.flat(np.array(64), np.array(TIMES, float))
    sigma = np.sqrt(expected * (1 - expected) / (200 * DIRECTIONS)) + 1e-3
    assert np.all(np.abs(by_chance.mean - expected) < 4.5 * sigma)
    assert np.all(attacked.mean[1:] == 1)


@pytest.mark.parametrize("key", ["digits", "plain"])
def test_twice_the_way_is_enough_for_the_attack_and_does_nothing_at_random(key: str) -> None:
    """Over four sets: hardly a random direction leads across where the attack always does."""
    found = [of_network(key, 3, seed) for seed in range(4)]
    twice = TIMES.index(2)
    assert np.mean([by_chance.mean[twice] for by_chance, _ in found]) < 0.05
    assert np.mean([attacked.mean[twice] for _, attacked in found]) > 0.9
