"""Knows how one process takes turns among its runs; does not know who started it, nor who reads the frames.

A turn is a few milliseconds. A new run is next, so that its first frame waits for one step of another at most; where
many come, the others have every second turn. After every frame the worker looks whether something was said to it.
"""

import contextlib
import faulthandler
import importlib
import os
import pickle
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import IO, NoReturn

from dlcore.jobs.memory import Guard, Memory
from dlcore.jobs.messages import Chunk, End, Message, Over, Ready, Start, Stop, read, write
from dlcore.jobs.orders import Orders

TURN = 0.005  # seconds
NICEST = 19
REARM = 1.0  # seconds: setting the alarm takes 0.2 ms, too much for every turn
GENERAL = "This run met an error and was ended; others are not touched. The server's log has the details."


class Run:
    """One run in this process: its generator, and what it has taken so far."""

    def __init__(self, start: Start, memory: Memory):
        self.start = start
        self.memory = memory
        self.frames = _frames(start)
        self.deadline = time.monotonic() + start.limits.seconds
        self.num_frames = 0
        self.num_bytes = 0
        self.held = 0  # bytes by which the process has grown in this run's turns

    def turn(self, called: Callable[[], bool]) -> tuple[list[bytes], End | None]:
        """Compute frames for a few milliseconds, but at least one; stop early for the first frame, or when called.

        Returns the pickled frames, and how the run ended if it did.
        """
        over = time.monotonic() + TURN
        before = self.memory.num_bytes() - self.held
        chunk: list[bytes] = []
        try:
            for frame in self.frames:
                data = pickle.dumps(frame, pickle.HIGHEST_PROTOCOL)
                self.held = self.memory.num_bytes() - before
                if sentence := self._too_much(data):
                    self.frames.close()
                    return chunk, End(self.start.job, "stopped", sentence)
                chunk.append(data)
                self.num_frames += 1
                self.num_bytes += len(data)
                if self.num_frames == 1 or called() or time.monotonic() > over:
                    return chunk, None
        except ValueError as error:
            return chunk, End(self.start.job, "failed", str(error))
        except Exception:  # noqa: BLE001 - whatever a run meets is its own end, not that of its neighbours
            return chunk, End(self.start.job, "failed", GENERAL, traceback.format_exc())
        return chunk, End(self.start.job, "done")

    def close(self) -> None:
        """End it where it stands; what its generator still has to say is not asked for."""
        with contextlib.suppress(Exception):
            self.frames.close()

    def _too_much(self, data: bytes) -> str:
        """The limit that this frame would break, as a sentence."""
        limits = self.start.limits
        if self.num_frames + 1 > limits.num_frames:
            return f"This run was ended after {limits.num_frames} frames, the most that are kept."
        if self.num_bytes + len(data) > limits.num_bytes:
            return (
                f"This run was ended: its frames take more than {limits.num_bytes / 1e6:g} MB, the most that is kept."
            )
        if self.held > limits.run_bytes:
            return f"This run was ended: it took more than {limits.run_bytes / 1e9:g} GB of memory, the most it may."
        if time.monotonic() > self.deadline:
            return f"This run was ended after {limits.seconds:g} seconds, the longest that one may take."
        return ""


def _frames(start: Start) -> Generator:
    """The run's own generator, behind one that has done nothing yet: whatever fails, fails in a turn."""
    make_frames = getattr(importlib.import_module(start.module), start.name)
    yield from make_frames(pickle.loads(start.config))  # noqa: S301 - pickled by this server


class Alarm:
    """Ends this process, with its traceback in the log, when a step takes too long: even one that never comes back."""

    def __init__(self) -> None:
        self._next = 0.0

    def set(self, seconds: float) -> None:
        """From now on, a step may take so long (and up to a second more)."""
        now = time.monotonic()
        if now > self._next:
            faulthandler.dump_traceback_later(seconds + REARM, exit=True)
            self._next = now + REARM

    def off(self) -> None:
        """No step is being computed."""
        faulthandler.cancel_dump_traceback_later()
        self._next = 0.0


def prepare(preload: Iterable[str]) -> None:
    """Import these modules, and call their `in_worker()` where they have one: some compute otherwise in a worker."""
    for name in preload:
        getattr(importlib.import_module(name), "in_worker", lambda: None)()


def give_way(nice: int) -> None:
    """Let processes that are less nice go before, where the system knows such a thing.

    At NICEST, Linux lets whoever else wakes go before them at once, instead of at the end of their slice: a server
    wakes hundreds of times in a script, whenever the interpreter's lock changes hands.
    """
    if hasattr(os, "nice"):  # not on Windows
        os.nice(nice)
    if nice == NICEST and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(PermissionError):  # a container may not allow it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def work(reader: IO[bytes], writer: IO[bytes], preload: Iterable[str]) -> NoReturn:
    """Take runs from the reader and write their frames, for as long as the other side is there."""
    prepare(preload)
    said = Orders()
    threading.Thread(target=_listen, args=(reader, said), daemon=True).start()
    try:
        take_turns(said, partial(write, writer))
    except OSError:  # nobody reads any more
        os._exit(0)


class Round:
    """The runs of a process, and whose turn it is: a new one's at once, but between two new ones an old one's."""

    def __init__(self) -> None:
        self._new: deque[Run] = deque()
        self._old: deque[Run] = deque()
        self._was_new = False

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def add(self, run: Run) -> None:
        """One that has had no turn yet."""
        self._new.append(run)

    def next(self) -> Run:
        """Whose turn it is; it is not among them until it comes back."""
        self._was_new = bool(self._new) and not (self._was_new and self._old)
        return (self._new if self._was_new else self._old).popleft()

    def back(self, run: Run) -> None:
        """It has had its turn."""
        self._old.append(run)

    def remove(self, job: str) -> list[Run]:
        """The run of this job, if it is among them, which it is not any more."""
        found = [(runs, run) for runs in (self._new, self._old) for run in runs if run.start.job == job]
        for runs, run in found:
            runs.remove(run)
        return [run for _, run in found]


def take_turns(said: Orders, say: Callable[[Message], None]) -> NoReturn:
    """Do what is said, and say what comes of it.

    Raises: what `say` raises where nobody listens any more.
    """
    speaking = threading.Lock()
    memory = Memory()
    runs = Round()

    def tell(message: Message) -> None:
        if isinstance(message, End):
            said.over(message.job)
        with speaking:
            say(message)

    def last_words(limit: int) -> None:
        if speaking.acquire(timeout=1):  # not between the halves of another message
            say(Over(limit))

    alarm, guard = Alarm(), Guard(memory, last_words)
    tell(Ready(os.getpid()))
    while True:
        while not runs or not said.empty():
            if not runs:
                alarm.off()
            match said.get():
                case Start() as start:
                    guard.limit = start.limits.worker_bytes
                    runs.add(Run(start, memory))
                case Stop(job):
                    for run in runs.remove(job):
                        run.close()
                        tell(End(job, "stopped"))
        run = runs.next()
        alarm.set(run.start.limits.step_seconds)
        chunk, end = run.turn(called=lambda: not said.empty())
        if chunk:
            tell(Chunk(run.start.job, chunk))
        if end:
            tell(end)
        else:
            runs.back(run)


def _listen(reader: IO[bytes], said: Orders) -> None:
    """Put aside what is said. When the server has gone, however it went, so does this process, at once."""
    for message in read(reader):
        said.put(message)
    os._exit(0)
