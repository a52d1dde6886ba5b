"""DeepFool: the way to the nearest boundary between two answers, and how far the others are.

Knows a network's logits and their gradients; does not know what is drawn of them. At each step the network is taken for
linear, so that every boundary is a plane, and the nearest one is walked to.
Source: Moosavi-Dezfooli, Fawzi, Frossard, DeepFool: a simple and accurate method to fool deep neural networks (2016),
algorithm 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import require
from dlcore.topics.adversarial.answers import logits
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import LEVEL
from dlcore.topics.adversarial.trial import Trial
from dlcore.topics.images.arrays import scalar
from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import Target, pairs
from dlcore.training import Snapshot

MOST_STEPS = 100
CANDIDATES = 10  # the likeliest classes, among which the nearest boundary is looked for
FURTHER = 1e-4  # of a pixel is each step longer, or steps that are cut to [0, 1] come ever nearer and never across


@dataclass(frozen=True, kw_only=True)
class BoundaryConfig:
    """One victim. overshoot: by which share the change is longer than the way to the boundary, to end beyond it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    victim: Victim = field(default_factory=Victim)
    num_steps: int = 20
    overshoot: float = 0.02

    def __post_init__(self) -> None:
        require.whole("num_steps", self.num_steps, 1, MOST_STEPS)
        require.number("overshoot", self.overshoot, 0, 1)

    @property
    def num_frames(self) -> int:
        """Of the run: the picture, and at most one a step."""
        return self.num_steps + 1


class Boundaries(NamedTuple):
    """Where a network that were linear from here on would change its answer to each class."""

    distances: Tensor  # (classes,): L₂, in pixels; NaN for the present answer, and for classes that are no candidates
    nearest: int
    step: Tensor  # (1, channels, height, width): the way to the nearest, and FURTHER


def boundaries(net: nn.Module, image: Tensor) -> Boundaries:
    """|z_k − z_answer| / ‖∇z_k − ∇z_answer‖ for each class k, of a picture (1, channels, height, width)."""
    scores = logits(net, image)[0]
    answer, *others = scores.topk(min(CANDIDATES, len(scores))).indices.tolist()
    asked = pairs([Target(other, against=answer) for other in others])
    ways = gradient(net, image.expand(len(others), -1, -1, -1), asked)
    lengths = ways.flatten(1).norm(dim=1).clamp(min=1e-12)
    away = (scores[answer] - scores[others]) / lengths
    best = int(away.argmin())
    distances = torch.full_like(scores, torch.nan)
    distances[others] = away
    return Boundaries(distances, others[best], ((away[best] + FURTHER) / lengths[best] * ways[best])[None])


def deepfool(
    net: nn.Module, image: Tensor, label: int, num_steps: int, overshoot: float
) -> Iterator[tuple[Tensor, Boundaries]]:
    """The picture (1, channels, height, width) before the first step and after each, with the boundaries around it.

    It ends as soon as the answer is another than the label, at the latest after num_steps.
    """
    moved, total = image, torch.zeros_like(image)
    for _ in range(num_steps):
        found = boundaries(net, moved)
        yield moved, found
        if int(logits(net, moved).argmax()) != label:
            return
        total = total + found.step
        moved = (image + (1 + overshoot) * total).clamp(0, 1)
    yield moved, boundaries(net, moved)


def frames(config: BoundaryConfig) -> Iterator[Snapshot]:
    """Frame k has the picture after DeepFool's k-th step; the run ends once the class is lost."""
    trial = Trial(config.victim, targeted=False)
    steps = deepfool(trial.net, trial.images, trial.label, config.num_steps, config.overshoot)
    for image, found in steps:
        yield Snapshot(
            {
                **trial.arrays(image[0], logits(trial.net, image)[0]),
                "distances": (found.distances / LEVEL).numpy(),
                "nearest": np.float32(found.nearest),
                "noise.chance": scalar(trial.with_noise(image, "l2")[0]),
            }
        )
