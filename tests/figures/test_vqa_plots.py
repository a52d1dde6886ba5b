"""The stages of numbers on questions about pictures: each number where its row and its column are, on fixed axes."""

import itertools
import json
from typing import Any

import numpy as np
import pytest

from dlcore.datasets import rsvqa
from dlcore.datasets.aerial_questions import TYPES
from dlcore.figures import theme
from dlcore.figures.stage import Pending, Plot, pack
from dlcore.figures.tiles import Tiles
from dlcore.figures.vqa_looks import OVERALL_STYLE, PUBLISHED, TEST_STYLES, TYPE_STYLES
from tests.figures.eyesight import BLINDNESS, apart
from tests.figures.plotted import plotted
from tests.figures.test_adversarial import DASHES, HUE, SYMBOLS, plot_of
from tests.figures.vqa_plots import EVERY, KINDS, awaiting, drawn, shifted, tabled

MEANS = ("AA", "OA")
ALL_SYMBOLS = SYMBOLS | {"line-ns"}


# Every stage


@pytest.mark.parametrize("name", EVERY)
def test_every_view_can_be_drawn_has_a_name_of_its_own_and_words_for_those_who_do_not_see_it(name: str) -> None:
    stage = EVERY[name]()
    keys = [view.key for view in stage.views]
    assert len(set(keys)) == len(keys)
    for view in stage.views:
        assert isinstance(view, Plot | Tiles)
        assert view.title
        assert view.alt.endswith(".")
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            assert {track.trace for track in view.tracks} <= set(range(len(figure.data)))
            assert all(axis.title.text is not None for axis in (figure.layout.xaxis, figure.layout.yaxis))


@pytest.mark.parametrize("name", EVERY)
def test_axes_are_fixed_before_anything_is_known(name: str) -> None:
    for view in EVERY[name]().views:
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            assert all(axis.range is not None for axis in figure.select_yaxes())
            cells = view.key == "numbers"  # as many columns as there are areas
            assert cells or all(axis.range is not None for axis in figure.select_xaxes())


@pytest.mark.parametrize("name", EVERY)
def test_every_colour_has_its_partner_in_the_dark(name: str) -> None:
    message = pack(EVERY[name]())
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
    assert used - {"#808080"} - set(theme.dark_partners()) == set()  # a brush has a colour of its own


@pytest.mark.parametrize("name", EVERY)
def test_a_number_that_follows_the_frame_has_as_many_rows_as_there_are_frames(name: str) -> None:
    stage = EVERY[name]()
    for view in stage.views:
        for track in view.tracks if isinstance(view, Plot) else ():
            assert {np.shape(value)[0] for value in map(shaped, track.data.values())} == {stage.num_frames}


def shaped(value: Any) -> np.ndarray:
    return np.empty(value.shape) if isinstance(value, Pending) else np.asarray(value)


# Looks


def test_every_type_of_question_has_looks_of_its_own_that_a_picture_in_motion_can_show() -> None:
    assert set(TYPE_STYLES) == {*TYPES, *rsvqa.TYPES}
    for types in (TYPES, rsvqa.TYPES):
        styles = [*(TYPE_STYLES[name] for name in types), OVERALL_STYLE]
        for part in ("short", "meaning", "symbol"):
            assert len({getattr(style, part) for style in styles}) == len(styles)
        assert len({style.dash for style in styles[:-1]}) == len(types)
    for style in [*TYPE_STYLES.values(), *TEST_STYLES.values(), OVERALL_STYLE]:
        assert style.dash in DASHES
        assert style.symbol in SYMBOLS


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
@pytest.mark.parametrize(
    "meanings",
    [
        [*(TYPE_STYLES[name].meaning for name in TYPES), "ink", "muted"],
        [*(TYPE_STYLES[name].meaning for name in rsvqa.TYPES), "ink", "muted"],
        ["area-same", "area-other", "ink", "muted"],
    ],
    ids=["types", "rsvqa", "tests"],
)
def test_what_is_drawn_together_is_told_apart_by_colour_too(meanings: list[str], blindness: str, which: int) -> None:
    hues = [theme.PALETTE[meaning][which] for meaning in meanings]
    assert min(apart(one, other, blindness) for one, other in itertools.combinations(hues, 2)) > 20


@pytest.mark.parametrize("name", EVERY)
def test_every_mark_is_one_that_a_picture_in_motion_can_show(name: str) -> None:
    for view in EVERY[name]().views:
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            marked = [trace for trace in figure.data if trace.type == "scatter" and "markers" in trace.mode]
            assert {trace.marker.symbol.removesuffix("-open") for trace in marked} <= ALL_SYMBOLS


# What is published


def test_the_published_averages_are_those_of_the_published_types() -> None:
    for test in (0, 1):
        types = [both[test] for name, both in PUBLISHED.items() if name not in MEANS]
        assert PUBLISHED["AA"][test] == pytest.approx(np.mean(types), abs=0.005)


def test_all_that_is_published_is_lower_in_another_area() -> None:
    assert set(PUBLISHED) == {"count", "presence", "comparison", "area", *MEANS}
    assert all(first > second for first, second in PUBLISHED.values())


# The table


