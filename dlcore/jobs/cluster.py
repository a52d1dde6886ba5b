"""Knows how workers are started on a Ray cluster, spoken to and ended, as `processes` does on this machine.

Ray is imported when it is asked for, and is never needed otherwise. Each worker is an actor: one thread takes turns
among its runs, and the server asks for what it has to say as often as it has the answer. So frames stream at a plain
address and through Ray's client alike.
"""

import contextlib
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

from dlcore.jobs import worker
from dlcore.jobs.messages import Message, Over
from dlcore.jobs.orders import Orders

MISSING = "Ray is not installed: pip install -r requirements-ray.txt"
PATIENCE = 10.0  # seconds after which a worker with nothing to say tells so
AT_ONCE = 64  # messages that are fetched together
LAST_WORDS = 0.5  # seconds in which what was said last is fetched


class Actor:
    """A worker, as it lives on the cluster."""

    def __init__(self, preload: tuple[str, ...]):
        self._said = Orders()
        self._says: SimpleQueue[Message] = SimpleQueue()
        threading.Thread(target=self._work, args=(preload,), daemon=True).start()

    def send(self, message: Message) -> None:
        """What the server says."""
        self._said.put(message)

    def fetch(self) -> list[Message]:
        """What the worker says, as soon as there is something; nothing after a while."""
        messages: list[Message] = []
        with contextlib.suppress(Empty):
            messages.append(self._says.get(timeout=PATIENCE))
            while len(messages) < AT_ONCE:
                messages.append(self._says.get_nowait())
        return messages

    def _work(self, preload: tuple[str, ...]) -> None:
        try:
            worker.prepare(preload)
            if "torch" in sys.modules:
                sys.modules["torch"].set_num_threads(1)
            worker.take_turns(self._said, self._say)
        finally:  # whatever ends the thread, such as a run that leaves, ends the worker
            time.sleep(LAST_WORDS)
            os._exit(1)

    def _say(self, message: Message) -> None:
        self._says.put(message)
        if isinstance(message, Over):
            time.sleep(LAST_WORDS)


class Remote:
    """A worker on the cluster, as the server sees it."""

    pid: int | None = None  # of no use on another machine
    ready = False  # the cluster may have no place for it: it counts once it has spoken

    def __init__(self, ray: Any, actor: Any):
        self._ray = ray
        self._actor = actor

    def came_up(self, pid: int) -> None:
        """It has said so itself."""
        self.ready = True

    def send(self, message: Message) -> None:
        """Say it without waiting."""
        self._actor.send.remote(message)

    def messages(self) -> Iterator[Message]:
        """What it says, until it has ended."""
        while True:
            try:
                messages = self._ray.get(self._actor.fetch.remote())
            except (self._ray.exceptions.RayError, ConnectionError):  # the second where the client has lost the cluster
                return
            yield from messages

    def hang_up(self) -> None:
        """End it."""
        self._ray.kill(self._actor)

    kill = hang_up


class Actors:
    """Workers that are actors of the cluster at this address: "auto", "host:port" or "ray://host:port".

    Raises: ValueError where Ray is not installed, or nobody answers at this address.
    """

    def __init__(self, preload: tuple[str, ...], address: str, num_workers: int):
        try:
            import ray  # pyright: ignore[reportMissingImports]  need not be there
        except ImportError:
            raise ValueError(MISSING) from None
        try:
            _knock(address)
            ray.init(address=address, logging_level=logging.WARNING, log_to_driver=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise ValueError(f"engine is {address!r}: no Ray cluster answers there ({error}).") from error
        self._ray = ray
        gpus = ray.cluster_resources().get("GPU", 0)
        share = min(1.0, int(100 * gpus / num_workers) / 100)  # of a GPU; a worker may have a part of one
        self._actor = ray.remote(Actor).options(num_cpus=1, num_gpus=share, max_concurrency=3)
        self._preload = preload

    def start(self) -> Remote:
        """Another worker; it can be spoken to before it has come up."""
        return Remote(self._ray, self._actor.remote(self._preload))

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        self._ray.shutdown()


def _knock(address: str) -> None:
    """Ray itself waits for minutes where nobody is.

    Raises: OSError, or ValueError for what is no address.
    """
    if address != "auto":
        host, _, port = address.removeprefix("ray://").rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
