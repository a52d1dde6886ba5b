"""Convolution, max-pooling and a linear unit, against torch's own modules."""

import numpy as np
import pytest
import torch
from torch import nn

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.scalar_net import Net

CELLS = {"x": 5, "c": 4, "h": 2, "k": 2}


@pytest.fixture(scope="module")
def net() -> Net:
    return build(BackpropConfig(network="conv"))


def grid(numbers: dict[str, float], stem: str) -> np.ndarray:
    """The numbers of the cells named by this letter, as an image; 0 where there is none."""
    sides = range(1, CELLS[stem] + 1)
    return np.array([[float(numbers.get(f"{stem}{i}{j}", 0.0)) for j in sides] for i in sides])


def passed(net: Net) -> tuple[dict[str, float], dict[str, float]]:
    values = net.graph.forward({**net.start, **net.data[0]})
    gradients = net.graph.gradients(net.graph.backward(values))
    nodes = net.graph.nodes
    return (
        {node.name: value for node, value in zip(nodes, values, strict=True)},
        {nodes[index].name: gradient for index, gradient in gradients.items()},
    )


def test_it_is_torchs_conv2d_max_pool2d_and_linear(net: Net) -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 2), nn.MaxPool2d(2), nn.Flatten(0), nn.Linear(4, 1)).double()
    nn.utils.vector_to_parameters(torch.tensor(list(net.start.values()), dtype=torch.float64), model.parameters())
    image = torch.tensor(grid(dict(net.data[0]), "x"))[None].requires_grad_()
    maps = model[0](image)
    loss = 0.5 * (model[1:](maps) - 1.0).square().sum()
    loss.backward()
    values, gradients = passed(net)
    assert values["E"] == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(grid(values, "c"), maps[0].detach(), rtol=1e-12, atol=1e-15)
    grads = nn.utils.parameters_to_vector(w.grad for w in model.parameters() if w.grad is not None)
    np.testing.assert_allclose([gradients[name] for name in net.start], grads, rtol=1e-12)
    assert image.grad is not None
    np.testing.assert_allclose(grid(gradients, "x"), image.grad[0], rtol=1e-12, atol=1e-15)


def test_the_gradient_reaches_the_largest_cell_of_each_window_and_no_other(net: Net) -> None:
    values, gradients = passed(net)
    maps, grads = grid(values, "c"), grid(gradients, "c")
    assert np.count_nonzero(grads) == 4
    for i in (0, 2):
        for j in (0, 2):
            window = maps[i : i + 2, j : j + 2]
            assert np.sort(window, axis=None)[-2] < window.max() - 0.02  # no ties, nor nearly
            assert grads[i : i + 2, j : j + 2].flat[window.argmax()] != 0


def test_a_shared_weights_gradient_is_the_sum_over_all_its_uses(net: Net) -> None:
    values, gradients = passed(net)
    x, delta = grid(values, "x"), grid(gradients, "c")
    for i in (0, 1):
        for j in (0, 1):
            expected = (delta * x[i : i + 4, j : j + 4]).sum()
            assert gradients[f"k{i + 1}{j + 1}"] == pytest.approx(expected, rel=1e-12)
    assert gradients["b"] == pytest.approx(delta.sum(), rel=1e-12)


@pytest.mark.parametrize("stem", CELLS)
def test_cells_stand_as_in_an_image(net: Net, stem: str) -> None:
    left, top = net.places[net.graph.index[f"{stem}11"]]
    for i in range(CELLS[stem]):
        for j in range(CELLS[stem]):
            assert net.places[net.graph.index[f"{stem}{i + 1}{j + 1}"]] == pytest.approx((left + j, top + i))


def test_image_kernel_map_and_pooled_map_stand_side_by_side(net: Net) -> None:
    at = {net.graph.nodes[index].name: place for index, place in net.places.items()}
    for before, after in (("x55", "k11"), ("k22", "c11"), ("c44", "h11"), ("h22", "o")):
        assert at[after][0] - at[before][0] >= 1.2
