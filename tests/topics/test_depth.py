"""Gradients vanish, keep their size or explode with depth as the textbooks say, and ReLUs die as they do."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import (
    NUM_SEEDS,
    DepthConfig,
    DepthTrace,
    expected_factors,
    expected_ratios,
    flowers,
    frames,
    initial_weights,
    measure,
)

TANH, SIGMOID, RELU = range(3)
HE = 2**0.5
SEEDS = (0, 1, 2)  # of configs; each is eight networks
MODULES = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}


def ratios(trace: DepthTrace, activation: int) -> np.ndarray:
    """The first layer's gradient over the last one's, in every network."""
    return trace.grad_z[activation, :, 0] / trace.grad_z[activation, :, -1]


@cache
def deep(seed: int, **settings: Any) -> DepthTrace:
    return measure(DepthConfig(depth=30, seed=seed, **settings))


def sequential(config: DepthConfig, name: str, network: int) -> nn.Sequential:
    """One of the networks as anyone would write it."""
    weights = initial_weights(config)
    modules = []
    for matrix in weights.hidden:
        fan_in, units = matrix.shape[1:]
        linear = nn.Linear(fan_in, units, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(matrix[network].T)
            linear.bias.fill_(config.bias)
        modules += [linear, MODULES[name]()]
    readout = nn.Linear(config.width, 3, bias=False, dtype=torch.float64)
    with torch.no_grad():
        readout.weight.copy_(weights.readout[network].T)
    return nn.Sequential(*modules, readout)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("network", [0, 5])
def test_the_numbers_are_those_of_a_plain_torch_module(name: str, network: int) -> None:
    config = DepthConfig(depth=6, width=9, gain=1.3, bias=0.2, seed=4)
    trace, k = measure(config), ACTIVATIONS.index(name)
    model, (inputs, labels) = sequential(config, name, network), flowers()
    x, z, a = inputs, [], []
    *hidden, readout = model
    for module in hidden:
        x = module(x)
        (z if isinstance(module, nn.Linear) else a).append(x)
        x.retain_grad()
    nn.functional.cross_entropy(readout(x), labels).backward()
    linears = [module for module in hidden if isinstance(module, nn.Linear)]
    for layer in range(config.depth):
        grad_z, grad_w = z[layer].grad, linears[layer].weight.grad
        assert grad_z is not None
        assert grad_w is not None
        # The mean loss shares itself out over 150 flowers; ours is each flower's own.
        assert trace.grad_z[k, network, layer] == pytest.approx(150 * grad_z.square().mean().sqrt().item())
        assert trace.grad_w[k, network, layer] == pytest.approx(grad_w.norm().item())
        assert trace.a[k, network, layer] == pytest.approx(a[layer].square().mean().sqrt().item())
        if name == "relu":
            assert trace.dead[network, layer] == (a[layer].amax(dim=0) == 0).sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_sigmoids_gradient_shrinks_more_than_fourfold_a_layer(seed: int) -> None:
    # Its slope is at most 1/4, and weights of gain 1 keep a vector's length.
    assert ratios(measure(DepthConfig(seed=seed)), SIGMOID).max() < 4.0**-19
    assert ratios(deep(seed), SIGMOID).max() < 4.0**-29


@pytest.mark.parametrize("gain", [0.5, 2.0, 4.0])
def test_no_layer_of_sigmoids_passes_more_than_a_quarter_of_what_its_weights_may_stretch(gain: float) -> None:
    config = DepthConfig(gain=gain, depth=12)
    norms = [np.linalg.norm(w.detach().numpy(), 2, axis=(1, 2)) for w in initial_weights(config).hidden[1:]]
    grad = measure(config).grad_z[SIGMOID]
    assert (grad[:, :-1] <= np.stack(norms, axis=1) / 4 * grad[:, 1:]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_hes_gain_keeps_relus_gradient_over_thirty_layers_and_gain_one_does_not(seed: int) -> None:
    he, one = ratios(deep(seed, gain=HE), RELU), ratios(deep(seed), RELU)
    assert 0.1 < np.median(he) < 3
    assert he.min() > 0.02
    assert he.max() < 10
    assert np.median(one) < 3 * 2 ** (-29 / 2)  # half the units pass nothing: 1/√2 a layer
    np.testing.assert_allclose(np.log2(he / one), 29 / 2, atol=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_tanh_with_gain_one_loses_little(seed: int) -> None:
    assert ratios(deep(seed), TANH).min() > 0.05
    assert ratios(deep(seed), TANH).max() < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_large_weights_let_tanh_and_relu_explode_but_not_sigmoid(seed: int) -> None:
    trace = deep(seed, gain=2.5)
    assert ratios(trace, TANH).min() > 200
    assert ratios(trace, RELU).min() > 1e6
    assert ratios(trace, SIGMOID).max() < 1e-8
    # tanh's and sigmoid's activations do not show it; ReLU's explode on the way forward as well.
    assert trace.a[[TANH, SIGMOID]].max() < 1
    assert trace.a[RELU, :, -1].min() > 1e4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_relus_weights_get_gradients_of_one_size_in_all_layers(gain: float, seed: int) -> None:
    # ∂E/∂W is ∂E/∂z times the activation below: where the one is large, the other is small.
    trace = measure(DepthConfig(gain=gain, seed=seed))
    typical = np.median(trace.grad_w[RELU, :, 1:], axis=0)
    assert typical.max() < 6 * typical.min()
    assert trace.typical[RELU].max() > 300 * trace.typical[RELU].min()


@pytest.mark.parametrize("seed", SEEDS)
def test_without_bias_more_relus_are_dead_the_deeper_the_layer_whatever_the_gain(seed: int) -> None:
    traces = [deep(seed, gain=gain) for gain in (0.5, 1.0, HE, 4.0)]
    for trace in traces:
        np.testing.assert_array_equal(trace.dead, traces[0].dead)  # ReLU is homogeneous: a gain changes no sign
    dead = traces[0].dead.mean(axis=0)
    assert dead[0] < 1
    assert 5 < dead[9:].mean() < 16


@pytest.mark.parametrize("seed", SEEDS)
def test_the_more_negative_the_bias_the_more_relus_are_dead(seed: int) -> None:
    biases = (0.0, -0.1, -0.3, -0.5, -1.0)
    counts = [measure(DepthConfig(gain=HE, bias=bias, seed=seed)).dead.sum() for bias in biases]
    assert (np.diff(counts) > 0).all()
    assert counts[-1] > 0.7 * NUM_SEEDS * 20 * 32


@pytest.mark.parametrize("seed", SEEDS)
def test_a_layer_of_dead_relus_stops_the_gradient_and_kills_all_above_it(seed: int) -> None:
    trace = measure(DepthConfig(gain=HE, bias=-0.5, seed=seed))
    assert (trace.blocked > 0).sum() >= 6
    for network in np.flatnonzero(trace.blocked):
        assert trace.dead[network, trace.blocked[network] - 1] == 32
        assert trace.blocked[network] == 20  # z = b < 0 there and above
        assert (trace.grad_z[RELU, network] == 0).all()
        assert (trace.grad_w[RELU, network] == 0).all()
    assert (trace.grad_z[[TANH, SIGMOID]] > 0).all()


def test_above_a_dead_layer_a_positive_bias_keeps_the_gradient() -> None:
    trace = measure(DepthConfig(width=1, depth=8, bias=0.01, gain=4))
    partly = [n for n, layer in enumerate(trace.blocked) if 0 < layer < 8]
    assert partly
    for network in partly:
        layer = trace.blocked[network]
        assert (trace.grad_z[RELU, network, :layer] == 0).all()
        assert (trace.grad_z[RELU, network, layer:] > 0).all()


@pytest.mark.parametrize("gain", [0.5, 1.0, HE, 2.5])
@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
def test_wide_layers_do_as_theory_expects(gain: float, bias: float) -> None:
    config = DepthConfig(width=64, gain=gain, bias=bias)
    typical, expected = measure(config).typical, expected_ratios(config)[:, 0]
    for k in range(3):
        if k == RELU and bias < 0:
            assert np.isnan(expected[k])
        else:
            assert typical[k, 0] / typical[k, -1] == pytest.approx(expected[k], rel=0.7)
            assert (typical[k, 0] / typical[k, -1] / expected[k]) ** (1 / 19) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("gain", [0.1, 1.0, HE, 4.0])
def test_theory_knows_the_textbooks_limits(gain: float) -> None:
    factors = expected_factors(DepthConfig(gain=gain, depth=30))
    assert factors.shape == (3, 29)
    np.testing.assert_allclose(factors[RELU], gain / 2**0.5)
    for bias in (-2.0, 0.0, 0.7):
        limited = expected_factors(DepthConfig(gain=gain, bias=bias, depth=30))
        assert (limited[SIGMOID] <= gain / 4).all()
        assert (limited[TANH] <= gain).all()


def test_frames_know_one_layer_more_each_from_the_last_to_the_first() -> None:
    config = DepthConfig(depth=5, width=4)
    seen = list(frames(config))
    assert len(seen) == 6
    for k, frame in enumerate(seen):
        for early, final in ((frame.grad_z, seen[-1].grad_z), (frame.grad_w, seen[-1].grad_w)):
            assert np.isnan(early[..., : 5 - k]).all()
            np.testing.assert_array_equal(early[..., 5 - k :], final[..., 5 - k :])
        np.testing.assert_array_equal(frame.a, seen[-1].a)
    assert np.isfinite(seen[-1].grad_z).all()


def test_equal_configs_give_equal_numbers_and_leave_the_global_seed_alone() -> None:
    before = torch.get_rng_state()
    one, two, other = measure(DepthConfig()), measure(DepthConfig()), measure(DepthConfig(seed=1))
    assert torch.equal(torch.get_rng_state(), before)
    for field in dataclasses.fields(DepthTrace):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(two, field.name))
    assert (one.grad_z != other.grad_z).all()
    assert len(np.unique(one.grad_z[TANH, :, 0])) == NUM_SEEDS


def test_a_deeper_network_has_the_same_first_layers() -> None:
    shallow, deeper = measure(DepthConfig(depth=10)), measure(DepthConfig(depth=14))
    np.testing.assert_allclose(deeper.a[..., :10], shallow.a, rtol=1e-12)


@pytest.mark.parametrize("gain", [0.1, 4.0])
@pytest.mark.parametrize("bias", [-2.0, 0.0, 2.0])
@pytest.mark.parametrize("width", [1, 64])
def test_nothing_leaves_the_finite_numbers_and_only_dead_relus_give_zero(gain: float, bias: float, width: int) -> None:
    trace = deep(0, gain=gain, bias=bias, width=width)
    for values in (trace.a, trace.grad_z, trace.grad_w):
        assert np.isfinite(values).all()
        assert (values[[TANH, SIGMOID]] > 1e-100).all()
    alive = trace.blocked == 0
    assert (trace.grad_z[RELU, alive] > 1e-100).all()


def test_one_layer_is_possible() -> None:
    config = DepthConfig(depth=1, width=1)
    assert measure(config).grad_z.shape == (3, NUM_SEEDS, 1)
    np.testing.assert_array_equal(expected_ratios(config), np.ones((3, 1)))


def test_the_flowers_are_all_of_the_iris_set_standardised() -> None:
    inputs, labels = flowers()
    assert inputs.shape == (150, 4)
    assert labels.bincount().tolist() == [50, 50, 50]
    torch.testing.assert_close(inputs.mean(dim=0), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(inputs.square().mean(dim=0), torch.ones(4, dtype=torch.float64))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("activation", "softplus"),
        ("depth", 0),
        ("depth", 31),
        ("width", 65),
        ("width", 2.5),
        ("gain", 0.05),
        ("gain", float("nan")),
        ("bias", -2.1),
        ("seed", -1),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {value!r}: it must be .*\.$"):
        DepthConfig(**{name: value})
