"""Why noise misses what an attack finds: how many of all directions of a length lead across a boundary, by dimension.

Knows lengths and directions, in units of the way to the boundary, and asks trained networks whether theirs are flat
enough for that; does not know pictures or how they look. Along the slope the way is 1; any direction of length `times`
crosses a flat boundary where it goes at least 1 along the slope, of which in many dimensions there is hardly one.
Source: Fawzi, Moosavi-Dezfooli, Frossard, Robustness of classifiers: from adversarial to random noise (2016).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.device import generator
from dlcore.topics.adversarial.linear import MODELS, MOST_DIMENSION, sizes
from dlcore.topics.adversarial.margins import answered, lengths, margins, slope
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.intervals import Interval, of_means, of_shares
from dlcore.training import Snapshot

DOTS = 300  # directions that are drawn
AT_ONCE = 250  # directions in memory
TIMES = tuple(2**power for power in range(8))  # lengths at which a network is asked, of the way to its boundary
DIRECTIONS = 8  # of each length, from each picture
DOUBLINGS, HALVINGS = 6, 12  # of the search for a network's boundary


@dataclass(frozen=True, kw_only=True)
class DirectionsConfig:
    """Random directions of one length in ever more dimensions.

    times: their length, of the way to the boundary. num_draws: directions in each dimension. models: keys of networks.
    num_images: of each.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    times: float = 4.0
    most_dimension: int = 2**14
    num_draws: int = 2000
    models: tuple[str, ...] = ("digits", "plain")
    num_images: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        require.number("times", self.times, 1, 256)
        require.whole("most_dimension", self.most_dimension, 2, MOST_DIMENSION)
        require.whole("num_draws", self.num_draws, DOTS, 100_000)
        require.some_of("models", self.models, MODELS)
        require.whole("num_images", self.num_images, 2, 200)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The dimension of each frame: 2, 4, 8, ..."""
        return tuple(2**power for power in range(1, self.most_dimension.bit_length()))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.dimensions)


def frames(config: DirectionsConfig) -> Iterator[Snapshot]:
    """A frame for each dimension; a network's numbers come with the first that is not below its own."""
    chances = generator(config.seed)
    waiting = {key: size for key, (_, size) in sizes(config.models).items()}
    nothing = Interval(*np.full((3, len(TIMES)), np.nan))
    known = {name: value for key in waiting for name, value in _named(key, nothing, nothing).items()}
    for n in config.dimensions:
        for key in [key for key, size in waiting.items() if size <= n]:
            known |= _named(key, *of_network(key, config.num_images, config.seed))
            del waiting[key]
        places = config.times * shadows(config.num_draws, n, chances).numpy()
        across = of_shares((places[:, 0] > 1).astype(float))
        yield Snapshot(
            {
                "n": np.float32(n),
                **{f"percent.{part}": np.float32(100 * value) for part, value in across._asdict().items()},
                "along": places[:DOTS, 0],
                "aside": places[:DOTS, 1],
                **known,
            }
        )


def flat(dimensions: np.ndarray, times: np.ndarray | float) -> np.ndarray:
    """The share of directions that cross a flat boundary, exactly: of the sphere's surface, the cap beyond it.

    ½ I_s((n − 1)/2, ½) with s = 1 − 1/times², where I is the regularised incomplete beta function; n at least 2.
    Source: Li, Concise formulas for the area and volume of a hyperspherical cap (2011).
    """
    from scipy.special import betainc

    return betainc((dimensions - 1) / 2, 0.5, 1 - 1 / np.square(times)) / 2


def shadows(num: int, n: int, chances: torch.Generator) -> Tensor:
    """Random directions of length 1 in n dimensions, all alike, as they are seen in two of these: (num, 2)."""
    counts = [min(AT_ONCE, num - first) for first in range(0, num, AT_ONCE)]
    return torch.cat([_drawn(size, n, chances)[:, :2] for size in counts])


def of_network(key: str, num_images: int, seed: int) -> tuple[Interval, Interval]:
    """At each of TIMES the share of random directions that change the answer, and that of the slope's own, (times,).

    Pixels may leave [0, 1]: how the network's boundary lies is the question here, not what a picture can be.
    """
    net, (images, labels, _) = checkpoints.network(key), answered(key, num_images, seed)
    downhill = -slope(net, images, labels).gradients
    downhill = downhill / lengths(downhill).view(-1, 1, 1, 1)
    ways = way_to_boundary(net, images, labels, downhill)
    near = ways.isfinite()
    images, labels, downhill, ways = images[near], labels[near], downhill[near], ways[near]
    chances = generator(seed)
    drawn = torch.stack([_drawn(DIRECTIONS, images[0].numel(), chances) for _ in images]).transpose(0, 1)
    shares = [_crossed(net, images, labels, drawn.reshape(DIRECTIONS, *images.shape), times * ways) for times in TIMES]
    attacked = [_crossed(net, images, labels, downhill[None], times * ways) for times in TIMES]
    return _of_shares(shares), _of_shares(attacked)


def way_to_boundary(net: nn.Module, images: Tensor, labels: Tensor, directions: Tensor) -> Tensor:
    """How far it is along directions of length 1 until the label is lost, (images,); inf where it is not found.

    First as far as it would be to a flat boundary, doubled until the label is lost; then halved. Crossing twice on the
    way is not seen.
    """
    before, gradients = slope(net, images, labels)
    far = before / lengths(gradients)
    near = torch.zeros_like(far)
    for _ in range(DOUBLINGS):
        kept = margins(net, images + _long(directions, far), labels) > 0
        near, far = torch.where(kept, far, near), torch.where(kept, 2 * far, far)
    lost = margins(net, images + _long(directions, far), labels) <= 0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        kept = margins(net, images + _long(directions, middle), labels) > 0
        near, far = torch.where(kept, middle, near), torch.where(kept, far, middle)
    return far.where(lost, torch.inf)


def _crossed(net: nn.Module, images: Tensor, labels: Tensor, directions: Tensor, far: Tensor) -> np.ndarray:
    """Of directions (directions, images, ...) so long, (images,), the share that leads to another answer, (images,)."""
    lost = [margins(net, images + _long(some, far), labels) <= 0 for some in directions]
    return torch.stack(lost).double().mean(dim=0).numpy()


def _of_shares(values: list[np.ndarray]) -> Interval:
    """Of each picture's shares, (images,) at each length: directions of one picture are not drawn from all pictures."""
    return Interval(*(np.clip(part, 0, 1) for part in of_means(np.stack(values, axis=1))))


def _long(directions: Tensor, length: Tensor) -> Tensor:
    return length.view(-1, 1, 1, 1) * directions


def _drawn(num: int, n: int, chances: torch.Generator) -> Tensor:
    normal = torch.randn(num, n, generator=chances)
    return normal / lengths(normal)[:, None]


def _named(key: str, by_chance: Interval, attacked: Interval) -> Arrays:
    found = {f"net.{key}.percent.{part}": value for part, value in by_chance._asdict().items()}
    found[f"net.{key}.attack.percent"] = attacked.mean
    return {name: (100 * value).astype(np.float32) for name, value in found.items()}
