"""What a network answers to many pictures, and how many of its answers an attack has changed.

Knows logits and labels; does not know what was done to the pictures.
"""

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.topics.images.chunks import forward_chunk
from dlcore.topics.intervals import Interval, of_shares


def logits(net: nn.Module, images: Tensor) -> Tensor:
    """(images, classes)."""
    with torch.no_grad():
        return torch.cat([net(part) for part in images.split(forward_chunk(images))])


def answers(net: nn.Module, images: Tensor) -> Tensor:
    """The class that each picture is taken for, (images,)."""
    return logits(net, images).argmax(dim=1)


def runners_up(logits: Tensor, labels: Tensor) -> Tensor:
    """The likeliest class that is not the picture's own, (pictures,): what a targeted attack reaches soonest."""
    return logits.scatter(1, labels[:, None], -torch.inf).argmax(dim=1)


def flow(labels: Tensor, answers: Tensor, num_classes: int) -> Tensor:
    """How many pictures of each class (row) were taken for which (column), (classes, classes)."""
    return torch.bincount(labels * num_classes + answers, minlength=num_classes**2).view(num_classes, num_classes)


def percent(true: Tensor) -> Interval:
    """In how many of a hundred pictures it is true, with Wilson's interval; bool (pictures, ...) -> (...)."""
    return Interval(*((100 * edge).astype(np.float32) for edge in of_shares(true.numpy())))
