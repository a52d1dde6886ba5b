"""A subject, looked up once, and what a run asks about it again and again, on changed copies of its picture.

Knows the network, the picture, the class and the mask; knows no method.
"""

import numpy as np
import torch
from torch import Tensor

from dlcore.topics.images import measures
from dlcore.topics.images.arrays import Arrays, scalar
from dlcore.topics.images.chunks import backward_chunk, forward_chunk
from dlcore.topics.images.gradients import gradient, magnitude, signed
from dlcore.topics.images.targets import pairs, score
from dlcore.topics.saliency.config import Subject

NOT_KNOWN = np.float32(np.nan)


class Case:
    """One network, one picture of it, (channels, height, width), and the score that is to be explained."""

    def __init__(self, subject: Subject) -> None:
        self.net, self.image, self.target = subject.network(), subject.image(), subject.target()
        mask = subject.mask()
        self.mask = None if mask is None else torch.from_numpy(mask)

    def gradients(self, images: Tensor) -> Tensor:
        """∂ score / ∂ pixel on each of the images, (images, channels, height, width)."""
        asked = pairs([self.target])
        parts = images.split(backward_chunk(images))
        return torch.cat([gradient(self.net, part, asked.expand(len(part), -1)) for part in parts])

    def logits(self, images: Tensor) -> Tensor:
        """(images, classes)."""
        with torch.no_grad():
            return torch.cat([self.net(part) for part in images.split(forward_chunk(images))])

    def outputs(self, images: Tensor) -> Tensor:
        """The score on each of the images, (images,)."""
        return score(self.logits(images), self.target)

    def chances(self, images: Tensor) -> Tensor:
        """The softmax probability of the explained class on each of the images, (images,)."""
        return self.logits(images).softmax(dim=1)[:, self.target.label]

    def inside(self, strengths: Tensor) -> np.float32:
        """The share of a map (height, width) that is on the object; NaN where nobody knows where that is."""
        return NOT_KNOWN if self.mask is None else scalar(measures.inside(strengths, self.mask))

    def precision(self, strengths: Tensor) -> np.float32:
        """Of a map's strongest pixels the share on the object; NaN where nobody knows where that is."""
        return NOT_KNOWN if self.mask is None else scalar(measures.precision(strengths, self.mask))


def both_maps(name: str, values: Tensor) -> Arrays:
    """A map of values (channels, height, width) in both ways to see it; the name, if there is one, goes before."""
    before = f"{name}." if name else ""
    return {
        f"{before}signed": signed(values).float().numpy().copy(),
        f"{before}magnitude": magnitude(values).float().numpy().copy(),
    }
