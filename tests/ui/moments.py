"""Runs that the tests have computed: functions at the top of a module, as workers import them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore.training import Snapshot


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Frames 0, 1, 2, ..., so many seconds apart."""

    stop: int = 20
    pause: float = 0.0
    name: str = ""


def frames(config: Steps) -> Iterator[Snapshot]:
    """The step, and a row of three that holds it; a word about step 5, from there on."""
    for step in range(config.stop):
        arrays = {"step": np.float32(step), "row": np.full(3, step, np.uint8)}
        yield Snapshot(arrays, "five is reached" if step >= 5 else "")
        time.sleep(config.pause)


def refused(_: Steps) -> Iterator[Snapshot]:
    """One frame, and then a sentence for the reader."""
    yield Snapshot({"step": np.float32(0), "row": np.zeros(3, np.uint8)})
    raise ValueError("lr is -1: it must be above 0.")
