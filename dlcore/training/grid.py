"""Knows what every unit of a network answers on a grid of points, as bytes; does not know how they are coloured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.features import PLAIN, lift
from dlcore.training.config import TrainConfig, check_alike
from dlcore.training.frames import TrainFrame
from dlcore.training.measures import by_layer
from dlcore.training.network import Architecture, outputs

ZERO = 128  # the byte of an activation of 0
BOUNDED = {"tanh": 1.0, "sigmoid": 1.0}  # the largest activation there is, where there is one


@dataclass(frozen=True, kw_only=True)
class Grid:
    """size × size points of a square around the origin, edges included; cell [i, j] is at axis()[j], axis()[i].

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    reach: float  # from −reach to reach
    size: int = 100

    def __post_init__(self) -> None:
        require.number("reach", self.reach, 1e-6, 1e6)
        require.whole("size", self.size, 2, 400)

    def axis(self) -> np.ndarray:
        """The coordinates along x, and along y, (size,)."""
        return np.linspace(-self.reach, self.reach, self.size)

    def points(self, features: Sequence[str] = PLAIN) -> Tensor:
        """These features of all points, (features, size²), row after row of the map."""
        axis = torch.linspace(-self.reach, self.reach, self.size)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        return lift(torch.stack([x.flatten(), y.flatten()]), features, dim=0)


class Maps(NamedTuple):
    """Pictures of all units of all runs, as bytes."""

    surface: np.ndarray  # (runs, outputs, size, size): 255 · probability; one output is that of class 1
    units: Sequence[
        np.ndarray
    ]  # one (runs, width, size, size) a hidden layer: 128 + 127 · activation / scale, 1 to 255
    scales: Sequence[np.ndarray]  # one (runs, width) a hidden layer: the activation that is 255


def maps(frame: TrainFrame, grid: Grid, configs: Sequence[TrainConfig], runs: Sequence[int] | None = None) -> Maps:
    """The decision surface of each run, or of these, and what each hidden unit gives, on the grid; without dropout.

    Whatever features the networks are given, the pictures are of the plane.

    Raises: ValueError for configs that cannot have been trained as one, or inputs that are not points of a plane.
    """
    check_alike(configs)
    architecture = configs[0].architecture
    chosen = range(len(configs)) if runs is None else runs
    points = {features: grid.points(features)[None] for features in {features_of(configs[run]) for run in chosen}}
    made = (_one(frame, run, points[features_of(configs[run])], architecture) for run in chosen)
    surfaces, units, scales = zip(*made, strict=True)
    shape = (len(chosen), -1, grid.size, grid.size)
    return Maps(
        np.stack(surfaces).reshape(shape),
        [np.stack(layer).reshape(shape) for layer in zip(*units, strict=True)],
        [np.stack(layer) for layer in zip(*scales, strict=True)],
    )


def input_maps(grid: Grid, features: Sequence[str]) -> np.ndarray:
    """The features themselves on the grid, (features, size, size): 128 + 127 · feature / its largest there."""
    values = grid.points(features)
    return as_bytes(values, 127 / scale_of(values, "linear")[:, None], ZERO).reshape(-1, grid.size, grid.size)


def features_of(config: TrainConfig) -> tuple[str, ...]:
    """What the run's network is given of a point.

    Raises: ValueError where its inputs are not points of a plane.
    """
    if isinstance(config.data, DigitsConfig):
        raise ValueError(f"data has {config.data.num_features} features: only points of a plane have maps.")
    return config.data.features


def _one(
    frame: TrainFrame, run: int, points: Tensor, architecture: Architecture
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Surface, units and scales of one run; one after another, because the numbers of one stay in the fastest cache."""
    params = torch.from_numpy(frame.params[run : run + 1])
    running = by_layer(torch.from_numpy(frame.running[run : run + 1]), architecture)
    with torch.inference_mode():
        values = outputs(architecture, architecture.parts(params), points.to(params.dtype), running=running)
        *hidden, logits = (layer[0] for layer in values)
        scales = [scale_of(layer, architecture.activation) for layer in hidden]
        units = [as_bytes(layer, 127 / scale[:, None], ZERO) for layer, scale in zip(hidden, scales, strict=True)]
        chances = logits.sigmoid() if len(logits) == 1 else logits.softmax(dim=0)
        return as_bytes(chances, 255.0, 0), units, [scale.numpy() for scale in scales]


def scale_of(values: Tensor, activation: str) -> Tensor:
    """The activation that becomes 255, (units,): the bound where there is one, else the largest on the grid."""
    if activation in BOUNDED:
        return values.new_full(values.shape[:1], BOUNDED[activation])
    low, high = values.aminmax(dim=1)
    largest = torch.maximum(-low, high)
    return largest.where(largest > 0, 1.0)


def as_bytes(values: Tensor, factor: Tensor | float, zero: int) -> np.ndarray:
    """zero + factor · value, rounded; 0 where that is no number. Writes into values."""
    shown = values.mul_(factor).add_(zero + 0.5).numpy()
    with np.errstate(invalid="ignore"):  # weights may be so large that their sums are not finite
        return shown.astype(np.uint8)  # three times as fast as torch
