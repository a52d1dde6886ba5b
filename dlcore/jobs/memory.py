"""Knows how much memory this process has, and ends it when that is too much. Counts on Linux only."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

STATM = Path("/proc/self/statm")
EVERY = 0.1  # seconds between two looks


class Memory:
    """The memory of the process that makes it; to be made after a fork."""

    def __init__(self) -> None:
        self._file = os.open(STATM, os.O_RDONLY) if STATM.exists() else None
        self._page = os.sysconf("SC_PAGE_SIZE") if STATM.exists() else 0

    def num_bytes(self) -> int:
        """What is held now, in memory and not only in promises; pages shared with other workers count, too."""
        if self._file is None:
            return 0
        return int(os.pread(self._file, 200, 0).split()[1]) * self._page  # 2 µs


class Guard:
    """Looks at the memory of this process from a thread of its own, so that even a single step cannot take it all."""

    def __init__(self, memory: Memory, last_words: Callable[[int], object]):
        """`last_words` is called with the limit that was broken before the process ends."""
        self.limit = 0  # bytes; 0: none
        self._memory = memory
        self._last_words = last_words
        threading.Thread(target=self._watch, name="job-memory", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(EVERY)
            if self.limit and self._memory.num_bytes() > self.limit:
                self._last_words(self.limit)
                os._exit(1)
