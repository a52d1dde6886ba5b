"""The stages of the lesson on dropout: what they await is what a run gives, and what they draw is what was computed."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from dlcore.figures.dropout import MOST_TEST_POINTS, networks, training_stage
from dlcore.figures.dropout_masks import ensemble_stage, uncertainty_stage
from dlcore.figures.dropout_scaling import MASK_ROW, ROWS, cells, scaling_stage
from dlcore.figures.stage import Pending, Plot, pack
from dlcore.numerals import compact
from dlcore.topics import dropout_runs, subnetworks
from dlcore.topics.dropout_config import DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_scaling import trace
from tests.figures.awaited import check_awaited, names
from tests.figures.plotted import plotted

SMALL = DropoutConfig(num_steps=10, width=8)
TRAINED = [SMALL, dataclasses.replace(SMALL, width=4, depth=3), dataclasses.replace(SMALL, width=64, depth=1)]


@pytest.mark.parametrize("config", TRAINED, ids=["plain", "deep", "wide"])
def test_what_training_awaits_is_what_a_run_gives(config: DropoutConfig) -> None:
    first, *rest = dropout_runs.frames(config)
    stage = training_stage(config)
    assert stage.num_frames == len(rest) + 1
    check_awaited(stage, first.arrays)
    assert names(stage) == set(first.arrays)


def test_what_both_views_of_masks_await_is_what_a_run_gives() -> None:
    config = MasksConfig(training=SMALL, num_masks=3)
    first, *_ = subnetworks.frames(config)
    stages = [ensemble_stage(config), uncertainty_stage(config)]
    for stage in stages:
        check_awaited(stage, first.arrays)
    shown = names(stages)
    edges = {"low", "high"}
    assert {name for name in first.arrays if name.rpartition(".")[2] not in edges} - shown == set()


def test_the_network_without_dropout_has_no_masks() -> None:
    a, b = networks(SMALL).panels
    assert [layer.masks for layer in a.layers] == [None, None]
    assert all(isinstance(layer.masks, Pending) for layer in b.layers)
    assert (a.shapes, b.shapes) == (True, False)
    assert "p = 0.5" in b.title


def test_points_with_wrong_labels_are_marked_and_test_points_are_told_apart() -> None:
    points = networks(SMALL).panels[0].points
    assert points is not None
    data = SMALL.points.make()
    assert (points.kinds[:80] == 2 * data.flipped.numpy()).all()
    assert (points.kinds[80:] == 1).all()
    assert len(points.kinds) == 80 + MOST_TEST_POINTS
    assert points.labels[:80].tolist() == data.train.labels.tolist()
    assert points.at[:80] == pytest.approx(data.train.inputs.numpy())


# The layer


LAYER = ScalingConfig(p=0.4, units=5, num_masks=30, mask="10110", seed=6)


def written(plot: Plot, k: int) -> dict[tuple[float, float], str]:
    """(column, row) -> what stands in that cell at frame k."""
    track = plot.tracks[-1]
    data: Any = track.data
    shown = np.flatnonzero((data["start"] <= k) & (k < data["end"]))
    return {(data["x"][i], data["y"][i]): data["text"][i] for i in shown}


@pytest.mark.parametrize("k", [0, 1, 17, 30])
def test_cells_hold_the_numbers_of_their_frame(k: int) -> None:
    found = trace(LAYER)
    texts = written(cells(LAYER, found), k)
    for unit in range(LAYER.units):
        assert texts[unit, 0.0] == compact(float(found.layer.w[unit]))
        assert texts[unit, 1.0] == compact(float(found.layer.a[unit]))
    for name, (_, training, mean, test) in ROWS.items():
        way = found.ways[name]
        rows = ((training, [*way.training[k], way.z[k]]), (mean, [*way.mean[k], way.mean_z[k]]))
        for row, numbers in (*rows, (test, [*way.test, way.test_z])):
            for column, number in enumerate(numbers):
                expected = "?" if np.isnan(number) else compact(float(np.float32(number)))
                assert texts[column, row] == expected


@pytest.mark.parametrize("k", [0, 5, 30])
def test_a_dropped_unit_is_crossed_out_and_one_that_stays_is_full(k: int) -> None:
    found = trace(LAYER)
    plot: Any = cells(LAYER, found)
    full, _, crossed = (np.flatnonzero(~np.isnan(track.data["x"][k])) for track in plot.tracks[:3])
    assert full.tolist() == np.flatnonzero(found.masks[k]).tolist()
    assert crossed.tolist() == np.flatnonzero(found.masks[k] == 0).tolist()
    assert (plot.tracks[0].data["y"] == MASK_ROW).all()
    assert plot.pick == "stay"


def test_the_bars_are_the_chances_of_all_masks() -> None:
    found = trace(LAYER)
    stage = scaling_stage(LAYER, found)
    view: Any
    (view,) = [view for view in stage.views if view.key == "masks"]
    bars = plotted(view).data[0]
    assert bars.y.sum() == pytest.approx(100)
    assert (bars.x @ bars.y) / 100 == pytest.approx(found.expected, abs=np.ptp(found.sums) / 24)
    assert stage.num_frames == 31


@pytest.mark.parametrize("config", [LAYER, ScalingConfig(p=0.0), ScalingConfig(p=0.9, units=8), ScalingConfig(units=2)])
def test_every_layer_has_a_stage(config: ScalingConfig) -> None:
    assert pack(scaling_stage(config, trace(config)))
