"""Knows how worker processes are started, spoken to and ended; does not know what they are told.

On Linux they are forked from one process that has imported what is heavy (`nursery`), and share its memory; elsewhere
each is a program of its own. multiprocessing would import the server's main script in every one of them.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import IO

from dlcore.jobs.messages import Message, read, write

PATIENCE = 5.0  # seconds that a process gets to end by itself


class Process:
    """A worker process, as the server sees it: two pipes."""

    ready = True  # it can be spoken to before it has come up

    def __init__(self, reader: IO[bytes], writer: IO[bytes], program: subprocess.Popen | None = None):
        self.pid: int | None = program.pid if program else None  # of a forked one, when it has told it
        self._reader = reader
        self._program = program
        self._outbox: SimpleQueue[Message | None] = SimpleQueue()
        threading.Thread(target=self._post, args=(writer,), name="job-post", daemon=True).start()

    def came_up(self, pid: int) -> None:
        """It has said so itself."""
        self.pid = pid

    def send(self, message: Message) -> None:
        """Say it without waiting, even for a worker that does not listen."""
        self._outbox.put(message)

    def messages(self) -> Iterator[Message]:
        """What it says, until it has ended."""
        yield from read(self._reader)
        self._reader.close()
        self.hang_up()
        if self._program:
            self._program.wait()

    def hang_up(self) -> None:
        """Ask it to end: it does so when it finds its pipe closed."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End a process that does not. Only while `messages` has not ended: its number may be another's afterwards."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _post(self, writer: IO[bytes]) -> None:
        with contextlib.suppress(OSError), writer:  # it has ended: whoever reads `messages` will see it
            while message := self._outbox.get():
                write(writer, message)


class Programs:
    """Workers that each import everything for themselves: works everywhere."""

    def __init__(self, preload: tuple[str, ...], nice: int):
        self._arguments = str(nice), *preload

    def start(self) -> Process:
        """Another worker."""
        program = _run("dlcore.jobs.program", *self._arguments, pipes=subprocess.PIPE)
        assert program.stdin
        assert program.stdout
        return Process(program.stdout, program.stdin, program)

    def close(self) -> None:
        """Nothing is left: each program is waited for where its messages are read."""


class Forks:
    """Workers forked from one process that has imported the modules named; Linux only."""

    def __init__(self, preload: tuple[str, ...], nice: int):
        self._arguments = str(nice), *preload
        self._lock = threading.Lock()
        self._nursery: tuple[socket.socket, subprocess.Popen] | None = None

    def start(self) -> Process:
        """Another worker."""
        its_input, writer = _pipe()
        reader, its_output = _pipe()
        with self._lock, its_input, its_output:
            self._send_pipes([its_input.fileno(), its_output.fileno()])
        return Process(reader, writer)

    def close(self) -> None:
        """End the process that forks; workers end when they are hung up on."""
        with self._lock:
            if self._nursery:
                control, program = self._nursery
                control.close()
                _wait(program)
                self._nursery = None

    def _send_pipes(self, pipes: list[int]) -> None:
        if self._nursery and self._nursery[1].poll() is not None:  # somebody has killed it
            self._nursery[0].close()
            self._nursery = None
        if not self._nursery:
            control, theirs = socket.socketpair()
            with theirs:
                fd = theirs.fileno()
                self._nursery = control, _run("dlcore.jobs.nursery", str(fd), *self._arguments, pass_fds=(fd,))
        socket.send_fds(self._nursery[0], [b"+"], pipes)


def _run(
    module: str, *arguments: str, pipes: int | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Run a module of this package, importing from where this process does, with one thread for arithmetic."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, env=environment, stdin=pipes, stdout=pipes, pass_fds=pass_fds)


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """Its end to read from, and its end to write to."""
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")


def _wait(program: subprocess.Popen) -> None:
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
