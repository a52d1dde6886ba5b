"""Knows one job: how it stands, and the frames computed so far, to be read from any position, by anyone, again.

It does not know who computes them. Frames are kept as they were sent, pickled: readers cannot spoil one another's, and
how much memory they take is known.
"""

import asyncio
import contextlib
import pickle
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from dlcore import require

State = Literal["queued", "running", "done", "stopped", "failed"]
AT_ONCE = 256  # frames that a reader copies before it looks again


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a job stands."""

    state: State = "queued"
    place: int = 0  # in the queue: 1 is next; 0 where it does not wait
    sentence: str = ""  # why it failed, or which limit stopped it
    num_frames: int = 0  # computed so far

    @property
    def ended(self) -> bool:
        """There will be no more frames."""
        return self.state in ("done", "stopped", "failed")


class Job:
    """One run of frames(config) for one owner."""

    def __init__(self, owner: str, what: tuple[Any, ...], cancel: Callable[["Job"], None]):
        """`what` is equal for equal work; `cancel` is what the scheduler does to stop it."""
        self.id = secrets.token_urlsafe(16)  # not to be guessed: it may stand in an address
        self.owner = owner
        self.what = what
        self._cancel = cancel
        self._lock = threading.Lock()
        self._status = Status()
        self._frames: list[bytes] = []
        self._watchers: set[Callable[[], object]] = set()

    @property
    def status(self) -> Status:
        """How it stands now."""
        with self._lock:
            return replace(self._status, num_frames=len(self._frames))

    def frames(self, start: int = 0) -> "Frames":
        """The frames from this position on, as they are computed: for `for` and for `async for`, as often as wished.

        Raises: ValueError for a position below 0.
        """
        return Frames(self, start)

    def cancel(self) -> None:
        """Stop it, if it has not ended; what was computed can still be read."""
        self._cancel(self)

    # What readers use

    def since(self, position: int, most: int = AT_ONCE) -> tuple[list[bytes], bool]:
        """The next pickled frames from this position on, at most so many, and whether the job has ended."""
        with self._lock:
            return self._frames[position : position + most], self._status.ended

    @contextlib.contextmanager
    def watched_by(self, wake: Callable[[], object]) -> Iterator[None]:
        """Call `wake`, from any thread, whenever there are more frames and when the job ends."""
        with self._lock:
            self._watchers.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.discard(wake)

    # What the scheduler tells: all of it is ignored once the job has ended

    def wait(self, place: int) -> None:
        """It stands at this place of the queue."""
        self._change(state="queued", place=place)

    def begin(self) -> None:
        """A worker has it."""
        self._change(state="running", place=0)

    def extend(self, frames: list[bytes]) -> None:
        """A worker has computed these frames."""
        with self._lock:
            if not self._status.ended:
                self._frames += frames
        self._wake()

    def end(self, state: State, sentence: str = "") -> None:
        """There will be no more."""
        self._change(state=state, place=0, sentence=sentence)
        self._wake()

    def _change(self, **fields: Any) -> None:
        with self._lock:
            if not self._status.ended:
                self._status = replace(self._status, **fields)

    def _wake(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for wake in watchers:
            with contextlib.suppress(RuntimeError):  # the reader's event loop is closed
                wake()


class Frames:
    """The frames of a job from a position on; each loop over it reads them anew."""

    def __init__(self, job: Job, start: int):
        require.whole("start", start, 0, 10**12)
        self._job = job
        self._start = start

    def __iter__(self) -> Iterator[Any]:
        """Blocks while the next frame is computed; ends with the job."""
        news = threading.Event()
        position = self._start
        with self._job.watched_by(news.set):
            while True:
                news.clear()  # before looking: what comes afterwards sets it again
                frames, ended = self._job.since(position)
                for frame in frames:
                    yield unpacked(frame)
                position += len(frames)
                if not frames and ended:
                    return
                if not frames:
                    news.wait()

    async def __aiter__(self) -> AsyncIterator[Any]:
        """The same, without blocking the event loop."""
        async for frames in self.batches():
            for frame in frames:
                yield frame

    async def batches(self, most: int = AT_ONCE, patience: float | None = None) -> AsyncIterator[list[Any]]:
        """As many at a time as there are, up to `most`; an empty list where none came for `patience` seconds."""
        news = asyncio.Event()
        position = self._start
        with self._job.watched_by(partial(asyncio.get_running_loop().call_soon_threadsafe, news.set)):
            while True:
                news.clear()
                frames, ended = self._job.since(position, most)
                position += len(frames)
                if frames:
                    yield [unpacked(frame) for frame in frames]
                elif ended:
                    return
                elif not await _happens(news, patience):
                    yield []


async def _happens(event: asyncio.Event, seconds: float | None) -> bool:
    """Waits for the event, but no longer than this; whether it has happened."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def unpacked(frame: bytes) -> Any:
    """The frame as the function yielded it: every reader's own copy."""
    return pickle.loads(frame)  # noqa: S301 - pickled by this server's own worker
