"""The host's own pages: who may see them, what they say, and that they name no reader."""

import base64
import json
import re

import pytest
from starlette.applications import Starlette

from dlcore.jobs.load import Load, Tally
from dlcore.settings import Settings
from dlcore.ui import host, metrics, runs, server
from tests.ui.asgi_client import Answer, Client

TOKEN = "a token of the host"
HERE = {"Host": "localhost:8501"}
SAMPLE = re.compile(r'([a-z_]+)(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})? (-?[\d.]+(?:e[+-]\d+)?|\+Inf|NaN)')


class Jobs:
    """What the host asks of the workers."""

    def __init__(self, pids: tuple[int, ...]) -> None:
        tally = Tally(submitted=9, shared=4)
        tally.ended["done"] = 3
        self.num_running, self.num_waiting = 2, 5
        self.load = Load(running=2, waiting=5, num_bytes=1000, able=len(pids), pids=pids, tally=tally)


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Jobs]:
    """The workers there are; the test may put others into their place."""
    there = [Jobs((1, 2))]
    monkeypatch.setattr(runs, "jobs", lambda: there[0])
    return there


def asked(path: str, token: str = "", peer: str = "127.0.0.1", **headers: str) -> Answer:
    app = Starlette(routes=server.ROUTES, middleware=server.middleware(Settings(host_token=token)))
    return Client(app).get(path, headers={**HERE, **headers}, peer=peer)


# Who may ask


@pytest.mark.parametrize("path", ["/metrics", "/descent/host", "/descent/runs"])
def test_on_this_machine_they_open(path: str) -> None:
    assert asked(path).status_code == 200
    assert asked(path, peer="::1", Host="[::1]:8501").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "/descent/host", "/descent/runs", "/_stcore/metrics", "/base/_stcore/metrics"],
)
@pytest.mark.parametrize(
    "other",
    [
        {"peer": "192.0.2.7"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"X-Real-IP": "192.0.2.7"},
        {"Host": "rebound.example.org"},
        {"Host": ""},
    ],
    ids=str,
)
def test_elsewhere_they_do_not(path: str, other: dict[str, str]) -> None:
    answer = asked(path, **other)
    assert answer.status_code == 403
    assert "descent_" not in answer.text
    assert asked(path, token=TOKEN, **other).status_code == 401


@pytest.mark.parametrize(
    "word",
    [
        f"Bearer {TOKEN}",
        "Basic " + base64.b64encode(f"anyone:{TOKEN}".encode()).decode(),
        "basic " + base64.b64encode(f":{TOKEN}".encode()).decode(),
    ],
)
def test_the_token_opens_them_from_everywhere(word: str) -> None:
    assert asked("/metrics", token=TOKEN, peer="192.0.2.7", Authorization=word).status_code == 200


@pytest.mark.parametrize(
    "word", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic !!!", "Basic /w==", f"Digest {TOKEN}", TOKEN, "Basic"]
)
def test_anything_else_does_not(word: str) -> None:
    answer = asked("/descent/host", token=TOKEN, peer="192.0.2.7", Authorization=word)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["/metrics", "/descent/host", "/descent/runs"])
def test_where_there_is_a_token_this_machine_needs_it_too(path: str) -> None:
    """A proxy or a tunnel on this machine may ask for someone else and not say so."""
    assert asked(path, token=TOKEN).status_code == 401
    assert asked(path, token=TOKEN, Authorization=f"Bearer {TOKEN}").status_code == 200


def test_an_empty_token_is_no_token() -> None:
    assert asked("/metrics", peer="192.0.2.7", Authorization="Bearer ").status_code == 403


# What they say


def test_metrics_are_what_prometheus_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    named = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(named) == len(set(named))
    for line in lines:
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1].removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") in named
    assert 'descent_runs{state="running"} 2' in lines
    assert 'descent_runs{state="waiting"} 5' in lines
    assert "descent_runs_shared_total 4" in lines
    assert 'descent_runs_ended_total{state="done"} 3' in lines
    assert "descent_workers 2" in lines
    assert "descent_sessions 0" in lines


def test_memory_is_counted_in_bytes() -> None:
    (line,) = [line for line in asked("/metrics").text.splitlines() if 'part="server"' in line]
    assert 50e6 < float(line.split()[1]) < 50e9
    assert host.memory(2**22 + 1) == 0  # there is no such process


def test_the_page_shows_numbers_and_settings_and_no_secret() -> None:
    metrics.SCRIPTS.note("<script>alert(1)</script>", 0.03)
    answer = asked("/descent/host", token=TOKEN, Authorization=f"Bearer {TOKEN}")
    assert "Readers with an open tab" in answer.text
    assert "DESCENT_WORKERS" in answer.text
    assert TOKEN not in answer.text
    assert "<script" not in answer.text


def test_a_server_without_workers_is_not_ready(workers: list[Jobs]) -> None:
    answer = asked("/healthz", peer="192.0.2.7")
    assert (answer.status_code, json.loads(answer.text)) == (200, {"ready": True, "why": ""})
    workers[0] = Jobs(())
    answer = asked("/healthz", peer="192.0.2.7")
    assert answer.status_code == 503
    assert json.loads(answer.text) == {"ready": False, "why": "No worker process is up."}
