"""The lines and the program beside the picture make the very numbers of the window, in every scene and setting."""

import ast
from typing import Any

import numpy as np
import pytest

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import DIRECTIONS, WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import check
from dlcore.topics.window import lines, program_of, slid
from tests.topics.convolution_claims import WINDOWS, config_of

RESULTS = {"forward": "y", "input": "grad_x", "weight": "grad_w"}
ROW: dict[str, Any] = {"size": (9,), "kernel": (3,), "stride": (2,), "dilation": (1,), "output_padding": (0,)}
LAYERS: dict[str, Conv | Pool] = {
    "opening": WindowConfig().layer,
    "a row": Conv(**ROW, padding=1),
    "maps and groups": Conv(in_channels=4, out_channels=2, groups=2, stride=(2, 1), padding=1, bias=True),
    "copies": Conv(padding="half", mode="reflect"),
    "uneven padding": Conv(padding=((1, 0), (2, 1))),
    "an even kernel": Conv(kernel=(4, 2), padding="same", dilation=(1, 2)),
    "transposed": Conv(size=(4, 4), stride=(2, 2), padding=1, output_padding=(1, 0), transposed=True, bias=True),
    "the largest": Pool(size=(7, 6), kernel=(3, 2), stride=(2, 2), padding=(1, 0)),
    "the mean of a row": Pool(size=(9,), kernel=(3,), stride=(3,), padding=(0,), kind="average"),
}
SETTINGS = [
    WindowConfig(layer=layer, direction=direction, flip=flip, image="digits", kernel="random", bias=1.5, seed=3)
    for layer in LAYERS.values()
    for direction in DIRECTIONS
    for flip in (False, True)
    if isinstance(layer, Conv) or (direction, flip) in (("forward", False), ("input", False))
]
# Torch's word "same" pads even kernels by a copy of the input, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def run(text: str, **names: Any) -> dict[str, Any]:
    """What a program leaves."""
    scope: dict[str, Any] = {**names}
    exec(compile(text, "program", "exec"), scope)
    return scope


def agrees(config: WindowConfig, scope: dict[str, Any]) -> None:
    """The program's result is the one in the picture."""
    result = slid(config).result
    found = scope[RESULTS[config.direction]].detach().numpy()
    np.testing.assert_allclose(found.reshape(result.shape), result, rtol=1e-9, atol=1e-9)


def named(config: WindowConfig) -> str:
    kind = next(name for name, layer in LAYERS.items() if layer == config.layer)
    return f"{kind}, {config.direction}{', turned' if config.flip else ''}"


@pytest.mark.parametrize("config", SETTINGS, ids=named)
def test_the_program_leaves_the_numbers_of_the_picture(config: WindowConfig) -> None:
    assert check(slid(config)) < 1e-9
    agrees(config, run(program_of(config)))


@pytest.mark.parametrize("key", WINDOWS)
def test_every_scenes_program_leaves_the_numbers_of_the_picture(key: str) -> None:
    agrees(config_of(key), run(program_of(config_of(key))))


@pytest.mark.parametrize("config", SETTINGS, ids=named)
def test_the_lines_beside_the_picture_are_those_of_the_program(config: WindowConfig) -> None:
    """Without what only sets numbers: with those of the scene they give its result, too."""
    program = [ast.unparse(node) for node in ast.parse(program_of(config)).body]
    for node in ast.parse("\n".join(lines(config))).body:
        assert ast.unparse(node) in [text.replace(".double()", "") for text in program]
    assert len(lines(config)) <= 6


@pytest.mark.parametrize(
    "change", [{"bias": -2.0}, {"edits": "x0.1.1=42"}, {"edits": "w0.0.0.0=9"}, {"image": "ramp"}, {"seed": 1}]
)
def test_what_the_reader_changes_is_in_the_program(change: dict[str, Any]) -> None:
    layer = Conv(size=(4, 4), bias=True)
    before, after = (
        WindowConfig(layer=layer, **{"image": "digits", "bias": 1.0, **settings}) for settings in ({}, change)
    )
    assert program_of(before) != program_of(after)
    agrees(after, run(program_of(after)))


def test_the_sum_of_the_outputs_has_the_gradient_of_an_upstream_of_ones() -> None:
    config = WindowConfig(direction="input", upstream="ones", image="digits")
    scope = run(program_of(config))
    assert (scope["grad_y"] == 1).all()
    x = operands(config).x.requires_grad_()
    scope["layer"](x).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(slid(config).result, x.grad.numpy())
