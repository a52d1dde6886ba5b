"""A trained network with dropout, asked with masks on it: one thinned network a mask, and what many of them agree on.

Knows what the average over masks, its spread, and forgetting `model.eval()` come to; does not know how they are drawn.
Source: Baldi and Sadowski, Understanding dropout (2013), on the averages; Gal and Ghahramani, Dropout as a Bayesian
approximation (2016), on the spread.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore.datasets.splits import Samples
from dlcore.device import generator
from dlcore.topics.dropout_config import NUM_SEEDS, OUTLOOK, MasksConfig
from dlcore.topics.dropout_runs import Arrays, band, said
from dlcore.training import Grid, Snapshot, TrainConfig, train
from dlcore.training.measures import samples_of
from dlcore.training.network import outputs

FINE, FAR = 60, 41  # points along a side of the maps near the data, and of those that reach further
LARGEST_SPREAD = 0.5  # the standard deviation of a probability is never larger
DISTANCES = (0.1, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)  # to the nearest training point: each the end of a ring
KEPT = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares of the test points that are answered


class Nets(NamedTuple):
    """Trained networks, one a seed, and the test points of each."""

    configs: Sequence[TrainConfig]
    params: Tensor  # (models, num_params)
    test: Samples  # inputs (models, samples, features)
    note: str = ""  # what training has to say


class Average:
    """The running mean and spread of probabilities (models, points), and the mean of their logits."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.logit = self.square = torch.zeros(())

    def add(self, logits: Tensor) -> None:
        """One more mask: logits (models, points)."""
        self.count += 1
        chances = logits.sigmoid()
        moved = chances - self.mean
        self.mean = self.mean + moved / self.count  # Welford (1962)
        self.square = self.square + moved * (chances - self.mean)
        self.logit = self.logit + (logits - self.logit) / self.count

    @property
    def spread(self) -> Tensor:
        """The standard deviation over the masks so far, (models, points); 0 for a single one."""
        return (self.square / self.count).clamp(min=0).sqrt()


def trained(config: MasksConfig) -> Nets:
    """Net B after its last step, for all seeds."""
    configs = config.training.runs(config.training.p)
    *_, last = train(configs, every=config.training.num_steps)
    test = samples_of([run.data.make() for run in configs], "test")
    return Nets(configs, torch.from_numpy(last.params), test, said(last))


def logits_of(nets: Nets, inputs: Tensor, masks: Sequence[Tensor] = ()) -> Tensor:
    """Of class 1, (models, points): inputs (models, points, features); masks as `outputs` has them."""
    architecture = nets.configs[0].architecture
    with torch.no_grad():
        *_, logits = outputs(architecture, architecture.parts(nets.params), inputs.mT, running=[], masks=masks)
    return logits[:, 0]


def draw_masks(nets: Nets, p: float, points: int, chances: torch.Generator) -> Sequence[Tensor]:
    """For every model one mask (models, units, points) a hidden layer, 0 or 1/(1 − p); points 1: the same for all."""
    widths = nets.configs[0].architecture.hidden
    numbers = torch.rand(len(nets.params), sum(widths), points, generator=chances)
    return ((numbers >= p) / (1 - p)).split(widths, dim=1)


def frames(config: MasksConfig) -> Iterator[Snapshot]:
    """Trains, then draws mask after mask: frame k has k + 1 of them."""
    nets = trained(config)
    asked = Asked(config, nets)
    for _ in range(config.num_masks):
        yield Snapshot(asked.once_more(), said=nets.note)


