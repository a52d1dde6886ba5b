"""Curves of runs that are trained again with several seeds: a line for their mean, a pale band around it.

Knows how such curves grow with the frames, on axes that are fixed before anything is known; does not know what is
measured, nor whether the numbers are there already or still to come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Area, Pending, Plot

Values = np.ndarray | Pending
LINE = 2.5
LEFT = 54  # pixels of the numbers beside the vertical axis


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One quantity of one group of runs, by frame: the mean over seeds and, where given, the edges of its band.

    label: as the reader sees it when pointing at the line. colour: a meaning of the palette. The values are (frames,).
    """

    label: str
    colour: str
    mean: Values
    low: Values | None = None
    high: Values | None = None
    dash: str = "solid"

    @classmethod
    def pending(cls, name: str, num_frames: int, *, label: str, colour: str, dash: str = "solid") -> Self:
        """A curve whose numbers come with the run, as `name.mean`, `name.low` and `name.high`."""
        mean, low, high = (
            Pending(name=f"{name}.{part}", shape=(num_frames,), dtype="float32") for part in ("mean", "low", "high")
        )
        return cls(label=label, colour=colour, dash=dash, mean=mean, low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The vertical axis, from low to high, both in the quantity's own unit.

    unit: written behind each number. decades: between two numbers of a logarithmic axis.
    """

    quantity: str
    low: float
    high: float
    log: bool = False
    unit: str = ""
    decades: int = 1


LOSS = Scale(quantity="loss, nats", low=1e-3, high=10, log=True)
ACCURACY = Scale(quantity="accuracy", low=0, high=100, unit=" %")


def bands(
    curves: Sequence[Curve],
    steps: np.ndarray,
    scale: Scale,
    *,
    key: str,
    title: str,
    caption: str,
    alt: str,
    across: str = "step",
    area: Area = "side",
    marks: Sequence[tuple[str, Values]] = (),
    xaxis: Mapping[str, Any] | None = None,
    bottom: float = 42,
) -> Plot:
    """The curves over `steps` (frames,), each shown up to the present frame.

    caption: lines (HTML) above the picture that say what is drawn how. marks: (colour, x): upright dotted lines which
    stand at x (frames,); NaN: there is none. xaxis: what its axis has instead. bottom: pixels for that axis' words.
    """
    chart = Chart()
    for curve in curves:
        if curve.low is not None and curve.high is not None:
            chart.band(curve.colour, "grow", steps, curve.low, curve.high)
    for colour, x in marks:
        _mark(chart, theme.colour(colour), x, scale, len(steps))
    for curve in curves:  # above all bands
        _line(chart, curve, steps, across)
    layout = {
        "margin": {"l": LEFT + 8, "r": 12, "t": 18 + 16 * (1 + caption.count("<br>")), "b": bottom},
        "xaxis": {"range": [0, float(max(steps[-1], 1))], "title": {"text": across}, **(xaxis or {})},
        "yaxis": _axis(scale),
        "annotations": [{**CORNER, "text": caption, "xshift": -LEFT, "yshift": 8, "align": "left"}],
    }
    keep = f"{key}-{steps[-1]}-{scale.low}-{scale.high}"
    return chart.plot(layout, key=key, title=title, alt=alt, area=area, keep=keep)


def _line(chart: Chart, curve: Curve, steps: np.ndarray, across: str) -> None:
    trace = {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": LINE, "color": theme.colour(curve.colour), "dash": curve.dash},
        "name": curve.label,
        "hovertemplate": f"{curve.label}: %{{y:.3g}} at {across} %{{x}}<extra></extra>",
    }
    chart.add(trace, "grow", x=steps, y=curve.mean)


def _mark(chart: Chart, hue: str, x: Values, scale: Scale, num_frames: int) -> None:
    line = {"width": 1.5, "color": hue, "dash": "dot"}
    low, nothing = np.full(num_frames, scale.low), np.zeros(num_frames)
    trace = {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}
    chart.add(trace, "arrow", ox=x, oy=low, vx=nothing, vy=scale.high - low)


def _axis(scale: Scale) -> dict:
    title = {"text": scale.quantity}
    if not scale.log:
        return {"range": [scale.low, scale.high], "ticksuffix": scale.unit, "title": title}
    ends = [float(np.log10(end)) for end in (scale.low, scale.high)]
    return {"type": "log", "range": ends, "dtick": scale.decades, "exponentformat": "power", "title": title}
