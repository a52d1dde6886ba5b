"""Knows how square pictures are shifted by parts of a pixel; does not know what they show, or who draws the shifts."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def shifted(pixels: Tensor, by: Tensor) -> Tensor:
    """The pictures moved down and to the right; between pixels bilinear, and what comes in at an edge is 0.

    pixels: (..., side²), row by row; by: (..., 2) pixels, down and to the right. Returns (..., side²).
    """
    side = math.isqrt(pixels.shape[-1])
    places = (2 * torch.arange(side, dtype=by.dtype, device=by.device) + 1) / side - 1  # torch's: from −1 to 1, edges
    down, right = (places - by.reshape(-1, 2, 1) * 2 / side).unbind(1)  # where each row and column is taken from
    grid = torch.stack(torch.broadcast_tensors(right[:, None, :], down[:, :, None]), dim=-1)
    return F.grid_sample(pixels.reshape(-1, 1, side, side), grid, align_corners=False).view(pixels.shape)
