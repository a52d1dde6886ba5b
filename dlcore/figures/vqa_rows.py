"""Dots and lines on rows that never change their places, over an axis that is fixed beforehand.

Knows how they are drawn and where a row is; does not know what is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.figures.adversarial_traces import caption, dots, line, margin
from dlcore.figures.chart import Chart
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Area, Plot
from dlcore.figures.vqa_looks import rule

RIGHT = 26  # pixels for half of the last number below
LETTER, EDGE = 6.6, 18  # pixels: of a letter, and beside the names of rows
LINE = 14  # letters; longer names stand in two lines
WHISKER = 2.5  # pixels


@dataclass(kw_only=True)
class Rows:
    """Rows from the top to the bottom, with what is drawn on them from below to above.

    unit: behind each number that is pointed at. order: the row of every number of an array, None for one that has none;
    without it they are in their order.
    """

    titles: Sequence[str]
    num_frames: int
    unit: str = " %"
    order: Sequence[int | None] | None = None
    chart: Chart = field(default_factory=Chart)

    def places(self, below: float = 0) -> np.ndarray:
        """How far down each number of an array stands, in rows; NaN: it is not drawn."""
        rows = range(len(self.titles)) if self.order is None else self.order
        return np.array([np.nan if row is None else row + below for row in rows], dtype=np.float32)

    def dots(
        self, hue: str, name: str, symbol: str, values: ArrayOrPending | Sequence[float | None], **look: Any
    ) -> None:
        """A dot a row. values: (frames, rows), or (rows,) that never change; below: how far under the row's middle."""
        down = self.places(look.pop("below", 0))
        said = ["" if np.isnan(row) else self.titles[int(row)] for row in self.places()]
        hover = f"%{{text}}, {name}: %{{x:.1f}}{self.unit}<extra></extra>"
        trace = {**dots(hue, name, symbol, **look), "text": said, "hovertemplate": hover}
        if isinstance(values, Sequence):
            self.chart.add({**trace, "x": list(values), "y": down.tolist()})
        else:
            self.chart.add(trace, "at", x=values, y=np.tile(down, (self.num_frames, 1)))

    def whisker(self, hue: str, row: int, ends: ArrayOrPending, width: float = WHISKER) -> None:
        """A line on the row of the row-th number, between two ends (frames, 2)."""
        down = np.full((self.num_frames, 2), self.places()[row], dtype=np.float32)
        self.chart.add(line(hue, "", width=width, hoverinfo="skip"), "at", x=ends, y=down)

    def left(self) -> float:
        """Pixels for the names of the rows."""
        return EDGE + LETTER * max(len(part) for title in self.titles for part in _lines(title).split("<br>"))

    def plot(
        self,
        low: float,
        high: float,
        *,
        quantity: str,
        above: str,
        key: str,
        title: str,
        alt: str,
        area: Area = "side",
        zero: float | None = None,
        after: int = 0,
    ) -> Plot:
        """All of it. above: lines over the picture. zero: where an upright line is. after: rows, then a hairline."""
        count, left = len(self.titles), self.left()
        room, suffix = 0.025 * (high - low), self.unit if self.unit == " %" else ""
        ends = [low - room, high + room]
        rules = [] if not after else [rule("grid", x0=ends[0], x1=ends[1], y0=after - 0.5, y1=after - 0.5)]
        rules += [] if zero is None else [rule(x0=zero, x1=zero, y0=-0.5, y1=count - 0.5)]
        layout = {
            "margin": {**margin(above, left), "r": RIGHT},
            "xaxis": {"range": ends, "ticksuffix": suffix, "nticks": 6, "title": {"text": quantity}},
            "yaxis": {
                "range": [count - 0.5, -0.5],
                "tickvals": list(range(count)),
                "ticktext": [_lines(title) for title in self.titles],
                "fixedrange": True,
                "title": {"text": ""},
            },
            "shapes": rules,
            "annotations": [caption(above, left)],
        }
        keep = f"{key}-{'-'.join(self.titles)}"
        return self.chart.plot(layout, key=key, title=title, alt=alt, area=area, keep=keep)


def _lines(title: str) -> str:
    """In two lines, as equally long as words let them be, where it is long."""
    breaks = [place for place, letter in enumerate(title) if letter == " "]
    if len(title) <= LINE or not breaks:
        return title
    middle = min(breaks, key=lambda place: abs(place - len(title) / 2))
    return f"{title[:middle]}<br>{title[middle + 1 :]}"
