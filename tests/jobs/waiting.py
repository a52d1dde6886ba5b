"""How the tests wait for jobs: long on a busy machine, never for ever."""

import threading
import time
from collections.abc import Callable
from typing import Any

from dlcore.jobs import Job

SECONDS = 30.0  # a busy machine


def until(true: Callable[[], Any]) -> None:
    """Wait until it is so."""
    give_up = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.002)


def read(job: Job, start: int = 0) -> list[Any]:
    """All its frames; a run that hangs fails the test instead of stopping it."""
    frames: list[Any] = []
    reader = threading.Thread(target=lambda: frames.extend(job.frames(start)), daemon=True)
    reader.start()
    reader.join(SECONDS)
    assert not reader.is_alive()
    return frames


def outcome(job: Job) -> tuple[str, str]:
    """How it ended."""
    until(lambda: job.status.ended)
    return job.status.state, job.status.sentence
