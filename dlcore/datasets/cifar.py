"""Knows how CIFAR-10 is published, "python version": batches of pictures in pickles, which are read and never run.

Source: Krizhevsky, Learning multiple layers of features from tiny images (2009), and the set's own page.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.pickled import Made, Name, describe

FOLDER = "cifar-10-batches-py"  # also within the archive
BATCHES = {"train": tuple(f"data_batch_{k}" for k in range(1, 6)), "test": ("test_batch",)}
SHAPE = (3, 32, 32)
PIXELS = 3 * 32 * 32
MOST_BYTES = 40 * 2**20  # of a batch, which has 31 MB
MOST_MEMBERS = 20  # of the archive, which has nine


def read_cifar(path: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The pictures (images, 3, 32, 32) uint8 and labels (images,) int64 of a split, "train" or "test".

    path: the archive cifar-10-python.tar.gz, or the folder that it holds.

    Raises: ValueError, and nothing else: one sentence with the file's name.
    """
    names = BATCHES[split]
    try:
        files = _in_folder(path, names) if path.is_dir() else _in_archive(path, names)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise ValueError(f"{path.name} is damaged or cut off: it is no archive that can be read to its end.") from None
    except OSError as fault:
        raise ValueError(f"{path.name} cannot be read: {fault.strerror or fault}.") from None
    batches = [_batch(files[name], name) for name in names]
    images, labels = map(np.concatenate, zip(*batches, strict=True))
    return images, labels


def _in_folder(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    for name in names:
        _check_size(name, (folder / name).stat().st_size)
    return {name: (folder / name).read_bytes() for name in names}


def _in_archive(path: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Read one after the other, nothing is unpacked to the disk."""
    wanted = {f"{FOLDER}/{name}": name for name in names}
    found: dict[str, bytes] = {}
    with tarfile.open(path, "r|gz") as archive:
        for member in _members(archive):
            file = archive.extractfile(member) if member.isfile() and member.name in wanted else None
            if file:
                found[wanted[member.name]] = file.read()
            if len(found) == len(wanted):
                return found
    missing = next(name for name in names if name not in found)
    raise ValueError(f"{path.name} has no {FOLDER}/{missing}: it must be the official archive, “python version”.")


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(archive):
        if number == MOST_MEMBERS:
            raise ValueError(f"The archive has more than {MOST_MEMBERS} members, which CIFAR-10's has not.")
        _check_size(member.name, member.size)
        yield member


def _check_size(name: str, size: int) -> None:
    if size > MOST_BYTES:
        raise ValueError(f"{name} has {size / 2**20:.0f} MB: a batch has at most {MOST_BYTES >> 20}.")


def _batch(data: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The pictures and labels of a batch."""
    try:
        batch = describe(data)
        images, labels = _pixels(_entry(batch, "data")), _labels(_entry(batch, "labels"))
    except ValueError as fault:
        raise ValueError(f"{name} is no batch of CIFAR-10: {fault}.") from None
    if len(images) != len(labels):
        raise ValueError(f"{name} has {len(images)} pictures and {len(labels)} labels: it must have as many of both.")
    return images, labels


def _entry(batch: Any, key: str) -> Any:
    if not isinstance(batch, dict):
        raise ValueError("it holds no dict")
    entries = {str(name, "latin-1") if isinstance(name, bytes) else name: value for name, value in batch.items()}
    if key not in entries:
        raise ValueError(f"it has no {key!r}")
    return entries[key]


def _labels(values: Any) -> np.ndarray:
    if not isinstance(values, list) or not all(type(value) is int and 0 <= value <= 9 for value in values):
        raise ValueError("its labels are no list of whole numbers from 0 to 9")
    return np.array(values, dtype=np.int64)


def _pixels(described: Any) -> np.ndarray:
    """What NumPy would make of it: its state is version, shape, dtype, order, and the bytes."""
    match described:
        case Made(
            by=Name(module="numpy.core.multiarray" | "numpy._core.multiarray", name="_reconstruct"),
            state=(
                1,
                (int(rows), columns),
                Made(by=Name("numpy", "dtype"), of=("u1" | b"u1", *_)),
                int(fortran),
                bytes(raw),
            ),
        ) if columns == PIXELS:
            return _shaped(raw, rows, bool(fortran))
    raise ValueError(f"its data are no array of bytes with {PIXELS} columns")


def _shaped(raw: bytes, rows: int, fortran: bool) -> np.ndarray:
    if rows < 1 or len(raw) != rows * PIXELS:
        raise ValueError(f"its data are {len(raw)} bytes, where {rows} pictures of {PIXELS} are announced")
    pixels = np.frombuffer(raw, dtype=np.uint8).reshape((rows, PIXELS), order="F" if fortran else "C")
    return pixels.reshape(rows, *SHAPE)
