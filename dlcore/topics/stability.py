"""Knows when gradient descent and the heavy ball converge on a quadratic, and how fast; does not know other rules.

Near a minimum every smooth loss is a quadratic with the Hessian's eigenvalues λ, so its largest one decides.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from dlcore.topics.landscape import Surface, hessian
from dlcore.topics.optimizers import momentum


def sharpness(surface: Surface, w: np.ndarray) -> np.ndarray:
    """λmax, the largest eigenvalue of the Hessian at each point; w: (..., 2), result (...), NaN where w is."""
    rows = torch.from_numpy(np.ascontiguousarray(w, dtype=np.float64)).view(-1, 2)
    (a, b), (_, c) = hessian(surface, rows).permute(1, 2, 0).numpy()
    return ((a + c) / 2 + np.hypot((a - c) / 2, b)).reshape(w.shape[:-1])


def highest_rate(sharpness: float | np.ndarray, mu: float | np.ndarray = 0.0) -> float | np.ndarray:
    """2(1 + μ)/λmax: below this learning rate the heavy ball converges, above it diverges; μ = 0 is gradient descent.

    Infinite where no direction curves upwards: there is nothing to overshoot.
    """
    with np.errstate(divide="ignore"):
        limit = 2 * (1 + np.asarray(mu)) / np.maximum(sharpness, 0)
    return limit if limit.ndim else float(limit)


def theoretical_rate(eigenvalues: Sequence[float], lr: float | np.ndarray, mu: float | np.ndarray = 0.0) -> np.ndarray:
    """By how much one step of the heavy ball shrinks the distance in the end: the slowest of the eigenvalues' rates.

    For each λ, w_{t+1} = (1 + μ − ηλ) w_t − μ w_{t−1}: the rate is the spectral radius of [[1 + μ − ηλ, −μ], [1, 0]],
    the larger root of z² − (1 + μ − ηλ) z + μ. For μ = 0 it is |1 − ηλ|. lr and mu broadcast; above 1 it diverges.

    Source: Polyak, Some methods of speeding up the convergence of iteration methods, 1964, section 2.
    """
    mu = np.asarray(mu, dtype=np.float64)
    rates = []
    for eigenvalue in eigenvalues:
        b = 1 + mu - np.asarray(lr) * eigenvalue
        discriminant = b * b - 4 * mu
        real = (np.abs(b) + np.sqrt(np.maximum(discriminant, 0))) / 2
        rates.append(np.where(discriminant < 0, np.sqrt(mu), real))  # two conjugate roots, whose product is μ
    return np.max(rates, axis=0)


def measured_rate(series: np.ndarray) -> np.ndarray:
    """By how much a positive series shrinks per step in its second half: e to the slope of its logarithm.

    series: (F, ...), distances or losses above the minimum (a loss shrinks with the square of the distance's rate).
    What is NaN or below 1e-12 of the start is left out: there rounding is all that moves. NaN with under 3 values.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = np.isfinite(series) & (series > 1e-12 * series[0])
        log = np.where(usable, np.log(series), 0.0)
    count = usable.cumsum(axis=0)
    usable &= count > count[-1] // 2
    n = usable.sum(axis=0)
    t = np.arange(len(series)).reshape(-1, *[1] * (series.ndim - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(usable, t - (t * usable).sum(axis=0) / n, 0.0)
        slope = (t * log).sum(axis=0) / (t * t).sum(axis=0)
    return np.where(n >= 3, np.exp(slope), np.nan)


class RateMap(NamedTuple):
    """Contraction per step over the plane of learning rates and momenta; above 1 the distance grows."""

    lrs: np.ndarray  # (L,)
    mus: np.ndarray  # (M,)
    measured: np.ndarray  # (M, L)
    theory: np.ndarray  # (M, L)
    boundary: np.ndarray  # (M,): the theory's highest stable learning rate


def rate_map(eigenvalues: tuple[float, float], lrs: np.ndarray, mus: np.ndarray, num_steps: int = 200) -> RateMap:
    """Run momentum on the quadratic (λ1 x² + λ2 y²)/2 from (1, 1), one row for every pair (μ, η), and measure.

    The problem is linear, so each row is brought back to length 1 after every step and its growth is kept apart:
    no cell overflows or underflows. The rate is the mean growth over the second half of the steps.
    """
    lr, mu = (torch.from_numpy(a).reshape(-1, 1) for a in np.meshgrid(lrs, mus))
    curvature = torch.tensor(eigenvalues, dtype=torch.float64)
    w = torch.ones(len(lr), 2, dtype=torch.float64)
    state = {"v": torch.zeros_like(w)}
    growth = torch.zeros(len(lr), 1, dtype=torch.float64)
    for t in range(1, num_steps + 1):
        w = w + momentum(curvature * w, state, lr, t, mu=mu)
        size = torch.cat([w, lr * state["v"]], dim=-1).norm(dim=-1, keepdim=True)
        w, state["v"] = w / size, state["v"] / size
        if t > num_steps // 2:
            growth += size.log()
    measured = (growth / (num_steps - num_steps // 2)).exp().view(len(mus), len(lrs)).numpy()
    theory = theoretical_rate(eigenvalues, lrs[None, :], mus[:, None])
    return RateMap(lrs, mus, measured, theory, np.asarray(highest_rate(max(eigenvalues), mus)))


def curvatures(surface: Surface) -> tuple[float, float]:
    """The Hessian's eigenvalues, smaller first, at the lowest minimum, or at the start where none is known."""
    x, y = surface.minima[0] if surface.minima else surface.start
    low, high = torch.linalg.eigvalsh(hessian(surface, torch.tensor([[x, y]], dtype=torch.float64)))[0].tolist()
    return low, high


def plane(eigenvalues: tuple[float, float], size: int = 60) -> RateMap:
    """The rate map around the border of stability: η up to past 4/λmax, μ from 0 to 0.98.

    Raises: ValueError where the largest curvature is not positive: there is no minimum to converge to.
    """
    highest = max(eigenvalues)
    if not highest > 0:
        raise ValueError(f"curvature is {highest:.3g}: stability is a question only at a minimum that curves upwards.")
    return rate_map(eigenvalues, np.linspace(0, 4.3 / highest, size + 1)[1:], np.linspace(0, 0.98, 50))
