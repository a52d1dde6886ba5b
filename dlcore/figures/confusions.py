"""Which class is taken for which, as one map a network that changes with the frame; knows nothing of the networks."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlcore.figures import theme
from dlcore.figures.bands import Values
from dlcore.figures.chart import Chart
from dlcore.figures.stage import Plot

GAP = 0.16  # between two maps, as a share of the height
SIZES = {2: 14, 3: 13, 4: 12, 5: 12}  # pixels of a number's type, by the number of classes
SMALLEST = 9


def confusions(counts: Mapping[str, Values], names: Sequence[str], most: float) -> Plot:
    """Counts (frames, classes, classes) by title, one map below the other: rows are true classes, columns answers.

    most: how many samples a class has; a cell with half of them, or more, has the strongest shade.
    """
    height = (1 - GAP * (len(counts) - 1)) / len(counts)
    chart, axes, notes = Chart(), {}, []
    for number, (title, values) in enumerate(counts.items()):
        top = 1 - number * (height + GAP)
        axis = str(number + 1) if number else ""
        cells = {"z": [[0] * len(names)] * len(names), "x": list(names), "y": list(names)}
        chart.add({"type": "heatmap", **cells, **_look(axis, names, most)}, "at", z=values)
        axes[f"xaxis{axis}"] = _across(axis, number == len(counts) - 1)
        axes[f"yaxis{axis}"] = _down(axis, top - height, top)
        corner = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "right", "yanchor": "top"}
        notes.append({**corner, "xshift": -34, "text": f"<b>{title}</b>", "showarrow": False})
    layout = {**axes, "annotations": notes, "margin": {"l": 62, "r": 12, "t": 12, "b": 42}}
    alt = "How many test samples of each class get which answer, one map for each network."
    keep = f"confusion-{len(names)}-{len(counts)}"
    return chart.plot(layout, key="confusion", title="Confusion", area="side", keep=keep, alt=alt)


def _look(axis: str, names: Sequence[str], most: float) -> dict[str, Any]:
    """Shades on which the numbers can be read."""
    shades = [theme.activation_shade(level)[0] for level in range(theme.LEVELS + 1)]
    return {
        "colorscale": [[level / theme.LEVELS, shade] for level, shade in enumerate(shades)],
        "zmin": 0,
        "zmax": max(most / 2, 1),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "texttemplate": "%{z}",
        "textfont": {"size": SIZES.get(len(names), SMALLEST), "color": theme.colour("ink")},
        "hovertemplate": "%{z} of class %{y} are called %{x}<extra></extra>",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _across(axis: str, is_last: bool) -> dict[str, Any]:
    title = {"text": "answer" if is_last else ""}
    return {
        "type": "category",
        "anchor": f"y{axis}",
        "constrain": "domain",
        "showgrid": False,
        "dtick": 1,
        "title": title,
    }


def _down(axis: str, low: float, high: float) -> dict[str, Any]:
    square = {"scaleanchor": f"x{axis}", "constrain": "domain", "anchor": f"x{axis}", "domain": [low, high]}
    look = {"type": "category", "autorange": "reversed", "showgrid": False, "dtick": 1}
    return {**square, **look, "title": {"text": "true class"}}
