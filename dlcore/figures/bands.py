"""Curves of runs that are trained again with several seeds: a line for their mean, a pale band around it.

Knows how such curves grow with the frames, on axes that are fixed before anything is known; does not know what is
measured, nor whether the numbers are there already or still to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import plotly.graph_objects as go

from dlcore.figures import theme
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Area, Pending, Plot, Track, newest

Values = np.ndarray | Pending
LINE, EDGE = 2.5, 1
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
    """The vertical axis, from low to high, both in the quantity's own unit; unit: written behind each number."""

    quantity: str
    low: float
    high: float
    log: bool = False
    unit: str = ""


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
) -> Plot:
    """The curves over `steps` (frames,), each shown up to the present frame.

    caption: lines (HTML) above the picture that say what is drawn how. marks: (colour, x): upright dotted lines which
    stand at x (frames,); NaN: there is none.
    """
    fig = go.Figure(layout={"template": theme.template()})
    tracks: list[Track] = []
    for curve in curves:
        tracks += _band(fig, curve, steps)
    for colour, x in marks:
        tracks.append(_mark(fig, theme.colour(colour), x, scale, len(steps)))
    for curve in curves:  # above all bands
        tracks.append(_line(fig, curve, steps, across))
    fig.add_annotation(**CORNER, text=caption, xshift=-LEFT, yshift=8, align="left")
    fig.update_layout(
        margin={"l": LEFT + 8, "r": 12, "t": 18 + 16 * (1 + caption.count("<br>")), "b": 42},
        xaxis={"range": [0, float(max(steps[-1], 1))], "title": {"text": across}},
        yaxis=_axis(scale),
        hovermode="closest",
    )
    keep = f"{key}-{steps[-1]}-{scale.low}-{scale.high}"
    return Plot(key=key, title=title, figure=fig, tracks=tracks, area=area, keep=keep, alt=alt)


def _band(fig: go.Figure, curve: Curve, steps: np.ndarray) -> list[Track]:
    """The upper edge is filled down to the lower one, which must be the trace before it."""
    if curve.low is None or curve.high is None:
        return []
    hue = theme.faint(theme.colour(curve.colour))
    tracks = []
    for edge, fill in ((curve.low, None), (curve.high, "tonexty")):
        line = {"width": EDGE, "color": hue}
        fig.add_scatter(mode="lines", line=line, fill=fill, fillcolor=hue, hoverinfo="skip")
        tracks.append(Track(trace=newest(fig), kind="grow", data={"x": steps, "y": edge}))
    return tracks


def _line(fig: go.Figure, curve: Curve, steps: np.ndarray, across: str) -> Track:
    fig.add_scatter(
        mode="lines",
        line={"width": LINE, "color": theme.colour(curve.colour), "dash": curve.dash},
        name=curve.label,
        hovertemplate=f"{curve.label}: %{{y:.3g}} at {across} %{{x}}<extra></extra>",
    )
    return Track(trace=newest(fig), kind="grow", data={"x": steps, "y": curve.mean})


def _mark(fig: go.Figure, hue: str, x: Values, scale: Scale, num_frames: int) -> Track:
    fig.add_scatter(mode="lines", line={"width": 1.5, "color": hue, "dash": "dot"}, hoverinfo="skip")
    low, nothing = np.full(num_frames, scale.low), np.zeros(num_frames)
    return Track(trace=newest(fig), kind="arrow", data={"ox": x, "oy": low, "vx": nothing, "vy": scale.high - low})


def _axis(scale: Scale) -> dict:
    title = {"text": scale.quantity}
    if not scale.log:
        return {"range": [scale.low, scale.high], "ticksuffix": scale.unit, "title": title}
    ends = [float(np.log10(end)) for end in (scale.low, scale.high)]
    return {"type": "log", "range": ends, "dtick": 1, "exponentformat": "power", "title": title}
