"""Curves of a race of optimizers: loss, distance, sharpness; arrays in, figures out."""

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.landscape import LINE, Landscape, Paths
from dlcore.figures.stage import Plot

MIDDLE = {"xref": "paper", "yref": "paper", "x": 0.5, "showarrow": False}
CORNER = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom", "showarrow": False, "xanchor": "left"}


def loss_and_distance(land: Landscape, paths: Paths) -> Plot:
    """Loss above the minimum, and distance to the nearest minimum, on logarithmic axes.

    Where no minimum is known, the loss itself on a linear axis, and a word about the distance.
    """
    chart = Chart()
    for axis, values in (("y", land.above(paths.loss)), ("y2", paths.distance)):
        shown = _floored(values) if land.minima else values
        for k, style in enumerate(paths.styles):
            trace = {
                "type": "scatter",
                "mode": "lines",
                "xaxis": "x",
                "yaxis": axis,
                "line": {"width": LINE, "color": style.colour, "dash": style.dash},
                "name": paths.titles[k],
                "hovertemplate": f"{paths.titles[k]}: %{{y:.3g}} at {paths.across_title} %{{x}}<extra></extra>",
            }
            chart.add(trace, "grow", x=paths.across, y=shown[:, k])
    above, far = land.above(paths.loss), paths.distance
    words = []
    if land.minima:
        scales = log_axis(_floored(above)), log_axis(_floored(far))
    else:
        scales = {"range": _window(above)}, {"range": [0, 1], "showticklabels": False, "showgrid": False}
        words = [{**MIDDLE, "y": 0.23, "text": "no minimum found on this surface"}]
    layout = {
        "margin": {"l": 62, "r": 8, "t": 6, "b": 40},
        "xaxis": {
            "range": [0, float(max(paths.across[-1], 1))],
            "title": {"text": paths.across_title},
            "anchor": "y2",
        },
        "yaxis": {**scales[0], "domain": [0.54, 1], "title": {"text": land.quantity}},
        "yaxis2": {**scales[1], "domain": [0, 0.46], "title": {"text": "to nearest minimum" if land.minima else ""}},
        "annotations": words,
    }
    return chart.plot(
        layout,
        key="curves",
        title="Curves",
        area="side",
        keep=f"{land.name}-{paths.across_title}",
        alt="Loss above the minimum and distance to the nearest minimum, by " + paths.across_title + ".",
    )


def sharpness_against_rate(paths: Paths, limit: np.ndarray, lr: np.ndarray) -> Plot:
    """2/λmax of the Hessian at each present point (F, K), beside the learning rate (F, K) in use.

    Where the rate lies above an optimizer's curve, plain gradient descent would overshoot there.
    """
    chart = Chart()
    for k, style in enumerate(paths.styles):
        line = {"width": LINE, "color": style.colour, "dash": style.dash}
        trace = {"type": "scatter", "mode": "lines", "line": line, "name": paths.titles[k]}
        chart.add(trace, "grow", x=paths.across, y=limit[:, k])
    for row in np.unique(lr, axis=1).T:
        line = {"width": 1.5, "color": theme.colour("ink"), "dash": "dot"}
        chart.add({"type": "scatter", "mode": "lines", "x": paths.across, "y": row, "line": line, "name": "η"})
    layout = {
        "margin": {"l": 62, "r": 8, "t": 26, "b": 40},
        "xaxis": {"range": [0, float(max(paths.across[-1], 1))], "title": {"text": paths.across_title}},
        "yaxis": {**log_axis(np.concatenate([limit, lr], axis=1), widest=6), "title": {"text": "learning rate"}},
        "annotations": [{**CORNER, "text": "curves: 2/λ<sub>max</sub> at the present point; dotted: η in use"}],
    }
    return chart.plot(
        layout,
        key="sharpness",
        title="2/λ",
        area="side",
        keep=f"sharpness-{paths.across_title}",
        alt="Two over the largest eigenvalue of the Hessian at each optimizer's point, beside the learning rate.",
    )


def _floored(values: np.ndarray) -> np.ndarray:
    """Positive values for a logarithmic axis; what rounding has taken to 0 is drawn at 1e-16."""
    return np.where(np.isfinite(values), np.maximum(values, 1e-16), np.nan)


def _window(values: np.ndarray) -> list[float]:
    """A linear axis' range that holds all finite values, unless a few of them dwarf the rest."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return [0, 1]
    low, high = np.quantile(finite, [0.02, 1.0])
    room = 0.05 * (high - low) + 1e-9
    return [float(low - room), float(high + room)]


def log_axis(values: np.ndarray, widest: float = 12) -> dict:
    """A logarithmic axis that holds all positive values, at most `widest` decades below the highest."""
    positive = values[np.isfinite(values) & (values > 0)]
    axis = {"type": "log", "exponentformat": "power"}
    if not positive.size:
        return {**axis, "range": [-1, 1], "dtick": 1}
    high = min(float(np.log10(positive.max())), 12.0)
    low = max(float(np.log10(positive.min())), high - widest)
    room = 0.04 * (high - low) + 0.05
    # Whole decades where there are enough of them; 1, 2, 5 where there is less than one and a half.
    span = high - low
    return {**axis, "range": [low - room, high + room], "dtick": "D2" if span < 1.5 else max(1, round(span / 5))}
