"""Whose script runs: one at a time, in the order in which readers came, for all share one interpreter.

Two at once take more than twice as long as one after the other: torch lets go of the interpreter's lock in every
operation, and each time another thread takes it. Nobody waits longer than PATIENCE for a slow one.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

PATIENCE = 1.0  # seconds


class Turns:
    """A queue of threads, which none stands in for longer than `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._free = threading.Semaphore()
        self._counting = threading.Lock()
        self.num_waiting = 0  # threads whose turn it is not yet

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Waits until it is this thread's turn, or for as long as anybody waits; the block is its turn."""
        with self._counting:
            self.num_waiting += 1
        mine = self._free.acquire(timeout=self._patience)
        with self._counting:
            self.num_waiting -= 1
        try:
            yield
        finally:
            if mine:
                self._free.release()


@cache
def turns() -> Turns:
    """Those of this server."""
    return Turns(PATIENCE)
