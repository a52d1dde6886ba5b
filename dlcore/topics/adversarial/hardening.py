"""Two networks learn digits from the same first weights and batches; one of them is attacked while it learns.

Knows what is measured of both on their way; the loop is the one that the shipped networks were trained with, and the
attack is that of `defence`. Both are asked about digits that neither has learnt from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from torch import nn

from dlcore import require
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.adversarial.defence import attacked_batches, withstood
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.arrays import Arrays
from dlcore.training import Snapshot, sentence
from dlcore.training.image_batches import Pictures
from dlcore.training.images import FitConfig, FitFrame, fit
from dlcore.training.recipes import DIGITS, Adversary, digits, held_out

BATCH = 64
MOMENTS = 12  # about so many are shown
#: Attacks of the test: larger steps than usual, so that half as many come within 6 points of what ten of them find.
TEST = AttackSettings(num_steps=5, step_share=0.5)
TITLES = {"plain": "Trained as usual", "robust": "Trained on attacked pictures"}


@dataclass(frozen=True, kw_only=True)
class HardeningConfig:
    """How the digits networks learn, what one of them is to withstand, and where both are tested.

    epsilon, num_steps, step_share, share: of the attack while it learns, as in `Adversary`. test_epsilons: of the curve
    of accuracy under attack. num_test: digits that are asked about. seed: of first weights, batches and random starts.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    epsilon: float = 30.6
    num_steps: int = 4
    step_share: float = 0.5
    share: float = 1.0
    num_epochs: int = 12
    num_train: int = DIGITS.num_train
    lr: float = 3e-3
    test_epsilons: tuple[float, ...] = (0, 10, 20, 30.6, 41, 51, 64)
    num_test: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        require.whole("num_epochs", self.num_epochs, 1, 60)
        require.whole("num_train", self.num_train, BATCH, DIGITS.num_train)
        require.number("lr", self.lr, 1e-5, 10)
        require.whole("The number of test_epsilons", len(self.test_epsilons), 1, 32)
        for epsilon in self.test_epsilons:
            require.number("test_epsilons", epsilon, 0, 255)
        require.whole("num_test", self.num_test, 10, DIGITS.num_test)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        _ = self.adversary  # which refuses the rest

    @property
    def adversary(self) -> Adversary:
        """Whom the robust network meets."""
        return Adversary(epsilon=self.epsilon, num_steps=self.num_steps, step_share=self.step_share, share=self.share)

    @property
    def fit(self) -> FitConfig:
        """How both learn: as the shipped networks for digits."""
        return FitConfig(num_epochs=self.num_epochs, batch_size=BATCH, lr=self.lr, flip=False, shift=1, seed=self.seed)

    @property
    def steps(self) -> tuple[int, ...]:
        """The updates that are done at each frame: 0, and more of them early, when most happens."""
        last = self.num_epochs * (self.num_train // BATCH)
        return tuple(sorted({round(last * (k / MOMENTS) ** 1.5) for k in range(MOMENTS + 1)}))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.steps)


class _Pair(NamedTuple):
    """The two networks, and how far each is."""

    nets: Mapping[str, nn.Module]
    at: Mapping[str, FitFrame]


def frames(config: HardeningConfig) -> Iterator[Snapshot]:
    """Both networks at `config.steps`: the loss that each learns from, and its accuracy with and without attacks.

    Ends early where one of them leaves the finite numbers.
    """
    wanted, test = set(config.steps), held_out(DIGITS, 0, config.num_test)
    for pair in in_lockstep(config):
        lost = [name for name in TITLES if pair.at[name].diverged]
        if lost or pair.at["plain"].step in wanted:
            yield _moment(config, pair, test)
        if lost:
            return


def in_lockstep(config: HardeningConfig) -> Iterator[_Pair]:
    """The two after each update, which both make from the same pictures."""
    data = digits(replace(DIGITS, num_train=config.num_train), "train")
    nets = {name: fresh("digits", generator(config.seed)) for name in TITLES}
    against = {"plain": None, "robust": attacked_batches(config.adversary, config.seed)}
    runs = [fit(nets[name], data, config.fit, against[name]) for name in TITLES]
    for plain, robust in zip(*runs, strict=False):  # one may end before the other
        yield _Pair(nets, {"plain": plain, "robust": robust})


def _moment(config: HardeningConfig, pair: _Pair, test: Pictures) -> Snapshot:
    found: Arrays = {"step": np.int32(min(frame.step for frame in pair.at.values()))}
    said = []
    for name, frame in pair.at.items():
        found |= {f"loss.{name}": np.float32(frame.loss), **_measured(name, config, pair.nets[name], test)}
        if frame.diverged:
            said.append(sentence(frame.diverged, f"The {name} network"))
    return Snapshot(found, " ".join(said))


def _measured(name: str, config: HardeningConfig, net: nn.Module, test: Pictures) -> Arrays:
    """Accuracy in percent of a network in evaluation mode; its weights go on learning afterwards."""
    radii = tuple(dict.fromkeys((0, config.epsilon, *config.test_epsilons)))
    pgd = dict(zip(radii, _percent("pgd", net, test, radii), strict=True))
    (fgsm,) = _percent("fgsm", net, test, (config.epsilon,))
    shares = {"clean": pgd[0], "fgsm": fgsm, "pgd": pgd[config.epsilon]}
    found: Arrays = {f"accuracy.{name}.{kind}": np.float32(share) for kind, share in shares.items()}
    found[f"curve.{name}"] = np.array([pgd[epsilon] for epsilon in config.test_epsilons], np.float32)
    return found


def _percent(attack: str, net: nn.Module, test: Pictures, epsilons: tuple[float, ...]) -> list[float]:
    return (100 * withstood(attack, net, test, epsilons, TEST).double().mean(dim=1)).tolist()
