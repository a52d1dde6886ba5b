"""A network beside one of equal build that learnt to withstand attacks: what each withstands, and what each looks at.

Knows which pictures both are asked about, and what is measured; does not know how either was trained. Whether the
gradient of a robust network lies more on the object is a question that is asked picture by picture. Source: Tsipras et
al., Robustness may be at odds with accuracy (2019), section 3.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.topics.adversarial.answers import percent
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.curves import EPSILONS, MOST_EPSILONS
from dlcore.topics.adversarial.defence import withstood
from dlcore.topics.adversarial.held import Pictures, batches, check, held
from dlcore.topics.adversarial.settings import MOST_EPSILON
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.images.gradients import gradient, magnitude, signed
from dlcore.topics.images.measures import inside
from dlcore.topics.images.targets import Target, pairs
from dlcore.topics.intervals import of_means
from dlcore.training import Snapshot
from dlcore.training.recipes import RECIPES

#: Keys of checkpoints.MODELS; the robust ones stand beside the first of whom they are the twin.
TWINS = {"noiseless": "robust", "plain": "robust", "digits": "digits_robust"}
NAMES = ("plain", "robust")
BATCH = 10  # pictures that a frame adds: of drawn objects one of each class
NOISE = "noise"  # the attack that knows nothing


@dataclass(frozen=True, kw_only=True)
class TwinsConfig:
    """A picture, many more of the same kind, and an attack on both networks.

    epsilons: of the curves, in levels of a pixel. seed: of the set of pictures.

    Raises: ValueError naming the first field out of its range, its value and the rule; and for a network that has no
    twin.
    """

    victim: Victim = field(default_factory=Victim)
    attack: str = "pgd"
    epsilons: tuple[float, ...] = EPSILONS["objects"]
    num_images: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if self.victim.model not in (*TWINS, *TWINS.values()):
            known = "; ".join(checkpoints.MODELS[key].title for key in (*TWINS, *dict.fromkeys(TWINS.values())))
            raise ValueError(f"This network has no twin that was trained on attacked pictures: choose one of {known}.")
        require.one_of("attack", self.attack, ATTACKS)
        require.whole("The number of epsilons", len(self.epsilons), 1, MOST_EPSILONS)
        for epsilon in self.epsilons:
            require.number("epsilons", epsilon, 0, MOST_EPSILON[self.victim.settings.norm])
        check(self.data, self.num_images, self.seed)

    @property
    def keys(self) -> dict[str, str]:
        """The networks of checkpoints.MODELS behind NAMES."""
        return next(dict(zip(NAMES, pair, strict=True)) for pair in TWINS.items() if self.victim.model in pair)

    @property
    def titles(self) -> dict[str, str]:
        """What they are called."""
        return {name: checkpoints.MODELS[key].title for name, key in self.keys.items()}

    @property
    def data(self) -> str:
        """What both look at."""
        return checkpoints.MODELS[self.victim.model].data

    @property
    def trained(self) -> float:
        """The ε of the attacks that the robust one learnt to withstand, in levels; they were PGD in L∞."""
        against = RECIPES[self.keys["robust"]].against
        assert against
        return against.epsilon

    @property
    def counts(self) -> tuple[int, ...]:
        """The pictures that are known by each frame; none in the first."""
        return (*range(0, self.num_images, BATCH), self.num_images)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)

    def networks(self) -> dict[str, nn.Module]:
        """Both, which all share: not to be changed."""
        return {name: checkpoints.network(key) for name, key in self.keys.items()}


def frames(config: TwinsConfig) -> Iterator[Snapshot]:
    """Accuracy of both at every ε under the attack and under noise, and how much of their gradients is on the object.

    In percent: accuracy with the ends of its interval, low and high, and noise. Shares from 0 to 1: inside, of the one
    picture, and aligned, over the pictures so far. The one picture's maps are in every frame.
    """
    nets, pictures = config.networks(), held(config.data, config.num_images, config.seed)
    of_victim = maps(config, nets)
    nothing = np.empty((0, len(NAMES)))
    right = torch.empty(0, len(NAMES), 2, len(config.epsilons), dtype=torch.bool)
    yield Snapshot({**of_victim, **_counted(right), **_aligned(nothing)})
    shares = nothing
    for _, part, settings in batches(pictures, BATCH, config.victim.settings):
        found = [
            torch.stack([withstood(name, net, part, config.epsilons, settings).T for name in (config.attack, NOISE)], 1)
            for net in nets.values()
        ]
        right = torch.cat([right, torch.stack(found, dim=1)])
        shares = np.concatenate([shares, alignment(nets, part)])
        yield Snapshot({**of_victim, **_counted(right), **_aligned(shares)})


def maps(config: TwinsConfig, nets: dict[str, nn.Module]) -> Arrays:
    """The gradient of the label's logit by the pixels of the one picture: with signs, without, and where it lies."""
    victim, known = config.victim, config.victim.mask()
    found: Arrays = {}
    for name, net in nets.items():
        values = gradient(net, victim.image()[None], pairs([Target(victim.label)]))[0]
        share = np.nan if known is None else inside(magnitude(values), torch.from_numpy(known))
        found |= {
            f"signed.{name}": signed(values).numpy(),
            f"magnitude.{name}": magnitude(values).numpy(),
            f"inside.{name}": np.float32(share),
        }
    return found


def alignment(nets: dict[str, nn.Module], part: Pictures) -> np.ndarray:
    """The share of each network's gradient of the true logit that is on the object, (pictures, networks)."""
    asked = pairs([Target(label) for label in part.labels.tolist()])
    shares = [inside(magnitude(gradient(net, part.images, asked)), part.masks) for net in nets.values()]
    return torch.stack(shares, dim=1).double().numpy()


def _counted(right: Tensor) -> Arrays:
    """right: bool (pictures, networks, attack or noise, ε)."""
    found: Arrays = {"count": np.float32(len(right))}
    share = percent(right)
    for number, name in enumerate(NAMES):
        found |= {
            f"accuracy.{name}": share.mean[number, 0],
            f"low.{name}": share.low[number, 0],
            f"high.{name}": share.high[number, 0],
            f"noise.{name}": share.mean[number, 1],
        }
    return found


def _aligned(shares: np.ndarray) -> Arrays:
    """shares: (pictures, networks); the difference is that of the two on the same picture."""
    values = {name: shares[:, number] for number, name in enumerate(NAMES)}
    values["difference"] = values["robust"] - values["plain"]
    return {
        f"aligned.{name}.{edge}": np.float32(number)
        for name, of in values.items()
        for edge, number in of_means(of)._asdict().items()
    }
