"""Numbers in cells, rows by columns, each on a shade that its number can be read on; knows nothing of what they count.

The shades go from nothing to very much; what is not known yet is an empty cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.pending import ArrayOrPending, Pending
from dlcore.figures.stage import Area, Plot, Track

SIZES = ((4, 20), (6, 16), (10, 13))  # up to so many columns: pixels of a number's type
ANGLES = [0, -90]  # of names: level, or upright where there is no room; slanted ones of two lines lie on one another
LETTERS = 16  # of a name that is no longer than a line
INSIDE = 0.48  # of a cell, from its middle to its edge


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Cells (frames, rows, columns), or one array (frames, columns) a row.

    down, across: what rows and columns are. most: the number that has the strongest shade. loss: whether a large number
    is bad, which has another hue. hover: Plotly's template of what a cell says. outlined: cells (row, column) with an
    edge, such as those on the diagonal.
    """

    values: ArrayOrPending | Sequence[ArrayOrPending]
    rows: Sequence[str]
    columns: Sequence[str]
    across: str
    most: float
    hover: str
    down: str = ""
    loss: bool = False
    outlined: Sequence[tuple[int, int]] = ()


def matrix(given: Matrix, *, key: str, title: str, caption: str, alt: str, area: Area = "side") -> Plot:
    """The cells of the present frame. caption: a line above."""
    look, columns = _look(given), len(given.columns)
    if isinstance(given.values, np.ndarray | Pending):
        parts, data = [given.values], [{**look, "z": [[None] * columns] * len(given.rows)}]
    else:
        parts, data = given.values, [{**look, **_row(row, columns)} for row in range(len(given.rows))]
    layout = {
        "template": theme.template(),
        "margin": {"l": 24, "r": 12, "t": 30, "b": 24},
        "xaxis": {**_names(given.columns, given.across), "autotickangles": ANGLES},
        "yaxis": {**_names(given.rows, given.down), "range": [len(given.rows) - 0.5, -0.5]},
        "shapes": [_edge(row, column) for row, column in given.outlined],
        "title": _caption(caption),
    }
    tracks = [Track(trace=number, kind="at", data={"z": part}) for number, part in enumerate(parts)]
    keep = f"{key}-{len(given.rows)}-{len(given.columns)}"
    figure = {"data": data, "layout": layout}
    return Plot(key=key, title=title, figure=figure, tracks=tracks, area=area, keep=keep, alt=alt)


def _look(given: Matrix) -> dict[str, Any]:
    sign = -1 if given.loss else 1
    shades = [theme.activation_shade(sign * level)[0] for level in range(theme.LEVELS + 1)]
    return {
        "type": "heatmap",
        "colorscale": [[level / theme.LEVELS, shade] for level, shade in enumerate(shades)],
        "zmin": 0,
        "zmax": given.most,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{z:.0f}",
        "textfont": {"size": _size(len(given.columns)), "color": theme.colour("ink")},
        "hovertemplate": given.hover + "<extra></extra>",
        "hoverongaps": False,
    }


def _row(row: int, columns: int) -> dict[str, Any]:
    """A row by itself: one number a place (x, y)."""
    return {"x": list(range(columns)), "y": [row] * columns, "z": [None] * columns}


def _size(columns: int) -> int:
    return next((size for most, size in SIZES if columns <= most), SIZES[-1][1])


def _names(names: Sequence[str], title: str) -> dict[str, Any]:
    """Long names stand in two lines and find their room."""
    look = {"showgrid": False, "automargin": True, "title": {"text": title}}
    return {**look, "tickvals": list(range(len(names))), "ticktext": [_lines(name) for name in names]}


def _lines(name: str) -> str:
    """One line or two, as equally long as words let them be."""
    if len(name) <= LETTERS:
        return name
    breaks = [place for place, letter in enumerate(name) if letter == " "]
    middle = min(breaks, key=lambda place: abs(place - len(name) / 2), default=len(name))
    return f"{name[:middle]}<br>{name[middle + 1 :]}" if breaks else name


def _edge(row: int, column: int) -> dict[str, Any]:
    corners = {"x0": column - INSIDE, "x1": column + INSIDE, "y0": row - INSIDE, "y1": row + INSIDE}
    return {"type": "rect", **corners, "line": {"width": 1.5, "color": theme.colour("ink")}}


def _caption(text: str) -> dict[str, Any]:
    place = {"xref": "container", "yref": "container", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top"}
    return {**place, "pad": {"l": 8, "t": 8}, "text": text, "font": {"size": 12}}
