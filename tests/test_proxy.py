"""The proxy of compose.yaml, where there is an nginx: readers stay at their replica, the host's pages stay inside."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
NGINX = os.environ.get("NGINX") or shutil.which("nginx")
pytestmark = pytest.mark.skipif(not NGINX, reason="there is no nginx; name its program in the variable NGINX")
NUM_REPLICAS = 3


class Replica(BaseHTTPRequestHandler):
    """Says which one it is, what it was told of the reader, and lets a websocket through."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if getattr(self.server, "lost", False):  # a connection that was kept ends with its server
            self.close_connection = True
            return
        upgrade = self.headers["Upgrade"] == "websocket"
        told = f"{self.headers['Host']} {self.headers['X-Forwarded-For']} {self.headers['X-Forwarded-Proto']}".encode()
        body = b"" if upgrade else told + b"x" * 2000
        self.send_response(101 if upgrade else 200)
        self.send_header("X-Replica", str(self.server.server_port))  # pyright: ignore[reportAttributeAccessIssue]
        if upgrade:
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
        else:
            self.send_header("Content-Type", "text/javascript")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def replicas() -> Iterator[list[ThreadingHTTPServer]]:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(NUM_REPLICAS)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def proxy(replicas: list[ThreadingHTTPServer], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of nginx with our file, in which the replicas are these; and its log."""
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    lines = "\n".join(f"server 127.0.0.1:{s.server_port} max_fails=2 fail_timeout=5s;" for s in replicas)
    text, num_changed = re.subn(r"server replica:8501 resolve [^;]*;", lines, text)
    assert num_changed == 1
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("/tmp/", f"{folder}/")
    text = text.replace("/dev/stdout", f"{folder}/log").replace("/dev/stderr", f"{folder}/errors")
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [
        str(NGINX),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        f"{folder}/errors",
        "-g",
        "daemon off;",
    ]
    server = subprocess.Popen(command)
    for _ in range(200):
        time.sleep(0.05)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    yield port, folder / "log"
    server.terminate()
    server.wait(10)


class Answer(NamedTuple):
    """What the proxy said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(port: int, path: str = "/", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = b"" if answer.status == 101 else answer.read()
    connection.close()
    return Answer(answer.status, answer.headers, body)


def cookie_of(answer: Answer) -> str:
    return SimpleCookie(answer.headers["Set-Cookie"])["descent_reader"].value


def test_a_reader_stays_at_the_replica_of_their_first_page(proxy: tuple[int, Path]) -> None:
    replicas = set()
    for _ in range(20):
        first = ask(proxy[0])
        replica = first.headers["X-Replica"]
        replicas.add(replica)
        again = {"Cookie": f"a=b; descent_reader={cookie_of(first)}"}
        for path in ("/_stcore/host-config", "/descent/run/x", "/optimizers?optimizers.lr=0.1"):
            answer = ask(proxy[0], path, **again)
            assert answer.headers["X-Replica"] == replica
            assert "Set-Cookie" not in answer.headers
        socket_ = ask(proxy[0], "/_stcore/stream", **again, Upgrade="websocket", Connection="Upgrade")
        assert (socket_.status, socket_.headers["X-Replica"]) == (101, replica)
    assert len(replicas) == NUM_REPLICAS  # twenty readers of one address are shared out


def test_the_cookie_names_nobody_and_scripts_cannot_read_it(proxy: tuple[int, Path]) -> None:
    told = ask(proxy[0]).headers["Set-Cookie"]
    assert re.fullmatch(r"descent_reader=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", told)
    framed = ask(proxy[0], **{"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert framed.endswith("; HttpOnly; SameSite=None; Secure"), "or else every frame of a course site has a new reader"
    assert cookie_of(ask(proxy[0])) != cookie_of(ask(proxy[0]))
    assert "Set-Cookie" in ask(proxy[0], Cookie="descent_reader=forged").headers


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "/descent/host", "/descent/runs", "/_stcore/metrics", "/_stcore/agent/openapi.json"],
)
def test_the_hosts_own_pages_stay_inside(proxy: tuple[int, Path], path: str) -> None:
    assert ask(proxy[0], path).status == 403


@pytest.mark.parametrize("path", ["/metricsx", "/descent/qr.svg", "/_stcore/health", "/healthz"])
def test_the_others_do_not(proxy: tuple[int, Path], path: str) -> None:
    assert ask(proxy[0], path).status == 200


def test_the_replica_is_told_where_the_reader_came_from(proxy: tuple[int, Path]) -> None:
    told = ask(proxy[0], **{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}).body
    host, address, scheme = told.rstrip(b"x").split()
    assert (host.decode(), address, scheme) == (f"127.0.0.1:{proxy[0]}", b"127.0.0.1", b"https")


def test_scripts_travel_packed_and_frames_as_they_come(proxy: tuple[int, Path]) -> None:
    packed = {"Accept-Encoding": "gzip"}
    assert ask(proxy[0], "/static/js/index.js", **packed).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in ask(proxy[0], "/descent/run/x", **packed).headers


def test_the_log_names_no_reader_and_no_scene(proxy: tuple[int, Path]) -> None:
    ask(proxy[0], "/optimizers?optimizers.lr=0.123")
    time.sleep(0.2)
    text = proxy[1].read_text()
    assert "GET /optimizers 200" in text
    assert "127.0.0.1" not in text
    assert "0.123" not in text


def test_a_lost_replica_moves_its_own_readers_only(
    proxy: tuple[int, Path], replicas: list[ThreadingHTTPServer]
) -> None:
    cookies = [cookie_of(ask(proxy[0])) for _ in range(15)]
    at = {cookie: ask(proxy[0], Cookie=f"descent_reader={cookie}").headers["X-Replica"] for cookie in cookies}
    lost = replicas[0]
    lost.lost = True  # pyright: ignore[reportAttributeAccessIssue]
    lost.shutdown()
    lost.server_close()
    for cookie, before in at.items():
        answer = ask(proxy[0], Cookie=f"descent_reader={cookie}")
        assert answer.status == 200
        assert (answer.headers["X-Replica"] == before) == (before != str(lost.server_port))
