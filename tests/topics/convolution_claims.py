"""What the tests of the claims on convolution share: a scene's window, filters or layers, as they are or varied."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlcore.topics.convolution import Conv, apply
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import Operands, operands
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.layer_stack import Stack
from dlcore.topics.layer_text import read_layers
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import Slide, check
from dlcore.topics.window import slid
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
VIEWS = {key: dict(scene.values).get("view", "window") for key, scene in BY_KEY.items()}
WINDOWS, PICTURES, STACKS = (
    [key for key, view in VIEWS.items() if view == shown] for shown in ("window", "picture", "stack")
)
SEEDS = range(20)
#: Of the opening scene: what a scene does not say.
GEOMETRY = {"size": 7, "kernel": 3, "stride": 1, "dilation": 1}
CHANNELS = {"in_channels": 1, "out_channels": 1, "groups": 1}


def values_of(key: str, **other: Any) -> dict[str, Any]:
    return {**dict(BY_KEY[key].values), **other}


def config_of(key: str, **other: Any) -> WindowConfig:
    """The scene of the Window view, with other controls where they are given."""
    values = values_of(key, **other)
    same = {name: name for name in ("direction", "image", "upstream", "edits", "seed")}
    named = {field: values[name] for field, name in {**same, "kernel": "filter"}.items() if name in values}
    return WindowConfig(layer=_layer(values), flip=values.get("turn") == "convolution", **named)


def _layer(values: dict[str, Any]) -> Conv | Pool:
    along = {name: (values.get(name, number),) * 2 for name, number in GEOMETRY.items()}
    operation = values.get("operation", "convolution")
    if operation in ("max", "average"):
        del along["dilation"]
        return Pool(**along, kind=operation)
    return Conv(
        **along,
        padding=values.get("padding", "half"),
        mode=values.get("mode", "zeros"),
        transposed=operation == "transposed",
        output_padding=(values.get("output_padding", 0),) * 2,
        **{name: values.get(name, number) for name, number in CHANNELS.items()},
    )


def conv_of(key: str, **other: Any) -> Conv:
    layer = config_of(key, **other).layer
    assert isinstance(layer, Conv)
    return layer


def window(key: str, **other: Any) -> Slide:
    """The scene's window on its way; every sum must be torch's result."""
    slide = slid(config_of(key, **other))
    assert check(slide) < 1e-9
    return slide


def windows(key: str, **other: Any) -> Iterator[Slide]:
    """The scene's window over twenty drawings of its numbers."""
    for seed in SEEDS:
        yield window(key, seed=seed, **other)


def numbers(key: str, **other: Any) -> Operands:
    return operands(config_of(key, **other))


def weights(key: str, **other: Any) -> Tensor:
    weight = numbers(key, **other).weight
    assert weight is not None
    return weight


def filters_of(key: str, **other: Any) -> FilterConfig:
    """The scene of the Picture view."""
    values = values_of(key, **other)
    look = {name: values[name] for name in ("wavelength", "orientation", "sigma", "stride") if name in values}
    return FilterConfig(name=values["bank"], **look)


def stack_of(key: str) -> Stack:
    """The scene of the Stack view: its controls' text over their input, which is as wide as it is high."""
    values = values_of(key)
    return Stack(input=(values["channels"], values["height"], values["height"]), layers=read_layers(values["layers"]))


def met(slide: Slide) -> np.ndarray:
    """How many cells of the operand lie under the window at each place, (maps, rows, cols); zeros do not count."""
    on_cells = slide.source.flat[slide.tap_ground] >= 0
    return np.bincount(slide.tap_result[on_cells], minlength=slide.result.size).reshape(slide.result.shape)


def under(slide: Slide, row: int, col: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the first result map's cell: rows and columns, in the ground, of what lies under the window."""
    taps = slide.tap_ground[slide.tap_result == row * slide.result.shape[2] + col]
    _, rows, cols = np.unravel_index(taps, slide.ground.shape)
    return rows, cols


def drawn(seed: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    """A tensor of standard normal numbers for each shape."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]


def response(conv: Conv, weight: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The output, and the gradient to x of its sum, by torch."""
    leaf = x.clone().requires_grad_()
    y = apply(conv, leaf, weight)
    return y.detach(), torch.autograd.grad(y.sum(), leaf)[0]
