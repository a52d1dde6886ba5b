"""A plane on which points of a few classes are painted, before there are enough of them to be learned."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.figures import theme
from dlcore.figures.network import CLASSES
from dlcore.figures.stage import Plot, Stage

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star")


def canvas_stage(points: Sequence[tuple[float, float, int]], reach: float, fewest: int) -> Stage:
    """The points (x, y, class) painted so far; a click says where the next one shall be."""
    fig = go.Figure(layout={"template": theme.template(), "dragmode": False})
    for label, (name, symbol) in enumerate(zip(CLASSES, SYMBOLS, strict=True)):
        at = np.array([point[:2] for point in points if point[2] == label]).reshape(-1, 2)
        marker = {"size": 11, "symbol": symbol, "color": theme.colour(name)}
        fig.add_scatter(x=at[:, 0], y=at[:, 1], mode="markers", marker=marker, name=f"class {label}")
    ends = {"range": [-reach, reach], "zeroline": True}
    fig.update_layout(
        xaxis={**ends, "title": {"text": "x"}, "constrain": "domain"},
        yaxis={**ends, "title": {"text": "y"}, "scaleanchor": "x", "constrain": "domain"},
    )
    plane = Plot(
        key="canvas", title="Canvas", figure=fig, keep="canvas", pick="stay", alt="A plane to paint points on."
    )
    classes = len({label for *_, label in points})
    note = (
        f"Click the plane: {len(points)} points of {classes} classes so far; {fewest} points of two classes are needed."
    )
    return Stage(views=[plane], file_name="points", note=note)
