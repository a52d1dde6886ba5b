"""Knows which minimum is reached from every point of the picture, and how soon; does not know how it is coloured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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


class BasinFrame(NamedTuple):
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


def arrival_radius(surface: Surface) -> float:
    """How near is arrived: 1% of the picture's diagonal, and at most a third of the gap between any two minima."""
    x_min, x_max, y_min, y_max = surface.bounds
    minima = torch.tensor(surface.minima[:MOST_MINIMA], dtype=torch.float64).view(-1, 2)
    gaps = torch.pdist(minima)
    diagonal = float(np.hypot(x_max - x_min, y_max - y_min))
    return min([NEAR * diagonal, *(gaps / 3).tolist()])


def basin_frames(config: BasinConfig) -> Iterator[BasinFrame]:
    """Run all starts as rows of one tensor; a snapshot of the map now and then, about 20 in all, the last at the end.

    "Reached" at a snapshot means: inside the arrival radius of that minimum now, and ever since `steps`.
    """
    race = config.race()
    surface = race.make_surface()
    x, y = (torch.from_numpy(axis) for axis in grid(surface, config.size))
    starts = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).view(-1, 2)
    minima = torch.tensor(surface.minima[:MOST_MINIMA], dtype=torch.float64).view(-1, 2)
    radius = arrival_radius(surface)
    every = max(1, config.num_steps // SNAPSHOTS)
    index = torch.full((len(starts),), -1)
    steps = torch.full((len(starts),), -1)
    recent: list[Tensor] = []  # positions since the last snapshot: only they can change what was true then
    for frame in frames(race, starts):
        recent.append(frame.w[0])
        if frame.step % every == 0 or frame.step == config.num_steps:
            now = nearest_within(frame.w[0], minima, radius)
            entered = last_entry(torch.stack(recent), minima, now, radius) + frame.step + 1 - len(recent)
            stayed = (entered == frame.step + 1 - len(recent)) & (now == index)
            steps = torch.where(stayed, steps, entered).where(now >= 0, -1)
            index = now
            recent.clear()
            shape = (config.size, config.size)
            yield BasinFrame(
                frame.step, *(a.view(shape).numpy() for a in (index.to(torch.int8), steps.to(torch.int16)))
            )


def nearest_within(w: Tensor, minima: Tensor, radius: float) -> Tensor:
    """Index of the minimum nearest to each row of w, (rows,); -1 where none is within the radius."""
    if not len(minima):
        return torch.full((len(w),), -1)
    distance, index = torch.cdist(w, minima).min(dim=-1)
    return index.where(distance <= radius, -1)  # false for NaN: a diverged row is nowhere


def last_entry(path: Tensor, minima: Tensor, index: Tensor, radius: float) -> Tensor:
    """For each row of path (time, rows, 2), the first time from which it stayed within the radius of its minimum."""
    if not len(minima):
        return torch.zeros_like(index)
    outside = (path - minima[index]).square().sum(dim=-1) > radius**2
    times = torch.arange(1, len(path) + 1)[:, None]
    return (outside * times).amax(dim=0)


def basin_map(config: BasinConfig) -> BasinMap:
    """Run to the end and keep the last snapshot."""
    surface = config.race().make_surface()
    *_, last = basin_frames(config)
    x, y = grid(surface, config.size)
    minima = np.array(surface.minima[:MOST_MINIMA], dtype=np.float64).reshape(-1, 2)
    return BasinMap(x=x, y=y, index=last.index, steps=last.steps, minima=minima)
