"""Whether maps tell the truth, as it is drawn: fixed rows and axes, and what is compared stands side by side."""

import itertools
from typing import Any

import numpy as np
import pytest

from dlcore.figures.notes import Program
from dlcore.figures.saliency_sheet import METHOD_STYLES
from dlcore.figures.saliency_study import MEASURES
from dlcore.figures.stage import Pending, Plot
from dlcore.figures.tiles import Tiles
from dlcore.topics.saliency import study
from dlcore.topics.saliency.deletion import shares
from tests.figures.awaited import names
from tests.figures.saliency_stages import cascades, deletions, studies
from tests.figures.test_saliency import plot_of, tiles_of

ROWS = ("gradient", "smoothgrad", "random")
PARTS = ("pointing", "inside", "precision", "deleted")


# Deletion


@pytest.mark.parametrize(("way", "part"), [("delete", "deleted"), ("insert", "inserted")])
def test_the_pictures_numbers_are_of_the_way_that_is_shown(way: str, part: str) -> None:
    stage = deletions(way).stage
    _, *methods, random = tiles_of(stage).values()
    assert random.key == "random"
    for tile in (*methods, random):
        assert names(tile) == {f"picture.{tile.key}", f"{part}.{tile.key}"}
    first = next(view for view in stage.views if isinstance(view, Plot))
    assert first.key == part
    assert stage.steps is not None
    np.testing.assert_array_equal(stage.steps, (64 * shares(8).numpy()).round())


def test_a_curve_and_its_number_have_the_method_s_looks() -> None:
    stage = deletions().stage
    _, figure = plot_of(stage, "deleted")
    looks = [(trace.line.color, trace.line.dash) for trace in figure.data]
    assert looks == [(readout.colour, readout.dash) for readout in stage.readouts]
    _, *order = tiles_of(stage)
    styles = [METHOD_STYLES[name] for name in order]
    assert looks == [(style.colour, style.dash) for style in styles]


@pytest.mark.parametrize(("way", "better"), [("delete", "← better"), ("insert", "better →")])
def test_a_small_area_is_better_of_deletion_and_a_large_one_of_insertion(way: str, better: str) -> None:
    _, figure = plot_of(deletions(way).stage, "area")
    assert [note.text for note in figure.layout.annotations] == [better]


# The study


def test_measures_and_their_directions_are_those_of_the_study() -> None:
    assert {name: panel.better == "high" for name, panel in MEASURES.items()} == {
        name: more for name, (_, more) in study.MEASURES.items()
    }


def test_rows_are_the_methods_in_their_order_and_random_last() -> None:
    _, figure = plot_of(studies().stage, "overview")
    axis = figure.layout.yaxis
    assert list(axis.ticktext) == [METHOD_STYLES[name].short for name in ROWS]
    assert axis.range[0] > axis.range[1]  # the first on top


def dots(plot: Plot, figure: Any, name: str) -> Any:
    """What moves the markers whose mean has this name."""
    (track,) = [track for track in plot.tracks if getattr(track.data["x"], "name", "") == name]
    return figure.data[track.trace], track


@pytest.mark.parametrize("measure", PARTS)
@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_dot_and_its_interval_share_row_panel_and_colour(measure: str, row: int) -> None:
    plot, figure = plot_of(studies().stage, "overview")
    dot, at = dots(plot, figure, f"{measure}.{ROWS[row]}.mean")
    line, ends = dots(plot, figure, f"{measure}.{ROWS[row]}.interval")
    assert set(np.asarray(at.data["y"])) == set(np.asarray(ends.data["y"]).ravel()) == {row}
    assert dot.xaxis == line.xaxis == ("x" if measure == "pointing" else f"x{PARTS.index(measure) + 1}")
    assert dot.marker.color == line.line.color == METHOD_STYLES[ROWS[row]].colour
    assert ends.data["x"] == Pending(name=f"{measure}.{ROWS[row]}.interval", shape=(2, 2), dtype="float32")


def test_every_share_can_be_drawn_without_being_cut() -> None:
    _, figure = plot_of(studies(marked=True).stage, "overview")
    for number in range(len(PARTS) + 1):
        axis = figure.layout[f"xaxis{number + 1 if number else ''}"]
        assert axis.range[0] < 0
        assert axis.range[1] > 1


def test_panels_lie_side_by_side_without_touching() -> None:
    _, figure = plot_of(studies(marked=True).stage, "overview")
    sides = [figure.layout[f"xaxis{number or ''}"].domain for number in ("", 2, 3, 4, 5)]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(sides))
    assert (sides[0][0], sides[-1][1]) == pytest.approx((0, 1))


def test_differences_have_nothing_in_the_middle() -> None:
    plot, figure = plot_of(studies().stage, "differences")
    assert sum(figure.layout.xaxis.range) == pytest.approx(0)
    assert figure.layout.xaxis.zeroline
    assert {f"difference.{measure}.random.mean" for measure in PARTS} <= names(plot)


def test_what_hardly_tells_methods_apart_has_no_place_in_the_overview_but_is_told() -> None:
    stage = studies().stage
    overview, _ = plot_of(stage, "overview")
    alone, _ = plot_of(stage, "inserted")
    assert not any(name.startswith("inserted") for name in names(overview))
    assert "inserted.smoothgrad.mean" in names(alone)


def test_the_watermark_is_measured_only_where_there_is_one() -> None:
    for marked in (True, False):
        assert any(name.startswith("marked") for name in names(studies(marked).stage)) == marked


def test_a_picture_of_each_batch_is_shown_once_it_is_measured() -> None:
    (view,) = [view for view in studies().stage.views if isinstance(view, Tiles)]
    assert [(tile.title, tile.row) for tile in view.tiles] == [("No. 10", 1)]


# The cascade


def test_each_method_s_map_stands_beside_that_of_the_trained_network() -> None:
    tiles = list(tiles_of(cascades().stage).values())
    for trained, now in zip(tiles[::2], tiles[1::2], strict=True):
        assert (trained.values, trained.magnitude) == (now.values, now.magnitude)
        assert (trained.row, now.row) == (0, None)
        assert trained.key == f"{now.key}.trained"


@pytest.mark.parametrize(("independent", "last"), [(False, "and convolution 1"), (True, "convolution 1 drawn anew")])
def test_a_line_for_each_frame_says_what_is_random(independent: bool, last: str) -> None:
    stage = cascades(independent).stage
    (program,) = [view for view in stage.views if isinstance(view, Program)]
    assert program.lines[0] == "all weights as trained"
    assert program.lines[1] == "classifier drawn anew"
    assert program.lines[-1] == last
    assert list(program.active) == list(range(stage.num_frames))


def test_ranks_are_drawn_over_the_layers_from_the_head_down() -> None:
    stage = cascades().stage
    plot, figure = plot_of(stage, "ranks")
    assert list(figure.layout.xaxis.ticktext)[:2] == ["nothing", "classifier"]
    assert len(figure.layout.xaxis.tickvals) == stage.num_frames
    assert figure.layout.yaxis.range[0] < 0
    assert figure.layout.yaxis.range[1] == 1
    assert {f"rank.guided.{edge}" for edge in ("mean", "low", "high")} <= names(plot)
