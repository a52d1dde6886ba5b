"""Knows how a process that has imported what is heavy forks workers, which then share that memory; Linux only.

It computes nothing and has one thread: torch may not be forked once it has started threads of its own.
"""

import gc
import importlib
import os
import signal
import socket
import sys

from dlcore.jobs import worker


def main(fd: int, nice: int, preload: list[str]) -> None:
    """For every pair of pipes that arrives, fork a worker that reads the one and writes the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the pipes
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel clears workers away when they end
    worker.give_way(nice)  # and so do those that are forked
    for name in preload:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a worker would write to pages that all of them share
    with socket.socket(fileno=fd) as control:
        while pipes := socket.recv_fds(control, 1, 2)[1]:
            if os.fork() == 0:
                control.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                worker.work(os.fdopen(pipes[0], "rb"), os.fdopen(pipes[1], "wb"), preload)
            for pipe in pipes:
                os.close(pipe)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
