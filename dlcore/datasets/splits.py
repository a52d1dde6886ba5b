"""Knows what labelled samples are, apart for training, validation and test; does not know where they come from."""

from typing import NamedTuple

import torch
from torch import Tensor


class Samples(NamedTuple):
    """Inputs with the class of each."""

    inputs: Tensor  # (samples, features), float32
    labels: Tensor  # (samples,), int64: 0, 1, ...


class Splits(NamedTuple):
    """What a model learns from, what it is chosen by, and what it is judged by. Only training labels may be wrong."""

    train: Samples
    validation: Samples
    test: Samples
    flipped: Tensor  # (training samples,), bool: whose label is wrong on purpose


def flip(labels: Tensor, share: float, num_classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Gives that share of the labels, to the nearest sample, another class, each other class being as likely.

    labels: (samples,). Returns the new labels and which were changed, (samples,) bool; a larger share changes the
    same samples and more.
    """
    flipped = torch.zeros(len(labels), dtype=torch.bool)
    flipped[torch.randperm(len(labels), generator=generator)[: round(share * len(labels))]] = True
    others = 1 + torch.randint(num_classes - 1, labels.shape, generator=generator)
    return ((labels + others) % num_classes).where(flipped, labels), flipped
