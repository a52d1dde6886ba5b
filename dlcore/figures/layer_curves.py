"""Curves by layer for the three activations, as backward reveals them: from the last layer to the first.

Knows how a quantity of every layer is drawn; does not know what it measures.
"""

from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.landscape import Style
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Area, Plot
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import SMALLEST

LOOKS = {
    "tanh": Style(theme.colour("act-tanh"), "solid", "circle"),
    "sigmoid": Style(theme.colour("act-sigmoid"), "dash", "square"),
    "relu": Style(theme.colour("act-relu"), "dashdot", "diamond"),
}
TITLES = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "ReLU"}
STRONG, WEAK, THIN = 3.5, 1.8, 0.7
DECADES = 2  # axes end at multiples of so many, so that a slider seldom moves them
ROOM_FOR_NAMES = 0.21  # left of layer 1, as a share of all layers: enough on a telephone


class LayerCurves:
    """A picture of positive values (A, S, L) by layer on a logarithmic axis.

    The chosen activation is strong, the others weak: each line is the median over the seeds. One that moves comes in
    with backward, frame k showing the last k layers.
    """

    def __init__(self, quantity: str, values: np.ndarray, chosen: str, *, moving: bool) -> None:
        self.quantity = quantity
        self.values = values
        self.medians = np.median(values, axis=1)
        self.chosen = chosen
        self.moving = moving
        self.layers = np.arange(1, values.shape[-1] + 1)
        self.low, self.high = _ends(values)
        self.named = False
        self.chart = Chart()
        self.annotations: list[dict[str, Any]] = []

    def add_networks(self) -> None:
        """The chosen activation's networks, one thin line a seed."""
        for network, y in enumerate(self.values[ACTIVATIONS.index(self.chosen)], start=1):
            self.add_line(y, f"{TITLES[self.chosen]}, network {network}", LOOKS[self.chosen].colour, "solid", THIN)

    def add_medians(self) -> None:
        """Each activation's median over the seeds, the chosen one on top of the others."""
        for name in sorted(ACTIVATIONS, key=lambda name: name == self.chosen):
            look, y = LOOKS[name], self.medians[ACTIVATIONS.index(name)]
            self.add_line(
                y, TITLES[name], look.colour, look.dash, STRONG if name == self.chosen else WEAK, symbol=look.symbol
            )

    def add_line(self, y: np.ndarray, name: str, hue: str, dash: str, width: float, *, symbol: str = "") -> None:
        """One value a layer (L,); what is 0 or too small for float32, as which it would travel, is left out."""
        x, y = self.layers, np.where(y >= SMALLEST, y, np.nan)
        trace = {
            "type": "scatter",
            "mode": "lines+markers" if symbol else "lines",
            "line": {"width": width, "color": hue, "dash": dash},
            "marker": {"size": 4 + 1.2 * width, "color": hue, "symbol": symbol or "circle"},
            "name": name,
            "hovertemplate": f"{name}, layer %{{x}}: %{{y:.3g}}<extra></extra>",
        }
        if self.moving:
            self.chart.add(trace, "grow", x=backwards(x), y=backwards(y))
        else:
            self.chart.add({**trace, "x": x, "y": y})

    def add_unknown(self) -> None:
        """A question mark at every layer to which backward has not come yet."""
        left = np.arange(len(self.layers), -1, -1)  # so many layers backward has yet to pass at frame 0, 1, ...
        x = np.where(self.layers <= left[:, None], self.layers, np.nan)
        y = np.full(x.shape, 10 ** (self.low + 0.03 * (self.high - self.low)))
        look = {"textfont": {"size": 14, "color": theme.colour("muted")}, "hoverinfo": "skip"}
        self.chart.add({"type": "scatter", "mode": "text", "text": ["?"] * len(self.layers), **look}, "at", x=x, y=y)

    def add_names(self) -> None:
        """Each activation's name left of where its curve has come to, moved apart where two curves meet."""
        self.named = True
        heads = np.log10(np.where(self.medians >= SMALLEST, self.medians, np.nan))
        span = self.high - self.low
        heights = backwards(apart(heads.T, 0.05 * span, self.high + 0.03 * span))
        x = backwards(self.layers) - 0.015 * len(self.layers)
        for k, name in enumerate(ACTIVATIONS):
            trace = {
                "type": "scatter",
                "mode": "text",
                "text": [TITLES[name]],
                "textposition": "middle left",
                "textfont": {"size": 12, "color": LOOKS[name].colour},
                "hoverinfo": "skip",
            }
            self.chart.add(trace, "at", x=x, y=10 ** heights[:, k])

    def plot(self, *, key: str, title: str, caption: str, alt: str, area: Area = "side") -> Plot:
        """The finished view, with a line above the picture that says what is drawn how."""
        span = self.high - self.low
        room = ROOM_FOR_NAMES * len(self.layers) if self.named else 0
        layout = {
            "margin": {"l": 62, "r": 12, "t": 26, "b": 42},
            "xaxis": layer_axis(len(self.layers), room, "layer, ← backward" if self.moving else "layer, forward →"),
            "yaxis": {
                "type": "log",
                "range": [self.low - 0.02 * span, self.high + 0.07 * span],
                "dtick": 1 if span <= 8 else 2 if span <= 16 else 4,
                "exponentformat": "power",
                "title": {"text": self.quantity},
            },
            "annotations": [*self.annotations, {**CORNER, "text": caption}],
        }
        keep = f"{key}-{len(self.layers)}-{self.low}-{self.high}"
        return self.chart.plot(layout, key=key, title=title, area=area, keep=keep, alt=alt)


def backwards(values: np.ndarray) -> np.ndarray:
    """Values by layer (L, ...) as backward comes to them, by frame (L + 1, ...): to none in frame 0."""
    nothing = np.full_like(values[:1], np.nan, dtype=float)
    return np.concatenate([nothing, values[::-1]])


def apart(heights: np.ndarray, gap: float, ceiling: float) -> np.ndarray:
    """The heights (rows, names), in every row at least `gap` apart and below the ceiling; NaN stays."""
    order = np.argsort(heights, axis=1)  # NaN comes last
    moved = np.take_along_axis(heights, order, axis=1)
    for k in range(1, moved.shape[1]):
        moved[:, k] = np.maximum(moved[:, k], moved[:, k - 1] + gap)
    moved = np.minimum(moved, ceiling)
    for k in reversed(range(moved.shape[1] - 1)):
        moved[:, k] = np.fmin(moved[:, k], moved[:, k + 1] - gap)
    result = np.empty_like(heights)
    np.put_along_axis(result, order, moved, axis=1)
    return result


def layer_axis(depth: int, room: float = 0, title: str = "layer") -> dict:
    """Layers from the first to the last, with `room` left of the first."""
    ticks = range(1, depth + 1) if depth <= 10 else [1, *range(5, depth + 1, 5)]
    ends = [1 - max(room, 0.6), depth + 0.6]
    return {"type": "linear", "range": ends, "tickvals": list(ticks), "showgrid": False, "title": {"text": title}}


def _ends(values: np.ndarray) -> tuple[int, int]:
    """The exponents between which a logarithmic axis holds all these values."""
    logs = np.log10(values[values >= SMALLEST])
    if not logs.size:
        return -DECADES, 0
    low, high = (DECADES * int(end) for end in (np.floor(logs.min() / DECADES), np.ceil(logs.max() / DECADES)))
    return min(low, high - DECADES), high
