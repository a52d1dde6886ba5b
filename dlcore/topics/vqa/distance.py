"""How far a picture is from those that the networks learnt from, as the frozen network for pictures sees it.

Knows the cloud of the training area's scenes in feature space; does not know what is wrong with a picture far from it.
Features are how strongly every map of every convolution answers to the picture: what is left of it in the last map,
which is all that questions are answered from, no longer tells one area from the other.
Mahalanobis' distance, divided by the square root of the number of features: 1 is usual for the scenes of the cloud.
Source: Lee et al., A simple unified framework for detecting out-of-distribution samples (2018), section 2.1.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.datasets.aerial import ScenesConfig, layout, picture
from dlcore.nets import Convolution
from dlcore.topics.vqa import sets, shipped
from dlcore.topics.vqa.nets import Backbone, floats
from dlcore.topics.vqa.sight import Sight

#: Sets that no network was trained or tested on: the cloud, and fresh scenes of both areas.
CLOUD = ScenesConfig(num=300, seed=5)
AREAS = {
    "own": ScenesConfig(num=100, seed=6),
    "other": ScenesConfig(num=100, seed=7, domain=sets.OTHER_AREA),
}
SHRINKAGE = 0.003  # of the covariance towards that of a round cloud: what areas differ in are its short axes
PERCENTILE = 95


class Usual(NamedTuple):
    """Of the distances of an area's scenes."""

    median: float
    p95: float  # 95 of 100 scenes are nearer


class Distance(NamedTuple):
    """How far a picture is, and how far scenes usually are."""

    value: float
    own_area: Usual
    other_area: Usual
    farther: float  # the share of the training area's fresh scenes that are farther, 0 to 1

    @property
    def far(self) -> bool:
        """Farther than nearly all scenes of the training area."""
        return self.value > self.own_area.p95


class Cloud(NamedTuple):
    """A cloud of points."""

    middle: Tensor  # (features,)
    whitening: Tensor  # (features, features): makes the cloud round

    def distances(self, points: Tensor) -> Tensor:
        """Of points (points, features): (points,)."""
        rounded = (points.double() - self.middle.double()) @ self.whitening.double()
        return rounded.square().mean(dim=1).sqrt()


def distance(sight: Sight) -> Distance:
    """Of a picture."""
    known = shipped.reference()
    cloud = Cloud(known["middle"], known["whitening"])
    value = float(cloud.distances(described(shipped.backbone(), floats(torch.from_numpy(sight.picture())[None])))[0])
    own, other = (known[name].numpy() for name in AREAS)
    return Distance(value, _usual(own), _usual(other), float((own > value).mean()))


def measured(backbone: Backbone) -> dict[str, Tensor]:
    """What is shipped with a backbone, from 500 scenes: middle and whitening of the training area's cloud, float64.

    own, other: the distances of fresh scenes of both areas, (scenes,).
    """
    cloud = fitted(_points(backbone, CLOUD))
    return {**cloud._asdict(), **{name: cloud.distances(_points(backbone, AREAS[name])) for name in AREAS}}


def fitted(points: Tensor, shrinkage: float = SHRINKAGE) -> Cloud:
    """The cloud of points (points, features), float64."""
    points = points.double()
    covariance = points.T.cov()
    even = covariance.diagonal().mean() * torch.eye(len(covariance), dtype=torch.float64)
    values, axes = torch.linalg.eigh((1 - shrinkage) * covariance + shrinkage * even)
    return Cloud(points.mean(dim=0), axes / values.sqrt())


def described(backbone: Backbone, images: Tensor) -> Tensor:
    """The mean of every map after every convolution, images (pictures, 3, SIDE, SIDE) -> (pictures, features)."""
    seen, means = backbone.normalise(images), []
    with torch.no_grad():
        for stage in backbone.stages:
            seen = stage(seen)
            if isinstance(stage, nn.ReLU | Convolution):
                means.append(seen.mean(dim=(2, 3)))
    return torch.cat(means, dim=1)


def _points(backbone: Backbone, scenes: ScenesConfig) -> Tensor:
    drawn = (picture(layout(scenes.scene(number))) for number in range(scenes.num))
    return torch.cat([described(backbone, floats(torch.tensor(pixels)[None])) for pixels in drawn])


def _usual(distances: np.ndarray) -> Usual:
    return Usual(float(np.median(distances)), float(np.percentile(distances, PERCENTILE)))
