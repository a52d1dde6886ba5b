"""The backbone learns to see: in every cell of a scene, how many things of each kind, and how much of each ground.

Knows what it is taught, and the loop; does not know questions, which it never meets. Once it has learnt, it is frozen,
and its features are standardised.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import require
from dlcore.datasets.aerial import KINDS, SIDE, THINGS, Graph, labels, picture
from dlcore.device import generator
from dlcore.nets import redraw
from dlcore.topics.vqa.nets import CELLS, CHANNELS, Backbone, floats
from dlcore.training.images import one_cycle

WIDTH = SIDE // CELLS  # pixels of a cell
NUM_SHARES = len(KINDS) + 1  # fields, and each kind
TAUGHT = len(THINGS) + NUM_SHARES
ASKED_AT_ONCE = 100  # pictures


class Views(NamedTuple):
    """Pictures, and what is to be seen in each of their cells."""

    images: Tensor  # (scenes, SIDE, SIDE, 3), uint8
    attributes: Tensor  # (scenes, TAUGHT, CELLS, CELLS): how many of each of THINGS, then shares of fields and KINDS


@dataclass(frozen=True, kw_only=True)
class PretrainingConfig:
    """How the backbone learns; jitter: how much the light may change, in brightness and in each colour.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num_scenes: int = 8000
    num_epochs: int = 6
    batch_size: int = 64
    lr: float = 4e-3
    weight_decay: float = 1e-3
    jitter: float = 0.2
    seed: int = 0  # of the weights and of the batches' order

    def __post_init__(self) -> None:
        require.whole("num_scenes", self.num_scenes, 64, 100_000)
        require.whole("num_epochs", self.num_epochs, 1, 100)
        require.whole("batch_size", self.batch_size, 2, 1000)
        require.number("lr", self.lr, 1e-6, 1)
        require.number("weight_decay", self.weight_decay, 0, 1)
        require.number("jitter", self.jitter, 0, 1)
        require.whole("seed", self.seed, 0, 2**31 - 1)


class Moment(NamedTuple):
    """A step of the training."""

    step: int  # updates that are done
    num_steps: int
    loss: float


def view(graphs: Sequence[Graph]) -> Views:
    """Draws scenes, and takes from their lists what is to be seen in them."""
    images = np.stack([picture(graph) for graph in graphs])
    attributes = np.stack([attributes_of(graph) for graph in graphs])
    return Views(torch.from_numpy(images), torch.from_numpy(attributes))


def attributes_of(graph: Graph) -> np.ndarray:
    """What each cell has, (TAUGHT, CELLS, CELLS), float32.

    A thing counts in the four cells around its centre, the more the nearer, so that a count does not jump at a border;
    all cells together count it once. Shares are of the pixels.
    """
    counts = np.zeros((len(THINGS), CELLS, CELLS), np.float32)
    for thing in graph.things:
        if thing.kind in THINGS:
            down, along = _near(thing.y), _near(thing.x)
            counts[THINGS.index(thing.kind)] += np.outer(down, along)
    seen = labels(graph)[None] == np.arange(NUM_SHARES)[:, None, None]
    shares = seen.reshape(NUM_SHARES, CELLS, WIDTH, CELLS, WIDTH).mean(axis=(2, 4), dtype=np.float32)
    return np.concatenate([counts, shares])


def _near(place: float) -> np.ndarray:
    """How much of a thing at this pixel each row (or column) of cells counts, (CELLS,); the sum is 1."""
    middles = (np.arange(CELLS) + 0.5) * WIDTH
    clipped = np.clip(place, middles[0], middles[-1])
    return np.clip(1 - np.abs(middles - clipped) / WIDTH, 0, None)


def learn(views: Views, config: PretrainingConfig) -> Iterator[tuple[Moment, Backbone]]:
    """Trains a backbone on these scenes; the same network after every update, the last time frozen and standardised."""
    chances = generator(config.seed)
    backbone, head = Backbone(), nn.Conv2d(CHANNELS, TAUGHT, 1)
    redraw(backbone, chances)
    for weight in head.parameters():
        nn.init.zeros_(weight)  # says the mean of all cells
    nn.Sequential(backbone, head).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    scale = Scale.of(views.attributes)
    weights = [*backbone.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=config.lr, weight_decay=config.weight_decay)
    per_epoch = len(views.images) // config.batch_size
    num_steps = config.num_epochs * per_epoch
    order = torch.empty(0, dtype=torch.int64)
    for step in range(num_steps):
        if step % per_epoch == 0:
            order = torch.randperm(len(views.images), generator=chances)
        rows = order[step % per_epoch * config.batch_size :][: config.batch_size]
        optimizer.param_groups[0]["lr"] = config.lr * one_cycle(step, num_steps)
        images = relit(floats(views.images[rows]), config.jitter, chances)
        loss = scale.loss(head(backbone.raw(images)), views.attributes[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step + 1 == num_steps:
            standardise(backbone, views.images)
        yield Moment(step + 1, num_steps, loss.item()), backbone


def relit(images: Tensor, jitter: float, chances: torch.Generator) -> Tensor:
    """Pictures (batch, 3, SIDE, SIDE) in another light each: every colour a little stronger or weaker, and paler."""
    stronger, paler = 2 * torch.rand(2, len(images), 3, 1, 1, generator=chances) - 1
    return images * (1 + jitter * stronger) + jitter / 2 * paler


@dataclass(frozen=True)
class Scale:
    """The unit of each attribute is how much it varies from cell to cell."""

    mean: Tensor  # (TAUGHT, 1, 1)
    std: Tensor
    of_scenes: Tensor  # (TAUGHT,): how much the mean of a scene's cells varies, in these units

    @classmethod
    def of(cls, attributes: Tensor) -> "Scale":
        """Of a set's attributes."""
        std, mean = torch.std_mean(attributes, dim=(0, 2, 3), keepdim=True)
        std = std[0].clamp(min=1e-3)
        return cls(mean[0], std, (attributes.mean(dim=(2, 3)).std(dim=0) / std.flatten()).clamp(min=1e-3))

    def loss(self, said: Tensor, true: Tensor) -> Tensor:
        """The mean squared error of cells, and that of whole scenes; both 1 for what says nothing but the mean.

        said: in units, true: as it is; (scenes, TAUGHT, CELLS, CELLS).
        """
        error = said - (true - self.mean) / self.std
        return error.square().mean() + (error.mean(dim=(2, 3)) / self.of_scenes).square().mean()


def standardise(backbone: Backbone, images: Tensor) -> None:
    """Freezes a backbone, and sets mean and standard deviation of its features to those on these pictures."""
    backbone.eval().requires_grad_(False)
    raw = torch.cat([backbone.raw(floats(part)) for part in images[:4000].split(ASKED_AT_ONCE)])
    std, mean = torch.std_mean(raw, dim=(0, 2, 3))
    backbone.mean.copy_(mean[:, None, None])
    backbone.std.copy_(std.clamp(min=1e-3)[:, None, None])
