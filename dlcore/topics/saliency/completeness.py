"""Integrated gradients, step by step: the path from the baseline to the picture, and what is summed on it.

Knows the rules by which an integral becomes a sum, and how far each sum is from what it should be; does not know how
the path is drawn. The method's own numbers come from captum; these here are equal to them, one term at a time.
Source: Sundararajan, Taly, Yan, Axiomatic attribution for deep networks (2017), sections 3 and 5.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore.topics.images.arrays import Arrays, scalar, to_bytes
from dlcore.topics.saliency.baselines import baseline
from dlcore.topics.saliency.case import Case, both_maps
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.forming import spread
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot

#: captum's name of each rule, and ours.
RULES = {
    "gausslegendre": "Gauss–Legendre",
    "riemann_left": "left ends",
    "riemann_middle": "midpoints",
    "riemann_right": "right ends",
    "riemann_trapezoid": "trapezoids",
}
STEPS = (2, 3, 5, 10, 20, 50, 100, 200)  # numbers of points whose errors are compared


@dataclass(frozen=True, kw_only=True)
class PathConfig:
    """The path of one picture, from the settings' baseline, by their rule, in as many steps as they say."""

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """The steps after which there is a frame: each, or evenly fewer where that were too much."""
        last = self.settings.num_steps
        most = len(spread(10**6, self.subject.shape))
        even = np.linspace(0, last, min(last, most) + 1).round().astype(int)
        return tuple(even.tolist())

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)


@dataclass(frozen=True, kw_only=True)
class ErrorsConfig:
    """By how much the sum misses F(x) − F(x') with each rule and each number of points of STEPS."""

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)
    num_frames = len(STEPS)


class Points(NamedTuple):
    """Where on the path the gradient is asked, 0 (baseline) to 1 (picture), and what it counts: float64 (steps,)."""

    alphas: Tensor
    weights: Tensor


def points(rule: str, num_steps: int) -> Points:
    """The points of a rule; the weights add up to 1."""
    ends = torch.linspace(0, 1, num_steps + 1, dtype=torch.float64)
    even = torch.full((num_steps,), 1 / num_steps, dtype=torch.float64)
    match rule:
        case "riemann_left":
            return Points(ends[:-1], even)
        case "riemann_right":
            return Points(ends[1:], even)
        case "riemann_middle":
            return Points((ends[:-1] + ends[1:]) / 2, even)
        case "riemann_trapezoid":
            weights = torch.full((num_steps,), 1 / (num_steps - 1), dtype=torch.float64)
            weights[[0, -1]] /= 2
            return Points(torch.linspace(0, 1, num_steps, dtype=torch.float64), weights)
        case _:
            places, weights = map(torch.from_numpy, np.polynomial.legendre.leggauss(num_steps))
            return Points((1 + places) / 2, weights / 2)


class Path:
    """The straight line from a case's baseline x' to its picture x."""

    def __init__(self, case: Case, settings: MethodSettings) -> None:
        self.case = case
        self.start = baseline(case.image[None], settings)[0]
        self.way = case.image - self.start
        first, last = case.outputs(torch.stack([self.start, case.image])).double()
        self.first, self.difference = first, last - first

    def pictures(self, alphas: Tensor) -> Tensor:
        """x' + α (x − x') for each α, (alphas, channels, height, width)."""
        return self.start + alphas.float()[:, None, None, None] * self.way

    def slopes(self, alphas: Tensor) -> Tensor:
        """dF/dα at each α, (alphas,): the sum over all pixels of gradient · (x − x')."""
        return (self.case.gradients(self.pictures(alphas)) * self.way).double().sum(dim=(1, 2, 3))

    def error(self, total: Tensor) -> np.float32:
        """|total − (F(x) − F(x'))| / |F(x) − F(x')|."""
        return scalar((total - self.difference).abs() / self.difference.abs())


def path(config: PathConfig) -> Iterator[Snapshot]:
    """The picture on the path, its gradient, and the map so far, after each of the config's counts of steps."""
    line = Path(Case(config.subject), config.settings)
    alphas, weights = points(config.settings.rule, config.settings.num_steps)
    alphas, weights = (torch.cat([torch.zeros(1), values]) for values in (alphas, weights))  # frame 0: the baseline
    summed = torch.zeros_like(line.way, dtype=torch.float64)
    for number, (alpha, weight) in enumerate(zip(alphas, weights, strict=True)):
        picture = line.pictures(alpha[None])
        found = line.case.gradients(picture)[0]
        summed = summed + weight * line.way * found
        if number in config.counts:
            yield _frame(line, alpha, picture, found, summed, weights[: number + 1].sum())


def _frame(line: Path, alpha: Tensor, picture: Tensor, found: Tensor, summed: Tensor, reached: Tensor) -> Snapshot:
    total = summed.sum()
    arrays: Arrays = {
        "alpha": scalar(alpha),
        "reached": scalar(reached),
        "picture": to_bytes(picture[0]),
        "output": scalar(line.case.outputs(picture) - line.first),
        "chance": scalar(line.case.chances(picture)),
        "slope": scalar((found * line.way).double().sum()),
        "total": scalar(total),
        "difference": scalar(line.difference),
        "error": line.error(total),
    }
    return Snapshot(arrays | both_maps("gradient", found) | both_maps("sum", summed))


def errors(config: ErrorsConfig) -> Iterator[Snapshot]:
    """The relative error of completeness of every rule, with more and more points."""
    line = Path(Case(config.subject), config.settings)
    for num_steps in STEPS:
        found: Arrays = {"steps": np.float32(num_steps)}
        for rule in RULES:
            alphas, weights = points(rule, num_steps)
            found[f"error.{rule}"] = line.error((weights * line.slopes(alphas)).sum())
        yield Snapshot(found)


def profile(config: PathConfig, count: int = 33) -> np.ndarray:
    """The score on the way, above the baseline's: α and F(α) − F(0) at evenly spaced points, (count, 2)."""
    line, alphas = Path(Case(config.subject), config.settings), torch.linspace(0, 1, count)
    rise = line.case.outputs(line.pictures(alphas)).double() - line.first
    return torch.stack([alphas.double(), rise], dim=1).numpy()
