"""A figure that grows trace by trace, some of whose parts come and go; knows nothing of graphs.

It is written as Plotly's JSON: to build and check Plotly's objects takes longer than all the rest of a stage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.stage import Track

CLEAR = "rgba(0,0,0,0)"


class Item(NamedTuple):
    """A part of a trace that is there while start <= frame < end."""

    start: int
    end: int
    points: tuple[tuple[float, float], ...]
    text: str = ""


@dataclass
class Canvas:
    """The figure and the tracks of what moves in it; what comes later lies above."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)

    def moving(self, items: Sequence[Item], **style: Any) -> None:
        """A trace of what comes and goes; none where nothing does."""
        if items:
            self.tracks.append(Track(trace=self.still((), **style), kind="while", data=_columns(items)))

    def still(self, points: Sequence[tuple[float, float]], **style: Any) -> int:
        """A trace that stays, and its number; NaN parts one line from the next."""
        x, y = np.array(points, float).reshape(-1, 2).T
        self.traces.append({"type": "scatter", "x": x, "y": y, "hoverinfo": "skip", "cliponaxis": False, **style})
        return len(self.traces) - 1

    def framed(
        self, across: tuple[float, float], down: tuple[float, float], margin: tuple[float, float]
    ) -> dict[str, Any]:
        """The figure with nothing but a margin (beside, above and below) around it; it can be moved and enlarged."""
        beside, above = margin
        layout = {
            "template": theme.template(),
            "margin": {"l": beside, "r": beside, "t": above, "b": above},
            "xaxis": {"visible": False, "range": across},
            "yaxis": {"visible": False, "range": down},
            "dragmode": "pan",
            "hovermode": False,
        }
        return {"data": self.traces, "layout": layout}


def grouped(pairs: Iterable[tuple[Any, Item]]) -> list[tuple[Any, list[Item]]]:
    """Items by what goes before them, in its order."""
    groups: dict[Any, list[Item]] = {}
    for group, item in pairs:
        groups.setdefault(group, []).append(item)
    return sorted(groups.items())


def _joined(items: Sequence[Item]) -> list[Item]:
    """The items, those that go on where an equal one ends joined to it."""
    found: list[Item] = []
    ends: dict[tuple[Any, str, int], int] = {}
    for item in sorted(items, key=lambda item: item.start):
        at = ends.pop((item.points, item.text, item.start), len(found))
        if at == len(found):
            found.append(item)
        else:
            found[at] = found[at]._replace(end=item.end)
        ends[item.points, item.text, item.end] = at
    return found


def _columns(items: Sequence[Item]) -> dict[str, Any]:
    """Items as the columns of a track "while"."""
    items = _joined(items)
    most = max(len(item.points) for item in items)
    points = np.full((len(items), most, 2), np.nan)
    for row, item in zip(points, items, strict=True):
        row[: len(item.points)] = item.points
    if most == 1:
        points = points[:, 0]
    # A walk has far fewer frames than 2^15.
    start, end = np.array([(item.start, item.end) for item in items], np.int16).T
    texts = {"text": [item.text for item in items]} if any(item.text for item in items) else {}
    return {"x": points[..., 0], "y": points[..., 1], "start": start, "end": end, **texts}
