"""The run that a session has going on a page: started, read again by every rerun, replaced when the settings change."""

import secrets
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

import streamlit as st

from dlcore.jobs import Job
from dlcore.training import Snapshot
from dlcore.ui import runs
from dlcore.ui.controls import Controls

Config = TypeVar("Config")


class Run:
    """A run as a page sees it."""

    def __init__(self, job: Job, again: int, go_on: Callable[[], None]) -> None:
        self._job = job
        #: What the player needs to show it.
        self.settings = {**runs.addresses(job), "again": again, "on_again": go_on}

    @property
    def ended(self) -> bool:
        """There will be no more frames."""
        return self._job.status.ended

    def snapshots(self) -> list[Snapshot]:
        """The frames computed so far."""
        return list(islice(self._job.frames(), self._job.status.num_frames))


def run(c: Controls, make_frames: Callable[[Config], Iterator[Snapshot]], config: Config) -> Run:
    """The session's run of these settings: the one it has, if it is of the same, else a new one in its place.

    A run that the reader has stopped stays stopped until they want it to go on, which the player tells.

    Raises: ValueError, with a sentence for the reader, where the server has no place for it, not even in its queue.
    """
    what, jobs = (make_frames.__qualname__, config), runs.jobs()
    known, job_id, again = st.session_state.get(c.key("run"), (None, "", 0))
    job = jobs.find(job_id)
    wanted = st.session_state.pop(c.key("again"), False)
    if job is None or known != what or (wanted and job.status.ended):
        if job is not None:
            job.cancel()
        job = jobs.submit(make_frames, config, owner=_owner())
        again += known == what
        try:
            st.session_state[c.key("run")] = what, job.id, again
        except BaseException:  # the reader has done something else just now: Streamlit ends the script here
            job.cancel()
            raise
    return Run(job, again, lambda: st.session_state.update({c.key("again"): True}))


def _leave(owner: str) -> None:
    runs.jobs().close(owner)


@st.cache_resource(scope="session", show_spinner=False, on_release=_leave)
def _owner() -> str:
    """What the workers know this session by; when the tab is closed, all that it has running ends."""
    return secrets.token_urlsafe(16)
