"""The lesson's live runs: deep networks with and without a normalisation, learning rates, batch sizes.

Each is a config and a generator of snapshots; knows nothing of who watches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.digits import DigitsConfig
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_training import Course, first_lost
from dlcore.training import Snapshot, TrainConfig
from dlcore.training.network import ACTIVATIONS

WIDTH = 64
MOST_DEPTH = 8
#: First weights: how many times as large as torch's own, whose variance is 1/(3 · fan-in).
GAINS = {"torch": 1.0, "he": 6**0.5}
LRS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SIZES = (2, 3, 4, 8, 16, 64)
DEEP_SEEDS, SWEEP_SEEDS = 8, 4
NUM_VALIDATION = 10  # not used
NUM_TEST, OWN_TEST = 384, 256  # test digits; those that are normalised by their own batch
BINS, FAR = 64, 4.0  # of a histogram, from −FAR to FAR; what lies beyond is in the outermost
LOOKED_AT = 128  # test digits that histograms and spreads are of
LEAST_LOSS, MOST_LOSS = 1e-3, 10.0  # what is drawn


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """What all runs of the lesson share: digits, layers of 64 units, plain SGD. B is the normalised one, A is not.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    activation: str = "relu"
    depth: int = 5
    weights: str = "torch"
    norm: str = "batch"  # B's
    lr: float = 0.3
    batch_size: int = 64
    num_steps: int = 200
    seed: int = 0  # of the first run; the others have those that follow

    def __post_init__(self) -> None:
        require.one_of("activation", self.activation, ACTIVATIONS)
        require.whole("depth", self.depth, 1, MOST_DEPTH)
        require.one_of("weights", self.weights, GAINS)
        require.one_of("norm", self.norm, NORMS)
        require.number("lr", self.lr, 1e-4, 100)
        require.whole("batch_size", self.batch_size, 2, 256)
        require.whole("num_steps", self.num_steps, 1, 2000)
        require.whole("seed", self.seed, 0, 2**31 - 100)

    def course(self, norm: str, count: int, lrs: Sequence[float] = (), dtype: torch.dtype = torch.float32) -> Course:
        """Runs of so many seeds for each rate, or for the config's own, rate after rate."""
        runs = [self.run(norm, self.seed + k, lr) for lr in lrs or (self.lr,) for k in range(count)]
        return Course(runs, norm, GAINS[self.weights], dtype)

    def run(self, norm: str, seed: int, lr: float) -> TrainConfig:
        """One run, before its first weights are scaled."""
        return TrainConfig(
            data=DigitsConfig(num_validation=NUM_VALIDATION, num_test=NUM_TEST, seed=seed),
            hidden=(WIDTH,) * self.depth,
            activation=self.activation,
            batch_norm=norm != "none",
            optimizer="sgd",
            lr=lr,
            batch_size=self.batch_size,
            num_steps=self.num_steps,
            seed=seed,
        )


class DeepConfig(NetConfig):
    """A few deep networks with and without, layer by layer."""


class RatesConfig(NetConfig):
    """The same at seven learning rates; lr is not used."""


class SizesConfig(NetConfig):
    """Batches of different sizes; batch_size is not used. norm: what is trained beside batch norm, if it is another."""


NUM_FRAMES: dict[type, int] = {DeepConfig: 67, RatesConfig: 24, SizesConfig: 17}


def trained_norms(config: NetConfig) -> list[str]:
    """What is trained side by side, without a normalisation first."""
    kinds = ["none", "batch", config.norm] if isinstance(config, SizesConfig) else ["none", config.norm]
    return sorted(set(kinds), key=kinds.index)


def frame_steps(config: NetConfig) -> np.ndarray:
    """The updates made at each frame, (frames,), evenly spread; fewer frames where there are fewer updates."""
    num_frames = NUM_FRAMES[type(config)]
    return np.unique(np.linspace(0, config.num_steps, min(num_frames, config.num_steps + 1)).round().astype(int))


def deep_frames(config: DeepConfig) -> Iterator[Snapshot]:
    """Eight networks without (A) and with (B) from the same first weights on the same batches."""
    courses = {"a": config.course("none", DEEP_SEEDS), "b": config.course(config.norm, DEEP_SEEDS)}
    before = 0
    for step in frame_steps(config).tolist():
        for course in courses.values():
            course.advance(step - before)
        before = step
        arrays = _measured("a", courses["a"], config) | _measured("b", courses["b"], config)
        yield Snapshot(arrays, _told({"none": [courses["a"]], config.norm: [courses["b"]]}))


