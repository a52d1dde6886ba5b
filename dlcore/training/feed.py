"""Knows what every run sees in a step: its batch, shifts, noise and dropout masks; does not know what it learns.

Each kind of chance has a generator of its own, made from the run's seed. So two runs of one seed begin with the same
weights and see the same batches, whatever else is different; and a run alone sees what it sees among others.
"""

import copy
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.datasets.splits import Samples
from dlcore.device import generator
from dlcore.training.config import TrainConfig
from dlcore.training.shifts import shifted

AHEAD = 16  # batches that are gathered at once, which takes little longer than one


class Streams(NamedTuple):
    """The sources of chance of one run."""

    weights: torch.Generator
    batches: torch.Generator
    masks: torch.Generator
    noise: torch.Generator
    shifts: torch.Generator


class Batch(NamedTuple):
    """What M models see in one step."""

    inputs: Tensor  # (models, features, samples)
    targets: Tensor  # (models, outputs, samples), probabilities
    masks: Sequence[Tensor]  # one (models, units, samples) a hidden layer: 0 or 1/(1 − p); none without dropout


def streams(seed: int) -> Streams:
    """The generators of one run, on the CPU on every machine, so that every machine draws the same."""
    return Streams(*map(generator, torch.randint(2**31, (len(Streams._fields),), generator=generator(seed)).tolist()))


def minibatches(num_samples: int, batch_size: int, chances: torch.Generator) -> Iterator[Tensor]:
    """Endless batches of sample indices, all of one size: what is left of an epoch's permutation is not used."""
    while True:
        order = torch.randperm(num_samples, generator=chances)
        yield from order[: num_samples // batch_size * batch_size].split(batch_size)


def as_targets(labels: Tensor, num_classes: int) -> Tensor:
    """Probabilities of the classes, (..., samples, classes), of two classes only that of class 1, (..., samples, 1)."""
    return labels[..., None].float() if num_classes == 2 else F.one_hot(labels, num_classes).float()


class Feed:
    """Hands every model of a stack its next batch. Draws on the CPU, and moves what it drew."""

    def __init__(self, configs: Sequence[TrainConfig], data: Sequence[Samples], dtype: torch.dtype) -> None:
        first = configs[0]
        self.chances = [streams(config.seed) for config in configs]
        self.where = {"device": first.device, "dtype": dtype}
        self.size = first.samples_per_step
        self.widths = first.architecture.hidden
        count = first.data.num_train
        self.orders = None
        if self.size < count:
            self.orders = [minibatches(count, self.size, chance.batches) for chance in self.chances]
        self.ahead: list[tuple[Tensor, Tensor]] = []
        num_classes = first.data.num_classes
        smoothing = torch.tensor([config.label_smoothing for config in configs])[:, None, None]
        targets = as_targets(torch.stack([samples.labels for samples in data]), num_classes)
        targets = targets * (1 - smoothing) + smoothing / num_classes
        self.inputs = torch.stack([samples.inputs for samples in data]).to(**self.where)  # (models, samples, features)
        self.targets = targets.to(**self.where)  # (models, samples, outputs)
        self.drop = torch.tensor([config.dropout for config in configs])
        self.sigma = torch.tensor([config.input_noise for config in configs])
        self.far = torch.tensor([config.augment for config in configs])

    def next(self) -> Batch:
        """The next batch of every model."""
        inputs, targets = self.inputs, self.targets
        if self.orders is not None:
            if not self.ahead:
                self._gather(AHEAD)
            inputs, targets = self.ahead.pop(0)
        if self.far.any():
            inputs = shifted(inputs, self._shifts().to(**self.where))
        if self.sigma.any():
            inputs = inputs + self._noise().to(**self.where)
        return Batch(inputs.mT, targets.mT, self._masks() if self.drop.any() and self.widths else ())

    def _gather(self, count: int) -> None:
        """The inputs and targets of so many batches more, gathered in one go."""
        assert self.orders is not None
        rows = [torch.cat(list(itertools.islice(order, count))) for order in self.orders]
        batches = torch.stack(rows).to(self.inputs.device)
        models = torch.arange(len(rows), device=self.inputs.device)[:, None]
        gathered = (values[models, batches].split(self.size, dim=1) for values in (self.inputs, self.targets))
        self.ahead += zip(*gathered, strict=True)

    @staticmethod
    def joined(feeds: Sequence["Feed"]) -> "Feed":
        """One feed for the models of all, whose runs are of one shape; each sees what it would have seen."""
        joint = copy.copy(feeds[0])
        longest = max(len(feed.ahead) for feed in feeds)
        for feed in feeds:
            if missing := longest - len(feed.ahead):
                feed._gather(missing)
        joint.chances = [chances for feed in feeds for chances in feed.chances]
        if joint.orders is not None:
            joint.orders = [order for feed in feeds for order in feed.orders or ()]
        batches = zip(*(feed.ahead for feed in feeds), strict=True)
        joint.ahead = [
            (torch.cat(inputs), torch.cat(targets))
            for inputs, targets in (zip(*batch, strict=True) for batch in batches)
        ]
        for name in ("inputs", "targets", "drop", "sigma", "far"):
            setattr(joint, name, torch.cat([getattr(feed, name) for feed in feeds]))
        return joint

    def part(self, models: list[int]) -> "Feed":
        """The feed of these models alone."""
        part = copy.copy(self)
        part.keep(models)
        return part

    def keep(self, models: list[int]) -> None:
        """Goes on with these models only."""
        self.chances = [self.chances[model] for model in models]
        self.orders = self.orders and [self.orders[model] for model in models]
        self.ahead = [(inputs[models], targets[models]) for inputs, targets in self.ahead]
        self.inputs, self.targets = self.inputs[models], self.targets[models]
        self.drop, self.sigma, self.far = self.drop[models], self.sigma[models], self.far[models]

    def _shifts(self) -> Tensor:
        """Down and to the right for each sample, uniform from −far to far, (models, samples, 2)."""
        shifts = torch.zeros(len(self.chances), self.size, 2)
        for row, far, chance in zip(shifts, self.far.tolist(), self.chances, strict=True):
            if far:
                row.uniform_(-far, far, generator=chance.shifts)
        return shifts

    def _noise(self) -> Tensor:
        noise = torch.zeros(len(self.chances), self.size, self.inputs.shape[2])
        for row, sigma, chance in zip(noise, self.sigma.tolist(), self.chances, strict=True):
            if sigma:
                row.normal_(0, sigma, generator=chance.noise)
        return noise

    def _masks(self) -> Sequence[Tensor]:
        """A unit stays where its number, uniform from 0 to 1, is at least p."""
        numbers = torch.zeros(len(self.chances), sum(self.widths), self.size)
        for row, p, chance in zip(numbers, self.drop.tolist(), self.chances, strict=True):
            if p:
                row.uniform_(generator=chance.masks)
        p = self.drop[:, None, None]
        return ((numbers >= p) / (1 - p)).to(**self.where).split(self.widths, dim=1)
