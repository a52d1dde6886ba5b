"""Readers without a browser: the app's own script under Streamlit's AppTest."""

import functools
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dlcore.lessons import discover
from dlcore.ui import live, runs, shell
from tests.idle_jobs import IdleJobs

SECONDS = 120  # a busy machine


@pytest.fixture(scope="session", autouse=True)
def one_scan() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages, which takes longer than a page: once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        name = "scan_component_manifests"
        patch.setattr(manifest_scanner, name, functools.cache(getattr(manifest_scanner, name)))
        yield


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A new reader follows a link: open_page("optimizers", {"lr": "0.1"}, lecture="1") is ?optimizers.lr=0.1&lecture=1.

    A list as a value names the parameter several times. Live runs are computed only when the page reads them.
    """
    idle = IdleJobs()
    monkeypatch.setattr(runs, "jobs", lambda: idle)
    monkeypatch.setattr(live, "_owner", lambda: "a reader")  # who is not told when their session ends

    def opened(slug: str, controls: dict[str, str | list[str]] | None = None, **others: str) -> AppTest:
        entry = next(entry for entry in discover() if entry.slug == slug)
        script = Path(shell.__file__)
        reader = AppTest.from_file(str(script), default_timeout=SECONDS)
        reader.switch_page(os.path.relpath(entry.path, script.parent))
        for name, value in (controls or {}).items():
            reader.query_params[f"{slug}.{name}"] = value
        for name, value in others.items():
            reader.query_params[name] = value
        return reader.run()

    return opened


@pytest.fixture
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The shell tells readers a sentence and the host the trace: a test that uses this fails where there is one."""
    caplog.set_level(logging.ERROR)
    yield caplog
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []
