"""Workers that are actors of a Ray cluster: lost, too large, or not to be had; all else is tested as it is here."""

import sys
from collections.abc import Callable, Iterator

import pytest

from dlcore.jobs import Jobs, Limits
from dlcore.jobs.messages import Message
from dlcore.jobs.processes import Forks
from tests.jobs import work
from tests.jobs.conftest import without_ray
from tests.jobs.waiting import outcome, read, until
from tests.jobs.work import Count


def on_a_cluster(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.slow(without_ray(test))


@pytest.fixture
def jobs(cluster: str) -> Iterator[Jobs]:
    limits = Limits(linger_seconds=0, step_seconds=0.5, worker_bytes=900_000_000)
    with Jobs(1, preload=("numpy",), limits=limits, ray=cluster) as started:
        yield started


@on_a_cluster
@pytest.mark.parametrize("make_frames", [work.leaves, work.stuck])
def test_a_lost_worker_is_told_of_and_comes_back(jobs: Jobs, make_frames):
    job = jobs.submit(make_frames, None, owner="a")
    state, sentence = outcome(job)
    assert (state, sentence.partition(".")[0]) == (
        "failed",
        "The process that computed this run has ended before its time",
    )
    assert read(job) == [0]
    assert read(jobs.submit(work.count, Count(stop=5), owner="a")) == [0, 1, 2, 3, 4]
    assert jobs.num_restarts == 1


@on_a_cluster
def test_a_worker_that_takes_too_much_memory_says_so(jobs: Jobs):
    state, sentence = outcome(jobs.submit(work.hoards_in_one_step, 10_000_000, owner="a"))
    assert state == "failed"
    assert sentence.startswith("The process that computed this run took more than 0.9 GB of memory")


@on_a_cluster
def test_a_worker_for_which_the_cluster_has_no_place_gets_no_run(cluster: str):
    limits = Limits(linger_seconds=0)
    with Jobs(3, preload=("numpy",), limits=limits, ray=cluster) as jobs:  # it has two processors
        until(lambda: jobs.load.able == 2)
        runs = [jobs.submit(work.count, Count(pause=0.01, name=name), owner=name) for name in "abc"]
        for job in runs:
            assert next(iter(job.frames())) == 0
        assert jobs.load.able == 2
        assert jobs.worker_pids == [], "they are not of this machine"


class Deaf:
    """A worker that cannot be listened to."""

    pid, ready = None, True

    def send(self, message: object) -> None:
        """It does not hear."""

    def messages(self) -> Iterator[Message]:
        raise ConnectionError("the client has lost the cluster")
        yield

    def hang_up(self) -> None:
        """It is gone."""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
def test_a_worker_that_cannot_be_heard_is_lost_and_another_one_is_started(monkeypatch: pytest.MonkeyPatch):
    start, deaf = Forks.start, [Deaf()]
    monkeypatch.setattr(Forks, "start", lambda self: deaf.pop() if deaf else start(self))
    with Jobs(1, preload=("numpy",), limits=Limits(linger_seconds=0), method="fork") as jobs:
        until(lambda: jobs.num_restarts == 1)
        assert read(jobs.submit(work.count, Count(stop=3), owner="a")) == [0, 1, 2]


def test_without_ray_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"Ray is not installed: pip install -r requirements-ray\.txt"):
        Jobs(1, ray="auto")


@on_a_cluster
def test_an_address_where_nobody_answers_is_told_of():
    with pytest.raises(ValueError, match=r"engine is '127\.0\.0\.1:1': no Ray cluster answers there"):
        Jobs(1, ray="127.0.0.1:1")
