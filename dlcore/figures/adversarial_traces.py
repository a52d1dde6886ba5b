"""Lines, dots and bands as Plotly's JSON, in colours of the palette, and what moves them, for the stages on why attacks
work; knows nothing of what they show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.optimizers import CORNER
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Area, Kind, Plot, Track

LINE, EDGE, DOT = 2.5, 1, 8  # pixels
LEFT = 62  # pixels of the numbers and the title beside the vertical axis


@dataclass
class Drawing:
    """Traces in the order in which they lie on one another, and their tracks."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)

    def add(self, trace: Mapping[str, Any], kind: Kind | None = None, **values: ArrayOrPending) -> None:
        """A trace that stands still, or one that moves as these values do, in the way of a `Track`."""
        if kind is not None:
            self.tracks.append(Track(trace=len(self.traces), kind=kind, data=values))
        self.traces.append(dict(trace))

    def band(self, hue: str, kind: Kind, x: ArrayOrPending, low: ArrayOrPending, high: ArrayOrPending) -> None:
        """What lies between two lines, pale; the upper one is filled down to the lower, which must be before it."""
        pale = theme.faint(theme.colour(hue))
        edge = {"type": "scatter", "mode": "lines", "line": {"width": EDGE, "color": pale}, "hoverinfo": "skip"}
        self.add(edge, kind, x=x, y=low)
        self.add({**edge, "fill": "tonexty", "fillcolor": pale}, kind, x=x, y=high)

    def plot(self, layout: Mapping[str, Any], *, key: str, title: str, alt: str, area: Area, **more: Any) -> Plot:
        """All of it, on axes of this layout."""
        figure = {"data": self.traces, "layout": {"template": theme.template_json(), "hovermode": "closest", **layout}}
        return Plot(key=key, title=title, figure=figure, tracks=self.tracks, area=area, alt=alt, **more)


def line(hue: str, name: str, *, x: Any = (), y: Any = (), width: float = LINE, **more: Any) -> dict[str, Any]:
    """A line in a colour of the palette, told by its name when it is pointed at."""
    look = {"color": theme.colour(hue), "width": width, "dash": more.pop("dash", "solid")}
    return {**_scatter(name, x, y), "mode": "lines", "line": look, **more}


def dots(
    hue: str, name: str, symbol: str, *, x: Any = (), y: Any = (), size: float = DOT, **more: Any
) -> dict[str, Any]:
    """Places in a colour of the palette, told by their name when they are pointed at."""
    colour = theme.colour(hue)
    look = {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}}
    return {**_scatter(name, x, y), "mode": "markers", "marker": look, **more}


def caption(text: str, left: float = LEFT) -> dict[str, Any]:
    """Lines (HTML) above the picture, which begin at its edge."""
    return {**CORNER, "text": text, "xshift": 8 - left, "yshift": 6, "align": "left"}


def margin(text: str, left: float = LEFT) -> dict[str, float]:
    """Room for such lines, and for the axes."""
    return {"l": left, "r": 14, "t": 20 + 16 * (1 + text.count("<br>")), "b": 46}


def powers(numbers: tuple[int, ...], every: int) -> dict[str, Any]:
    """A logarithmic axis over powers of two, of which each so many-th is named, the last one always."""
    named = numbers[::-1][::every][::-1]
    room = 0.04 * np.log10(numbers[-1] / numbers[0])
    ends = [np.log10(numbers[0]) - room, np.log10(numbers[-1]) + room]
    return {
        "type": "log",
        "range": [float(end) for end in ends],
        "tickvals": list(named),
        "ticktext": [f"{number:,}" for number in named],
        "tickangle": 0,
    }


def _scatter(name: str, x: Any, y: Any) -> dict[str, Any]:
    hover = f"{name}: %{{y:.3g}} at %{{x:.4g}}<extra></extra>"
    return {"type": "scatter", "x": list(x), "y": list(y), "name": name, "hovertemplate": hover}
