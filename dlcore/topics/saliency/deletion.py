"""Is what a map calls important so to the network? Its strongest pixels are deleted first, or inserted first.

Knows maps, pictures and the network's probabilities; does not know where the object is. A good map makes the
probability fall early when its pixels are deleted, and rise early when they are inserted.
Source: Petsiuk, Das, Saenko, RISE: randomized input sampling for explanation of black-box models (2018), section 4.3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import require
from dlcore.device import generator
from dlcore.topics.images.arrays import Arrays, scalar, to_bytes
from dlcore.topics.images.chunks import forward_chunk
from dlcore.topics.images.measures import random_maps
from dlcore.topics.saliency.baselines import baseline
from dlcore.topics.saliency.case import Case
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS, answer
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import BASELINES, MethodSettings
from dlcore.training import Snapshot

RANDOM = "random"  # a map that knows nothing, beside the methods
WAYS = {"delete": "Delete", "insert": "Insert"}
SHOWN = ("gradient", "smoothgrad", "integrated", "gradcam", "guided", "occlusion")


@dataclass(frozen=True, kw_only=True)
class DeletionConfig:
    """One picture, whose pixels go method by method in each one's own order.

    filling: what stands in a deleted pixel's place. way: whether the pictures shown lose pixels or gain them.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)
    methods: tuple[str, ...] = SHOWN
    filling: str = "grey"
    way: str = "delete"
    num_steps: int = 32

    def __post_init__(self) -> None:
        require.some_of("methods", self.methods, METHODS)
        require.one_of("filling", self.filling, BASELINES)
        require.one_of("way", self.way, WAYS)
        require.whole("num_steps", self.num_steps, 2, 200)

    @property
    def names(self) -> tuple[str, ...]:
        """Whose orders are compared: the methods, and pure chance."""
        return (*self.methods, RANDOM)

    @property
    def num_frames(self) -> int:
        """Of the run: the whole picture, and one a step."""
        return self.num_steps + 1


class Curves(NamedTuple):
    """Probabilities of the class after each share of the pixels is deleted, or inserted: (pictures, shares)."""

    deleted: Tensor
    inserted: Tensor


def shares(num_steps: int) -> Tensor:
    """Shares of the pixels from 0 to 1, (num_steps + 1,): finer at first, where most happens."""
    return torch.linspace(0, 1, num_steps + 1).square()


def places(maps: Tensor, chances: torch.Generator) -> Tensor:
    """For each pixel of maps (maps, height, width) how many go before it, the strongest first; draws between equals."""
    flat = maps.flatten(1)
    drawn = torch.randperm(flat.shape[1], generator=chances)
    order = drawn[flat[:, drawn].argsort(dim=1, descending=True, stable=True)]
    numbers = torch.arange(flat.shape[1]).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, numbers).view_as(maps)


def deleted(images: Tensor, fillings: Tensor, places: Tensor, share: float) -> Tensor:
    """The pictures (pictures, channels, height, width) without this share of their pixels, in the order of places."""
    gone = places < round(share * places[0].numel())
    return torch.where(gone[:, None], fillings, images)


def inserted(images: Tensor, fillings: Tensor, places: Tensor, share: float) -> Tensor:
    """Of the pictures only this share of their pixels, in the order of places."""
    return deleted(fillings, images, places, share)


def class_chances(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The softmax probability of each picture's own label, (pictures,)."""
    with torch.no_grad():
        logits = torch.cat([net(part) for part in images.split(forward_chunk(images))])
    return logits.softmax(dim=1).gather(1, labels[:, None]).squeeze(1)


def curves(net: nn.Module, images: Tensor, fillings: Tensor, order: Tensor, labels: Tensor, at: Tensor) -> Curves:
    """Both curves for each picture, at these shares; order: the `places` of its pixels."""
    steps = at.tolist()
    lost = [class_chances(net, deleted(images, fillings, order, share), labels) for share in steps]
    gained = [class_chances(net, inserted(images, fillings, order, share), labels) for share in steps]
    return Curves(torch.stack(lost, dim=1), torch.stack(gained, dim=1))


def area(chances: Tensor, at: Tensor) -> Tensor:
    """The mean height of curves (..., shares) over these shares, (...); AUC where these reach from 0 to 1."""
    if len(at) == 1:
        return chances[..., 0]
    return torch.trapezoid(chances, at, dim=-1) / (at[-1] - at[0])


def maps_of(case: Case, methods: Sequence[str], settings: MethodSettings) -> Tensor:
    """The magnitude of each method's map, and then one that knows nothing: (methods + 1, height, width)."""
    question = Question(case.net, case.image[None], [case.target], settings)
    found = [answer(name, question)[0].magnitude for name in methods]
    return torch.stack([*found, random_maps(tuple(case.image.shape[1:]), generator(settings.seed))])


def frames(config: DeletionConfig) -> Iterator[Snapshot]:
    """The picture with more and more of its pixels deleted (or inserted), in the order of each method's map."""
    case = Case(config.subject)
    order = places(maps_of(case, config.methods, config.settings), generator(config.settings.seed))
    images = case.image.expand(len(order), -1, -1, -1)
    fillings = baseline(images, replace(config.settings, baseline=config.filling))
    at, history = shares(config.num_steps), Curves(*torch.empty(2, len(order), 0))
    for step, share in enumerate(at.tolist(), start=1):
        pictures = Curves(*(change(images, fillings, order, share) for change in (deleted, inserted)))
        history = Curves(
            *(
                torch.cat([known, case.chances(new)[:, None]], dim=1)
                for known, new in zip(history, pictures, strict=True)
            )
        )
        shown = pictures.deleted if config.way == "delete" else pictures.inserted
        yield Snapshot({"share": np.float32(share), **_arrays(config.names, shown, history, at[:step])})


def _arrays(names: Sequence[str], shown: Tensor, history: Curves, at: Tensor) -> Arrays:
    found: Arrays = {}
    for number, name in enumerate(names):
        found[f"picture.{name}"] = to_bytes(shown[number])
        for curve, values in history._asdict().items():
            found[f"{curve}.{name}"] = scalar(values[number, -1])
            found[f"{curve}_area.{name}"] = scalar(area(values[number], at))
    return found