def _measured(name: str, course: Course, config: DeepConfig) -> dict[str, np.ndarray]:
    """What is shown of A or of B. Layers are shown as in training, batch norm with the statistics of a batch."""
    *before, logits = course.answers()
    found = banded(f"{name}.accuracy", 100 * course.accuracy(logits))
    if course.norm == "batch":
        whole = OWN_TEST // config.batch_size * config.batch_size
        *before, own = course.answers("batch", config.batch_size, whole)
        found[f"{name}.own"] = 100 * course.accuracy(own).mean().numpy()
    found |= banded(
        f"{name}.loss", course.loss.nan_to_num(nan=torch.nan, posinf=MOST_LOSS).clamp(LEAST_LOSS, MOST_LOSS)
    )
    for layer, z in enumerate(before, start=1):
        found[f"{name}.histogram.{layer}"] = histogram(z[0, :, :LOOKED_AT])
    spread = torch.stack([deviation(z[..., :LOOKED_AT]).mean(dim=1) for z in before], dim=1)  # (runs, layers)
    found[f"{name}.spread"] = _column(spread)
    found[f"{name}.gradient"] = _column(course.gradients[:, :-1])
    return found


def banded(name: str, values: Tensor) -> dict[str, np.ndarray]:
    """Mean, lowest and highest over the runs, the last axis, under the names that a band has."""
    return {
        f"{name}.mean": values.mean(dim=-1).numpy(),
        f"{name}.low": values.amin(dim=-1).numpy(),
        f"{name}.high": values.amax(dim=-1).numpy(),
    }


def histogram(z: Tensor) -> np.ndarray:
    """How the numbers spread from −FAR to FAR, (BINS,), as shares of the fullest bin."""
    edge = FAR * (1 - 1e-6)
    counts = torch.histc(z.nan_to_num(edge).clamp(-edge, edge), BINS, -FAR, FAR)
    return (counts / counts.max()).numpy()


def deviation(z: Tensor) -> Tensor:
    """The standard deviation of each unit over the samples, the last axis; much faster than torch.std."""
    return (z - z.mean(dim=-1, keepdim=True)).square().mean(dim=-1).sqrt()


def rates_frames(config: RatesConfig) -> Iterator[Snapshot]:
    """Test accuracy at each learning rate, with and without."""
    courses = {name: config.course(norm, SWEEP_SEEDS, LRS) for name, norm in (("a", "none"), ("b", config.norm))}
    before = 0
    for step in frame_steps(config).tolist():
        arrays: dict[str, np.ndarray] = {}
        for name, course in courses.items():
            course.advance(step - before)
            arrays |= banded(name, 100 * course.accuracy(course.answers()[-1]).view(len(LRS), SWEEP_SEEDS))
        before = step
        yield Snapshot(arrays, _told({"none": [courses["a"]], config.norm: [courses["b"]]}))


def sizes_frames(config: SizesConfig) -> Iterator[Snapshot]:
    """Test accuracy at each batch size: without, with running statistics, with a test batch's own, and another norm."""
    courses = {
        kind: [replace(config, batch_size=size).course(kind, SWEEP_SEEDS) for size in SIZES]
        for kind in trained_norms(config)
    }
    before = 0
    for step in frame_steps(config).tolist():
        for course in (course for row in courses.values() for course in row):
            course.advance(step - before)
        before = step
        arrays: dict[str, np.ndarray] = {}
        for kind, row in courses.items():
            arrays |= banded(kind, torch.stack([100 * course.accuracy(course.answers()[-1]) for course in row]))
        pairs = zip(SIZES, courses["batch"], strict=True)
        own = [100 * course.accuracy(course.answers("batch", size)[-1]) for size, course in pairs]
        yield Snapshot(arrays | banded("own", torch.stack(own)), _told(courses))


def _column(values: Tensor) -> np.ndarray:
    """The geometric mean over the runs, (layers,); what is 0 or not finite is left out."""
    logs = values.clamp(min=0).log()
    return logs.where(logs.isfinite(), torch.nan).nanmean(dim=0).exp().numpy()


def _told(courses: Mapping[str, Sequence[Course]]) -> str:
    """Which runs of each kind diverged, and when the first of them."""
    found = []
    for kind, several in courses.items():
        diverged = {(k, run): what for k, course in enumerate(several) for run, what in course.diverged.items()}
        title = f"With {NORMS[kind]}" if kind in NORMS else "Without"
        found.append(first_lost(title, diverged, sum(len(course.labels) for course in several)))
    return " ".join(filter(None, found))
