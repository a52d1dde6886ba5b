"""What a run on saliency computed, as CSV: its maps pixel by pixel, or its numbers frame by frame."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from dlcore.training import Snapshot


def maps_csv(methods: Sequence[str], snapshots: Sequence[Snapshot]) -> str:
    """A line a pixel: row, column, and every method's signed value there; as many methods as there are snapshots."""
    names = methods[: len(snapshots)]
    maps = [np.asarray(snapshot.arrays["signed"]) for snapshot in snapshots]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "column", *names])
    if maps:
        for row, column in np.ndindex(*maps[0].shape):
            writer.writerow([row, column, *(f"{values[row, column]:.6g}" for values in maps)])
    return out.getvalue()


def numbers_csv(snapshots: Sequence[Snapshot]) -> str:
    """A line a frame: all numbers of the run, lists of them in columns of their own; no maps and no pictures."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    lines = [dict(_numbers(snapshot)) for snapshot in snapshots]
    if lines:
        writer.writerow(["frame", *lines[0]])
        writer.writerows([k, *(f"{value:.6g}" for value in line.values())] for k, line in enumerate(lines))
    return out.getvalue()


def _numbers(snapshot: Snapshot) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in snapshot.arrays.items():
        array = np.asarray(value)
        if array.ndim == 0:
            found.append((name, float(array)))
        elif array.ndim == 1:
            found += [(f"{name}.{i}", float(number)) for i, number in enumerate(array)]
    return found
