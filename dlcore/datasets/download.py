"""Knows how a file comes from the internet: whole, checked, or not at all; does not know which files there are."""

import errno
import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

PART = ".part"  # what has arrived so far has the file's name and this
CHUNK = 2**18  # bytes
PATIENCE = 30  # seconds without a byte
SPARE = 2**20  # bytes that stay free on the disk
GOES_ON = "Run the command again, and it goes on from there"
#: Told of the bytes that have arrived; the file's size is known beforehand.
Progress = Callable[[int], None]


class Download(NamedTuple):
    """A file, and where it can be had: the first address that answers with the right bytes is taken."""

    name: str
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]


def fetch(download: Download, folder: Path, progress: Progress = lambda arrived: None) -> Path:
    """Fetches the file into the folder, unless it is there; it gets its name only once its checksum is right.

    What has arrived of an interrupted download is kept, and not fetched again.

    Raises: ValueError, and nothing else: one sentence on what to do.
    """
    target, part = folder / download.name, folder / (download.name + PART)
    try:
        if is_whole(download, target):
            return target
        folder.mkdir(parents=True, exist_ok=True)
        _check_space(download, part)
        _arrive(download, part, progress)
        part.replace(target)
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ValueError(f"The disk is full: make room in {folder}. {GOES_ON}.") from None
        raise ValueError(f"{folder} cannot be written to: {fault.strerror or fault}.") from None
    return target


def is_whole(download: Download, path: Path) -> bool:
    """Whether the file is there with its size and checksum."""
    return path.is_file() and path.stat().st_size == download.size and _sha256(path) == download.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check_space(download: Download, part: Path) -> None:
    needed = download.size - _size(part) + SPARE
    if shutil.disk_usage(part.parent).free < needed:
        raise OSError(errno.ENOSPC, "no space")


def _arrive(download: Download, part: Path, progress: Progress) -> None:
    """Asks one address after the other until the part is the whole file.

    Raises: ValueError with the last one's failure.
    """
    failure = ""
    for url in download.urls:
        failure = _receive(download, url, part, progress) or _checked(download, url, part)
        if not failure:
            return
    raise ValueError(failure)


def _checked(download: Download, url: str, part: Path) -> str:
    """What is wrong with the bytes that have arrived, which are thrown away then; "" if nothing is."""
    if is_whole(download, part):
        return ""
    part.unlink(missing_ok=True)
    return f"{download.name} from {_host(url)} is not the official file: its checksum is wrong, and it was thrown away."


def _receive(download: Download, url: str, part: Path, progress: Progress) -> str:
    """Fetches what is missing; why that failed, or ""."""
    arrived = _size(part)
    if arrived >= download.size:
        return ""
    request = urllib.request.Request(url, headers={"Range": f"bytes={arrived}-"} if arrived else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            resumed = arrived > 0 and _resumes(answer, arrived)
            with part.open("ab" if resumed else "wb") as file:
                _copy(answer, file, download.size, progress)
    except urllib.error.HTTPError as fault:
        with fault:
            return f"{_host(url)} does not give {download.name}: it answers {fault.code} {fault.reason}."
    except _Lost as lost:
        return f"{download.name} cannot be fetched from {_host(url)} ({lost}): is this machine online? {GOES_ON}."
    except urllib.error.URLError as fault:
        return f"{download.name} cannot be fetched from {_host(url)} ({fault.reason}): is this machine online?"
    except (HTTPException, TimeoutError, ConnectionError) as fault:
        return f"{download.name} cannot be fetched from {_host(url)} ({fault or type(fault).__name__})."
    if _size(part) < download.size:
        return f"{download.name} from {_host(url)} broke off after {_size(part)} of {download.size} bytes. {GOES_ON}."
    return ""


class _Lost(Exception):
    """The connection, while bytes were arriving."""


def _resumes(answer: HTTPResponse, arrived: int) -> bool:
    """Whether the answer goes on from there; a server may give the whole file instead."""
    return answer.status == 206 and (answer.headers["Content-Range"] or "").startswith(f"bytes {arrived}-")


def _copy(answer: HTTPResponse, file: BinaryIO, size: int, progress: Progress) -> None:
    """Writes what arrives, and at most one byte more than the size, which shows that the file is another."""
    progress(file.tell())
    while file.tell() <= size:
        try:
            chunk = answer.read(min(CHUNK, size + 1 - file.tell()))
        except (OSError, HTTPException) as fault:
            raise _Lost(str(fault) or type(fault).__name__) from None
        if not chunk:
            return
        file.write(chunk)
        progress(file.tell())


def _host(url: str) -> str:
    return urlsplit(url).netloc
