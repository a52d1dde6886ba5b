"""A reader's own formula made a surface: the window that shows it, its minima, a start and a learning rate.

Knows formulas as functions of two parameters only; how they are read is `dlcore.formula`'s.
"""

import math

import torch
from torch import Tensor

from dlcore.formula import Formula
from dlcore.topics.landscape import Bounds, Loss, Surface, derivatives, grid_values
from dlcore.topics.minima import Point, find_minima

HALF_WIDTHS = (2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1000.0)  # of the windows tried, all around the origin
_CORNERS = [(-0.75, 0.6), (0.75, 0.6), (-0.75, -0.6), (0.75, -0.6)]
_STARTS = [(scale * x, scale * y) for scale in (1, 0.8, 0.5, 0.25) for x, y in _CORNERS]  # of half the side


def formula_surface(formula: Formula) -> Surface:
    """The surface of a formula in x and y.

    Raises: ValueError where no window tried shows a point at which the formula has a value and a slope.
    """
    loss, code = _loss(formula)
    half = _half_width(formula, loss)
    bounds = (-half, half, -half, half)
    minima = find_minima(loss, bounds)
    start = _start(formula, loss, half, minima)
    return Surface(
        name="formula",
        title="Your own formula",
        latex=f"f(x, y) = {formula.latex()}",
        code=code,
        loss=loss,
        bounds=bounds,
        minima=minima,
        start=start,
        lr=_learning_rate(loss, [start, *minima]),
        log_colour=_is_steep(loss, bounds),
    )


def _loss(formula: Formula) -> tuple[Loss, str]:
    """The formula as a loss, and as Python source."""
    missing = [name for name in ("x", "y") if name not in formula.names]

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        value = formula(x=x, y=y)
        for name in missing:  # for autograd the loss must hang on both
            value = value + 0 * (x if name == "x" else y)
        return value

    return loss, " + ".join([formula.python(), *(f"0 * {name}" for name in missing)])


def _half_width(formula: Formula, loss: Loss) -> float:
    """Half the side of the smallest window that shows the minima near the origin, up to four of them.

    Windows are tried where the formula has a value in a tenth of them; without a minimum anywhere it is the first, from
    5, with a value in half of it, or else the best filled.

    Raises: ValueError where the formula has no value in any window.
    """
    filled = {half: _share_filled(loss, half) for half in HALF_WIDTHS}
    fullest = max(filled, key=lambda half: filled[half])
    if filled[fullest] == 0:
        raise ValueError(f"formula is {formula.text!r}: it has no value anywhere between -1000 and 1000.")
    counts = {}
    for half in [half for half in HALF_WIDTHS if filled[half] >= 0.1]:
        if (half > 10 and any(counts.values())) or max(counts.values(), default=0) >= 4:
            break
        minima = find_minima(loss, (-half, half, -half, half), size=33, num_steps=20)
        counts[half] = sum(max(abs(x), abs(y)) <= 0.8 * half for x, y in minima)
    wanted = min(4, max(counts.values(), default=0))
    if wanted:
        return next(half for half, count in counts.items() if count >= wanted)
    return next((half for half in (5.0, *HALF_WIDTHS) if filled[half] >= 0.5), fullest)


def _share_filled(loss: Loss, half: float) -> float:
    """The share of a window where the loss is finite."""
    return grid_values(loss, (-half, half, -half, half), 33)[2].isfinite().double().mean().item()


def _start(formula: Formula, loss: Loss, half: float, minima: tuple[Point, ...]) -> Point:
    """The first point, of some off the centre, with a slope to go down: off the minima, and not on the highest ground.

    Where there is none, it asks less; at the least the loss and its slope are finite.

    Raises: ValueError where the formula has no value with a slope.
    """
    x, y, heights = grid_values(loss, (-half, half, -half, half), 33)
    grid = torch.cartesian_prod(x, y)
    w = torch.cat([half * torch.tensor(_STARTS, dtype=torch.float64), grid[grid.norm(dim=1).argsort(stable=True)]])
    height, g, _ = derivatives(loss, w)
    usable = height.isfinite() & g.isfinite().all(dim=1)
    if not usable.any():
        raise ValueError(f"formula is {formula.text!r}: it has no value with a slope between {-half:g} and {half:g}.")
    sloping = usable & (g.norm(dim=1) > 1e-9)
    low = sloping & (height <= heights[heights.isfinite()].quantile(0.6))
    off = low & ~(torch.cdist(w, torch.tensor(minima, dtype=w.dtype).reshape(-1, 2)) < half / 10).any(dim=1)
    wishes = (usable.int() + sloping.int() + low.int() + off.int()).tolist()
    x0, y0 = w[wishes.index(max(wishes))].tolist()
    return round(x0, 9), round(y0, 9)


def _learning_rate(loss: Loss, points: list[Point]) -> float:
    """1/λ for the largest curvature λ at the points, rounded down to 1, 2 or 5 times a power of ten, at most 0.5."""
    _, _, curvature = derivatives(loss, torch.tensor(points, dtype=torch.float64))
    largest = torch.linalg.eigvalsh(curvature[curvature.isfinite().all(dim=2).all(dim=1)]).abs()
    # Beyond 1e8 it is a kink that is measured, not a curvature.
    rate = 1 / max([2.0, *largest[largest < 1e8].tolist()])
    power = 10.0 ** math.floor(math.log10(rate))
    return max(digit * power for digit in (1, 2, 5) if digit * power <= rate * (1 + 1e-9))


def _is_steep(loss: Loss, bounds: Bounds) -> bool:
    """Whether contours need a log scale: the whole height is more than 150 times that of the lowest tenth."""
    heights = grid_values(loss, bounds, 33)[2]
    heights = heights[heights.isfinite()]
    rise = heights - heights.min()
    return 0 < 150 * rise.quantile(0.1).item() < rise.max().item()
