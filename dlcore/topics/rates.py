"""Knows how the outcome of a race depends on the learning rate; does not know how an update is made."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from dlcore.topics.descent import RaceConfig, frames
from dlcore.topics.landscape import Surface

SOLVED = 1e-12  # losses this close to the minimum differ by rounding only


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """What each optimizer reaches at each learning rate, with the same budget of gradients."""

    lrs: np.ndarray  # (L,)
    final_loss: np.ndarray  # (K, L): loss above the surface's lowest; infinite where the run diverged
    best: dict[str, float]  # optimizer -> its best learning rate


def default_rates() -> np.ndarray:
    """33 learning rates from 1e-4 to 10, evenly spaced on a log scale, to three digits so that they can be quoted."""
    return np.array([float(f"{rate:.3g}") for rate in np.logspace(-4, 1, 33)])


def sweep(config: RaceConfig, lrs: np.ndarray | None = None) -> Sweep:
    """Run every optimizer at every learning rate, all as rows of one tensor, on the config's own batches and noise.

    The best rate ends with the lowest loss; among rates that solve the problem (to 1e-12) it is the one that solved
    it first, and among equals the smallest.
    """
    lrs = default_rates() if lrs is None else np.asarray(lrs, dtype=np.float64)
    names = config.optimizers
    starts = torch.tensor([[config.x0, config.y0]], dtype=torch.float64).expand(len(lrs), 2)
    rates = torch.from_numpy(lrs).expand(len(names), -1)
    floor = lowest_loss(config.make_surface())
    solved_since = torch.zeros(rates.shape, dtype=torch.int64)
    loss = torch.empty(0)
    for frame in frames(config, starts, rates):
        loss = frame.loss
        solved_since[~(loss - floor <= SOLVED)] = frame.step + 1
    final = loss.nan_to_num(nan=torch.inf).numpy() - floor
    final = np.maximum(final, 0)
    best = {
        name: float(
            lrs[min(range(len(lrs)), key=lambda i, k=k: (max(final[k, i], SOLVED), int(solved_since[k, i]), lrs[i]))]
        )
        for k, name in enumerate(names)
    }
    return Sweep(lrs=lrs, final_loss=final, best=best)


def lowest_loss(surface: Surface) -> float:
    """The loss at the surface's global minimum; 0 where none is known."""
    if not surface.minima:
        return 0.0
    x, y = torch.tensor(surface.minima[:1], dtype=torch.float64).unbind(-1)
    return surface.loss(x, y).item()


def with_best_rates(config: RaceConfig) -> RaceConfig:
    """The same race in which each optimizer's own learning rate is the best of a sweep."""
    own = {f"{name}.lr": rate for name, rate in sweep(config).best.items()}
    return replace(config, rates="own", hyper=tuple((dict(config.hyper) | own).items()))
