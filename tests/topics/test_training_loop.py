"""The loop that is shown is PyTorch's: it is run, faults and all, and makes the walk's own updates."""

import ast
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore.topics.backprop_config import FAULTS, NETWORKS, BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.training_loop import Loop, training_loop
from dlcore.topics.walk import PHASES, Walk
from tests.topics.test_timeline import perceptron
from tests.topics.walks import EVERY, every, walked

tensor = partial(torch.tensor, dtype=torch.float64)


def loop_of(walk: Walk) -> Loop:
    return training_loop(walk.config, walk.net)


def neuron(walk: Walk) -> nn.Sequential:
    net = nn.Sequential(nn.Linear(2, 1), nn.Tanh()).double()
    nn.utils.vector_to_parameters(tensor(list(walk.net.start.values())), net.parameters())
    return net


def layered(walk: Walk, net: nn.Sequential, cut: int) -> dict[str, Any]:
    """What the loop of a network of layers needs; `cut` is where its head begins."""
    batches = [
        [(tensor([done.leaves["x1"], done.leaves["x2"]]), tensor([done.leaves["y"]])) for done in iteration.passes]
        for iteration in walk.iterations
    ]
    entropy = walk.config.network == "mlp" and walk.config.loss == "cross-entropy"
    return {
        "net": net,
        "body": net[:cut],
        "head": net[cut:],
        "batches": batches,
        "samples": [sample for batch in batches for sample in batch],
        "biases": [(layer.bias, layer.in_features) for layer in net if isinstance(layer, nn.Linear)],
        "loss_fn": F.binary_cross_entropy if entropy else lambda p, y: F.mse_loss(p, y) / 2,
        "optimizer": torch.optim.SGD(net.parameters(), lr=walk.config.lr),
    }


def run(walk: Walk) -> list[float]:
    """The parameters after the loop that is shown, which makes the walk's two updates."""
    start = walk.iterations[0].before.parameters
    variables = {name: tensor(number).requires_grad_() for name, number in start.items()}
    scope: dict[str, Any]
    if walk.config.network == "formula":
        optimizer = torch.optim.SGD(list(variables.values()), lr=walk.config.lr)
        scope = {"variables": variables, "num_steps": 2, "optimizer": optimizer}
        scope["formula"] = lambda w, x, b: torch.tanh(w * x + b) * x
        scope["biases"] = [(variables[name], fan_in) for name, fan_in in walk.net.fan_in.items()]
    elif walk.config.network == "softmax":
        z = tensor(list(start.values())).requires_grad_()
        y = tensor([walk.net.data[0][name] for name in ("y1", "y2", "y3")])
        scope = {"z": z, "samples": [y, y], "optimizer": torch.optim.SGD([z], lr=walk.config.lr)}
    elif walk.config.network == "neuron":
        scope = layered(walk, neuron(walk), 1)
    else:
        scope = layered(walk, perceptron(walk.config), -2)
    exec("\n".join(loop_of(walk).lines), {"lr": walk.config.lr, **scope})
    learned: list[Tensor] = [scope["z"]] if "z" in scope else list(variables.values())
    learned = list(scope["net"].parameters()) if "net" in scope else learned
    return np.concatenate([parameter.detach().numpy().ravel() for parameter in learned]).tolist()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["neuron", "mlp", "batch of 2", "batch of 4", "softmax", "formula"])
def test_the_loop_runs_and_makes_the_walks_updates(name: str, fault: str) -> None:
    walk = walked(**EVERY[name], fault=fault)
    after = list(walk.iterations[-1].after.parameters.values())
    assert run(walk) == pytest.approx(after, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_phase_has_its_line_in_python(network: str, fault: str) -> None:
    for batch_size in (1, 2):
        config = BackpropConfig(network=network, fault=fault, batch_size=batch_size)
        loop = training_loop(config, build(config))
        ast.parse("\n".join(loop.lines))
        said = {phase: loop.lines[loop.active(phase, 0)] for phase in PHASES}
        words = {"data": "for ", "zero_grad": "zero_grad()", "backward": ".backward()", "step": "step()"}
        if fault == "wrong-sign":
            words["step"] = "+= lr * "
        assert all(word in said[phase] for phase, word in words.items())
        # From top to bottom, as the loop goes.
        rows = [loop.active(phase, 0) for phase in PHASES]
        assert rows == sorted(rows)


def test_a_batch_is_begun_in_one_line_and_its_samples_taken_in_another() -> None:
    walk = every("batch of 2")
    loop = loop_of(walk)
    marked = [loop.lines[loop.active(phase, turn)].strip() for phase, turn in zip(walk.phases, walk.turns, strict=True)]
    changes = [line for before, line in zip(["", *marked], marked, strict=False) if line != before]
    sample = ["p = net(x)", "loss = loss_fn(p, y) / len(batch)", "loss.backward()"]
    first = ["for batch in batches:", "optimizer.zero_grad()", *sample]
    assert changes == 2 * [*first, "for x, y in batch:", *sample, "optimizer.step()"]


WRONG = {
    "none": [],
    "no-zero-grad": ["    # optimizer.zero_grad() is missing"],
    "detach": ["    p = head(body(x).detach())"],
    "bias-fan-in": ["    for b, fan_in in biases: b.grad *= fan_in"],
    "wrong-sign": ["    for w in net.parameters(): w.data += lr * w.grad"],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_line_with_the_fault_is_marked(fault: str) -> None:
    loop = loop_of(walked(network="textbook", fault=fault))
    assert [loop.lines[row] for row in loop.wrong] == WRONG[fault]


@pytest.mark.parametrize("network", ["softmax", "formula"])
def test_a_fault_that_a_network_cannot_have_is_not_in_its_loop(network: str) -> None:
    right = loop_of(walked(network=network))
    assert right.wrong == ()
    assert loop_of(walked(network=network, fault="detach")) == right


def test_where_nothing_is_left_to_learn_backward_is_not_called() -> None:
    assert "    if loss.requires_grad: loss.backward()" in loop_of(walked(fault="detach")).lines
    assert "    loss.backward()" in loop_of(walked(network="conv", fault="detach")).lines
