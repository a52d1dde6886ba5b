"""The gradient of a score by the pixels, and how it becomes a map.

Knows neither classes of networks nor how a map is drawn. The gradient says how the score changes with each pixel a
little way from here. Source: Simonyan, Vedaldi, Zisserman, Deep inside convolutional networks (2013).
"""

import torch
from torch import Tensor, nn

from dlcore.topics.images.chunks import backward_chunk, in_chunks
from dlcore.topics.images.targets import scores


def gradient(net: nn.Module, images: Tensor, asked: Tensor) -> Tensor:
    """∂ score / ∂ pixel, (batch, channels, height, width), of many images in a pass.

    asked (batch, 2): as `targets.pairs` makes it. Neither the images nor the network keep a trace of it.
    """
    chunk = backward_chunk(images)
    return torch.cat([_in_one_pass(net, part, pairs) for part, pairs in in_chunks(chunk, images, asked)])


def signed(values: Tensor) -> Tensor:
    """What speaks for the target (> 0) and against it: the sum over channels, (..., channels, height, width)."""
    return values.sum(dim=-3)


def magnitude(values: Tensor) -> Tensor:
    """How much a pixel counts, whichever way: the sum of |.| over channels, (..., channels, height, width)."""
    return values.abs().sum(dim=-3)


def _in_one_pass(net: nn.Module, images: Tensor, asked: Tensor) -> Tensor:
    with torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        total = scores(net(inputs), asked).sum()  # an image's score depends on no other image
        (found,) = torch.autograd.grad(total, inputs)
    return found
