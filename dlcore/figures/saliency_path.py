"""The stages on integrated gradients: the way from a baseline to the picture, and how exactly the sum adds up.

Knows the score along the way, by which axes are fixed; every gradient and every sum is still to come.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.optimizers import CORNER
from dlcore.figures.pending import Pending
from dlcore.figures.saliency_sheet import Display, Explained, Sheet
from dlcore.figures.stage import Plot, Readout, Stage, Track
from dlcore.figures.tiles import Tiles

ROOM = 0.12  # above and below a curve, as a share of its span
ERROR = Scale(quantity="|Σ − difference| / |difference|", low=1e-6, high=10, log=True)
RULE_LOOKS = (
    ("method-integrated", "solid"),
    ("accent", "dash"),
    ("momentum", "longdash"),
    ("gradient", "dot"),
    ("muted", "dashdot"),
)


def path_stage(
    *, explained: Explained, display: Display, counts: Sequence[int], along: np.ndarray, baseline: str
) -> Stage:
    """Frame k: counts[k] points on the way from the baseline to the picture have been summed; frame 0: none.

    along: (points, 2), α from 0 to 1 and F(α) − F(0), evenly and coarse. baseline: what it is, such as "grey".
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(counts))
    return Stage(
        views=[_on_the_way(sheet, baseline), score_plot(sheet, along), slope_plot(sheet, along)],
        num_frames=len(counts),
        steps=np.array(counts),
        readouts=[
            Readout(label="α", colour="", values=sheet.live("alpha")),
            Readout(label="Σ of the map", colour=theme.colour("method-integrated"), values=sheet.live("total")),
            Readout(
                label="F(x) − F(baseline)", colour=theme.colour("ink"), values=sheet.live("difference"), dash="dot"
            ),
            Readout(label="error", colour="", values=sheet.live("error")),
        ],
        unit="point",
        file_name="saliency-path",
        split=1.6,
    )


def _on_the_way(sheet: Sheet, baseline: str) -> Tiles:
    total = {"caption": "Σ", "number": sheet.live("total")}
    return sheet.tiles(
        [
            sheet.picture("way", "On the way", "picture", lead=True, caption="chance", number=sheet.live("chance")),
            sheet.map("sum", "The sum so far", "sum.{}", lead=True, **total),
            sheet.picture("baseline", f"Baseline: {baseline}", "picture", row=0),
            sheet.map("gradient", "Gradient on the way", "gradient.{}"),
            sheet.original(),
        ],
        title="Path",
        alt=f"A picture on the way from the baseline, its gradient for {sheet.explained.name}, and the sum so far.",
    )


def score_plot(sheet: Sheet, along: np.ndarray) -> Plot:
    """The score on the way, pale beforehand; what it is at each point; and the sum, which must reach its end."""
    end = float(along[-1, 1])
    live = sheet.live
    data = [
        _line(along[:, 0], along[:, 1], "muted", 1, "F on the way"),
        _line(np.array([0.0, 1.0]), np.array([end, end]), "ink", 1.5, "F(x) − F(baseline)", dash="dot"),
        _line(None, None, "ink", 2.5, "F(α) − F(0)"),
        _line(None, None, "method-integrated", 2.5, "Σ of the map so far", dash="longdash", dots=True),
    ]
    tracks = [
        Track(trace=2, kind="grow", data={"x": live("alpha"), "y": live("output")}),
        Track(trace=3, kind="grow", data={"x": live("reached"), "y": live("total")}),
    ]
    return _along(
        data,
        tracks,
        _ends(along[:, 1]),
        key="score",
        title="Completeness",
        quantity=f"score of {sheet.explained.name}, above the baseline's",
        caption="solid: F(α) − F(0) · dashed: Σ of the map<br>dotted: where both must end",
        alt="The score on the way from the baseline to the picture, and the sum of the map so far.",
    )


