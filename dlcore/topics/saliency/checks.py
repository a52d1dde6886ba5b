"""The lesson's self-checks for the present picture: the gradient against differences, the sum against the rise."""

import copy
from typing import NamedTuple

import torch

from dlcore.device import generator
from dlcore.topics.images.targets import score
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import explained
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings

PIXELS = 24
KINK = 1e-4  # of the largest gradient: by so much the slopes on both sides of a kink differ at least
STEP = 1e-6  # of a pixel's range: a ReLU network is linear for so far, nearly everywhere


class Differences(NamedTuple):
    """How well the gradient agrees with differences."""

    error: float  # the largest difference of both, relative to the largest gradient; 0 where there are kinks only
    smooth: int  # of PIXELS, where the slopes on both sides are equal: only these are compared


class Completeness(NamedTuple):
    """The sum of integrated gradients, and what it should be."""

    total: float
    rise: float  # of the score, from the baseline to the picture

    @property
    def error(self) -> float:
        """How far they are apart, relative to the rise."""
        return abs(self.total - self.rise) / max(abs(self.rise), 1e-12)


def against_differences(subject: Subject) -> Differences:
    """The gradient against (S(x + h) − S(x − h)) / 2h at PIXELS places.

    Equal pixels side by side make kinks, because max pooling takes one of them: no number is the derivative there.
    """
    net, image, target = copy.deepcopy(subject.network()).double(), subject.image().double(), subject.target()
    places = torch.randperm(image.numel(), generator=generator(0))[:PIXELS]
    nudges = torch.zeros(len(places), image.numel(), dtype=torch.float64)
    nudges[torch.arange(len(places)), places] = STEP
    nudges = nudges.view(-1, *image.shape)
    with torch.no_grad():
        up, here, down = (score(net(images), target) for images in (image + nudges, image[None], image - nudges))
    values = explained(subject, "gradient", MethodSettings()).attribution.values.flatten().double()
    largest = values.abs().max()
    errors = (values[places] - (up - down) / (2 * STEP)).abs() / largest
    smooth = (up - 2 * here + down).abs() / STEP <= KINK * largest
    return Differences(float(errors[smooth].max()) if smooth.any() else 0.0, int(smooth.sum()))


def completeness(subject: Subject, settings: MethodSettings) -> Completeness:
    """Integrated gradients of the present settings: what they add up to, and what they should."""
    question = Question(subject.network(), subject.image()[None], [subject.target()], settings)
    return Completeness(explained(subject, "integrated", settings).attribution.total, float(question.rise))
