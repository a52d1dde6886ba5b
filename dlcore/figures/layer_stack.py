"""The stage of a stack of layers: what is seen, and what every layer costs; knows no torch, and counts nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.field_picture import field_on_picture, outline, title_of
from dlcore.figures.notes import Note, Notes
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Plot, Readout, Stage, Track
from dlcore.topics.layer_notes import bytes_text, explain_layer
from dlcore.topics.layer_stack import Row, size_text, totals

RATE = 2  # layers a second
MARGIN = {"l": 62, "r": 12, "t": 26, "b": 42}
MOST_TICKS = 12
CAPTION = "filled: has weights · hollow: has none"


def stack_stage(rows: Sequence[Row], image: np.ndarray) -> Stage:
    """What is seen and what it costs, a layer a frame; frame 0 is the input.

    rows: of `layer_stack.trace`. image: (height, width, 3) uint8 of any size; its middle is shown as the input.
    """
    sums = totals(rows)
    return Stage(
        views=[
            field_on_picture(rows, image),
            layer_notes(rows),
            sizes_by_layer(rows),
            bars_by_layer(rows, "Parameters", "parameters", lambda row: row.num_parameters),
            bars_by_layer(rows, "Multiply-adds", "multiply-adds", lambda row: row.multiply_adds),
            bars_by_layer(rows, "Memory", "bytes of output, float32", lambda row: row.memory),
        ],
        num_frames=len(rows),
        readouts=_readouts(rows),
        unit="layer",
        note_from=len(rows) - 1,  # before, one may guess
        rate=RATE,
        file_name="layers",
        note=(
            f"All layers: {sums.num_parameters:,} parameters, {sums.multiply_adds:,} multiply-adds (twice as many "
            f"FLOPs), {bytes_text(sums.memory)} of activations for one image."
        ),
    )


def layer_notes(rows: Sequence[Row]) -> Notes:
    """How the present layer's numbers come about."""
    items = {
        str(row.index): Note(title=title_of(row), lines=[(0, len(rows), line) for line in explain_layer(rows, row)])
        for row in rows
    }
    return Notes(key="layer", title="Layer", items=items, active=list(items))


def sizes_by_layer(rows: Sequence[Row]) -> Plot:
    """Every layer's output as a box: as high as its maps, the wider the more channels; a vector is a line."""
    wide = np.array([0.6 + np.log2(row.shape[0]) if len(row.shape) == 3 else 0.6 for row in rows])
    high = np.array([row.shape[1] if len(row.shape) == 3 else 1 for row in rows], float)
    gap, most = 0.3 * wide.mean(), high.max()
    left = np.concatenate([[0], np.cumsum(wide + gap)[:-1]])
    middle = left + wide / 2
    corners_x, corners_y = left[:, None] + wide[:, None] * [0, 1, 1, 0, 0], high[:, None] / 2 * [-1, -1, 1, 1, -1]
    boxes = {"type": "bar", "x": middle, "y": high, "base": -high / 2, "width": wide, **_filled(rows)}
    said = [f"{title_of(row)}: {size_text(row.shape)}" for row in rows]
    layout = {
        "template": theme.template(),
        "margin": MARGIN,
        "xaxis": {
            "range": [-gap, left[-1] + wide[-1] + gap],
            "showgrid": False,
            "title": {"text": "layer; the wider, the more channels (log₂)"},
            **_ticks(middle),
        },
        "yaxis": {"range": [-0.55 * most, 0.55 * most], "title": {"text": "height of the maps"}, **_both_ways(most)},
        "annotations": [{**CORNER, "text": CAPTION}],
    }
    mark = outline(corners_x[0], corners_y[0], {"color": theme.colour("accent"), "width": 3})
    return Plot(
        key="sizes",
        title="Sizes",
        figure={"data": [{**boxes, **_hover(said)}, mark], "layout": layout},
        tracks=[Track(trace=1, kind="at", data={"x": corners_x, "y": corners_y})],
        area="side",
        keep=f"sizes {len(rows)} {most}",
        alt="The output of every layer as a box: its height is that of the maps, its width grows with the channels.",
    )


def bars_by_layer(rows: Sequence[Row], title: str, quantity: str, cost: Callable[[Row], int]) -> Plot:
    """What every layer costs, one bar each; a triangle stands over the present one."""
    x, y = np.arange(len(rows), dtype=float), np.array([cost(row) for row in rows], float)
    most = y.max() or 1.0
    said = [f"{title_of(row)}: {cost(row):,} {quantity}" for row in rows]
    marker = {"symbol": "triangle-down", "size": 13, "color": theme.colour("accent")}
    above = y + 0.04 * most
    mark = {"type": "scatter", "mode": "markers", "x": x[:1], "y": above[:1], "marker": marker, "hoverinfo": "skip"}
    layout = {
        "template": theme.template(),
        "margin": MARGIN,
        "bargap": 0.15,
        "xaxis": {"range": [-0.7, len(rows) - 0.3], "showgrid": False, "title": {"text": "layer"}, **_ticks(x)},
        "yaxis": {"range": [0, 1.12 * most], "exponentformat": "SI", "title": {"text": quantity}},
        "annotations": [{**CORNER, "text": CAPTION}],
    }
    return Plot(
        key=title.lower(),
        title=title,
        figure={"data": [{"type": "bar", "x": x, "y": y, **_filled(rows), **_hover(said)}, mark], "layout": layout},
        tracks=[Track(trace=1, kind="at", data={"x": x, "y": above})],
        area="side",
        keep=f"{title} {len(rows)} {most}",
        alt=f"{title} of every layer as bars; a triangle marks the present one.",
    )


def _readouts(rows: Sequence[Row]) -> list[Readout]:
    """By frame: the field and the jump, of both axes where they differ, and the costs."""
    entries = []
    same = all(row.fields[0][:2] == row.fields[1][:2] for row in rows)
    for axis, name in enumerate(("",) if same else (" down", " across")):
        entries.append((f"sees{name} (pixels)", [row.fields[axis].size for row in rows]))
        entries.append((f"jump{name} (pixels)", [row.fields[axis].jump for row in rows]))
    entries += [
        ("parameters", [row.num_parameters for row in rows]),
        ("multiply-adds", [row.multiply_adds for row in rows]),
    ]
    return [Readout(label=label, colour="", values=np.array(values, float), counts=True) for label, values in entries]


def _filled(rows: Sequence[Row]) -> dict[str, Any]:
    """Bars filled where a layer has weights, hollow where it has none."""
    hues = [theme.colour("weight-positive" if row.num_parameters else "ground") for row in rows]
    return {"marker": {"color": hues, "line": {"color": theme.colour("weight-positive"), "width": 1}}}


def _hover(said: list[str]) -> dict[str, Any]:
    return {"hovertext": said, "hovertemplate": "%{hovertext}<extra></extra>", "textposition": "none"}


def _ticks(places: np.ndarray) -> dict[str, Any]:
    """Layer numbers under these places, every so many of them."""
    shown = np.arange(0, len(places), -(-len(places) // MOST_TICKS))
    return {"tickvals": places[shown].tolist(), "ticktext": [str(k) for k in shown]}


def _both_ways(most: float) -> dict[str, Any]:
    """Ticks that say the whole height of what lies around 0: at ±112 stands 224."""
    shown = [most / 2, most / 4, 0.0]
    places = [*(-place for place in shown[:2]), *reversed(shown)]
    return {"tickvals": places, "ticktext": [f"{abs(2 * place):g}" if place else "" for place in places]}
