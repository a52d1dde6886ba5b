"""The stages on why attacks work: they await what their runs give, and formulas stand beside what is computed."""

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.adversarial_illusion import illusion_stage
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, OUTCOMES
from dlcore.figures.adversarial_traces import powers
from dlcore.figures.notes import Program
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.figures.tiles import Tiles
from dlcore.topics.adversarial.illusion import GREY, KINDS
from tests.figures.adversarial_why import EVERY, shares, sums, walks
from tests.figures.awaited import check_awaited, names
from tests.figures.plotted import plotted

HUE = re.compile(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?")
#: What assets/player/live.js can draw while a run plays.
DASHES = {"solid", "longdash", "dash", "dot", "dashdot"}
SYMBOLS = {"circle", "square", "diamond", "triangle-up", "x-thin", "line-ew"}


def illusions() -> list[Stage]:
    return [illusion_stage(kind=kind, size=96) for kind in KINDS]


def plot_of(stage: Stage, key: str) -> tuple[Plot, Any]:
    """A plot and its figure, as Plotly would take it."""
    (plot,) = [view for view in stage.views if isinstance(view, Plot) and view.key == key]
    return plot, plotted(plot)


def trace_of(figure: Any, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


# Every stage


@pytest.mark.parametrize("name", EVERY)
def test_a_run_gives_what_its_stage_awaits_and_nothing_in_vain(name: str) -> None:
    stage, run, unused = EVERY[name]()
    first, *rest = run()
    assert len(rest) + 1 == stage.num_frames
    check_awaited(stage, first.arrays)
    assert set(first.arrays) - names(stage) == set(unused)


def test_every_view_can_be_drawn_has_a_name_of_its_own_and_words_for_those_who_do_not_see_it() -> None:
    for stage in (*(made().stage for made in EVERY.values()), *illusions()):
        keys = [view.key for view in stage.views]
        assert len(set(keys)) == len(keys)
        for view in stage.views:
            assert view.title
            if isinstance(view, Plot | Tiles):
                assert view.alt.endswith(".")
            if isinstance(view, Plot):
                figure: Any = plotted(view)
                assert max(track.trace for track in view.tracks) < len(figure.data)
                assert figure.layout.xaxis.title.text
                assert figure.layout.yaxis.title.text


def test_every_colour_has_its_partner_in_the_dark() -> None:
    partners = theme.dark_partners()
    for stage in (*(made().stage for made in EVERY.values()), *illusions()):
        message = pack(stage)
        header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
        used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
        brush = {"#808080"}  # a tile's, which is the picture's own
        assert used - brush - set(partners) == set()


def test_the_live_layer_knows_every_dash_and_symbol() -> None:
    for made in EVERY.values():
        for view in made().stage.views:
            if isinstance(view, Plot):
                moved = {track.trace for track in view.tracks}
                figure: Any = plotted(view)
                for trace in (figure.data[number] for number in moved):
                    assert "lines" not in trace.mode or (trace.line.dash or "solid") in DASHES
                    if "markers" in trace.mode:
                        assert trace.marker.symbol.removesuffix("-open") in SYMBOLS


# Sums


def test_the_dashed_lines_are_the_formulas_as_far_as_the_run_has_come() -> None:
    plot, figure = plot_of(sums().stage, "gains")
    n = np.array([1, 2, 4, 8, 16, 32, 64])
    tracks = {figure.data[track.trace].name: track for track in plot.tracks}
    for name, wanted in (
        ("ε√(2n/π)", 4 * np.sqrt(2 * n / math.pi)),
        ("ε√(2/π)", np.full(7, 4 * math.sqrt(2 / math.pi))),
    ):
        assert np.asarray(tracks[name].data["y"]) == pytest.approx(wanted)
        assert tracks[name].kind == "grow"
        assert trace_of(figure, name).line.dash == "dash"


def test_a_network_s_dots_stand_over_its_number_of_inputs() -> None:
    plot, figure = plot_of(sums().stage, "gains")
    found = {}
    for track in plot.tracks:
        if getattr(track.data["y"], "name", "").startswith("net.digits."):
            assert set(np.asarray(track.data["x"])) == {64.0}
            found[getattr(track.data["y"], "name", "")] = figure.data[track.trace]
    assert set(found) == {f"net.digits.{part}.mean" for part in ("attack", "noise", "real", "distance")}
    assert len({trace.marker.symbol for trace in found.values()}) == 4  # told apart without colour
    assert found["net.digits.noise.mean"].marker.symbol == ATTACK_STYLES["noise"].symbol


@pytest.mark.parametrize("epsilon", [0.5, 4.0, 16.0])
def test_all_that_is_computed_fits_on_its_axes(epsilon: float) -> None:
    from dlcore.figures.adversarial_linear import linear_stage
    from dlcore.topics.adversarial.linear import LinearConfig, frames

    config = LinearConfig(epsilon=epsilon, most_dimension=64, models=("digits",), num_images=10)
    stage = linear_stage(dimensions=config.dimensions, epsilon=epsilon, nets={"digits": ("Digits", 64)})
    low, high = (10**end for end in plot_of(stage, "gains")[1].layout.yaxis.range)
    floor, top = plot_of(stage, "sums")[1].layout.yaxis.range
    for frame in frames(config):
        arrays = {name: np.asarray(value) for name, value in frame.arrays.items()}
        gains = [arrays[f"{part}.mean"] for part in ("attack", "noise", "net.digits.attack", "net.digits.noise")]
        assert low < np.nanmin(gains)
        assert np.nanmax(gains) < high
        assert floor < np.nanmin(arrays["sum.noise"])
        assert np.nanmax(arrays["sum.attack"]) < top


def test_powers_name_the_last_number_and_leave_room_at_both_ends() -> None:
    axis = powers((1, 2, 4, 8, 16), 2)
    assert axis["ticktext"] == ["1", "4", "16"]
    assert 10 ** axis["range"][0] < 1
    assert 10 ** axis["range"][1] > 16


# Directions


def test_the_boundary_is_one_way_from_the_picture_and_the_ball_as_wide_as_was_asked() -> None:
    plot, figure = plot_of(shares().stage, "seen")
    assert set(trace_of(figure, "boundary").x) == {1.0}
    ball = trace_of(figure, "ball")
    assert np.hypot(ball.x, ball.y) == pytest.approx(4)
    assert figure.layout.yaxis.scaleanchor == "x"
    (track,) = plot.tracks
    assert {getattr(values, "name", "") for values in track.data.values()} == {"along", "aside"}


def test_shares_are_in_percent_and_the_attack_s_is_all() -> None:
    stage = shares().stage
    _, figure = plot_of(stage, "shares")
    assert trace_of(figure, "flat boundary").y[0] == pytest.approx(100 * math.acos(1 / 4) / math.pi)
    assert set(trace_of(figure, "attack").y) == {100.0}
    assert stage.quantity.endswith("%")


# The plane


def test_a_click_in_the_plane_is_played_at_once() -> None:
    plot, figure = plot_of(walks().stage, "plane")
    assert plot.pick == "play"
    assert (list(figure.layout.xaxis.range), list(figure.layout.yaxis.range)) == ([0, 255], [0, 255])
    mark = trace_of(figure, "the picture")
    assert (mark.x[0], mark.y[0]) == (104, 168)


def test_classes_are_told_apart_without_colour_and_noise_stands_beside_every_attack() -> None:
    for attack in ("fgsm", "pgd", "deepfool"):
        stage = walks(attack).stage
        plot, figure = plot_of(stage, "plane")
        assert trace_of(figure, "class 0").marker.symbol != trace_of(figure, "class 1").marker.symbol
        assert {"x", "y", "noise.x", "noise.y"} <= names(plot)
        assert [readout.words for readout in stage.readouts[:2]] == [OUTCOMES, OUTCOMES]


def test_a_radius_that_grows_is_what_the_scrubber_says_and_its_mark_too() -> None:
    grows, stays = walks("fgsm").stage, walks("pgd").stage
    assert (grows.unit, stays.unit) == ("ε", "step")
    assert grows.steps is not None
    assert (grows.steps[0], grows.steps[-1]) == (0, 32)
    assert names(grows.marks) == {"least"}
    assert not stays.marks


# The illusion


@pytest.mark.parametrize("kind", KINDS)
def test_first_the_picture_then_a_bar_then_only_the_squares(kind: str) -> None:
    stage = illusion_stage(kind=kind, size=96)
    (tiles,) = [view for view in stage.views if isinstance(view, Tiles)]
    pictures = np.asarray(tiles.tiles[0].values)
    assert pictures.shape == (stage.num_frames, 96, 96, 3)
    (program,) = [view for view in stage.views if isinstance(view, Program)]
    assert [program.active[frame] for frame in (0, 2, 4)] == [0, 1, 2]
    assert pictures[0].std() > pictures[4].std()


@pytest.mark.parametrize("kind", KINDS)
def test_the_levels_are_told_with_the_bar_and_become_one_line_once_it_is_there(kind: str) -> None:
    stage = illusion_stage(kind=kind, size=96)
    plot, _ = plot_of(stage, "levels")
    levels = np.asarray(plot.tracks[1].data["y"])
    assert np.isnan(levels[0]).all()  # first one looks, and decides
    assert (levels[1:, [0, -1]] == GREY).all()
    assert np.ptp(levels[1]) > 40
    assert (levels[2:] == GREY).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_beside_it_say_that_both_are_the_same(kind: str) -> None:
    numbers = [np.asarray(readout.values) for readout in illusion_stage(kind=kind, size=96).readouts]
    assert np.isnan([of[0] for of in numbers]).all()
    a, b, around_a, around_b = (float(of[-1]) for of in numbers)
    assert a == b == GREY
    assert (around_a - a) * (around_b - b) < 0
