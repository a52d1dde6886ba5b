"""One layer of a few units under mask after mask: what passes while training and at test, the two ways it is scaled.

Knows the numbers of every frame; does not know how they are drawn. Frame 0 has the reader's own mask, frame k the k-th
that was drawn; running means are over those that were drawn.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.dropout import SCALINGS, Masks, all_masks, draw_mask, expectation, spread
from dlcore.topics.dropout_config import ScalingConfig

BOTH = ("inverted", "lecture")
LARGEST_OUTPUT = 2.0


class Layer(NamedTuple):
    """Outputs a of the units for one input, and the weights w behind them, (units,) each, in steps of 0.1."""

    a: Tensor
    w: Tensor


class Way(NamedTuple):
    """What one scaling gives: F frames, n units; means are NaN in frame 0."""

    training: np.ndarray  # (F, n), what passes of each unit
    mean: np.ndarray  # (F, n), its mean over the masks so far
    test: np.ndarray  # (n,)
    z: np.ndarray  # (F,), the sum behind them, Σ w ·
    mean_z: np.ndarray  # (F,)
    test_z: float


class ScalingTrace(NamedTuple):
    """All frames of a layer under masks, and what is known of all masks at once."""

    layer: Layer
    masks: np.ndarray  # (F, n)
    ways: dict[str, Way]  # by the names of SCALINGS
    expected: float  # E z of the inverted way, summed over all 2ⁿ masks
    spread: float  # the standard deviation of z, inverted
    sums: np.ndarray  # (2ⁿ,): z of every mask, inverted
    chances: np.ndarray  # (2ⁿ,), of every mask


def draw_layer(config: ScalingConfig) -> Layer:
    """The layer of a seed: outputs from 0.1 to 2, weights from −1.5 to 1.5, none of them 0."""
    numbers = torch.rand(2, config.units, generator=generator(config.seed), dtype=torch.float64)
    a = (1 + (20 * LARGEST_OUTPUT / 2 * numbers[0]).floor()) / 10
    w = (1 + (15 * (2 * numbers[1] - 1).abs()).floor()) / 10 * (2 * numbers[1] - 1).sign()
    return Layer(a, w)


def trace(config: ScalingConfig) -> ScalingTrace:
    """All frames."""
    layer = draw_layer(config)
    own = torch.tensor([config.kept], dtype=torch.float64)
    drawn = draw_mask((config.num_masks, config.units), config.p, generator(config.seed + 1))
    masks = torch.cat([own, drawn])
    every = all_masks(config.units, config.p)
    sums = passed("inverted", layer, every.masks, config.p) @ layer.w
    return ScalingTrace(
        layer=layer,
        masks=masks.numpy(),
        ways={name: _way(name, layer, masks, config.p) for name in BOTH},
        expected=float(expectation(sums, every.chances)),
        spread=spread(layer.a, layer.w, config.p),
        sums=sums.numpy(),
        chances=every.chances.numpy(),
    )


def passed(name: str, layer: Layer, masks: Tensor, p: float) -> Tensor:
    """What passes of the units while training, (masks, n)."""
    return SCALINGS[name].training(layer.a, masks, p)


def expectation_error(config: ScalingConfig) -> float:
    """How far E over all masks is from what each way gives at test, unit by unit: the largest difference."""
    layer, every = draw_layer(config), all_masks(config.units, config.p)
    return max(_error(name, layer, every, config.p) for name in BOTH)


def _error(name: str, layer: Layer, every: Masks, p: float) -> float:
    mean = expectation(passed(name, layer, every.masks, p), every.chances)
    return float((mean - SCALINGS[name].test(layer.a, p)).abs().max())


def _way(name: str, layer: Layer, masks: Tensor, p: float) -> Way:
    training = passed(name, layer, masks, p)
    mean = running_mean(training)
    test = SCALINGS[name].test(layer.a, p)
    return Way(
        training=training.numpy(),
        mean=mean.numpy(),
        test=test.numpy(),
        z=(training @ layer.w).numpy(),
        mean_z=(mean @ layer.w).numpy(),
        test_z=float(test @ layer.w),
    )


def running_mean(values: Tensor) -> Tensor:
    """The mean of rows 1 to k at row k, NaN at row 0: (F, n) -> (F, n)."""
    counts = torch.arange(1, len(values), dtype=values.dtype)[:, None]
    nothing = torch.full_like(values[:1], torch.nan)
    return torch.cat([nothing, values[1:].cumsum(dim=0) / counts])
