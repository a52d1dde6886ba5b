"""Plots as plain data: traces and a layout in Plotly's JSON, and what moves them; knows nothing of what they show.

Plotly's own objects would check every number, which takes longer than all else of a stage; the tests do that instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Area, Kind, Plot, Track

EDGE = 1  # pixels, of a band's edges


@dataclass
class Chart:
    """Traces in the order in which they lie on one another, and their tracks."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)

    def add(
        self,
        trace: Mapping[str, Any],
        kind: Kind | None = None,
        scale: float = 1.0,
        /,
        **values: ArrayOrPending | Sequence[str],
    ) -> None:
        """A trace that stands still, or one that moves as these values do, in the way of a `Track`."""
        if kind is not None:
            self.tracks.append(Track(trace=len(self.traces), kind=kind, data=values, scale=scale))
        self.traces.append(dict(trace))

    def band(self, hue: str, kind: Kind, x: ArrayOrPending, low: ArrayOrPending, high: ArrayOrPending) -> None:
        """What lies between two lines, pale; the upper one is filled down to the lower, which must be before it."""
        pale = theme.faint(theme.colour(hue))
        edge = {"type": "scatter", "mode": "lines", "line": {"width": EDGE, "color": pale}, "hoverinfo": "skip"}
        self.add(edge, kind, x=x, y=low)
        self.add({**edge, "fill": "tonexty", "fillcolor": pale}, kind, x=x, y=high)

    def heatmap(self, z: ArrayOrPending, **look: Any) -> None:
        """A map of values from 0 on whose pixels change with the frames, without a bar of its colours."""
        nothing = np.zeros((2, 2))  # until the first frame has come
        self.add({"type": "heatmap", "z": nothing, "zmin": 0, "showscale": False, **look}, "at", z=z)

    def plot(
        self, layout: Mapping[str, Any], *, key: str, title: str, alt: str, area: Area = "main", **more: Any
    ) -> Plot:
        """All of it, on axes of this layout."""
        figure = {"data": self.traces, "layout": {"template": theme.template(), "hovermode": "closest", **layout}}
        return Plot(key=key, title=title, figure=figure, tracks=self.tracks, area=area, alt=alt, **more)


def level(y: float, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line from one side of the plot to the other, for a layout's shapes."""
    return {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "yref": "y", "y0": y, "y1": y, "line": line}


def upright(x: float, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line from the bottom of the plot to its top."""
    return {"type": "line", "xref": "x", "x0": x, "x1": x, "yref": "y domain", "y0": 0, "y1": 1, "line": line}
