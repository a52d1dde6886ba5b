"""Knows how the outcome of a race depends on the learning rate; does not know how an update is made."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from dlcore.topics.descent import RaceConfig, frames
from dlcore.topics.landscape import Surface

SOLVED = 1e-12  # losses this close to the minimum differ by rounding only


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """What each optimizer reaches at each learning rate, with the same budget of gradients.

    final_loss (K, L) counts from the lowest loss known, of the surface's minima and of all these runs' ends, and is
    infinite where the run diverged.
    """

    lrs: np.ndarray  # (L,)
    final_loss: np.ndarray  # (K, L)
    best: dict[str, float]  # optimizer -> its best learning rate


def default_rates() -> np.ndarray:
    """33 learning rates from 1e-4 to 10, evenly spaced on a log scale, to three digits so that they can be quoted."""
    return np.array([float(f"{rate:.3g}") for rate in np.logspace(-4, 1, 33)])


def sweep(config: RaceConfig, lrs: np.ndarray | None = None) -> Sweep:
    """Run every optimizer at every learning rate, all as rows of one tensor, on the config's own batches and noise.

    The best rate ends with the lowest loss; among rates that solve the problem (to 1e-12) it is the one that solved
    it first, and among equals the smallest.
    """
    lrs = default_rates() if lrs is None else np.array(lrs, dtype=np.float64)
    names = config.optimizers
    starts = torch.tensor([[config.x0, config.y0]], dtype=torch.float64).expand(len(lrs), 2)
    rates = torch.from_numpy(lrs).expand(len(names), -1)
    lowest = lowest_loss(config.make_surface())
    final = np.empty(rates.shape)
    solved_since = np.zeros(rates.shape, dtype=int)
    for frame in frames(config, starts, rates):
        final = frame.loss.numpy()
        solved_since[~(final - lowest <= SOLVED)] = frame.step + 1
    final = final - np.nanmin(final, initial=lowest)
    final[np.isnan(final)] = np.inf
    # The last key weighs most; NumPy's lexsort puts the best first.
    order = [np.lexsort((lrs, solved_since[k], np.maximum(final[k], SOLVED))) for k in range(len(names))]
    best = {name: float(lrs[indices[0]]) for name, indices in zip(names, order, strict=True)}
    return Sweep(lrs=lrs, final_loss=final, best=best)


def lowest_loss(surface: Surface) -> float:
    """The loss at the surface's global minimum; infinite where none is known."""
    if not surface.minima:
        return torch.inf
    x, y = torch.tensor(surface.minima[:1], dtype=torch.float64).unbind(-1)
    return surface.loss(x, y).item()


def with_best_rates(config: RaceConfig) -> RaceConfig:
    """The same race in which each optimizer's own learning rate is the best of a sweep."""
    own = {f"{name}.lr": rate for name, rate in sweep(config).best.items()}
    return replace(config, rates="own", hyper=tuple((dict(config.hyper) | own).items()))
