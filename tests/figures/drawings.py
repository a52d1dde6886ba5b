"""Graphs drawn by hand, and what a reader sees of them at a frame."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures.graph import Drawing, DrawnNode, DrawnWire, Shown
from dlcore.figures.stage import Plot
from tests.figures.plotted import plotted


class Seen(NamedTuple):
    """A part of a trace: its points (column, row), and its text."""

    points: tuple[tuple[float, float], ...]
    text: str = ""


def seen(plot: Plot, k: int) -> list[tuple[Any, list[Seen]]]:
    """Every trace from below to above, with what is there at frame k."""
    tracks: dict[int, Any] = {track.trace: track for track in plot.tracks}
    figure: Any = plotted(plot)
    return [
        (trace, list(_moving(tracks[i], k) if i in tracks else _still(trace))) for i, trace in enumerate(figure.data)
    ]


def _still(trace: Any) -> Iterator[Seen]:
    points = list(zip(trace.x.tolist(), trace.y.tolist(), strict=True))
    if "lines" in trace.mode:
        for gap, line in itertools.groupby(points, key=lambda point: bool(np.isnan(point[0]))):
            if not gap:
                yield Seen(tuple(line))
        return
    for i, point in enumerate(points):
        yield Seen((point,), trace.text[i] if trace.text is not None else "")


def _moving(track: Any, k: int) -> Iterator[Seen]:
    data = track.data
    for i in np.flatnonzero((data["start"] <= k) & (k < data["end"])):
        points = zip(np.atleast_1d(data["x"][i]).tolist(), np.atleast_1d(data["y"][i]).tolist(), strict=True)
        line = tuple(point for point in points if not np.isnan(point[0]))
        yield Seen(line, data["text"][i] if "text" in data else "")


def texts(plot: Plot, k: int) -> dict[tuple[str, str], str]:
    """(text, how it stands to its place) -> the colour, for all that is written at frame k; no two are the same."""
    return {
        (part.text, trace.textposition): trace.textfont.color
        for trace, parts in seen(plot, k)
        for part in parts
        if part.text
    }


def neuron(**changed: Any) -> Drawing:
    """x and w meet in m, E follows. Frames: 0 data, 1 m, 2 E, 3 back to m, 4 back to w and x, 5 w steps."""
    parts: dict[str, Any] = {
        "nodes": [
            DrawnNode(key="x", label="x<sub>1</sub>", x=0, y=0, leaf=True),
            DrawnNode(key="w", label="w<sub>1</sub>", x=0, y=2, leaf=True),
            DrawnNode(key="m", label="m", x=1, y=1),
            DrawnNode(key="E", label="E", x=2, y=1),
        ],
        "wires": [
            DrawnWire(key="x→m", points=((0, 0), (1, 1))),
            DrawnWire(key="w→m", points=((0, 2), (1, 1))),
            DrawnWire(key="m→E", points=((1, 1), (2, 1))),
        ],
        "values": [
            Shown("x", 0, 6, "−2", -0.7),
            Shown("w", 0, 5, "0.25", 0.2),
            Shown("w", 5, 6, "0.4", 0.3),
            Shown("m", 1, 6, "−0.5", -0.3),
            Shown("E", 2, 6, "0.125", 0.1),
        ],
        "grads": [
            Shown("m", 0, 3, "?", None),
            Shown("m", 3, 6, "−0.51", -0.5),
            Shown("w", 0, 4, "?", None),
            Shown("w", 4, 6, "1.02", 0.5),
            Shown("E", 2, 6, "1", 1.0),
        ],
        "weights": [],
        "sent": [
            Shown("m→E", 3, 6, "", -0.5),
            Shown("w→m", 4, 6, "", 1.0),
            Shown("x→m", 4, 6, "", 0.0),
        ],
        "active": ["", "m", "E", "m→E", "m", "w"],
    }
    return Drawing(**(parts | changed))


def crossing() -> Drawing:
    """Two nodes before two others, as close as in the textbook's 2-2-2, with numbers on all four wires."""
    before, behind = (
        [DrawnNode(key=f"{stem}{y}", label=stem, x=x, y=y) for y in (0, 1)] for stem, x in (("a", 0), ("z", 1.5))
    )
    wires = [_wire(a, z) for a, z in itertools.product(before, behind)]
    return Drawing(
        nodes=[*before, *behind, DrawnNode(key="E", label="E", x=7, y=0.5)],
        wires=wires,
        values=[],
        grads=[],
        weights=[Shown(wire.key, 0, 1, "0.567", 0.3) for wire in wires],
        sent=[Shown(wire.key, 0, 1, "0.0842", None) for wire in wires],
        active=[""],
    )


def perceptron(widths: tuple[int, ...] = (6, 6, 6, 6, 1)) -> Drawing:
    """Two inputs, then layers of z and a with a weight on every wire between; each event of the walk adds a number."""
    layer = [DrawnNode(key=f"x{i}", label=f"x<sub>{i}</sub>", x=0, y=i + 2, leaf=True) for i in (0, 1)]
    nodes, wires, weights = list(layer), [], []
    for number, width in enumerate(widths, 1):
        sums, outs = (
            _column(f"{stem}{number}", at, width) for stem, at in (("z", 2 * number - 0.8), ("a", 2 * number))
        )
        weighted = [_wire(a, b) for a, b in itertools.product(layer, sums)]
        wires += [*weighted, *(_wire(a, b) for a, b in zip(sums, outs, strict=True))]
        weights += [wire.key for wire in weighted]
        nodes, layer = [*nodes, *sums, *outs], outs
    y, loss = DrawnNode(key="y", label="y", x=10, y=4, leaf=True), DrawnNode(key="E", label="E", x=11, y=2.5)
    wires += [_wire(layer[0], loss), _wire(y, loss)]
    return _walked([*nodes, y, loss], wires, weights)


def _column(stem: str, at: float, count: int) -> list[DrawnNode]:
    rows = [i + (6 - count) / 2 for i in range(count)]
    return [
        DrawnNode(key=f"{stem}{i}", label=f"{stem[0]}<sub>{stem[1]}{i}</sub>", x=at, y=y) for i, y in enumerate(rows)
    ]


def _wire(a: DrawnNode, b: DrawnNode) -> DrawnWire:
    return DrawnWire(key=f"{a.key}→{b.key}", points=((a.x, a.y), (b.x, b.y)))


def _walked(nodes: list[DrawnNode], wires: list[DrawnWire], weights: list[str]) -> Drawing:
    """Every node gets its value, then every wire takes a gradient back to its node; and all of it again."""
    turn = len(nodes) + len(wires)
    values, grads, sent = [], [], []
    for begin in (0, turn):
        end = begin + turn
        for k, node in enumerate(nodes, begin):
            values.append(Shown(node.key, k, end, f"{np.cos(k):.2f}".replace("-", "−"), float(np.cos(k))))
        back = {wire.key.partition("→")[0]: k for k, wire in enumerate(reversed(wires), begin + len(nodes))}
        grads += [Shown(key, k, end, "−0.12", -0.1) for key, k in back.items()]
        sent += [Shown(wire.key, k, end, "", -0.5) for k, wire in enumerate(reversed(wires), begin + len(nodes))]
    return Drawing(
        nodes=nodes,
        wires=wires,
        values=values,
        grads=grads,
        weights=[Shown(key, 0, 2 * turn, "", float(np.sin(i))) for i, key in enumerate(weights)],
        sent=sent,
        active=[*(node.key for node in nodes), *(wire.key for wire in reversed(wires))] * 2,
    )
