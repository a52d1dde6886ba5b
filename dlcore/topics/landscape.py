"""A loss of two parameters as a landscape: its type, its height, slope and curvature, and its nearest minimum.

Knows nothing of any particular surface (`surfaces`) nor of who walks on it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Loss = Callable[..., Tensor]  # loss(x, y, samples=None): (rows,), (rows,) -> (rows,)
Bounds = tuple[float, float, float, float]  # xmin, xmax, ymin, ymax


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A loss f(x, y) and what the lesson says of it: formulas, picture, minima, a telling start.

    `loss(x, y, samples=None)` takes x and y of shape (rows,) and returns (rows,): each row on its own, differentiable
    twice, in float64. Where `num_samples` > 1 the loss is a mean over real samples, and `samples`, a LongTensor of
    indices (batch,), selects the mini-batch; None means all of them. Elsewhere `samples` changes nothing.

    `code` is the same loss as a Python expression in x, y and torch. Where `setup` is not empty, it is the program that
    loads the data first (`inputs`, `targets`), and `code`, for numbers x and y, also uses `batch`: the LongTensor, or
    slice(None) for all.
    """

    name: str
    title: str
    latex: str
    code: str
    loss: Loss
    bounds: Bounds
    minima: tuple[tuple[float, float], ...]  # lowest first; may be empty for a formula without one
    start: tuple[float, float]
    lr: float
    log_colour: bool
    num_samples: int = 1
    axis_names: tuple[str, str] = ("x", "y")
    setup: str = ""


def gradient(surface: Surface, w: Tensor, samples: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Loss and gradient at every point, by one backward pass for all of them.

    w: (rows, 2), float64. Returns the loss (rows,) and the gradient (rows, 2), both detached.
    """
    with torch.enable_grad():
        w = w.detach().requires_grad_()
        loss = surface.loss(*w.unbind(-1), samples)
        # Rows do not meet, so one backward pass of ones holds each row's own gradient.
        loss.backward(torch.ones_like(loss))
    assert w.grad is not None
    return loss.detach(), w.grad


def hessian(surface: Surface, w: Tensor) -> Tensor:
    """Second derivatives at every point, by differentiating the gradient once more. w: (rows, 2) -> (rows, 2, 2)."""
    return derivatives(surface.loss, w)[2]


def derivatives(loss: Loss, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Loss (rows,), gradient (rows, 2) and Hessian (rows, 2, 2) at w (rows, 2), all detached."""
    with torch.enable_grad():
        w = w.detach().requires_grad_()
        value = loss(w[:, 0], w[:, 1])
        (g,) = torch.autograd.grad(value.sum(), w, create_graph=True)
        rows = [_second(g[:, i].sum(), w) for i in range(2)]
    return value.detach(), g.detach(), torch.stack(rows, dim=1)


def _second(slope: Tensor, w: Tensor) -> Tensor:
    """Gradient of a slope that may not depend on w at all, as that of a plane does not."""
    if not slope.requires_grad:
        return torch.zeros_like(w)
    return torch.autograd.grad(slope, w, retain_graph=True, materialize_grads=True)[0]


def height_map(surface: Surface, size: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The surface over its bounds, for a picture.

    Returns x (size,), y (size,) and z (size, size) with z[i, j] = f(x[j], y[i]); z is NaN or infinite where f is.
    """
    if size < 2:
        raise ValueError(f"size is {size}: a height map needs at least 2 points a side")
    x, y, z = grid_values(surface.loss, surface.bounds, size)
    return x.numpy(), y.numpy(), z.numpy()


def grid_values(loss: Loss, bounds: Bounds, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """x (size,), y (size,) and the loss z (size, size) on the grid they span, z[i, j] at (x[j], y[i])."""
    xmin, xmax, ymin, ymax = bounds
    x = torch.linspace(xmin, xmax, size, dtype=torch.float64)
    y = torch.linspace(ymin, ymax, size, dtype=torch.float64)
    rows_y, rows_x = torch.meshgrid(y, x, indexing="ij")
    with torch.no_grad():
        z = loss(rows_x.reshape(-1), rows_y.reshape(-1)).reshape(size, size)
    return x, y, z


def nearest_minimum(surface: Surface, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the nearest listed minimum and its index, for points w (..., 2): two arrays of shape (...).

    Where a point is not finite, or the surface has no minimum, the distance is NaN and the index −1.
    """
    w = np.asarray(w, dtype=np.float64)
    if not surface.minima:
        return np.full(w.shape[:-1], np.nan), np.full(w.shape[:-1], -1)
    offsets = w[..., None, :] - np.array(surface.minima)  # (..., minima, 2)
    distances = np.hypot(offsets[..., 0], offsets[..., 1])
    index = np.argmin(distances, axis=-1)
    distance = np.take_along_axis(distances, index[..., None], axis=-1)[..., 0]
    finite = np.isfinite(w).all(axis=-1)
    return np.where(finite, distance, np.nan), np.where(finite, index, -1)
