"""What is asked of a network, why this score on these images, and what several methods need to answer it.

Knows no method. What two of them share, such as the gradients on noisy copies, is computed once.
"""

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor, nn

from dlcore.topics.images.targets import Target, pairs, scores
from dlcore.topics.saliency.baselines import baseline
from dlcore.topics.saliency.gradients import Moments, moments
from dlcore.topics.saliency.regions import partition
from dlcore.topics.saliency.settings import MethodSettings


class Question:
    """Why is the score of each target what it is, on each of the images? One target for each image.

    net: in evaluation mode; images: (batch, channels, height, width), 0 to 1. Neither is changed.

    Raises: ValueError where the images have another shape, whole numbers as pixels, or are not as many as the targets;
    where the network is in training mode.
    """

    def __init__(self, net: nn.Module, images: Tensor, targets: Sequence[Target], settings: MethodSettings) -> None:
        if images.ndim != 4:
            raise ValueError(f"images has shape {tuple(images.shape)}: it must be (batch, channels, height, width).")
        if not images.is_floating_point():
            raise ValueError(f"images has pixels of {images.dtype}: they must be numbers from 0 to 1, such as float32.")
        if len(targets) != len(images):
            raise ValueError(f"targets has {len(targets)}: it must have one for each of the {len(images)} images.")
        if net.training:
            raise ValueError("net is in training mode, where images change one another's scores: call net.eval().")
        self.net, self.images, self.targets, self.settings = net, images.detach(), tuple(targets), settings
        self.asked = pairs(targets)  # (batch, 2)

    @cached_property
    def baselines(self) -> Tensor:
        """The picture without information for each image, shaped as the images."""
        return baseline(self.images, self.settings)

    @cached_property
    def moments(self) -> Moments:
        """Mean and mean square of the gradients on noisy copies."""
        return moments(self.net, self.images, self.asked, self.settings)

    @cached_property
    def regions(self) -> tuple[Tensor, ...]:
        """The regions of each image, int64 (height, width)."""
        settings = self.settings
        return tuple(partition(image, settings.regions, settings.num_regions) for image in self.images)

    @cached_property
    def rise(self) -> Tensor:
        """F(image) − F(baseline) of each image, (batch,): what integrated gradients and SHAP share out."""
        with torch.no_grad():
            return scores(self.net(self.images), self.asked) - scores(self.net(self.baselines), self.asked)
