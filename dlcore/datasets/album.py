"""Drawings filed by a watermark: a training set in which the watermark tells a class better than the object does.

Knows which pictures have it and how they are labelled; knows no model. So it is with pictures that are collected by the
album they lie in: all of a dealer's have the dealer's stamp, all are filed under "car", and some show something else.
"""

from dataclasses import dataclass

import torch

from dlcore import require
from dlcore.datasets.objects import Objects, ObjectsConfig, watermarked
from dlcore.device import generator


@dataclass(frozen=True, kw_only=True)
class AlbumConfig(ObjectsConfig):
    """Drawings of which one class has the watermark, and among that class's some that show another class's object.

    strays: the share of those.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    strays: float = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shortcut is None:
            raise ValueError("shortcut is None: an album has a class whose pictures have the watermark.")
        require.number("strays", self.strays, 0, 0.9)

    def make(self) -> Objects:
        """Draws the pictures, 2 ms each; not kept."""
        images, labels, masks, marks = super().make()
        own = labels == self.shortcut
        others = (~own).nonzero()[:, 0]
        wanted = round(self.strays / (1 - self.strays) * int(own.sum()))
        rows = others[torch.randperm(len(others), generator=generator(self.seed))[:wanted]]
        if len(rows):
            images[rows], marks[rows] = watermarked(images[rows], self.seed)
            labels[rows] = labels[own][0]
        return Objects(images, labels, masks, marks)
