"""The stage on depth shows the measured numbers, one layer a frame, and says in words what it cannot draw."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from dlcore.figures.depth import depth_stage
from dlcore.figures.layer_curves import LOOKS, TITLES, apart
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import DepthConfig, DepthTrace, expected_ratios, measure
from tests.figures.plotted import plotted

HE = 2**0.5
OPENING = DepthConfig()
HE_RELU = DepthConfig(activation="relu", gain=HE, depth=30)
DEAD = DepthConfig(activation="relu", gain=HE, bias=-0.5)
TINY = DepthConfig(gain=0.1, depth=30)
CONFIGS = {
    "opening": OPENING,
    "he": HE_RELU,
    "dead": DEAD,
    "tiny": TINY,
    "exploding": DepthConfig(activation="tanh", gain=4.0, depth=30),
    "one layer": DepthConfig(depth=1),
    "one unit": DepthConfig(activation="relu", depth=8, width=1, gain=4.0, bias=0.01),
}


@cache
def staged(config: DepthConfig) -> tuple[DepthTrace, Stage]:
    trace = measure(config)
    return trace, depth_stage(config, trace)


def view(stage: Stage, key: str) -> Any:
    (found,) = [view for view in stage.views if view.key == key]
    return found


def traces(plot: Any, name: str) -> list[Any]:
    return [trace for trace in plotted(plot).data if trace.name == name]


def moved(plot: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the named line's track, by frame."""
    (track,) = [track for track in plot.tracks if plotted(plot).data[track.trace].name == name]
    assert track.kind == "grow"
    return track.data["x"], track.data["y"]


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_stage_goes_to_the_player_and_its_tracks_have_a_value_a_frame(config: DepthConfig) -> None:
    _, stage = staged(config)
    assert len(pack(stage)) > 1000
    assert stage.num_frames == config.depth + 1
    for plot in stage.views:
        assert isinstance(plot, Plot)
        assert plot.alt.endswith(".")
        for track in plot.tracks:
            data: Any = track.data
            assert all(len(values) == stage.num_frames for values in data.values())
    for readout in stage.readouts:
        assert readout.values is None or (
            isinstance(readout.values, np.ndarray) and len(readout.values) == stage.num_frames
        )


@pytest.mark.parametrize("key", ["gradients", "weights"])
def test_curves_come_in_from_the_last_layer_and_are_medians_over_the_seeds(key: str) -> None:
    trace, stage = staged(HE_RELU)
    values = {"gradients": trace.grad_z, "weights": trace.grad_w}[key]
    for k, name in enumerate(ACTIVATIONS):
        x, y = moved(view(stage, key), TITLES[name])
        np.testing.assert_array_equal(x, [np.nan, *range(30, 0, -1)])
        np.testing.assert_allclose(y, [np.nan, *np.median(values[k], axis=0)[::-1]])
    for network in range(8):
        _, y = moved(view(stage, key), f"ReLU, network {network + 1}")
        np.testing.assert_allclose(y[1:], values[2, network, ::-1])


def test_theory_begins_at_the_measured_last_layer() -> None:
    trace, stage = staged(OPENING)
    _, y = moved(view(stage, "gradients"), "theory")
    np.testing.assert_allclose(y[1:], (trace.typical[1, -1] * expected_ratios(OPENING)[1])[::-1])
    assert "dotted: theory" in plotted(view(stage, "gradients")).layout.annotations[0].text
    _, dead = staged(DEAD)  # for which there is none
    assert not traces(view(dead, "gradients"), "theory")
    assert "theory" not in plotted(view(dead, "gradients")).layout.annotations[0].text
    assert not [readout for readout in dead.readouts if "theory" in readout.label]


def test_a_question_mark_stands_where_backward_has_not_come_yet() -> None:
    _, stage = staged(OPENING)
    plot = view(stage, "gradients")
    (marks,) = [track for track in plot.tracks if plotted(plot).data[track.trace].text == ("?",) * 20]
    for k, x in enumerate(marks.data["x"]):
        np.testing.assert_array_equal(x[np.isfinite(x)], np.arange(1, 21 - k))


def test_names_go_along_with_the_curves_inside_the_picture_and_apart() -> None:
    for config in (OPENING, HE_RELU, TINY):
        trace, stage = staged(config)
        plot = view(stage, "gradients")
        low, high = plotted(plot).layout.yaxis.range
        by_name = {plotted(plot).data[track.trace].text: track.data for track in plot.tracks if track.kind == "at"}
        names = [by_name[(TITLES[name],)] for name in ACTIVATIONS]
        heights = np.log10([data["y"] for data in names])[:, 1:]
        assert (np.isfinite(heights) | (trace.typical[:, ::-1] < 1e-37)).all()
        gaps = np.diff(np.sort(heights, axis=0), axis=0)
        assert (np.isnan(gaps) | (gaps > 0.045 * (high - low))).all()
        assert low < np.nanmin(heights)
        assert np.nanmax(heights) < high - 0.03 * (high - low)
        assert plotted(plot).layout.xaxis.range[0] < np.nanmin(names[0]["x"]) < 1


def test_labels_are_moved_apart_in_their_order_and_missing_ones_stay_missing() -> None:
    heights = np.array([[0.0, -5.0, 0.1], [2.0, np.nan, 2.0], [1.0, 2.0, 3.0], [7.0, 6.9, 2.0], [7.0, np.nan, 6.5]])
    expected = [[0, -5, 1], [2, np.nan, 3], [1, 2, 3], [7, 6, 2], [7, np.nan, 6]]
    np.testing.assert_allclose(apart(heights, 1.0, 7.0), expected)


