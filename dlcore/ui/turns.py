"""Whose script runs: one at a time, in the order in which readers came, for all share one interpreter.

Two at once take more than twice as long as one after the other: torch lets go of the interpreter's lock in every
operation, and each time another thread takes it. Nobody waits longer than PATIENCE for a slow one.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

PATIENCE = 1.0  # seconds


class Turns:
    """A queue of threads, which none stands in for longer than `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    @property
    def num_waiting(self) -> int:
        """Threads whose turn it is not yet."""
        return len(self._waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Waits until it is this thread's turn, or for as long as anybody waits; the block is its turn."""
        mine = self._begin()
        try:
            yield
        finally:
            if mine:
                self._hand_over()

    def _begin(self) -> bool:
        """Whether it is this thread's turn now."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(self._patience):
            return True
        with self._lock:
            if turn.is_set():  # just now
                return True
            self._waiting.remove(turn)
            return False

    def _hand_over(self) -> None:
        """Gives it to who has waited longest: a lock that is merely let go of is taken by whoever runs at the moment,
        and that is the reader who drags a slider, again and again.
        """
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


@cache
def turns() -> Turns:
    """Those of this server."""
    return Turns(PATIENCE)
