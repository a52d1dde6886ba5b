"""What comes of asking for the gradient of a score by the pixels on noisy copies of the picture.

Knows neither classes of networks nor how a map is drawn. Near a deep network's kinks the gradient is noisy, and
averaging over noise calms it. Source: Smilkov et al., SmoothGrad (2017);
SmoothGrad²: Hooker et al., A benchmark for interpretability methods (2019); VarGrad: Adebayo et al., Local
explanation methods (2018).
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.images.chunks import backward_chunk
from dlcore.topics.images.gradients import gradient
from dlcore.topics.saliency.settings import MethodSettings


class Moments(NamedTuple):
    """Of the gradients on noisy copies of each image: float64 (batch, channels, height, width)."""

    mean: Tensor  # SmoothGrad: 1/n Σ g
    square: Tensor  # SmoothGrad²: 1/n Σ g²

    @property
    def variance(self) -> Tensor:
        """VarGrad: 1/n Σ g² − (1/n Σ g)²."""
        return (self.square - self.mean.square()).clamp(min=0)


def input_times_gradient(net: nn.Module, images: Tensor, asked: Tensor) -> Tensor:
    """x · ∂ score / ∂ x, (batch, channels, height, width)."""
    return images * gradient(net, images, asked)


def disturbances(shape: Sequence[int], settings: MethodSettings) -> Iterator[Tensor]:
    """What is added to a picture (channels, height, width), sample by sample, without end.

    Each sample is a draw of its own, so that the first ones are the same, however many follow.
    """
    draws = generator(settings.seed)
    while True:
        yield settings.noise * torch.randn(*shape, generator=draws)


def moments(net: nn.Module, images: Tensor, asked: Tensor, settings: MethodSettings) -> Moments:
    """Mean and mean square of the gradient over num_samples noisy copies of each image.

    Every image meets the same noise, and so has the map that it has alone.
    """
    noise = torch.stack([*islice(disturbances(images.shape[1:], settings), settings.num_samples)]).to(images.device)
    mean, square = torch.zeros(2, *images.shape, dtype=torch.float64)
    for number, (image, pair) in enumerate(zip(images, asked, strict=True)):
        for part in noise.split(backward_chunk(images)):
            found = gradient(net, image + part, pair.expand(len(part), -1)).cpu().double()
            mean[number] += found.sum(dim=0) / settings.num_samples
            square[number] += found.square().sum(dim=0) / settings.num_samples
    return Moments(mean, square)
