"""Knows who wants which computation, and what is kept of those that have ended; not where they run, nor who waits.

It has no lock of its own: the scheduler's guards it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from dlcore.jobs.job import Job
from dlcore.jobs.limits import Limits
from dlcore.jobs.messages import Start
from dlcore.jobs.work import Work

OVERHEAD = 100_000  # bytes of a task without frames and config: less, but all are looked through when one is asked for


def _size(task: "Task") -> int:
    """Bytes that an ended task takes; its config, which may hold a picture, is there twice."""
    return task.work.num_bytes + 2 * len(task.start.config) + OVERHEAD


@dataclass(eq=False)
class Task:
    """A computation, and the jobs of all who have asked for it and are still known."""

    work: Work
    start: Start
    jobs: list[Job] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)  # whose run it is; when the last has stopped it, still theirs
    wanted: bool = True
    since: float = field(default_factory=time.monotonic)  # when it began to wait, or to run
    stops_at: float = inf  # when nobody has wanted it for long enough

    def leave(self, job: Job) -> None:
        """One owner does not want it any more."""
        job.leave()
        self.wanted = any(not job.status.ended for job in self.jobs)
        if self.wanted:
            self.owners.discard(job.owner)

    def lap(self) -> float:
        """Seconds that it has waited, or run."""
        before, self.since = self.since, time.monotonic()
        return self.since - before


class Book:
    """All tasks: those that have not ended, and as many ended ones as are kept."""

    def __init__(self, limits: Limits, cancel: Callable[[Job], None]):
        """`cancel` is what a job does that is stopped."""
        self._limits = limits
        self._cancel = cancel
        self.tasks: dict[str, Task] = {}  # by the work's id; those that were asked for last are last
        self.jobs: dict[str, Job] = {}  # by id

    @property
    def num_bytes(self) -> int:
        """What the frames of all tasks take."""
        return sum(task.work.num_bytes for task in self.tasks.values())

    def task_of(self, job: Job) -> Task:
        """What the job is a view of."""
        return self.tasks[job.work.id]

    def equal(self, what: tuple[Any, ...]) -> Task | None:
        """The task of equal work whose frames are to be had: it waits, runs, or is done."""
        for task in self.tasks.values():
            if task.work.state in ("queued", "running", "done") and task.work.what == what:
                return task
        return None

    def job_of(self, task: Task, owner: str) -> Job | None:
        """The owner's job of this task, if they have not stopped it."""
        return next((job for job in task.jobs if job.owner == owner and job.status.state != "stopped"), None)

    def add(self, task: Task, owner: str) -> Job:
        """A job of this task for this owner."""
        job = Job(owner, task.work, self._cancel)
        self.jobs[job.id] = job
        self.tasks[task.work.id] = self.tasks.pop(task.work.id, task)
        task.jobs.append(job)
        if not task.work.ended:
            task.owners = task.owners | {owner} if task.wanted else {owner}
            task.wanted, task.stops_at = True, inf
        self.tidy([owner])
        return job

    def forget(self, owner: str) -> list[Task]:
        """The owner has gone: their jobs with them. Returns the tasks that nobody else wants."""
        jobs = [job for job in self.jobs.values() if job.owner == owner]
        for job in jobs:
            self.task_of(job).leave(job)
        tasks = [self.task_of(job) for job in jobs]
        for job in jobs:
            self._drop(job)
        return [task for task in tasks if not task.wanted and not task.work.ended]

    def unwanted(self) -> list[Task]:
        """The tasks that nobody has wanted for long enough."""
        now = time.monotonic()
        return [task for task in self.tasks.values() if task.stops_at <= now and not task.work.ended]

    def keep(self, task: Task) -> None:
        """The task has ended: keep it while there is room, if it is of any use."""
        if task.jobs or task.work.state == "done":
            self.tidy([job.owner for job in task.jobs])
        else:
            del self.tasks[task.work.id]

    def tidy(self, owners: list[str]) -> None:
        """Forget the oldest ended jobs of these owners, and the oldest ended tasks beyond the memory that there is.

        Those that nobody looks at go first.
        """
        for owner in owners:
            ended = [job for job in self.jobs.values() if job.owner == owner and job.status.ended]
            for job in ended[: max(0, len(ended) - self._limits.kept_per_owner)]:
                self._drop(job)
        ended = [task for task in self.tasks.values() if task.work.ended]
        too_much = sum(map(_size, ended)) - self._limits.kept_bytes
        for task in sorted(ended, key=lambda task: bool(task.jobs)):  # stable: the oldest first
            if too_much <= 0:
                return
            too_much -= _size(task)
            for job in task.jobs:
                del self.jobs[job.id]
            del self.tasks[task.work.id]

    def _drop(self, job: Job) -> None:
        """Forget a job that has ended, and its task where that is of no use to anybody else."""
        task = self.task_of(job)
        del self.jobs[job.id]
        task.jobs.remove(job)
        if not task.jobs and task.work.state in ("stopped", "failed"):
            del self.tasks[task.work.id]
