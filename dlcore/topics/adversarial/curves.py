"""Attacks on many pictures: how many answers stay right at each ε, and which class the pictures are taken for.

Knows which pictures are attacked and what is counted; does not know how an attack works. A picture that was wrong
before any attack counts as wrong: that is what accuracy means. Every frame adds pictures, so that intervals shrink.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.topics.adversarial.answers import answers, flow, logits, percent, runners_up
from dlcore.topics.adversarial.attacks import ATTACKS, at_each
from dlcore.topics.adversarial.held import Pictures, batches, check, held
from dlcore.topics.adversarial.settings import MOST_EPSILON, AttackSettings
from dlcore.topics.images.arrays import Arrays, to_bytes
from dlcore.training import Snapshot

BATCH = 20  # pictures that a frame adds: of drawn objects two of each class
MOST_EPSILONS = 32
#: Of the curves, in levels of a pixel.
EPSILONS: dict[str, tuple[float, ...]] = {
    "objects": (0, 1, 2, 4, 6, 8, 12, 16),
    "digits": (0, 10, 20, 26, 38, 51, 64, 77),
}
SHOWN = ("noise", "fgsm", "pgd")


@dataclass(frozen=True, kw_only=True)
class CurvesConfig:
    """A network, attacks on it, and pictures that it has not learnt from.

    epsilon: one of epsilons, at which is counted which class is taken for which. shift: how unlike the training
    pictures drawn ones are, 0 to 1. seed: of the set of pictures.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    model: str = "plain"
    attacks: tuple[str, ...] = SHOWN
    epsilons: tuple[float, ...] = EPSILONS["objects"]
    epsilon: float = 4
    num_images: int = 200
    shift: float = 0.0
    settings: AttackSettings = field(default_factory=AttackSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("model", self.model, checkpoints.MODELS)
        require.some_of("attacks", self.attacks, ATTACKS)
        require.whole("The number of epsilons", len(self.epsilons), 1, MOST_EPSILONS)
        for epsilon in self.epsilons:
            require.number("epsilons", epsilon, 0, MOST_EPSILON[self.settings.norm])
        if self.epsilon not in self.epsilons:
            named = ", ".join(f"{epsilon:g}" for epsilon in self.epsilons)
            raise ValueError(f"epsilon is {self.epsilon!r}: it must be one of the curves' epsilons, {named}.")
        check(self.data, self.num_images, self.seed)
        require.number("shift", self.shift, 0, 1)

    @property
    def data(self) -> str:
        """What the network looks at."""
        return checkpoints.MODELS[self.model].data

    @property
    def counts(self) -> tuple[int, ...]:
        """The pictures that are attacked by each frame; none in the first."""
        return (*range(0, self.num_images, BATCH), self.num_images)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)


def frames(config: CurvesConfig) -> Iterator[Snapshot]:
    """Accuracy at every ε, and how often each class was taken for each, over the pictures so far.

    In percent: accuracy, and low and high, the ends of its interval. picture: the newest under the last attack.
    """
    net, pictures = checkpoints.network(config.model), held(config.data, config.num_images, config.seed, config.shift)
    given = {name: torch.empty(0, len(config.epsilons), dtype=torch.int64) for name in config.attacks}
    picture = pictures.images[0]
    yield _frame(config, pictures.labels[:0], given, picture)
    for count, part, settings in batches(pictures, BATCH, config.settings):
        for name in config.attacks:
            found, picture = attacked(name, net, part, replace(config, settings=settings))
            given[name] = torch.cat([given[name], found])
        yield _frame(config, pictures.labels[:count], given, picture)


def attacked(name: str, net: nn.Module, part: Pictures, config: CurvesConfig) -> tuple[Tensor, Tensor]:
    """What the network answers to these pictures at every ε, (pictures, epsilons); the last of them at config.epsilon.

    A targeted attack goes for each picture's runner-up.
    """
    goals = runners_up(logits(net, part.images), part.labels) if ATTACKS[name].targeted else None
    columns, shown = [], part.images[-1]
    made = at_each(name, net, part.images, part.labels, config.epsilons, config.settings, goals)
    for epsilon, images in zip(config.epsilons, made, strict=True):
        columns.append(answers(net, images))
        if epsilon == config.epsilon:
            shown = images[-1]
    return torch.stack(columns, dim=1), shown


def _frame(config: CurvesConfig, labels: Tensor, given: Mapping[str, Tensor], picture: Tensor) -> Snapshot:
    num_classes, at = len(checkpoints.MODELS[config.model].classes), config.epsilons.index(config.epsilon)
    found: Arrays = {"count": np.float32(len(labels)), "picture": to_bytes(picture)}
    for name, taken_for in given.items():
        share = percent(taken_for == labels[:, None])
        found |= {
            f"accuracy.{name}": share.mean,
            f"low.{name}": share.low,
            f"high.{name}": share.high,
            f"flow.{name}": flow(labels, taken_for[:, at], num_classes).float().numpy(),
        }
    return Snapshot(found)
