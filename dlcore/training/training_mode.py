"""Knows what networks answer in training mode, where chance and the batch have a say; does not know what for."""

from collections.abc import Sequence

import torch
from torch import Tensor

from dlcore.training.config import TrainConfig, check_alike
from dlcore.training.frames import TrainFrame
from dlcore.training.measures import MOST_NUMBERS
from dlcore.training.network import outputs


def logits_in_training_mode(
    frame: TrainFrame,
    configs: Sequence[TrainConfig],
    inputs: Tensor,
    generator: torch.Generator,
    *,
    draws: int = 1,
) -> Tensor:
    """The logits of all runs while units are dropped, (draws, runs, outputs, samples); the running statistics stay.

    inputs: (runs, samples, features), or (samples, features) for all runs. Each draw and sample has its masks; runs
    share the numbers that decide, so that a larger p drops the same units and more. Batch norm normalises by the
    statistics of all samples that a draw lets through.

    Raises: ValueError for configs that cannot have been trained as one.
    """
    check_alike(configs)
    runs, architecture = len(configs), configs[0].architecture
    params = torch.from_numpy(frame.params)
    parts = architecture.parts(params)
    seen = inputs.to(params.dtype).expand(runs, *inputs.shape[-2:]).mT
    p = torch.tensor([config.dropout for config in configs], dtype=params.dtype)[:, None, None]
    size = seen.shape[2]

    def few(count: int) -> Tensor:
        """So many draws as so many times the samples, (count, runs, outputs, samples)."""
        numbers = torch.rand(sum(architecture.hidden), count * size, generator=generator, dtype=params.dtype)
        masks = ((numbers >= p) / (1 - p)).split(architecture.hidden, dim=1) if architecture.hidden else ()
        *_, logits = outputs(architecture, parts, seen.repeat(1, 1, count), running=(), masks=masks, group=size)
        return logits.unflatten(2, (count, size)).movedim(2, 0)

    at_once = max(1, MOST_NUMBERS // (runs * size * max(sum(architecture.hidden), 1)))
    with torch.no_grad():
        return torch.cat([few(min(at_once, draws - start)) for start in range(0, draws, at_once)])
