"""Modules give the gradients of the scalars, of torch's own layers, and of the textbook, array by array."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian

from dlcore.topics.backprop_config import NETWORKS, BackpropConfig
from dlcore.topics.modules import Link, Local, backward, blocks, chain, output
from dlcore.topics.networks import build
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import Pass, iterate, train

SETTINGS: list[dict[str, Any]] = [
    *({"network": "neuron", "activation": kind} for kind in ("tanh", "sigmoid", "relu")),
    {"network": "textbook"},
    {"network": "softmax"},
    {"network": "conv"},
    *(
        {"network": "mlp", "shape": shape, "activation": kind, "loss": loss, "batch_size": size, "seed": seed}
        for shape, kind, loss, size, seed in (
            ((3, 2), "tanh", "cross-entropy", 1, 0),
            ((1,), "relu", "half-square", 2, 1),
            ((6, 6, 6, 6), "sigmoid", "cross-entropy", 4, 2),
            ((2, 5, 3), "relu", "cross-entropy", 1, 3),
        )
    ),
]
ACTIVATIONS = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}


def passes(settings: dict[str, Any], updates: int = 3) -> tuple[Net, list[Pass]]:
    """A network, and all passes of the update after so many others."""
    config = BackpropConfig(**settings)
    net = build(config)
    training = train(config, net, updates)
    return net, list(iterate(config, net, training.states[updates], updates, training.order[updates]).passes)


def named(net: Net, numbers: list[float]) -> dict[str, float]:
    return dict(zip((node.name for node in net.graph.nodes), numbers, strict=True))


def worked(settings: dict[str, Any]) -> tuple[tuple[Link, ...], tuple[Local, ...]]:
    """The modules of a network with their arrays, in its first pass."""
    net, (done, *_) = passes(settings, 0)
    links = chain(net)
    return links, backward(links, named(net, done.values), done.seed)


def test_every_network_but_the_formula_has_modules_and_is_tested() -> None:
    assert {settings["network"] for settings in SETTINGS} == NETWORKS.keys() - {"formula"}
    assert chain(build(BackpropConfig(network="formula"))) == ()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_modules_give_the_values_and_the_gradients_of_the_scalars(settings: dict[str, Any]) -> None:
    net, found = passes(settings)
    links = chain(net)
    for done in found:
        numbers = named(net, done.values)
        scalars = {net.graph.nodes[i].name: g for i, g in net.graph.gradients(done.arrivals, done.seed).items()}
        for link, local in zip(links, backward(links, numbers, done.seed), strict=True):
            mapped = output(link, torch.from_numpy(local.x_in[None]), local.w, local.b, local.y)
            np.testing.assert_allclose(mapped[0].numpy(), local.x_out, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(local.grad_out.ravel(), [scalars[n] for n in link.x_out.names], rtol=1e-12)
            for block in link.learning:
                expected = [scalars[name] for name in block.names]
                np.testing.assert_allclose(local.gradient(block.key).ravel(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_shapes_are_those_of_torch(settings: dict[str, Any]) -> None:
    for link, local in zip(*worked(settings), strict=True):
        module, inputs, outputs = link.module, len(link.module.inputs), len(link.module.outputs)
        assert local.x_in.shape == module.input_shape
        assert local.x_out.shape == module.output_shape
        assert local.jacobian.shape == (outputs, inputs)
        assert local.grad_out.shape == (1, outputs)
        assert local.grad_in.shape == (1, inputs)
        if link.w:
            assert local.w.shape == local.grad_w.shape == module.weight_shape
        assert {array.dtype for array in dataclasses.astuple(local)} == {np.dtype(np.float64)}


def layers_of(config: BackpropConfig, links: tuple[Link, ...], found: tuple[Local, ...]) -> nn.Sequential:
    """The perceptron in torch.nn, with the numbers of the modules."""
    layers: list[nn.Module] = []
    for link, local in zip(links[:-1], found, strict=False):
        if not link.w:
            layers.append(ACTIVATIONS[link.module.kind]())
            continue
        linear = nn.Linear(*reversed(local.w.shape), dtype=torch.float64)
        linear.weight.data, linear.bias.data = torch.from_numpy(local.w), torch.from_numpy(local.b)
        layers.append(linear)
    assert [len(layer.bias) for layer in layers if isinstance(layer, nn.Linear)] == [*config.shape, 1]
    return nn.Sequential(*layers)


def gradient_of(tensor: torch.Tensor) -> np.ndarray:
    assert tensor.grad is not None
    return tensor.grad.numpy()


@pytest.mark.parametrize("settings", [s for s in SETTINGS if s["network"] == "mlp"], ids=str)
def test_a_perceptron_of_torch_layers_has_the_same_gradients(settings: dict[str, Any]) -> None:
    links, found = worked(settings | {"batch_size": 1})
    net = layers_of(BackpropConfig(**settings), links, found)
    x = torch.from_numpy(found[0].x_in).requires_grad_()
    p, y = net(x), torch.from_numpy(found[-1].y)
    loss = nn.BCELoss()(p, y) if settings["loss"] == "cross-entropy" else 0.5 * ((p - y) ** 2).sum()
    loss.backward()
    np.testing.assert_allclose(found[0].grad_in[0], gradient_of(x), rtol=1e-10, atol=1e-15)
    mine = [np.atleast_1d(array) for local in found if local.w.size for array in (local.grad_w, local.grad_b[0])]
    for gradient, parameter in zip(mine, net.parameters(), strict=True):
        np.testing.assert_allclose(gradient, gradient_of(parameter), rtol=1e-10, atol=1e-15)


def test_the_convolutional_network_of_torch_layers_has_the_same_gradients() -> None:
    _, (conv, _, linear, error) = worked({"network": "conv"})
    kernel, bias, w, d = (torch.from_numpy(a).requires_grad_() for a in (conv.w, conv.b, linear.w, linear.b))
    pooled = nn.MaxPool2d(2)(nn.functional.conv2d(torch.from_numpy(conv.x_in)[None], kernel, bias))
    out = nn.functional.linear(pooled.flatten(), w, d)
    loss = 0.5 * (out - torch.from_numpy(error.y)).square().sum()
    loss.backward()
    for mine, tensor in ((conv.grad_w, kernel), (conv.grad_b[0], bias), (linear.grad_w, w), (linear.grad_b[0], d)):
        np.testing.assert_allclose(mine, gradient_of(tensor), rtol=1e-12)


def test_softmax_and_cross_entropy_together_send_p_minus_y() -> None:
    _, (softmax, error) = worked({"network": "softmax"})
    np.testing.assert_allclose(softmax.grad_in[0], softmax.x_out - error.y, rtol=1e-12)
    np.testing.assert_allclose(softmax.x_out, torch.softmax(torch.tensor([2.0, 1.0, -1.0], dtype=torch.float64), 0))


def test_the_textbooks_gradients_come_out() -> None:
    """Mazur, A step by step backpropagation example (2015); the shared bias gets the sum of its units' shares."""
    _, (hidden, _, out, _, error) = worked({"network": "textbook"})
    assert error.x_out == pytest.approx(0.298371109, abs=1e-9)
    np.testing.assert_allclose(out.grad_w, [[0.082167041, 0.082667628], [-0.022602540, -0.022740242]], atol=1e-9)
    assert hidden.grad_w[0, 0] == pytest.approx(0.000438568, abs=1e-9)
    assert out.grad_b == pytest.approx(np.array([[0.138498562 - 0.038098236]]), abs=1e-9)
    assert hidden.b.tolist() == [0.35]
    assert hidden.grad_b.item() == pytest.approx(hidden.grad_out.sum(), rel=1e-14)


