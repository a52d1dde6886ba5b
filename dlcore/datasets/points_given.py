"""A reader's own points: how they are dealt to training, validation and test, and how they are written in an address.

Knows points with classes; knows nothing of files or models.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.features import FEATURES, PLAIN, lift
from dlcore.datasets.splits import Samples, Splits, flip
from dlcore.device import generator

REACH = 3.0  # the picture shows −3 to 3
FEWEST, MOST = 4, 2000  # points
MOST_CLASSES = 5
MOST_IN_TEXT = 60  # points of an address
DECIMALS = 3  # of a coordinate in an address
LONGEST_POINT = 60  # characters of one in an address
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
POINT = re.compile(rf"({NUMBER})\s*,\s*({NUMBER})\s*,\s*(\d)", re.IGNORECASE | re.ASCII)


class Point(NamedTuple):
    """A point of the plane and its class: 0, 1, ..."""

    x: float
    y: float
    label: int


@dataclass(frozen=True, kw_only=True)
class PointsConfig:
    """Points as they were given, and how they are used; equal configs give equal numbers.

    Raises: ValueError naming the first thing out of its range, its value and the rule.
    """

    points: tuple[tuple[float, float, int], ...]
    titles: tuple[str, ...] = ()  # of the classes; none: they are called by their numbers
    train_share: float = 0.5  # of all points; of the others one half is for validation, one for the test
    label_noise: float = 0.0  # share of the training labels that are wrong
    seed: int = 0
    features: tuple[str, ...] = PLAIN  # what a network is given of each point, names of FEATURES

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.points) <= MOST:
            raise ValueError(f"{_counted(len(self.points))}: there must be from {FEWEST} to {MOST}.")
        for number, point in enumerate(self.points, start=1):
            check_point(f"Point {number}", point)
        if len({label for *_, label in self.points}) < 2:
            raise ValueError("All points are of one class: there must be points of at least two.")
        if self.titles and len(self.titles) != self.num_classes:
            raise ValueError(f"titles has {len(self.titles)} names: there are {self.num_classes} classes.")
        require.number("train_share", self.train_share, 0.1, 0.9)
        require.number("label_noise", self.label_noise, 0, 1)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.some_of("features", self.features, FEATURES)

    @property
    def num_features(self) -> int:
        """How many numbers a network is given of each point."""
        return len(self.features)

    @property
    def num_classes(self) -> int:
        """One more than the largest label."""
        return 1 + max(label for *_, label in self.points)

    @property
    def reach(self) -> float:
        """The picture shows −reach to reach."""
        return REACH

    @property
    def num_train(self) -> int:
        """The share of all points, to the nearest; the other splits have at least one each."""
        return min(max(round(self.train_share * len(self.points)), 2), len(self.points) - 2)

    @property
    def num_validation(self) -> int:
        """Half of what is not for training, rounded up."""
        return math.ceil((len(self.points) - self.num_train) / 2)

    @property
    def num_test(self) -> int:
        """What is left."""
        return len(self.points) - self.num_train - self.num_validation

    def dealt(self) -> Tensor:
        """Where each point goes, (points,) uint8: 0 training, 1 validation, 2 test. The seed deals each class in turn.

        A point more moves few others, since each draws its own number.
        """
        labels = torch.tensor([label for *_, label in self.points])
        drawn = torch.rand(len(labels), generator=_chances(self.seed)[0], dtype=torch.float64)
        among = torch.zeros(len(labels), dtype=torch.float64)  # the share of its class that comes before the point
        for label in labels.unique():
            own = labels == label
            among[own] = drawn[own].argsort().argsort().double() / own.sum()
        order = among.argsort(stable=True)
        where = torch.full((len(labels),), 2, dtype=torch.uint8)
        where[order[: self.num_train + self.num_validation]] = 1
        where[order[: self.num_train]] = 0
        return where

    def places(self) -> Splits:
        """What `make` gives with x and y as the inputs, whatever the features: where the points lie."""
        return replace(self, features=PLAIN).make()

    def make(self) -> Splits:
        """The features of the points, each split in the order in which they were given. Not to be written to."""
        return _make(self)


@lru_cache(maxsize=64)
def _make(config: PointsConfig) -> Splits:
    inputs = lift(torch.tensor([point[:2] for point in config.points], dtype=torch.float32), config.features)
    labels = torch.tensor([label for *_, label in config.points])
    where = config.dealt()
    train, validation, test = (Samples(inputs[where == split], labels[where == split]) for split in range(3))
    wrong, flipped = flip(train.labels, config.label_noise, config.num_classes, _chances(config.seed)[1])
    return Splits(train._replace(labels=wrong), validation, test, flipped)


def _chances(seed: int) -> list[torch.Generator]:
    """The generators of the deal and of the wrong labels."""
    return [generator(own) for own in torch.randint(2**31, (2,), generator=generator(seed)).tolist()]


def check_point(name: str, point: tuple[float, float, int]) -> None:
    """Refuse what is no point in the picture with a class of 0 to 4.

    Raises: ValueError, one sentence that begins with the name.
    """
    if len(point) != 3:
        raise ValueError(f"{name} has {len(point)} numbers: it must have three, x, y and its class.")
    x, y, label = point
    require.number(f"{name}: x", x, -REACH, REACH)
    require.number(f"{name}: y", y, -REACH, REACH)
    require.whole(f"{name}: the class", label, 0, MOST_CLASSES - 1)


def points_text(points: Iterable[tuple[float, float, int]]) -> str:
    """Points as an address holds them: "0.5,-1.2,0; 1,2,1"; three decimals are kept.

    Raises: ValueError for more than 60 points.
    """
    written = [f"{_short(x)},{_short(y)},{label}" for x, y, label in points]
    _check_fits(len(written))
    return "; ".join(written)


def read_points_text(text: str) -> tuple[Point, ...]:
    """Points as `points_text` writes them; none where the text is empty.

    Raises: ValueError, one sentence that names the point.
    """
    parts = [part.strip() for part in text.replace("−", "-").split(";") if part.strip()]
    _check_fits(len(parts))
    return tuple(_read(f"Point {number}", part) for number, part in enumerate(parts, start=1))


def _read(name: str, part: str) -> Point:
    match = POINT.fullmatch(part) if len(part) <= LONGEST_POINT else None
    if match is None:
        raise ValueError(f"{name}, “{part[:40]}”, is not understood: write x,y,class, such as 0.5,-1.2,0.")
    point = Point(float(match[1]), float(match[2]), int(match[3]))
    check_point(name, point)
    return point


def _check_fits(count: int) -> None:
    if count > MOST_IN_TEXT:
        raise ValueError(f"{_counted(count)}: an address has room for {MOST_IN_TEXT}.")


def _counted(count: int) -> str:
    return "There is 1 point" if count == 1 else f"There are {count} points"


def _short(value: float) -> str:
    return f"{round(value, DECIMALS) + 0.0:g}"  # + 0.0: no −0
