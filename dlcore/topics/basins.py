"""Knows which minimum is reached from every point of the picture, and how soon; does not know how it is coloured."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.topics.descent import RaceConfig, frames
from dlcore.topics.landscape import Surface

SNAPSHOTS = 20
NEAR = 0.01  # of the picture's diagonal: a start has arrived when it is this near to a minimum, and stays
MOST_MINIMA = 127  # as many as int8 can number


@dataclass(frozen=True, kw_only=True)
class BasinConfig:
    """One optimizer, started from size x size points that fill the surface's bounds, with the full gradient.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    surface: str = "himmelblau"
    condition: float = RaceConfig.condition
    formula: str = RaceConfig.formula
    optimizer: str = "momentum"
    lr: float = 0.01
    num_steps: int = 200
    size: int = 100
    clip: float = 0.0
    hyper: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        require.whole("size", self.size, 2, 200)
        object.__setattr__(self, "hyper", self.race().hyper)

    def race(self) -> RaceConfig:
        """The race that every start of the map runs."""
        return RaceConfig(
            surface=self.surface,
            condition=self.condition,
            formula=self.formula,
            optimizers=(self.optimizer,),
            lr=self.lr,
            num_steps=self.num_steps,
            clip=self.clip,
            hyper=self.hyper,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class BasinFrame:
    """The map after `step` updates; cell [i, j] started at x[j], y[i] of `grid`."""

    step: int
    index: np.ndarray  # (size, size) int8: which of the surface's minima was reached, -1 = none yet
    steps: np.ndarray  # (size, size) int16: updates after which it was there to stay, -1 = not there


@dataclass(frozen=True, kw_only=True, eq=False)
class BasinMap:
    """The finished map, with its axes and the minima that `index` counts."""

    x: np.ndarray  # (size,)
    y: np.ndarray  # (size,)
    index: np.ndarray  # (size, size) int8
    steps: np.ndarray  # (size, size) int16
    minima: np.ndarray  # (M, 2)


def grid(surface: Surface, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The axes of the starts: size values of x and of y, evenly spaced over the bounds, ends included."""
    x_min, x_max, y_min, y_max = surface.bounds
    return np.linspace(x_min, x_max, size), np.linspace(y_min, y_max, size)


def listed_minima(surface: Surface) -> np.ndarray:
    """The minima that a map can number, (M, 2)."""
    return np.array(surface.minima[:MOST_MINIMA], dtype=np.float64).reshape(-1, 2)


def arrival_radius(surface: Surface) -> float:
    """How near is arrived: 1% of the picture's diagonal, and at most a third of the gap between any two minima."""
    x_min, x_max, y_min, y_max = surface.bounds
    gaps = torch.pdist(torch.from_numpy(listed_minima(surface)))
    return min([NEAR * math.hypot(x_max - x_min, y_max - y_min), *(gaps / 3).tolist()])


def snapshots(num_steps: int) -> list[int]:
    """The steps after which a map is taken: every twentieth of the run, and the last."""
    every = max(1, num_steps // SNAPSHOTS)
    return sorted({*range(0, num_steps + 1, every), num_steps})


def basin_frames(config: BasinConfig) -> Iterator[BasinFrame]:
    """Run all starts as rows of one tensor; a snapshot of the map now and then, about 20 in all, the last at the end.

    "Reached" at a snapshot means: inside the arrival radius of that minimum now, and ever since `steps`.
    """
    race = config.race()
    surface = race.make_surface()
    radius = arrival_radius(surface)
    minima = torch.from_numpy(listed_minima(surface))
    if not len(minima):
        minima = torch.full((1, 2), torch.inf, dtype=torch.float64)  # nobody comes near it
    x, y = (torch.from_numpy(axis) for axis in grid(surface, config.size))
    starts = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).view(-1, 2)
    index = torch.full((len(starts),), -1)
    since = torch.full((len(starts),), -1)
    wanted = set(snapshots(config.num_steps))
    recent: list[Tensor] = []  # where all were since the last snapshot: what was true before, that one knows
    for frame in frames(race, starts):
        recent.append(frame.w[0])
        if frame.step in wanted:
            first = frame.step + 1 - len(recent)
            now = nearest_within(frame.w[0], minima, radius)
            entered = first + last_entry(torch.stack(recent), minima[now], radius)
            stayed = (entered == first) & (now == index)
            index, since = now, since.where(stayed, entered).where(now >= 0, -1)
            recent.clear()
            shape = (config.size, config.size)
            yield BasinFrame(
                step=frame.step,
                index=index.to(torch.int8).view(shape).numpy(),
                steps=since.to(torch.int16).view(shape).numpy(),
            )


def nearest_within(w: Tensor, minima: Tensor, radius: float) -> Tensor:
    """Index of the minimum nearest to each row of w, (rows,); -1 where none is within the radius."""
    distance, index = torch.cdist(w, minima).min(dim=-1)
    return index.where(distance <= radius, -1)  # not so for NaN: a row that diverged is nowhere


def last_entry(path: Tensor, target: Tensor, radius: float) -> Tensor:
    """The first time from which each row of path (time, rows, 2) stayed within the radius of its target (rows, 2)."""
    outside = (path - target).square().sum(dim=-1) > radius**2
    return (outside * torch.arange(1, len(path) + 1)[:, None]).amax(dim=0)


def basin_map(config: BasinConfig) -> BasinMap:
    """Run to the end and keep the last snapshot."""
    surface = config.race().make_surface()
    *_, last = basin_frames(config)
    x, y = grid(surface, config.size)
    return BasinMap(x=x, y=y, index=last.index, steps=last.steps, minima=listed_minima(surface))
