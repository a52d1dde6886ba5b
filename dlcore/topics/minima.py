"""Where a loss of two parameters has its minima: many starts, Newton's method, and a look around each answer.

Knows nothing of surfaces beyond the loss itself. Everything is deterministic.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from dlcore.topics.landscape import Bounds, Loss, derivatives, grid_values

Point = tuple[float, float]

LIMIT = 64  # minima listed at most


def polish(loss: Loss, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points near minima carried onto them by plain Newton steps, the lowest first.

    Only for points within Newton's reach, such as a textbook's rounded figures.
    """
    w = torch.tensor(points, dtype=torch.float64)
    for _ in range(10):
        _, g, curvature = derivatives(loss, w)
        w = w - torch.linalg.solve(curvature, g)
    return _ranked(loss, w)


def find_minima(loss: Loss, bounds: Bounds, size: int = 49, num_steps: int = 40) -> tuple[Point, ...]:
    """The local minima of a loss inside the bounds: the lowest first, at most 64.

    From the low points of a size × size grid, num_steps of Newton's method lead down; what has no lower point around it
    is kept. A kink counts as a minimum; a saddle does not, nor does a plain that is level all around. On a level valley
    floor, where minima form a line, points are listed at intervals. What is narrower than a grid cell may be missed.
    """
    xmin, xmax, ymin, ymax = bounds
    side = max(xmax - xmin, ymax - ymin)
    w = _distinct(_descend(loss, _starts(loss, bounds, size), bounds, side / 8, num_steps), 1e-7 * side)
    sloping = _is_sloping(loss, w, side)
    w = torch.cat([w[~sloping], _search(loss, w[sloping], side / size, 2 * num_steps)])  # on a kink Newton is lost
    w = torch.where(w.abs() < 1e-11 * side, 0.0, w)
    x, y = w.unbind(dim=1)
    w = w[(x > xmin) & (x < xmax) & (y > ymin) & (y < ymax)]
    w = w[loss(w[:, 0], w[:, 1]).argsort(stable=True)]
    w = w[_is_minimum(loss, w, side)]
    # Points of a level floor are thinned out, and those of a crease, where 180 directions may miss the way down.
    spacing = torch.where(_is_isolated(loss, w, side), 1e-4 * side, 4e-2 * side)
    return _ranked(loss, _distinct(w, spacing))[:LIMIT]


def _is_minimum(loss: Loss, w: Tensor, side: float) -> Tensor:
    """Where nothing around is lower, and something is higher on both sides: (rows, 2) -> (rows,)."""
    radius = 5e-3 * side
    height, g, _ = derivatives(loss, w)
    rise = _ring(loss, w, radius, num_directions=180) - height
    highest, lowest = rise.amax(dim=0), rise.amin(dim=0)
    noise = 1e-12 * (height.abs() + highest) + 1e-14
    # A slope much smaller than those around is that of a valley floor along which Newton's method is still on its way.
    arrived = ~_is_sloping(loss, w, side) | (radius * g.norm(dim=1) > 0.05 * highest)
    both_sides = torch.minimum(rise[:90], rise[90:]).amax(dim=0)  # the edge of a plain rises on one side only
    return arrived & (lowest > -noise) & (both_sides > 10 * noise)


def _is_sloping(loss: Loss, w: Tensor, side: float) -> Tensor:
    """Where the slope is more than rounding makes of a slope of 0: (rows, 2) -> (rows,)."""
    _, g, curvature = derivatives(loss, w)
    return ~(g.norm(dim=1) <= 1e-9 * (1 + side * curvature.norm(dim=(1, 2))))


def _is_isolated(loss: Loss, w: Tensor, side: float) -> Tensor:
    """Where there is no slope, and every direction curves upward: (rows, 2) -> (rows,)."""
    curvature = derivatives(loss, w)[2].nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    least, most = torch.linalg.eigvalsh(curvature).unbind(dim=1)
    return ~_is_sloping(loss, w, side) & (least > 1e-6 * most)


def _ranked(loss: Loss, w: Tensor) -> tuple[Point, ...]:
    """The points (rows, 2), the lowest first; of equal ones that nearest to the origin, then the rightmost."""

    def rank(row: tuple[float, float, float]) -> tuple[float, ...]:
        z, x, y = row  # rounded, or the last digits would decide between equals
        return round(z, 9), round(math.hypot(x, y), 6), -round(x, 6), -round(y, 6)

    rows = torch.stack([loss(w[:, 0], w[:, 1]), *w.unbind(dim=1)], dim=1).tolist()
    return tuple((x, y) for _, x, y in sorted(rows, key=rank))


