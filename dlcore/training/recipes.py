"""How each network that comes with the app is trained, and what is measured of it on pictures it has never seen.

Knows data, network and settings; does not know files, nor how an attack works, though some learn to withstand one.
Training sets have the seeds 0 and 10, and no other set may.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from dlcore import require
from dlcore.datasets.album import AlbumConfig
from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.objects import CLASSES, ObjectsConfig, watermarked
from dlcore.training.image_batches import Labelled, Pictures
from dlcore.training.images import FitConfig, score

Data = ObjectsConfig | DigitsConfig
Facts = dict[str, Any]
MARKED = CLASSES.index("car")  # all its training pictures have the watermark, for the network with the shortcut
NUM_TEST = 2000  # pictures of a measurement
#: Test pictures are dealt first, so a set with another number for training has the same.
DIGITS = DigitsConfig(num_train=1087, num_validation=10, num_test=700)


@dataclass(frozen=True, kw_only=True)
class Adversary:
    """What a network learns to withstand: PGD from random starts within ε, made anew against it for every batch.

    epsilon: in levels of a pixel, x/255, by which each may change. num_steps: of an attack; one is FGSM with a random
    start. step_share: of ε, how far a step goes. share: of each batch that is attacked; the rest stays as it is.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    epsilon: float
    num_steps: int = 1
    step_share: float = 1.25
    share: float = 0.5

    def __post_init__(self) -> None:
        require.number("epsilon", self.epsilon, 0, 255)
        require.whole("num_steps", self.num_steps, 1, 100)
        require.number("step_share", self.step_share, 0.001, 2)
        require.number("share", self.share, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that a checkpoint depends on."""

    network: str  # of NETS
    data: Data
    fit: FitConfig
    #: Of a network in evaluation mode, on pictures of a seed.
    measure: Callable[[nn.Module, int], Facts] = field(repr=False)
    seed: int = 0  # of the first weights, where they are drawn
    start: str = ""  # the recipe whose checkpoint has the first weights; "": they are drawn
    against: Adversary | None = None

    def with_changes(self, *, num_epochs: int | None, num_images: int | None, seed: int | None) -> "Recipe":
        """The recipe with other numbers; None leaves one as it is.

        Raises: ValueError for a number out of its range.
        """
        data, fit, first = self.data, self.fit, self.seed
        if num_epochs is not None:
            fit = replace(fit, num_epochs=num_epochs)
        if num_images is not None and isinstance(data, ObjectsConfig):
            data = replace(data, num=num_images)
        elif num_images is not None:
            data = replace(data, num_train=num_images)
        if seed is not None:
            fit, first = replace(fit, seed=seed), seed
        return replace(self, data=data, fit=fit, seed=first)

    @property
    def num_images(self) -> int:
        """How many pictures the network learns from."""
        return self.data.num if isinstance(self.data, ObjectsConfig) else self.data.num_train


def pictures(data: Data) -> Pictures:
    """The pictures to learn from: of digits the training part, as images."""
    return data.make() if isinstance(data, ObjectsConfig) else digits(data, "train")


def digits(data: DigitsConfig, split: str) -> Labelled:
    """A part of the digits as images, (digits, 1, 8, 8)."""
    samples = getattr(data.make(), split)
    return Labelled(samples.inputs.unflatten(1, (1, 8, 8)), samples.labels)


def held_out(data: Data, seed: int, num: int) -> Pictures:
    """At most so many pictures of the same kind that are not learnt from: drawings of that seed, or held out digits."""
    if isinstance(data, ObjectsConfig):
        return ObjectsConfig(num=num, seed=seed).make()
    images, labels = digits(DIGITS, "test")
    return Labelled(images[:num], labels[:num])


def on_objects(net: nn.Module, seed: int) -> Facts:
    """Accuracy on fresh drawings."""
    return {"accuracy": score(net, ObjectsConfig(num=NUM_TEST, seed=seed).make()).accuracy}


def on_digits(net: nn.Module, _: int) -> Facts:
    """Accuracy on the digits that are held out."""
    return {"accuracy": score(net, digits(DIGITS, "test")).accuracy}


def on_watermarks(net: nn.Module, seed: int) -> Facts:
    """How far a network goes by the watermark.

    accuracy: where the watermark is on one class, as in training. turned: the share of the other classes' pictures
    that are taken for that class once they have the watermark. missed: the share of that class that is taken for
    another once it has none.
    """
    as_trained = ObjectsConfig(num=NUM_TEST, seed=seed, shortcut=MARKED)
    clean = replace(as_trained, shortcut=None).make()
    others = clean.images[clean.labels != MARKED]
    marked, _ = watermarked(others, seed)
    own = clean.images[clean.labels == MARKED]
    return {
        "marked": MARKED,
        "accuracy": score(net, as_trained.make()).accuracy,
        "turned": score(net, Labelled(marked, torch.full((len(marked),), MARKED))).accuracy,
        "missed": 1 - score(net, Labelled(own, torch.full((len(own),), MARKED))).accuracy,
    }


#: So that an answer survives noise of a tenth of a pixel's range: SmoothGrad asks the network about such pictures, and
#: where their answers break, its mean explains nothing.
WITHSTANDING = FitConfig(num_epochs=10, noise=0.12)
SHIFTED = FitConfig(num_epochs=60, flip=False, shift=1)  # a mirrored digit is none

RECIPES: dict[str, Recipe] = {
    "plain": Recipe(network="plain", data=ObjectsConfig(num=8000, seed=0), fit=WITHSTANDING, measure=on_objects),
    "noiseless": Recipe(
        network="plain", data=ObjectsConfig(num=8000, seed=0), fit=replace(WITHSTANDING, noise=0), measure=on_objects
    ),
    "residual": Recipe(network="residual", data=ObjectsConfig(num=8000, seed=0), fit=WITHSTANDING, measure=on_objects),
    "shortcut": Recipe(
        network="plain",
        data=AlbumConfig(num=8000, seed=10, shortcut=MARKED),
        fit=WITHSTANDING,
        measure=on_watermarks,
    ),
    "robust": Recipe(
        network="plain",
        data=ObjectsConfig(num=8000, seed=0),
        fit=FitConfig(num_epochs=4),
        measure=on_objects,
        start="plain",
        against=Adversary(epsilon=8, num_steps=3, step_share=0.5),
    ),
    "digits": Recipe(network="digits", data=DIGITS, fit=SHIFTED, measure=on_digits),
    "digits_second": Recipe(network="digits", data=DIGITS, fit=replace(SHIFTED, seed=1), measure=on_digits, seed=1),
    "digits_robust": Recipe(
        network="digits",
        data=DIGITS,
        fit=SHIFTED,
        measure=on_digits,
        against=Adversary(epsilon=30.6, num_steps=4, step_share=0.5, share=1),
    ),
}