def test_jacobians_are_those_of_the_books() -> None:
    _, (linear, tanh, *_) = worked({"network": "mlp", "shape": (6, 4)})
    np.testing.assert_array_equal(linear.jacobian, linear.w)
    np.testing.assert_allclose(tanh.jacobian, np.diag(1 - tanh.x_out**2), rtol=1e-12)
    _, (softmax, _) = worked({"network": "softmax"})
    p = softmax.x_out
    np.testing.assert_allclose(softmax.jacobian, np.diag(p) - np.outer(p, p), rtol=1e-12, atol=1e-16)


def test_the_jacobian_of_a_convolution_is_the_kernel_at_every_place() -> None:
    _, (conv, pool, *_) = worked({"network": "conv"})
    for i, j in np.ndindex(4, 4):
        image = np.zeros((5, 5))
        image[i : i + 2, j : j + 2] = conv.w[0, 0]
        np.testing.assert_array_equal(conv.jacobian[4 * i + j].reshape(5, 5), image)
    assert np.count_nonzero(conv.jacobian) == 16 * 4
    np.testing.assert_array_equal(pool.jacobian.sum(axis=1), np.ones(4))  # one winner a window
    np.testing.assert_array_equal(pool.jacobian @ pool.x_in.ravel(), pool.x_out.ravel())


@pytest.mark.parametrize(
    "settings", [{"network": "mlp", "shape": (4, 3)}, {"network": "conv"}, {"network": "textbook"}]
)
def test_the_gradient_of_weights_is_the_row_vector_times_their_jacobian(settings: dict[str, Any]) -> None:
    for link, local in zip(*worked(settings), strict=True):
        if link.w is None:
            continue
        x, b = torch.from_numpy(local.x_in), torch.from_numpy(local.spread @ local.b)

        def outputs(w: torch.Tensor, link: Link = link, x: torch.Tensor = x, b: torch.Tensor = b) -> torch.Tensor:
            mapped = w @ x if link.module.kind == "linear" else nn.functional.conv2d(x, w).flatten()
            return mapped + b

        full = jacobian(outputs, torch.from_numpy(local.w))
        assert isinstance(full, torch.Tensor)
        row = torch.from_numpy(local.grad_out) @ full.reshape(local.grad_out.size, -1)
        np.testing.assert_allclose(local.grad_w.ravel(), row[0], rtol=1e-12)
        assert link.module.kind == "conv" or np.linalg.matrix_rank(local.grad_w) == 1  # an outer product


def test_a_seed_scales_every_gradient() -> None:
    net, (done, *_) = passes({"network": "conv"}, 0)
    whole, half = (backward(chain(net), named(net, done.values), seed) for seed in (1.0, 0.5))
    for a, b in zip(whole, half, strict=True):
        np.testing.assert_array_equal(0.5 * a.grad_in, b.grad_in)
        np.testing.assert_array_equal(0.5 * a.grad_w, b.grad_w)


def test_blocks_hold_every_number_that_is_given_or_learnt_once() -> None:
    for settings in SETTINGS:
        net = build(BackpropConfig(**settings))
        held = [name for block in blocks(chain(net)).values() for name in block.names]
        given = [node.name for node in net.graph.nodes if not node.op]
        assert len(held) == len(set(held))
        assert set(given) <= set(held)
