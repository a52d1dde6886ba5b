"""The address of a run: its frames as chunks a player can read, its end, and how it is stopped."""

import json
import pickle
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dlcore import settings
from dlcore.jobs import Job, Jobs, Limits
from dlcore.settings import Settings
from dlcore.training import Snapshot
from dlcore.ui import runs
from tests.ui import moments
from tests.ui.asgi_client import Client
from tests.ui.moments import Steps

ENDLESS = Steps(stop=10**6, pause=0.01)


@pytest.fixture(scope="module")
def workers() -> Iterator[Jobs]:
    limits = Limits(running=1, running_per_owner=1, linger_seconds=0)
    with Jobs(1, preload=("dlcore.training",), limits=limits) as started:
        yield started


@pytest.fixture(autouse=True)
def jobs(workers: Jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setattr(runs, "jobs", lambda: workers)
    yield workers
    workers.close("reader")
    workers.close("other")


def chunks_of(stream: bytes) -> list[dict[str, Any]]:
    """Every message of a stream: its header, and its arrays by name."""
    found = []
    while stream:
        length = int.from_bytes(stream[:4], "little")
        message, stream = stream[4 : 4 + length], stream[4 + length :]
        end = 4 + int.from_bytes(message[:4], "little")
        chunk = json.loads(message[4:end])
        for name, ref in chunk["pending"].items():
            entry = chunk["arrays"][ref["$"]]
            data = np.frombuffer(message[end:], entry["dtype"], int(np.prod(entry["shape"])), entry["offset"])
            chunk["pending"][name] = data.reshape(entry["shape"])
        found.append(chunk)
    return found


def read(client: Client, job: Job) -> list[dict[str, Any]]:
    answer = client.get(f"/{runs.addresses(job)['stream']}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    return chunks_of(answer.content)


def test_the_chunks_are_the_frames_in_order_and_then_the_end(client: Client, jobs: Jobs) -> None:
    *chunks, end = read(client, jobs.submit(moments.frames, Steps(stop=30), owner="reader"))
    assert [chunk["start"] for chunk in chunks] == list(np.cumsum([0] + [chunk["count"] for chunk in chunks])[:-1])
    assert np.concatenate([chunk["pending"]["step"] for chunk in chunks]).tolist() == list(range(30))
    rows = np.concatenate([chunk["pending"]["row"] for chunk in chunks])
    assert (rows.dtype, rows.shape) == (np.uint8, (30, 3))
    assert chunks[0]["said"] == ""
    assert chunks[-1]["said"] == "five is reached"
    assert (end["start"], end["count"], end["ended"]) == (30, 0, "done")
    assert "said" not in end


def test_a_finished_run_is_read_again_from_its_first_frame(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(moments.frames, Steps(stop=12), owner="reader")
    first, second = (np.concatenate([c["pending"]["step"] for c in read(client, job)[:-1]]) for _ in range(2))
    assert first.tolist() == second.tolist() == list(range(12))


def test_a_run_that_cannot_be_ends_with_its_sentence(client: Client, jobs: Jobs) -> None:
    *frames, end = read(client, jobs.submit(moments.refused, Steps(), owner="reader"))
    assert sum(chunk["count"] for chunk in frames) == 1
    assert (end["ended"], end["said"]) == ("failed", "lr is -1: it must be above 0.")


def test_a_run_that_is_stopped_ends_at_once_and_keeps_its_frames(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(moments.frames, ENDLESS, owner="reader")
    while job.status.num_frames < 10:
        time.sleep(0.005)
    begin = time.monotonic()
    assert client.post(f"/{runs.addresses(job)['stops']}").status_code == 204
    assert job.status.state == "stopped"
    assert time.monotonic() - begin < 0.2
    kept = job.status.num_frames
    *chunks, end = read(client, job)
    assert sum(chunk["count"] for chunk in chunks) == kept >= 10
    assert end["ended"] == "stopped"


def test_a_run_that_is_not_kept_says_what_to_do(client: Client) -> None:
    answer = client.get("/descent/run/nowhere")
    assert (answer.status_code, answer.text) == (404, runs.GONE)
    assert client.post("/descent/run/nowhere/stop").status_code == 204


def test_a_link_that_is_followed_stops_nothing(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(moments.frames, ENDLESS, owner="reader")
    assert client.get(f"/{runs.addresses(job)['stops']}").status_code in (404, 405)
    assert not job.status.ended


def test_who_waits_hears_their_place_and_then_gets_frames(
    client: Client, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PATIENCE", 0.05)
    jobs.submit(moments.frames, Steps(stop=40, pause=0.01), owner="other")
    chunks = read(client, jobs.submit(moments.frames, Steps(stop=3), owner="reader"))
    assert chunks[0]["said"] == "The server is busy: your run is number 1 in the queue, and begins by itself."
    assert (chunks[0]["start"], chunks[0]["count"]) == (0, 0)
    assert next(chunk["said"] for chunk in chunks if chunk["count"]) == ""  # it is no longer true
    assert sum(chunk["count"] for chunk in chunks) == 3


def test_the_server_counts_its_runs(client: Client, jobs: Jobs) -> None:
    both = {"reader": ENDLESS, "other": Steps(stop=10**6, pause=0.01, name="another")}
    first, second = (jobs.submit(moments.frames, config, owner=owner) for owner, config in both.items())
    assert json.loads(client.get("/descent/runs").content) == {"running": 1, "waiting": 1}
    second.cancel()
    assert json.loads(client.get("/descent/runs").content)["waiting"] == 0
    first.cancel()


def test_what_the_host_allows_are_the_limits() -> None:
    allowed = {"DESCENT_RUNS": "5", "DESCENT_RUNS_PER_READER": "2", "DESCENT_WAITING": "7"}
    limits = runs.limits_of(settings.read({**allowed, "DESCENT_RUN_SECONDS": "9.5", "DESCENT_WORKER_MB": "1000"}))
    assert (limits.running, limits.running_per_owner, limits.waiting, limits.seconds) == (5, 2, 7, 9.5)
    assert (limits.worker_bytes, limits.run_bytes) == (1_000_000_000, 750_000_000)
    untouched = runs.limits_of(Settings())
    assert (untouched.running, untouched.waiting, untouched.num_bytes) == (32, 200, 64_000_000)


def test_who_reads_the_same_frames_gets_the_same_message_packed_once(client: Client, jobs: Jobs, monkeypatch) -> None:
    packings = []
    monkeypatch.setattr(runs, "packed", lambda *args, pack=runs.packed: packings.append(args[0]) or pack(*args))
    ones = [jobs.submit(moments.frames, Steps(stop=16), owner=owner) for owner in ("reader", "other")]
    list(ones[0].frames())
    first, second = (read(client, job) for job in ones)
    assert len(packings) == len(first) - 1
    for one, other in zip(first[:-1], second[:-1], strict=True):
        assert one["pending"]["step"].tolist() == other["pending"]["step"].tolist()


def test_messages_beyond_their_memory_are_packed_again() -> None:
    messages = runs.Messages(most_bytes=1000)
    frames = [pickle.dumps(Snapshot({"x": np.full(100, k)})) for k in range(4)]
    first = messages.of("run", 0, frames[:1])
    assert messages.of("run", 0, frames[:1]) is first
    assert messages.of("another", 0, frames[1:2]) != first
    for k in range(1, 4):
        messages.of("run", k, frames[k : k + 1])
    again = messages.of("run", 0, frames[:1])
    assert again == first
    assert again is not first
