"""Points in the plane with two classes or more, made from a seed.

Knows how each set is drawn and how far it reaches; knows nothing of models, and draws no picture.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.features import FEATURES, PLAIN, lift
from dlcore.datasets.splits import Samples, Splits, flip
from dlcore.device import generator

MOST_SAMPLES = 5000  # of one split
TURNS = 1.5  # of a spiral's arm, counted from the middle
MARGIN = 0.15  # between the squares of XOR and its axes


class Plane(NamedTuple):
    """A set's title, where its points lie before noise, how far it reaches, and how many classes it may have."""

    title: str
    place: Callable[[Tensor, Tensor, int], Tensor]
    reach: float  # the picture shows −reach to reach
    most_classes: int = 2


def moons(labels: Tensor, chance: Tensor, _: int) -> Tensor:
    """Two half circles of radius 1 that reach into one another, as scikit-learn's, moved to the middle."""
    angle = math.pi * (chance[:, 0] + labels)
    side = 1.0 - 2.0 * labels
    return torch.stack([angle.cos() - side / 2, angle.sin() - side / 4], dim=1)


def circles(labels: Tensor, chance: Tensor, _: int) -> Tensor:
    """A circle of radius 1 around one of radius 1/2."""
    return _polar(1.0 - labels / 2, 2 * math.pi * chance[:, 0])


def blobs(labels: Tensor, chance: Tensor, num_classes: int) -> Tensor:
    """Middles on a circle of radius 1; the noise alone makes them clouds."""
    return _polar(torch.ones(len(labels)), 2 * math.pi * (labels / num_classes + 0.125))


def xor(labels: Tensor, chance: Tensor, _: int) -> Tensor:
    """Four squares around the origin: class 0 where x and y have the same sign, class 1 where they differ."""
    sign = (chance[:, 2] < 0.5) * 2.0 - 1.0
    signs = torch.stack([sign, sign * (1.0 - 2.0 * labels)], dim=1)
    return signs * (MARGIN + (1 - MARGIN) * chance[:, :2])


def spirals(labels: Tensor, chance: Tensor, num_classes: int) -> Tensor:
    """Arms that wind outwards, one a class; all distances from the middle are as frequent."""
    out = 0.1 + 0.9 * chance[:, 0]
    return _polar(3 * out, 2 * math.pi * (TURNS * out + labels / num_classes))


PLANES: dict[str, Plane] = {
    "moons": Plane("Moons", moons, 2.5),
    "circles": Plane("Circles", circles, 2.0),
    "blobs": Plane("Blobs", blobs, 2.5, most_classes=5),
    "xor": Plane("XOR", xor, 1.75),
    "spirals": Plane("Spirals", spirals, 4.0, most_classes=3),
}


@dataclass(frozen=True, kw_only=True)
class PlaneConfig:
    """Every setting of a set of points; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    name: str = "moons"
    num_classes: int = 2
    noise: float = 0.25  # standard deviation of what is added to each coordinate
    label_noise: float = 0.0  # share of the training labels that are wrong
    num_train: int = 80
    num_validation: int = 300
    num_test: int = 1000
    seed: int = 0
    features: tuple[str, ...] = PLAIN  # what a network is given of each point, names of FEATURES

    def __post_init__(self) -> None:
        require.one_of("name", self.name, PLANES)
        require.whole("num_classes", self.num_classes, 2, PLANES[self.name].most_classes)
        require.number("noise", self.noise, 0, 2)
        require.number("label_noise", self.label_noise, 0, 1)
        for field in ("num_train", "num_validation", "num_test"):
            require.whole(field, getattr(self, field), self.num_classes, MOST_SAMPLES)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.some_of("features", self.features, FEATURES)

    @property
    def num_features(self) -> int:
        """How many numbers a network is given of each point."""
        return len(self.features)

    @property
    def reach(self) -> float:
        """The picture shows −reach to reach."""
        return PLANES[self.name].reach

    def places(self) -> Splits:
        """What `make` gives with x and y as the inputs, whatever the features: where the points lie."""
        return replace(self, features=PLAIN).make()

    def make(self) -> Splits:
        """The features of the points; all classes of a split have as many samples, or one more. Not to be written to.

        A larger split begins with the samples of a smaller one, and neither its size nor any noise moves another.
        """
        return _make(self)


@lru_cache(maxsize=64)
def _make(config: PlaneConfig) -> Splits:
    seeds = torch.randint(2**31, (4,), generator=generator(config.seed)).tolist()
    sizes = (config.num_train, config.num_validation, config.num_test)
    train, validation, test = (_draw(config, *each) for each in zip(sizes, seeds[:3], strict=True))
    labels, flipped = flip(train.labels, config.label_noise, config.num_classes, generator(seeds[3]))
    return Splits(train._replace(labels=labels), validation, test, flipped)


def _draw(config: PlaneConfig, size: int, seed: int) -> Samples:
    chances = generator(seed)
    labels = torch.arange(MOST_SAMPLES) % config.num_classes
    chance = torch.rand(MOST_SAMPLES, 3, generator=chances)
    noise = config.noise * torch.randn(MOST_SAMPLES, 2, generator=chances)
    points = PLANES[config.name].place(labels, chance, config.num_classes) + noise
    return Samples(lift(points[:size], config.features), labels[:size].clone())


def _polar(radius: Tensor, angle: Tensor) -> Tensor:
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
