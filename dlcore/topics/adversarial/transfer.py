"""Do pictures that fool one network fool another? Attacks made on each are shown to all.

Knows the networks that look at the same data; does not know how an attack works. Counted are pictures that the asked
network had right, so that what is lost is the attack's doing; noise of the same ε, in a row of its own, is what any
change would do. Source: Szegedy et al., Intriguing properties of neural networks (2014), section 4.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from dlcore import checkpoints, require
from dlcore.topics.adversarial.answers import answers, logits, percent, runners_up
from dlcore.topics.adversarial.attacks import ATTACKS, perturb
from dlcore.topics.adversarial.held import Pictures, batches, check, held, networks
from dlcore.topics.adversarial.settings import MOST_EPSILON, AttackSettings
from dlcore.training import Snapshot

NOISE = "noise"  # the row that is made on no network
CHOICES = tuple(name for name in ATTACKS if name != NOISE)
BATCH = 20  # pictures that are attacked with the same draws


@dataclass(frozen=True, kw_only=True)
class TransferConfig:
    """All networks that look at the same data, and one attack. seed: of the set of pictures.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: str = "objects"
    attack: str = "pgd"
    epsilon: float = 8
    num_images: int = 100
    settings: AttackSettings = field(default_factory=AttackSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.data, self.num_images, self.seed)
        require.one_of("attack", self.attack, CHOICES)
        require.number("epsilon", self.epsilon, 0, MOST_EPSILON[self.settings.norm])

    @property
    def columns(self) -> tuple[str, ...]:
        """The networks that are asked."""
        return networks(self.data)

    @property
    def rows(self) -> tuple[str, ...]:
        """What the pictures were made on: each network, and none."""
        return (*self.columns, NOISE)

    @property
    def num_frames(self) -> int:
        """Of the run: nothing known, and one a row."""
        return 1 + len(self.rows)


def frames(config: TransferConfig) -> Iterator[Snapshot]:
    """Row by row in percent: accuracy on the attacked pictures; fooled, with low and high, of the right ones lost."""
    pictures = held(config.data, config.num_images, config.seed)
    right = torch.stack([_right(key, pictures.images, pictures.labels) for key in config.columns])
    names = ("accuracy", "fooled", "low", "high")
    known = {name: np.full((len(config.rows), len(config.columns)), np.nan, np.float32) for name in names}
    yield Snapshot({name: values.copy() for name, values in known.items()})
    for row, made_on in enumerate(config.rows):
        images = made(made_on, pictures, config)
        for column, key in enumerate(config.columns):
            still = _right(key, images, pictures.labels)
            lost = percent(~still[right[column]])
            found = (percent(still).mean, lost.mean, lost.low, lost.high)
            for name, value in zip(names, found, strict=True):
                known[name][row, column] = value
        yield Snapshot({name: values.copy() for name, values in known.items()})


def made(made_on: str, pictures: Pictures, config: TransferConfig) -> Tensor:
    """The pictures attacked for this network, or under noise for none; a targeted attack goes for its runner-up."""
    name = NOISE if made_on == NOISE else config.attack
    net = checkpoints.network(config.columns[0] if made_on == NOISE else made_on)  # noise asks no network
    found = []
    for _, part, settings in batches(pictures, BATCH, config.settings):
        goals = runners_up(logits(net, part.images), part.labels) if ATTACKS[name].targeted else None
        found.append(perturb(name, net, part.images, part.labels, config.epsilon, settings, goals))
    return torch.cat(found)


def _right(key: str, images: Tensor, labels: Tensor) -> Tensor:
    return answers(checkpoints.network(key), images) == labels
