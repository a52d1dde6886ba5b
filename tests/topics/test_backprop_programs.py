"""The program that is shown is run, and makes the page's own updates: the same losses, gradients and parameters."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.topics.backprop_config import ACTIVATIONS, FAULTS, NETWORKS, WALKED, BackpropConfig
from dlcore.topics.backprop_programs import program
from dlcore.topics.networks import build
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import Iteration, iterate, train

Named = Mapping[str, float | None]


def run(config: BackpropConfig) -> dict[str, Any]:
    """What the program for this page leaves."""
    scope: dict[str, Any] = {}
    exec(compile(program(config, build(config)), "program", "exec"), scope)
    return scope


def on_the_page(config: BackpropConfig) -> list[Iteration]:
    """The page's iterations, the two that are walked through included."""
    net, num_updates = build(config), config.updates + WALKED
    training = train(config, net, num_updates)
    turns = zip(range(num_updates), training.states, training.order, strict=False)
    return [iterate(config, net, state, update, batch) for update, state, batch in turns]


def by_name(net: Net, arrays: Mapping[str, np.ndarray | None]) -> dict[str, float | None]:
    """A program's arrays, entry by entry, under the names on the page."""
    if not net.modules:
        return {name: None if array is None else float(array) for name, array in arrays.items()}
    layers = [names for module in net.modules for names in (module.weights, module.biases) if names]
    named: dict[str, float | None] = {}
    for names, array in zip(layers or [tuple(net.start)], arrays.values(), strict=True):
        entries = list(dict.fromkeys(names))  # a shared bias is one entry
        named |= dict.fromkeys(entries) if array is None else dict(zip(entries, array.ravel().tolist(), strict=True))
    return named


def agree(net: Net, arrays: Mapping[str, np.ndarray | None], page: Mapping[str, float]) -> None:
    """None where the page has no gradient, the same numbers elsewhere."""
    found = by_name(net, arrays)
    assert found.keys() == net.start.keys()
    assert {name for name, number in found.items() if number is not None} == page.keys()
    assert {name: found[name] for name in page} == pytest.approx(page, rel=1e-9, abs=1e-9)


def loss_of(iteration: Iteration) -> float:
    """The mean over the batch."""
    return sum(done.seed * float(done.values[-1]) for done in iteration.passes)


LARGE = (6, 6, 6, 6)
EDITS = {
    "neuron": "w1=-0.3, x2=1.5, b=0.25@1, y=0.5@1, w1=0.1@3",
    "textbook": "w4=0.1, b2=0.3@1, x1=0.5@1, y2=0.2, w8=-1@3, y1=0.9@2",
    "mlp": "u12=0.3, b=0.2@1, x2=1.5, y=0@1, x1=-1@2, o1=0.5@3, v21=2@1",
    "softmax": "z1=1.5, y1=0.5, y2=0.5, z3=2@1, y3=0.1@1",
    "conv": "k12=0.2, x33=0.1, x23=2@1, w4=1@1, d=0.1@2, y=0.3@3",
    "formula": "w=1.5, b=-2@1, x=0.5@2",
}
FORMULAS = (
    "x^2 + y^2 / 2",
    "x",
    "exp(-x^2) * sin(y) - 2",
    "a*b + a*c + tanh(a) + sigmoid(b) - sqrt(c + 2) + x_1 * eta",
    "max(x, 0.5) + min(1, y) + max(y, pi) + max(2, 3)*x",  # x begins at 0.5: torch halves the slope there
    "max(x, y) * min(x, -y) + abs(x)",
    "2^x + x^3 + x^y + log(y) + e*x",
    "relu(x) * -relu(-y) / (1 + cos(x)^2)",
)
CONFIGS: dict[str, dict[str, Any]] = {
    **{f"{n} after {u}": {"network": n, "updates": u} for n, u in product(NETWORKS, (0, 25))},
    **{f"{n}, {f}": {"network": n, "fault": f, "updates": 3} for n, f in product(NETWORKS, FAULTS) if f != "none"},
    **{f"{n}, edited": {"network": n, "edits": edits, "updates": 3} for n, edits in EDITS.items()},
    **{f"neuron, {a}": {"activation": a, "lr": 0.5, "updates": 9} for a in ACTIVATIONS},
    **{
        f"mlp, {a}, {loss}, {size}": {"activation": a, "loss": loss, "batch_size": size, "updates": 12, "seed": 3}
        for a, loss, size in product(ACTIVATIONS, ("cross-entropy", "half-square"), (1, 3, 4))
    },
    **{f"mlp, batches, {f}": {"fault": f, "batch_size": 4, "updates": 6, "shape": (4,)} for f in FAULTS},
    "mlp, large": {"shape": LARGE, "batch_size": 4, "updates": 25, "seed": 7},
    "mlp, small": {"shape": (1,), "updates": 25},
    "mlp, edits in a batch": {"batch_size": 4, "edits": "x1=2@0.1, y=1@2.3, x2=-1@2, u11=9@9", "updates": 4},
    "mlp, edits of a sample that is not there": {"batch_size": 3, "edits": "x1=2@6.2", "updates": 6},
    "a whole number as rate": {"lr": 1, "updates": 2},
    **{f"formula {text}": {"network": "formula", "formula": text, "lr": 0.01, "updates": 5} for text in FORMULAS},
    "formula, bias": {"network": "formula", "formula": "tanh(w*x + v*y + b)", "fault": "bias-fan-in", "updates": 2},
}


