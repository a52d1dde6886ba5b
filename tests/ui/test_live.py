"""A session's run: reruns of the page neither end nor double it, other settings replace it, a stopped one stays so."""

import time
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlcore.jobs import Job, Jobs
from dlcore.ui import live, runs
from dlcore.ui.controls import Controls
from tests.ui import moments


@pytest.fixture(scope="module")
def workers() -> Iterator[Jobs]:
    with Jobs(1, preload=("dlcore.training",)) as started:
        yield started


@pytest.fixture(autouse=True)
def jobs(workers: Jobs, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(runs, "jobs", lambda: workers)
    return workers


def page() -> None:
    """A page with one run: its settings are in the session's state."""
    import streamlit as st

    from dlcore.ui import live
    from dlcore.ui.controls import Controls
    from tests.ui import moments

    settings = moments.Steps(
        stop=st.session_state.get("stop", 10**6), pause=0.002, name=st.session_state.get("name", "")
    )
    run = live.run(Controls("demo", {}), moments.frames, settings)
    st.session_state["shown"] = {**run.settings, "ended": run.ended, "count": len(run.snapshots())}
    st.button("again", on_click=run.settings["on_again"])


def opened(**state: object) -> AppTest:
    session = AppTest.from_function(page)
    for name, value in state.items():
        session.session_state[name] = value
    return session.run()


def job_of(session: AppTest, jobs: Jobs) -> Job:
    job = jobs.find(session.session_state["shown"]["stream"].rpartition("/")[2])
    assert job is not None
    return job


def begun(job: Job) -> Job:
    while not job.status.num_frames:
        time.sleep(0.002)
    return job


def test_a_rerun_neither_ends_nor_doubles_the_run(jobs: Jobs) -> None:
    session = opened(name="rerun")
    job = begun(job_of(session, jobs))
    running = jobs.num_running
    for _ in range(3):
        session.run()
        assert job_of(session, jobs) is job
    assert (job.status.state, jobs.num_running) == ("running", running)
    assert session.session_state["shown"]["count"] >= 1
    job.cancel()


def test_other_settings_replace_the_run(jobs: Jobs) -> None:
    session = opened(name="first")
    first = begun(job_of(session, jobs))
    session.session_state["name"] = "second"
    session.run()
    second = job_of(session, jobs)
    assert second is not first
    assert first.status.state == "stopped"
    assert session.session_state["shown"]["again"] == 0  # another run, which begins at its first frame
    second.cancel()


def test_a_stopped_run_stays_stopped_until_it_shall_go_on(jobs: Jobs) -> None:
    session = opened(name="stopped")
    job = begun(job_of(session, jobs))
    job.cancel()
    session.run()
    assert job_of(session, jobs) is job
    assert session.session_state["shown"]["ended"]
    assert session.session_state["shown"]["count"] == job.status.num_frames >= 1
    session.button[0].click().run()
    other = job_of(session, jobs)
    assert other is not job
    assert session.session_state["shown"]["again"] == 1  # the same run: the reader stays where they stand
    session.run()
    assert job_of(session, jobs) is other
    other.cancel()


def test_two_sessions_with_the_same_settings_share_what_is_computed_and_not_its_end(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_owner", lambda: st.session_state["reader"])  # the sessions of AppTest are one
    first, second = (opened(name="both", reader=reader) for reader in ("first", "second"))
    mine, yours = job_of(first, jobs), job_of(second, jobs)
    assert mine is not yours
    assert mine.work is yours.work
    mine.cancel()
    first.run()
    second.run()
    assert first.session_state["shown"]["ended"]
    assert not second.session_state["shown"]["ended"]
    yours.cancel()


class Cut(dict):
    """A session's state that the reader's next click cuts the script off from, just as it notes a run."""

    def __setitem__(self, key: str, value: object) -> None:
        if key == "demo.run":
            raise KeyboardInterrupt
        super().__setitem__(key, value)


def test_a_script_that_is_cut_off_leaves_no_run_behind(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", Cut())
    monkeypatch.setattr(live, "_owner", lambda: "cut off")
    with pytest.raises(KeyboardInterrupt):
        live.run(Controls("demo", {}), moments.frames, moments.Steps(stop=10**6, pause=0.002, name="cut off"))
    end = time.monotonic() + 10
    while jobs.num_running and time.monotonic() < end:
        time.sleep(0.01)
    assert jobs.num_running == 0
