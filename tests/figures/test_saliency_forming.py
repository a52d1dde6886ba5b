"""How a map forms: axes that were fixed beforehand hold what comes, and reference lines are where they should be."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.saliency_path import ROOM, score_plot, slope_plot
from dlcore.figures.saliency_sheet import Display, Sheet
from dlcore.topics.saliency.completeness import STEPS
from dlcore.topics.saliency.forming import NOISES
from tests.figures.saliency_stages import errors, explained, noises, paths, samples
from tests.figures.test_saliency import plot_of, tiles_of


def track_of(stage: Any, key: str, name: str) -> Any:
    """What moves the named line of a plot."""
    plot, figure = plot_of(stage, key)
    (number,) = [i for i, trace in enumerate(figure.data) if trace.name == name]
    (track,) = [track for track in plot.tracks if track.trace == number]
    return track


def test_the_plain_gradient_is_the_first_row_of_the_mean() -> None:
    tiles = tiles_of(samples().stage)
    assert tiles["plain"].values == tiles["mean"].values
    assert (tiles["plain"].row, tiles["mean"].row) == (0, None)


def test_errors_of_means_fall_as_one_over_the_root() -> None:
    track = track_of(samples().stage, "distance", "1/√n")
    n, fall = np.asarray(track.data["x"]), np.asarray(track.data["y"])
    assert np.isnan(fall[n == 0]).all()
    np.testing.assert_allclose(fall[1:] ** 2 * n[1:], 1)


def test_what_chance_would_have_inside_is_drawn_if_known() -> None:
    track = track_of(samples(by_chance=0.3).stage, "inside", "by chance")
    np.testing.assert_array_equal(track.data["y"], 0.3)
    _, figure = plot_of(samples(by_chance=None).stage, "inside")
    assert len(figure.data) == 1


def test_each_strength_of_noise_has_a_tile_that_stays() -> None:
    tiles = tiles_of(noises().stage)
    small = [tile for key, tile in tiles.items() if key.startswith("sigma")]
    assert [tile.row for tile in small] == list(range(len(NOISES)))
    assert [tile.title for tile in small[:4]] == ["σ = 0 %", "σ = 2 %", "σ = 5 %", "σ = 10 %"]
    assert tiles["map"].row is None


def test_the_chosen_noise_is_marked_in_every_plot() -> None:
    stage = noises().stage
    for key in ("inside", "answers", "rank"):
        plot, _ = plot_of(stage, key)
        (mark,) = [track for track in plot.tracks if track.kind == "arrow"]
        np.testing.assert_array_equal(np.asarray(mark.data["ox"]), 10)


def test_the_axis_of_the_path_holds_the_whole_run_and_its_ends_meet() -> None:
    stage, run, _ = paths()
    _, figure = plot_of(stage, "score")
    low, high = figure.layout.yaxis.range
    coarse, reference = figure.data[0], figure.data[1]
    for snapshot in run():
        assert low <= snapshot.arrays["output"] <= high
        assert reference.y[0] == pytest.approx(float(snapshot.arrays["difference"]), rel=1e-4, abs=1e-4)
    assert coarse.y[0] == pytest.approx(0, abs=1e-5)
    assert coarse.y[-1] == reference.y[0]


@pytest.mark.parametrize(("start", "end"), [(0.0, 3.0), (0.0, -2.0), (0.0, 0.0)])
def test_of_a_straight_line_the_slope_is_the_same_everywhere(start: float, end: float) -> None:
    straight = np.stack([np.linspace(0, 1, 9), np.linspace(start, end, 9)], axis=1)
    sheet = Sheet(explained=explained(), display=Display(), num_frames=4)
    slope: Any = slope_plot(sheet, straight).figure
    np.testing.assert_allclose(slope["data"][0]["y"], end, atol=1e-12)
    low, high = slope["layout"]["yaxis"]["range"]
    assert low < min(0, end) <= max(0, end) < high
    score: Any = score_plot(sheet, straight).figure
    span = abs(end) or 1
    assert np.ptp(score["layout"]["yaxis"]["range"]) == pytest.approx(abs(end) + 2 * ROOM * span)


def test_errors_have_both_axes_logarithmic_from_the_first_to_the_last_count() -> None:
    stage = errors().stage
    _, figure = plot_of(stage, "errors")
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    np.testing.assert_allclose(figure.layout.xaxis.range, np.log10([STEPS[0], STEPS[-1]]))
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data if trace.name}) == 5
    assert [readout.label for readout in stage.readouts] == [trace.name for trace in figure.data if trace.name]
