"""How often networks are right under attacks of every radius ε, as a line an attack, or a line a network.

Knows the axes, which are fixed before anything is known, and how networks look; does not know how any is attacked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.looks import NamedStyle
from dlcore.figures.optimizers import CORNER
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Area, Plot, Track

LINE, EDGE, DOT = 2.5, 1, 8  # pixels
WORDS = 16  # pixels of a line of words
LEFT = 62  # pixels of the numbers and the title beside the vertical axis
ROOM = 0.025  # beyond both ends of an axis, so that no dot is cut
ACROSS = "ε, levels of 255"


NET_STYLES: dict[str, NamedStyle] = {
    "plain": NamedStyle("Plain", "net-plain", "dash", "circle-open"),
    "robust": NamedStyle("Robust", "net-robust", "solid", "square"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of numbers by ε, (frames, ε), and where given the edges of its interval, in percent.

    label: as the reader sees it when pointing at the line. colour: a meaning of the palette.
    """

    label: str
    colour: str
    dash: str
    symbol: str
    values: ArrayOrPending
    low: ArrayOrPending | None = None
    high: ArrayOrPending | None = None


def against_epsilon(
    lines: Sequence[Line],
    epsilons: Sequence[float],
    *,
    key: str,
    title: str,
    caption: str,
    alt: str,
    area: Area = "main",
    marks: Mapping[float, str] | None = None,
    chance: float | None = None,
) -> Plot:
    """All lines of the present frame, over ε.

    caption: lines (HTML) above the picture. marks: an upright line at an ε, and a few words above it. chance: what
    guessing reaches, in percent.
    """
    data: list[dict[str, Any]] = []
    tracks: list[Track] = []
    drawn = [part for line in lines for part in _band(line)] + [_line(line) for line in lines]  # lines above all bands
    for trace, values in drawn:
        across = np.tile(np.asarray(epsilons, dtype=np.float32), (values.shape[0], 1))
        tracks.append(Track(trace=len(data), kind="at", data={"x": across, "y": values}))
        data.append(trace)
    layout = {
        "template": theme.template(),
        "margin": {"l": LEFT, "r": 14, "t": 20 + WORDS * (1 + caption.count("<br>") + bool(marks)), "b": 44},
        "xaxis": _axis(epsilons),
        "yaxis": {"range": [-2.5, 102.5], "ticksuffix": " %", "title": {"text": "accuracy"}},
        "hovermode": "closest",
        "shapes": [_upright(epsilon) for epsilon in marks or {}] + ([] if chance is None else [_level(chance)]),
        "annotations": [
            {**CORNER, "text": caption, "xshift": 8 - LEFT, "yshift": 6 + WORDS * bool(marks), "align": "left"},
            *(_above(epsilon, words, epsilons) for epsilon, words in (marks or {}).items()),
            *([] if chance is None else [_guessing(chance)]),
        ],
    }
    figure = {"data": data, "layout": layout}
    keep = f"{key}-{len(epsilons)}-{max(epsilons):g}"
    return Plot(key=key, title=title, figure=figure, tracks=tracks, area=area, keep=keep, alt=alt)


def _band(line: Line) -> list[tuple[dict[str, Any], ArrayOrPending]]:
    """The upper edge is filled down to the lower one, which must be the trace before it."""
    if line.low is None or line.high is None:
        return []
    hue = theme.faint(theme.colour(line.colour))
    look = {"type": "scatter", "mode": "lines", "line": {"width": EDGE, "color": hue}, "hoverinfo": "skip"}
    return [(look, line.low), ({**look, "fill": "tonexty", "fillcolor": hue}, line.high)]


def _line(line: Line) -> tuple[dict[str, Any], ArrayOrPending]:
    hue = theme.colour(line.colour)
    marker = {"symbol": line.symbol, "size": DOT, "color": hue, "line": {"width": 1.5, "color": hue}}
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "line": {"width": LINE, "color": hue, "dash": line.dash},
        "marker": marker,
        "name": line.label,
        "hovertemplate": f"{line.label}: %{{y:.1f}} % at ε = %{{x:.3g}}<extra></extra>",
    }
    return trace, line.values


def _axis(epsilons: Sequence[float]) -> dict[str, Any]:
    """Each radius at its place, and named there."""
    most = max(epsilons)
    return {
        "range": [-ROOM * most, (1 + ROOM) * most],
        "tickvals": list(epsilons),
        "ticktext": [f"{epsilon:g}" for epsilon in epsilons],
        "tickangle": 0,
        "title": {"text": ACROSS},
    }


def _upright(epsilon: float) -> dict[str, Any]:
    line = {"width": 1.5, "color": theme.colour("ink"), "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": epsilon, "x1": epsilon, "y0": 0, "y1": 1, "line": line}


def _above(epsilon: float, words: str, epsilons: Sequence[float]) -> dict[str, Any]:
    """What an upright line means, towards the side where there is more room."""
    side = "right" if epsilon > max(epsilons) / 2 else "left"
    place = {"x": epsilon, "y": 1, "yref": "paper", "xanchor": side, "yanchor": "bottom"}
    return {**place, "text": words, "showarrow": False}


def _level(percent: float) -> dict[str, Any]:
    line = {"width": 1, "color": theme.colour("muted"), "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": percent, "y1": percent, "line": line}


def _guessing(percent: float) -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xshift": 4, "y": percent, "xanchor": "left", "yanchor": "bottom"}
    font = {"size": 12, "color": theme.colour("muted")}
    return {**place, "text": "guessing", "showarrow": False, "font": font}
