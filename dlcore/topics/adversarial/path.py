"""PGD step by step, and the loss around its way: on a plane through the picture, along the attack and along chance.

Knows one victim and PGD's steps; does not know how they are drawn. The attack's way does not lie in the plane: what is
shown of it is its nearest point there, and how much of it lies outside is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.topics.adversarial.answers import logits
from dlcore.topics.adversarial.attacks import ATTACKS, pgd
from dlcore.topics.adversarial.ball import radius, random_directions, steepest
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import MOST_EPSILON
from dlcore.topics.adversarial.trial import Trial
from dlcore.topics.images.arrays import Arrays
from dlcore.training import Snapshot

WALKED = tuple(name for name, attack in ATTACKS.items() if attack.direction is None)
REACH = 1.25  # the plane's ends, in units of ε
LEAST = 0.125  # level
MOST_GRID = 101


@dataclass(frozen=True, kw_only=True)
class PathConfig:
    """One victim, PGD towards a class or away from one, ε in levels; grid: places along each side of the plane.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    victim: Victim = field(default_factory=Victim)
    attack: str = "pgd"
    epsilon: float = 4.0
    grid: int = 25

    def __post_init__(self) -> None:
        require.one_of("attack", self.attack, WALKED)
        require.number("epsilon", self.epsilon, LEAST, MOST_EPSILON[self.victim.settings.norm])
        require.whole("grid", self.grid, 3, MOST_GRID)

    @property
    def num_frames(self) -> int:
        """Of the run: the start, and one a step."""
        return self.victim.settings.num_steps + 1


class Plane(NamedTuple):
    """Two directions, (channels, height, width): to where the attack ends, and a random one as long as ε."""

    u: Tensor
    v: Tensor

    def places(self, deltas: Tensor) -> tuple[Tensor, Tensor]:
        """The nearest a·u + b·v to each δ, (deltas, 2), and which share of ‖δ‖² it lacks, (deltas,)."""
        axes, flat = torch.stack(self).flatten(1).double().T, deltas.flatten(1).double().T
        found = torch.linalg.lstsq(axes, flat, driver="gelsd").solution  # gelsd: u is 0 where nothing was changed
        lacking = (flat - axes @ found).square().sum(dim=0)
        return found.T, lacking / flat.square().sum(dim=0).clamp(min=1e-30)


def frames(config: PathConfig) -> Iterator[Snapshot]:
    """Frame k has the picture after PGD's k-th step, and its place on the plane, which is the same in all."""
    trial = Trial(config.victim, ATTACKS[config.attack].targeted)
    steps = torch.cat([*pgd(trial.net, trial.victims(config.attack), config.epsilon, trial.settings)])
    plane = plane_of(trial, steps[-1], config.epsilon)
    ground, answers = _ground(trial, plane, config.grid), logits(trial.net, steps)
    places, outside = plane.places(steps - trial.images)
    noisy = trial.with_noise(steps, trial.settings.norm)
    white = None if trial.settings.norm == "l2" else config.epsilon
    for k, image in enumerate(steps):
        place = {"a": places[k, 0], "b": places[k, 1], "outside": outside[k], "noise.chance": noisy[k]}
        found = {name: np.float32(value.item()) for name, value in place.items()}
        yield Snapshot({**trial.arrays(image, answers[k], white), **ground, **found})


def plane_of(trial: Trial, last: Tensor, epsilon: float) -> Plane:
    """The plane of an attack that ends with this picture (channels, height, width).

    u is the whole change, so that the attack ends at (1, 0). v is as long as ε, of random signs in L∞, and in L₂ at a
    right angle to u.
    """
    norm, length = trial.settings.norm, radius(epsilon, trial.images)
    u = last - trial.images
    v = random_directions(trial.images, norm, trial.settings.seed + 1)  # the start has the draws of the seed itself
    if norm == "l2":
        along = steepest(u, norm)
        v = steepest(v - (along * v).sum() * along, norm)
    return Plane(u[0], (length * v)[0])


def _ground(trial: Trial, plane: Plane, grid: int) -> Arrays:
    """Loss, margin and answer on the plane, each (grid, grid): one row for each b, one column for each a."""
    sides = torch.linspace(-REACH, REACH, grid)
    along = trial.images + sides.view(-1, 1, 1, 1) * plane.u
    rows = torch.stack([logits(trial.net, (along + b * plane.v).clamp(0, 1)) for b in sides])
    flat = rows.flatten(0, 1)
    found = {"slice": trial.losses(flat), "margin": trial.margins(flat), "answers": flat.argmax(dim=1)}
    return {name: values.view(grid, grid).float().numpy() for name, values in found.items()}
