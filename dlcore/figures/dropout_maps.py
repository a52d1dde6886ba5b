"""Maps of the plane for a network that is asked with masks: probabilities, their spread, and the points below them."""

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.stage import Pending, Plot
from dlcore.topics.dropout_config import OUTLOOK, MasksConfig
from dlcore.topics.subnetworks import FAR, FINE, LARGEST_SPREAD

PALE = 0.7  # so that the points stand out
CLASSES = ("class-a", "ground", "class-b")


def four_maps(config: MasksConfig) -> Plot:
    """Probability of class 1: this mask's network, the average so far, the scaled network; how far those two differ."""
    names = {
        "present": "this mask alone",
        "average": "average of the masks",
        "scaled": "the scaled net",
        "difference": f"|average − scaled|, 0 to {LARGEST_SPREAD:g}",
    }
    return _maps(config, names, reach=config.training.points.reach, size=FINE, title="Ensemble")


def two_maps(config: MasksConfig) -> Plot:
    """The scaled network's probability of class 1 and the masks' standard deviation, out to twice the data's reach."""
    names = {
        "far": "the scaled net: probability of class 1",
        "spread": f"spread over the masks, 0 to {LARGEST_SPREAD:g}",
    }
    return _maps(config, names, reach=OUTLOOK * config.training.points.reach, size=FAR, title="Uncertainty")


def _maps(config: MasksConfig, names: dict[str, str], *, reach: float, size: int, title: str) -> Plot:
    """Maps of the plane, two in a row, with the training points on them."""
    axis = np.linspace(-reach, reach, size)
    rows = -(-len(names) // 2)
    chart, axes, notes = Chart(), {}, []
    for k, (name, heading) in enumerate(names.items()):
        number = "" if k == 0 else str(k + 1)
        row, column = divmod(k, 2)
        on = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        chart.heatmap(
            Pending(name=name, shape=(config.num_masks, size, size)),
            x=axis,
            y=axis,
            zmax=255,
            colorscale=_scale("ground", "momentum") if name in ("spread", "difference") else _scale(*CLASSES),
            zsmooth="fast",
            opacity=PALE,
            hoverinfo="skip",
            **on,
        )
        _points(chart, config, on)
        axes |= _axes(number, (0.52 * column, 0.52 * column + 0.48), _rows_share(row, rows), reach)
        place = {"xref": f"x{number}", "yref": f"y{number}", "x": 0, "y": reach, "yanchor": "bottom"}
        notes.append({**place, "text": heading, "showarrow": False})
    layout = {**axes, "annotations": notes, "margin": {"l": 6, "r": 6, "t": 24, "b": 8}, "dragmode": "pan"}
    alt = f"Maps of the plane: {', '.join(names.values())}."
    return chart.plot(layout, key="maps", title=title, keep=f"maps-{reach}-{len(names)}", alt=alt)


def _rows_share(row: int, rows: int) -> tuple[float, float]:
    """Where a row of maps lies, from the bottom up; between two there is room for a heading."""
    return (0, 1) if rows == 1 else ((0.53, 1) if row == 0 else (0, 0.46))


def _axes(number: str, across: tuple[float, float], up: tuple[float, float], reach: float) -> dict:
    """A square map's axes, with ticks inside, so that no map is smaller than another."""
    ends = {"range": [-reach, reach], "showgrid": False, "tickvals": [], "constrain": "domain"}
    return {
        f"xaxis{number}": {**ends, "domain": list(across), "anchor": f"y{number}"},
        f"yaxis{number}": {**ends, "domain": list(up), "anchor": f"x{number}", "scaleanchor": f"x{number}"},
    }


def _scale(*meanings: str) -> list[tuple[float, str]]:
    """A colour scale through these meanings."""
    return [(k / (len(meanings) - 1), theme.colour(meaning)) for k, meaning in enumerate(meanings)]


def _points(chart: Chart, config: MasksConfig, on: dict[str, str]) -> None:
    """The training points, a symbol a class; a ring around those with a wrong label. on: the axes."""
    data = config.training.points.make()
    at, labels, flipped = (part.numpy() for part in (*data.train, data.flipped))
    for label, (hue, symbol) in enumerate((("class-a", "circle"), ("class-b", "square"))):
        chosen = labels == label
        marker = {
            "size": np.where(flipped[chosen], 8, 6),
            "symbol": symbol,
            "color": theme.colour(hue),
            "line": {"width": 1, "color": theme.colour("ink")},
        }
        places = {"x": at[chosen, 0], "y": at[chosen, 1], **on}
        chart.add({"type": "scatter", "mode": "markers", "marker": marker, "hoverinfo": "skip", **places})
