"""Knows how a worker is started as a program of its own, which is how it is done where processes cannot be forked.

Spoken to on stdin, it answers on stdout.
"""

import os
import signal
import sys
from typing import NoReturn

from dlcore.jobs import worker


def main(nice: int, preload: list[str]) -> NoReturn:
    """Take runs until the server closes the pipe."""
    worker.give_way(nice)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the pipes
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a run prints goes to the log, not among the messages
    worker.work(reader, writer, preload)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
