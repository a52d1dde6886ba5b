"""How large a network for how many samples: the error of every pair of a width and a training set's size.

Knows which networks are trained for the map, in which order, and what each cell holds; not how it is drawn.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore import require
from dlcore.topics.overfitting import trained
from dlcore.topics.overfitting_config import MOST_SEEDS, OverfittingConfig
from dlcore.training import Snapshot

EMPTY = -1.0  # a cell that is not yet computed
NAMES = ("test", "train", "low", "high")  # of a cell
MOST_WIDTH, MOST_SIZE = 128, 640


@dataclass(frozen=True, kw_only=True)
class CapacityConfig:
    """The map's axes, and what its networks have in common. The defaults are the view as it opens.

    widths: units of each of `depth` hidden layers. sizes: training samples. The other fields are those of
    OverfittingConfig; a cell is the mean over num_seeds networks, each with data of its own.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: str = "moons"
    num_classes: int = 2
    noise: float = 0.25
    label_noise: float = 0.12
    features: tuple[str, ...] = ("x", "y")
    widths: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    depth: int = 2
    sizes: tuple[int, ...] = (10, 20, 40, 80, 160, 320)
    activation: str = "tanh"
    lr: float = 0.01
    num_steps: int = 400
    seed: int = 0
    num_seeds: int = 8
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.data == "points":
            raise ValueError("data is 'points': a map of sizes needs data of any size, so it must be another.")
        for name, most in (("widths", MOST_WIDTH), ("sizes", MOST_SIZE)):
            values = getattr(self, name)
            if not values or any(low >= high for low, high in itertools.pairwise(values)):
                raise ValueError(f"{name} is {values}: it must be whole numbers, each larger than the last.")
            for value in values:
                require.whole(name, value, 1 if name == "widths" else 10, most)
        require.whole("depth", self.depth, 1, 3)
        require.whole("num_seeds", self.num_seeds, 1, MOST_SEEDS)
        self.cell(self.widths[0], self.sizes[0])  # which refuses the rest

    def cell(self, width: int, size: int) -> OverfittingConfig:
        """The networks of a cell: the runs of A."""
        return OverfittingConfig(
            data=self.data,
            num_classes=self.num_classes,
            noise=self.noise,
            label_noise=self.label_noise,
            features=self.features,
            hidden=(width,) * self.depth,
            num_train=size,
            activation=self.activation,
            lr=self.lr,
            num_steps=self.num_steps,
            switch="none",
            seed=self.seed,
            num_seeds=self.num_seeds,
            device=self.device,
        )

    @property
    def order(self) -> tuple[tuple[int, int], ...]:
        """All cells as (row, column), the cheapest first: the map is soon full of what is small."""
        cells = [(row, column) for row in range(len(self.widths)) for column in range(len(self.sizes))]
        return tuple(sorted(cells, key=lambda cell: (self._cost(*cell), cell)))

    def _cost(self, row: int, column: int) -> int:
        """About the number of multiplications in a step."""
        width, size = self.widths[row], self.sizes[column]
        return size * (width + 8) ** 2


def map_of(config: OverfittingConfig) -> CapacityConfig:
    """The map of the same data, as many hidden layers as A has, from 1 to 3, and the same training.

    Raises: ValueError for a reader's own points, which cannot be as many as one likes.
    """
    return CapacityConfig(
        data=config.data,
        num_classes=config.num_classes,
        noise=config.noise,
        label_noise=config.label_noise,
        features=config.features,
        depth=min(max(len(config.hidden), 1), 3),
        activation=config.activation,
        lr=config.lr,
        num_steps=config.num_steps,
        seed=config.seed,
        num_seeds=config.num_seeds,
        device=config.device,
    )


def num_frames(config: CapacityConfig) -> int:
    """One before the first cell, and one after each."""
    return 1 + len(config.order)


def shapes(config: CapacityConfig) -> dict[str, tuple[tuple[int, ...], str]]:
    """Name -> (shape, dtype) of every array in a frame."""
    return {name: (array.shape, str(array.dtype)) for name, array in next(frames(config)).arrays.items()}


def frames(config: CapacityConfig) -> Iterator[Snapshot]:
    """The map, cell by cell.

    test, train, low, high: (widths, sizes) float32, percent of wrong answers, −1 where nothing is computed yet: the
    means over the networks, and the lowest and highest test error. newest: (2,) int16, row and column of the last cell.
    """
    found = {name: np.full((len(config.widths), len(config.sizes)), EMPTY, np.float32) for name in NAMES}
    yield Snapshot({**_copies(found), "newest": np.full(2, -1, np.int16)})
    for row, column in config.order:
        runs = config.cell(config.widths[row], config.sizes[column]).a()
        *_, last = trained(runs, np.array([config.num_steps]))
        test, train = (100 - last.values[f"accuracy.{split}"] for split in ("test", "train"))
        for name, error in zip(NAMES, (test.mean(), train.mean(), test.min(), test.max()), strict=True):
            found[name][row, column] = error
        yield Snapshot({**_copies(found), "newest": np.array([row, column], np.int16)})


def _copies(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in found.items()}
