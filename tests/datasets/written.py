"""Writes small files in the formats of the official image sets."""

import io
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dlcore.datasets.cifar import BATCHES, FOLDER

ROWS = 4
Write = Callable[[np.ndarray, list[int]], bytes]


def pixels(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (ROWS, 3072), dtype=np.uint8)


def word(text: bytes) -> bytes:
    return b"U" + bytes([len(text)]) + text


def by_python_2(data: np.ndarray, labels: list[int]) -> bytes:
    """A batch as the official files have it: protocol 2, its strings are bytes."""
    raw = data.tobytes()
    return b"".join(
        [
            b"\x80\x02}q\x01(",
            *(word(b"batch_label"), b"q\x02", word(b"training batch 1 of 5"), b"q\x03"),
            *(word(b"labels"), b"q\x04]q\x05(", *(b"K" + bytes([label]) for label in labels), b"e"),
            *(word(b"data"), b"q\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85q\x09"),
            *(word(b"b"), b"q\x0a\x87Rq\x0b(K\x01M", struct.pack("<H", len(data)), b"M", struct.pack("<H", 3072)),
            *(b"\x86q\x0ccnumpy\ndtype\nq\x0d", word(b"u1"), b"q\x0eK\x00K\x01\x87Rq\x0f(K\x03", word(b"|"), b"q\x10"),
            *(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T", struct.pack("<i", len(raw)), raw, b"tb"),
            *(word(b"filenames"), b"q\x11]q\x12(", *(word(b"leptodactylus_s_000004.png") for _ in labels), b"eu."),
        ]
    )


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def folder(place: Path, write: Write = by_python_2) -> Path:
    """All six batches; batch k's pictures have the seed k and labels k, k + 1, ..."""
    (place / FOLDER).mkdir()
    for k, name in enumerate([*BATCHES["train"], *BATCHES["test"]]):
        (place / FOLDER / name).write_bytes(write(pixels(k), [(k + row) % 10 for row in range(ROWS)]))
    return place / FOLDER


def archive(place: Path, members: dict[str, bytes]) -> Path:
    path = place / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return path
