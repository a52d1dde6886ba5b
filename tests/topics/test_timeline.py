"""The training loop over scalars: it is torch's own, step by step, and each fault is torch's own fault."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore.datasets.points import iris
from dlcore.topics.backprop_config import FAULTS, NETWORKS, BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.timeline import Training, Values, batches, iterate, train

ACTIVATIONS = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}
LOSSES = {"cross-entropy": F.binary_cross_entropy, "half-square": lambda p, y: 0.5 * F.mse_loss(p, y)}


def trained(config: BackpropConfig, num_updates: int) -> Training:
    return train(config, build(config), num_updates)


def perceptron(config: BackpropConfig) -> nn.Sequential:
    """The same perceptron made of torch's layers, where the page's begins."""
    widths, layers = [2, *config.shape, 1], []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs, dtype=torch.float64), ACTIVATIONS[config.activation]()]
    net = nn.Sequential(*layers[:-1], nn.Sigmoid())
    start = torch.tensor(list(build(config).start.values()), dtype=torch.float64)
    nn.utils.vector_to_parameters(start, net.parameters())
    return net


def together(net: nn.Module, attribute: str = "data") -> np.ndarray:
    """All parameters, or their .grad, in one row."""
    return np.concatenate([getattr(w, attribute).numpy().ravel().copy() for w in net.parameters()])


def by_torch(config: BackpropConfig, num_updates: int) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Parameters before every update, their .grad before its step, and the mean loss over all flowers."""
    net, loss_fn = perceptron(config), LOSSES[config.loss]
    x, y = iris().inputs, iris().targets.unsqueeze(1)
    optimizer = torch.optim.SGD(net.parameters(), lr=config.lr)
    for samples in batches(config, 20, num_updates)[:num_updates]:
        batch = list(samples)
        before, loss = together(net), loss_fn(net(x), y).item()
        if config.fault != "no-zero-grad":
            optimizer.zero_grad()
        loss_fn(net(x[batch]), y[batch]).backward()  # of the mean over the batch
        yield before, together(net, "grad"), loss
        optimizer.step()


def row(values: Values) -> np.ndarray:
    return np.array(list(values.values()))


PERCEPTRONS: list[dict[str, Any]] = [
    {},
    {"batch_size": 4},
    {"batch_size": 3},  # the last batch of an epoch has two
    {"activation": "relu", "shape": (5,), "batch_size": 2, "seed": 3},
    {"activation": "sigmoid", "loss": "half-square", "lr": 1.0, "seed": 1},
    {"shape": (6, 6, 6, 6), "batch_size": 4, "seed": 2},
]


@pytest.mark.parametrize("settings", PERCEPTRONS, ids=str)
def test_200_updates_are_those_of_torchs_sgd_on_the_batch_mean(settings: dict) -> None:
    config = BackpropConfig(network="mlp", **settings)
    training, net = trained(config, 200), build(config)
    assert len(training.states) == 201
    for update, (before, grads, loss) in enumerate(by_torch(config, 200)):
        state = training.states[update]
        np.testing.assert_allclose(row(state.parameters), before, rtol=0, atol=1e-9)
        assert training.loss[update] == pytest.approx(loss, abs=1e-9)
        if update % 20 == 0:
            done = iterate(config, net, state, update, training.order[update])
            np.testing.assert_allclose([done.grads[name] for name in net.start], grads, rtol=0, atol=1e-9)
            assert len(done.passes) == len(training.order[update])


def test_the_loss_goes_down() -> None:
    for seed in range(5):
        loss = trained(BackpropConfig(network="mlp", seed=seed), 400).loss
        assert loss[-1] < 0.25 * loss[0]


def test_every_epoch_takes_every_sample_once_in_another_order() -> None:
    for batch_size, updates in ((1, 20), (3, 7), (4, 5)):
        order = batches(BackpropConfig(network="mlp", batch_size=batch_size), 20, 10 * updates)
        epochs = [sum(order[start : start + updates], ()) for start in range(0, 10 * updates, updates)]
        assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
        assert len(set(epochs)) == 10


@pytest.mark.parametrize("network", NETWORKS)
def test_a_seed_stands_for_one_training(network: str) -> None:
    config = BackpropConfig(network=network, seed=5, batch_size=4)
    a, b = trained(config, 30), trained(config, 30)
    assert a.states == b.states
    assert a.order == b.order
    np.testing.assert_array_equal(a.loss, b.loss)


def test_another_seed_has_other_first_values_and_another_order() -> None:
    a, b = (trained(BackpropConfig(network="mlp", seed=seed), 0) for seed in (0, 1))
    assert a.states[0].parameters != b.states[0].parameters
    assert a.order != b.order


