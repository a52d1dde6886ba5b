"""The program that is shown is run: it has the page's own weights, and leaves and prints the page's own numbers."""

import re
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import DepthConfig, flowers, initial_weights, measure
from dlcore.topics.depth_programs import program

CONFIGS: dict[str, dict[str, Any]] = {
    **{name: {"activation": name} for name in ACTIVATIONS},
    **{f"{name}, one layer": {"activation": name, "depth": 1, "seed": 3} for name in ACTIVATIONS},
    **{f"{name}, large": {"activation": name, "depth": 30, "width": 64, "gain": 4.0} for name in ACTIVATIONS},
    **{f"{name}, biased": {"activation": name, "depth": 30, "bias": 0.5, "seed": 11} for name in ACTIVATIONS},
    "He": {"activation": "relu", "gain": 1.4, "seed": 2**31 - 1},
    "dead layers": {"activation": "relu", "bias": -1.0},
    "small weights": {"activation": "tanh", "depth": 30, "gain": 0.1},
    "a single unit a layer": {"activation": "tanh", "depth": 7, "width": 1, "seed": 5},
    "whole numbers": {"activation": "sigmoid", "gain": 2, "bias": 1},
}


def config_of(name: str) -> DepthConfig:
    return DepthConfig(**CONFIGS[name])


def run(config: DepthConfig) -> dict[str, Any]:
    """What the program for this page leaves."""
    scope: dict[str, Any] = {}
    exec(compile(program(config), "program", "exec"), scope)
    return scope


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_leaves_the_pages_numbers(name: str) -> None:
    config = config_of(name)
    scope, trace, k = run(config), measure(config), ACTIVATIONS.index(config.activation)
    for key in ("a", "grad_z", "grad_w"):
        page = getattr(trace, key)[k, 0]
        assert scope[key].shape == (config.depth,)
        np.testing.assert_allclose(scope[key], page, rtol=1e-9, atol=0, err_msg=key)
    if config.activation == "relu":
        np.testing.assert_array_equal(scope["dead"], trace.dead[0])
    else:
        assert "dead" not in scope


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_has_exactly_the_pages_flowers_and_weights(name: str) -> None:
    config = config_of(name)
    scope, weights = run(config), initial_weights(config)
    assert all(map(torch.equal, (scope["inputs"], scope["labels"]), flowers()))
    *hidden, readout = [module for module in scope["net"] if isinstance(module, torch.nn.Linear)]
    for linear, page in zip([*hidden, readout], [*weights.hidden, weights.readout], strict=True):
        assert torch.equal(linear.weight, page[0].T)
    assert all((linear.bias == config.bias).all() for linear in hidden)
    assert not readout.bias.any()


@pytest.mark.parametrize("name", ["sigmoid", "relu, biased", "dead layers"])
def test_the_program_prints_what_it_leaves(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of(name)
    scope = run(config)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == config.depth
    columns = [scope[key] for key in ("a", "grad_z", "grad_w", "dead") if key in scope]
    for layer, (line, *numbers) in enumerate(zip(lines, *columns, strict=True), start=1):
        printed = [float(number) for number in re.findall(r"(?<= )[-+.\de]+(?=,|:| dead|$)", line)]
        assert printed == pytest.approx([layer, *numbers], rel=5e-3)


def test_a_layer_of_dead_relus_has_no_gradient_below_it() -> None:
    scope = run(config_of("dead layers"))
    assert 32 in scope["dead"]
    assert not scope["grad_z"].any()
    assert not scope["grad_w"].any()


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_is_short_and_idiomatic(name: str) -> None:
    lines = program(config_of(name)).splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 120
    assert not any(line != line.rstrip() for line in lines)
    assert {"nn.Sequential(", "F.cross_entropy("} <= set(re.findall(r"(?:nn|F)\.\w+\(", "\n".join(lines)))


def test_the_present_values_are_filled_in() -> None:
    text = program(DepthConfig(activation="relu", depth=7, width=9, gain=1.25, bias=-0.5, seed=42))
    for present in ("manual_seed(42)", "depth, width = 7, 9", "gain=1.25, bias=-0.5", "nn.ReLU()"):
        assert present in text
    assert not re.search(r"Tanh|Sigmoid", text)


def test_the_program_leaves_torchs_settings_as_they_were() -> None:
    dtype = torch.get_default_dtype()
    run(DepthConfig())
    assert torch.get_default_dtype() == dtype
