"""How far ahead of all other classes a network sees the right one: the margin, and its slope by the pixels.

Knows networks and pictures without a bound on pixels, as geometry has them; does not know attacks. Divided by the
slope's length, a margin is about the distance to the boundary between two answers, and so has a length's unit.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.topics.adversarial.held import Pictures, held
from dlcore.topics.images.chunks import backward_chunk, forward_chunk, in_chunks

FRESH = 10  # sets are this much larger than what is asked of them: some pictures are not answered rightly


class Slope(NamedTuple):
    """Margins (images,), and their gradients, (images, channels, height, width)."""

    margins: Tensor
    gradients: Tensor


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """z_label minus the largest other logit, (batch,): above 0 the answer is the label; logits (batch, classes)."""
    own = logits.gather(1, labels[:, None]).squeeze(1)
    return own - logits.scatter(1, labels[:, None], -torch.inf).amax(dim=1)


def margins(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The margin of each image, (images,)."""
    parts = in_chunks(forward_chunk(images), images, labels)
    with torch.no_grad():
        return torch.cat([margin(net(some), of) for some, of in parts])


def slope(net: nn.Module, images: Tensor, labels: Tensor) -> Slope:
    """Margins, and how they change with each pixel; neither the images nor the network keep a trace of it."""
    found = [_in_one_pass(net, *part) for part in in_chunks(backward_chunk(images), images, labels)]
    return Slope(*(torch.cat(parts) for parts in zip(*found, strict=True)))


def answered(model: str, num: int, seed: int) -> Pictures:
    """So many held out pictures whose class this network of `checkpoints.MODELS` sees; fewer where it sees few.

    Raises: ValueError for an unknown network.
    """
    require.one_of("model", model, checkpoints.MODELS)
    net, found = checkpoints.network(model), held(checkpoints.MODELS[model].data, num + FRESH, seed)
    right = margins(net, found.images, found.labels) > 0
    return Pictures(*(values[right][:num] for values in found))


def lengths(values: Tensor) -> Tensor:
    """The Euclidean length of each of the arrays, (batch, ...) -> (batch,)."""
    return values.flatten(1).norm(dim=1)


def _in_one_pass(net: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        found = margin(net(inputs), labels)  # an image's margin depends on no other image
        (gradients,) = torch.autograd.grad(found.sum(), inputs)
    return found.detach(), gradients
