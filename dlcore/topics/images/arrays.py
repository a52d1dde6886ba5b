"""What a frame shows, as arrays: numbers and pictures on their way from tensors; knows no lesson."""

import numpy as np
import torch
from torch import Tensor

Arrays = dict[str, np.ndarray | np.generic]


def scalar(value: Tensor) -> np.float32:
    """The one number of a tensor."""
    return np.float32(value.item())


def to_bytes(image: Tensor) -> np.ndarray:
    """A picture (channels, height, width) as it is shown: (height, width, 3), bytes; what leaves [0, 1] is cut off."""
    scaled = (255 * image.clamp(0, 1)).round().to(torch.uint8).permute(1, 2, 0)
    return scaled.expand(-1, -1, 3).numpy().copy()
