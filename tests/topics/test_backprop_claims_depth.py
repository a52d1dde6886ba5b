"""What the scenes on depth say happens, and how much, whatever the seed: each compares the medians of 8 networks."""

import numpy as np
import pytest

from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import NUM_SEEDS, DepthConfig, expected_ratios, flowers
from tests.topics.backprop_claims import BY_KEY, answer, claim, deep, says

SEEDS = range(8)
TANH, SIGMOID, RELU = (ACTIVATIONS.index(name) for name in ("tanh", "sigmoid", "relu"))
STEPS = 19  # from layer 20 to layer 1


def test_the_scenes_have_20_layers_of_32_units_and_150_flowers() -> None:
    assert (DepthConfig().depth, DepthConfig().width, NUM_SEEDS) == (20, 32, 8)
    assert len(flowers().inputs) == 150


def shrinking(key: str, seed: int, **other: float) -> np.ndarray:
    """∂E/∂z at layer 1, that at layer 20 being 1: the median network's, one for each activation."""
    trace = deep(key, seed, **other)
    return trace.typical[:, 0] / trace.typical[:, -1]


@claim("vanishing")
@pytest.mark.parametrize("seed", SEEDS)
def test_through_20_layers_of_sigmoids_a_million_millionth_is_left(seed: int) -> None:
    says("vanishing", "at most 1/4", "by 0.23 in all: 0.23¹⁹ is about 10⁻¹²", "keeps about a fifth")
    assert answer("vanishing") == "about 10⁻¹²"
    left = shrinking("vanishing", seed)
    assert 5e-13 < left[SIGMOID] < 2e-12
    assert f"{left[SIGMOID] ** (1 / STEPS):.2f}" == "0.23"
    assert 5e-13 < 0.23**STEPS < 2e-12
    assert 0.1 < left[TANH] < 0.4


@claim("vanishing")
@pytest.mark.parametrize("seed", SEEDS)
def test_on_a_logarithmic_axis_the_vanishing_gradient_is_a_straight_line(seed: int) -> None:
    says("vanishing", "A straight line on a logarithmic axis")
    steps = np.diff(np.log10(deep("vanishing", seed).typical[SIGMOID]))
    assert steps.min() > 0.45
    assert steps.max() < 0.85  # 0.6 = log10 of 4


@claim("he")
@pytest.mark.parametrize("seed", SEEDS)
def test_with_hes_gain_relus_gradient_stays(seed: int) -> None:
    says("he", "a thousand times smaller", "gain 1.4, about √2")
    assert answer("he") == "about the same size"
    assert 0.2 < shrinking("he", seed)[RELU] < 1.5
    assert 3e-4 < shrinking("he", seed, gain=1.0)[RELU] < 3e-3
    says("he", "eight networks of 32 units, which differ by a factor of 2 and more")
    each = deep("he", seed).grad_z[RELU, :, 0] / deep("he", seed).grad_z[RELU, :, -1]
    assert len(each) == 8
    assert 2 < each.max() / each.min() < 30


@claim("he")
def test_a_wide_layer_of_relus_multiplies_the_mean_square_by_half_the_squared_gain() -> None:
    says("he", "stops about half", "g²/2", "With g = √2 that is 1", "0.83")
    config = dict(BY_KEY["he"].values)
    assert expected_ratios(DepthConfig(gain=config["gain"]))[RELU, 0] == pytest.approx((1.4**2 / 2) ** (STEPS / 2))
    assert f"{(1.4**2 / 2) ** (STEPS / 2):.2f}" == "0.83"
    for gain in (1.0, 1.4, 2.5):
        squares = [np.mean(deep("he", seed, gain=gain).grad_z[RELU] ** 2, axis=0) for seed in SEEDS]
        growth = np.log(np.mean(squares, axis=0))  # of the mean over 64 networks
        assert np.exp((growth[0] - growth[-1]) / STEPS) == pytest.approx(gain**2 / 2, rel=0.06)


@claim("two-gradients")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_weights_gradients_are_alike_in_all_layers_though_those_of_z_are_not(seed: int) -> None:
    says("two-gradients", "about 1000 times smaller", "shrinks 1000 times", "hundreds of times larger")
    assert answer("two-gradients") == "not 10 times smaller"
    assert 3e-4 < shrinking("two-gradients", seed)[RELU] < 3e-3
    trace = deep("two-gradients", seed)
    weights = np.median(trace.grad_w[RELU], axis=0)
    assert 0.1 < weights[0] / weights[-1] < 1
    assert weights.max() < 10 * weights.min()
    inputs = np.median(trace.a[RELU], axis=0)[STEPS - 1]  # of layer 20; those of layer 1 are standardised
    assert 3e-4 < inputs < 3e-3
    faster = np.median(deep("two-gradients", seed, gain=1.4).grad_w[RELU], axis=0) / weights
    assert ((faster > 200) & (faster < 2000)).all()


@claim("exploding")
@pytest.mark.parametrize("seed", SEEDS)
def test_with_large_weights_relus_and_tanhs_gradients_grow_and_sigmoids_vanish(seed: int) -> None:
    assert answer("exploding") == "tanh's and ReLU's"
    says(
        "exploding",
        "ReLU by about 1.7, tanh by 1.27",
        "sigmoid by 0.63 at most",
        "tens of thousands of times",
        "about 100 times",
    )
    growth = shrinking("exploding", seed)
    assert 15_000 < growth[RELU] < 90_000
    assert 60 < growth[TANH] < 160
    assert growth[SIGMOID] < 2e-6
    each = growth ** (1 / STEPS)
    assert each[RELU] == pytest.approx(1.7, abs=0.1)
    assert each[TANH] == pytest.approx(1.27, abs=0.04)
    assert each[SIGMOID] < 2.5 / 4 < 0.63


@claim("exploding")
@pytest.mark.parametrize("seed", SEEDS)
def test_tanh_grows_less_for_it_saturates(seed: int) -> None:
    trace = deep("exploding", seed)
    assert np.median(trace.a[TANH], axis=0).min() > 0.7  # where its slope is below 1/2


@claim("dead-layers")
@pytest.mark.parametrize("seed", SEEDS)
def test_with_biases_of_minus_one_every_relu_is_dead_from_layer_3_or_4_on(seed: int) -> None:
    assert answer("dead-layers") == "nothing: 0"
    says("dead-layers", "From layer 3 or 4 on all 32 ReLUs are 0", "never are 0")
    trace = deep("dead-layers", seed)
    for dead in trace.dead:
        first = int(np.argmax(dead == 32)) + 1
        assert first in (3, 4)
        assert (dead[first - 1 :] == 32).all()
    assert not trace.grad_z[RELU].any()
    assert not trace.grad_w[RELU].any()
    assert (trace.grad_z[[TANH, SIGMOID]] > 0).all()
