"""Training as frames; knows which moments have one, and nothing of how a step is taken."""

import itertools
from collections.abc import Iterator, Sequence

import torch

from dlcore.training.config import TrainConfig
from dlcore.training.frames import TrainFrame
from dlcore.training.together import Company

_COMPANY: list[Company] = []  # of this process; none, and every call trains on its own


def in_worker() -> None:
    """From now on all that train in this process, which must be from one thread, take their steps together.

    A worker calls it before its first run.
    """
    _COMPANY[:] = [Company()]


def train(
    configs: Sequence[TrainConfig],
    *,
    every: int = 1,
    steps: Sequence[int] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Iterator[TrainFrame]:
    """Train runs of one shape side by side, at about the price of one; a frame at step 0, then after every few steps.

    every: steps from frame to frame; the last step has its frame in any case. steps: those that have a frame besides
    the first, instead, in their order; no more are made than these. The runs see nothing of one another, nor of those
    with which they take their steps in a worker. Ends early when all have diverged.

    Raises: ValueError naming the first thing in which the runs must not differ.
    """
    company = _COMPANY[0] if _COMPANY else Company()
    yield from company.frames(configs, _wanted(configs, every, steps), dtype)


def _wanted(configs: Sequence[TrainConfig], every: int, steps: Sequence[int] | None) -> Iterator[int]:
    if steps is not None:
        return (int(step) for step in steps if step)
    last = configs[0].num_steps if configs else 0
    return itertools.chain(range(every, last, every), [last])
