"""Knows how much one run, one owner and the whole server may take; does not know who counts."""

from dataclasses import dataclass

from dlcore import require


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What ends a run, and what lets it wait.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    running: int = 32  # at once, of all owners together
    running_per_owner: int = 4
    waiting: int = 200  # of all owners together; one more is refused
    waiting_per_owner: int = 8
    kept_per_owner: int = 2  # ended jobs whose frames can still be read
    kept_bytes: int = 256_000_000  # frames of ended runs, of all owners together; the oldest are forgotten first
    linger_seconds: float = 5.0  # that a run goes on when its last owner has gone: a page may be read anew
    num_frames: int = 20_000  # of one run
    num_bytes: int = 64_000_000  # of one run's frames
    run_bytes: int = 1_500_000_000  # of memory that one run takes while it is computed; on Linux
    worker_bytes: int = 3_000_000_000  # of memory of a process, which is ended beyond it; on Linux
    seconds: float = 300.0  # of one run, from its start; its turns are shared with others
    step_seconds: float = 120.0  # of one frame: then its process is taken for stuck, and is ended

    def __post_init__(self) -> None:
        for name in ("running", "running_per_owner", "num_frames", "num_bytes", "run_bytes", "worker_bytes"):
            require.whole(name, getattr(self, name), 1, 10**12)
        for name in ("waiting", "waiting_per_owner", "kept_per_owner", "kept_bytes"):
            require.whole(name, getattr(self, name), 0, 10**12)
        require.number("linger_seconds", self.linger_seconds, 0, 60)
        require.number("seconds", self.seconds, 0.01, 1e6)
        require.number("step_seconds", self.step_seconds, 0.01, 1e6)
