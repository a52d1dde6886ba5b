"""Knows who runs now, on which worker, and who waits; does not know how processes are started, nor what they compute.

One lock guards all of it. One thread a worker listens to what that worker says, and starts it again when it is lost.
"""

import logging
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from dlcore import require
from dlcore.jobs.book import Book, Task
from dlcore.jobs.cluster import Actors
from dlcore.jobs.crew import LOST, Crew, Worker
from dlcore.jobs.job import Job
from dlcore.jobs.limits import Limits
from dlcore.jobs.load import Load, Tally
from dlcore.jobs.messages import Chunk, End, Ending, Message, Over, Ready, Start
from dlcore.jobs.processes import PATIENCE, Forks, Programs
from dlcore.jobs.work import Work, name_of

OVER = (
    "The process that computed this run took more than {:g} GB of memory, and was ended. "
    "Press “Go on” to compute it again."
)
GONE = "The server is being stopped: try again when it is back."
DOUBLINGS = 5  # of the pause before a worker is started again that did not come up: 0, 1, 3, ... 31 seconds
METHODS = {"fork": Forks, "spawn": Programs}  # and Ray, by address

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
        nice: int = 0,
        ray: str = "",
    ):
        """By default one worker a core, at most 4; each imports the modules of `preload` before its first run,
        and calls their `in_worker()` where they have one.

        `method` is "fork" (the default on Linux: workers share the memory of what is preloaded) or "spawn"; `nice`, 0
        to 19, is how far workers give way to all else on this machine. `ray` is the address of a Ray cluster whose
        actors are the workers instead, "auto" where this machine is a node of one.

        Raises: ValueError naming the argument out of its range, or why there is no such cluster.
        """
        num_workers = num_workers or min(4, os.cpu_count() or 1)
        method = method or ("fork" if sys.platform == "linux" else "spawn")
        require.whole("num_workers", num_workers, 1, 256)
        require.one_of("method", method, METHODS)
        require.whole("nice", nice, 0, 19)
        self._limits, self._lock = limits or Limits(), threading.RLock()
        self._book = Book(self._limits, self._cancel)
        self._queue: dict[str, Task] = {}  # by the work's id: those that wait, in their order
        self._tally, self._closing = Tally(), threading.Event()
        self._factory = Actors(preload, ray, num_workers) if ray else METHODS[method](preload, nice)
        self._workers = Crew(Worker(self._factory.start()) for _ in range(num_workers))
        self._threads = [
            threading.Thread(target=self._attend, args=(worker,), name="job-worker", daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, make_frames: Callable[[Any], Iterator[Any]], config: Any, *, owner: str) -> Job:
        """Have make_frames(config) run; the same call again gives the same job, unless that was stopped or has failed.

        Owners who ask for equal work have a job each and share what is computed, or was and is still kept.
        `make_frames` is a function at the top of a module; its frames and the config can be pickled, and configs be
        compared by ==. A job waits in the queue while the server, or its owner, has as many runs as it may.

        Raises: ValueError, with a sentence for the reader, where the queue is full or the server is being stopped;
            and where `make_frames` has no name that a worker could import.
        """
        module, name = name_of(make_frames)
        what = (module, name, config)
        packed = pickle.dumps(config, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            if task := self._book.equal(what):
                if job := self._book.job_of(task, owner):
                    return job
                self._tally.shared += 1
            else:
                self._refuse(owner)
                work = Work(what)
                task = self._queue[work.id] = Task(work, Start(work.id, module, name, packed, self._limits))
            self._tally.submitted += 1
            job = self._book.add(task, owner)
            self._dispatch()
        return job

    def find(self, job_id: str) -> Job | None:
        """The job of this id, as an address may hold it; None where there is none, or none any more."""
        with self._lock:
            return self._book.jobs.get(job_id)

    @property
    def num_running(self) -> int:
        """Runs that workers have; one that is stopped counts until its worker lets go of it."""
        with self._lock:
            return len(self._workers.tasks)

    @property
    def num_waiting(self) -> int:
        """Runs in the queue."""
        with self._lock:
            return len(self._queue)

    @property
    def load(self) -> Load:
        """How things stand, for who looks after the server."""
        with self._lock:
            return Load(
                running=self.num_running,
                waiting=self.num_waiting,
                num_bytes=self._book.num_bytes,
                able=len(self._workers.able),
                pids=tuple(worker.process.pid for worker in self._workers if worker.up and worker.process.pid),
                tally=self._tally.copy(),
            )

    @property
    def worker_pids(self) -> list[int]:
        """The workers that are up; none of a cluster's."""
        return list(self.load.pids)

    @property
    def num_restarts(self) -> int:
        """How many workers were lost so far."""
        return self.load.tally.lost_workers

    def close(self, owner: str) -> None:
        """The owner has gone: forget their jobs, and stop what nobody wants if nobody comes back for it."""
        with self._lock:
            seconds = self._limits.linger_seconds
            left = self._book.forget(owner)
            for task in left:
                task.stops_at = time.monotonic() + seconds
            if left and seconds:
                timer = threading.Timer(seconds, self._stop_unwanted)
                timer.daemon = True
                timer.start()
            self._stop_unwanted()

    def shutdown(self) -> None:
        """Stop all jobs and end all processes; returns when they have gone."""
        with self._lock:
            self._closing.set()
            self._queue.clear()
            for task in self._book.tasks.values():
                task.work.end("stopped", GONE)
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

    def _refuse(self, owner: str) -> None:
        """Refuse a job that would have to wait where no more may."""
        if self._closing.is_set():
            raise ValueError(GONE)
        if self._workers.free({owner}, self._limits):
            return
        waiting = sum(owner in task.owners for task in self._queue.values())
        if waiting >= self._limits.waiting_per_owner:
            raise ValueError(f"{waiting} of your runs are waiting already: stop one of them, or wait for it.")
        if len(self._queue) >= self._limits.waiting:
            raise ValueError(f"The server is busy, and {len(self._queue)} runs are waiting: try again in a while.")

    def _dispatch(self) -> None:
        """Give to the workers what may run now, and tell the others their places."""
        for task in list(self._queue.values()):
            if task.wanted and (worker := self._workers.free(task.owners, self._limits)):
                del self._queue[task.work.id]
                self._tally.waited_seconds += task.lap()
                worker.take(task)
        for place, task in enumerate(self._queue.values(), 1):
            task.work.wait(place)
        if len(self._workers.tasks) >= self._limits.running and any(task.wanted for task in self._queue.values()):
            for task in self._workers.tasks:  # nobody may linger where somebody waits
                if not task.wanted and not task.work.ended:
                    self._stop(task)

    def _cancel(self, job: Job) -> None:
        with self._lock:
            if job.status.ended:
                return
            task = self._book.task_of(job)
            task.leave(job)
            if not task.wanted:
                self._stop(task)
            self._book.tidy([job.owner])
            self._dispatch()

    def _stop_unwanted(self) -> None:
        with self._lock:
            for task in self._book.unwanted():
                self._stop(task)
            self._dispatch()

    def _stop(self, task: Task) -> None:
        self._queue.pop(task.work.id, None)
        self._workers.stop(task)
        self._end(task, "stopped")

    def _end(self, task: Task, state: Ending, sentence: str = "") -> None:
        if not task.work.ended:  # or it was stopped, and its worker has let go of it
            if task.work.state == "running":
                self._tally.ran_seconds += task.lap()
            self._tally.ended[state] += 1
            task.work.end(state, sentence)
            self._book.keep(task)

    # In the thread of each worker

    def _attend(self, worker: Worker) -> None:
        """Listen to it; when it has ended start it again, at longer intervals if it does not come up."""
        failures = 0
        while True:
            try:
                for message in worker.process.messages():
                    self._hear(worker, message)
                    failures = 0
            except Exception:  # whatever it is, this worker is not heard any more, and its runs must not hang
                log.exception("a worker process cannot be understood")
            self._lose(worker)
            while not worker.up:
                if self._closing.wait(2 ** min(failures, DOUBLINGS) - 1):
                    return
                self._restart(worker)
                failures += 1

    def _hear(self, worker: Worker, message: Message) -> None:
        with self._lock:
            match message:
                case Ready():
                    worker.process.came_up(message.pid)
                    self._dispatch()
                case Over():
                    worker.last_words = OVER.format(message.num_bytes / 1e9)
                case Chunk():
                    worker.tasks[message.job].work.extend(message.frames)
                case End():
                    if message.trace:
                        log.error("a run failed: %s", message.trace)
                    self._end(worker.tasks.pop(message.job), message.state, message.sentence)
                    self._dispatch()

    def _lose(self, worker: Worker) -> None:
        """It has ended: its runs have failed. One that had only stopped runs has ended in order to be rid of them."""
        with self._lock:
            is_rid = worker.tasks and all(task.work.ended for task in worker.tasks.values())
            if not is_rid and not self._closing.is_set():
                self._tally.lost_workers += 1
                log.error("a worker process was lost, with %d runs. %s", len(worker.tasks), worker.last_words)
            worker.up = False
            for task in worker.tasks.values():
                self._end(task, "failed", worker.last_words)
            worker.tasks.clear()
            worker.last_words = LOST
            self._dispatch()

    def _restart(self, worker: Worker) -> None:
        """Start it again, unless the server is being stopped."""
        with self._lock:
            if self._closing.is_set():
                return
            try:
                worker.process = self._factory.start()
            except Exception:  # of this machine, or of a cluster
                log.exception("a worker process cannot be started")
                return
            worker.up = True
            self._dispatch()
