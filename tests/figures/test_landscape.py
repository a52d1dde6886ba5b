"""Surfaces and paths are drawn where they are."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.landscape import (
    Landscape,
    Paths,
    optimizer_style,
    path_on_contour,
    path_on_surface,
    readouts,
)
from dlcore.figures.stage import Plot, Track
from tests.figures.plotted import plotted

FRAMES = 12
X, Y = np.linspace(-2, 3, 20), np.linspace(-1, 1, 20)
BOWL = Landscape(
    name="bowl", x=X, y=Y, z=X[None, :] ** 2 + Y[:, None] ** 2, floor=0.0, log=False, minima=((0.0, 0.0), (1.0, 0.5))
)
STEEP = Landscape(name="steep", x=X, y=Y, z=5.0 + np.exp(3 * X[None, :]) + 0 * Y[:, None], floor=5.0, log=True)
LAYERS = {
    "gradient": np.full((FRAMES, 2, 2), [0.1, 0.0]),
    "momentum": np.full((FRAMES, 2, 2), np.nan),
    "step": np.full((FRAMES, 2, 2), [0.0, 0.1]),
    "look-ahead": np.full((FRAMES, 2, 2), [0.05, 0.02]),
    "ellipse": np.full((FRAMES, 2, 2), [0.2, 0.1]),
}


def paths(**more) -> Paths:
    t = np.linspace(0, 1, FRAMES)
    w = np.stack([np.stack([-1.5 + t, 0.8 - t], axis=1), np.stack([-1.5 + 9 * t, 0.8 + 0 * t], axis=1)], axis=1)
    loss = (w**2).sum(axis=-1)
    more = {
        "titles": ["SGD", "Adam"],
        "styles": [optimizer_style("sgd"), optimizer_style("adam")],
        "w": w,
        "loss": loss,
        "distance": np.sqrt(loss),
        "across": np.arange(FRAMES),
    } | more
    return Paths(**more)


def data_of(track: Track) -> Any:
    """What moves a trace: arrays, or in maps what is pending."""
    return track.data


def traces(plot: Plot, kind: str) -> list[Any]:
    return [trace for trace in plotted(plot).data if trace.type == kind]


def tracks(plot: Plot, kind: str) -> list[Track]:
    return [track for track in plot.tracks if track.kind == kind]


def test_the_contour_is_the_surface_with_its_axes() -> None:
    plot = path_on_contour(BOWL, paths())
    (contour,) = traces(plot, "contour")
    assert plotted(plot).data[0] == contour  # the player draws heights into the first trace
    np.testing.assert_array_equal(contour.z, BOWL.z)
    np.testing.assert_array_equal(contour.x, X)
    assert tuple(plotted(plot).layout.xaxis.range) == (-2, 3)
    assert tuple(plotted(plot).layout.yaxis.range) == (-1, 1)
    assert (plotted(plot).layout.xaxis.title.text, plotted(plot).layout.yaxis.title.text) == ("x", "y")
    assert plot.pick == "play"
    assert plot.alt.endswith("Click to set the start.")
    assert "SGD, Adam" in plot.alt


@pytest.mark.parametrize("k", [0, 1])
def test_every_path_grows_and_ends_in_its_own_symbol(k: int) -> None:
    race = paths()
    plot = path_on_contour(BOWL, race)
    grow, at = tracks(plot, "grow")[k], tracks(plot, "at")[k]
    np.testing.assert_array_equal(data_of(grow)["x"], race.w[:, k, 0])
    np.testing.assert_array_equal(data_of(grow)["y"], race.w[:, k, 1])
    np.testing.assert_array_equal(data_of(at)["x"], np.clip(race.w[:, k, 0], -2, 3))  # at the edge while outside
    np.testing.assert_array_equal(data_of(at)["y"], race.w[:, k, 1])
    line, tip = plotted(plot).data[grow.trace], plotted(plot).data[at.trace]
    assert line.line.color == tip.marker.color == race.styles[k].colour
    assert line.line.dash == race.styles[k].dash
    assert tip.marker.symbol == race.styles[k].symbol
    assert race.titles[k] in line.hovertemplate


def test_every_track_moves_a_trace_of_its_figure_and_no_trace_is_moved_twice() -> None:
    for plot in (path_on_contour(BOWL, paths(vectors=LAYERS)), path_on_surface(BOWL, paths())):
        moved = [track.trace for track in plot.tracks]
        assert len(set(moved)) == len(moved) > 0
        assert max(moved) < len(plotted(plot).data)
        for track in plot.tracks:
            assert all(len(values) == FRAMES for values in data_of(track).values())


def test_minima_and_start_are_marked() -> None:
    plot = path_on_contour(BOWL, paths())
    marks = {trace.marker.symbol: trace for trace in traces(plot, "scatter")}
    assert list(zip(marks["x-thin"].x, marks["x-thin"].y, strict=True)) == [(0, 0), (1, 0.5)]
    assert (marks["circle-open"].x[0], marks["circle-open"].y[0]) == (-1.5, 0.8)
    without = path_on_contour(STEEP, paths())
    assert "x-thin" not in {trace.marker.symbol for trace in traces(without, "scatter")}


def test_arrows_are_drawn_from_the_present_point_for_what_a_rule_has() -> None:
    race = paths(vectors=LAYERS)
    plot = path_on_contour(BOWL, race)
    arrows = tracks(plot, "arrow")
    assert len(arrows) == 6  # gradient, step, look-ahead for two; nobody has momentum here
    assert len(tracks(plot, "ellipse")) == 2
    np.testing.assert_array_equal(data_of(arrows[0])["ox"], race.w[:, 0, 0])
    np.testing.assert_array_equal(data_of(arrows[0])["vx"], 0.1)
    # The look-ahead ends at w, in its true length.
    np.testing.assert_allclose(data_of(arrows[-1])["ox"] + data_of(arrows[-1])["vx"], race.w[:, 1, 0])
    assert arrows[-1].scale == 1


def test_arrows_of_one_picture_have_one_magnification_and_it_is_told() -> None:
    plot = path_on_contour(BOWL, paths(vectors={name: 0.01 * LAYERS[name] for name in ("gradient", "step")}))
    (scale,) = {track.scale for track in tracks(plot, "arrow")}
    assert scale in (1, 2, 5, 10, 20, 50, 100, 200, 500)
    assert 0.03 * 5 < scale * 0.001 <= 0.1 * 5  # of the picture's width
    texts = [note.text for note in plotted(plot).layout.annotations]
    assert [text.endswith(f"×{scale:g}") for text in texts] == [True, True]
    plain = path_on_contour(BOWL, paths(vectors={"gradient": 10 * LAYERS["gradient"]}))
    assert {track.scale for track in tracks(plain, "arrow")} == {1}
    assert [note.text for note in plotted(plain).layout.annotations] == ["gradient"]


def test_arrows_that_are_all_zero_or_lost_are_not_magnified() -> None:
    for vector in (np.zeros((FRAMES, 2, 2)), np.full((FRAMES, 2, 2), np.nan)):
        plot = path_on_contour(BOWL, paths(vectors={"step": vector}))
        assert {track.scale for track in tracks(plot, "arrow")} <= {1.0}


def test_the_ellipse_keeps_its_shape_and_its_longer_axis_is_of_one_size() -> None:
    (one, _) = tracks(path_on_contour(BOWL, paths(vectors={"ellipse": LAYERS["ellipse"]})), "ellipse")
    np.testing.assert_allclose(data_of(one)["rx"], 1)
    np.testing.assert_allclose(data_of(one)["ry"], 0.5)


def test_the_surface_shows_only_the_part_of_a_path_that_lies_on_it() -> None:
    race = paths()
    plot = path_on_surface(BOWL, race)
    assert plotted(plot).data[0].type == "surface"
    lines = tracks(plot, "grow")
    for k, line in enumerate(lines):
        inside = (race.w[:, k, 0] <= 3) & (race.w[:, k, 0] >= -2) & (np.abs(race.w[:, k, 1]) <= 1)
        np.testing.assert_array_equal(np.isfinite(data_of(line)["z"]), inside)
        lifted = data_of(line)["z"][inside] - race.loss[inside, k]
        assert (lifted > 0).all()
        assert (lifted < 0.05 * np.ptp(BOWL.z)).all()
    assert not np.isfinite(data_of(lines[1])["z"]).all()


def test_the_symbol_of_a_lost_path_stays_at_its_last_finite_point() -> None:
    w = paths().w.copy()
    w[5:, 0] = np.nan
    track = tracks(path_on_contour(BOWL, paths(w=w)), "at")[0]
    np.testing.assert_array_equal(data_of(track)["x"], [*w[:5, 0, 0], *[w[4, 0, 0]] * (FRAMES - 5)])


def test_both_pictures_of_a_steep_surface_use_one_logarithmic_height() -> None:
    flat, solid = path_on_contour(STEEP, paths()), path_on_surface(STEEP, paths())
    assert flat.log_height == solid.log_height == (5.0, STEEP.offset)
    np.testing.assert_array_equal(plotted(flat).data[0].z, plotted(solid).data[0].z)
    assert "log" in plotted(solid).layout.scene.zaxis.title.text
    assert path_on_contour(BOWL, paths()).log_height is None
    assert plotted(path_on_surface(BOWL, paths())).layout.scene.zaxis.title.text == "f"


def test_a_logarithmic_height_is_finite_at_and_below_the_floor_and_rises() -> None:
    heights = STEEP.height(np.array([4.9, 5.0, 5.1, 6.0, 1e4]))
    assert np.isfinite(heights).all()
    assert heights[0] == heights[1] == pytest.approx(np.log10(STEEP.offset))
    assert (np.diff(heights[1:]) > 0).all()
    assert heights[-1] == pytest.approx(np.log10(1e4 - 5), abs=0.01)


def test_holes_in_a_surface_do_not_break_the_pictures() -> None:
    z = BOWL.z.copy()
    z[3, 4], z[5, 6] = np.nan, np.inf
    holed = Landscape(name="holed", x=X, y=Y, z=z, floor=0.0, log=False)
    assert np.isfinite(data_of(tracks(path_on_surface(holed, paths()), "grow")[0])["z"]).any()
    path_on_contour(holed, paths())


def test_the_legend_counts_the_loss_from_the_lowest_known_value() -> None:
    raised = Landscape(name="raised", x=X, y=Y, z=BOWL.z + 5, floor=5.0, log=False, minima=((0.0, 0.0),))
    lines = readouts(paths(loss=np.full((FRAMES, 2), 7.5)), raised, {1: "left at step 3: w first"})
    assert [line.label for line in lines] == ["SGD", "Adam"]
    assert [line.note for line in lines] == ["", "left at step 3: w first"]
    np.testing.assert_array_equal(lines[0].values, 2.5)
    assert lines[1].colour == theme.optimizer_colour("adam")


def test_zoom_belongs_to_the_surface() -> None:
    assert path_on_contour(BOWL, paths()).keep == path_on_contour(BOWL, paths(vectors=LAYERS)).keep == "bowl"
    assert path_on_contour(STEEP, paths()).keep != "bowl"
