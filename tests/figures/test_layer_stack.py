"""The stage of a stack shows the table's numbers, and the picture what the middle unit sees of it."""

import base64
import io
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.figures import theme
from dlcore.figures.field_picture import boxes, fitted
from dlcore.figures.layer_stack import stack_stage
from dlcore.figures.stage import Notes, Plot, Stage, deflated
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_stack import Row, totals, trace
from dlcore.topics.layer_stack import Stack as LayerStack
from dlcore.topics.layer_text import read_layers
from tests.figures.plotted import plotted

PICTURE = np.random.default_rng(0).integers(0, 256, (170, 256, 3), dtype=np.uint8)
TABS = ["layer", "sizes", "parameters", "multiply-adds", "memory"]


@cache
def staged(name: str) -> tuple[list[Row], Stage]:
    known = ARCHITECTURES[name]
    rows = trace(LayerStack(input=known.input, layers=known.layers))
    return rows, stack_stage(rows, PICTURE)


def rows_of(text: str, *size: int) -> list[Row]:
    channels, height, width = size
    return trace(LayerStack(input=(channels, height, width), layers=read_layers(text)))


def view(stage: Stage, key: str) -> Any:
    (found,) = [view for view in stage.views if view.key == key]
    return found


def moved(plot: Plot, trace_number: int) -> Any:
    (track,) = [track for track in plot.tracks if track.trace == trace_number]
    return track.data


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_view_is_drawn_with_a_frame_for_each_layer(name: str) -> None:
    rows, stage = staged(name)
    assert stage.num_frames == len(rows)
    assert [view.key for view in stage.views] == ["field", *TABS]
    assert [view.area for view in stage.views] == ["main", *["side"] * 5]
    for plot in (view for view in stage.views if isinstance(view, Plot)):
        plotted(plot)  # refuses what Plotly would not draw
        for track in plot.tracks:
            assert all(len(data) == len(rows) for data in track.data.values())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_message_is_small(name: str) -> None:
    assert len(deflated(staged(name)[1])) < 200_000  # noise, that no compression makes smaller


@pytest.mark.parametrize("key", ["field", *TABS[1:]])
def test_colours_have_dark_partners(key: str) -> None:
    figure = view(staged("alexnet")[1], key).figure
    hues = re.findall("#[0-9a-f]{6}", str([figure["data"], figure["layout"]["annotations"]]))
    assert hues
    assert set(hues) <= set(theme.dark_partners())


def test_the_picture_is_the_middle_of_what_was_given() -> None:
    (image,) = view(staged("vgg16")[1], "field").figure["layout"]["images"]
    kind, text = image["source"].split(",")
    shown = Image.open(io.BytesIO(base64.b64decode(text)))
    assert kind == "data:image/jpeg;base64"
    assert shown.size == (224, 224)
    assert (image["sizex"], image["sizey"]) == (224, 224)
    striped = np.zeros((100, 300, 3), np.uint8)
    striped[:, 100:200] = 200
    assert np.asarray(fitted(striped, 3, 50, 50)).min() > 150


def test_a_small_input_shows_its_pixels_and_one_channel_is_grey() -> None:
    small = np.asarray(fitted(PICTURE, 1, 32, 32))
    assert small.shape == (256, 256)
    blocks = small.reshape(32, 8, 32, 8)
    assert (blocks == blocks[:, :1, :, :1]).all()
    assert fitted(PICTURE, 3, 512, 128).size == (64, 256)
    assert fitted(PICTURE, 3, 1, 512).size == (256, 1)


def test_the_rectangle_is_the_field_and_its_visible_part_ends_with_the_picture() -> None:
    rows, stage = staged("vgg16")
    figure, inside = view(stage, "field"), 0
    x, y = boxes(rows)
    for k, row in enumerate(rows):
        assert (x[k].min(), x[k].max()) == row.fields[1].middle
        assert (y[k].min(), y[k].max()) == row.fields[0].middle
        seen = moved(figure, 4)["x"][k]
        assert 0 <= seen.min() < seen.max() <= 224
        inside += seen.tolist() == x[k].tolist()
    assert 0 < inside < len(rows)


