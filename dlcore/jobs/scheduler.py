"""Knows who runs now, on which worker, and who waits; does not know how processes are started, nor what they compute.

One lock guards all of it. One thread a worker listens to what that worker says, and starts it again when it is lost.
"""

import logging
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from dlcore import require
from dlcore.jobs.job import Job
from dlcore.jobs.limits import Limits
from dlcore.jobs.messages import Chunk, End, Ending, Message, Ready, Start, Stop
from dlcore.jobs.processes import PATIENCE, Forks, Process, Programs

LOST = "The process that computed this run has ended before its time. Press “Go on” to compute it again."
GONE = "The server is being stopped: try again when it is back."
DOUBLINGS = 5  # of the pause before a worker is started again that did not come up: 0, 1, 3, ... 31 seconds
METHODS = {"fork": Forks, "spawn": Programs}

log = logging.getLogger(__name__)


class Jobs:
    """A few worker processes and the jobs that they take turns at; as a context manager it is shut down at the end."""

    def __init__(
        self,
        num_workers: int | None = None,
        *,
        limits: Limits | None = None,
        preload: tuple[str, ...] = ("torch",),
        method: str | None = None,
    ):
        """By default one worker a core, at most 4; each imports the modules of `preload` before its first run.

        `method` is "fork" (the default on Linux: workers share the memory of what is preloaded) or "spawn".

        Raises: ValueError naming the argument out of its range.
        """
        num_workers = num_workers or min(4, os.cpu_count() or 1)
        method = method or ("fork" if sys.platform == "linux" else "spawn")
        require.whole("num_workers", num_workers, 1, 256)
        require.one_of("method", method, METHODS)
        self._limits = limits or Limits()
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}  # by id: all that wait or run, and the ended ones that are kept
        self._starts: dict[str, Start] = {}  # by id: those that wait, in their order
        self._closing = threading.Event()
        self._factory = METHODS[method](preload)
        self._workers = [_Worker(self._factory.start()) for _ in range(num_workers)]
        self._threads = [
            threading.Thread(target=self._attend, args=(worker,), name="job-worker", daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, make_frames: Callable[[Any], Iterator[Any]], config: Any, *, owner: str) -> Job:
        """Have make_frames(config) run; the same call again gives the same job, unless that was stopped or has failed.

        `make_frames` is a function at the top of a module; its frames and the config can be pickled, and configs be
        compared by ==. A job waits in the queue while the server, or its owner, has as many runs as it may.

        Raises: ValueError, with a sentence for the reader, where the queue is full or the server is being stopped;
            and where `make_frames` has no name that a worker could import.
        """
        module, name = _name_of(make_frames)
        what = (module, name, config)
        packed = pickle.dumps(config, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            if same := self._same(owner, what):
                return same
            self._refuse(owner)
            job = Job(owner, what, self._cancel)
            self._jobs[job.id] = job
            self._starts[job.id] = Start(job.id, module, name, packed, self._limits)
            self._dispatch()
        return job

    def find(self, job_id: str) -> Job | None:
        """The job of this id, as an address may hold it; None where there is none, or none any more."""
        with self._lock:
            return self._jobs.get(job_id)

    @property
    def num_running(self) -> int:
        """Runs that workers have; one that is stopped counts until its worker lets go of it."""
        with self._lock:
            return sum(len(worker.jobs) for worker in self._workers)

    @property
    def num_waiting(self) -> int:
        """Jobs in the queue."""
        with self._lock:
            return len(self._starts)

    def close(self, owner: str) -> None:
        """The owner has gone: stop all its jobs, and forget them."""
        with self._lock:
            jobs = self._owned(owner)
            for job in jobs:
                self._starts.pop(job.id, None)
            for job in jobs:
                self._cancel(job)
                self._jobs.pop(job.id, None)

    def shutdown(self) -> None:
        """Stop all jobs and end all processes; returns when they have gone."""
        with self._lock:
            self._closing.set()
            self._starts.clear()
            for job in self._jobs.values():
                job.end("stopped", GONE)
            for worker in self._workers:
                worker.process.hang_up()
        for worker, thread in zip(self._workers, self._threads, strict=True):
            thread.join(PATIENCE)
            if thread.is_alive():
                worker.process.kill()
        self._factory.close()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    # Under the lock: who waits, who runs

    def _owned(self, owner: str) -> list[Job]:
        return [job for job in self._jobs.values() if job.owner == owner]

    def _same(self, owner: str, what: tuple[Any, ...]) -> Job | None:
        """The owner's job that does this work, or has done it."""
        for job in self._owned(owner):
            if job.what == what and job.status.state in ("queued", "running", "done"):
                return job
        return None

    def _refuse(self, owner: str) -> None:
        """Refuse a job that would have to wait where no more may."""
        if self._closing.is_set():
            raise ValueError(GONE)
        if self._free_worker(owner):
            return
        waiting = sum(self._jobs[job_id].owner == owner for job_id in self._starts)
        if waiting >= self._limits.waiting_per_owner:
            raise ValueError(f"{waiting} of your runs are waiting already: stop one of them, or wait for it.")
        if len(self._starts) >= self._limits.waiting:
            raise ValueError(f"The server is busy, and {len(self._starts)} runs are waiting: try again in a while.")

    def _free_worker(self, owner: str) -> "_Worker | None":
        """The worker with the fewest runs, if this owner may have one more; a run counts until its worker lets go."""
        running = [job.owner for worker in self._workers for job in worker.jobs.values()]
        if len(running) >= self._limits.running or running.count(owner) >= self._limits.running_per_owner:
            return None
        return min((worker for worker in self._workers if worker.up), key=lambda worker: len(worker.jobs), default=None)

    def _dispatch(self) -> None:
        """Give to the workers what may run now, and tell the others their places."""
        for job_id, start in list(self._starts.items()):
            job = self._jobs[job_id]
            if worker := self._free_worker(job.owner):
                del self._starts[job_id]
                worker.jobs[job_id] = job
                job.begin()
                worker.process.send(start)
        for place, job_id in enumerate(self._starts, 1):
            self._jobs[job_id].wait(place)

    def _cancel(self, job: Job) -> None:
        with self._lock:
            self._starts.pop(job.id, None)
            for worker in self._workers:
                if job.id in worker.jobs:
                    worker.process.send(Stop(job.id))
            self._ended(job, "stopped")
            self._dispatch()

    def _ended(self, job: Job, state: Ending, sentence: str = "") -> None:
        """Tell the job, and forget its owner's oldest ended ones."""
        job.end(state, sentence)
        ended = [job for job in self._owned(job.owner) if job.status.ended]
        for old in ended[: max(0, len(ended) - self._limits.kept_per_owner)]:
            del self._jobs[old.id]

    # In the thread of each worker

    def _attend(self, worker: "_Worker") -> None:
        """Listen to it; when it has ended start it again, at longer intervals if it does not come up."""
        failures = 0
        while True:
            for message in worker.process.messages():
                self._hear(worker, message)
                failures = 0
            self._lose(worker)
            while not worker.up:
                if self._closing.wait(2 ** min(failures, DOUBLINGS) - 1):
                    return
                self._restart(worker)
                failures += 1

    def _hear(self, worker: "_Worker", message: Message) -> None:
        with self._lock:
            match message:
                case Ready():
                    worker.process.pid = message.pid
                case Chunk():
                    worker.jobs[message.job].extend(message.frames)
                case End():
                    if message.trace:
                        log.error("a run failed: %s", message.trace)
                    self._ended(worker.jobs.pop(message.job), message.state, message.sentence)
                    self._dispatch()

    def _lose(self, worker: "_Worker") -> None:
        """It has ended: its runs have failed."""
        with self._lock:
            if not self._closing.is_set():
                log.error("a worker process was lost, with %d runs", len(worker.jobs))
            worker.up = False
            for job in worker.jobs.values():
                self._ended(job, "failed", LOST)
            worker.jobs.clear()
            self._dispatch()

    def _restart(self, worker: "_Worker") -> None:
        """Start it again, unless the server is being stopped."""
        with self._lock:
            if self._closing.is_set():
                return
            try:
                worker.process = self._factory.start()
            except OSError:
                log.exception("a worker process cannot be started")
                return
            worker.up = True
            self._dispatch()


@dataclass(eq=False)
class _Worker:
    """What the scheduler knows of one worker."""

    process: Process
    up: bool = True  # or about to be: it can be spoken to
    jobs: dict[str, Job] = field(default_factory=dict)  # by id: those it has not let go of


def _name_of(make_frames: Callable[..., Any]) -> tuple[str, str]:
    """Module and name by which a worker can import it.

    Raises: ValueError where there is none, as for lambdas, methods, and what a page defines.
    """
    module, name = getattr(make_frames, "__module__", ""), getattr(make_frames, "__qualname__", "")
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not make_frames:
        raise ValueError(f"make_frames is {make_frames!r}: it must be a function at the top of a module.")
    return module, name
