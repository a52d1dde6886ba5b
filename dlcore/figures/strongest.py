"""Which filter of a bank answers most, place by place, as a map of hues; knows nothing of filters but their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.answers import HIDDEN, Answers, picture_axes
from dlcore.figures.stage import Plot

SHOWN = 1 / theme.SHADES  # of the full colour: where no filter answers more, none is the strongest


class _Key(NamedTuple):
    """Where the names of the hues stand below the map."""

    columns: int
    rows: int


def strongest_filters(answers: Answers, strongest: np.ndarray) -> Plot:
    """Which filter answers most, by hue, and how strongly, by shade; strongest: (rows, columns), filters' numbers."""
    rows, cols = strongest.shape
    heat = {
        "type": "heatmap",
        "z": codes(answers, strongest),
        "zmin": 0,
        "zmax": len(theme.MINIMA) * theme.SHADES,
        "colorscale": _hues(),
        "showscale": False,
        "hoverinfo": "skip",
    }
    count = len(answers.titles)
    key = _Key(columns=4 if count > 6 else 3, rows=2)
    return Plot(
        key="strongest",
        title="Strongest",
        figure={"data": [heat, _names(answers.titles, key)], "layout": _mapped(rows, cols, key)},
        area="side",
        keep=f"strongest-{rows}-{cols}",
        alt=f"Which filter answers most strongly where, by hue: {', '.join(answers.titles)}.",
    )


def codes(answers: Answers, strongest: np.ndarray) -> np.ndarray:
    """One byte a place: 0 = no filter answers much, then a code for each shade of each hue, strong to pale."""
    strength = np.minimum(np.abs(answers.responses).max(axis=0) / answers.limit, 1)
    shade = np.ceil(theme.SHADES * (1 - strength)).clip(0, theme.SHADES - 1).astype(int)
    code = 1 + strongest.astype(int) % len(theme.MINIMA) * theme.SHADES + shade
    return np.where(strength < SHOWN, 0, code).astype(np.uint8)


def _hues() -> list[list[float | str]]:
    """Every code its own flat colour."""
    flat = [theme.colour("ground"), *(light for hue in theme.MINIMA for light, _ in theme.minimum_shades(hue))]
    top = len(flat) - 1
    edges = [(code - 0.5) / top for code in range(1, top + 1)]
    stops = zip([0.0, *edges], [*edges, 1.0], flat, strict=True)
    return [[edge, hue] for low, high, hue in stops for edge in (low, high)]


def _names(titles: Sequence[str], key: _Key) -> dict[str, Any]:
    """The hues and whose they are, on axes of their own below the map."""
    places = [divmod(number, key.columns) for number in range(len(titles))]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [column for _, column in places],
        "y": [row for row, _ in places],
        "text": [f" {title}" for title in titles],
        "textposition": "middle right",
        "marker": {
            "symbol": "square",
            "size": 11,
            "color": [hue for (hue, _), _ in zip(theme.MINIMA, titles, strict=False)],
        },
        "xaxis": "x2",
        "yaxis": "y2",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _mapped(rows: int, cols: int, key: _Key) -> dict[str, Any]:
    frame = picture_axes(rows, cols, 0.17)
    return {
        "template": theme.template(),
        "margin": {"l": 2, "r": 2, "t": 4, "b": 4},
        **frame,
        "xaxis2": {**HIDDEN, "range": [-0.1, key.columns - 0.1], "anchor": "y2"},
        "yaxis2": {**HIDDEN, "range": [key.rows - 0.4, -0.6], "domain": [0, 0.12], "anchor": "x2"},
        "dragmode": "pan",
        "hovermode": False,
    }
