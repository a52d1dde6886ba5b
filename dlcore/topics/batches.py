"""Knows what one optimizer reaches with batches of several sizes for the same number of samples; not its time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlcore.topics.descent import RaceConfig, race

SIZES = (1, 32, 0)  # 0 = all samples
PASSES = 2
MOST_SAMPLES = 1000  # a batch of one needs as many steps
MOST_FRAMES = 221


@dataclass(frozen=True, kw_only=True)
class BatchRace:
    """One run a batch size, B in all, side by side at equal numbers of samples seen.

    samples (F,); w (F, B, 2), loss (F, B), distance (F, B): where each run stands once it has used that many.
    updates (F, B): how often it has stepped until then.
    """

    sizes: tuple[int, ...]
    samples: np.ndarray
    w: np.ndarray
    loss: np.ndarray
    distance: np.ndarray
    updates: np.ndarray


def batch_race(config: RaceConfig, sizes: Sequence[int] = SIZES) -> BatchRace:
    """Run the first optimizer of `config` once for every batch size, each with the same budget of samples.

    The budget is two passes over the data, at most 1000 samples. The runs share start, seed and learning rate.

    Raises: ValueError where the surface has no data to take samples of.
    """
    total = config.make_surface().num_samples
    if total == 1:
        raise ValueError(f"surface is {config.surface!r}: batch sizes can be compared only on real data.")
    budget = min(PASSES * total, MOST_SAMPLES)
    one = replace(config, optimizers=config.optimizers[:1])
    runs = [race(replace(one, batch_size=size, num_steps=max(1, budget // (size or total)))) for size in sizes]
    samples = np.unique(np.linspace(0, budget, min(budget + 1, MOST_FRAMES)).round().astype(int))
    at = [np.searchsorted(run.samples, samples, side="right") - 1 for run in runs]
    return BatchRace(
        sizes=tuple(sizes),
        samples=samples,
        w=np.stack([run.w[i, 0] for run, i in zip(runs, at, strict=True)], axis=1),
        loss=np.stack([run.loss[i, 0] for run, i in zip(runs, at, strict=True)], axis=1),
        distance=np.stack([run.distance[i, 0] for run, i in zip(runs, at, strict=True)], axis=1),
        updates=np.stack(at, axis=1),
    )
