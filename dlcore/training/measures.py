"""Knows how good the models of recorded frames are; computes it afterwards, for all frames and runs at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.splits import Samples, Splits
from dlcore.device import generator
from dlcore.training.config import TrainConfig, check_alike
from dlcore.training.feed import as_targets
from dlcore.training.frames import TrainFrame
from dlcore.training.network import Architecture, cross_entropy, outputs

Split = Literal["train", "validation", "test"]
Statistics = Literal["running", "batch"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
MOST_BATCH = 10_000  # samples
MOST_NUMBERS = 2**21  # held at once: more would not stay in the processor's cache


@dataclass(frozen=True, kw_only=True, eq=False)
class Metrics:
    """What F frames of R runs are worth; in nats and shares, without penalties, smoothing, dropout or input noise."""

    steps: np.ndarray  # (F,)
    loss: Mapping[Split, np.ndarray]  # mean cross-entropy, (F, R); training labels as they were trained on
    accuracy: Mapping[Split, np.ndarray]  # share of right answers, (F, R)
    weight_norms: np.ndarray  # (F, R, layers): length of each layer's weights, biases apart

    @property
    def gap(self) -> np.ndarray:
        """How much worse the loss is on new samples, (F, R): the generalisation gap."""
        return self.loss["test"] - self.loss["train"]


def metrics(
    frames: Sequence[TrainFrame],
    configs: Sequence[TrainConfig],
    splits: Sequence[Split] = SPLITS,
    *,
    statistics: Statistics = "running",
    batch_size: int = 0,
) -> Metrics:
    """Losses and accuracies on these splits, and weight norms, of all frames and runs.

    statistics: what batch norm normalises by; "batch": the samples are answered in batches of batch_size (0: all at
    once), always dealt alike, and each is normalised by its own mean and variance.

    Raises: ValueError for configs that cannot have been trained as one, or batches that cannot be.
    """
    check_alike(configs)
    require.one_of("statistics", statistics, get_args(Statistics))
    require.whole("batch_size", batch_size, 0, MOST_BATCH)
    data = [config.data.make() for config in configs]
    num_classes = configs[0].data.num_classes
    group = 0 if statistics == "running" else batch_size or MOST_BATCH
    loss, accuracy = {}, {}
    for split in splits:
        samples = samples_of(data, split)
        if statistics == "batch":
            samples = shuffled(samples)
        targets = as_targets(samples.labels, num_classes).mT
        parts = [
            (cross_entropy(logits, repeated(targets, logits)), right(logits, repeated(samples.labels, logits)))
            for logits in logits_of(frames, configs[0].architecture, samples.inputs, group=group)
        ]
        loss[split], accuracy[split] = (
            torch.cat(part).view(len(frames), -1).numpy() for part in zip(*parts, strict=True)
        )
    return Metrics(
        steps=np.array([frame.step for frame in frames]),
        loss=loss,
        accuracy=accuracy,
        weight_norms=weight_norms(frames, configs[0].architecture),
    )


def confusion(frame: TrainFrame, configs: Sequence[TrainConfig], split: Split = "test") -> np.ndarray:
    """How many samples of each class get each answer, (runs, classes, classes): rows are true, columns answered.

    Raises: ValueError for configs that cannot have been trained as one.
    """
    check_alike(configs)
    samples = samples_of([config.data.make() for config in configs], split)
    (logits,) = logits_of([frame], configs[0].architecture, samples.inputs)
    size = configs[0].data.num_classes
    pairs = samples.labels * size + answers(logits)
    return np.stack([row.bincount(minlength=size**2).view(size, size).numpy() for row in pairs])


def best_so_far(measured: Metrics) -> np.ndarray:
    """The frame with the lowest validation loss up to each frame, (F, R) indices: what early stopping would keep.

    Of equal losses the first counts, and what is no number is never the lowest.
    """
    losses = np.nan_to_num(measured.loss["validation"], nan=np.inf, posinf=np.inf)
    before = np.minimum.accumulate(np.concatenate([np.full_like(losses[:1], np.inf), losses[:-1]]))
    frames = np.arange(len(losses))[:, None]
    return np.maximum.accumulate(np.where(losses < before, frames, 0), axis=0)


def weight_norms(frames: Sequence[TrainFrame], architecture: Architecture) -> np.ndarray:
    """The Euclidean length of each layer's weights, (frames, runs, layers)."""
    params = np.stack([frame.params for frame in frames])
    spans = architecture.weight_spans()
    return np.stack([np.linalg.norm(params[..., span], axis=-1) for span in spans], axis=-1)


def samples_of(data: Sequence[Splits], split: Split) -> Samples:
    """One split of every run, stacked: inputs (runs, samples, features), labels (runs, samples)."""
    parts = [getattr(splits, split) for splits in data]
    return Samples(torch.stack([part.inputs for part in parts]), torch.stack([part.labels for part in parts]))


def shuffled(samples: Samples) -> Samples:
    """All runs' samples in one and always the same new order, since those of points have their classes in turn."""
    order = torch.randperm(samples.labels.shape[1], generator=generator(0))
    return Samples(samples.inputs[:, order], samples.labels[:, order])


def logits_of(
    frames: Sequence[TrainFrame], architecture: Architecture, inputs: Tensor, *, group: int = 0
) -> Iterator[Tensor]:
    """The logits of a few frames at a time, (frames · runs, outputs, samples), frame after frame.

    inputs: (runs, samples, features). group: 0, and batch norm uses its running statistics, or so many samples at most
    that it normalises by their own; the first samples fill the last group up.
    """
    runs, num_samples, _ = inputs.shape
    group = min(group, num_samples)
    inputs = torch.cat([inputs, inputs[:, : -num_samples % group]], dim=1) if group else inputs
    few = max(1, MOST_NUMBERS // (runs * num_samples * max(architecture.widths)))
    for start in range(0, len(frames), few):
        part = frames[start : start + few]
        params = torch.from_numpy(np.concatenate([frame.params for frame in part]))
        running = torch.from_numpy(np.concatenate([frame.running for frame in part]))
        with torch.no_grad():
            *_, logits = outputs(
                architecture,
                architecture.parts(params),
                inputs.to(params.dtype).mT.repeat(len(part), 1, 1),
                running=by_layer(running, architecture),
                group=group,
            )
        yield logits[..., :num_samples]


def by_layer(running: Tensor, architecture: Architecture) -> list[Tensor]:
    """A frame's running statistics (models, 2, units) as the network takes them: (2, models, units) a hidden layer."""
    if not architecture.batch_norm:
        return []
    return [part.contiguous() for part in running.movedim(1, 0).split(architecture.hidden, dim=2)]


def answers(logits: Tensor) -> Tensor:
    """The likeliest class of each sample, (models, samples)."""
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)


def right(logits: Tensor, labels: Tensor) -> Tensor:
    """The share of right answers of each model, (models,)."""
    return (answers(logits) == labels).float().mean(dim=1)


def repeated(runs: Tensor, models: Tensor) -> Tensor:
    """What belongs to the runs, once for each frame that the models are of."""
    return runs.repeat(len(models) // len(runs), *[1] * (runs.dim() - 1))
