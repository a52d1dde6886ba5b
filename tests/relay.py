"""A wire between a browser and a server that a test can cut, and plug into another server."""

import contextlib
import socket
import threading


class Relay:
    """Listens at `url` and passes bytes to and from the server at a port; `cut` ends all connections."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.plugged = True
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Every connection ends at once, and no new one is let through until `plug`."""
        self.plugged = False
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _close(end)

    def plug(self, port: int | None = None) -> None:
        """Lets connections through again, to another server if one is named."""
        self.port = port or self.port
        self.plugged = True

    def close(self) -> None:
        """Nothing is left."""
        _close(self._listener)
        self.cut()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        if not self.plugged:
            _close(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            _close(near)
            return
        with self._lock:
            self._open |= {near, far}
        threading.Thread(target=self._pass, args=(near, far), daemon=True).start()
        self._pass(far, near)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            _close(end)
            with self._lock:
                self._open.discard(end)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