def test_activations_are_known_from_the_first_frame() -> None:
    trace, stage = staged(OPENING)
    plot = view(stage, "activations")
    assert not plot.tracks
    for k, name in enumerate(ACTIVATIONS):
        (line,) = traces(plot, TITLES[name])
        np.testing.assert_allclose(line.y, np.median(trace.a[k], axis=0))


def test_dead_relus_are_counted_for_the_seed_and_on_average() -> None:
    trace, stage = staged(DEAD)
    bars, mean = plotted(view(stage, "dead")).data
    np.testing.assert_array_equal(bars.y, trace.dead[0])
    np.testing.assert_allclose(mean.y, trace.dead.mean(axis=0))
    assert plotted(view(stage, "dead")).layout.shapes[0].y0 == 32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_chosen_activation_is_strong_and_all_three_are_told_apart_without_colour(name: str) -> None:
    _, stage = staged(DepthConfig(activation=name))
    lines = {key: traces(view(stage, "gradients"), TITLES[key])[0] for key in ACTIVATIONS}
    assert max(lines, key=lambda key: lines[key].line.width) == name
    assert len({line.line.dash for line in lines.values()}) == 3
    assert len({line.marker.symbol for line in lines.values()}) == 3
    assert len({line.line.color for line in lines.values()}) == 3
    for readout, key in zip(stage.readouts, ACTIVATIONS, strict=False):
        assert (readout.label, readout.colour, readout.dash) == (TITLES[key], LOOKS[key].colour, LOOKS[key].dash)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_axes_are_labelled_and_hold_what_is_drawn(config: DepthConfig) -> None:
    _, stage = staged(config)
    for plot in stage.views:
        assert isinstance(plot, Plot)
        figure: Any = plotted(plot)
        layout: Any = figure.layout
        assert layout.xaxis.title.text.startswith("layer")
        assert layout.yaxis.title.text
        if plot.key == "dead":
            continue
        assert layout.yaxis.type == "log"
        low, high = layout.yaxis.range
        lines: Any = figure.data
        still = [line.y for line in lines if line.y is not None]
        for values in [*(np.asarray(track.data["y"]) for track in plot.tracks), *still]:
            drawn = np.log10(values[np.isfinite(values)])
            assert ((low <= drawn) & (drawn <= high)).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_axes_stay_when_another_activation_is_chosen(activation: str) -> None:
    _, one = staged(OPENING)
    _, other = staged(DepthConfig(activation=activation))
    for key in ("gradients", "activations", "weights"):
        assert plotted(view(one, key)).layout.yaxis.range == plotted(view(other, key)).layout.yaxis.range
        assert view(one, key).keep == view(other, key).keep


def test_the_readouts_follow_backward_and_know_nothing_before() -> None:
    trace, stage = staged(OPENING)
    for readout, typical in zip(stage.readouts, trace.typical, strict=False):
        assert isinstance(readout.values, np.ndarray)
        assert np.isnan(readout.values[0])
        assert readout.note == "?"
        np.testing.assert_allclose(readout.values[1:], typical[::-1] / typical[-1])
    assert stage.readouts[3].label == "theory, sigmoid"
    assert isinstance(stage.readouts[3].values, np.ndarray)
    assert stage.readouts[3].values[-1] == pytest.approx(expected_ratios(OPENING)[1, 0])


def test_the_note_says_the_factor_a_layer_that_was_measured() -> None:
    trace, stage = staged(OPENING)
    ratio = trace.typical[1, 0] / trace.typical[1, -1]
    assert f"multiplies sigmoid’s gradient by {ratio ** (1 / 19):.3f} (theory for wide layers: 0.235)" in stage.note
    assert "times that at layer 20." in stage.note
    assert "·10⁻¹³" in stage.note
    assert stage.note_from == 20
    assert all("<" not in staged(config)[1].note for config in CONFIGS.values())


def test_where_the_relus_are_dead_words_say_so() -> None:
    trace, stage = staged(DEAD)
    count = (trace.blocked > 0).sum()
    assert stage.note == f"In {count} of 8 networks a layer’s ReLUs are all dead, and no gradient passes it."
    assert stage.readouts[2].note == f"0 in {count} of 8 networks"
    assert stage.readouts[2].values is None
    words = [annotation.text for annotation in plotted(view(stage, "gradients")).layout.annotations]
    assert f"ReLU: 0 in {count} of 8 networks" in words


def test_what_float32_cannot_hold_is_left_out_and_said() -> None:
    trace, stage = staged(TINY)
    layer = np.flatnonzero(trace.typical[1] < np.finfo(np.float32).tiny)[-1] + 1
    assert f"The first below 10⁻³⁸ is sigmoid’s, at layer {layer}" in stage.note
    x, y = moved(view(stage, "gradients"), "sigmoid")
    assert np.isnan(y[x <= layer]).all()
    assert np.isfinite(y[x > layer]).all()
    sigmoid = stage.readouts[1]
    assert isinstance(sigmoid.values, np.ndarray)
    assert np.isnan(sigmoid.values[-1])
    assert "below 10" in sigmoid.note


def test_one_layer_leaves_nothing_to_compare() -> None:
    _, stage = staged(DepthConfig(depth=1))
    assert stage.note == "One hidden layer: add layers to see what each does to the gradient."
    assert [readout.values[-1] for readout in stage.readouts if isinstance(readout.values, np.ndarray)] == [1, 1, 1, 1]
