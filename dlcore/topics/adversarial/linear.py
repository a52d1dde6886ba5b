"""Why changes that nobody sees add up: a linear score of n inputs, each of which moves by ε, well or badly aimed.

Knows weights, signs and sums, and asks trained networks whether they behave so; does not know pictures or how they
look. The score w · x has ‖w‖₂ = 1, so its change is a length in levels: how far the input goes across the boundary.
Source: Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples (2015), section 3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlcore import checkpoints, require
from dlcore.device import generator
from dlcore.topics.adversarial.margins import answered, lengths, margins, slope
from dlcore.topics.adversarial.settings import LEVEL
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.intervals import of_means
from dlcore.training import Snapshot

MODELS = tuple(checkpoints.MODELS)
MOST_DIMENSION = 2**16
MOST_DRAWS = 1000
POINTS = 65  # of a sum as it grows from input to input, its start with them
WALKS = 5  # sums with random signs
#: What is measured of a network: the attack and the noise on its slope, the attack on the network itself, and how far
#: the boundary is.
MEASURES = ("attack", "noise", "real", "distance")


@dataclass(frozen=True, kw_only=True)
class LinearConfig:
    """Linear scores of ever more inputs, and networks beside them.

    epsilon: in levels, of every input. num_draws: scores of each size. models: keys of networks. num_images: of each.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    epsilon: float = 4.0
    most_dimension: int = 2**14
    num_draws: int = 200
    models: tuple[str, ...] = ("digits", "plain")
    num_images: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        require.number("epsilon", self.epsilon, 0.1, 255)
        require.whole("most_dimension", self.most_dimension, 2, MOST_DIMENSION)
        require.whole("num_draws", self.num_draws, WALKS, MOST_DRAWS)
        require.some_of("models", self.models, MODELS)
        require.whole("num_images", self.num_images, 2, 500)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """How many inputs the score of each frame has: 1, 2, 4, ..."""
        return tuple(2**power for power in range(self.most_dimension.bit_length()))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.dimensions)


def sizes(models: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """Each network's title, and how many numbers it is given, by its key."""
    found = {key: checkpoints.MODELS[key] for key in models}
    return {key: (model.title, int(np.prod(model.shape))) for key, model in found.items()}


def frames(config: LinearConfig) -> Iterator[Snapshot]:
    """A frame for each number of inputs; a network's numbers come with the first that is not below its own."""
    chances = generator(config.seed)
    waiting = {key: size for key, (_, size) in sizes(config.models).items()}
    known = _unknown(config.models)
    for n in config.dimensions:
        for key in [key for key, size in waiting.items() if size <= n]:
            known |= _of_network(key, config)
            del waiting[key]
        weights, signs = drawn(config.num_draws, n, chances)
        gains = {
            "attack": aimed(weights, config.epsilon).double().numpy(),
            "noise": by_chance(weights, signs, config.epsilon).double().numpy(),
        }
        found = _intervals("", gains) | _sums(weights, signs, config.epsilon) | known
        ratio = np.float32(gains["attack"].mean() / gains["noise"].mean())
        yield Snapshot(found | {"n": np.float32(n), "ratio": ratio})


def drawn(num: int, n: int, chances: torch.Generator) -> tuple[Tensor, Tensor]:
    """Weights of length 1 whose directions are all as likely, (num, n), and as many random signs."""
    weights = torch.randn(num, n, generator=chances)
    signs = 2.0 * torch.randint(2, (num, n), generator=chances) - 1
    return weights / lengths(weights)[:, None], signs


def aimed(slopes: Tensor, epsilon: float) -> Tensor:
    """What a score with these slopes (batch, ...) loses if every input goes by ε against its slope's sign: ε‖w‖₁."""
    return epsilon * slopes.abs().flatten(1).sum(dim=1)


def by_chance(slopes: Tensor, signs: Tensor, epsilon: float) -> Tensor:
    """How far the same score goes, whichever way, if every input goes by ε with a random sign: ε|w · s|, (batch,)."""
    return epsilon * (slopes * signs).flatten(1).sum(dim=1).abs()


def of_network(key: str, epsilon: float, num_images: int, seed: int) -> Mapping[str, np.ndarray]:
    """MEASURES on pictures that a network answers rightly, (images,) each, in levels.

    All are divided by the slope's length, as if that were 1. Pixels may leave [0, 1]: how straight the network is, is
    the question here, and at the edge of what a pixel can be only half of the attack would be left.
    """
    net, (images, labels, _) = checkpoints.network(key), answered(key, num_images, seed)
    before, slopes = slope(net, images, labels)
    steep = lengths(slopes)
    slopes = slopes / steep.view(-1, 1, 1, 1)
    signs = 2.0 * torch.randint(2, slopes.shape, generator=generator(seed)) - 1
    after = margins(net, images - epsilon * LEVEL * slopes.sign(), labels)
    found = {
        "attack": aimed(slopes, epsilon),
        "noise": by_chance(slopes, signs, epsilon),
        "real": (before - after) / (steep * LEVEL),
        "distance": before / (steep * LEVEL),
    }
    return {name: values.double().numpy() for name, values in found.items()}


def _of_network(key: str, config: LinearConfig) -> Arrays:
    return _intervals(f"net.{key}.", of_network(key, config.epsilon, config.num_images, config.seed))


def _sums(weights: Tensor, signs: Tensor, epsilon: float) -> Arrays:
    """How the sums of the first scores grow from the first input to the last; NaN between two of them."""
    n = weights.shape[1]
    terms = epsilon * torch.cat([weights[:1].abs(), (weights * signs)[:WALKS]])
    sums = np.pad(terms.double().cumsum(dim=1).numpy(), ((0, 0), (1, 0)))
    at = np.linspace(0, n, POINTS)
    attack, *walks = (np.interp(at, np.arange(n + 1), row).astype(np.float32) for row in sums)
    gaps = np.pad(np.stack(walks), ((0, 0), (0, 1)), constant_values=np.nan)
    return {"sum.attack": attack, "sum.noise": gaps.ravel()}


def _unknown(models: tuple[str, ...]) -> Arrays:
    nothing = np.full(0, np.nan)
    found = [_intervals(f"net.{key}.", dict.fromkeys(MEASURES, nothing)) for key in models]
    return {name: value for part in found for name, value in part.items()}


def _intervals(before: str, found: Mapping[str, np.ndarray]) -> Arrays:
    """Mean and interval of each row of numbers, under its name with what goes before."""
    return {
        f"{before}{name}.{part}": np.float32(value)
        for name, values in found.items()
        for part, value in of_means(values)._asdict().items()
    }
