"""Knows how far autograd's gradients are from finite differences; does not know what they are used for."""

import numpy as np
import torch

from dlcore.topics.landscape import Surface, gradient

STEP = 6e-6  # about the cube root of float64's precision: where a central difference is most exact


def gradient_error(surface: Surface, w: np.ndarray) -> float:
    """The largest difference between autograd and a central difference, relative to the gradient's size (at least 1).

    w: (..., 2); points that are not finite are left out. NaN where none is left.
    """
    points = torch.from_numpy(w.reshape(-1, 2)[np.isfinite(w).all(axis=-1).reshape(-1)])
    if not len(points):
        return float("nan")
    _, exact = gradient(surface, points)
    step = STEP * points.abs().clamp(min=1)
    numeric = torch.empty_like(points)
    with torch.no_grad():
        for axis in range(2):
            move = torch.zeros_like(points)
            move[:, axis] = step[:, axis]
            ahead, behind = points + move, points - move
            rise = surface.loss(ahead[:, 0], ahead[:, 1]) - surface.loss(behind[:, 0], behind[:, 1])
            numeric[:, axis] = rise / (2 * step[:, axis])
    size = exact.norm(dim=-1, keepdim=True).clamp(min=1)
    return ((numeric - exact).abs() / size).nan_to_num(nan=0.0).max().item()
