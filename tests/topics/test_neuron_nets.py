"""Neuron, textbook, perceptron and softmax, against published numbers, torch's own modules and plain formulas."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from dlcore.datasets.points import iris
from dlcore.topics.backprop_config import MOST_LAYERS, MOST_WIDTH, BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.scalar_net import Net

LARGEST = (MOST_WIDTH,) * MOST_LAYERS


def passed(net: Net, sample: int = 0) -> tuple[dict[str, float], dict[str, float]]:
    """Every node's value, and its gradient where it has one."""
    values = net.graph.forward({**net.start, **net.data[sample]})
    gradients = net.graph.gradients(net.graph.backward(values))
    nodes = net.graph.nodes
    return (
        {node.name: float(value) for node, value in zip(nodes, values, strict=True)},
        {nodes[index].name: float(gradient) for index, gradient in gradients.items()},
    )


# One neuron


def test_the_neuron_multiplies_adds_and_activates() -> None:
    values, _ = passed(build(BackpropConfig(network="neuron", activation="tanh")))
    assert values["m1"] == pytest.approx(0.6)
    assert values["m2"] == pytest.approx(-0.4)
    assert values["z"] == pytest.approx(0.3)
    assert values["a"] == pytest.approx(math.tanh(0.3))
    assert values["E"] == pytest.approx(0.5 * (1 - math.tanh(0.3)) ** 2)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_neurons_gradients_are_the_error_times_the_slope_times_the_inputs(activation: str) -> None:
    _, gradients = passed(build(BackpropConfig(network="neuron", activation=activation)))
    z = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    a = getattr(torch, activation)(z)
    a.backward()
    assert z.grad is not None
    delta = (a.item() - 1.0) * z.grad.item()
    expected = {"w1": delta * 1.0, "w2": delta * -2.0, "b": delta, "x1": delta * 0.6, "x2": delta * 0.2}
    assert {name: gradients[name] for name in expected} == pytest.approx(expected, rel=1e-12)


# The textbook's example: Mazur, A step by step backpropagation example (2015)


def test_the_textbooks_forward_pass_is_the_published_one() -> None:
    values, _ = passed(build(BackpropConfig(network="textbook")))
    assert values["z1"] == pytest.approx(0.3775, abs=1e-9)
    assert values["a1"] == pytest.approx(0.593269992, abs=1e-9)
    assert values["a2"] == pytest.approx(0.596884378, abs=1e-9)
    assert values["z3"] == pytest.approx(1.105905967, abs=1e-9)
    assert values["a3"] == pytest.approx(0.75136507, abs=1e-8)
    assert values["a4"] == pytest.approx(0.772928465, abs=1e-9)
    assert values["E1"] == pytest.approx(0.274811083, abs=1e-9)
    assert values["E2"] == pytest.approx(0.023560026, abs=1e-9)
    assert values["E"] == pytest.approx(0.298371109, abs=1e-9)


def test_the_textbooks_gradients_and_updates_are_the_published_ones() -> None:
    net = build(BackpropConfig(network="textbook"))
    _, gradients = passed(net)
    assert gradients["a3"] == pytest.approx(0.74136507, abs=1e-8)
    assert gradients["z3"] == pytest.approx(0.138498562, abs=1e-9)
    assert gradients["w5"] == pytest.approx(0.082167041, abs=1e-9)
    assert gradients["a1"] == pytest.approx(0.036350306, abs=1e-9)
    assert gradients["w1"] == pytest.approx(0.000438568, abs=1e-9)
    updated = {name: net.start[name] - 0.5 * gradients[name] for name in net.start if name.startswith("w")}
    published = {"w1": 0.149780716, "w2": 0.19956143, "w3": 0.24975114, "w4": 0.29950229}
    published |= {"w5": 0.35891648, "w6": 0.408666186, "w7": 0.511301270, "w8": 0.561370121}
    assert updated == pytest.approx(published, abs=1e-8)


def test_a_shared_biass_gradient_is_the_sum_of_its_two_units() -> None:
    _, gradients = passed(build(BackpropConfig(network="textbook")))
    assert gradients["b1"] == pytest.approx(gradients["z1"] + gradients["z2"], rel=1e-12)
    assert gradients["b2"] == pytest.approx(gradients["z3"] + gradients["z4"], rel=1e-12)


# The perceptron


