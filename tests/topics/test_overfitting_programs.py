"""The program that is shown is run: its network ends with the weights of the page's drawn run, and its numbers."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import parameters_to_vector

from dlcore.topics.overfitting import moments_of, shown_steps
from dlcore.topics.overfitting_config import DATA, OverfittingConfig
from dlcore.topics.overfitting_programs import program
from dlcore.topics.overfitting_switches import SWITCHES
from dlcore.training.measures import logits_of
from dlcore.training.network import ACTIVATIONS
from dlcore.training.rules import RULES

POINTS = tuple((x, y, int(x * y > 0)) for x in (-2.0, -1.0, 1.0, 2.0) for y in (-2.0, -1.5, 1.0, 1.5))
DIGITS = {"data": "digits", "num_train": 60, "hidden": (12,)}
SHORT: dict[str, dict[str, Any]] = {
    **{f"switch {key}": {"switch": key, **(DIGITS if "augment" in key else {})} for key in SWITCHES if key != "none"},
    **{f"data {key}": {"data": key, "points": POINTS if key == "points" else ()} for key in DATA},
    **{f"{key}, decayed": {"optimizer": key, "l2": 0.01, "batch_size": 30} for key in RULES},
    **{key: {"activation": key, "switch": "none"} for key in ACTIVATIONS},
    "three spirals": {"data": "spirals", "num_classes": 3, "switch": "smoothing", "strength": 0.2, "batch_size": 7},
    "everything": {
        "l1": 1e-3,
        "l2": 1e-3,
        "dropout": 0.2,
        "input_noise": 0.1,
        "switch": "batch_norm",
        "batch_size": 16,
    },
    "features": {"features": ("xx", "y", "sinx"), "hidden": ()},
    "edits": {"edits": "aw1.0.1=2@5; ab3.0=-1; alr=0.1@7; bw2.3.1=0.25@20; blr=0.001@3", "switch": "dropout"},
}
COLUMNS = [(name, column) for name, values in SHORT.items() for column in OverfittingConfig(**values).columns]


def run(config: OverfittingConfig, column: str) -> dict[str, Any]:
    """What the program for this column leaves."""
    scope: dict[str, Any] = {}
    exec(compile(program(config, column), "program", "exec"), scope)
    return scope


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_the_program_ends_with_the_pages_weights(name: str, column: str) -> None:
    config = OverfittingConfig(**{"num_steps": 20, "num_seeds": 1, **SHORT[name]})
    scope = run(config, column)
    *_, last = moments_of(config, shown_steps(config))
    drawn = {"a": config.a, "b": config.b}[column]()[0]
    weights = parameters_to_vector(scope["net"].parameters()).detach().numpy()
    if not drawn.batch_norm:  # with it, biases have no gradient but rounding, which Adam enlarges
        np.testing.assert_allclose(weights, last[column].frame.params[0], rtol=1e-3, atol=2e-4)
    inputs = drawn.data.make().test.inputs
    (logits,) = logits_of([last[column].frame], drawn.architecture, inputs[None])
    torch.testing.assert_close(scope["net"].eval()(inputs), logits[0].T, rtol=1e-2, atol=5e-2)
    assert len(scope["losses"]) == 20


@pytest.mark.parametrize("column", ["a", "b"])
def test_the_opening_scenes_programs_print_the_pages_last_numbers(
    column: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = OverfittingConfig(num_seeds=1)
    run(config, column)
    *_, last = moments_of(config, shown_steps(config))
    values = last[column].values
    for line in capsys.readouterr().out.splitlines():
        ((split, loss, accuracy),) = re.findall(r"(\w+): loss (.+), accuracy (.+)%", line)
        assert float(loss) == pytest.approx(values[f"loss.{split}"][0], abs=0.02)
        assert float(accuracy) == pytest.approx(values[f"accuracy.{split}"][0], abs=1.3)


def test_the_program_has_exactly_the_pages_first_weights_and_data() -> None:
    config = OverfittingConfig(num_steps=1, lr=1e-8, optimizer="sgd", switch="none", seed=5)
    scope = run(config, "a")
    drawn = config.a()[0]
    first = next(moments_of(config, np.array([0])))["a"].frame.params[0]
    weights = parameters_to_vector(scope["net"].parameters()).detach().numpy()
    np.testing.assert_allclose(weights, first, atol=1e-7)
    assert torch.equal(scope["data"].train.inputs, drawn.data.make().train.inputs)
    assert torch.equal(scope["data"].train.labels, drawn.data.make().train.labels)
