"""Knows what a worker was told and has not done yet; ends the process where nobody wants what it computes any more.

A worker listens between its turns, and one step may take seconds. What was stopped in the middle of such a step would
outlive its reader by all of them.
"""

import os
import threading
import time
from queue import SimpleQueue

from dlcore.jobs.messages import Message, Start, Stop

GRACE = 3.0  # seconds that a step nobody wants may still take
EVERY = 0.5  # seconds between two looks


class Orders:
    """A queue from the thread that hears them to the one that does them."""

    def __init__(self, grace: float = GRACE) -> None:
        self._queue: SimpleQueue[Message] = SimpleQueue()
        self._grace = grace
        self._wanted: set[str] = set()  # runs
        self._idle_since = 0.0  # when the last of them was stopped
        threading.Thread(target=self._watch, name="job-orders", daemon=True).start()

    def put(self, message: Message) -> None:
        """Put aside what is said."""
        match message:
            case Start():
                self._wanted.add(message.job)
            case Stop(job):
                self.over(job)
        self._queue.put(message)

    def get(self) -> Message:
        """What is to be done next; waits for it."""
        return self._queue.get()

    def empty(self) -> bool:
        """Nothing is to be done."""
        return self._queue.empty()

    def over(self, job: str) -> None:
        """This run has ended, or shall."""
        self._wanted.discard(job)
        if not self._wanted:
            self._idle_since = time.monotonic()

    def _watch(self) -> None:
        while True:
            time.sleep(EVERY)
            is_deaf = not self._queue.empty() and not self._wanted
            if is_deaf and time.monotonic() - self._idle_since > self._grace:
                os._exit(1)
