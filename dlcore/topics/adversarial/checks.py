"""The lesson's self-checks for the present picture: what every attack promises, measured on what it really gives back.

Knows what is promised: nothing is changed at ε = 0, nothing by more than ε, and pixels stay pixels. Does not know how
an attack works.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from dlcore.topics.adversarial.attacks import ATTACKS, perturb
from dlcore.topics.adversarial.ball import amounts
from dlcore.topics.adversarial.config import Victim

NORM_SIGNS = {"linf": "‖δ‖∞", "l2": "‖δ‖₂"}


class Fact(NamedTuple):
    """What was found, in a sentence, and whether it is as it should be."""

    sentence: str
    good: bool


def facts(victim: Victim, epsilon: float) -> list[Fact]:
    """Of every attack of ATTACKS on this victim, with its settings; epsilon: in levels."""
    image = victim.image()[None]
    still, pictures = _attacked(victim, 0), _attacked(victim, epsilon)
    longest = float(_lengths(pictures - image, victim.settings.norm).max())
    darkest, brightest = float(pictures.min()), float(pictures.max())
    sign, many = NORM_SIGNS[victim.settings.norm], len(ATTACKS)
    return [
        Fact(
            f"At ε = 0 each of the {many} attacks gives back the very same pixels, bit by bit.",
            all(torch.equal(one, image[0]) for one in still),
        ),
        Fact(
            f"At ε = {epsilon:g} the largest {sign} of the {many} attacks is {longest:.7g} levels.",
            longest <= epsilon,
        ),
        Fact(
            f"The attacked pixels go from {darkest:.3g} to {brightest:.3g}: all are colours that there are.",
            darkest >= 0 and brightest <= 1,
        ),
    ]


def _attacked(victim: Victim, epsilon: float) -> Tensor:
    """The picture under each attack, (attacks, channels, height, width)."""
    label, goal = torch.tensor([victim.label]), torch.tensor([victim.goal])
    image, net = victim.image()[None], victim.network()
    return torch.cat([perturb(name, net, image, label, epsilon, victim.settings, goal) for name in ATTACKS])


def _lengths(delta: Tensor, norm: str) -> Tensor:
    linf, l2 = amounts(delta)
    return linf if norm == "linf" else l2
