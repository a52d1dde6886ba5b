"""An attack and as much noise, with more and more ε: what is changed, and what the network says to it.

Knows one victim; does not know how an attack works. Every ε is an attack of its own, not a step from the one before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.topics.adversarial.answers import logits
from dlcore.topics.adversarial.attacks import ATTACKS, attempts
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.search import refined, tried
from dlcore.topics.adversarial.settings import MOST_EPSILON
from dlcore.topics.adversarial.trial import Trial
from dlcore.training import Snapshot

LEAST = 1.0  # level
MOST_FRAMES = 200


@dataclass(frozen=True, kw_only=True)
class SweepConfig:
    """One victim, one attack, and num values of ε up to `most` levels, beside 0.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    victim: Victim = field(default_factory=Victim)
    attack: str = "pgd"
    most: float = 16.0
    num: int = 32

    def __post_init__(self) -> None:
        require.one_of("attack", self.attack, ATTACKS)
        require.number("most", self.most, LEAST, MOST_EPSILON[self.victim.settings.norm])
        require.whole("num", self.num, 1, MOST_FRAMES)

    @property
    def epsilons(self) -> tuple[float, ...]:
        """Of each frame, in levels."""
        return tuple(self.most * k / self.num for k in range(self.num_frames))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return self.num + 1


def frames(config: SweepConfig) -> Iterator[Snapshot]:
    """Frame k has the attack with the k-th ε, and noise with as much; `least` is where the attack succeeds first."""
    trial = Trial(config.victim, ATTACKS[config.attack].targeted)
    attacked, noisy = (_at_all(config, trial, name) for name in (config.attack, "noise"))
    answers, noise_answers = logits(trial.net, attacked), logits(trial.net, noisy)
    first = np.float32(_least(config, trial, trial.margins(answers) < 0))
    for k, epsilon in enumerate(config.epsilons):
        white = None if trial.settings.norm == "l2" else epsilon
        yield Snapshot(
            {
                "epsilon": np.float32(epsilon),
                "least": first,
                **trial.arrays(attacked[k], answers[k], white),
                **trial.arrays(noisy[k], noise_answers[k], white, "noise."),
            }
        )


def _at_all(config: SweepConfig, trial: Trial, name: str) -> Tensor:
    """The pictures at every ε, (frames, channels, height, width); PGD side by side, which is faster by a quarter."""
    one = trial.victims(name)
    if ATTACKS[name].direction is not None:
        return torch.cat([*attempts(name, trial.net, one, config.epsilons, trial.settings)])
    rows = one.rows(torch.zeros(config.num_frames, dtype=torch.int64))
    (found,) = attempts(name, trial.net, rows, [torch.tensor(config.epsilons)], trial.settings)
    return found


def _least(config: SweepConfig, trial: Trial, successes: Tensor) -> float:
    """The least ε that is enough, between the frame that succeeds first and the one before; NaN: none is."""
    if not successes.any():
        return float("nan")
    k = int(successes.int().argmax())
    if k == 0:
        return 0.0
    enough = tried(config.attack, trial.net, trial.victims(config.attack), trial.settings)
    low, high = torch.tensor(config.epsilons[k - 1 : k + 1]).split(1)
    return float(refined(enough, torch.tensor([0]), low, high))
