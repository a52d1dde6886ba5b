"""Curves with bands: what is drawn is what was given, on axes that do not depend on it."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.bands import ACCURACY, LOSS, Curve, Scale, bands
from dlcore.figures.stage import Pending, Plot, Stage, pack
from tests.figures.plotted import plotted

STEPS = np.array([0, 1, 4, 9])
MEAN = np.array([4.0, 2.0, 1.0, 0.5])
GIVEN = Curve(label="A, test", colour="test", mean=MEAN, low=MEAN / 2, high=MEAN * 2)
LIVE = Curve.pending("b.loss.train", 4, label="B, training", colour="train", dash="dash")


def drawn(*curves: Curve, scale: Scale = LOSS, **more: Any) -> Plot:
    return bands(curves, STEPS, scale, key="loss", title="Loss", caption="what is what", alt="Loss by step.", **more)


def line_of(plot: Plot, name: str) -> tuple[Any, Any]:
    """The named line and its track."""
    (found,) = [(i, trace) for i, trace in enumerate(plotted(plot).data) if trace.name == name]
    (track,) = [track for track in plot.tracks if track.trace == found[0]]
    return found[1], track


def test_a_line_shows_the_mean_over_the_steps() -> None:
    line, track = line_of(drawn(GIVEN), "A, test")
    assert track.kind == "grow"
    np.testing.assert_array_equal(track.data["x"], STEPS)
    np.testing.assert_array_equal(track.data["y"], MEAN)
    assert (line.line.color, line.line.dash) == (theme.colour("test"), "solid")


def test_a_band_is_filled_from_its_highest_down_to_its_lowest() -> None:
    plot = drawn(LIVE, GIVEN)
    tops = [i for i, trace in enumerate(plotted(plot).data) if trace.fill == "tonexty"]
    by_trace: dict[int, Any] = {track.trace: track.data["y"] for track in plot.tracks}
    assert len(tops) == 2
    np.testing.assert_array_equal(by_trace[tops[1]], MEAN * 2)
    np.testing.assert_array_equal(by_trace[tops[1] - 1], MEAN / 2)
    assert [by_trace[tops[0]].name, by_trace[tops[0] - 1].name] == ["b.loss.train.high", "b.loss.train.low"]


def test_lines_lie_above_every_band() -> None:
    traces = plotted(drawn(LIVE, GIVEN)).data
    named = [i for i, trace in enumerate(traces) if trace.name]
    assert min(named) > max(i for i, trace in enumerate(traces) if trace.fill)


def test_what_is_still_to_come_is_awaited_by_name_with_one_number_a_frame() -> None:
    _, track = line_of(drawn(LIVE), "B, training")
    assert track.data["y"] == Pending(name="b.loss.train.mean", shape=(4,), dtype="float32")
    assert pack(Stage(views=[drawn(LIVE)], num_frames=4))


def test_a_curve_without_edges_has_no_band() -> None:
    plot = drawn(Curve(label="norm", colour="accent", mean=MEAN))
    assert len(plotted(plot).data) == len(plot.tracks) == 1


@pytest.mark.parametrize(("scale", "ends"), [(LOSS, (-3, 1)), (ACCURACY, (0, 100))])
def test_the_axis_is_the_scale_whatever_the_numbers(scale: Scale, ends: tuple[float, float]) -> None:
    for curve in (GIVEN, LIVE):
        layout = plotted(drawn(curve, scale=scale)).layout
        assert layout.yaxis.range == pytest.approx(ends)
        assert layout.yaxis.title.text == scale.quantity
        assert layout.xaxis.range == (0, 9)


def test_a_mark_stands_upright_over_the_whole_axis() -> None:
    at = np.array([np.nan, 1.0, 1.0, 4.0])
    plot = drawn(GIVEN, marks=[("muted", at)])
    (track,) = [track for track in plot.tracks if track.kind == "arrow"]
    np.testing.assert_array_equal(track.data["ox"], at)
    np.testing.assert_array_equal(track.data["vx"], 0)
    low, up = (np.asarray(track.data[name]) for name in ("oy", "vy"))
    np.testing.assert_allclose(low + up, LOSS.high)
    np.testing.assert_allclose(low, LOSS.low)


def test_bands_have_faint_colours_of_their_own_in_the_dark() -> None:
    partners = theme.dark_partners()
    for trace in plotted(drawn(LIVE, GIVEN)).data:
        if trace.fill:
            assert trace.fillcolor in partners
            assert partners[trace.fillcolor] != trace.fillcolor
