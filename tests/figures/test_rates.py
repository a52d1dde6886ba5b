"""Views of learning rates and of stability show the numbers they were given, and where a run is lost."""

import numpy as np
import pytest

from dlcore.figures.landscape import optimizer_style
from dlcore.figures.rates import rate_map, rate_slice, sensitivity
from tests.figures.plotted import plotted

NAMES = ("sgd", "adam")
STYLES = [optimizer_style(name) for name in NAMES]


LRS = np.geomspace(1e-3, 10, 9)


def test_sensitivity_shows_each_curve_its_present_rate_and_where_it_diverges() -> None:
    final = np.stack([np.geomspace(1, 1e-6, 9), np.geomspace(10, 1e-3, 9)])
    final[0, 6:] = np.inf
    plot = sensitivity(LRS, final, NAMES, STYLES, np.array([LRS[2], LRS[4]]), LRS[[3, 8]])
    curves = [trace for trace in plotted(plot).data if trace.mode == "lines"]
    np.testing.assert_allclose(curves[1].y, final[1])
    assert np.isnan(curves[0].y[6:]).all()
    crosses = [trace for trace in plotted(plot).data if trace.mode == "markers" and trace.marker.symbol == "x-thin"]
    assert len(crosses) == 1  # Adam does not diverge
    assert (crosses[0].x[0], crosses[0].y[0]) == (LRS[5], final[0, 5])
    rings = [trace for trace in plotted(plot).data if trace.mode == "markers" and trace.marker.symbol == "circle-open"]
    assert [(ring.x[0], ring.y[0]) for ring in rings] == [(LRS[3], final[0, 3]), (LRS[8], final[1, 8])]
    here = {trace.marker.symbol: trace for trace in plotted(plot).data if trace.mode == "markers"}
    assert here["circle"].x[0] == LRS[2]
    assert here["circle"].y[0] == pytest.approx(final[0, 2])
    assert here["star"].y[0] == pytest.approx(final[1, 4])
    assert plotted(plot).layout.xaxis.type == plotted(plot).layout.yaxis.type == "log"


def test_a_present_rate_between_two_is_put_on_the_line_between_them() -> None:
    final = np.stack([np.geomspace(1, 1e-8, 9)] * 2)
    used = float(np.sqrt(LRS[3] * LRS[4]))
    plot = sensitivity(LRS, final, NAMES, STYLES, np.array([used, used]), LRS[[8, 8]])
    (point,) = [trace for trace in plotted(plot).data if trace.mode == "markers" and trace.marker.symbol == "circle"]
    assert point.y[0] == pytest.approx(np.sqrt(final[0, 3] * final[0, 4]))


def test_a_present_rate_that_diverges_has_no_point_on_the_curve() -> None:
    final = np.stack([np.geomspace(1, 1e-8, 9)] * 2)
    final[0, 5:] = np.inf
    plot = sensitivity(LRS, final, NAMES, STYLES, np.array([LRS[7], LRS[1]]), LRS[[4, 8]])
    assert "circle" not in {trace.marker.symbol for trace in plotted(plot).data if trace.mode == "markers"}


def test_sensitivity_of_runs_that_all_diverge_or_all_arrive_can_be_drawn() -> None:
    for value in (np.inf, 0.0):
        plot = sensitivity(LRS, np.full((2, 9), value), NAMES, STYLES, np.array([0.1, 0.1]), LRS[[0, 0]])
        assert np.isfinite(plotted(plot).layout.yaxis.range).all()


def test_the_rate_map_has_theorys_border_and_the_present_point_on_it() -> None:
    lrs, mus = np.linspace(0.01, 0.2, 6), np.linspace(0, 0.9, 4)
    measured = np.linspace(0, 3, 24).reshape(4, 6)
    plot = rate_map(lrs, mus, measured, 0.1 * (1 + mus), (0.05, 0.9))
    heat, border, here = plotted(plot).data
    np.testing.assert_array_equal(heat.z, np.clip(measured, 0.5, 1.5))
    np.testing.assert_allclose(border.x, 0.1 * (1 + mus))
    np.testing.assert_array_equal(border.y, mus)
    assert (here.x[0], here.y[0]) == (0.05, 0.9)
    assert plotted(plot).layout.xaxis.title.text == "learning rate η"
    # Just below 1 and just above it are told apart at once.
    (_, _), (low, below), (high, above), (_, _) = heat.colorscale
    assert low < 0.5 < high
    assert below != above


def test_the_rate_slice_shows_points_measured_on_the_line_of_theory() -> None:
    lrs = np.linspace(0.01, 0.2, 6)
    plot = rate_slice(lrs, np.full(6, 0.9), np.full(6, 0.8), 0.5, 0.07)
    theory, measured = plotted(plot).data
    assert (theory.mode, measured.mode) == ("lines", "markers")
    np.testing.assert_array_equal(theory.y, 0.8)
    np.testing.assert_array_equal(measured.y, 0.9)
    assert [(line.y0, line.x0) for line in plotted(plot).layout.shapes] == [(1, 0), (0, 0.07)]
    assert "0.5" in plotted(plot).layout.annotations[0].text