def test_torchs_own_random_numbers_are_left_alone() -> None:
    state = torch.get_rng_state()
    trained(BackpropConfig(network="mlp"), 30)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_textbooks_weights_after_one_update_are_the_published_ones() -> None:
    """Mazur, A step by step backpropagation example (2015), with its learning rate of 0.5."""
    after = trained(BackpropConfig(network="textbook", lr=0.5), 1).states[1].parameters
    published = {
        "w1": 0.149780716,
        "w2": 0.19956143,
        "w3": 0.24975114,
        "w4": 0.29950229,
        "w5": 0.35891648,
        "w6": 0.408666186,
        "w7": 0.511301270,
        "w8": 0.561370121,
    }
    assert {name: after[name] for name in published} == pytest.approx(published, abs=1e-8)


def test_on_a_parabola_every_step_shrinks_x_by_the_same_factor() -> None:
    states = trained(BackpropConfig(network="formula", formula="x^2", lr=0.1), 50).states
    x = [state.parameters["x"] for state in states]
    np.testing.assert_allclose(x, x[0] * 0.8 ** np.arange(51), rtol=1e-12)


# Faults


@pytest.mark.parametrize("batch_size", [1, 4])
def test_without_zero_grad_gradients_pile_up_as_in_torch(batch_size: int) -> None:
    config = BackpropConfig(network="mlp", fault="no-zero-grad", batch_size=batch_size)
    training, net = trained(config, 30), build(config)
    for update, (before, grads, _) in enumerate(by_torch(config, 30)):
        state = training.states[update]
        np.testing.assert_allclose(row(state.parameters), before, rtol=0, atol=1e-9)
        np.testing.assert_allclose([training.states[update + 1].held[name] for name in net.start], grads, atol=1e-9)
        assert iterate(config, net, state, update, training.order[update]).held == state.held


@pytest.mark.parametrize("network", ["textbook", "mlp", "conv"])
def test_behind_a_detach_grad_stays_none_and_nothing_moves(network: str) -> None:
    last = {"textbook": {"w5", "w6", "w7", "w8", "b2"}, "mlp": {"o1", "o2", "b"}, "conv": {"w1", "w2", "w3", "w4", "d"}}
    wrong, right = (BackpropConfig(network=network, fault=fault) for fault in ("detach", "none"))
    training, net = trained(wrong, 10), build(wrong)
    done = iterate(wrong, net, training.states[0], 0, training.order[0])
    assert set(done.grads) == last[network]
    healthy = iterate(right, net, training.states[0], 0, training.order[0])
    assert done.grads == {name: healthy.grads[name] for name in last[network]}
    moved = {name for name, w in net.start.items() if training.states[-1].parameters[name] != w}
    assert moved == last[network]


def test_a_neuron_detached_before_its_activation_learns_nothing() -> None:
    training = trained(BackpropConfig(fault="detach"), 10)
    assert all(state.parameters == training.states[0].parameters and not state.held for state in training.states)


def test_with_the_wrong_sign_the_step_goes_the_opposite_way_and_the_loss_up() -> None:
    right, wrong = (trained(BackpropConfig(fault=fault, lr=0.01), 50) for fault in ("none", "wrong-sign"))
    steps = [row(t.states[1].parameters) - row(t.states[0].parameters) for t in (right, wrong)]
    np.testing.assert_allclose(steps[0], -steps[1], rtol=1e-12)
    assert (np.diff(wrong.loss) > 0).all()
    assert (np.diff(right.loss) < 0).all()


@pytest.mark.parametrize(
    ("network", "fan_in"),
    [
        ("neuron", {"b": 2}),
        ("textbook", {"b1": 2, "b2": 2}),
        ("mlp", {"b11": 2, "b12": 2, "b13": 2, "b21": 3, "b22": 3, "b": 2}),
        ("conv", {"b": 4, "d": 4}),
        ("softmax", {}),
    ],
)
def test_only_biases_step_too_far_and_by_their_fan_in(network: str, fan_in: dict[str, int]) -> None:
    right, wrong = (trained(BackpropConfig(network=network, fault=f), 1).states for f in ("none", "bias-fan-in"))
    for name, w in right[0].parameters.items():
        step, broken = right[1].parameters[name] - w, wrong[1].parameters[name] - w
        assert broken == pytest.approx(fan_in.get(name, 1) * step, rel=1e-9)
        assert step


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_the_gradients_of_the_first_update_true(fault: str) -> None:
    """What backward brings is right wherever it arrives: the faults are in the loop."""
    config = BackpropConfig(network="mlp", batch_size=4, fault=fault)
    grads = next(by_torch(BackpropConfig(network="mlp", batch_size=4), 1))[1]
    net, training = build(config), trained(config, 0)
    done = iterate(config, net, training.states[0], 0, training.order[0])
    for name, true in zip(net.start, grads, strict=True):
        assert done.grads.get(name, true) == pytest.approx(true, abs=1e-12)


