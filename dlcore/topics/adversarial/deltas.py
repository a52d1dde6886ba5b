"""A change δ as a reader sees it: as it is, magnified, by its signs, and by its size; knows no attack."""

import torch
from torch import Tensor

from dlcore.topics.adversarial.settings import LEVEL
from dlcore.topics.images.arrays import Arrays, to_bytes


def deltas(delta: Tensor, epsilon: float, before: str = "") -> Arrays:
    """Four pictures of δ (channels, height, width), in pixels, around grey where there are colours.

    true: no stronger than it is. magnified: ±ε is white and black, in each channel. sign: the mean sign of the
    channels, −1 to 1. size: the mean of their |δ|, in levels.
    """
    levels = delta.float() / LEVEL
    names = {
        "true": to_bytes(128 / 255 + delta),
        "magnified": to_bytes((128 + 127 * levels / epsilon if epsilon else torch.full_like(levels, 128)) / 255),
        "sign": levels.sign().mean(dim=0).numpy(),
        "size": levels.abs().mean(dim=0).numpy(),
    }
    return {f"{before}delta.{name}": values for name, values in names.items()}
