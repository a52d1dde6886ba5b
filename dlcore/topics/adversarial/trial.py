"""One victim, looked up once, and what a run says of each changed copy of its picture.

Knows the picture, the network and what is to become of the answer; does not know how the picture was changed.
"""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dlcore.topics.adversarial.answers import logits
from dlcore.topics.adversarial.attacks import Victims, victims
from dlcore.topics.adversarial.ball import amounts, random_directions
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.deltas import deltas
from dlcore.topics.adversarial.margins import margin
from dlcore.topics.adversarial.settings import LEVEL, NORMS
from dlcore.topics.images.arrays import Arrays, scalar, to_bytes

HELD, SHAKEN, FOOLED, WRONG_ALREADY = range(4)  # what became of the answer
LITTLE = 0.5  # of its chance is left to a class that is shaken


class Trial:
    """A victim, and whether its class is only to be lost, or its goal to be reached."""

    def __init__(self, victim: Victim, targeted: bool) -> None:
        self.net, self.settings = victim.network(), victim.settings
        self.images = victim.image()[None]
        self.label, self.goal = victim.label, victim.goal if targeted else None
        self.clean = victim.logits()

    @property
    def asked(self) -> int:
        """The class whose loss an attack makes larger, or smaller where it is the goal."""
        return self.label if self.goal is None else self.goal

    def victims(self, attack: str) -> Victims:
        """The one picture as an attack of ATTACKS takes it."""
        goals = None if self.goal is None else torch.tensor([self.goal])
        return victims(attack, self.images, torch.tensor([self.label]), self.settings, goals)

    def losses(self, logits: Tensor) -> Tensor:
        """The cross-entropy with the asked class, (batch,); logits (batch, classes)."""
        return cross_entropy(logits, torch.full((len(logits),), self.asked), reduction="none")

    def margins(self, logits: Tensor) -> Tensor:
        """How far an attack is from its end, (batch,), in logits: below 0 it has what it wants."""
        ahead = margin(logits, torch.full((len(logits),), self.asked))
        return ahead if self.goal is None else -ahead

    def outcome(self, logits: Tensor) -> int:
        """What became of the answer, given what the network answers now, (classes,)."""
        answer, before = int(logits.argmax()), int(self.clean.argmax())
        if before != self.label:
            return WRONG_ALREADY
        if self.goal is not None:
            return FOOLED if answer == self.goal else SHAKEN if answer != self.label else HELD
        if answer != self.label:
            return FOOLED
        chances = [float(values.softmax(dim=0)[self.label]) for values in (self.clean, logits)]
        return SHAKEN if chances[1] < LITTLE * chances[0] else HELD

    def with_noise(self, images: Tensor, norm: str) -> Tensor:
        """The chance of the class that is to be lost under noise as large as each picture's change, (batch,)."""
        way = random_directions(self.images, norm, self.settings.seed + 2)  # an attack begins with draws of its own
        lengths = dict(zip(NORMS, amounts(images - self.images), strict=True))[norm].to(images)
        noisy = (self.images + LEVEL * lengths.view(-1, 1, 1, 1) * way).clamp(0, 1)
        return logits(self.net, noisy).softmax(dim=1)[:, self.label]

    def arrays(self, image: Tensor, logits: Tensor, epsilon: float | None = None, before: str = "") -> Arrays:
        """A frame's arrays on a changed picture, (channels, height, width), and the answer to it, (classes,).

        epsilon: how many levels become white where the change is magnified; None: as many as its largest. before: goes
        before each name. chance: of the class that is to be lost; rival: of the goal, or of the likeliest other one.
        """
        delta, chances = image - self.images[0], logits.softmax(dim=0)
        linf, l2 = amounts(delta[None])
        others = chances.clone()
        others[self.label] = 0
        found: Arrays = {
            "picture": to_bytes(image),
            **deltas(delta, float(linf) if epsilon is None else epsilon),
            "chances": chances.numpy(),
            "logits": logits.numpy(),
            "loss": scalar(self.losses(logits[None])),
            "chance": scalar(chances[self.label]),
            "rival": scalar(others.max() if self.goal is None else chances[self.goal]),
            "linf": scalar(linf),
            "l2": scalar(l2),
            "changed": scalar((delta != 0).any(dim=0).float().mean()),
            "outcome": scalar(torch.tensor(self.outcome(logits))),
        }
        return {f"{before}{name}": values for name, values in found.items()}
