"""What the tests of the claims on saliency share: each scene's own run, and three sets of fresh pictures with maps."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES, Objects
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.topics.saliency.measures import inside
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.scenes import SCENES
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.study import StudyConfig, held
from dlcore.topics.saliency.targets import Target
from dlcore.training import Snapshot
from dlcore.ui import saliency_rail
from dlcore.ui.saliency_settings import Config, config_of
from dlcore.ui.saliency_stages import FRAMES
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
SETS = (0, 1, 2)  # of the study: the first is the one that a scene shows; they share no picture
NUM_IMAGES = 15


def controls_of(key: str, **other: Any) -> dict[str, Any]:
    """All controls as the scene sets them."""
    return {**saliency_rail.DEFAULTS, "upload": None, **dict(BY_KEY[key].values), **other}


def config(key: str, **other: Any) -> Config:
    """The run that the scene shows."""
    return config_of(controls_of(key, **other))


def subject_of(key: str, **other: Any) -> Subject:
    """What the scene's maps explain."""
    found = config(key, **other)
    assert isinstance(found, MapsConfig)
    return found.subject


@cache
def run(key: str) -> list[Snapshot]:
    """Every frame of the scene."""
    return _run(config(key))


@cache
def _run(chosen: Config) -> list[Snapshot]:
    return list(FRAMES[type(chosen)](chosen))


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
def maps(name: str, number: int, model: str = "plain") -> Tensor:
    """How much each pixel counts by this method, (pictures, height, width)."""
    return strengths(name, asked(number, model))


def strengths(name: str, of: Question) -> Tensor:
    """The magnitudes of one method's maps, (pictures, height, width)."""
    return torch.stack([found.magnitude for found in ask(name, of)])


def on_object(name: str, number: int) -> Tensor:
    """The share of each map that is on the object, (pictures,)."""
    return inside(maps(name, number), pictures(number).masks)


def each(of: Any, name: str) -> list[float]:
    """The mean of a measure of one method in each set, to be compared set by set."""
    return [float(of(name, number).float().mean()) for number in SETS]


def mean(of: Any, name: str) -> float:
    """The same over all sets."""
    values: Sequence[float] = each(of, name)
    return sum(values) / len(values)


def near(value: float, told: float, within: float) -> bool:
    """Whether a number of the prose is what is measured."""
    return abs(float(value) - told) <= within


def label_of(name: str) -> int:
    """The number of a class."""
    return CLASSES.index(name)
