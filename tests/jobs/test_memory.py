"""Memory is bounded: of a run, which is ended alone, and of a worker, which is ended with its runs and comes back."""

import sys
from collections.abc import Iterator

import pytest

from dlcore.jobs import Jobs, Limits
from tests.jobs import work
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
MB = 1_000_000


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    limits = Limits(run_bytes=150 * MB, worker_bytes=600 * MB, linger_seconds=0)
    with Jobs(1, preload=("numpy",), limits=limits) as started:
        yield started


def test_a_run_that_takes_too_much_is_ended_and_its_neighbour_is_not(jobs: Jobs):
    neighbour = jobs.submit(work.process, None, owner="a")
    pid = next(iter(neighbour.frames()))
    greedy = jobs.submit(work.hoards, 10 * MB, owner="b")
    told = "This run was ended: it took more than 0.15 GB of memory, the most it may."
    assert outcome(greedy) == ("stopped", told)
    assert 10 <= greedy.status.num_frames <= 15
    assert neighbour.status.state == "running"
    assert next(iter(jobs.submit(work.process, 2, owner="c").frames())) == pid


def test_a_run_that_keeps_nothing_may_go_on_for_long(jobs: Jobs):
    assert len(read(jobs.submit(work.passing, 30 * MB, owner="a"))) == 50


def test_a_worker_that_takes_too_much_in_one_step_is_ended_and_comes_back(jobs: Jobs):
    neighbour = jobs.submit(work.count, Count(pause=0.001), owner="a")
    next(iter(neighbour.frames()))
    greedy = jobs.submit(work.hoards_in_one_step, 10 * MB, owner="b")
    pid = next(iter(greedy.frames()))
    told = "The process that computed this run took more than 0.6 GB of memory, and was ended."
    assert outcome(greedy) == outcome(neighbour) == ("failed", f"{told} Press “Go on” to compute it again.")
    again = jobs.submit(work.count, Count(pause=0.001), owner="a")
    until(lambda: again.status.num_frames)
    assert next(iter(jobs.submit(work.process, None, owner="b").frames())) != pid
