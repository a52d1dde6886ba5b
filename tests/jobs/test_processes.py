"""Workers are real processes: one that dies takes only its own runs along, and none outlives the server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dlcore.jobs import Job, Jobs, Limits
from dlcore.jobs.processes import Process
from tests.jobs import work
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count

LOST = ("failed", "The process that computed this run has ended before its time. Press “Go on” to compute it again.")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
METHODS = ["spawn", pytest.param("fork", marks=on_linux)]

SERVER = """
import sys, time
from dlcore.jobs import Jobs
from tests.jobs import work

jobs = Jobs(2, preload=("numpy",), method=sys.argv[1])
pids = [next(iter(jobs.submit(work.process, n, owner="a").frames())) for n in range(2)]
next(iter(jobs.submit(work.stuck, None, owner="a").frames()))
print(*pids, flush=True)
time.sleep(1000)
"""


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with Jobs(2, preload=("numpy",), limits=Limits(step_seconds=0.5, linger_seconds=0)) as started:
        yield started


@pytest.fixture(autouse=True)
def nobody_stays(jobs: Jobs) -> Iterator[None]:
    yield
    jobs.close("a")
    until(lambda: jobs.num_running == 0)


def first(job: Job) -> int:
    return next(iter(job.frames()))


def alive(pid: int) -> bool:
    """Whether there is such a process, as a zombie or in life."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def test_new_work_goes_to_the_worker_with_the_fewest_runs(jobs: Jobs):
    runs = [jobs.submit(work.process, n, owner="a") for n in range(4)]
    pids = [first(job) for job in runs]
    assert len(set(pids)) == 2
    assert os.getpid() not in pids
    assert pids[:2] == pids[2:]
    runs[0].cancel()
    until(lambda: jobs.num_running == 3)
    assert first(jobs.submit(work.process, 4, owner="a")) == pids[0]


def test_a_worker_that_is_killed_loses_only_its_own_runs_and_comes_back(jobs: Jobs):
    lost, other = (jobs.submit(work.process, n, owner="a") for n in range(2))
    pid = first(lost)
    assert pid != first(other)
    os.kill(pid, signal.SIGKILL)
    assert outcome(lost) == LOST
    assert set(read(lost)) == {pid}
    until(lambda: not alive(pid))
    again = jobs.submit(work.process, 0, owner="a")
    assert again is not lost
    assert first(again) not in (pid, first(other))
    assert other.status.state == "running"


@pytest.mark.parametrize("make_frames", [work.leaves, work.stuck])
def test_a_run_that_ends_its_process_or_sticks_in_a_step_is_told_of(jobs: Jobs, make_frames):
    job = jobs.submit(make_frames, None, owner="a")
    assert outcome(job) == LOST
    assert read(job) == [0]
    assert read(jobs.submit(work.count, Count(stop=5), owner="a")) == [0, 1, 2, 3, 4]


def test_a_worker_without_runs_is_not_taken_for_stuck(jobs: Jobs):
    job = jobs.submit(work.process, 0, owner="a")
    pid = first(job)
    job.cancel()
    time.sleep(2)  # step_seconds, the second that the alarm may be late, and some more
    assert first(jobs.submit(work.process, 0, owner="a")) == pid


@on_linux
def test_when_the_process_that_forks_is_killed_workers_still_come_back(jobs: Jobs):
    pid = first(jobs.submit(work.process, 0, owner="a"))
    nursery = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert nursery in children()
    os.kill(nursery, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    assert first(jobs.submit(work.process, 1, owner="a")) != pid


@pytest.mark.parametrize("method", METHODS)
def test_no_process_outlives_a_shutdown(monkeypatch: pytest.MonkeyPatch, method: str):
    monkeypatch.setattr(Process, "kill", lambda _: pytest.fail("it should end by itself"))
    before = children() if sys.platform == "linux" else []
    with Jobs(2, preload=("numpy",), method=method) as jobs:
        pids = [first(jobs.submit(work.process, n, owner="a")) for n in range(2)]
        slow = jobs.submit(work.stuck, None, owner="a")
        assert len(set(pids)) == 2
        assert first(slow) == 0
    assert slow.status.sentence.startswith("The server is being stopped")
    until(lambda: not any(map(alive, pids)))
    assert not [pid for pid in (children() if before else []) if pid not in before]
    jobs.shutdown()  # again does nothing
    with pytest.raises(ValueError, match="The server is being stopped"):
        jobs.submit(work.count, Count(stop=1), owner="a")


@pytest.mark.parametrize("method", METHODS)
def test_no_process_outlives_a_server_that_is_killed(method: str):
    with subprocess.Popen([sys.executable, "-c", SERVER, method], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        pids = [int(pid) for pid in server.stdout.readline().split()]
        assert len(set(pids)) == 2
        server.kill()
    until(lambda: not any(map(alive, pids)))


def test_what_a_run_prints_does_not_harm_its_frames():
    with Jobs(1, preload=("numpy",), method="spawn") as jobs:
        assert read(jobs.submit(work.prints, None, owner="a")) == [0]


def test_torch_computes_on_one_thread_in_a_worker():
    with Jobs(1, preload=("torch",)) as jobs:
        settings, gradient = read(jobs.submit(work.threads, None, owner="a"))
    assert settings == (1, "1", "PASSIVE")
    assert torch.equal(gradient, torch.full((3,), 2.0))


@pytest.mark.parametrize(("arguments", "told"), [({"num_workers": -1}, "num_workers is -1"), ({"method": "x"}, "fork")])
def test_workers_that_cannot_be_are_refused(arguments: dict, told: str):
    with pytest.raises(ValueError, match=told):
        Jobs(**arguments)


def test_modules_hear_that_they_are_in_a_worker():
    assert not work.IN_WORKER
    for method in ("spawn", *(["fork"] if sys.platform == "linux" else [])):
        with Jobs(1, preload=("tests.jobs.work",), method=method) as jobs:
            assert read(jobs.submit(work.where, None, owner="a")) == [True]
