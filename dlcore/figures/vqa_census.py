"""The stage on which questions are counted: which answers they have, and how far one comes without the picture.

Knows the names under which shares arrive; asks nothing itself.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures.chart import Chart
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles
from dlcore.figures.vqa_looks import BESIDE_AXIS, TYPE_STYLES, Run, column, rule, words
from dlcore.figures.vqa_rows import Rows

SIDE = 288  # pixels of a scene
MOST, LAST = 80, 74  # percent: no answer has a larger share, and where its number stands
BELOW = 0.2  # of a row: the best that one does stands under the rest
GAP = 1.6  # rows between two types, for the name of the next
BETWEEN = 0.25  # both columns, as a share of the width: room for the names of answers
LABELS = 72  # pixels for the names of answers
NUMBER = 12  # pixels of a number's type
WIDE = 0.72  # of a row: a bar
NOTE = (
    "Dotted: all answers equally often. Majority: one answer for all questions of a type. By question: the commonest "
    "answer to each question, the most that one reaches without the picture."
)


def census_stage(
    *, types: Mapping[str, str], answers: Mapping[str, Sequence[str]], counts: Sequence[int], domain: float
) -> Stage:
    """Frame k: what is known after counts[k] scenes; frame 0: nothing.

    types: titles by key, keys of TYPE_STYLES. answers: those of each type, as the reader sees them. domain: how far the
    area is from that of the training scenes, 0 to 1.
    """
    run = Run(num_frames=len(counts))
    return Stage(
        views=[_shares(run, types, answers), _blind(run, types, answers), _scenes(run, counts)],
        num_frames=len(counts),
        readouts=[Readout(label="questions", colour="", values=run("count"), counts=True)],
        quantity=f"area at {domain:g}",
        unit="batch",
        file_name="vqa-census",
        note=NOTE,
        rate=4.0,
        split=1.5,
    )


class Block(NamedTuple):
    """Where the answers of a type stand: a column, and the row of the first of them."""

    column: int
    top: float


def blocks(sizes: Sequence[int]) -> list[Block]:
    """Two columns, as equally long as their blocks let them be, for so many answers of each type."""
    lengths = [size + GAP for size in sizes]
    ends = list(accumulate(lengths))
    first = min(range(1, len(sizes) + 1), key=lambda count: max(ends[count - 1], ends[-1] - ends[count - 1]))
    tops = [end - size for end, size in zip(ends, sizes, strict=True)]
    return [Block(0, top) if i < first else Block(1, top - ends[first - 1]) for i, top in enumerate(tops)]


def _shares(run: Run, types: Mapping[str, str], answers: Mapping[str, Sequence[str]]) -> Plot:
    """A bar an answer, type below type in two columns; a dotted line where all answers would be equally often."""
    chart = Chart()
    places = dict(zip(types, blocks([len(answers[name]) for name in types]), strict=True))
    rows = max(place.top + len(answers[name]) for name, place in places.items())
    annotations: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    for name, title in types.items():
        place, labels = places[name], answers[name]
        axes = {"xref": _axis("x", place.column), "yref": _axis("y", place.column)}
        annotations.append(words(0, place.top - 0.6, f"<b>{title}</b>", xanchor="left", yanchor="bottom", **axes))
        even = 100 / len(labels)
        edge = rule("ink", **axes, x0=even, x1=even, y0=place.top - 0.5, y1=place.top + len(labels) - 0.5)
        shapes.append({**edge, "line": {**edge["line"], "dash": "dot"}})
        _bars(chart, run, name, place, labels)
    layout = {
        "margin": {"l": LABELS, "r": 12, "t": 8, "b": 44},
        "bargap": 0,
        "shapes": shapes,
        "annotations": annotations,
    }
    for side in range(2):
        named = {
            place.top + i: label
            for name, place in places.items()
            for i, label in enumerate(answers[name])
            if place.column == side
        }
        layout |= _axes(side, rows, named)
    alt = f"How often each answer is right, in percent, for {', '.join(types.values())}."
    return chart.plot(layout, key="shares", title="Answers", alt=alt, area="main", keep="shares")


def _bars(chart: Chart, run: Run, name: str, place: Block, labels: Sequence[str]) -> None:
    rows = place.top + np.arange(len(labels))
    trace = {
        "type": "bar",
        "orientation": "h",
        "xaxis": _axis("x", place.column),
        "yaxis": _axis("y", place.column),
        "y": rows.tolist(),
        "width": WIDE,
        "marker": {"color": TYPE_STYLES[name].colour},
        "customdata": list(labels),
        "hovertemplate": "%{customdata}: %{x:.1f} %<extra></extra>",
    }
    shares, down = run(f"shares.{name}", len(labels)), np.tile(rows.astype(np.float32), (run.num_frames, 1))
    chart.add(trace, "at", x=shares, y=down)
    numbers = column(LAST, rows, "%{z:.0f}", NUMBER)
    chart.add({**numbers, "xaxis": trace["xaxis"], "yaxis": trace["yaxis"]}, "at", z=shares)


def _axis(letter: str, side: int) -> str:
    return f"{letter}{side + 1 if side else ''}"


def _axes(side: int, rows: float, named: Mapping[float, str]) -> dict[str, Any]:
    """The axes of one of the two columns."""
    wide = (1 - BETWEEN) / 2
    left, number = side * (wide + BETWEEN), side + 1 if side else ""
    across = {"domain": [left, left + wide], "range": [0, MOST], "anchor": _axis("y", side), "nticks": 5}
    down = {
        "range": [rows - 0.3, -0.2],
        "anchor": _axis("x", side),
        "fixedrange": True,
        "showgrid": False,
        **BESIDE_AXIS,
    }
    return {
        f"xaxis{number}": {**across, "title": {"text": "% of its questions"}},
        f"yaxis{number}": {**down, "tickvals": list(named), "ticktext": list(named.values()), "title": {"text": ""}},
    }


def _blind(run: Run, types: Mapping[str, str], answers: Mapping[str, Sequence[str]]) -> Plot:
    """How far one comes without the picture."""
    rows = Rows(titles=list(types.values()), num_frames=run.num_frames)
    even = [100 / len(answers[name]) for name in types]
    rows.dots("muted", "any answer", "x-thin", even)
    rows.dots("muted", "majority", "line-ns", run("majority", len(types)), size=13)
    rows.dots("ink", "by question", "diamond", run("by_question", len(types)), below=BELOW, size=10)
    return rows.plot(
        0,
        100,
        quantity="right answers",
        above="| majority &nbsp; × any answer of the type<br>◆ below: by question",
        key="blind",
        title="Without the picture",
        alt="Right answers by type without the picture: any answer, the commonest of the type, that of the question.",
    )


def _scenes(run: Run, counts: Sequence[int]) -> Tiles:
    """A scene of each batch."""
    pixels = run("picture", SIDE, SIDE, 3, dtype="uint8")
    tiles = [
        Tile(key=f"batch{k}", title=f"No. {count}", values=pixels, kind="picture", row=k)
        for k, count in enumerate(counts)
        if count
    ]
    alt = "One of every batch of scenes that questions are asked about."
    return Tiles(key="scenes", title="Scenes", tiles=tiles, area="side", follow=True, turns=True, alt=alt)
