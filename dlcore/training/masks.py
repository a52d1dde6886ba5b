"""Knows which units a run drops, without training it; does not know what the units give."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from dlcore import require
from dlcore.training.config import TrainConfig
from dlcore.training.feed import streams


def masks_seen(config: TrainConfig) -> Iterator[tuple[np.ndarray, ...]]:
    """What is kept of each hidden layer for the batch's first sample, (units,) bool each, in step 0, 1, 2 and so on.

    Step k leads from the frame after k updates to the next. Endless; equal to what `train` uses of the same config.
    """
    widths, chances = config.architecture.hidden, streams(config.seed).masks
    numbers = torch.ones(sum(widths), config.samples_per_step)
    while True:
        if config.dropout:
            numbers.uniform_(generator=chances)
        kept = (numbers[:, 0] >= config.dropout).numpy()
        yield tuple(np.split(kept, np.cumsum(widths)[:-1])) if widths else ()


def mask_rows(config: TrainConfig, steps: Sequence[int]) -> tuple[np.ndarray, ...]:
    """The same for these steps only, in any order: one (steps, units) bool a hidden layer.

    Raises: ValueError for a step that the run does not have.
    """
    for step in steps:
        require.whole("steps", step, 0, config.num_steps - 1)
    seen = dict(enumerate(itertools.islice(masks_seen(config), max(steps, default=-1) + 1)))
    return tuple(map(np.stack, zip(*(seen[step] for step in steps), strict=True)))
