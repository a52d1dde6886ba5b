"""What a run computed, as CSV: its numbers frame by frame; knows arrays by name, and not what they mean."""

import csv
import io
import math
from collections.abc import Iterator, Sequence

import numpy as np

from dlcore.training import Snapshot


def numbers_csv(snapshots: Sequence[Snapshot], matrices: Sequence[str] = ()) -> str:
    """A line a frame: all numbers of the run, lists of them in columns of their own; no maps and no pictures.

    matrices: names of arrays (rows, columns) that are no maps, and have columns of their own, too.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    lines = [dict(_numbers(snapshot, matrices)) for snapshot in snapshots]
    names = list(dict.fromkeys(name for line in lines for name in line))  # frames may tell them in any order
    if lines:
        writer.writerow(["frame", *names])
        writer.writerows([k, *(f"{line.get(name, math.nan):.6g}" for name in names)] for k, line in enumerate(lines))
    return out.getvalue()


def _numbers(snapshot: Snapshot, matrices: Sequence[str]) -> Iterator[tuple[str, float]]:
    for name, value in snapshot.arrays.items():
        array = np.asarray(value)
        if array.ndim < 2 or name in matrices:
            for place in np.ndindex(*array.shape):
                yield ".".join([name, *map(str, place)]), float(array[place])
