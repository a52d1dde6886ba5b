"""What an image network sees in each step: which pictures, mirrored or not, moved how far, under how much noise.

Knows the order that a seed gives; does not know what is learnt. Any step can be asked for, the past ones too.
"""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from dlcore.device import generator


class Pictures(Protocol):
    """Pictures with the class of each."""

    @property
    def images(self) -> Tensor:
        """(images, channels, height, width), float32, 0 to 1."""
        ...

    @property
    def labels(self) -> Tensor:
        """(images,), int64."""
        ...


class Labelled(NamedTuple):
    """Pictures of which nothing else is known."""

    images: Tensor  # (images, channels, height, width), float32, 0 to 1
    labels: Tensor  # (images,), int64


class _Epoch(NamedTuple):
    """One pass over all pictures."""

    number: int
    order: Tensor  # (images,)
    flipped: Tensor  # (images,), bool
    shifts: Tensor  # (images, 2): pixels down and to the right
    levels: Tensor  # (images,): the standard deviation of the noise, in the range of a pixel
    noise_seed: int


class Batches:
    """The batches of a run; pictures that do not fill the last batch of an epoch wait for another one."""

    def __init__(
        self, data: Pictures, batch_size: int, seed: int, *, flip: bool, shift: int, noise: float = 0.0
    ) -> None:
        self.data = data
        self.size = min(batch_size, len(data.labels))
        self.per_epoch = len(data.labels) // self.size
        self.seed, self.flip, self.shift, self.noise = seed, flip, shift, noise
        self._epoch = self._draw(0)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """The images and labels of a step, 0 for the first."""
        number, place = divmod(step, self.per_epoch)
        if number != self._epoch.number:
            self._epoch = self._draw(number)
        rows = self._epoch.order[place * self.size : (place + 1) * self.size]
        images = _flipped(self.data.images[rows], self._epoch.flipped[rows])
        if self.shift:
            images = _moved(images, self._epoch.shifts[rows], self.shift)
        if self.noise:
            images = _disturbed(images, self._epoch.levels[rows], generator(self._epoch.noise_seed + place))
        return images, self.data.labels[rows]

    def _draw(self, number: int) -> _Epoch:
        """Each epoch has a generator of its own, so none depends on those before it."""
        count = len(self.data.labels)
        seeds = torch.randint(2**31, (number + 1,), generator=generator(self.seed))
        chances = generator(int(seeds[number]))
        return _Epoch(
            number,
            torch.randperm(count, generator=chances),
            torch.rand(count, generator=chances) < (0.5 if self.flip else 0),
            torch.randint(-self.shift, self.shift + 1, (count, 2), generator=chances),
            self.noise * torch.rand(count, generator=chances),
            int(torch.randint(2**31, (1,), generator=chances)),
        )


def _flipped(images: Tensor, which: Tensor) -> Tensor:
    """Left and right change places in these."""
    return torch.where(which[:, None, None, None], images.flip(3), images)


def _disturbed(images: Tensor, levels: Tensor, chances: torch.Generator) -> Tensor:
    """Each image under noise of its own strength; it may leave [0, 1], as SmoothGrad's copies do."""
    return images + levels[:, None, None, None] * torch.randn(images.shape, generator=chances)


def _moved(images: Tensor, shifts: Tensor, most: int) -> Tensor:
    """Each image moved by its shift, (images, 2): pixels down and to the right; what comes in is black."""
    height, width = images.shape[2:]
    padded = torch.nn.functional.pad(images, [most] * 4)
    corners = (most - shifts).tolist()
    cut = [
        image[:, top : top + height, left : left + width] for image, (top, left) in zip(padded, corners, strict=True)
    ]
    return torch.stack(cut)
