"""The least ε at which an attack succeeds.

Knows attacks as functions of ε; does not know what is shown of them. More ε is not always more success: FGSM goes
straight on, past what it has reached, and PGD's steps grow with ε. What is found is the first success on a grid, and
between that point of the grid and the one before it a success that lies at most FINE above a failure. Success at a
smaller ε, between two points of the grid at which the attack fails, is not seen.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dlcore.topics.adversarial.answers import answers
from dlcore.topics.adversarial.attacks import ATTACKS, Victims, attempts, victims
from dlcore.topics.adversarial.ball import along
from dlcore.topics.adversarial.settings import AttackSettings

FINE = 1 / 8  # of a level
GRID = 16  # points between 0 and the largest ε
Enough = Callable[[Tensor, Tensor], Tensor]  # rows of victims, and an ε for each -> bool (rows,)


def least(
    name: str,
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    settings: AttackSettings,
    most: float,
    targets: Tensor | None = None,
) -> Tensor:
    """The least ε in levels, (batch,), at which an attack of ATTACKS succeeds, as far as this module can see.

    0 where nothing needs to be changed, inf where no ε up to `most` is enough. Arguments and Raises as `perturb`.
    """
    attacked = victims(name, images, labels, settings, targets)
    enough, step = tried(name, net, attacked, settings), most / GRID
    found = torch.where(reached(net, attacked.images, attacked), 0.0, torch.inf)
    for k in range(1, GRID + 1):
        rows = found.isinf().nonzero().squeeze(1)
        if not len(rows):
            break
        hit = enough(rows, torch.full((len(rows),), k * step))
        found[rows[hit]] = k * step
    rows = (found.isfinite() & (found > 0)).nonzero().squeeze(1)
    found[rows] = refined(enough, rows, found[rows] - step, found[rows])
    return found


def refined(enough: Enough, rows: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Bisection: for each of the rows an ε that is enough, at most FINE above one that is not; low is not, high is."""
    while len(rows) and float((high - low).max()) > FINE:
        middle = (low + high) / 2
        hit = enough(rows, middle)
        low, high = torch.where(hit, low, middle), torch.where(hit, middle, high)
    return high


def tried(name: str, net: nn.Module, attacked: Victims, settings: AttackSettings) -> Enough:
    """Whether an ε is enough: asked with rows of the victims, and one ε for each of them."""
    direction = ATTACKS[name].direction
    step = None if direction is None else direction(net, attacked, settings.norm)  # once for every ε

    def enough(rows: Tensor, epsilon: Tensor) -> Tensor:
        part = attacked.rows(rows)
        if step is None:
            (images,) = attempts(name, net, part, [epsilon], settings)
        else:
            images = along(part.images, step[rows], epsilon, settings.norm)
        return reached(net, images, part)

    return enough


def reached(net: nn.Module, images: Tensor, attacked: Victims) -> Tensor:
    """Whether an attack has what it wants from these copies of the victims, bool (batch,)."""
    return (answers(net, images) == attacked.classes) == attacked.reach
