"""Curves show the numbers they were given, and axes hold them."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.landscape import Landscape, Paths, optimizer_style
from dlcore.figures.optimizers import log_axis, loss_and_distance, sharpness_against_rate
from dlcore.figures.stage import Track
from tests.figures.plotted import plotted


def data_of(track: Track) -> Any:
    """What moves a trace: arrays, or in maps what is pending."""
    return track.data


AXIS = np.linspace(-1, 1, 10)
LAND = Landscape(name="bowl", x=AXIS, y=AXIS, z=np.ones((10, 10)), floor=1.0, log=False, minima=((0.0, 0.0),))
NAMES = ("sgd", "adam")
STYLES = [optimizer_style(name) for name in NAMES]
F = 30


def paths(loss: np.ndarray, distance: np.ndarray, across: np.ndarray, title: str = "step") -> Paths:
    return Paths(
        titles=NAMES,
        styles=STYLES,
        w=np.zeros((F, 2, 2)),
        loss=loss,
        distance=distance,
        across=across,
        across_title=title,
    )


FALLING = np.geomspace(100, 1e-3, F)[:, None] * [1, 0.1]
RACE = paths(1 + FALLING, np.sqrt(FALLING), np.arange(F) * 442, "samples seen")


def test_loss_is_above_the_floor_and_distance_below_it_both_on_log_axes() -> None:
    plot = loss_and_distance(LAND, RACE)
    assert [track.kind for track in plot.tracks] == ["grow"] * 4
    for k in (0, 1):
        np.testing.assert_allclose(data_of(plot.tracks[k])["y"], FALLING[:, k])
        np.testing.assert_allclose(data_of(plot.tracks[2 + k])["y"], np.sqrt(FALLING[:, k]))
        assert plotted(plot).data[k].yaxis == "y"
        assert plotted(plot).data[2 + k].yaxis == "y2"
        assert plotted(plot).data[k].line.dash == STYLES[k].dash
    layout = plotted(plot).layout
    assert layout.yaxis.type == layout.yaxis2.type == "log"
    assert layout.xaxis.title.text == "samples seen"
    assert tuple(layout.xaxis.range) == (0, 29 * 442)
    assert all(axis.title.text for axis in (layout.xaxis, layout.yaxis, layout.yaxis2))


def test_axes_hold_every_value() -> None:
    layout = plotted(loss_and_distance(LAND, RACE)).layout
    for axis, values in ((layout.yaxis, FALLING), (layout.yaxis2, np.sqrt(FALLING))):
        low, high = axis.range
        assert low < np.log10(values.min())
        assert np.log10(values.max()) < high < np.log10(values.max()) + 0.5


def test_what_is_lost_or_at_the_minimum_can_be_drawn_on_a_log_axis() -> None:
    loss = 1 + FALLING.copy()
    loss[10:, 0], loss[-1, 1], loss[-2, 1] = np.nan, 1.0, 0.9  # diverged; exactly at the floor; below it by rounding
    plot = loss_and_distance(LAND, paths(loss, np.full((F, 2), np.nan), np.arange(F)))
    sgd, adam = (data_of(plot.tracks[k])["y"] for k in (0, 1))
    assert np.isnan(sgd[10:]).all()
    assert (adam > 0).all()
    assert np.isfinite(plotted(plot).layout.yaxis.range).all()
    assert np.isfinite(plotted(plot).layout.yaxis2.range).all()


@pytest.mark.parametrize("values", [np.array([]), np.array([np.nan, np.inf]), np.zeros(3), -np.ones(2)])
def test_an_axis_of_nothing_positive_still_has_a_range(values: np.ndarray) -> None:
    low, high = log_axis(values)["range"]
    assert -3 <= low < high <= 3


def test_a_log_axis_holds_all_values_and_at_most_so_many_decades() -> None:
    low, high = log_axis(np.array([1e-3, 5.0, np.nan, 1e2]))["range"]
    assert low < -3
    assert high > 2
    low, high = log_axis(np.array([1e-60, 1.0]))["range"]
    assert 12 < high - low < 14
    low, high = log_axis(np.array([1e-60, 1.0]), widest=6)["range"]
    assert 6 < high - low < 7
    low, high = log_axis(np.array([3.0]))["range"]
    assert low < np.log10(3) < high
    assert log_axis(np.array([1.0, 1e300]))["range"][1] < 14  # a run on its way out does not squash the rest


def test_without_a_minimum_the_loss_itself_is_drawn_and_no_distance() -> None:
    bare = Landscape(name="plane", x=AXIS, y=AXIS, z=np.ones((10, 10)), floor=-4.0, log=False)
    loss = np.linspace(3, -4, F)[:, None] * [1, 0.5]
    plot = loss_and_distance(bare, paths(loss, np.full((F, 2), np.nan), np.arange(F)))
    np.testing.assert_array_equal(data_of(plot.tracks[0])["y"], loss[:, 0])
    layout = plotted(plot).layout
    assert (layout.yaxis.type, layout.yaxis.title.text) == (None, "f")
    assert layout.yaxis.range[0] < -3
    assert layout.yaxis.range[1] > 3
    assert "no minimum" in layout.annotations[0].text


def test_sharpness_stands_beside_every_rate_in_use_once() -> None:
    lr = np.stack([np.full(F, 0.05), np.full(F, 0.05)], axis=1)
    limit = np.full((F, 2), 0.1)
    same = sharpness_against_rate(RACE, limit, lr)
    assert [trace.name for trace in plotted(same).data] == ["sgd", "adam", "η"]
    np.testing.assert_array_equal(data_of(same.tracks[0])["y"], 0.1)
    own = sharpness_against_rate(RACE, limit, lr * [1, 3])
    assert [trace.name for trace in plotted(own).data].count("η") == 2
    low, high = plotted(own).layout.yaxis.range
    assert low < np.log10(0.05)
    assert np.log10(0.15) < high


def test_infinite_limits_leave_a_finite_axis() -> None:
    plot = sharpness_against_rate(RACE, np.full((F, 2), np.inf), np.full((F, 2), 0.01))
    assert np.isfinite(plotted(plot).layout.yaxis.range).all()
