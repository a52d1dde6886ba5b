"""Runs that are computed only when somebody reads them: a page is tested here, and not the workers behind it."""

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from dlcore.jobs import Job
from dlcore.jobs.work import AT_ONCE, Work


class IdleJob(Job):
    """A run whose frames are all computed, in this process, when the first of them is asked for."""

    def __init__(self, owner: str, make_frames: Callable[[Any], Iterator[Any]], config: Any) -> None:
        super().__init__(owner, Work((make_frames.__qualname__, config)), Job.leave)
        self.work.begin()
        self._make = lambda: make_frames(copy.deepcopy(config))  # a worker has its own

    def since(self, position: int, most: int = AT_ONCE) -> tuple[list[bytes], bool]:
        if not self.status.ended:
            self.work.extend([pickle.dumps(frame) for frame in self._make()])
            self.work.end("done")
        return super().since(position, most)


class IdleJobs:
    """Takes runs as `Jobs` does."""

    def __init__(self) -> None:
        self._jobs: dict[str, IdleJob] = {}

    def submit(self, make_frames: Callable[[Any], Iterator[Any]], config: Any, *, owner: str) -> IdleJob:
        job = IdleJob(owner, make_frames, config)
        self._jobs[job.id] = job
        return job

    def find(self, job_id: str) -> IdleJob | None:
        return self._jobs.get(job_id)

    def close(self, owner: str) -> None:
        self._jobs = {job_id: job for job_id, job in self._jobs.items() if job.owner != owner}
