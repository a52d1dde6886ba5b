"""The picture without information that a method compares with; does not know the methods.

There is no right one: to black, a black object is no information (Sturmfels, Lundberg, Lee, Visualizing the impact of
feature attribution baselines, 2020).
"""

import torch
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.images.blur import blurred
from dlcore.topics.saliency.settings import MethodSettings

BLUR = 1 / 8  # standard deviation of the blur, in sides of the picture


def baseline(images: Tensor, settings: MethodSettings) -> Tensor:
    """The baseline of each image (batch, channels, height, width), of the same shape."""
    if settings.baseline == "black":
        return torch.zeros_like(images)
    if settings.baseline == "grey":
        return torch.full_like(images, 0.5)
    if settings.baseline == "blurred":
        return blurred(images, BLUR * max(images.shape[2:]))
    noise = torch.rand(images.shape[1:], generator=generator(settings.seed)).to(images)
    return noise.expand_as(images)
