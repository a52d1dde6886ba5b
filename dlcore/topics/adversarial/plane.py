"""A picture of two pixels, so that all pictures lie in a plane: a point, the ball around it, the boundary, the attack.

Knows toy sets, small networks that are trained on them at once, and how an attack walks; does not know how it is drawn.
All that other modules do with pictures is done here as it is there, for a place in the plane is a picture 1 × 2: its x
is the first pixel and its y the second, in levels from 0 to 255.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import skip_init

from dlcore import require
from dlcore.datasets import planes
from dlcore.nets import Normalise
from dlcore.topics.adversarial.attacks import at_each, pgd, victims
from dlcore.topics.adversarial.ball import amounts, within
from dlcore.topics.adversarial.boundary import deepfool
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.topics.images.arrays import Arrays
from dlcore.training import Snapshot, TrainConfig, train

WHITE = 255.0  # levels
SIZE = 128  # places along a side of the map of chances
RIM = 128  # places around the ball
STEPS = {"fgsm": 20, "deepfool": 6}  # FGSM goes straight, in a ball that grows


class Toy(NamedTuple):
    """A set of points, how noisy, and how far from its middle the edges of the plane are."""

    title: str
    noise: float
    reach: float


DATA = {
    "moons": Toy("Moons", 0.15, 2.0),
    "circles": Toy("Circles", 0.1, 1.5),
    "blobs": Toy("Blobs", 0.35, 2.0),
    "xor": Toy("XOR", 0.05, 1.25),
}
MODELS: dict[str, tuple[str, tuple[int, ...]]] = {
    "net": ("Network 2-16-16-2", (16, 16)),
    "line": ("A straight line", ()),
}
#: What the menus say.
TITLES = {key: toy.title for key, toy in DATA.items()}
MODEL_TITLES = {key: title for key, (title, _) in MODELS.items()}
TRAINING = {"num_steps": 250, "lr": 0.03, "l2": 1e-3}  # 0.1 seconds
ATTACKS = ("fgsm", "pgd", "deepfool")  # beside which noise stands anyway
OVERSHOOT = 0.02  # of DeepFool


@dataclass(frozen=True, kw_only=True)
class PlaneConfig:
    """A point of the plane, the network that answers there, and the attack on it.

    x, y: the pixels, in levels. epsilon: in levels. settings: of the attack; its seed is the noise's. seed: of the
    points and the network.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: str = "moons"
    model: str = "net"
    x: float = 104.0
    y: float = 168.0
    epsilon: float = 32.0
    attack: str = "pgd"
    settings: AttackSettings = field(default_factory=lambda: AttackSettings(random_start=False))
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("data", self.data, DATA)
        require.one_of("model", self.model, MODELS)
        require.number("x", self.x, 0, WHITE)
        require.number("y", self.y, 0, WHITE)
        require.number("epsilon", self.epsilon, 0, WHITE)
        require.one_of("attack", self.attack, ATTACKS)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def num_frames(self) -> int:
        """Of the run: the point, and one a step."""
        return 1 + STEPS.get(self.attack, self.settings.num_steps)

    @property
    def epsilons(self) -> np.ndarray:
        """What bounds each frame's attack, (frames,): FGSM goes ever further; DeepFool knows no bound."""
        if self.attack == "fgsm":
            return np.linspace(0, self.epsilon, self.num_frames)
        return np.full(self.num_frames, self.epsilon)

    @property
    def norm(self) -> str:
        """How the ball is measured, a key of NORMS: DeepFool looks for the shortest way."""
        return "l2" if self.attack == "deepfool" else self.settings.norm


class Ground(NamedTuple):
    """What stands still: the points that the network has learnt from, and what it answers all over the plane."""

    points: np.ndarray  # (points, 2), in levels
    labels: np.ndarray  # (points,)
    axis: np.ndarray  # (size,), in levels, along x and y
    chances: np.ndarray  # (size, size): of class 1, at axis[j], axis[i]


def ground(config: PlaneConfig) -> Ground:
    """The plane of these settings. Not to be written to."""
    return _ground(config.data, config.model, config.seed)


def network(data: str, model: str, seed: int) -> nn.Module:
    """A network for pictures (batch, 1, 1, 2) -> logits (batch, 2), trained on the set, which takes half a second.

    All share it: not to be changed.
    """
    return _network(data, model, seed)


def frames(config: PlaneConfig) -> Iterator[Snapshot]:
    """The point before the attack, then after each step; the ball around where it was, and which of its edge is lost.

    The ball's radius is ε, and for DeepFool as far as it has come; the noise goes as far.
    """
    net = network(config.data, config.model, config.seed)
    image = as_picture(config.x, config.y)
    label = net(image).argmax(dim=1)
    places, settings = [*_walk(config, net, image, label)], replace(config.settings, norm=config.norm)
    radii = [_moved(place, image)["l2"] for place in places] if config.attack == "deepfool" else config.epsilons
    radii = [float(radius) for radius in radii]
    noisy = at_each("noise", net, image, label, radii, settings)
    known = [_of_place(net, place, image, label) for place in places]
    least = next((radius for of, radius in zip(known, radii, strict=True) if of["outcome"]), np.nan)
    for found, by_chance, radius in zip(known, noisy, radii, strict=True):
        of_noise = {f"noise.{name}": value for name, value in _of_place(net, by_chance, image, label).items()}
        of_ball = _of_ball(net, image, label, radius, config.norm)
        yield Snapshot({**found, **of_noise, **of_ball, "least": np.float32(least)})


