"""What the tests of the claims on optimizers share: the races of a scene and how to read them."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dlcore.lessons import Scene
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.optimizers_scenes import SCENES
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
FIELDS = {field.name for field in dataclasses.fields(RaceConfig)}
#: Around the bowl's start: nearer, farther, mirrored, and on other heights.
BOWL_STARTS = [(-8, 1.5), (-9, 1.5), (-7, 1.5), (-6.5, 1), (8, 1.5), (-8, 3), (-8, -1), (8.5, -2), (7, 0.5)]


def config_of(scene: Scene, **other: Any) -> RaceConfig:
    values = {**dict(scene.values), **other}
    hyper = tuple((name, value) for name, value in values.items() if "." in name)
    return RaceConfig(**{name: value for name, value in values.items() if name in FIELDS}, hyper=hyper)


def run(key: str, **other: Any) -> RaceTrace:
    return race(config_of(BY_KEY[key], **other))


def runs(key: str, starts: Iterable[tuple[float, float]]) -> Iterator[RaceTrace]:
    for x0, y0 in starts:
        yield run(key, x0=float(x0), y0=float(y0))


def column(trace: RaceTrace, name: str, values: np.ndarray) -> np.ndarray:
    return values[:, trace.optimizers.index(name)]


def lengths(trace: RaceTrace, name: str) -> np.ndarray:
    """The lengths of all steps made; the last frame's is never made."""
    return np.linalg.norm(column(trace, name, trace.delta)[:-1], axis=-1)


def order(trace: RaceTrace) -> list[str]:
    """The optimizers' titles, the nearest to the minimum first."""
    by_distance = sorted(zip(trace.distance[-1], trace.optimizers, strict=True))
    return [OPTIMIZERS[name].title for _, name in by_distance]
