"""Methods as rows, always in the same order: a dot for what is known so far of each, and a line for how sure that is.

Knows how rows are drawn, on axes that are fixed beforehand; does not know what is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dlcore.figures import theme
from dlcore.figures.pending import Pending
from dlcore.figures.saliency_sheet import METHOD_STYLES
from dlcore.figures.stage import Area, Plot, Track

LABELS = 92  # pixels for the names of the rows
BETWEEN = 0.04  # two panels, as a share of the width
ROOM = 0.05  # beyond both ends of an axis, so that no dot is cut
ARROWS = {"high": "→", "low": "←"}  # where it is better
BETTER = {"high": "better →", "low": "← better"}
DOT, WHISKER = 10, 2.5


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One quantity of all methods: `array`.<method>, a number a frame; if `sure`, .mean, and .interval, its two ends.

    better: which end of the axis is. zero: where a line stands that means something, such as no difference.
    ticks: the numbers at the axis where there are other panels beside it.
    """

    array: str
    title: str
    quantity: str
    low: float
    high: float
    better: Literal["high", "low"] = "high"
    zero: float | None = None
    sure: bool = True
    ticks: tuple[float, float, float] = (0, 0.5, 1)


def rows(
    panels: Sequence[Panel],
    methods: Mapping[str, str],
    num_frames: int,
    *,
    key: str,
    title: str,
    alt: str,
    area: Area = "side",
) -> Plot:
    """The panels beside one another, over the same rows; methods: their titles, in the order of the rows.

    Written as Plotly's JSON: of some hundred traces its objects take a second.
    """
    data: list[dict[str, Any]] = []
    tracks: list[Track] = []
    axes: dict[str, Any] = {}
    for number, panel in enumerate(panels):
        name = str(number + 1) if number else ""
        axes[f"xaxis{name}"] = _across(panel, number, len(panels))
        for row, (method, full) in enumerate(methods.items()):
            for trace, track in _row(panel, method, full, row, num_frames):
                data.append({**trace, "xaxis": f"x{name}", "yaxis": "y"})
                tracks.append(Track(trace=len(data) - 1, kind="at", data=track))
    layout = {
        "template": theme.template(),
        "margin": {"l": LABELS, "r": 12, "t": 28, "b": 44},
        "yaxis": _down(methods),
        "hovermode": "closest",
        "annotations": [_heading(panel, number, len(panels)) for number, panel in enumerate(panels)],
        **axes,
    }
    figure = {"data": data, "layout": layout}
    keep = f"{key}-{len(panels)}-{'-'.join(methods)}"
    return Plot(key=key, title=title, figure=figure, tracks=tracks, area=area, keep=keep, alt=alt)


def _row(panel: Panel, method: str, full: str, row: int, num_frames: int) -> list[tuple[dict[str, Any], dict]]:
    """A method's traces and what moves them: the line from end to end, if there is one, and the dot."""
    style = METHOD_STYLES[method]
    name = f"{panel.array}.{method}"
    line = {"color": style.colour, "width": WHISKER}
    whisker = {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}
    ends = Pending(name=f"{name}.interval", shape=(num_frames, 2), dtype="float32")
    dot = {
        "type": "scatter",
        "mode": "markers",
        "name": full,
        "marker": {"symbol": style.symbol, "size": DOT, "color": style.colour, "line": line},
        "hovertemplate": f"{full}: {panel.quantity} %{{x:.3g}}<extra></extra>",
    }
    mean = Pending(name=f"{name}.mean" if panel.sure else name, shape=(num_frames,), dtype="float32")
    drawn = [(whisker, {"x": ends, "y": np.full((num_frames, 2), float(row))})] if panel.sure else []
    return [*drawn, (dot, {"x": mean, "y": np.full(num_frames, float(row))})]


def _across(panel: Panel, number: int, count: int) -> dict[str, Any]:
    """A panel's own axis; of several side by side each has three numbers, which fit on a telephone too."""
    left, right = _sides(number, count)
    room = ROOM * (panel.high - panel.low)
    ticks = {"tickvals": list(panel.ticks)}
    return {
        "domain": [left, right],
        "range": [panel.low - room, panel.high + room],
        "anchor": "y",
        "title": {"text": panel.quantity if count == 1 else ""},
        "zeroline": panel.zero is not None,
        "zerolinecolor": theme.colour("muted"),
        **(ticks if count > 1 else {}),
    }


def _sides(number: int, count: int) -> tuple[float, float]:
    wide = (1 - BETWEEN * (count - 1)) / count
    left = number * (wide + BETWEEN)
    return left, left + wide


def _heading(panel: Panel, number: int, count: int) -> dict[str, Any]:
    """The panel's name, with an arrow to where it is better."""
    left, _ = _sides(number, count)
    place = {"xref": "paper", "yref": "paper", "x": left, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    text = f"{panel.title} {ARROWS[panel.better]}" if count > 1 else BETTER[panel.better]
    return {**place, "text": text, "showarrow": False}


def _down(methods: Mapping[str, str]) -> dict[str, Any]:
    return {
        "range": [len(methods) - 0.5, -0.5],
        "tickvals": list(range(len(methods))),
        "ticktext": [METHOD_STYLES[method].short for method in methods],
        "fixedrange": True,
        "title": {"text": ""},
    }