def as_picture(x: float, y: float) -> Tensor:
    """The place as a picture, (1, 1, 1, 2)."""
    return torch.tensor([[[[x, y]]]], dtype=torch.float32) * LEVEL


def _walk(config: PlaneConfig, net: nn.Module, image: Tensor, label: Tensor) -> Iterator[Tensor]:
    """The attacked picture of each frame."""
    match config.attack:
        case "fgsm":
            yield from at_each("fgsm", net, image, label, config.epsilons.tolist(), config.settings)
        case "pgd":
            yield from pgd(net, victims("pgd", image, label, config.settings), config.epsilon, config.settings)
        case _:
            steps = [place for place, _ in deepfool(net, image, int(label), config.num_frames - 1, OVERSHOOT)]
            yield from steps + steps[-1:] * (config.num_frames - len(steps))


def _of_place(net: nn.Module, place: Tensor, image: Tensor, label: Tensor) -> Arrays:
    logits, (x, y) = net(place), (place / LEVEL).flatten().numpy()
    return {
        "x": x,
        "y": y,
        "chance": np.float32(logits.softmax(dim=1)[0, label].item()),
        "loss": np.float32(cross_entropy(logits, label).item()),
        "outcome": np.float32(2 if logits.argmax() != label else 0),
        **_moved(place, image),
    }


def _moved(place: Tensor, image: Tensor) -> Arrays:
    linf, l2 = amounts(place - image)
    return {"linf": np.float32(linf.item()), "l2": np.float32(l2.item())}


def _of_ball(net: nn.Module, image: Tensor, label: Tensor, epsilon: float, norm: str) -> Arrays:
    """The edge of the ball, (RIM + 1,), closed; the same only where the answer is lost; and how much of it that is."""
    rim = within(image + epsilon * LEVEL * _rim(norm), image, epsilon, norm)
    lost = (net(rim).argmax(dim=1) != label).numpy()
    x, y = (rim.flatten(1) / LEVEL).T.numpy()
    return {
        "ball.x": x,
        "ball.y": y,
        "lost.x": np.where(lost, x, np.float32(np.nan)),
        "lost.y": np.where(lost, y, np.float32(np.nan)),
        "share": np.float32(lost[:-1].mean()),
        "epsilon": np.float32(epsilon),
    }


def _rim(norm: str) -> Tensor:
    """Places around the unit ball, evenly along its edge, the first once more at the end: (RIM + 1, 1, 1, 2)."""
    way = torch.linspace(0, 1, RIM + 1)
    if norm == "l2":
        places = torch.stack([(2 * torch.pi * way).cos(), (2 * torch.pi * way).sin()], dim=1)
    else:
        places = torch.stack([_side(8 * way), _side(8 * way - 2)], dim=1)
    return places[:, None, None]


def _side(way: Tensor) -> Tensor:
    """A coordinate of a square's edge after so much of its length 8: up, along the top, down, and along the bottom."""
    way = way.remainder(8)
    return torch.where(way < 4, (way - 1).clamp(max=1), (5 - way).clamp(min=-1))


@lru_cache(maxsize=32)
def _ground(data: str, model: str, seed: int) -> Ground:
    points, labels = _points(data, seed).make().train
    axis = torch.linspace(0, WHITE, SIZE)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    net = network(data, model, seed)
    chances = net(torch.stack([x, y], dim=2).view(-1, 1, 1, 2) * LEVEL).softmax(dim=1)[:, 1]
    levels = WHITE * (points / DATA[data].reach + 1) / 2
    return Ground(levels.numpy(), labels.numpy(), axis.numpy(), chances.view(SIZE, SIZE).numpy())


@lru_cache(maxsize=32)
def _network(data: str, model: str, seed: int) -> nn.Module:
    config = TrainConfig(data=_points(data, seed), hidden=MODELS[model][1], seed=seed, **TRAINING)
    *_, trained = train([config], every=config.num_steps)
    widths = (*config.hidden, 1)
    linear = [skip_init(nn.Linear, n, out) for n, out in zip((2, *config.hidden), widths, strict=True)]
    layers = [layer for each in linear for layer in (each, nn.Tanh())][:-1]
    nn.utils.vector_to_parameters(torch.from_numpy(trained.params[0]), nn.Sequential(*linear).parameters())
    half = 1 / (2 * DATA[data].reach)  # what is 1 in the plane, as a share of its side
    net = nn.Sequential(Normalise([0.5], [half]), nn.Flatten(), *layers, _Pair())
    return net.eval().requires_grad_(False)


class _Pair(nn.Module):
    """The logits of two classes of which only the difference was learnt: (batch, 1) -> (batch, 2)."""

    def forward(self, difference: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(difference), difference], dim=1)


def _points(data: str, seed: int) -> planes.PlaneConfig:
    return planes.PlaneConfig(name=data, noise=DATA[data].noise, num_train=160, seed=seed)
