"""A server that cannot write a byte to any file, as on a full disk, opens every lesson and trains."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks._load import open_scene, read_run
from benchmarks._session import visit
from dlcore.checkpoints import write
from dlcore.lessons import ROOT, discover

pytestmark = pytest.mark.skipif(not shutil.which("prlimit"), reason="prlimit, which forbids files to grow, is Linux's")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server that may make no file larger than nothing; its log goes through a pipe."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["prlimit", "--fsize=0:0", sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true"]
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            time.sleep(0.5)
            try:
                urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None
        yield address
    finally:
        server.terminate()
        _, said = server.communicate(timeout=30)
    assert b"Error" not in said, said.decode()


@pytest.mark.slow
def test_every_lesson_opens(url: str) -> None:
    for entry in discover():
        with visit(url, entry.slug) as session:
            open_scene(session)


@pytest.mark.slow
def test_a_training_runs_to_its_end(url: str) -> None:
    with visit(url, "overfitting", "overfitting.num_steps=200") as session:
        open_scene(session)
        assert read_run(url, session) > 1000


def test_a_checkpoint_that_does_not_fit_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.safetensors"
    write(path, {}, {"network": "old"})
    before = path.read_bytes()

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write(path, {}, {"network": "new"})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
