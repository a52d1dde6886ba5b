"""Who may not run yet waits, knows their place, and comes next in turn; who may not even wait is told so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from dlcore.jobs import Job, Jobs, Limits
from dlcore.jobs.worker import Round
from tests.jobs import work
from tests.jobs.waiting import read, until
from tests.jobs.work import Count

Submit = Callable[[str, str], Job]


@pytest.fixture
def server() -> Iterator[Callable[..., tuple[Jobs, Submit]]]:
    """A server of one worker with these limits, and a way to submit a run without end, by its name and its owner."""
    with ExitStack() as stack:

        def started(**limits: int) -> tuple[Jobs, Submit]:
            jobs = stack.enter_context(Jobs(1, preload=("numpy",), limits=Limits(linger_seconds=0, **limits)))
            return jobs, lambda name, owner: jobs.submit(work.count, Count(pause=0.001, name=name), owner=owner)

        yield started


def places(*jobs: Job) -> list[int]:
    return [job.status.place for job in jobs]


def test_a_full_server_lets_wait_and_tells_the_places(server: Callable[..., tuple[Jobs, Submit]]):
    jobs, submit = server(running=2)
    first, second, third, fourth, fifth = (submit(name, name) for name in "12345")
    assert (jobs.num_running, jobs.num_waiting) == (2, 3)
    assert [job.status.state for job in (first, second, third)] == ["running", "running", "queued"]
    assert places(first, second, third, fourth, fifth) == [0, 0, 1, 2, 3]
    first.cancel()
    until(lambda: third.status.state == "running")
    assert next(iter(third.frames())) == 0
    assert places(third, fourth, fifth) == [0, 1, 2]
    fourth.cancel()
    assert fourth.status.state == "stopped"
    assert read(fourth) == []
    assert places(fourth, fifth) == [0, 1]


def test_a_run_that_ends_makes_room(server: Callable[..., tuple[Jobs, Submit]]):
    jobs, submit = server(running=1)
    short = jobs.submit(work.count, Count(stop=200, pause=0.001), owner="a")
    waiting = submit("waits", "b")
    assert waiting.status.state == "queued"
    read(short)
    until(lambda: waiting.status.state == "running")


def test_an_owner_with_as_many_runs_as_allowed_holds_up_nobody_else(server: Callable[..., tuple[Jobs, Submit]]):
    _, submit = server(running_per_owner=2)
    mine = [submit(name, "me") for name in "123"]
    yours = submit("4", "you")
    assert [job.status.state for job in mine] == ["running", "running", "queued"]
    assert yours.status.state == "running"
    mine[1].cancel()
    until(lambda: mine[2].status.state == "running")


def test_an_owner_who_leaves_leaves_the_queue(server: Callable[..., tuple[Jobs, Submit]]):
    jobs, submit = server(running=1)
    first, left, last = submit("1", "a"), submit("2", "b"), submit("3", "c")
    assert places(left, last) == [1, 2]
    jobs.close("b")
    assert left.status.state == "stopped"
    assert places(last) == [1]
    jobs.close("a")
    until(lambda: last.status.state == "running")
    assert first.status.state == "stopped"


def test_the_same_work_waits_only_once(server: Callable[..., tuple[Jobs, Submit]]):
    _, submit = server(running=1)
    submit("1", "a")
    waiting = submit("2", "a")
    assert submit("2", "a") is waiting
    assert waiting.status.place == 1


def test_nobody_may_wait_for_too_much(server: Callable[..., tuple[Jobs, Submit]]):
    _, submit = server(running=1, waiting=3, waiting_per_owner=2)
    for name in "123":
        submit(name, "a")
    with pytest.raises(ValueError, match="2 of your runs are waiting already"):
        submit("4", "a")
    submit("5", "b")
    with pytest.raises(ValueError, match="The server is busy, and 3 runs are waiting"):
        submit("6", "c")
    assert submit("1", "c").status.state == "running"  # what is computed anyway costs nothing


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"running": 0}, "running is 0: it must be a whole number from 1"),
        ({"waiting_per_owner": -1}, "waiting_per_owner is -1: it must be a whole number from 0"),
        ({"seconds": float("nan")}, "seconds is nan: it must be a number from 0.01"),
    ],
)
def test_limits_that_cannot_be_are_refused(limits: dict[str, float], told: str):
    with pytest.raises(ValueError, match=told):
        Limits(**limits)  # type: ignore[arg-type]


def test_a_new_run_is_next_and_between_two_new_ones_an_old_one_has_its_turn():
    runs: Any = Round()
    for name in ("x", "y"):
        runs.back(name)
    order = []
    for name in "abc":  # they come faster than turns are over
        runs.add(name)
    for _ in range(7):
        order.append(runs.next())
        runs.back(order[-1])
    assert "".join(order) == "axbycax"
