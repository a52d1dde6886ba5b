"""A drawn graph shows at every frame what holds there, in colours that can be read, and with room for all of it."""

import dataclasses
import itertools
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.figures import theme
from dlcore.figures.drawing import flows
from dlcore.figures.graph import Drawing, DrawnNode, DrawnWire, Shown, layered_graph, level
from dlcore.figures.graph_wires import strength
from dlcore.figures.stage import Plot, Stage, pack
from tests.figures.drawings import Seen, crossing, neuron, perceptron, seen, texts
from tests.figures.eyesight import contrast
from tests.figures.plotted import plotted

CALM = {theme.colour("ground"), "rgba(0,0,0,0)"}
INK, ACCENT, GRADIENT, WRONG = (theme.colour(name) for name in ("ink", "accent", "gradient", "wrong"))


def plot_of(drawing: Drawing) -> Plot:
    return layered_graph(drawing, alt="a graph", keep="neuron")


def scale_of(plot: Plot) -> np.ndarray:
    """Pixels a column and pixels a row, in a picture of 680 x 400."""
    layout: Any = plotted(plot).layout
    margin = np.array([layout.margin.l + layout.margin.r, layout.margin.t + layout.margin.b])
    return (np.array([680, 400]) - margin) / np.array([np.ptp(layout.xaxis.range), np.ptp(layout.yaxis.range)])


def plain(html: str) -> str:
    return re.sub(r"</?b>|≠ ?", "", html)


def lines(plot: Plot, k: int, colour: str) -> list[tuple[Any, Seen]]:
    """The lines of a colour at frame k, each with its trace's look."""
    found = [
        (trace.line, parts) for trace, parts in seen(plot, k) if trace.mode == "lines" and trace.line.color == colour
    ]
    return [(look, part) for look, parts in found for part in parts]


def boxes(plot: Plot, k: int, *colours: str) -> Counter:
    """Places of the filled squares and circles of these colours."""
    found = [(trace.marker, parts) for trace, parts in seen(plot, k) if trace.mode == "markers"]
    kept = [parts for look, parts in found if look.symbol in ("square", "circle") and look.color in colours]
    return Counter(part.points[0] for parts in kept for part in parts)


SHADES = [theme.activation_shade(k)[0] for k in range(-theme.LEVELS, theme.LEVELS + 1)]


@pytest.mark.parametrize("drawing", [neuron(), perceptron()], ids=["neuron", "perceptron"])
def test_every_node_is_drawn_once_with_its_label(drawing: Drawing) -> None:
    plot = plot_of(drawing)
    places = Counter((node.x, node.y) for node in drawing.nodes)
    assert boxes(plot, 0, theme.colour("ground")) == places
    labels = [parts for trace, parts in seen(plot, 0) if trace.textposition == "top center"]
    assert [Counter((part.points[0], part.text) for part in parts) for parts in labels] == [
        Counter(((node.x, node.y), node.label) for node in drawing.nodes)
    ]