class Asked:
    """Networks that are asked again and again: on a grid, further out, and at the test points."""

    def __init__(self, config: MasksConfig, nets: Nets) -> None:
        self.nets, self.p = nets, config.training.p
        self.chances, self.calls = generator(config.training.seed), generator(config.training.seed + 1)
        reach = config.training.points.reach
        near, far = Grid(reach=reach, size=FINE), Grid(reach=OUTLOOK * reach, size=FAR)
        self.places = {
            "near": near.points().T.expand(NUM_SEEDS, -1, -1),
            "far": far.points().T.expand(NUM_SEEDS, -1, -1),
            "test": nets.test.inputs,
        }
        self.scaled = {name: logits_of(nets, points) for name, points in self.places.items()}
        self.averages = {name: Average() for name in self.places}
        self.rings = rings(nets, self.places["far"])
        self.before = self.call()

    def call(self) -> Tensor:
        """The answers of a call in training mode, (models, samples): each sample has masks of its own."""
        masks = draw_masks(self.nets, self.p, self.nets.test.labels.shape[1], self.calls)
        return logits_of(self.nets, self.nets.test.inputs, masks) > 0

    def once_more(self) -> Arrays:
        """One more mask, and what there is to see then."""
        masks = draw_masks(self.nets, self.p, 1, self.chances)
        present = {name: logits_of(self.nets, points, masks) for name, points in self.places.items()}
        for name, logits in present.items():
            self.averages[name].add(logits)
        return {
            **self.pictures(present["near"]),
            **self.scores(present["test"]),
            **self.forgotten(),
            **self.by_distance(),
            **self.refused(),
        }

    def pictures(self, present: Tensor) -> Arrays:
        """The first seed's maps as bytes: this mask, the average, the scaled net, how those differ; the spread."""
        near, far = self.averages["near"], self.averages["far"]
        scaled = self.scaled["near"][0].sigmoid()
        return {
            "present": _picture(present[0].sigmoid()),
            "average": _picture(near.mean[0]),
            "scaled": _picture(scaled),
            "difference": _picture((near.mean[0] - scaled).abs() / LARGEST_SPREAD),
            "far": _picture(self.scaled["far"][0].sigmoid()),
            "spread": _picture(far.spread[0] / LARGEST_SPREAD),
            **self.along_a_line(),
        }

    def along_a_line(self) -> Arrays:
        """The first seed's probability along y = 0, the average and one spread below and above it, (FAR,) each."""
        middle = slice(FAR // 2 * FAR, (FAR // 2 + 1) * FAR)
        mean, spread = self.averages["far"].mean[0, middle], self.averages["far"].spread[0, middle]
        lines = {"mean": mean, "low": mean - spread, "high": mean + spread}
        lines["scaled"] = self.scaled["far"][0, middle].sigmoid()
        return {f"line.{name}": line.numpy() for name, line in lines.items()}

    def scores(self, present: Tensor) -> Arrays:
        """Over the seeds: accuracy in per cent, mean distance from the scaled net's probability in points."""
        average, scaled = self.averages["test"], self.scaled["test"]
        chance = scaled.sigmoid()
        found = {
            "accuracy.single": self.accuracy(present > 0),
            "accuracy.average": self.accuracy(average.mean > 0.5),
            "accuracy.scaled": self.accuracy(scaled > 0),
            "apart.single": _apart(present.sigmoid(), chance),
            "apart.average": _apart(average.mean, chance),
            "apart.logits": _apart(average.logit.sigmoid(), chance),
        }
        return {key: value for name, numbers in found.items() for key, value in band(name, numbers).items()}

    def forgotten(self) -> Arrays:
        """A call without `model.eval()`: its accuracy, and how many of its answers are not those of the call before."""
        answers = self.call()
        flips = 100 * (answers != self.before).float().mean(dim=1)
        self.before = answers
        return band("accuracy.forgotten", self.accuracy(answers)) | band("flips", flips.numpy())

    def by_distance(self) -> Arrays:
        """In rings around the training points: the mean spread, and the doubt 1 − |2P − 1| of the scaled net."""
        doubt = 1 - (2 * self.scaled["far"].sigmoid() - 1).abs()
        return band("spread", (self.rings * self.averages["far"].spread[:, None]).sum(dim=2).T.numpy()) | band(
            "doubt", (self.rings * doubt[:, None]).sum(dim=2).T.numpy()
        )

    def refused(self) -> Arrays:
        """Accuracy in per cent on the test points that are left, (KEPT,), the mean over the seeds."""
        scaled = self.scaled["test"]
        right = (scaled > 0) == self.nets.test.labels.bool()
        doubts = {"spread": self.averages["test"].spread, "scaled": -scaled.abs()}
        return {f"refused.{name}": 100 * kept_accuracy(right, doubt) for name, doubt in doubts.items()}

    def accuracy(self, answers: Tensor) -> np.ndarray:
        """In per cent, (models,): answers (models, samples) bool."""
        return 100 * (answers == self.nets.test.labels.bool()).float().mean(dim=1).numpy()


def rings(nets: Nets, places: Tensor) -> Tensor:
    """Which places (models, points, 2) lie in which ring around the training points, each ring's weights summing to 1.

    (models, rings, points); a ring without a place has weights 0.
    """
    data = [run.data.make().train.inputs for run in nets.configs]
    distance = torch.stack([torch.cdist(place, points).amin(dim=1) for place, points in zip(places, data, strict=True)])
    ring = torch.bucketize(distance, torch.tensor(DISTANCES))
    inside = (ring[:, None] == torch.arange(len(DISTANCES))[:, None]).float()
    return inside / inside.sum(dim=2, keepdim=True).clamp(min=1)


def kept_accuracy(right: Tensor, doubt: Tensor) -> np.ndarray:
    """The share of right answers among the least doubtful points, (KEPT,), the mean over models (models, samples)."""
    order = doubt.argsort(dim=1, stable=True)
    sorted_right = right.gather(1, order).float()
    means = [sorted_right[:, : max(1, round(share * right.shape[1]))].mean() for share in KEPT]
    return torch.stack(means).numpy()


def _picture(values: Tensor) -> np.ndarray:
    """Values from 0 to 1 on a square grid as bytes, (size, size)."""
    size = round(len(values) ** 0.5)
    return (255 * values).round().clamp(0, 255).to(torch.uint8).view(size, size).numpy()


def _apart(chances: Tensor, others: Tensor) -> np.ndarray:
    return 100 * (chances - others).abs().mean(dim=1).numpy()
