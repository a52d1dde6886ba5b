"""What a network may be given of a point in the plane; knows how each is made of x and y, nothing of data or models."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Feature(NamedTuple):
    """A feature's title, and the function that makes it of x and y, of one shape."""

    title: str
    of: Callable[[Tensor, Tensor], Tensor]


FEATURES: dict[str, Feature] = {
    "x": Feature("x", lambda x, y: x),
    "y": Feature("y", lambda x, y: y),
    "xx": Feature("x²", lambda x, y: x * x),
    "yy": Feature("y²", lambda x, y: y * y),
    "xy": Feature("x·y", lambda x, y: x * y),
    "sinx": Feature("sin x", lambda x, y: x.sin()),
    "siny": Feature("sin y", lambda x, y: y.sin()),
}
PLAIN = ("x", "y")


def lift(points: Tensor, features: Sequence[str], dim: int = -1) -> Tensor:
    """These features of points whose x and y lie along a dimension, instead of them: (..., 2) to (..., features)."""
    x, y = points.unbind(dim)
    return torch.stack([FEATURES[name].of(x, y) for name in features], dim=dim)
