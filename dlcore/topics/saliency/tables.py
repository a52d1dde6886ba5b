"""What a run on saliency computed, as CSV: its maps pixel by pixel."""

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
