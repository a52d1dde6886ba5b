"""What the tests of the scenes' claims share: the mark of a claim, the races of a scene and how to read them."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from dlcore.lessons import Scene
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.optimizers_scenes import SCENES

FIELDS = {field.name for field in dataclasses.fields(RaceConfig)}
BY_KEY = {scene.key: scene for scene in SCENES}
#: Around the bowl's start: nearer, farther, mirrored, and on other heights.
BOWL_STARTS = [(-8, 1.5), (-9, 1.5), (-7, 1.5), (-6.5, 1), (8, 1.5), (-8, 3), (-8, -1), (8.5, -2), (7, 0.5)]


def claim(key: str) -> Callable[[Callable], Callable]:
    """Marks a test as the proof of what the scene with this key says; test_optimizers_scenes.py reads the marks."""
    if key not in BY_KEY:
        raise ValueError(f"no scene has the key {key!r}")
    return lambda test: test


def config_of(scene: Scene, **other: Any) -> RaceConfig:
    values = {**dict(scene.values), **other}
    hyper = tuple((name, value) for name, value in values.items() if "." in name)
    return RaceConfig(**{name: value for name, value in values.items() if name in FIELDS}, hyper=hyper)


def run(key: str, **other: Any) -> RaceTrace:
    return race(config_of(BY_KEY[key], **other))


def runs(key: str, starts: Iterable[tuple[float, float]]) -> Iterator[RaceTrace]:
    for x0, y0 in starts:
        yield run(key, x0=float(x0), y0=float(y0))


def answer(key: str) -> str:
    return BY_KEY[key].choices[BY_KEY[key].answer]


def says(key: str, *phrases: str) -> None:
    """The scene's words hold these numbers; a test that proves other ones proves nothing."""
    scene = BY_KEY[key]
    text = " ".join((scene.question, *scene.choices, scene.why, scene.look))
    missing = [phrase for phrase in phrases if phrase not in text]
    assert missing == [], f"{key} does not say {missing}"


def column(trace: RaceTrace, name: str, values: np.ndarray) -> np.ndarray:
    return values[:, trace.optimizers.index(name)]


def lengths(trace: RaceTrace, name: str) -> np.ndarray:
    """The lengths of all steps made; the last frame's is never made."""
    return np.linalg.norm(column(trace, name, trace.delta)[:-1], axis=-1)


def order(trace: RaceTrace) -> list[str]:
    """The optimizers' titles, the nearest to the minimum first."""
    by_distance = sorted(zip(trace.distance[-1], trace.optimizers, strict=True))
    return [OPTIMIZERS[name].title for _, name in by_distance]
