"""The live stages of the lesson on batch norm: made from the config alone, and filled by the run's own frames."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.batchnorm_deep import deep_stage
from dlcore.figures.batchnorm_sweeps import rates_stage, sizes_stage
from dlcore.figures.stage import Pending, Plot, Stage, pack
from dlcore.topics.batchnorm_runs import (
    LRS,
    SIZES,
    DeepConfig,
    NetConfig,
    RatesConfig,
    SizesConfig,
    deep_frames,
    frame_steps,
    rates_frames,
    sizes_frames,
)
from tests.figures.plotted import plotted

MAKERS: dict[type[NetConfig], Any] = {
    DeepConfig: (deep_stage, deep_frames),
    RatesConfig: (rates_stage, rates_frames),
    SizesConfig: (sizes_stage, sizes_frames),
}
kinds = pytest.mark.parametrize("kind", MAKERS)


def pending(stage: Stage) -> dict[str, Pending]:
    """What the stage waits for, by name."""
    values = [value for plot in plots(stage) for track in plot.tracks for value in track.data.values()]
    values += [readout.values for readout in stage.readouts]
    return {value.name: value for value in values if isinstance(value, Pending)}


def plots(stage: Stage) -> list[Plot]:
    assert all(isinstance(view, Plot) for view in stage.views)
    return [view for view in stage.views if isinstance(view, Plot)]


@kinds
@pytest.mark.parametrize("norm", ["batch", "group"])
def test_a_run_fills_all_that_its_stage_waits_for(kind: type[NetConfig], norm: str) -> None:
    config = kind(num_steps=2, depth=2, norm=norm)
    make, frames = MAKERS[kind]
    stage = make(config)
    found = list(frames(config))
    assert len(found) == stage.num_frames == len(frame_steps(config))
    assert pack(stage)
    waited = pending(stage)
    assert set(waited) == set(found[0].arrays)
    for name, array in found[0].arrays.items():
        assert (waited[name].shape, waited[name].dtype) == ((stage.num_frames, *array.shape), array.dtype.name)


@kinds
def test_axes_are_fixed_before_anything_is_known_and_have_names(kind: type[NetConfig]) -> None:
    for plot in plots(MAKERS[kind][0](kind())):
        layout = plotted(plot).layout.to_plotly_json()
        axes = {name: axis for name, axis in layout.items() if name[1:].startswith("axis")}
        assert axes
        assert all(axis["range"][0] < axis["range"][1] for axis in axes.values())
        assert any(axis["title"]["text"] for name, axis in axes.items() if name.startswith("x"))
        assert plot.alt


def test_each_layer_has_a_histogram_of_a_and_of_b_with_the_first_layer_lowest() -> None:
    config = DeepConfig(depth=3)
    ridges = plots(deep_stage(config))[0]
    layout: Any = plotted(ridges).layout
    names = [track.data["y"].name for track in ridges.tracks if isinstance(track.data["y"], Pending)]
    assert names == [f"{net}.histogram.{layer}" for net in "ab" for layer in (1, 2, 3)]
    bottoms = [layout[f"yaxis{n if n > 1 else ''}"].domain[0] for n in range(1, 7)]
    assert bottoms[:3] == sorted(bottoms[:3])
    lefts = [layout[f"xaxis{n if n > 1 else ''}"].domain[0] for n in range(1, 7)]
    assert max(lefts[:3]) < 0.5 < min(lefts[3:])


def test_curves_differ_in_dash_and_mark_as_well_as_in_colour() -> None:
    for stage in (rates_stage(RatesConfig()), sizes_stage(SizesConfig(norm="layer"))):
        (plot,) = plots(stage)
        drawn: tuple[Any, ...] = plotted(plot).data  # pyright: ignore[reportAssignmentType]
        lines = [trace for trace in drawn if trace.mode == "lines+markers"]
        looks = [(line.line.dash, line.marker.symbol, line.line.color) for line in lines]
        for part in zip(*looks, strict=True):
            assert len(set(part)) == len(lines)
        dark = theme.dark_partners()
        assert all(line.line.color in dark for line in lines)
        assert [readout.label for readout in stage.readouts] == [line.name for line in lines]


def test_every_rate_and_every_size_has_a_place() -> None:
    for stage, settings in ((rates_stage(RatesConfig()), LRS), (sizes_stage(SizesConfig()), SIZES)):
        (plot,) = plots(stage)
        layout: Any = plotted(plot).layout
        axis = layout.xaxis
        assert [float(text) for text in axis.ticktext] == list(settings)
        x = plot.tracks[0].data["x"]
        assert isinstance(x, np.ndarray)
        assert x.shape == (stage.num_frames, len(settings))
