"""What is explained: a picture, the network that looks at it, and the class that is asked about."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, imagenet, require
from dlcore.topics.saliency.pictures import Picture, Shape
from dlcore.topics.saliency.targets import Target, score


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A picture, a network's key, and the class that is asked about: None is the one that the network answers.

    against: the logit of that class is subtracted ("why this and not that"); None: none is.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    picture: Picture = field(default_factory=Picture)
    model: str = "plain"
    label: int | None = None
    against: int | None = None

    def __post_init__(self) -> None:
        require.one_of("model", self.model, models())
        for name, label in (("label", self.label), ("against", self.against)):
            if label is not None:
                require.whole(name, label, 0, len(self.classes) - 1)
        if self.against is not None and self.against == self.label:
            raise ValueError(f"The class is compared with itself, {self.classes[self.against]}: choose another one.")

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

    def score(self) -> Tensor:
        """The number that is explained, ()."""
        return score(self.logits()[None], self.target())[0]

    def target(self) -> Target:
        """What the explanations explain. Where the answer itself is what it is compared with, the runner-up is."""
        label = int(self.logits().argmax()) if self.label is None else self.label
        if label == self.against:
            label = next(int(i) for i in self.logits().argsort(descending=True) if int(i) != self.against)
        return Target(label=label, against=self.against)


def models() -> tuple[str, ...]:
    """The keys of all networks that can be chosen on this machine."""
    return (*checkpoints.MODELS, *(key for key, missing in imagenet.choices().items() if not missing))


@lru_cache(maxsize=200)
def _logits(picture: Picture, model: str) -> Tensor:
    subject = Subject(picture=picture, model=model)
    with torch.no_grad():
        return subject.network()(subject.image()[None])[0]
