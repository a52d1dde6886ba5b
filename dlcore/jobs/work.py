"""Knows one computation: how it stands, and the frames computed so far; not who wants it, nor who computes it.

Frames are kept as they were sent, pickled: readers cannot spoil one another's, and how much memory they take is known.
"""

import contextlib
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

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


class Work:
    """One computation of frames(config), for all who want it."""

    def __init__(self, what: tuple[Any, ...]):
        """`what` is equal for equal work."""
        self.id = secrets.token_urlsafe(16)
        self.what = what
        self.num_bytes = 0  # of all its frames
        self._lock = threading.Lock()
        self._status = Status()
        self._frames: list[bytes] = []
        self._watchers: set[Callable[[], object]] = set()

    @property
    def status(self) -> Status:
        """How it stands now."""
        with self._lock:
            return replace(self._status, num_frames=len(self._frames))

    @property
    def state(self) -> State:
        """Of its status, which takes longer to copy."""
        return self._status.state

    @property
    def ended(self) -> bool:
        """There will be no more frames."""
        return self._status.ended

    # What readers use

    def since(self, position: int, most: int = AT_ONCE) -> tuple[list[bytes], bool]:
        """The next pickled frames from this position on, at most so many, and whether the work has ended."""
        with self._lock:
            return self._frames[position : position + most], self._status.ended

    @contextlib.contextmanager
    def watched_by(self, wake: Callable[[], object]) -> Iterator[None]:
        """Call `wake`, from any thread, whenever there are more frames and when it ends."""
        with self._lock:
            self._watchers.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.discard(wake)

    def wake(self) -> None:
        """Have all readers look again."""
        with self._lock:
            watchers = list(self._watchers)
        for wake in watchers:
            with contextlib.suppress(RuntimeError):  # the reader's event loop is closed
                wake()

    # What the scheduler tells: all of it is ignored once the work has ended

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
                self.num_bytes += sum(map(len, frames))
        self.wake()

    def end(self, state: State, sentence: str = "") -> None:
        """There will be no more."""
        self._change(state=state, place=0, sentence=sentence)
        self.wake()

    def _change(self, **fields: Any) -> None:
        with self._lock:
            if not self._status.ended:
                self._status = replace(self._status, **fields)


def name_of(make_frames: Callable[..., Any]) -> tuple[str, str]:
    """Module and name by which a worker can import it.

    Raises: ValueError where there is none, as for lambdas, methods, and what a page defines.
    """
    module, name = getattr(make_frames, "__module__", ""), getattr(make_frames, "__qualname__", "")
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not make_frames:
        raise ValueError(f"make_frames is {make_frames!r}: it must be a function at the top of a module.")
    return module, name