def perceptron(config: BackpropConfig, net: Net) -> nn.Sequential:
    """torch's own, with the net's parameters, in torch's order."""
    activations = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}
    modules: list[nn.Module] = []
    fan_in = 2
    for width in config.shape:
        modules += [nn.Linear(fan_in, width, dtype=torch.float64), activations[config.activation]()]
        fan_in = width
    model = nn.Sequential(*modules, nn.Linear(fan_in, 1, dtype=torch.float64), nn.Sigmoid())
    nn.utils.vector_to_parameters(torch.tensor(list(net.start.values()), dtype=torch.float64), model.parameters())
    return model


@pytest.mark.parametrize("loss", ["half-square", "cross-entropy"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("shape", [(3, 2), (1,), (4, 1, 5), LARGEST])
def test_the_perceptron_is_torchs(shape: tuple[int, ...], activation: str, loss: str) -> None:
    config = BackpropConfig(network="mlp", shape=shape, activation=activation, loss=loss, seed=3)
    net = build(config)
    model = perceptron(config, net)
    losses = {
        "half-square": lambda p, y: 0.5 * nn.functional.mse_loss(p, y),
        "cross-entropy": nn.functional.binary_cross_entropy,
    }
    for sample in (0, 7, 19):
        points = iris()
        model.zero_grad()
        p = model(points.inputs[sample])
        expected = losses[loss](p, points.targets[sample : sample + 1])
        expected.backward()
        values, gradients = passed(net, sample)
        assert values["p"] == pytest.approx(p.item(), rel=1e-12)
        assert values["E"] == pytest.approx(expected.item(), rel=1e-12)
        grads = nn.utils.parameters_to_vector(w.grad for w in model.parameters() if w.grad is not None)
        np.testing.assert_allclose([gradients[name] for name in net.start], grads, rtol=1e-12, atol=1e-14)


def test_the_first_parameters_are_short_numbers_within_one_over_the_root_of_the_fan_in() -> None:
    net = build(BackpropConfig(network="mlp", shape=LARGEST))
    assert all(round(w, 2) == w for w in net.start.values())
    for module in net.modules:
        sizes = [abs(net.start[name]) for name in (*module.weights, *module.biases)]
        assert not sizes or max(sizes) <= len(module.inputs) ** -0.5 + 0.005
    assert np.mean(list(net.start.values())) == pytest.approx(0, abs=0.1)


def test_a_seed_gives_the_same_parameters_again_and_another_seed_others() -> None:
    starts = [build(BackpropConfig(network="mlp", seed=seed)).start for seed in (0, 0, 1)]
    assert starts[0] == starts[1]
    assert starts[0] != starts[2]


@pytest.mark.parametrize("shape", [(1,), (3, 2), LARGEST])
def test_sums_and_outputs_are_pairs_and_layers_stand_apart(shape: tuple[int, ...]) -> None:
    net = build(BackpropConfig(network="mlp", shape=shape))
    at = {net.graph.nodes[index].name: place for index, place in net.places.items()}
    for number, width in enumerate(shape, 1):
        for i in range(1, width + 1):
            (z, row), (a, same) = at[f"z{number}{i}"], at[f"a{number}{i}"]
            assert row == same
            after = at[f"z{number + 1}1"] if number < len(shape) else at["z"]
            assert a - z < after[0] - a
        rows = [at[f"z{number}{i}"][1] for i in range(1, width + 1)]
        assert sum(rows) == pytest.approx(0)  # around the middle


# Softmax and cross-entropy


def test_softmax_is_torchs() -> None:
    net = build(BackpropConfig(network="softmax"))
    values, gradients = passed(net)
    z = torch.tensor([net.start[f"z{i}"] for i in (1, 2, 3)], dtype=torch.float64, requires_grad=True)
    expected = nn.functional.cross_entropy(z, torch.tensor(1))
    expected.backward()
    assert z.grad is not None
    assert values["E"] == pytest.approx(expected.item(), rel=1e-12)
    assert [values[f"p{i}"] for i in (1, 2, 3)] == pytest.approx(z.softmax(dim=0).tolist(), rel=1e-12)
    assert [gradients[f"z{i}"] for i in (1, 2, 3)] == pytest.approx(z.grad.tolist(), rel=1e-12)


def test_softmax_with_cross_entropy_has_the_gradient_p_minus_y() -> None:
    values, gradients = passed(build(BackpropConfig(network="softmax")))
    for i in (1, 2, 3):
        assert gradients[f"z{i}"] == pytest.approx(values[f"p{i}"] - values[f"y{i}"], abs=1e-15)
