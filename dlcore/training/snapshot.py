"""What a run shows of one of its moments: arrays by name, and words; knows neither what they mean nor who sees them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

Value = np.ndarray | np.generic
#: Of each array its name, the type of its numbers, and its shape.
Layout = tuple[tuple[str, str, tuple[int, ...]], ...]


class Snapshot(NamedTuple):
    """One frame of a run as it travels from the worker to the picture."""

    arrays: Mapping[str, Value]  # by name: the row that this frame adds to the picture's array of that name
    said: str = ""  # what the run has to say from this frame on, such as what diverged, and when

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as one block: a hundred small arrays, each on its own, would cost the server forty times as much."""
        arrays = {name: np.asarray(value) for name, value in self.arrays.items()}
        layout = tuple((name, array.dtype.str, array.shape) for name, array in arrays.items())
        return _read, (_written(layout), b"".join(array.tobytes() for array in arrays.values()), self.said)


class Block(Mapping[str, Value]):
    """Arrays that lie in one block of bytes, one behind the other; each look at one makes a copy."""

    def __init__(self, layout: bytes, data: bytes) -> None:
        self.layout = layout
        self.data = data

    def __getitem__(self, name: str) -> Value:
        place, dtype, shape = _places(self.layout)[name]
        return np.frombuffer(self.data[place], dtype).reshape(shape).copy()[()]

    def __iter__(self) -> Iterator[str]:
        return iter(_places(self.layout))

    def __len__(self) -> int:
        return len(_places(self.layout))


def stacked(snapshots: Sequence[Snapshot]) -> dict[str, np.ndarray]:
    """For each array of the first of some snapshots those of all, (len(snapshots), ...)."""
    blocks = [snapshot.arrays for snapshot in snapshots if isinstance(snapshot.arrays, Block)]
    if len(blocks) < len(snapshots) or any(block.layout != blocks[0].layout for block in blocks):
        return {name: np.stack([snapshot.arrays[name] for snapshot in snapshots]) for name in snapshots[0].arrays}
    first = blocks[0]
    rows = np.frombuffer(b"".join(block.data for block in blocks), np.uint8).reshape(len(blocks), len(first.data))
    return {
        name: np.ascontiguousarray(rows[:, place]).view(dtype).reshape(len(blocks), *shape)
        for name, (place, dtype, shape) in _places(first.layout).items()
    }


def _read(layout: bytes, data: bytes, said: str) -> Snapshot:
    return Snapshot(Block(layout, data), said)


@lru_cache(maxsize=100)
def _written(layout: Layout) -> bytes:
    return json.dumps(layout).encode()


@lru_cache(maxsize=100)
def _places(layout: bytes) -> dict[str, tuple[slice, np.dtype, tuple[int, ...]]]:
    """Where each array lies in its block."""
    places, start = {}, 0
    for name, kind, shape in json.loads(layout):
        dtype = np.dtype(kind)
        end = start + dtype.itemsize * math.prod(shape)
        places[name] = slice(start, end), dtype, tuple(shape)
        start = end
    return places
