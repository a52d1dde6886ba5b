"""A run ends when told to, when it fails, or at a limit, and says why; equal work is the same job until then."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dlcore.jobs import Job, Jobs, Limits
from dlcore.jobs.orders import EVERY, GRACE
from tests.jobs import work
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count


def test_a_cancelled_run_stops_and_keeps_its_frames(run: Callable[..., Job]):
    job = run(work.count, Count(pause=0.001))
    next(iter(job.frames(20)))
    job.cancel()
    assert job.status.state == "stopped"
    frames = read(job)
    assert frames == list(range(len(frames)))
    assert len(frames) > 20
    job.cancel()
    assert job.status.num_frames == len(frames)


def test_the_worker_lets_go_of_a_cancelled_run_after_a_step(run: Callable[..., Job], tmp_path: Path):
    job = run(work.leaves_a_file, str(tmp_path / "gone"))
    next(iter(job.frames()))
    begin = time.monotonic()
    job.cancel()
    until((tmp_path / "gone").exists)
    assert time.monotonic() - begin < 5  # the benchmark measures it: at most a step of 100 ms


def test_an_owner_who_leaves_takes_their_runs_along(jobs: Jobs, run: Callable[..., Job], tmp_path: Path):
    other = run(work.count, Count(pause=0.001))
    left = [
        jobs.submit(work.leaves_a_file, str(tmp_path / "gone"), owner="leaver"),
        jobs.submit(work.count, Count(pause=0.001), owner="leaver"),
    ]
    for job in left:
        next(iter(job.frames()))
    jobs.close("leaver")
    assert [job.status.state for job in left] == ["stopped", "stopped"]
    assert [jobs.find(job.id) for job in left] == [None, None]
    until((tmp_path / "gone").exists)
    assert other.status.state == "running"


def test_a_sentence_meant_for_the_reader_reaches_them(run: Callable[..., Job], quiet_log: object):
    told = ValueError("lr is -1: it must be a number from 0 to 1.")
    job = run(work.raises, told)
    assert outcome(job) == ("failed", str(told))
    assert read(job) == [0]
    assert outcome(run(work.raises_at_once, told)) == ("failed", str(told))


@pytest.mark.parametrize(
    ("make_frames", "config", "trace"),
    [
        (work.raises, KeyError("secret"), "KeyError: 'secret'"),
        (work.raises_at_once, RuntimeError("secret"), "RuntimeError: secret"),
        (work.unpicklable, None, "Can't"),
        (work.count, work.Unreadable(), "OSError: secret"),
    ],
    ids=["in a step", "at once", "a frame", "the config"],
)
def test_any_other_fault_is_told_in_general_and_logged(
    run: Callable[..., Job],
    caplog: pytest.LogCaptureFixture,
    make_frames: Callable[..., Iterator[Any]],
    config: Any,
    trace: str,
):
    neighbour = run(work.count, Count(stop=200, pause=0.001))
    with caplog.at_level(logging.ERROR):
        state, sentence = outcome(run(make_frames, config))
    assert state == "failed"
    assert "secret" not in sentence
    assert sentence.startswith("This run met an error")
    assert trace in caplog.text
    assert "Traceback" in caplog.text
    assert read(neighbour) == list(range(200))


def test_a_run_ends_at_the_most_frames_that_are_kept(run: Callable[..., Job]):
    job = run(work.count, Count())
    assert outcome(job) == ("stopped", "This run was ended after 30000 frames, the most that are kept.")
    assert read(job) == list(range(30_000))
    exact = run(work.count, Count(stop=30_000))
    assert outcome(exact) == ("done", "")


def test_a_run_ends_at_the_most_bytes_that_are_kept(run: Callable[..., Job]):
    job = run(work.blocks, 1_000_000)
    assert outcome(job) == ("stopped", "This run was ended: its frames take more than 3 MB, the most that is kept.")
    assert job.status.num_frames == 2


def test_a_run_ends_after_the_longest_time_that_one_may_take():
    with Jobs(1, preload=("numpy",), limits=Limits(seconds=0.5)) as jobs:
        job = jobs.submit(work.count, Count(pause=0.01), owner="a")
        assert outcome(job) == ("stopped", "This run was ended after 0.5 seconds, the longest that one may take.")
        assert read(job) == list(range(job.status.num_frames))


# The same work


def test_the_same_work_is_the_same_job_while_it_runs_and_when_it_is_done(jobs: Jobs, run: Callable[..., Job]):
    job = run(work.count, Count(stop=300, pause=0.001))
    assert run(work.count, Count(stop=300, pause=0.001)) is job
    read(job)
    assert run(work.count, Count(stop=300, pause=0.001)) is job
    assert run(work.count, Count(stop=301, pause=0.001)) is not job
    assert run(work.listed, Count(stop=300, pause=0.001)) is not job


def test_what_was_stopped_or_failed_runs_anew(run: Callable[..., Job]):
    stopped = run(work.count, Count(pause=0.001))
    stopped.cancel()
    anew = run(work.count, Count(pause=0.001))
    assert anew is not stopped
    assert next(iter(anew.frames())) == 0
    error = ValueError("no.")
    failed = run(work.raises, error)
    until(lambda: failed.status.ended)
    assert run(work.raises, error) is not failed


def test_a_job_is_found_by_its_id(jobs: Jobs, run: Callable[..., Job]):
    job = run(work.count, Count(stop=3))
    assert jobs.find(job.id) is job
    assert jobs.find(job.id + "x") is None


def test_only_an_owners_latest_ended_jobs_are_kept(jobs: Jobs, run: Callable[..., Job]):
    ended = []
    for stop in range(1, 8):
        ended.append(run(work.count, Count(stop=stop)))
        read(ended[-1])
    assert [jobs.find(job.id) is job for job in ended] == [False] * 5 + [True] * 2
    assert read(ended[0]) == [0]  # who still holds one can read it


@pytest.mark.parametrize("make_frames", [lambda _: iter(()), "count".join, Count(stop=1).__eq__])
def test_a_function_that_no_worker_could_import_is_refused(run: Callable[..., Job], make_frames: Any):
    with pytest.raises(ValueError, match="it must be a function at the top of a module"):
        run(make_frames, None)


def test_a_function_of_the_main_script_is_refused(run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch):
    def scripted(_: Any) -> Iterator[int]:
        yield 0

    monkeypatch.setattr(scripted, "__module__", "__main__")
    monkeypatch.setattr(scripted, "__qualname__", "scripted")
    monkeypatch.setattr(sys.modules["__main__"], "scripted", scripted, raising=False)
    with pytest.raises(ValueError, match="it must be a function at the top of a module"):
        run(scripted, None)


def test_a_step_that_nobody_wants_any_more_ends_with_its_process(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Within the ten seconds that a run may outlive its reader: here without any for who comes back."""
    with Jobs(1, preload=("numpy",), limits=Limits(linger_seconds=0)) as jobs:
        jobs.submit(work.sleeps, str(tmp_path / "pid"), owner="leaver")
        until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        begin = time.monotonic()
        jobs.close("leaver")
        until(lambda: not jobs.num_running)
        assert GRACE < time.monotonic() - begin < GRACE + 5
        assert read(jobs.submit(work.count, Count(stop=3), owner="next")) == [0, 1, 2]
        assert jobs.num_restarts == 0, "nothing was lost"
        assert not caplog.records


def test_a_long_step_that_somebody_wants_is_left_alone(tmp_path: Path):
    with Jobs(1, preload=("numpy",), limits=Limits(linger_seconds=0)) as jobs:
        stays = jobs.submit(work.sleeps, str(tmp_path / "pid"), owner="stays")
        until(lambda: (tmp_path / "pid").exists())
        jobs.submit(work.count, Count(stop=3), owner="leaver")
        jobs.close("leaver")
        time.sleep(GRACE + 2 * EVERY)
        assert stays.status.state == "running"
        assert jobs.num_restarts == 0
