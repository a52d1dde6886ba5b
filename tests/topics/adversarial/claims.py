"""What the tests of the claims on adversarial examples share: each scene's own run, and sets of fresh pictures."""

from functools import cache
from typing import Any

import numpy as np
from torch import Tensor

from dlcore import checkpoints
from dlcore.topics.adversarial.defence import withstood
from dlcore.topics.adversarial.held import Pictures, held
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.training import Snapshot
from dlcore.ui import adversarial_rail
from dlcore.ui.adversarial_settings import Config, config_of
from dlcore.ui.adversarial_stages import FRAMES
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
SETS = (0, 1, 2)  # which share no picture; scenes show the first one
SIZES = {"objects": 40, "digits": 200}  # of a set


# A scene's own run


def controls_of(key: str, **other: Any) -> dict[str, Any]:
    """All controls as the scene sets them, but for some."""
    return {**adversarial_rail.DEFAULTS, "upload": None, **dict(BY_KEY[key].values), **other}


def config(key: str, **other: Any) -> Any:
    """The run that the scene shows."""
    return config_of(controls_of(key, **other))


def run(key: str, **other: Any) -> list[Snapshot]:
    """Every frame of the scene."""
    return _run(config(key, **other))


@cache
def _run(chosen: Config) -> list[Snapshot]:
    return list(FRAMES[type(chosen)](chosen))


def shown(key: str, name: str, **other: Any) -> np.ndarray:
    """An array of the scene's run, frame by frame."""
    return np.stack([np.asarray(frame.arrays[name], float) for frame in run(key, **other)])


def last(key: str, name: str, **other: Any) -> np.ndarray:
    """The same at the run's end."""
    return shown(key, name, **other)[-1]


def at(key: str, epsilon: float) -> int:
    """The frame of a scene's sweep that has this ε."""
    return config(key).epsilons.index(epsilon)


# Many pictures


@cache
def pictures(data: str, number: int) -> Pictures:
    """A set of drawn objects, or of digits."""
    return held(data, SIZES[data], number)


@cache
def still_right(model: str, attack: str, epsilon: float, number: int) -> Tensor:
    """Which pictures of a set a network names rightly under an attack, bool (pictures,)."""
    net, of = checkpoints.network(model), pictures(checkpoints.MODELS[model].data, number)
    return withstood(attack, net, of, [epsilon])[0]


def kept(model: str, attack: str, epsilon: float) -> list[float]:
    """How many of a hundred that are, in each of SETS."""
    return [100 * float(still_right(model, attack, epsilon, number).double().mean()) for number in SETS]


def mean_kept(model: str, attack: str, epsilon: float) -> float:
    """The same over all sets."""
    return float(np.mean(kept(model, attack, epsilon)))


def near(value: float | np.ndarray, told: float, within: float) -> bool:
    """Whether a number of the prose is what is measured."""
    return abs(float(value) - told) <= within
