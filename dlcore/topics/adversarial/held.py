"""Pictures that no network has learnt from, on which attacks are counted.

Knows where they come from, and that sets of different seeds share none; does not know what is done to them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore import checkpoints, require
from dlcore.datasets.objects import ObjectsConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.pictures import INKED
from dlcore.training.recipes import DIGITS, digits

HELD = 1000  # drawings come from the sets of seed 1000, 1001, ...: the networks were trained on others
DATA = {"objects": "Drawn objects", "digits": "Digits"}
MOST_SEEDS = 2**31
MOST_IMAGES = {"objects": 1000, "digits": DIGITS.num_test}


class Pictures(NamedTuple):
    """A set of them."""

    images: Tensor  # (images, channels, height, width), 0 to 1
    labels: Tensor  # (images,), int64
    masks: Tensor  # (images, height, width), bool: the object, or a digit's ink

    def part(self, first: int, last: int) -> "Pictures":
        """From the first of these numbers on, up to the last one, which is not in it."""
        return Pictures(*(values[first:last] for values in self))


def held(data: str, num: int, seed: int, shift: float = 0.0) -> Pictures:
    """So many pictures of DATA; shift: how unlike the training pictures the drawn ones are, 0 to 1.

    Of the 700 test digits each seed takes the next `num`, and after the last begins with the first again.
    """
    if data == "objects":
        drawn = ObjectsConfig(num=num, seed=HELD + seed, shift=shift).make()
        return Pictures(drawn.images, drawn.labels, drawn.masks)
    images, labels = digits(DIGITS, "test")
    rows = (seed * num + torch.arange(num)) % len(labels)
    return Pictures(images[rows], labels[rows], images[rows, 0] > INKED)


def labels(data: str, num: int, seed: int) -> tuple[int, ...]:
    """What the same pictures show; none is drawn."""
    if data == "objects":
        drawn = ObjectsConfig(num=num, seed=HELD + seed)
        return tuple(drawn.picture(number).label for number in range(num))
    return tuple(held(data, num, seed).labels.tolist())


def batches(pictures: Pictures, size: int, settings: AttackSettings) -> Iterator[tuple[int, Pictures, AttackSettings]]:
    """So many pictures at a time, with settings whose random draws are their own, and how many are done after them."""
    for first in range(0, len(pictures.labels), size):
        part = pictures.part(first, first + size)
        yield first + len(part.labels), part, replace(settings, seed=(settings.seed + first) % MOST_SEEDS)


def networks(data: str) -> tuple[str, ...]:
    """The keys of the networks that look at DATA."""
    return tuple(key for key, model in checkpoints.MODELS.items() if model.data == data)


def check(data: str, num_images: int, seed: int) -> None:
    """Refuse a set that there is not.

    Raises: ValueError naming the first of the three that is out of its range, its value and the rule.
    """
    require.one_of("data", data, DATA)
    require.whole("num_images", num_images, 1, MOST_IMAGES[data])
    require.whole("seed", seed, 0, 99_999)
