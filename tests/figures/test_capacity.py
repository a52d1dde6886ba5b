"""The map of widths and sizes: its cells are the run's, and a place on it is a network."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.capacity import capacity_stage, cell_at, frames
from dlcore.figures.pending import Pending
from dlcore.figures.stage import pack
from dlcore.topics.capacity import CapacityConfig, num_frames
from dlcore.ui.capacity_text import csv
from tests.figures.plotted import plotted

SMALL = CapacityConfig(widths=(1, 3, 9), sizes=(10, 30), num_steps=3, num_seeds=2, depth=1)


def test_each_map_awaits_errors_of_every_cell() -> None:
    stage = capacity_stage(SMALL)
    assert stage.num_frames == num_frames(SMALL) == 7
    assert pack(stage)
    for view, name in zip(stage.views, ("test", "train"), strict=True):
        plot: Any = view
        (track,) = plot.tracks
        assert track.data["z"] == Pending(name=name, shape=(7, 3, 2), dtype="float32")
        layout = plotted(plot).layout
        assert layout.xaxis.title.text == "training samples"
        assert list(layout.yaxis.ticktext) == ["1", "3", "9"]


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        ((0, 0), (1, 10)),
        ((1.4, 1.6), (9, 30)),
        ((-0.4, 0.4), (1, 10)),
        ((-0.6, 0), None),
        ((0, 2.6), None),
        ((2, 1), None),
    ],
)
def test_a_place_of_the_map_is_a_width_and_a_size(place: tuple[float, float], cell: tuple[int, int] | None) -> None:
    assert cell_at(SMALL, *place) == cell


def test_a_cell_that_is_not_yet_known_has_no_number() -> None:
    for k, snapshot in enumerate(frames(SMALL)):
        for name in ("test", "train"):
            assert snapshot.arrays[name].dtype == np.float32
            assert np.isfinite(snapshot.arrays[name]).sum() == k


def test_the_table_has_what_is_known_by_now() -> None:
    snapshots = list(frames(SMALL))
    assert csv(SMALL, snapshots[:1]).count("\n") == 1
    assert csv(SMALL, []).count("\n") == 1
    half, whole = csv(SMALL, snapshots[:4]).splitlines(), csv(SMALL, snapshots).splitlines()
    assert (len(half), len(whole)) == (4, 7)
    assert whole[:4] == half
    width, size, test, train, low, high = map(float, whole[-1].split(","))
    row, column = SMALL.widths.index(int(width)), SMALL.sizes.index(int(size))
    last = snapshots[-1].arrays
    found = [np.asarray(last[name])[row, column] for name in ("test", "train", "low", "high")]
    np.testing.assert_allclose([test, train, low, high], found, rtol=1e-5)
    assert low <= test <= high
