"""Subjects whose network is a function that a test gives, on small pictures: what should come out can be worked out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.config import Subject
from dlcore.training import Snapshot

SIDE = 8
Function = Callable[[Tensor], Tensor]  # images (batch, channels, height, width) -> (batch,)


class Scored(nn.Module):
    """The logit of class 0 is the function, that of class 1 is 0."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        score = self.function(images)
        return torch.stack([score, torch.zeros_like(score)], dim=1)


def drawn(seed: int = 0, channels: int = 1) -> Tensor:
    """A picture of noise."""
    return torch.rand(channels, SIDE, SIDE, generator=generator(seed))


def quarter() -> np.ndarray:
    """A mask: the upper left quarter of the picture."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[: SIDE // 2, : SIDE // 2] = True
    return mask


@dataclass(frozen=True, kw_only=True)
class Given(Subject):
    """A picture (channels, height, width) of noise unless another is given, the class 0, a function, perhaps a mask."""

    function: Function
    given: Tensor = field(default_factory=drawn)
    where: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        channels, height, width = self.given.shape
        return channels, height, width

    def network(self) -> nn.Module:
        return Scored(self.function)

    def image(self) -> Tensor:
        return self.given

    def mask(self) -> np.ndarray | None:
        return self.where

    def target(self) -> Target:
        return Target(label=0)


def linear(seed: int = 1, channels: int = 1) -> tuple[Function, Tensor]:
    """w · x, and w (channels, height, width)."""
    weights = torch.randn(channels, SIDE, SIDE, generator=generator(seed))
    return lambda images: (weights * images).sum(dim=(1, 2, 3)), weights


def bent(seed: int = 2, units: int = 30) -> Function:
    """A network of one hidden layer of ReLUs, with kinks all over the place."""
    draws = generator(seed)
    first, second = torch.randn(units, SIDE * SIDE, generator=draws) / SIDE, torch.randn(units, generator=draws)
    shift = 0.3 * torch.randn(units, generator=draws)
    return lambda images: (images.flatten(1) @ first.T + shift).relu() @ second


def values(frames: Sequence[Snapshot], name: str) -> np.ndarray:
    """An array of a run, frame by frame."""
    return np.array([frame.arrays[name] for frame in frames])
