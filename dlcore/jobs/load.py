"""Knows what a host may ask: how many runs there are and were, how long they took, and in which processes."""

from collections import Counter
from dataclasses import dataclass, field, replace

from dlcore.jobs.work import State


@dataclass(kw_only=True)
class Tally:
    """What has happened since the server was started."""

    submitted: int = 0  # runs asked for
    shared: int = 0  # of these, such as were computed for somebody else, or had been
    ended: Counter[State] = field(default_factory=Counter)
    waited_seconds: float = 0.0  # in the queue, all runs together
    ran_seconds: float = 0.0  # with a worker, all runs together; turns are shared with others
    lost_workers: int = 0

    def copy(self) -> "Tally":
        """As it is now."""
        return replace(self, ended=Counter(self.ended))


@dataclass(frozen=True, kw_only=True)
class Load:
    """How things stand."""

    running: int
    waiting: int
    num_bytes: int  # of frames that are kept, of runs that have ended and of those that have not
    able: int  # workers that can take a run
    pids: tuple[int, ...]  # of the workers that are up on this machine
    tally: Tally
