"""Knows what the server and a worker say to one another, and how it is written; not who acts on it."""

import pickle
from collections.abc import Iterator
from typing import IO, Literal, NamedTuple

from dlcore.jobs.limits import Limits

Ending = Literal["done", "stopped", "failed"]


class Start(NamedTuple):
    """To a worker: run module.name(config)."""

    job: str
    module: str
    name: str
    config: bytes  # pickled on its own, so that one which cannot be read spoils this run only
    limits: Limits


class Stop(NamedTuple):
    """To a worker: end this run, if it still runs."""

    job: str


class Ready(NamedTuple):
    """From a worker, first: it takes runs now."""

    pid: int


class Chunk(NamedTuple):
    """From a worker: the next frames of a run, each pickled on its own."""

    job: str
    frames: list[bytes]


class End(NamedTuple):
    """From a worker, last of a run."""

    job: str
    state: Ending
    sentence: str = ""  # for the reader
    trace: str = ""  # for the host's log


class Over(NamedTuple):
    """From a worker, its last words: it ends, with all its runs, because it took more memory than this."""

    num_bytes: int


Message = Start | Stop | Ready | Chunk | End | Over


def write(stream: IO[bytes], message: Message) -> None:
    """Send one message at once.

    Raises: OSError where nobody reads any more.
    """
    pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def read(stream: IO[bytes]) -> Iterator[Message]:
    """The messages as they arrive, until the other side has ended; what it was cut off in is dropped."""
    while True:
        try:
            message = pickle.load(stream)  # noqa: S301 - written by this server's own processes, through their pipe
        except (EOFError, OSError, pickle.UnpicklingError):
            return
        yield message