def test_the_numbers_of_the_table_stand_below_their_headings_and_beside_their_names() -> None:
    stage = tabled()
    _, figure = plot_of(stage, "table")
    columns = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    wanted = {
        "accuracy.1": "test 1",
        "spread.1": "test 1",
        "average4.1": "test 1",
        "accuracy.2": "test 2",
        "spread.2": "test 2",
        "average4.2": "test 2",
        "loss": "loss",
        "loss.spread": "loss",
        "blind.1": "blind",
        "majority.1": "majority",
    }
    shown = awaiting(stage, "table")
    middles = {f"x{n}": np.interp(1, figure.layout[f"xaxis{n}"].range, (0, 1)) for n in (2, 3, 4)}
    low, high = figure.layout.xaxis.range
    assert list(figure.layout.yaxis.ticktext) == [*KINDS.values(), "AA", "OA", "AA of four"]
    for name, (trace, data) in shown.items():
        place = low + middles[trace.xaxis] * (high - low) if "spread" in name else trace.x[0]
        assert columns[round(float(place), 3)] == wanted.pop(name)
        rows = np.rint(data["y"][0] if "spread" in name else np.array(trace.y)).astype(int)
        assert rows.tolist() == ([7] if name.startswith("average4") else list(range(7)))
    assert wanted == {}


def test_what_is_published_stands_in_its_own_columns_and_a_dash_where_nothing_is() -> None:
    _, figure = plot_of(tabled(), "table")
    places = figure.layout.xaxis.tickvals
    rows = list(figure.layout.yaxis.ticktext)
    still = [trace for trace in figure.data if trace.type == "heatmap" and trace.z[0] is not None]
    found = {
        (places.index(trace.x[0]), rows[round(y)]): z for trace in still for y, z in zip(trace.y, trace.z, strict=True)
    }
    for test, column in ((0, 5), (1, 6)):
        for name, both in PUBLISHED.items():
            assert found[column, KINDS.get(name, name)] == both[test]
        assert found[column, "relation"] is None
        assert found[column, "AA of four"] == PUBLISHED["AA"][test]
    dashes = [(note.x, rows[note.y]) for note in figure.layout.annotations if note.text == "–"]
    assert dashes == [(places[5], "relation"), (places[6], "relation")]


def test_what_is_lost_has_another_hue_than_what_is_right() -> None:
    ends = {}
    for trace, data in drawn(tabled(), "table"):
        if trace.type == "heatmap" and trace.xgap and data:
            ends[data["z"].name] = trace.colorscale[-1][1]
    assert ends.pop("loss") == theme.colour("activation-negative")
    assert set(ends.values()) == {theme.colour("activation-positive")}


def test_the_chart_has_a_row_of_the_table_a_row_and_joins_both_tests() -> None:
    stage = tabled()
    shown = awaiting(stage, "chart")
    rows = [*KINDS, *MEANS]
    assert {name for name in shown if name.startswith("pair.")} == {f"pair.{name}" for name in rows}
    for row, name in enumerate(rows):
        assert np.unique(shown[f"pair.{name}"][1]["y"]).tolist() == [row]
    for name in ("accuracy.1", "accuracy.2", "blind.1", "majority.1"):
        np.testing.assert_array_equal(shown[name][1]["y"], np.tile(np.arange(7), (stage.num_frames, 1)))


def test_published_losses_are_what_is_left_of_both_numbers() -> None:
    (published,) = [trace for trace, data in drawn(tabled(), "loss") if not data]
    said = dict(zip(published.text, published.x, strict=True))
    assert said["count"] == pytest.approx(7.16)
    assert said["OA"] == pytest.approx(5.0)
    assert said["relation"] is None


# Shift


def test_every_panel_shows_its_type_with_its_band_and_a_network_that_sees_nothing() -> None:
    stage = shifted()
    shown = awaiting(stage, "panels")
    panels = {}
    for name in (*KINDS, "OA"):
        lines = [shown[f"{part}.{name}"][0] for part in ("accuracy", "low", "high", "blind")]
        (panels[name],) = {(line.xaxis, line.yaxis) for line in lines}
        accuracy, low, high, blind = lines
        assert (high.fill, low.fill) == ("tonexty", None)
        assert accuracy.line.color != blind.line.color
        for data in (shown[f"{part}.{name}"][1] for part in ("accuracy", "low", "high", "blind")):
            assert np.asarray(data["x"])[0].tolist() == [0, 0.5, 1]
    assert len(set(panels.values())) == len(panels)
    order = [data["y"].name for _, data in drawn(stage, "panels")]
    for name in panels:
        assert order.index(f"high.{name}") == order.index(f"low.{name}") + 1  # it is filled down to the trace before it


@pytest.mark.parametrize("at", [None, 0.25])
def test_the_area_of_the_scene_is_marked_in_every_panel_where_there_is_one(at: float | None) -> None:
    _, figure = plot_of(shifted(at=at), "panels")
    assert [shape.x0 for shape in figure.layout.shapes] == [at] * (6 if at is not None else 0)
    assert len({shape.xref for shape in figure.layout.shapes}) == len(figure.layout.shapes)


def test_panels_do_not_lie_on_one_another() -> None:
    _, figure = plot_of(shifted(), "panels")
    across, down = ([axis.domain for axis in axes] for axes in (figure.select_xaxes(), figure.select_yaxes()))
    for (one, other), (top, below) in zip(
        itertools.combinations(across, 2), itertools.combinations(down, 2), strict=True
    ):
        assert one[1] < other[0] or other[1] < one[0] or top[1] < below[0] or below[1] < top[0]
