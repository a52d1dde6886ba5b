"""A picture out of focus; knows pixels only."""

import torch
from torch import Tensor


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of images (batch, channels, height, width), sigma in pixels; nothing is taken from outside."""
    for dim in (2, 3):
        places = torch.arange(images.shape[dim], device=images.device, dtype=images.dtype)
        weights = torch.exp(-0.5 * ((places[:, None] - places) / sigma).square())
        weights = weights / weights.sum(dim=1, keepdim=True)
        images = torch.einsum("oi,bci...->bco...", weights, images) if dim == 2 else images @ weights.T
    return images
