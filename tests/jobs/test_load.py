"""What a host is told: runs there are and were, how long they waited and ran, and in which processes."""

import os
import signal
from collections import Counter

import pytest

from dlcore.jobs import Jobs, Limits
from tests.jobs import work
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count


def test_the_load_tells_what_there_is_and_what_has_been():
    with Jobs(1, preload=("numpy",), limits=Limits(running=1, linger_seconds=0)) as jobs:
        first = jobs.submit(work.count, Count(stop=100, pause=0.005), owner="a")
        jobs.submit(work.count, Count(stop=100, pause=0.005), owner="b")
        jobs.submit(work.count, Count(stop=100, pause=0.005), owner="b")  # theirs already
        waits = jobs.submit(work.process, None, owner="a")
        begun = jobs.load
        assert (begun.running, begun.waiting) == (1, 1)
        assert (begun.tally.submitted, begun.tally.shared, begun.tally.ended) == (3, 1, Counter())
        read(first)
        pid = next(iter(waits.frames()))
        later = jobs.load
        assert later.pids == (pid,)
        assert later.num_bytes >= first.work.num_bytes > 0
        assert later.tally.ended == Counter(done=1)
        assert later.tally.ran_seconds >= 0.4
        assert later.tally.waited_seconds == pytest.approx(later.tally.ran_seconds, rel=0.5)
        os.kill(pid, signal.SIGKILL)
        outcome(waits)
        until(lambda: jobs.load.pids and jobs.load.pids != (pid,))
        assert jobs.load.tally.ended == Counter(done=1, failed=1)
        assert jobs.load.tally.lost_workers == 1
        assert begun.tally.lost_workers == 0  # what was told before does not change


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has a class for what nobody else wants")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_give_way_as_far_as_the_host_wants(method: str):
    own = os.getpriority(os.PRIO_PROCESS, 0)
    for nice, policy in ((0, os.SCHED_OTHER), (5, os.SCHED_OTHER), (19, os.SCHED_IDLE)):
        with Jobs(1, preload=(), method=method, nice=nice) as jobs:
            pid = next(iter(jobs.submit(work.process, nice, owner="a").frames()))
            assert os.sched_getscheduler(pid) == policy
            assert os.getpriority(os.PRIO_PROCESS, pid) == min(own + nice, 19)
