"""What the tests of the claims on batch norm share: a scene's walk or runs, as they are or varied."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import torch
from torch import Tensor

from dlcore.topics.batchnorm_config import TransformConfig
from dlcore.topics.batchnorm_runs import DeepConfig, NetConfig, SizesConfig
from dlcore.topics.batchnorm_scenes import RUNS, SCENES
from dlcore.topics.batchnorm_training import Course
from dlcore.topics.batchnorm_walk import Walk, check, walk
from dlcore.ui.batchnorm_rail import DEFAULTS, run_config_of, transform_config_of
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
TRAINED = [scene.key for scene in RUNS]
SEEDS = range(20)
NETS = 8  # seeds of networks


def values_of(key: str, **other: Any) -> dict[str, Any]:
    """Every control's value in the scene, with others where they are given."""
    return {**DEFAULTS, **dict(BY_KEY[key].values), **other}


def config_of(key: str, **other: Any) -> TransformConfig:
    return transform_config_of(values_of(key, **other))


def walked(key: str, **other: Any) -> Walk:
    """The scene's transform; every number is torch's, or torch refuses."""
    found = walk(config_of(key, **other))
    assert found.refusal or check(found) < 1e-9
    return found


def walks(key: str, **other: Any) -> Iterator[Walk]:
    """The scene's transform of twenty mini-batches."""
    for seed in SEEDS:
        yield walked(key, seed=seed, **other)


def runs_of(key: str, **other: Any) -> NetConfig:
    return run_config_of(values_of(key, **other))


class Pair:
    """A and B of a scene on deep networks, of eight seeds, which train together."""

    def __init__(self, key: str, **other: Any) -> None:
        config = runs_of(key, **other)
        assert isinstance(config, DeepConfig)
        self.config = config
        self.a, self.b = config.course("none", NETS), config.course(config.norm, NETS)

    def advance(self, num_steps: int) -> "Pair":
        self.a.advance(num_steps)
        self.b.advance(num_steps)
        return self


def accuracy(course: Course, *statistics: Any) -> Tensor:
    """Of each run, in per cent."""
    return 100 * course.accuracy(course.answers(*statistics)[-1])


def spread(course: Course) -> Tensor:
    """How much each layer's numbers differ between test digits, on average over its units, (runs, layers)."""
    *before, _ = course.answers()
    return torch.stack([z.std(dim=2).mean(dim=1) for z in before], dim=1)


@cache
def of_size(key: str, norm: str, size: int) -> Course:
    """Eight networks of this batch size, after the scene's updates."""
    config = runs_of(key)
    assert isinstance(config, SizesConfig)
    course = NetConfig(**{**vars(config), "batch_size": size}).course(norm, NETS)
    course.advance(config.num_steps)
    return course
