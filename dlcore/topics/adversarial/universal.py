"""One change for all pictures: a single δ, made from some pictures, that takes answers away on others, too.

Knows pictures, the network that δ is made on, and perhaps a second one that is only asked; does not know how δ is
drawn. Sources: Moosavi-Dezfooli et al., Universal adversarial perturbations (2017); Shafahi et al., Universal
adversarial training (2020), section 3: steps by the sign of the gradient of a loss that is cut off.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlcore import checkpoints, require
from dlcore.device import generator
from dlcore.topics.adversarial.answers import answers, logits, percent
from dlcore.topics.adversarial.ball import random_directions, steepest
from dlcore.topics.adversarial.deltas import deltas
from dlcore.topics.adversarial.held import MOST_IMAGES, Pictures, check, held, labels, networks
from dlcore.topics.adversarial.settings import LEVEL, MOST_EPSILON, AttackSettings
from dlcore.topics.images.arrays import Arrays, scalar, to_bytes
from dlcore.topics.intervals import Interval
from dlcore.training import Snapshot

EXAMPLES = 6  # the first pictures of the tested ones, whatever becomes of them
BATCH = 50  # pictures of an update


@dataclass(frozen=True, kw_only=True)
class UniversalConfig:
    """Pictures that δ is made from, others that it is tested on, and the network.

    other: the key of a second network for the same pictures, asked only; None: none is. step_share: of ε, in each
    update. settings: the norm, and the seed of the batches and of the noise it is compared with. seed: of the pictures.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    model: str = "digits"
    other: str | None = None
    num_images: int = 200
    num_tests: int = 300
    epsilon: float = 51
    num_epochs: int = 10
    step_share: float = 0.2
    settings: AttackSettings = field(default_factory=AttackSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("model", self.model, checkpoints.MODELS)
        if self.other is not None:
            require.one_of("other", self.other, networks(self.data))
        require.whole("num_images", self.num_images, 2, MOST_IMAGES[self.data])
        require.whole("num_tests", self.num_tests, EXAMPLES, MOST_IMAGES[self.data])
        check(self.data, self.num_images + self.num_tests, self.seed)
        require.number("epsilon", self.epsilon, 0, MOST_EPSILON[self.settings.norm])
        require.whole("num_epochs", self.num_epochs, 1, 50)
        require.number("step_share", self.step_share, 0.001, 2)

    @property
    def data(self) -> str:
        """What the network looks at."""
        return checkpoints.MODELS[self.model].data

    @property
    def steps(self) -> tuple[int, ...]:
        """How many updates are done in each frame."""
        return tuple(range(1 + self.num_epochs * -(-self.num_images // BATCH)))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.steps)

    def truths(self) -> tuple[int, ...]:
        """The classes of the examples."""
        return labels(self.data, self.num_images + self.num_tests, self.seed)[self.num_images :][:EXAMPLES]


def frames(config: UniversalConfig) -> Iterator[Snapshot]:
    """δ after each update, and in percent how many right answers it takes: on its own pictures, on others, from others.

    fooled.noise: by random noise of the same ε, drawn anew for each tested picture.
    """
    every = held(config.data, config.num_images + config.num_tests, config.seed)
    train, test = every.part(0, config.num_images), every.part(config.num_images, len(every.labels))
    look = _Look(config, train, test)
    delta = torch.zeros_like(train.images[0])
    yield look.at(delta)
    for rows in _batches(config):
        delta = updated(delta, look.net, train.images[rows], train.labels[rows], config)
        yield look.at(delta)


def updated(delta: Tensor, net: nn.Module, images: Tensor, labels: Tensor, config: UniversalConfig) -> Tensor:
    """δ after a step up the mean loss under it, back inside its ball.

    A picture whose loss is worse than a guess's, log of the number of classes, is lost, and pushes no more: otherwise
    the few that are lost most would say where δ goes.
    """
    radius = LEVEL * config.epsilon
    with torch.enable_grad():
        change = delta.clone().requires_grad_()
        found = net((images + change).clamp(0, 1))
        losses = cross_entropy(found, labels, reduction="none").clamp(max=math.log(found.shape[1]))
        (gradient,) = torch.autograd.grad(losses.mean(), change)
    moved = delta + config.step_share * radius * steepest(gradient[None], config.settings.norm)[0]
    if config.settings.norm == "linf":
        return moved.clamp(-radius, radius)
    return moved * (radius / moved.norm().clamp(min=max(radius, 1e-12)))


def _batches(config: UniversalConfig) -> Iterator[Tensor]:
    """The numbers of the pictures of each update, drawn anew in every epoch."""
    chances = generator(config.settings.seed)
    for _ in range(config.num_epochs):
        yield from torch.randperm(config.num_images, generator=chances).split(BATCH)


class _Look:
    """What a frame shows of δ."""

    def __init__(self, config: UniversalConfig, train: Pictures, test: Pictures) -> None:
        self.config, self.train, self.test = config, train, test
        self.net = checkpoints.network(config.model)
        asked = {"train": (self.net, train), "test": (self.net, test)}
        if config.other:
            asked["other"] = (checkpoints.network(config.other), test)
        self.asked = {name: (net, pictures, _right(net, pictures)) for name, (net, pictures) in asked.items()}
        self.noise = self._noise()

    def at(self, delta: Tensor) -> Snapshot:
        """The frame of this δ, (channels, height, width)."""
        fooled = {f"fooled.{name}": percent(self._lost(name, delta)) for name in self.asked}
        found: Arrays = {
            f"{name}.{part}": value
            for name, share in (fooled | {"fooled.noise": self.noise}).items()
            for part, value in share._asdict().items()
        }
        under = logits(self.net, (self.train.images + delta).clamp(0, 1))
        found["loss"] = scalar(cross_entropy(under, self.train.labels))
        return Snapshot(found | self._examples(delta) | deltas(delta, self._white(delta)))

    def _white(self, delta: Tensor) -> float:
        """How many levels are white where δ is magnified: in L₂ the largest, for no pixel comes near ε there."""
        return self.config.epsilon if self.config.settings.norm == "linf" else float(delta.abs().max()) / LEVEL

    def _lost(self, name: str, delta: Tensor) -> Tensor:
        """Of the pictures that were right, which are not any more."""
        net, pictures, right = self.asked[name]
        return ~_right(net, pictures, delta)[right]

    def _noise(self) -> Interval:
        drawn = random_directions(self.test.images, self.config.settings.norm, self.config.settings.seed)
        return percent(self._lost("test", LEVEL * self.config.epsilon * drawn))

    def _examples(self, delta: Tensor) -> Arrays:
        pictures = (self.test.images[:EXAMPLES] + delta).clamp(0, 1)
        taken_for = answers(self.net, pictures)
        return {
            **{f"example.{number}": to_bytes(picture) for number, picture in enumerate(pictures)},
            **{f"answer.{number}": np.float32(label) for number, label in enumerate(taken_for.tolist())},
        }


def _right(net: nn.Module, pictures: Pictures, delta: Tensor | float = 0.0) -> Tensor:
    return answers(net, (pictures.images + delta).clamp(0, 1)) == pictures.labels
