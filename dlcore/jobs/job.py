"""Knows one job, which is one owner's view of a computation, and its frames, read from any position, by anyone, again.

Owners who ask for equal work have a job each and one computation. Who stops theirs stops it for themselves.
"""

import asyncio
import contextlib
import pickle
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from dlcore import require
from dlcore.jobs.work import AT_ONCE, Status, Work


class Job:
    """What one owner has submitted."""

    def __init__(self, owner: str, work: Work, cancel: Callable[["Job"], None]):
        """`cancel` is what the scheduler does to stop it."""
        self.id = secrets.token_urlsafe(16)  # not to be guessed: it may stand in an address
        self.owner = owner
        self.work = work
        self._cancel = cancel
        self._left: Status | None = None  # how it stood when its owner stopped it

    @property
    def status(self) -> Status:
        """How it stands now."""
        return self._left or self.work.status

    def frames(self, start: int = 0) -> "Frames":
        """The frames from this position on, as they are computed: for `for` and for `async for`, as often as wished.

        Raises: ValueError for a position below 0.
        """
        return Frames(self, start)

    def cancel(self) -> None:
        """Stop it, if it has not ended; what was computed can still be read, and others who want it are not touched."""
        self._cancel(self)

    def leave(self) -> None:
        """From now on it has ended for its owner, whoever goes on."""
        status = self.status
        if not status.ended:
            self._left = replace(status, state="stopped", place=0)
            self.work.wake()

    # What readers use

    def since(self, position: int, most: int = AT_ONCE) -> tuple[list[bytes], bool]:
        """The next pickled frames from this position on, at most so many, and whether the job has ended."""
        if self._left is None:
            return self.work.since(position, most)
        return self.work.since(position, max(0, min(most, self._left.num_frames - position)))[0], True

    def watched_by(self, wake: Callable[[], object]) -> contextlib.AbstractContextManager[None]:
        """Call `wake`, from any thread, whenever there are more frames and when the job ends."""
        return self.work.watched_by(wake)


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
                yield unpacked(frame)

    async def batches(self, most: int = AT_ONCE, patience: float | None = None) -> AsyncIterator[list[bytes]]:
        """As many at a time as there are, up to `most`; an empty list where none came for `patience` seconds.

        Pickled as they were sent, for who may not need to read them: see `unpacked`.
        """
        news = asyncio.Event()
        position = self._start
        with self._job.watched_by(partial(asyncio.get_running_loop().call_soon_threadsafe, news.set)):
            while True:
                news.clear()
                frames, ended = self._job.since(position, most)
                position += len(frames)
                if frames:
                    yield frames
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
