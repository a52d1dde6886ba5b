"""What the tests of the jobs have computed: functions at the top of a module, as workers import them."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Count:
    """Frames 0, 1, 2, ..."""

    stop: int = 10**9
    pause: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Frame:
    step: int
    values: np.ndarray


IN_WORKER: list[bool] = []


class Unreadable:
    """Can be pickled, and not be read again."""

    def __reduce__(self) -> tuple[Any, ...]:
        return refuse, ()


def refuse() -> NoReturn:
    raise OSError("secret: what this object was cannot be told")


def count(config: Count) -> Iterator[int]:
    for step in range(config.stop):
        yield step
        if config.pause:
            time.sleep(config.pause)


def clock(config: Count) -> Iterator[float]:
    """When each step began."""
    for _ in range(config.stop):
        yield time.monotonic()
        time.sleep(config.pause)


def arrays(num_steps: int) -> Iterator[Frame]:
    for step in range(num_steps):
        yield Frame(step, np.full(3, step, np.float32))


def blocks(size: int) -> Iterator[bytes]:
    while True:
        yield bytes(size)


def listed(num_steps: int) -> list[int]:
    return list(range(num_steps))


def until_file(path: str) -> Iterator[str]:
    """One frame before the file is there, one after."""
    yield "before"
    while not Path(path).exists():
        time.sleep(0.002)
    yield "after"


def leaves_a_file(path: str) -> Iterator[int]:
    """Steps of 100 ms; the file tells that the run was let go of."""
    try:
        yield 0
        while True:
            time.sleep(0.1)
            yield 1
    finally:
        Path(path).touch()


def process(_: Any) -> Iterator[int]:
    """The worker's number, for ever."""
    while True:
        yield os.getpid()
        time.sleep(0.001)


def raises(error: Exception) -> Iterator[int]:
    yield 0
    raise error


def raises_at_once(error: Exception) -> Iterator[int]:
    raise error


def unpicklable(_: None) -> Iterator[Any]:
    yield 0
    yield lambda: 0


def stuck(_: None) -> Iterator[int]:
    yield 0
    time.sleep(1000)


def leaves(_: None) -> Iterator[int]:
    yield 0
    raise SystemExit(3)


def prints(_: None) -> Iterator[int]:
    print("a run may print")  # noqa: T201
    yield 0


def threads(_: None) -> Iterator[Any]:
    import torch

    weights = torch.ones(3, requires_grad=True)
    torch.optim.SGD([weights], lr=0.5)
    (weights * 2).sum().backward()
    yield torch.get_num_threads(), os.environ["OMP_NUM_THREADS"], os.environ["OMP_WAIT_POLICY"]
    yield weights.grad


def signs(path: str) -> Iterator[int]:
    """Three frames, and a mark in the file for every time that it is run."""
    with Path(path).open("a") as file:
        file.write("x")
    for step in range(3):
        yield step
        time.sleep(0.05)


def block(numbered: tuple[int, int]) -> Iterator[bytes]:
    """One frame of so many bytes."""
    yield bytes(numbered[1])


def hoards(size: int) -> Iterator[int]:
    """Keeps so many more bytes at every step, for ever."""
    kept = []
    while True:
        kept.append(b"x" * size)
        yield len(kept)
        time.sleep(0.001)


def hoards_in_one_step(size: int) -> Iterator[int]:
    """The worker's number, and then a step without end that keeps more and more."""
    yield os.getpid()
    kept = []
    while True:
        kept.append(b"x" * size)
        time.sleep(0.001)


def passing(size: int) -> Iterator[int]:
    """Takes so many bytes at every step, and lets go of them."""
    for step in range(50):
        yield len(b"x" * size) * step


def in_worker() -> None:
    """Called where this module is preloaded."""
    IN_WORKER.append(True)


def where(_: None) -> Iterator[bool]:
    yield bool(IN_WORKER)


def sleeps(path: str) -> Iterator[int]:
    """A second step far longer than a reader waits; the file tells in which process."""
    yield 0
    Path(path).write_text(str(os.getpid()))
    time.sleep(1000)
