"""A picture that a network is shown: what the network gets, what it answers, and what is really there.

Knows every network that can be chosen on this machine; asks nothing of it but its answer.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, imagenet, require
from dlcore.topics.images.pictures import Picture, Shape, digit_label


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture, and the key of the network that is shown it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    picture: Picture = field(default_factory=Picture)
    model: str = "plain"

    def __post_init__(self) -> None:
        require.one_of("model", self.model, models())

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the network's classes."""
        if self.model in checkpoints.MODELS:
            return checkpoints.MODELS[self.model].classes
        return imagenet.classes(self.model)

    @property
    def shape(self) -> Shape:
        """(channels, height, width) of what the network looks at."""
        return checkpoints.MODELS[self.model].shape if self.model in checkpoints.MODELS else imagenet.SHAPE

    @property
    def truth(self) -> int | None:
        """The number of the class that is really in the picture; None where the network has none for it."""
        data = checkpoints.MODELS[self.model].data if self.model in checkpoints.MODELS else ""
        match self.picture.kind, data:
            case "drawn", "objects":
                return self.picture.label
            case "digit", "digits":
                return digit_label(self.picture.seed)
            case _:
                return None

    def network(self) -> nn.Module:
        """The trained network, which all share: not to be changed."""
        return checkpoints.network(self.model) if self.model in checkpoints.MODELS else imagenet.network(self.model)

    def bytes(self) -> np.ndarray:
        """The picture as the network gets it, bytes (height, width, channels)."""
        return self.picture.bytes(self.shape)

    def image(self) -> Tensor:
        """The same as a tensor (channels, height, width) from 0 to 1."""
        return torch.from_numpy(self.bytes()).permute(2, 0, 1).float() / 255

    def mask(self) -> np.ndarray | None:
        """Where the object is, bool (height, width); None: nobody knows."""
        return self.picture.mask(*self.shape[1:])

    def logits(self) -> Tensor:
        """What the network answers, (classes,)."""
        return _logits(self.picture, self.model)


def models() -> tuple[str, ...]:
    """The keys of all networks that can be chosen on this machine."""
    return (*checkpoints.MODELS, *(key for key, missing in imagenet.choices().items() if not missing))


@lru_cache(maxsize=200)
def _logits(picture: Picture, model: str) -> Tensor:
    shown = Shown(picture=picture, model=model)
    with torch.no_grad():
        return shown.network()(shown.image()[None])[0]
