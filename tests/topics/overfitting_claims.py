"""What the tests of the claims on overfitting share: the networks of a scene's column, over eight seeds at a time."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from dlcore.topics.overfitting import trained
from dlcore.topics.overfitting_config import OverfittingConfig, read_hidden
from dlcore.topics.overfitting_scenes import SCENES
from dlcore.topics.overfitting_view import Moment
from dlcore.training import TrainConfig
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
#: The first of eight: those of the page as it opens, and two other eights, since their means differ.
SEEDS = [0, pytest.param(100, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.slow)]
FRAMES = 41


def config_of(key: str, seed: int = 0, **other: Any) -> OverfittingConfig:
    values = {**dict(BY_KEY[key].values), "seed": seed, **other}
    values.pop("view", None)
    if isinstance(values.get("hidden"), str):
        values["hidden"] = read_hidden(values["hidden"])
    return OverfittingConfig(**values)


def moments(key: str, column: str, seed: int, frames: int = FRAMES, **other: Any) -> tuple[Moment, ...]:
    """The runs of a column, from their first weights to the last step."""
    config = config_of(key, seed, **other)
    return _trained({"a": config.a, "b": config.b}[column](), frames)


@cache
def _trained(runs: tuple[TrainConfig, ...], frames: int) -> tuple[Moment, ...]:
    return tuple(trained(runs, np.linspace(0, runs[0].num_steps, frames).round().astype(int)))


def curve(name: str, key: str, column: str, seed: int, **other: Any) -> np.ndarray:
    """The mean over the eight runs of what a moment measures, (frames,)."""
    return np.array([moment.values[name].mean() for moment in moments(key, column, seed, **other)])


def end(name: str, key: str, column: str, seed: int, **other: Any) -> float:
    """The mean over the eight runs after the last step; where it alone is asked for, nothing else is measured."""
    return float(moments(key, column, seed, **other)[-1].values[name].mean())


def gain(key: str, seed: int) -> float:
    """By how many points B's test accuracy is better at the end."""
    return end("accuracy.test", key, "b", seed) - end("accuracy.test", key, "a", seed)
