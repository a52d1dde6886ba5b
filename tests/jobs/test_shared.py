"""Equal work of several owners is computed once; each has their own job, and what is kept afterwards is bounded."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dlcore.jobs import Job, Jobs, Limits
from tests.jobs import work
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count

ENDLESS = Count(pause=0.001)


@pytest.fixture
def server() -> Iterator[Callable[..., Jobs]]:
    """A server of two workers with these limits."""
    with ExitStack() as stack:
        yield lambda **limits: stack.enter_context(
            Jobs(2, preload=("numpy",), limits=Limits(**{"linger_seconds": 0, **limits}))
        )


def begun(job: Job) -> Job:
    next(iter(job.frames()))
    return job


def test_a_hall_that_opens_the_same_link_costs_one_run(server: Callable[..., Jobs], tmp_path: Path):
    jobs = server()
    hall = [jobs.submit(work.signs, str(tmp_path / "names"), owner=str(number)) for number in range(100)]
    assert jobs.num_running == 1
    frames = [read(job) for job in hall]
    assert len({job.id for job in hall}) == 100
    assert all(each == frames[0] for each in frames)
    late = jobs.submit(work.signs, str(tmp_path / "names"), owner="late")
    assert late.status.state == "done"
    assert read(late) == frames[0]
    assert (tmp_path / "names").read_text() == "x"


def test_who_stops_stops_for_themselves_until_the_last_one_does(server: Callable[..., Jobs], tmp_path: Path):
    jobs = server()
    first, second = (jobs.submit(work.leaves_a_file, str(tmp_path / "gone"), owner=owner) for owner in "12")
    begun(second)
    first.cancel()
    kept = first.status.num_frames
    assert (first.status.state, second.status.state) == ("stopped", "running")
    until(lambda: second.status.num_frames > kept)
    assert read(first) == [0, *[1] * (kept - 1)][:kept]
    assert not (tmp_path / "gone").exists()
    second.cancel()
    until((tmp_path / "gone").exists)


def test_who_comes_back_to_what_others_go_on_with_joins_them(server: Callable[..., Jobs]):
    jobs = server()
    first, second = (begun(jobs.submit(work.process, None, owner=owner)) for owner in "12")
    first.cancel()
    again = jobs.submit(work.process, None, owner="1")
    assert again is not first
    assert again.work is second.work
    assert jobs.submit(work.process, None, owner="1") is again
    assert jobs.num_running == 1


def test_a_reader_who_waits_is_told_that_their_own_job_was_stopped(server: Callable[..., Jobs], tmp_path: Path):
    jobs = server()
    first, _ = (jobs.submit(work.until_file, str(tmp_path / "go"), owner=owner) for owner in "12")
    frames = iter(first.frames())
    assert next(frames) == "before"
    first.cancel()
    assert list(frames) == []


def test_a_run_in_the_queue_begins_when_any_of_its_owners_may(server: Callable[..., Jobs]):
    jobs = server(running_per_owner=1)
    begun(jobs.submit(work.count, ENDLESS, owner="busy"))
    shared = jobs.submit(work.process, None, owner="busy")
    assert shared.status.place == 1
    begun(jobs.submit(work.process, None, owner="idle"))
    assert shared.status.state == "running"


def test_a_run_lost_with_its_worker_fails_for_all_and_runs_anew_for_all(server: Callable[..., Jobs]):
    jobs = server()
    lost = [jobs.submit(work.process, None, owner=owner) for owner in "12"]
    os.kill(next(iter(lost[0].frames())), 9)
    assert outcome(lost[0]) == outcome(lost[1])
    again = [jobs.submit(work.process, None, owner=owner) for owner in "12"]
    assert again[0].work is again[1].work is not lost[0].work
    begun(again[0])


# What is kept


def test_the_oldest_results_make_room_and_those_nobody_looks_at_first(server: Callable[..., Jobs]):
    jobs = server(kept_bytes=3_600_000)

    def result(number: int, owner: str) -> Job:
        job = jobs.submit(work.block, (number, 1_000_000), owner=owner)
        read(job)
        return job

    looked_at, left, other = result(1, "stays"), result(2, "goes"), result(3, "stays, too")
    jobs.close("goes")
    assert jobs.find(left.id) is None
    assert jobs.submit(work.block, (2, 1_000_000), owner="new").work is left.work  # kept, though its owner has gone
    jobs.close("new")
    newest = result(4, "last")
    assert jobs.load.num_bytes < 3_200_000
    assert [jobs.find(job.id) is job for job in (looked_at, other, newest)] == [True] * 3
    assert jobs.submit(work.block, (2, 1_000_000), owner="new").work is not left.work
    until(lambda: jobs.find(looked_at.id) is None)  # the oldest, now that the second is computed anew
    assert jobs.submit(work.block, (1, 1_000_000), owner="stays").work is not looked_at.work


def test_what_was_stopped_is_not_kept_when_its_owner_has_gone(server: Callable[..., Jobs]):
    jobs = server()
    begun(jobs.submit(work.blocks, 1000, owner="a"))
    jobs.close("a")
    until(lambda: jobs.num_running == 0)
    assert jobs.load.num_bytes == 0


# Coming and going


def test_a_page_that_is_read_anew_finds_its_run_still_going(server: Callable[..., Jobs]):
    jobs = server(linger_seconds=5)
    before = begun(jobs.submit(work.process, None, owner="before"))
    jobs.close("before")
    assert jobs.find(before.id) is None
    assert before.status.state == "stopped"
    after = jobs.submit(work.process, None, owner="after")
    assert after.work is before.work
    jobs._stop_unwanted()
    assert after.status.state == "running"


def test_no_run_outlives_its_session_by_more_than_ten_seconds(tmp_path: Path):
    with Jobs(1, preload=("numpy",)) as jobs:  # the limits that a server has
        begun(jobs.submit(work.leaves_a_file, str(tmp_path / "gone"), owner="a"))
        jobs.submit(work.count, Count(pause=0.01), owner="a")
        begin = time.monotonic()
        jobs.close("a")
        until(lambda: jobs.num_running == 0)
        assert (tmp_path / "gone").exists()
        assert time.monotonic() - begin < 10


def test_nobody_lingers_where_somebody_waits(server: Callable[..., Jobs]):
    jobs = server(linger_seconds=60, running=1)
    begun(jobs.submit(work.process, None, owner="a"))
    jobs.close("a")
    assert jobs.num_running == 1
    begun(jobs.submit(work.count, ENDLESS, owner="b"))
