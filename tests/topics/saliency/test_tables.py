"""A table holds every number of a run, so that it can be computed with elsewhere."""

import csv
import io

import numpy as np

from dlcore.topics.saliency.tables import maps_csv
from dlcore.topics.tables import numbers_csv
from dlcore.training import Snapshot


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_map_has_a_line_a_pixel_and_a_column_a_method() -> None:
    maps = np.arange(12.0, dtype=np.float32).reshape(2, 2, 3) - 5
    head, *rows = lines(maps_csv(("gradient", "guided", "lime"), [Snapshot({"signed": one}) for one in maps]))
    assert head == ["row", "column", "gradient", "guided"]  # the third is not computed yet
    assert len(rows) == 6
    for row, column, first, second in rows:
        at = int(row), int(column)
        assert [float(first), float(second)] == [maps[0][at], maps[1][at]]


def test_numbers_have_a_line_a_frame_and_leave_maps_out() -> None:
    frames = [
        Snapshot({"loss": np.float32(k / 3), "ends": np.array([k, np.nan]), "map": np.zeros((4, 4))}) for k in range(3)
    ]
    head, *rows = lines(numbers_csv(frames))
    assert head == ["frame", "loss", "ends.0", "ends.1"]
    assert [[float(x) for x in row[:3]] for row in rows] == [[k, round(k / 3, 6), k] for k in range(3)]
    assert {row[3] for row in rows} == {"nan"}


def test_a_run_that_has_not_begun_is_an_empty_table() -> None:
    assert numbers_csv([]) == ""
    assert lines(maps_csv(("gradient",), [])) == [["row", "column"]]
