"""`python -m dlcore.datasets` lists the official image sets; `python -m dlcore.datasets mnist` fetches one.

They go into the folder that DESCENT_DATA names, or that --folder names. The lessons themselves never fetch anything.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dlcore.datasets.download import Download, Progress, fetch
from dlcore.datasets.files import IMAGE_FILES, VARIABLE, available, folder

BAR = 32  # characters


def main(arguments: Sequence[str]) -> int:
    """Lists the sets, or fetches those named. Returns the exit status."""
    names, place = _parse(arguments)
    if not names:
        for name, reason in available().items():
            _say(f"{name:14}{IMAGE_FILES[name].title:15}{reason or 'is there'}\n")
        return 0
    if place is None:
        return _refuse(f"There is no folder to fetch into: set {VARIABLE}, or give --folder.")
    try:
        for name in names:
            _fetch_all(name, place)
    except ValueError as fault:
        return _refuse(str(fault))
    except KeyboardInterrupt:
        return _refuse("Stopped. Run the command again, and it goes on from there.", 130)
    return 0


def _parse(arguments: Sequence[str]) -> tuple[list[str], Path | None]:
    parser = argparse.ArgumentParser(prog="python -m dlcore.datasets", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(IMAGE_FILES))
    parser.add_argument("--folder", type=Path, default=folder(), help=f"instead of the one that {VARIABLE} names")
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in IMAGE_FILES:
            parser.error(f"there is no image set {name!r}: it must be one of {', '.join(IMAGE_FILES)}.")
    return given.names, given.folder


def _fetch_all(name: str, place: Path) -> None:
    files = IMAGE_FILES[name]
    for download in files.downloads:
        fetch(download, place / files.folder, _bar(download))
        _say(f"{download.name:30}{_megabytes(download.size)}, checksum right\n")
    _say(f"{files.title} is in {place / files.folder}\n")


def _bar(download: Download) -> Progress:
    """A bar that grows in its line; nothing where the output is a file."""

    def grow(arrived: int) -> None:
        share = min(arrived / download.size, 1)
        full = "█" * round(BAR * share)
        _say(f"{download.name:30}{full:░<{BAR}} {share:4.0%} of {_megabytes(download.size)}\r")

    return grow if sys.stdout.isatty() else lambda arrived: None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size > 1e5 else f"{size / 1e3:.1f} kB"


def _say(words: str) -> None:
    cleared = "\x1b[K" if sys.stdout.isatty() else ""  # what a bar has left in this line
    sys.stdout.write(cleared + words)
    sys.stdout.flush()


def _refuse(words: str, status: int = 1) -> int:
    sys.stderr.write(words + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
