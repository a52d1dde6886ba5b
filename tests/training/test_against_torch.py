"""The check that lessons show: small where all is right, and large as soon as anything is not."""

import dataclasses

import pytest
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Edit, TrainConfig, check_against_torch
from dlcore.training.against_torch import torch_loop
from dlcore.training.network import ACTIVATIONS
from dlcore.training.rules import RULES
from tests.training import torch_loop as other

SPIRALS = PlaneConfig(name="spirals", num_classes=3, features=("x", "yy", "siny"))
PLAIN = TrainConfig(hidden=(8, 8))
CASES = {
    **{name: dataclasses.replace(PLAIN, optimizer=name, l2=0.1, l1=0.01) for name in RULES},
    **{name: dataclasses.replace(PLAIN, activation=name, dropout=0.3, batch_size=20) for name in ACTIVATIONS},
    "no hidden layer": dataclasses.replace(PLAIN, hidden=()),
    "three classes, noise": dataclasses.replace(PLAIN, data=SPIRALS, input_noise=0.3, label_smoothing=0.2),
    "wide": dataclasses.replace(PLAIN, hidden=(256, 256), activation="relu", lr=0.005, dropout=0.5),
    "batch norm": dataclasses.replace(PLAIN, batch_norm=True, batch_size=16, activation="relu"),
    "shifted digits": TrainConfig(data=DigitsConfig(num_train=100), hidden=(32,), augment=1.0, batch_size=25),
    "edits": dataclasses.replace(PLAIN, edits=(Edit(0, "w1.2.1", 2.0), Edit(3, "lr", 0.1), Edit(9, "b3.0", 1.0))),
}


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_the_stack_is_torch(config: TrainConfig) -> None:
    assert check_against_torch(config) < 1e-4
    assert check_against_torch(config, dtype=torch.float64) < 1e-9


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_the_loop_that_it_is_checked_against_is_the_one_of_the_tests(config: TrainConfig) -> None:
    plain = dataclasses.replace(config, edits=(), num_steps=10)
    counts = config.architecture.has_effect()
    found = torch.stack(torch_loop(plain, 10, torch.float64))[:, counts]
    torch.testing.assert_close(found, torch.stack(other.train(plain)[0])[:, counts], rtol=0, atol=1e-9)


def test_a_wrong_update_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(RULES["sgd"], update=lambda g, state, lr, t: -1.01 * lr * g)
    monkeypatch.setitem(RULES, "sgd", wrong)
    assert check_against_torch(dataclasses.replace(PLAIN, optimizer="sgd", lr=0.5)) > 1e-3


def test_steps_before_a_divergence_count_alone() -> None:
    wild = TrainConfig(activation="relu", optimizer="momentum", lr=10.0, l2=0.1)
    assert check_against_torch(wild, num_steps=60, dtype=torch.float64) < 1.0
    assert check_against_torch(dataclasses.replace(PLAIN, num_steps=3)) < 1e-6


def test_a_bias_before_batch_norm_changes_no_answer_and_every_other_number_may() -> None:
    config = dataclasses.replace(PLAIN, batch_norm=True, hidden=(4, 3))
    model = other.network(config)
    inputs = config.data.make().train.inputs.double()
    before, row = model(inputs).detach(), 0
    for param, counts in zip(
        model.parameters(), config.architecture.has_effect().split([p.numel() for p in model.parameters()]), strict=True
    ):
        with torch.no_grad():
            param += 0.5
            moved = (model(inputs) - before).abs().max() > 1e-6
            param -= 0.5
        assert counts.all() if moved else not counts.any()
        row += param.numel()
    assert row == config.architecture.num_params