def slope_plot(sheet: Sheet, along: np.ndarray) -> Plot:
    """How fast the score rises on the way: near zero it is saturated, and the gradient there says nothing."""
    slopes = np.gradient(along[:, 1], along[:, 0])
    data = [
        _line(along[:, 0], slopes, "muted", 1, "slope, coarse"),
        _line(np.array([0.0, 1.0]), np.zeros(2), "muted", 1, "no slope"),
        _line(None, None, "gradient", 2.5, "gradient · (x − baseline)", dots=True),
    ]
    tracks = [Track(trace=2, kind="grow", data={"x": sheet.live("alpha"), "y": sheet.live("slope")})]
    return _along(
        data,
        tracks,
        _ends(np.append(slopes, 0)),
        key="slope",
        title="Saturation",
        quantity="dF/dα",
        caption="where it is flat, the gradient says nothing<br>its area is F(x) − F(baseline)",
        alt="The slope of the score on the way from the baseline to the picture.",
    )


def _ends(values: np.ndarray) -> tuple[float, float]:
    """An axis on which these values, and nothing, are seen."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = ROOM * ((high - low) or 1.0)
    return low - room, high + room


def _line(
    x: np.ndarray | None,
    y: np.ndarray | None,
    hue: str,
    width: float,
    name: str,
    *,
    dash: str = "solid",
    dots: bool = False,
) -> dict[str, Any]:
    colour = theme.colour(hue)
    return {
        "type": "scatter",
        "mode": "lines+markers" if dots else "lines",
        "x": [] if x is None else x,
        "y": [] if y is None else y,
        "line": {"color": colour, "width": width, "dash": dash},
        "marker": {"size": 5, "color": colour},
        "name": name,
        "hovertemplate": f"{name}: %{{y:.3g}} at α = %{{x:.2f}}<extra></extra>",
    }


def _along(
    data: list[dict[str, Any]],
    tracks: Sequence[Track],
    ends: tuple[float, float],
    *,
    key: str,
    title: str,
    quantity: str,
    caption: str,
    alt: str,
) -> Plot:
    layout = {
        "template": theme.template(),
        "margin": {"l": 58, "r": 12, "t": 50, "b": 42},
        "xaxis": {"range": [0, 1], "title": {"text": "α, from the baseline to the picture"}},
        "yaxis": {"range": list(ends), "title": {"text": quantity}},
        "hovermode": "closest",
        "annotations": [{**CORNER, "text": caption, "xshift": -50, "yshift": 8, "align": "left"}],
    }
    keep = f"{key}-{ends[0]:.3g}-{ends[1]:.3g}"
    figure = {"data": data, "layout": layout}
    return Plot(key=key, title=title, figure=figure, tracks=tracks, area="side", keep=keep, alt=alt)


def errors_stage(*, rules: Mapping[str, str], steps: Sequence[int], num_steps: int) -> Stage:
    """Frame k: how far the sums of steps[k] points are from what they should be, by each rule.

    rules: titles by name. num_steps: the chosen number, which is marked.
    """
    counts = np.array(steps)
    curves = [
        Curve(
            label=title,
            colour=hue,
            dash=dash,
            mean=Pending(name=f"error.{name}", shape=(len(steps),), dtype="float32"),
        )
        for (name, title), (hue, dash) in zip(rules.items(), RULE_LOOKS, strict=True)
    ]
    ticks = {"tickvals": counts.tolist(), "ticktext": [f"{count:g}" for count in steps]}
    plot = bands(
        curves,
        counts,
        ERROR,
        key="errors",
        title="Rules",
        caption="relative error of Σ · upright: the chosen number of points",
        alt="How far the sum of the map is from the score's rise, by rule and number of points, both logarithmic.",
        across="points",
        area="main",
        marks=[("muted", np.full(len(counts), float(num_steps)))],
        xaxis={"type": "log", "range": np.log10(counts[[0, -1]]).tolist(), **ticks},
    )
    readouts = [Readout(label=c.label, colour=theme.colour(c.colour), dash=c.dash, values=c.mean) for c in curves]
    return Stage(
        views=[plot],
        num_frames=len(steps),
        steps=counts,
        readouts=readouts,
        quantity="relative error",
        unit="points",
        file_name="saliency-rules",
        rate=1.0,
    )
