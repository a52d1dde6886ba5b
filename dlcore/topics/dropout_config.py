"""Every setting of the lesson on dropout: two nets that train side by side, masks on one of them, a single layer."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dlcore import require
from dlcore.datasets.planes import PLANES, PlaneConfig
from dlcore.training import TrainConfig

MOST_SEEDS = 2**31  # after the last one comes 0
NUM_SEEDS = 8  # of each net: each has points, first weights and masks of its own
MOST_DROPPED = 0.9
MOST_LAYERS = 3
WIDTHS = (4, 8, 16, 32, 64)
DATA = {name: plane.title for name, plane in PLANES.items()}
FRAMES = 150  # about so many are shown of a run
OUTLOOK = 2.0  # the map of the uncertainty reaches so many times as far as the data's own picture


@dataclass(frozen=True, kw_only=True)
class DropoutConfig:
    """Net A without dropout and net B with it: the same points, first weights and batches.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: str = "moons"
    num_train: int = 80
    noise: float = 0.25  # standard deviation of what moves each point
    label_noise: float = 0.12  # share of the training labels that are wrong
    width: int = 32
    depth: int = 2
    p: float = 0.5  # B's probability to drop a hidden unit
    lr: float = 0.01
    num_steps: int = 600
    seed: int = 1  # of the first of the eight

    def __post_init__(self) -> None:
        require.one_of("data", self.data, DATA)
        require.whole("num_train", self.num_train, 10, 500)
        require.number("noise", self.noise, 0, 1)
        require.number("label_noise", self.label_noise, 0, 0.5)
        require.whole("width", self.width, 1, max(WIDTHS))
        require.whole("depth", self.depth, 1, MOST_LAYERS)
        require.number("p", self.p, 0, MOST_DROPPED)
        require.number("lr", self.lr, 1e-5, 1)
        require.whole("num_steps", self.num_steps, 10, 3000)
        require.whole("seed", self.seed, 0, MOST_SEEDS - 1)

    def runs(self, p: float) -> list[TrainConfig]:
        """The runs of a net with this p, one a seed."""
        return [self._run(p, (self.seed + k) % MOST_SEEDS) for k in range(NUM_SEEDS)]

    def _run(self, p: float, seed: int) -> TrainConfig:
        points = PlaneConfig(
            name=self.data, num_train=self.num_train, noise=self.noise, label_noise=self.label_noise, seed=seed
        )
        return TrainConfig(
            data=points,
            hidden=(self.width,) * self.depth,
            activation="relu",
            dropout=p,
            lr=self.lr,
            num_steps=self.num_steps,
            seed=seed,
        )

    @property
    def points(self) -> PlaneConfig:
        """The points that are drawn: those of the first seed."""
        points = self.runs(0.0)[0].data
        assert isinstance(points, PlaneConfig)
        return points

    @property
    def every(self) -> int:
        """Steps from one shown frame to the next."""
        return max(1, round(self.num_steps / FRAMES))

    @property
    def steps(self) -> np.ndarray:
        """The steps that are shown: the start, every few, the last."""
        regular = np.arange(0, self.num_steps + 1, self.every)
        return regular if regular[-1] == self.num_steps else np.append(regular, self.num_steps)


@dataclass(frozen=True, kw_only=True)
class MasksConfig:
    """Net B, trained, and then asked many times with masks on it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    training: DropoutConfig = field(default_factory=DropoutConfig)
    num_masks: int = 150

    def __post_init__(self) -> None:
        require.whole("num_masks", self.num_masks, 2, 500)


@dataclass(frozen=True, kw_only=True)
class ScalingConfig:
    """One layer of a few units and the sum behind it, under many masks; frame 0 has the reader's own.

    mask: as the address has it, such as "110111": unit by unit, 1 stays, 0 is dropped; "": all stay.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    p: float = 0.5
    units: int = 6
    num_masks: int = 200
    mask: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        require.number("p", self.p, 0, MOST_DROPPED)
        require.whole("units", self.units, 2, 8)
        require.whole("num_masks", self.num_masks, 1, 500)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        if set(self.mask) - {"0", "1"} or len(self.mask) not in (0, self.units):
            raise ValueError(f"mask is {self.mask!r}: it must be {self.units} digits, 1 for a unit that stays, else 0.")

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The reader's mask: 1 for a unit that stays."""
        return tuple(map(int, self.mask or "1" * self.units))
