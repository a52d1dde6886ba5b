"""A plane on which points of a few classes are painted, before there are enough of them to be learned."""

from collections.abc import Sequence

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.network import CLASSES
from dlcore.figures.stage import Stage

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star")


def canvas_stage(points: Sequence[tuple[float, float, int]], reach: float, fewest: int) -> Stage:
    """The points (x, y, class) painted so far; a click says where the next one shall be."""
    chart = Chart()
    for label, (name, symbol) in enumerate(zip(CLASSES, SYMBOLS, strict=True)):
        at = np.array([point[:2] for point in points if point[2] == label]).reshape(-1, 2)
        marker = {"size": 11, "symbol": symbol, "color": theme.colour(name)}
        places = {"x": at[:, 0], "y": at[:, 1], "name": f"class {label}"}
        chart.add({"type": "scatter", "mode": "markers", "marker": marker, **places})
    ends = {"range": [-reach, reach], "zeroline": True}
    layout = {
        "dragmode": False,
        "xaxis": {**ends, "title": {"text": "x"}, "constrain": "domain"},
        "yaxis": {**ends, "title": {"text": "y"}, "scaleanchor": "x", "constrain": "domain"},
    }
    alt = "A plane to paint points on."
    plane = chart.plot(layout, key="canvas", title="Canvas", keep="canvas", pick="stay", alt=alt)
    classes = len({label for *_, label in points})
    note = (
        f"Click the plane: {len(points)} points of {classes} classes so far; {fewest} points of two classes are needed."
    )
    return Stage(views=[plane], file_name="points", note=note)
