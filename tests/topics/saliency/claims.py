"""What the tests of the claims on saliency share: each scene's own run, and three sets of fresh pictures with maps."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES, Objects
from dlcore.device import generator
from dlcore.topics.images.measures import inside, precision, random_maps
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.deletion import Curves, area, curves, places, shares
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.topics.saliency.methods import Attribution
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.scenes import SCENES
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.study import StudyConfig, held
from dlcore.training import Snapshot
from dlcore.ui import saliency_rail
from dlcore.ui.saliency_settings import Config, config_of
from dlcore.ui.saliency_stages import FRAMES
from tests.topics.saliency.given import values
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
SETS = (0, 1, 2)  # of the study, which share no picture; scenes show the first one
NUM_IMAGES = 15
RANDOM = "random"
OfSet = Callable[[str, int], Tensor]  # a method and a set -> (pictures,)


# A scene's own run


def controls_of(key: str, **other: Any) -> dict[str, Any]:
    """All controls as the scene sets them, but for some."""
    return {**saliency_rail.DEFAULTS, "upload": None, **dict(BY_KEY[key].values), **other}


def config(key: str, **other: Any) -> Any:
    """The run that the scene shows."""
    return config_of(controls_of(key, **other))


def subject_of(key: str, **other: Any) -> Subject:
    """What the scene's maps explain."""
    found = config(key, **other)
    assert isinstance(found, MapsConfig)
    return found.subject


def run(key: str, **other: Any) -> list[Snapshot]:
    """Every frame of the scene."""
    return _run(config(key, **other))


@cache
def _run(chosen: Config) -> list[Snapshot]:
    return list(FRAMES[type(chosen)](chosen))


def shown(key: str, name: str, **other: Any) -> np.ndarray:
    """An array of the scene's run, frame by frame."""
    return values(run(key, **other), name)


def answered(subject: Subject) -> str:
    """The class that the network sees in the picture."""
    return subject.classes[int(subject.logits().argmax())]


def label_of(name: str) -> int:
    """The number of a class."""
    return CLASSES.index(name)


# Many pictures


@cache
def pictures(number: int, model: str = "plain") -> Objects:
    """The first of a set; those of the network with the shortcut have the watermark, and none is a car."""
    return held(StudyConfig(model=model, seed=number, num_images=NUM_IMAGES, marked=model == "shortcut"))


def question(images: Tensor, model: str = "plain", settings: MethodSettings | None = None) -> Question:
    """Why the network answers what it does."""
    net = checkpoints.network(model)
    labels = net(images).argmax(dim=1).tolist()
    return Question(net, images, [Target(label) for label in labels], settings or MethodSettings())


@cache
def asked(number: int, model: str = "plain") -> Question:
    """Why it answers that to each picture of a set."""
    return question(pictures(number, model).images, model)


@cache
def found(name: str, number: int, model: str = "plain") -> tuple[Attribution, ...]:
    """What a method says of each picture of a set."""
    return ask(name, asked(number, model))


def maps(name: str, number: int, model: str = "plain") -> Tensor:
    """How much each pixel counts by this method, (pictures, height, width)."""
    if name == RANDOM:
        return random_maps(tuple(pictures(number, model).masks.shape), generator(number))
    return stacked(found(name, number, model))


def stacked(attributions: tuple[Attribution, ...]) -> Tensor:
    """Their magnitudes, (pictures, height, width)."""
    return torch.stack([attribution.magnitude for attribution in attributions])


def on_object(name: str, number: int) -> Tensor:
    """The share of each map that is on the object, (pictures,)."""
    return inside(maps(name, number), pictures(number).masks)


def strongest_on_object(name: str, number: int) -> Tensor:
    """The share of each map's strongest pixels that is on the object, (pictures,)."""
    return precision(maps(name, number), pictures(number).masks)


def deletion(name: str, number: int) -> Tensor:
    """The area under each picture's curve of deletion, (pictures,)."""
    return area(_curves(name, number).deleted, shares(10))


def insertion(name: str, number: int) -> Tensor:
    """The area under each picture's curve of insertion, (pictures,)."""
    return area(_curves(name, number).inserted, shares(10))


@cache
def order_of(name: str, number: int) -> Tensor:
    """How many pixels go before each one, (pictures, height, width)."""
    return places(maps(name, number), generator(number))


@cache
def _curves(name: str, number: int) -> Curves:
    of = asked(number)
    return curves(of.net, of.images, of.baselines, order_of(name, number), of.asked[:, 0], shares(10))


def each(measure: OfSet, name: str) -> list[float]:
    """The mean of a measure of a method in each of SETS."""
    return [float(measure(name, number).mean()) for number in SETS]


def mean(measure: OfSet, name: str) -> float:
    """The same over all of them."""
    return float(np.mean(each(measure, name)))


def gains(measure: OfSet, name: str) -> Tensor:
    """How much more a method has than the gradient, picture by picture of all sets, (pictures,)."""
    return torch.cat([measure(name, number) - measure("gradient", number) for number in SETS])


def near(value: float, told: float, within: float = 0.006) -> bool:
    """Whether a number of the prose is what is measured; as it stands, rounded."""
    return abs(float(value) - told) <= within