@pytest.mark.parametrize("drawing", [neuron(), perceptron()], ids=["neuron", "perceptron"])
def test_a_frame_shows_exactly_what_holds_there(drawing: Drawing) -> None:
    plot, place = plot_of(drawing), {node.key: (node.x, node.y) for node in drawing.nodes}
    for k in range(0, len(drawing.active), max(len(drawing.active) // 20, 1)):
        now = {kind: [s for s in getattr(drawing, kind) if s.start <= k < s.end] for kind in ("values", "grads")}
        written = {"middle center": Counter(), "bottom center": Counter(), "top center": Counter()}
        for trace, parts in seen(plot, k):
            if "text" in trace.mode:
                written[trace.textposition].update((part.points[0], plain(part.text)) for part in parts)
        assert written["middle center"] == Counter((place[s.key], s.text) for s in now["values"])
        assert written["bottom center"] == Counter((place[s.key], s.text) for s in now["grads"])
        assert boxes(plot, k, *SHADES) == Counter(place[s.key] for s in now["values"])
        sent = Counter(s.key for s in drawing.sent if s.start <= k < s.end)
        points = {wire.key: wire.points for wire in drawing.wires}
        assert Counter(part.points for _, part in lines(plot, k, GRADIENT)) == Counter(points[key] for key in sent)


def test_leaves_have_another_shape_than_what_is_computed() -> None:
    drawing = neuron()
    shapes: dict[str, set] = {}
    for trace, parts in seen(plot_of(drawing), 3):
        if trace.mode == "markers" and trace.marker.color in {*SHADES, theme.colour("ground")}:
            shapes.setdefault(trace.marker.symbol, set()).update(part.points[0] for part in parts)
    assert shapes["square"] == {(node.x, node.y) for node in drawing.nodes if node.leaf}
    assert shapes["circle"] == {(node.x, node.y) for node in drawing.nodes if not node.leaf}


def test_wires_run_from_node_to_node_below_the_boxes() -> None:
    drawing = perceptron()
    traces = seen(plot_of(drawing), 100)
    base = Counter(part.points for _, part in lines(plot_of(drawing), 100, theme.colour("muted")))
    assert base == Counter(wire.points for wire in drawing.wires)
    kinds = ["line" if trace.mode == "lines" else getattr(trace.marker, "symbol", None) for trace, _ in traces]
    assert max(i for i, kind in enumerate(kinds) if kind == "line") < kinds.index("square")


def test_a_value_flows_in_and_a_gradient_flows_back() -> None:
    drawing = neuron()
    found = {(flow.frame, flow.wire.key, flow.way) for flow in flows(drawing)}
    assert found == {
        (1, "x→m", 1),
        (1, "w→m", 1),
        (2, "m→E", 1),
        (3, "m→E", -1),
        (4, "w→m", -1),
        (4, "x→m", -1),
    }


@pytest.mark.parametrize(("k", "tail", "goal"), [(2, (1, 1), (2, 1)), (3, (2, 1), (1, 1))], ids=["forward", "back"])
def test_an_arrow_ends_at_the_border_of_what_it_leads_to(k: int, tail: tuple, goal: tuple) -> None:
    plot = plot_of(neuron())
    ((marker, (head,)),) = [
        (trace.marker, parts)
        for trace, parts in seen(plot, k)
        if trace.mode == "markers" and trace.marker.symbol == "arrow"
    ]
    assert marker.color == ACCENT
    assert marker.angleref == "previous"
    assert marker.size[0] == 0 < marker.size[1]
    (x0, y0), (x1, y1) = head.points
    assert y0 == y1 == 1
    assert np.sign(x1 - x0) == np.sign(goal[0] - tail[0])
    (box,) = {t.marker.size for t, _ in seen(plot, k) if t.mode == "markers" and t.marker.symbol == "circle"}
    assert abs(x1 - goal[0]) * scale_of(plot)[0] == pytest.approx(box / 2, abs=3)


def test_a_step_on_a_wire_has_no_direction() -> None:
    weights = [Shown("w→m", 0, 6, "0.3", 0.2)]
    plot = plot_of(neuron(active=["", "m", "E", "m→E", "m", "w→m"], weights=weights))
    assert [part.points for _, part in lines(plot, 5, ACCENT)]
    assert not any(
        parts for trace, parts in seen(plot, 5) if trace.mode == "markers" and trace.marker.symbol == "arrow"
    )


def test_the_active_node_has_an_outline() -> None:
    drawing = neuron()
    place = {node.key: (node.x, node.y) for node in drawing.nodes}
    for k, key in enumerate(drawing.active):
        outlines = [
            parts for t, parts in seen(plot_of(drawing), k) if t.mode == "markers" and t.marker.line.color == ACCENT
        ]
        assert [part.points[0] for parts in outlines for part in parts] == ([place[key]] if key in place else [])


def test_quiet_wires_are_seen_only_while_something_goes_over_them() -> None:
    wires = [dataclasses.replace(wire, quiet=True) for wire in neuron().wires]
    plot = plot_of(neuron(wires=wires))
    assert plot.targets.keys() == {"x", "w", "m", "E"}
    drawn = [sum(len(parts) for trace, parts in seen(plot, k) if trace.mode == "lines") for k in range(6)]
    assert drawn == [0, 2, 1, 1, 2, 0]


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_a_stronger_number_never_looks_weaker(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert level(low) <= level(high)
    assert level(-one) == -level(one)
    weaker, stronger = sorted((one, other), key=abs)
    assert strength(weaker) <= strength(stronger)
    assert (strength(one) == 0) == (one == 0)


def test_every_level_of_a_value_can_be_reached() -> None:
    assert {level(shade) for shade in np.linspace(-1, 1, 101)} == set(range(-theme.LEVELS, theme.LEVELS + 1))
    assert {strength(shade) for shade in np.linspace(-1, 1, 101)} == {0, 1, 2, 3}
    assert level(None) == 0


def test_weights_show_their_sign_without_colour_and_their_size_by_width() -> None:
    shades = (-0.9, -0.1, 0.1, 0.9)
    nodes = [DrawnNode(key=f"n{i}", label="n", x=i % 2, y=i // 2) for i in range(8)]
    wires = [DrawnWire(key=f"{i}", points=((0, i), (1, i))) for i in range(4)]
    weights = [Shown(str(i), 0, 1, "", shade) for i, shade in enumerate(shades)]
    plot = plot_of(Drawing(nodes=nodes, wires=wires, values=[], grads=[], weights=weights, sent=[], active=[""]))
    positive, negative = (
        [look for look, _ in lines(plot, 0, theme.colour(f"weight-{sign}"))] for sign in ("positive", "negative")
    )
    assert {look.dash for look in positive} == {"solid"}
    assert {look.dash for look in negative} == {"dash"}
    for looks in (positive, negative):
        thin, thick = sorted(look.width for look in looks)
        assert thick > 1.5 * thin


def test_a_gradient_of_zero_looks_other_than_a_small_one() -> None:
    at_end = lines(plot_of(neuron()), 4, GRADIENT)
    assert {part.points[0]: look.dash for look, part in at_end} == {(1, 1): "solid", (0, 2): "solid", (0, 0): "dot"}


def test_what_is_wrong_says_so_in_colour_and_in_a_sign() -> None:
    values = [Shown("w", 0, 1, "0.25", 0.2, wrong=True), Shown("m", 0, 1, "1", 0.2)]
    grads = [Shown("w", 0, 1, "None", None, wrong=True), Shown("m", 0, 1, "?", None), Shown("E", 0, 1, "1", 0.5)]
    weights = [Shown("m→E", 0, 1, "0.3", 0.3, wrong=True)]
    sent = [Shown("m→E", 0, 1, "0.7", None, wrong=True)]
    plot = plot_of(neuron(values=values, grads=grads, weights=weights, sent=sent, active=[""]))
    written = texts(plot, 0)
    assert {text: hue for (text, _), hue in written.items() if hue == WRONG} == dict.fromkeys(
        ["≠0.25", "<b>≠ None</b>", "≠ 0.3", "<b>≠ 0.7</b>"], WRONG
    )
    assert written["?", "bottom center"] == theme.colour("muted")
    assert written["<b>1</b>", "bottom center"] == GRADIENT
    assert written["1", "middle center"] == INK
    edges = [(t.marker.line.color, p.points[0]) for t, parts in seen(plot, 0) if t.mode == "markers" for p in parts]
    assert (WRONG, (0, 2)) in edges
    assert (0, 2) not in boxes(plot, 0, *SHADES)


@pytest.mark.parametrize("drawing", [neuron(), perceptron()], ids=["neuron", "perceptron"])
def test_all_colours_are_the_palettes_and_all_type_can_be_read(drawing: Drawing) -> None:
    palette = dict(theme.PALETTE.values())
    known = theme.dark_partners().keys() | CALM
    for trace, _ in seen(plot_of(drawing), 0):
        colours = {trace.line.color, trace.marker.color, trace.marker.line.color, trace.textfont.color} - {None}
        assert colours <= known
        if "text" in trace.mode:
            assert trace.textfont.size >= 9.5
            for which, ground in enumerate(theme.PALETTE["ground"]):
                assert contrast((trace.textfont.color, palette[trace.textfont.color])[which], ground) >= 4.5


def test_numbers_on_wires_stand_in_gaps_apart_from_each_other_and_from_the_boxes() -> None:
    drawing = crossing()
    plot = plot_of(drawing)
    scale = scale_of(plot)
    gaps = [(t.marker, p) for t, parts in seen(plot, 0) if t.mode == "markers+text" and t.marker.symbol for p in parts]
    gaps = [(look, part) for look, part in gaps if look.symbol == "line-ew-open"]
    assert Counter(plain(part.text) for _, part in gaps) == {"0.567": 4, "0.0842": 4}
    rects = [
        (np.array(part.points[0]) * scale, np.array([1.4 * look.size, look.line.width]) / 2) for look, part in gaps
    ]
    rects += [(np.array([node.x, node.y]) * scale, np.array([22.0, 22.0])) for node in drawing.nodes]
    for (a, half_a), (b, half_b) in itertools.combinations(rects, 2):
        assert (np.abs(a - b) > half_a + half_b - 1).any()  # one pixel less is no overlap that is seen
    for look, _ in gaps:
        assert look.color == theme.colour("ground")


def test_nothing_overlaps_in_a_crowd() -> None:
    drawing = perceptron()
    plot = plot_of(drawing)
    figure: Any = plotted(plot)
    scale = scale_of(plot)
    (box,) = {trace.marker.size for trace in figure.data if trace.marker.symbol == "circle"}
    assert box >= 30
    for one, other in itertools.combinations(drawing.nodes, 2):
        dx, dy = abs(one.x - other.x) * scale[0], abs(one.y - other.y) * scale[1]
        assert dx > box or dy > box + 2 * 9.5


def test_the_picture_holds_every_node_with_its_type_and_rows_run_downwards() -> None:
    drawing = perceptron()
    plot = plot_of(drawing)
    layout: Any = plotted(plot).layout
    (left, right), (lower, upper) = layout.xaxis.range, layout.yaxis.range
    assert lower > upper
    across, down = scale_of(plot)
    assert min(min(node.x - left, right - node.x) for node in drawing.nodes) * across + layout.margin.l >= 25
    assert min(min(node.y - upper, lower - node.y) for node in drawing.nodes) * down + layout.margin.t >= 30
    assert layout.xaxis.visible is layout.yaxis.visible is False


def test_whatever_is_drawn_can_be_selected() -> None:
    drawing = neuron()
    plot = plot_of(drawing)
    assert plot.targets == {
        **{node.key: [node.x, node.y] for node in drawing.nodes},
        **{wire.key: [*wire.points[0], *wire.points[1]] for wire in drawing.wires},
    }
    assert plot.turn
    assert plot.rings is not None
    figure: Any = plotted(plot)
    node, wire = (figure.data[i] for i in plot.rings)
    assert (node.mode, wire.mode) == ("markers", "lines")
    assert node.marker.size > 40


def test_a_large_graph_travels_light() -> None:
    drawing = perceptron()
    assert len(drawing.nodes) == 54
    plot = plot_of(drawing)
    bare = [
        dataclasses.replace(track, data={k: v for k, v in track.data.items() if k != "text"}) for track in plot.tracks
    ]
    stage = Stage(views=[dataclasses.replace(plot, tracks=bare)], num_frames=len(drawing.active))
    assert len(pack(stage)) < 70_000
    assert len(list(plotted(plot).data)) < 45
