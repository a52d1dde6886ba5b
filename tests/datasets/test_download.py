"""Downloads, from a server of the test's own: whole and checked, or not at all, and never from the beginning again."""

import errno
import hashlib
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from dlcore.datasets import __main__ as command
from dlcore.datasets import download as module
from dlcore.datasets import files
from dlcore.datasets.download import Download, fetch

DATA = bytes(range(256)) * 4000  # a megabyte
SHA256 = hashlib.sha256(DATA).hexdigest()


class Server(NamedTuple):
    """A server on this machine, what its next answers are, and which requests it has had."""

    address: str
    plans: list[str]  # whole, half, wrong, endless, deaf, missing; the last one stays
    ranges: list[str]

    def download(self, *paths: str) -> Download:
        return Download("file.bin", len(DATA), SHA256, tuple(f"{self.address}/{path}" for path in paths or ("a",)))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    plans, ranges = ["whole"], []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers["Range"] or ""
            ranges.append(asked)
            answer(self, plans.pop(0) if len(plans) > 1 else plans[0], int(asked[6:-1] or 0) if asked else 0)

        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Server(f"http://127.0.0.1:{httpd.server_address[1]}", plans, ranges)
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def answer(handler: BaseHTTPRequestHandler, plan: str, start: int) -> None:
    if plan == "missing":
        handler.send_error(404)
        return
    body = {"wrong": DATA[::-1], "endless": DATA * 3}.get(plan, DATA)
    resumes = start > 0 and plan != "deaf"
    body = body[start:] if resumes else body
    handler.send_response(206 if resumes else 200)
    handler.send_header("Content-Length", str(len(body)))
    if resumes:
        handler.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
    handler.end_headers()
    try:
        handler.wfile.write(body[: len(body) // 2] if plan == "half" else body)
    except OSError:  # the reader has had enough
        handler.close_connection = True


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_file_arrives_whole_and_tells_how_far_it_is(server: Server, tmp_path: Path) -> None:
    told: list[int] = []
    path = fetch(server.download(), tmp_path / "deep" / "folder", told.append)
    assert path.read_bytes() == DATA
    assert names(path.parent) == ["file.bin"]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, len(DATA))
    assert len(told) > 3


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(DATA)
    fetch(server.download(), tmp_path)
    assert not server.ranges


def test_what_is_there_and_is_not_right_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(DATA[:-1] + b"x")
    assert fetch(server.download(), tmp_path).read_bytes() == DATA


def test_an_interrupted_download_goes_on_from_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    server.plans[:] = ["half", "whole"]
    with pytest.raises(ValueError, match=r"broke off after 512000 of 1024000 bytes\. Run the command again"):
        fetch(server.download(), tmp_path)
    assert names(tmp_path) == ["file.bin.part"]
    assert fetch(server.download(), tmp_path).read_bytes() == DATA
    assert server.ranges == ["", "bytes=512000-"]
    assert names(tmp_path) == ["file.bin"]


def test_a_server_that_cannot_resume_is_asked_for_the_whole(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"y" * 1000)
    server.plans[:] = ["deaf"]
    assert fetch(server.download(), tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("plan", ["wrong", "endless"])
def test_another_file_is_thrown_away_and_never_put_in_place(server: Server, tmp_path: Path, plan: str) -> None:
    server.plans[:] = [plan]
    with pytest.raises(
        ValueError, match=r"file\.bin from 127\.0\.0\.1:\d+ is not the official file: its checksum is wrong"
    ):
        fetch(server.download(), tmp_path)
    assert names(tmp_path) == []


def test_a_part_of_another_file_does_not_block_for_ever(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"y" * 1000)
    with pytest.raises(ValueError, match="checksum is wrong"):
        fetch(server.download(), tmp_path)
    assert fetch(server.download(), tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("first", ["missing", "wrong", "half"])
def test_the_next_address_is_asked_where_one_fails(server: Server, tmp_path: Path, first: str) -> None:
    server.plans[:] = [first, "whole"]
    assert fetch(server.download("a", "b"), tmp_path).read_bytes() == DATA


def test_a_file_that_a_server_does_not_have_is_said(server: Server, tmp_path: Path) -> None:
    server.plans[:] = ["missing"]
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:\d+ does not give file\.bin: it answers 404 Not Found"):
        fetch(server.download(), tmp_path)


def test_without_a_network_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:  # bound, and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/file.bin"
        with pytest.raises(ValueError, match=r"cannot be fetched from 127\.0\.0\.1:\d+ \(.*\): is this machine online"):
            fetch(Download("file.bin", 5, SHA256, (url,)), tmp_path)


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(ValueError, match=f"The disk is full: make room in {tmp_path}"):
        fetch(server.download(), tmp_path)
    assert not server.ranges


def test_a_disk_that_fills_up_keeps_what_has_arrived(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: BinaryIO, file: BinaryIO, *_: object) -> None:
        file.write(source.read(1000))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(module, "_copy", copy)
        with pytest.raises(ValueError, match="The disk is full"):
            fetch(server.download(), tmp_path)
    assert fetch(server.download(), tmp_path).read_bytes() == DATA
    assert server.ranges == ["", "bytes=1000-"]


def test_a_folder_that_cannot_be_written_to_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ValueError, match="cannot be written to"):
        fetch(server.download(), tmp_path / "taken")


Said = Callable[[], tuple[str, str]]


@pytest.fixture
def registered(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """MNIST's files are one small file of the test's server; DESCENT_DATA names a folder."""
    small = files.IMAGE_FILES["mnist"]._replace(downloads=(server.download(),))
    monkeypatch.setitem(files.IMAGE_FILES, "mnist", small)
    monkeypatch.setenv(files.VARIABLE, str(tmp_path))
    return tmp_path


def test_the_command_fetches_a_set_into_the_hosts_folder(registered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["mnist"]) == 0
    assert (registered / "mnist" / "file.bin").read_bytes() == DATA
    said = capsys.readouterr().out
    assert "1.0 MB, checksum right" in said
    assert f"MNIST is in {registered / 'mnist'}" in said


def test_the_command_fetches_into_another_folder(registered: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    assert command.main(["mnist", "--folder", str(other)]) == 0
    assert (other / "mnist" / "file.bin").exists()
    assert not (registered / "mnist").exists()


def test_on_a_terminal_a_bar_grows(
    registered: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert command.main(["mnist"]) == 0
    said = capsys.readouterr().out
    assert "░░   0% of 1.0 MB" in said
    assert "██ 100% of 1.0 MB" in said


def test_the_command_lists_what_is_there(registered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(files.IMAGE_FILES)


def test_a_failure_is_one_sentence_and_a_status(
    registered: Path, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.plans[:] = ["wrong"]
    assert command.main(["mnist"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.delenv(files.VARIABLE)
    assert command.main(["mnist"]) == 1
    assert capsys.readouterr().err == "There is no folder to fetch into: set DESCENT_DATA, or give --folder.\n"
    with pytest.raises(SystemExit, match="2"):
        command.main(["imagenet"])
    assert "no image set 'imagenet': it must be one of mnist, fashion-mnist, cifar-10" in capsys.readouterr().err


def test_stopping_it_is_no_traceback(
    registered: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "fetch", interrupted)
    assert command.main(["mnist"]) == 130
    assert "goes on from there" in capsys.readouterr().err