# Numbers that leave the finite ones


@pytest.mark.parametrize(
    ("formula", "lr", "edits", "sentence"),
    [
        ("1 / x", 0.01, "x=0@2", "Update 3: f is infinite where x = 0."),
        ("log(x) + x", 0.01, "x=-1@2", "Update 3: v<sub>1</sub> has no value where x = −1."),
        ("exp(x^2)", 0.01, "x=50@2", "Update 3: f is infinite where v<sub>1</sub> = 2500."),
        ("sqrt(x)", 0.01, "x=0@2", "Update 3: the gradient that f sends to x is not finite: 1 · ∞."),
        ("exp(x)", 100.0, "x=709.5@2", "Update 3: x is not finite after the step."),
    ],
)
def test_what_left_first_is_named_and_earlier_states_stay(formula: str, lr: float, edits: str, sentence: str) -> None:
    config = BackpropConfig(network="formula", formula=formula, edits=edits, lr=lr)
    training = trained(config, 10)
    assert training.problem == sentence
    assert len(training.states) == len(training.loss) == 3
    assert all(np.isfinite(row(state.parameters)).all() for state in training.states)
    healthy = trained(BackpropConfig(network="formula", formula=formula, lr=lr), 2)
    assert training.states[:2] == healthy.states[:2]


def test_a_rate_that_is_too_large_makes_the_convolution_explode() -> None:
    training = trained(BackpropConfig(network="conv", lr=10.0), 200)
    assert 2 < len(training.states) < 20
    assert training.problem.startswith(f"Update {len(training.states)}: ")
    assert "infinite" in training.problem
    assert np.isfinite(training.loss[:-1]).all()
    assert training.loss[-2] > 1e6


# Changes by hand


def test_a_parameter_is_changed_before_its_update_and_not_earlier() -> None:
    plain, edited = (trained(BackpropConfig(network="mlp", edits=edits), 8).states for edits in ("", "v12=0.75@5"))
    assert edited[:5] == plain[:5]
    assert {**plain[5].parameters, "v12": 0.75} == edited[5].parameters
    assert edited[5].held == plain[5].held
    assert edited[6].parameters["v12"] != 0.75  # it is learned on
    assert edited[6].parameters != plain[6].parameters


def test_a_change_before_update_0_is_the_start() -> None:
    states = trained(BackpropConfig(edits="w1=-0.5, y=0.25"), 1).states
    assert states[0].parameters["w1"] == -0.5
    assert states[0].data[0]["y"] == 0.25
    z = torch.tensor(-0.5 * 1 + 0.2 * -2 + 0.1, dtype=torch.float64, requires_grad=True)
    (0.5 * (torch.tanh(z) - 0.25) ** 2).backward()
    assert isinstance(z.grad, Tensor)
    assert states[1].parameters["w1"] == pytest.approx(-0.5 - 0.1 * z.grad.item(), rel=1e-12)


@pytest.mark.parametrize("turn", [0, 2])
def test_data_is_changed_in_one_sample_of_the_batch_and_stays_so(turn: int) -> None:
    config = BackpropConfig(network="mlp", batch_size=4, edits=f"x2=1.5@6.{turn}, y=0@6.{turn}")
    training, plain = trained(config, 12), trained(BackpropConfig(network="mlp", batch_size=4), 12)
    sample = training.order[6][turn]
    assert training.states[:6] == plain.states[:6]
    for state, before in zip(training.states[6:], plain.states[6:], strict=True):
        changed = [k for k in range(20) if state.data[k] != before.data[k]]
        assert changed == [sample]
        assert state.data[sample] == {**before.data[sample], "x2": 1.5, "y": 0.0}
    assert training.states[7].parameters != plain.states[7].parameters


def test_a_change_of_a_sample_that_the_batch_does_not_have_changes_nothing() -> None:
    config = BackpropConfig(network="mlp", batch_size=3, edits="x1=9@6.2")  # the seventh batch has two
    assert len(trained(config, 0).order[6]) == 2
    assert trained(config, 10).states == trained(BackpropConfig(network="mlp", batch_size=3), 10).states


def test_the_last_of_two_changes_holds() -> None:
    assert trained(BackpropConfig(edits="w1=1@2, w1=2@2"), 3).states[2].parameters["w1"] == 2.0


def test_changes_that_this_network_does_not_allow_are_refused() -> None:
    with pytest.raises(ValueError, match="this network has"):
        trained(BackpropConfig(edits="u11=1"), 1)
