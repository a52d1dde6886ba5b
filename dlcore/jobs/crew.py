"""Knows which runs each worker has, and which worker may take another; not how workers are started, nor who waits."""

from dataclasses import dataclass, field

from dlcore.jobs.book import Task
from dlcore.jobs.cluster import Remote
from dlcore.jobs.limits import Limits
from dlcore.jobs.messages import Stop
from dlcore.jobs.processes import Process

LOST = "The process that computed this run has ended before its time. Press “Go on” to compute it again."


@dataclass(eq=False)
class Worker:
    """One worker, as the scheduler sees it."""

    process: Process | Remote
    last_words: str = LOST  # what is told of the runs that are lost with it
    up: bool = True  # or about to be: it can be spoken to
    tasks: dict[str, Task] = field(default_factory=dict)  # by the work's id: those it has not let go of

    def take(self, task: Task) -> None:
        """Run this."""
        self.tasks[task.work.id] = task
        task.work.begin()
        self.process.send(task.start)


class Crew(list[Worker]):
    """All workers."""

    @property
    def tasks(self) -> list[Task]:
        """What they run; what is stopped counts until its worker lets go."""
        return [task for worker in self for task in worker.tasks.values()]

    @property
    def able(self) -> list[Worker]:
        """Those that can take a run."""
        return [worker for worker in self if worker.up and worker.process.ready]

    def free(self, owners: set[str], limits: Limits) -> Worker | None:
        """The worker with the fewest runs, if one of these owners may have one more."""
        tasks = self.tasks
        fewest = min(sum(owner in task.owners for task in tasks) for owner in owners)
        if len(tasks) >= limits.running or fewest >= limits.running_per_owner:
            return None
        return min(self.able, key=lambda worker: len(worker.tasks), default=None)

    def stop(self, task: Task) -> None:
        """Whoever runs it shall let go of it."""
        for worker in self:
            if task.work.id in worker.tasks:
                worker.process.send(Stop(task.work.id))
