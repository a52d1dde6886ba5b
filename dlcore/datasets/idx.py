"""Knows the idx format, in which MNIST and Fashion-MNIST are published, and how a file of it is refused.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits (1998), "File formats". A file is two zero
bytes, the type of its numbers, how many axes there are, the length of each (four bytes, highest first), the numbers.
"""

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

UNSIGNED_BYTE = 8  # the type of all of MNIST's numbers
MOST_BYTES = 2**28  # a compressed file of a few bytes may unfold to any number of them
GZIP = b"\x1f\x8b"


def read_idx(path: Path, axes: int) -> np.ndarray:
    """The bytes of a file, plain or compressed with gzip, as an array with so many axes, uint8.

    Raises: ValueError, and nothing else: one sentence with the file's name.
    """
    try:
        with path.open("rb") as plain:
            compressed = plain.read(2) == GZIP
        with (gzip.open if compressed else open)(path, "rb") as file:
            return _read(file, axes, path.name)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ValueError(f"{path.name} is damaged or cut off: it cannot be decompressed to its end.") from None
    except OSError as fault:
        raise ValueError(f"{path.name} cannot be read: {fault.strerror or fault}.") from None


def _read(file: io.BufferedIOBase, axes: int, name: str) -> np.ndarray:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0":
        raise ValueError(f"{name} is no idx file: it must begin with two zero bytes, a type and a number of axes.")
    if head[2] != UNSIGNED_BYTE or head[3] != axes:
        raise ValueError(f"{name} has {head[3]} axes of type {head[2]}: it must have {axes} of bytes (type 8).")
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise ValueError(f"{name} is cut off within its head.")
    shape = tuple(np.frombuffer(lengths, dtype=">u4").tolist())
    size = math.prod(shape)
    if not 0 < size <= MOST_BYTES:
        raise ValueError(f"{name} says it holds {size} bytes: it must be from 1 to {MOST_BYTES}.")
    data = file.read(size + 1)
    if len(data) != size:
        held = f"{len(data)}" if len(data) < size else "more"
        raise ValueError(f"{name} says it holds {size} bytes and holds {held}: it is damaged or cut off.")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)