def config_of(name: str) -> BackpropConfig:
    settings: dict[str, Any] = {"network": name.partition(",")[0]} if name.startswith("mlp,") else {}
    return BackpropConfig(**settings | CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_makes_the_pages_updates(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of(name)
    net, page, scope = build(config), on_the_page(config), run(config)
    assert len(page) == config.updates + WALKED
    for key in ("losses", "grads", "parameters"):
        assert len(scope[key]) == len(page)
    for update, iteration in enumerate(page):
        assert scope["losses"][update] == pytest.approx(loss_of(iteration), rel=1e-9, abs=1e-9)
        agree(net, scope["grads"][update], iteration.grads)
        agree(net, scope["parameters"][update], iteration.after.parameters)
    printed = capsys.readouterr().out
    losses = [float(number) for number in re.findall(r"loss = (\S+)", printed)]
    assert losses == pytest.approx([loss_of(iteration) for iteration in page[-WALKED:]], rel=1e-7)
    assert [int(n) for n in re.findall(r"Update (\d+)", printed)] == [config.updates + 1, config.updates + 2]


def test_the_numbers_that_are_printed_are_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    run(BackpropConfig())
    first = capsys.readouterr().out.partition("Update 2")[0]
    printed = [
        float(number) for number in re.findall(r"-?\d+\.\d+", first.replace("0.weight", "").replace("0.bias", ""))
    ]
    delta = (np.tanh(0.3) - 1) * (1 - np.tanh(0.3) ** 2)
    loss = (np.tanh(0.3) - 1) ** 2 / 2
    weights = [delta, -2 * delta, 0.6 - 0.1 * delta, 0.2 + 0.2 * delta]
    assert printed == pytest.approx([loss, *weights, delta, 0.1 - 0.1 * delta], abs=1e-7)


@pytest.mark.parametrize("lr", [1.0, 30.0])
def test_what_diverges_is_the_same_until_it_does(lr: float) -> None:
    config = BackpropConfig(network="conv", lr=lr, updates=40)
    page, scope, net = on_the_page(config), run(config), build(config)
    assert page[-1].problem
    for update, iteration in enumerate(page[:-1]):
        assert scope["losses"][update] == pytest.approx(loss_of(iteration), rel=1e-7)
        found = by_name(net, scope["parameters"][update])
        assert found == pytest.approx(iteration.after.parameters, rel=1e-7)
    assert not np.isfinite(scope["losses"][-1])


@pytest.mark.parametrize("network", NETWORKS)
def test_the_program_is_short(network: str) -> None:
    for fault in FAULTS:
        lines = program(config := BackpropConfig(network=network, fault=fault), build(config)).splitlines()
        assert len(lines) < (60 if network in ("neuron", "softmax", "formula") else 80)
        assert max(map(len, lines)) <= 120
        assert not any(line != line.rstrip() for line in lines)


def test_the_largest_network_still_fits_two_screens() -> None:
    config = BackpropConfig(network="mlp", shape=LARGE, batch_size=4)
    lines = program(config, build(config)).splitlines()
    assert len(lines) <= 85
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("no-zero-grad", "    # wrong: optimizer.zero_grad() is missing"),
        ("detach", "    p = head(body(x).detach())  # wrong"),
        ("bias-fan-in", "        b.grad *= fan_in  # wrong"),
        ("wrong-sign", "        w.data += 0.1 * w.grad  # wrong"),
    ],
)
def test_a_fault_is_marked_where_it_is(fault: str, line: str) -> None:
    right, wrong = (program(c, build(c)) for c in (BackpropConfig(network="mlp", fault=f) for f in ("none", fault)))
    assert line in wrong
    assert wrong.count("wrong") == 1
    assert "wrong" not in right
    assert ("    optimizer.zero_grad()\n" in wrong) == (fault != "no-zero-grad")


def test_the_loop_is_the_one_on_the_slide() -> None:
    text = program(config := BackpropConfig(), build(config))
    lines = [line.strip() for line in text.splitlines()]
    loop = ["optimizer.zero_grad()", "p = net(x)", "loss = loss_fn(p, y)", "loss.backward()", "optimizer.step()"]
    assert sorted(loop, key=lines.index) == loop


def test_the_present_values_are_filled_in() -> None:
    config = BackpropConfig(
        network="mlp",
        shape=(5, 2),
        activation="relu",
        lr=0.3,
        batch_size=3,
        updates=7,
        seed=11,
        edits="o1=0.125, b=9@4",
    )
    text = program(config, build(config))
    for present in (
        "nn.Linear(2, 5), nn.ReLU()",
        "nn.Linear(2, 1), nn.Sigmoid()",
        "lr=0.3",
        "split(3)",
        "manual_seed(11)",
        "zip(range(9), batches(generator))",
        "for update in (7, 8):",
        '"4.weight": tensor([[0.125, ',
        "    if update == 4:\n        net[4].bias.data[0] = 9.0  # b, changed by hand",
    ):
        assert present in text


def test_a_change_that_comes_after_the_walk_has_no_line() -> None:
    text = program(config := BackpropConfig(edits="w1=7@2"), build(config))
    assert "changed by hand" not in text


def test_the_program_leaves_torchs_settings_as_they_were() -> None:
    dtype = torch.get_default_dtype()
    run(config_of("mlp, large"))
    assert torch.get_default_dtype() == dtype


def test_edits_that_the_network_does_not_allow_are_refused() -> None:
    config = BackpropConfig(edits="u11=1")
    with pytest.raises(ValueError, match="this network has"):
        program(config, build(config))
