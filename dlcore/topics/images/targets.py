"""Knows which number of a network's output a map explains: one class's logit, or how far it is ahead of another's.

Does not know how it is explained. Logits and not probabilities, which can also grow because the other classes shrink
(Simonyan, Vedaldi, Zisserman, 2013, section 2), and whose gradient vanishes where the network is sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dlcore import require

MOST_CLASSES = 100_000


@dataclass(frozen=True)
class Target:
    """The class to explain, and perhaps one that it is compared with: "why this and not that?".

    Raises: ValueError where a class is not a whole number from 0, or compared with itself.
    """

    label: int
    against: int | None = None

    def __post_init__(self) -> None:
        require.whole("label", self.label, 0, MOST_CLASSES)
        if self.against is not None:
            require.whole("against", self.against, 0, MOST_CLASSES)
            if self.against == self.label:
                raise ValueError(f"against is {self.against}: it must be another class than the label.")


def score(logits: Tensor, target: Target) -> Tensor:
    """What is explained, (batch,): z_label, or z_label − z_against; logits (batch, classes).

    Raises: ValueError where the network has no such class.
    """
    return scores(logits, pairs([target]).expand(len(logits), -1))


def pairs(targets: Sequence[Target]) -> Tensor:
    """Targets as numbers, one for each image: int64 (batch, 2), label and against, −1 where there is none."""
    return torch.tensor([[target.label, -1 if target.against is None else target.against] for target in targets])


def scores(logits: Tensor, asked: Tensor) -> Tensor:
    """The same where each row of logits (batch, classes) has its own pair, asked (batch, 2). Raises as `score`."""
    if asked.numel() and int(asked.max()) >= logits.shape[1]:
        raise ValueError(f"The class is {int(asked.max())}: it must be one of 0 to {logits.shape[1] - 1}.")
    label, against = asked.to(logits.device).unsqueeze(2).unbind(dim=1)
    other = logits.gather(1, against.clamp(min=0))
    return (logits.gather(1, label) - other.where(against >= 0, 0)).squeeze(1)
