"""The stage of the results: how often questions of each type are answered right, at home and in another area.

Knows the numbers' names and what others have published; does not know how anything is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.vqa_charts import chart, losses
from dlcore.figures.vqa_looks import AVERAGE, BESIDE_AXIS, PUBLISHED, Run, column, names, rule, titled, words

FOUR = "AA of four"  # without relation, as RSVQA has it
LABELS = 88  # pixels for the names of rows
LARGE, SMALL = 15, 12  # pixels of a number's type, and of the one below it
UP, DOWN = 0.17, 0.28  # of a row: where these two stand, from its middle
NUMBER = "%{z:.1f}"
WIDE = 1e6  # percent, beside which every spread is nothing
MOST_LOSS = 30  # has the strongest shade
GAP = 0.3  # of a column, between ours and what is published
NOTE = (
    "±: over three trainings. AA: mean of the types; of four: without relation. OA: all questions. Blind, majority: in "
    "test 1. RSVQA HR: Lobry et al. (2020)."
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """Numbers by row, and below each of them how much it varies, where that is known; a fourth mean below them all."""

    title: str
    place: float
    values: ArrayOrPending | Sequence[float | None]
    says: str
    spread: ArrayOrPending | None = None
    four: ArrayOrPending | float | None = None
    loss: bool = False


def table_stage(*, types: Mapping[str, str], counts: Sequence[int], fusion: str, domain: float) -> Stage:
    """Frame k: what is known after counts[k] scenes of each test; frame 0: nothing.

    types: titles by key, keys of TYPE_STYLES. fusion: title of what joins picture and question. domain: how far the
    area of test 2 is from that of the training scenes, 0 to 1.
    """
    run = Run(num_frames=len(counts))
    return Stage(
        views=[_table(run, types), chart(run, types), losses(run, types)],
        num_frames=len(counts),
        readouts=[Readout(label="questions", colour="", values=run("count"), counts=True)],
        quantity=f"{fusion}; test 2: area at {domain:g}",
        unit="batch",
        file_name="vqa-table",
        note=NOTE,
        rate=4.0,
        split=1.5,
    )


def _columns(run: Run, types: Mapping[str, str]) -> list[Column]:
    rows = len(names(types))

    def measured(test: str, place: float) -> Column:
        return Column(
            title=f"test {test}",
            place=place,
            values=run(f"accuracy.{test}", rows),
            spread=run(f"spread.{test}", rows),
            four=run(f"average4.{test}"),
            says=f"right in test {test}",
        )

    def published(test: int, place: float) -> Column:
        values = [PUBLISHED[name][test] if name in PUBLISHED else None for name in names(types)]
        four = PUBLISHED[AVERAGE][test]
        return Column(title=f"test {test + 1}", place=place, values=values, four=four, says="right in RSVQA")

    loss, spread = run("loss", rows), run("loss.spread", rows)
    return [
        measured("1", 0),
        measured("2", 1),
        Column(title="loss", place=2, values=loss, spread=spread, says="lost from test 1 to test 2", loss=True),
        Column(title="blind", place=3, values=run("blind.1", rows), says="right in test 1 without the picture"),
        Column(
            title="majority", place=4, values=run("majority.1", rows), says="right in test 1 with one answer a type"
        ),
        published(0, 5 + GAP),
        published(1, 6 + GAP),
    ]


def _table(run: Run, types: Mapping[str, str]) -> Plot:
    columns, titles = _columns(run, types), [*titled(types), FOUR]
    table = Chart()
    for shown in columns:
        _cells(table, shown, titles)
    varying = [shown for shown in columns if shown.spread is not None]
    for number, shown in enumerate(varying, start=2):
        _spread(table, shown, len(titles) - 1, f"x{number}")
    ends = [columns[0].place - 0.5, columns[-1].place + 0.5]
    names_of_columns = {
        "range": ends,
        "tickvals": [shown.place for shown in columns],
        "ticktext": [shown.title for shown in columns],
        "side": "top",
    }
    layout = {
        "margin": {"l": LABELS, "r": 8, "t": 58, "b": 8},
        "xaxis": {**_bare(), **names_of_columns},
        **{f"xaxis{number}": _middle(shown, ends) for number, shown in enumerate(varying, start=2)},
        "yaxis": {**_bare(), **_down(titles)},
        "shapes": [rule(x0=ends[0], x1=ends[1], y0=len(types) - 0.5, y1=len(types) - 0.5)],
        "annotations": [
            _heading("drawn scenes, %", ends[0]),
            _heading("RSVQA, %", columns[-2].place - 0.5),
            *(words(shown.place, row, "–") for shown in columns for row in _empty(shown)),
        ],
    }
    alt = (
        "Right answers in percent as a table. Rows: "
        f"{', '.join(titles)}. Columns: test 1, test 2, what is lost between them, a network without the picture, "
        "the commonest answer, and RSVQA's published test 1 and test 2."
    )
    return table.plot(layout, key="table", title="Table", alt=alt, area="main", keep=f"table-{len(types)}")


def _cells(table: Chart, shown: Column, titles: Sequence[str]) -> None:
    """A column: its shades with what a cell says, and its numbers, with room for smaller ones below them."""
    rows = np.arange(len(titles) - 1)
    if shown.spread is None:
        _add(table, {**column(shown.place, rows, NUMBER, LARGE), **_shades(shown)}, shown.values)
    else:
        _add(table, {**column(shown.place, rows, "", LARGE), **_shades(shown)}, shown.values)
        _add(table, column(shown.place, rows - UP, NUMBER, LARGE), shown.values)
    if shown.four is not None:
        four = [shown.four] if isinstance(shown.four, float | int) else shown.four
        _add(table, {**column(shown.place, [len(rows)], NUMBER, LARGE), **_shades(shown)}, four)


def _spread(table: Chart, shown: Column, rows: int, axis: str) -> None:
    """How much the numbers vary, as words at points: a cell would say "±" even while it has no number."""
    down = np.arange(rows, dtype=np.float32) + DOWN
    trace = {
        "type": "scatter",
        "mode": "text",
        "texttemplate": "± %{x:.1f}",
        "textfont": {"size": SMALL, "color": theme.colour("ink")},
        "xaxis": axis,
        "hoverinfo": "skip",
    }
    assert shown.spread is not None
    table.add(trace, "at", x=shown.spread, y=np.tile(down, (shown.spread.shape[0], 1)))


def _middle(shown: Column, ends: Sequence[float]) -> dict[str, Any]:
    """An axis so long that any percentage on it is in the middle of the column."""
    before = WIDE * (shown.place - ends[0]) / (ends[1] - ends[0])
    return {"range": [-before, WIDE - before], "overlaying": "x", "visible": False, "fixedrange": True}


def _shades(shown: Column) -> dict[str, Any]:
    shades = [theme.activation_shade((-1 if shown.loss else 1) * level)[0] for level in range(theme.LEVELS + 1)]
    return {
        "colorscale": [[level / theme.LEVELS, shade] for level, shade in enumerate(shades)],
        "zmin": 0,
        "zmax": MOST_LOSS if shown.loss else 100,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "all",
        "hovertemplate": f"%{{y}}: %{{z:.1f}} % {shown.says}<extra></extra>",
        "hoverongaps": False,
    }


def _add(table: Chart, look: Mapping[str, Any], values: ArrayOrPending | Sequence[float | None]) -> None:
    """Cells whose numbers come with the run, or stand there from the beginning."""
    if isinstance(values, Sequence):
        table.add({**look, "z": list(values)})
    else:
        table.add(look, "at", z=values)


def _empty(shown: Column) -> list[int]:
    """The rows that never have a number."""
    values = shown.values if isinstance(shown.values, Sequence) else []
    return [row for row, value in enumerate(values) if value is None]


def _bare() -> dict[str, Any]:
    return {"showgrid": False, "fixedrange": True, "tickangle": 0, "title": {"text": ""}}


def _down(titles: Sequence[str]) -> dict[str, Any]:
    named = {"tickvals": list(range(len(titles))), "ticktext": list(titles), **BESIDE_AXIS}
    return {"range": [len(titles) - 0.5, -0.5], **named}


def _heading(text: str, x: float) -> dict[str, Any]:
    place = {"yref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": 26}
    return words(x, 1, f"<b>{text}</b>", **place)