def test_the_neighbour_is_a_jump_to_the_right_where_there_is_one() -> None:
    rows = rows_of("conv 3x3 4 s2 p1; maxpool 2x2; gap", 3, 32, 40)
    (x, _), (beside, _) = boxes(rows), boxes(rows, 1)
    assert [*(beside - x)[:3, 0], np.isnan(beside[3]).all()] == [1, 2, 4, True]


def test_the_heading_says_the_layer_and_its_shape() -> None:
    rows, stage = staged("alexnet")
    (heading,) = [track for track in view(stage, "field").tracks if track.kind == "while"]
    assert heading.data["text"][5] == "<b>5 · conv 5x5 256 p2 g2</b> → 256×27×27"
    assert (heading.data["end"] - heading.data["start"] == 1).all()
    assert heading.data["start"].tolist() == list(range(len(rows)))


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "inception"])
def test_bars_are_as_high_as_the_costs_and_the_mark_stands_over_the_present_one(name: str) -> None:
    rows, stage = staged(name)
    for key, costs in zip(
        TABS[2:], zip(*((r.num_parameters, r.multiply_adds, r.memory) for r in rows), strict=True), strict=True
    ):
        plot = view(stage, key)
        bar, _ = plot.figure["data"]
        assert bar["y"].tolist() == list(costs)
        assert f"{costs[1]:,}" in bar["hovertext"][1]
        mark = moved(plot, 1)
        assert mark["x"].tolist() == list(range(len(rows)))
        assert (mark["y"] > bar["y"]).all()
        assert mark["y"].max() < plot.figure["layout"]["yaxis"]["range"][1]


def test_boxes_of_the_sizes_are_as_high_as_the_maps_and_do_not_overlap() -> None:
    rows, stage = staged("alexnet")
    bar, _ = view(stage, "sizes").figure["data"]
    assert bar["y"][:5].tolist() == [227, 55, 55, 55, 27]
    assert (bar["base"] == -bar["y"] / 2).all()
    ends = bar["x"] + bar["width"] / 2
    assert (ends[:-1] < (bar["x"] - bar["width"] / 2)[1:]).all()
    wide = {row.shape[0]: width for row, width in zip(rows, bar["width"], strict=True) if len(row.shape) == 3}
    assert [wide[channels] for channels in sorted(wide)] == sorted(wide.values())


def test_layers_with_weights_are_filled() -> None:
    rows, stage = staged("resnet18")
    hues = view(stage, "memory").figure["data"][0]["marker"]["color"]
    assert [hue != theme.colour("ground") for hue in hues] == [row.num_parameters > 0 for row in rows]


def test_a_stack_without_weights_is_drawn() -> None:
    stage = stack_stage(rows_of("relu", 1, 5, 7), PICTURE)
    assert view(stage, "parameters").figure["layout"]["yaxis"]["range"][1] > 0
    deflated(stage)


def test_the_readouts_follow_the_layers_and_tell_axes_apart_where_they_differ() -> None:
    rows, stage = staged("lenet")
    values = {readout.label: readout.values for readout in stage.readouts}
    assert list(values) == ["sees (pixels)", "jump (pixels)", "parameters", "multiply-adds"]
    assert values["sees (pixels)"].tolist() == [row.fields[0].size for row in rows]  # type: ignore[union-attr]
    labels = [readout.label for readout in stack_stage(rows_of("conv 1x3 2", 1, 8, 8), PICTURE).readouts]
    assert labels[:3] == ["sees down (pixels)", "jump down (pixels)", "sees across (pixels)"]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_note_says_the_totals(name: str) -> None:
    rows, stage = staged(name)
    sums = totals(rows)
    assert f"{sums.num_parameters:,} parameters, {sums.multiply_adds:,} multiply-adds" in stage.note


def test_every_layer_has_a_note_of_which_the_present_is_shown() -> None:
    rows, stage = staged("inception")
    notes = view(stage, "layer")
    assert isinstance(notes, Notes)
    assert list(notes.items) == list(notes.active) == [str(k) for k in range(len(rows))]
    assert notes.items["9"].title == "9 · conv 5x5 32 p2 (branch 3 of 4)"
