"""How questions about pictures are drawn, by what they ask for, and what a published study measured; knows no network.

Every share of right answers is in percent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.looks import NamedStyle
from dlcore.figures.pending import Pending

#: What a question asks for, in the order of the tables; the last one is of RSVQA's low resolution, which has no area.
TYPE_STYLES: dict[str, NamedStyle] = {
    "count": NamedStyle("Count", "type-count", "solid", "circle"),
    "presence": NamedStyle("Presence", "type-presence", "dash", "square"),
    "comparison": NamedStyle("Comparison", "type-comparison", "dashdot", "diamond"),
    "area": NamedStyle("Area", "type-area", "longdash", "triangle-up"),
    "relation": NamedStyle("Relation", "type-relation", "dot", "triangle-down"),
    "rural or urban": NamedStyle("Rural or urban", "type-rural", "longdash", "star"),
}
AVERAGE, OVERALL = "AA", "OA"  # the mean over the types, and over all questions
OVERALL_STYLE = NamedStyle("All", "ink", "solid", "pentagon")
#: The test of the area that the networks learnt from, and that of another one.
TEST_STYLES: dict[str, NamedStyle] = {
    "1": NamedStyle("Test 1", "area-same", "solid", "circle"),
    "2": NamedStyle("Test 2", "area-other", "dash", "square"),
}
#: A network that sees no picture.
BLIND_STYLE = NamedStyle("Blind", "muted", "dot", "x-thin")

#: RSVQA, high resolution: (test 1, test 2). Lobry, Marcos, Murray and Tuia (2020), RSVQA: Visual Question Answering for
#: Remote Sensing Data, table III; no question there asks for relations.
PUBLISHED: dict[str, tuple[float, float]] = {
    "count": (68.63, 61.47),
    "presence": (90.43, 86.26),
    "comparison": (88.19, 85.94),
    "area": (85.24, 76.33),
    AVERAGE: (83.12, 77.50),
    OVERALL: (83.23, 78.23),
}

PERCENTS = (-2.5, 102.5)  # an axis on which a dot at either end is not cut


@dataclass(frozen=True, kw_only=True)
class Run:
    """What arrives of a run of so many frames."""

    num_frames: int

    def __call__(self, name: str, *shape: int, dtype: str = "float32") -> Pending:
        """What comes under this name with every frame: a number, or an array of this shape."""
        return Pending(name=name, shape=(self.num_frames, *shape), dtype=dtype)


def names(types: Mapping[str, str]) -> list[str]:
    """The rows of a table: every type, then both means."""
    return [*types, AVERAGE, OVERALL]


def titled(types: Mapping[str, str]) -> list[str]:
    """What these rows are called."""
    return [*types.values(), AVERAGE, OVERALL]


def percent_axis(title: str) -> dict[str, Any]:
    """An upright axis from no right answer to all."""
    return {"range": list(PERCENTS), "ticksuffix": " %", "title": {"text": title}}


def words(x: float, y: float, text: str, **more: Any) -> dict[str, Any]:
    """A few words at a place of the plane."""
    return {"x": x, "y": y, "text": text, "showarrow": False, **more}


def rule(hue: str = "muted", **place: Any) -> dict[str, Any]:
    """A hairline from (x0, y0) to (x1, y1)."""
    return {"type": "line", "line": {"width": 1, "color": theme.colour(hue)}, **place}


#: Colours of cells of which only the number is seen.
CLEAR = [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]]
#: Names beside an axis do not touch what is drawn.
BESIDE_AXIS = {"ticks": "outside", "ticklen": 6, "tickcolor": CLEAR[0][1]}


def column(place: float, rows: Sequence[float] | np.ndarray, text: str, size: float) -> dict[str, Any]:
    """Cells below one another, empty as yet, in each of which its number is written; text: how, as %{z}."""
    cells = {"x": [place] * len(rows), "y": np.asarray(rows).tolist(), "z": [None] * len(rows)}
    font = {"size": size, "color": theme.colour("ink")}
    look = {"showscale": False, "texttemplate": text, "textfont": font}
    return {"type": "heatmap", **cells, **look, "colorscale": CLEAR, "hoverinfo": "skip"}
