"""Dropout: a random mask over a layer, the two ways to make up for it, and what comes of them on average.

Knows one layer's outputs and the weights behind them; does not know how a network with masks is trained.

p is the probability to DROP a unit, as in torch; a lecture's p may be the probability to keep one, 1 − p here.
Source: Hinton et al., Improving neural networks by preventing co-adaptation of feature detectors (2012); Srivastava
et al., Dropout: a simple way to prevent neural networks from overfitting (2014), section 4 and, for the scaling, 10.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

MOST_UNITS = 12  # of which all masks can be listed


def draw_mask(shape: tuple[int, ...], p: float, generator: torch.Generator) -> Tensor:
    """1 for a unit that stays, 0 for one that is dropped, each drawn by itself: a number from 0 to 1 is at least p."""
    return (torch.rand(shape, generator=generator) >= p).double()


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """When the outputs a are scaled so that training and test agree: (a, mask, p) -> a', and (a, p) -> a'."""

    title: str
    training: Callable[[Tensor, Tensor, float], Tensor]
    test: Callable[[Tensor, float], Tensor]


SCALINGS: dict[str, Scaling] = {
    "inverted": Scaling(  # torch's
        title="scale while training (torch)",
        training=lambda a, mask, p: a * mask / (1 - p),
        test=lambda a, p: a,
    ),
    "lecture": Scaling(
        title="scale at test (lecture)",
        training=lambda a, mask, p: a * mask,
        test=lambda a, p: a * (1 - p),
    ),
    "none": Scaling(  # a mistake
        title="never scale",
        training=lambda a, mask, p: a * mask,
        test=lambda a, p: a,
    ),
}


class Masks(NamedTuple):
    """All masks that a layer can have, and how likely each is."""

    masks: Tensor  # (2ⁿ, n)
    chances: Tensor  # (2ⁿ,), they sum to 1


def all_masks(num_units: int, p: float) -> Masks:
    """Every mask of a layer.

    Raises: ValueError for more units than `MOST_UNITS`.
    """
    if num_units > MOST_UNITS:
        raise ValueError(f"num_units is {num_units}: at most {MOST_UNITS} have few enough masks to list.")
    masks = torch.tensor(list(itertools.product((0.0, 1.0), repeat=num_units)), dtype=torch.float64)
    kept = masks.sum(dim=1)
    return Masks(masks, (1 - p) ** kept * p ** (num_units - kept))


def expectation(values: Tensor, chances: Tensor) -> Tensor:
    """E f = Σ P(m) f(m) over all masks: values (masks, ...) -> (...)."""
    return torch.tensordot(chances, values, dims=1)


def spread(a: Tensor, w: Tensor, p: float) -> float:
    """The standard deviation of z = Σ w a m/(1 − p): √(p/(1 − p) Σ (w a)²), since the units are drawn apart."""
    return math.sqrt(p / (1 - p) * float((w * a).square().sum()))