def _starts(loss: Loss, bounds: Bounds, size: int) -> Tensor:
    """Points to go down from, (rows, 2): those of a grid that no neighbour undercuts, and a coarse grid."""
    x, y, z = grid_values(loss, bounds, size)
    z = z.nan_to_num(nan=math.inf, neginf=math.inf)
    padded = torch.nn.functional.pad(z, (1, 1, 1, 1), value=math.inf)
    windows = padded.unfold(0, 3, 1).unfold(1, 3, 1).reshape(size, size, 9)
    low = (z <= windows.amin(dim=2)) & (z < windows.amax(dim=2))  # and not level with all of them
    rows, columns = low.nonzero(as_tuple=True)
    lowest = z[rows, columns].argsort(stable=True)[:256]
    coarse = torch.cartesian_prod(x[size // 10 :: size // 5], y[size // 10 :: size // 5])
    return torch.cat([torch.stack([x[columns], y[rows]], dim=1)[lowest], coarse])


def _descend(loss: Loss, w: Tensor, bounds: Bounds, reach: float, num_steps: int) -> Tensor:
    """Newton's method made safe, for all points at once: (rows, 2) -> (fewer rows, 2).

    Curvatures are taken without their sign, so that a step never climbs; of several lengths of the step, at most
    `reach`, the best is taken. Points that leave the bounds by more than `reach` are given up.
    """
    fractions = torch.tensor([0, 1, 0.5, 2, 0.2, 0.05, 4, 0.01], dtype=w.dtype)[:, None, None]
    xmin, xmax, ymin, ymax = bounds
    low = torch.tensor([xmin - reach, ymin - reach], dtype=w.dtype)
    high = torch.tensor([xmax + reach, ymax + reach], dtype=w.dtype)
    for _ in range(num_steps):
        step = _newton_step(loss, w)
        step = step * (reach / step.norm(dim=1, keepdim=True).clamp(min=reach))
        trials = w + fractions * step  # (lengths, rows, 2)
        with torch.no_grad():
            heights = loss(trials[..., 0].reshape(-1), trials[..., 1].reshape(-1)).reshape(trials.shape[:2])
        best = heights.nan_to_num(nan=math.inf, neginf=math.inf).argmin(dim=0)
        moved = trials[best, torch.arange(len(w))]
        settled = (moved - w).abs().max() < 1e-9 * reach if len(w) else True
        w = moved[((moved >= low) & (moved <= high)).all(dim=1)]
        if settled:
            break
    for _ in range(3):  # heights alone place a minimum to half the digits only: the slope has the others
        step = _newton_step(loss, w)
        w = w + torch.where(step.norm(dim=1, keepdim=True) < 1e-4 * reach, step, 0)
    return w


def _newton_step(loss: Loss, w: Tensor) -> Tensor:
    """−|H|⁻¹ g at every point, 0 where it does not exist. |H| has the eigenvalues of H without their sign."""
    _, g, curvature = derivatives(loss, w)
    a, b, d = curvature[:, 0, 0], curvature[:, 0, 1], curvature[:, 1, 1]
    # H = mI + D with D² = r²I has the eigenvalues m ± r, so |H| = sI + tD, and its inverse is (sI − tD)/|λ₁λ₂|.
    mean, radius = (a + d) / 2, torch.hypot((a - d) / 2, b)
    floor = 1e-9 * (mean.abs() + radius) + 1e-12
    first, second = torch.maximum((mean + radius).abs(), floor), torch.maximum((mean - radius).abs(), floor)
    s, t = (first + second) / 2, (first - second) / (2 * radius.clamp(min=1e-300))
    u, v = g.unbind(dim=1)
    e = (a - d) / 2
    step = torch.stack([s * u - t * (e * u + b * v), s * v - t * (b * u - e * v)], dim=1) / (first * second)[:, None]
    return -step.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)


def _search(loss: Loss, w: Tensor, radius: float, num_turns: int) -> Tensor:
    """Downhill without slopes: look around, go where it is lowest, else look closer. (rows, 2) -> (rows, 2)."""
    if len(w) == 0:
        return w
    radii = torch.full((len(w),), radius, dtype=w.dtype)
    height = loss(w[:, 0], w[:, 1])
    for turn in range(num_turns):
        heights = _ring(loss, w, radii, turn=2.4 * turn)  # 2.4 rad: every turn looks elsewhere
        best, direction = heights.nan_to_num(nan=math.inf).min(dim=0)
        better = best < height
        angle = _angles(2.4 * turn)[direction]
        move = radii[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
        w = torch.where(better[:, None], w + move, w)
        height = torch.where(better, best, height)
        radii = torch.where(better, 1.5 * radii, 0.6 * radii)
    return w


def _ring(loss: Loss, w: Tensor, radius: float | Tensor, turn: float = 0.0, num_directions: int = 16) -> Tensor:
    """The loss on a circle around every point: (directions, rows)."""
    angle = _angles(turn, num_directions)[:, None]
    with torch.no_grad():
        x, y = w[:, 0] + radius * angle.cos(), w[:, 1] + radius * angle.sin()
        return loss(x.reshape(-1), y.reshape(-1)).reshape(x.shape)


def _angles(turn: float, num_directions: int = 16) -> Tensor:
    """Directions all around, in radians, the first at `turn`."""
    return turn + torch.arange(num_directions, dtype=torch.float64) * (2 * math.pi / num_directions)


def _distinct(w: Tensor, distance: float | Tensor) -> Tensor:
    """The points without those closer to an earlier one that is kept than `distance`, one for all or (rows,)."""
    apart = torch.hypot(*(w[:, None] - w).unbind(dim=-1)).numpy()
    limits = torch.as_tensor(distance, dtype=w.dtype).expand(len(w)).numpy()
    kept: list[int] = []
    for row in range(len(w)):
        if not (apart[row, kept] < limits[row]).any():
            kept.append(row)
    return w[kept]
