"""The training loop, written once; knows the order of its lines, and nothing of what stands behind each."""

from collections.abc import Iterator, Sequence

import torch

from dlcore.training.config import TrainConfig
from dlcore.training.frames import TrainFrame
from dlcore.training.network import cross_entropy
from dlcore.training.stack import Stack


def train(
    configs: Sequence[TrainConfig], *, every: int = 1, dtype: torch.dtype = torch.float32
) -> Iterator[TrainFrame]:
    """Train runs of one shape side by side, at about the price of one; a frame at step 0, then after every few steps.

    every: steps from frame to frame; the last step has its frame in any case. The runs see nothing of one another.
    Ends early when all have diverged.

    Raises: ValueError naming the first thing in which the runs must not differ.
    """
    stack = Stack(configs, dtype)
    yield stack.frame()
    num_steps = configs[0].num_steps
    for step in range(1, num_steps + 1):
        batch = stack.next_batch()
        logits = stack.predict(batch)
        losses = cross_entropy(logits, batch.targets)
        losses.sum().backward()  # of the sum, since no run's loss depends on another's parameters
        stack.step(losses.detach())
        stack.zero_grad()
        if step % every == 0 or step == num_steps or not stack.rows:
            yield stack.frame()
        if not stack.rows:
            return
