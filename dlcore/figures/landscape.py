"""A loss surface and the paths of those who descend it, flat and in three dimensions; arrays in, figures out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.stage import Plot, Readout

LINE = 2.5
SMALL_HEIGHT = 1e-4  # of the surface's span: what a logarithmic height adds, so that the minimum is not at -infinity
LAYER_COLOURS = {
    "gradient": "gradient",
    "momentum": "momentum",
    "step": "update",
    "look-ahead": "nesterov",
    "ellipse": "muted",
}
MAGNIFIED = ("gradient", "momentum", "step")
LOWER_LEFT = {"xref": "paper", "yref": "paper", "x": 0.01, "showarrow": False, "xanchor": "left", "yanchor": "bottom"}
ARROW_SHARE = 0.09  # of the picture's width: about how long the median arrow is drawn


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """A surface as a picture needs it: heights z (size, size) at y[i], x[j], and its known minima."""

    name: str
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    floor: float  # the lowest known value f*
    log: bool
    minima: Sequence[tuple[float, float]] = ()
    axis_names: tuple[str, str] = ("x", "y")

    @property
    def quantity(self) -> str:
        """What curves and legend show: the loss above the minimum, or the loss itself where no minimum is known."""
        return "f − f*" if self.minima else "f"

    def above(self, loss: np.ndarray) -> np.ndarray:
        """The values of `quantity`."""
        return loss - self.floor if self.minima else loss

    @property
    def offset(self) -> float:
        """What log10(f − f* + offset) adds."""
        return float((np.nanmax(self.z) - self.floor) * SMALL_HEIGHT + 1e-30)

    def height(self, loss: np.ndarray) -> np.ndarray:
        """Where a loss lies on the 3-D picture's vertical axis."""
        return np.log10(np.maximum(loss - self.floor, 0) + self.offset) if self.log else loss


class Style(NamedTuple):
    """How one runner is drawn, so that it is known again without its colour."""

    colour: str
    dash: str = "solid"
    symbol: str = "circle"


def optimizer_style(name: str) -> Style:
    """The look of an optimizer, the same wherever it is drawn."""
    return Style(theme.optimizer_colour(name), theme.DASHES[name], theme.SYMBOLS[name])


@dataclass(frozen=True, kw_only=True)
class Paths:
    """A race as a picture needs it; F frames, K optimizers.

    w, loss, distance: (F, K, 2), (F, K), (F, K). vectors: layer -> (F, K, 2), displacements in the plane;
    for "ellipse" the two effective rates. across: (F,), what curves are drawn against.
    """

    titles: Sequence[str]
    styles: Sequence[Style]
    w: np.ndarray
    loss: np.ndarray
    distance: np.ndarray
    across: np.ndarray
    across_title: str = "step"
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)


def path_on_contour(land: Landscape, paths: Paths, *, key: str = "contour") -> Plot:
    """Level lines with every optimizer's path so far, its present point, and arrows where asked for."""
    chart = Chart()
    chart.add(_contour(land))
    for k in range(len(paths.titles)):
        _add_path(chart, land, paths, k)
    magnify = _magnification(land, paths)
    for layer in paths.vectors:
        for k in range(len(paths.titles)):
            _add_layer(chart, land, paths, layer, k, magnify)
    if land.minima:
        chart.add(minima(land))
    start = {
        "type": "scatter",
        "mode": "markers",
        "x": [paths.w[0, 0, 0]],
        "y": [paths.w[0, 0, 1]],
        "marker": {"symbol": "circle-open", "size": 13, "color": theme.colour("ink"), "line": {"width": 2}},
        "hovertemplate": "start (%{x:.4g}, %{y:.4g})<extra></extra>",
    }
    chart.add(start)
    layout = {
        "xaxis": {"range": [land.x[0], land.x[-1]], "title": {"text": land.axis_names[0]}},
        "yaxis": {"range": [land.y[0], land.y[-1]], "title": {"text": land.axis_names[1]}},
        "dragmode": "pan",
        "annotations": [_named(layer, row, magnify) for row, layer in enumerate(paths.vectors)],
    }
    names = ", ".join(paths.titles)
    return chart.plot(
        layout,
        key=key,
        title="Contour",
        keep=land.name,
        pick="play",
        log_height=(land.floor, land.offset) if land.log else None,
        alt=f"Contour map of the loss surface with the paths of {names}. Click to set the start.",
    )


def _contour(land: Landscape) -> dict[str, Any]:
    height = "log₁₀(f − f*)" if land.log else "f"
    return {
        "type": "contour",
        "x": land.x,
        "y": land.y,
        "z": land.z,
        "ncontours": 18,
        "colorscale": theme.surface_scale(),
        "showscale": False,
        "line": {"width": 0.6, "color": theme.colour("grid")},
        "hovertemplate": f"(%{{x:.3g}}, %{{y:.3g}}): {height} = %{{z:.3g}}<extra></extra>",
    }


def _named(layer: str, row: int, magnify: float) -> dict[str, Any]:
    """What arrows of this colour are, and how much longer they are drawn."""
    times = f" ×{magnify:g}" if layer in MAGNIFIED and magnify != 1 else ""
    font = {"color": theme.colour(LAYER_COLOURS[layer])}
    return {**LOWER_LEFT, "y": 0.01 + 0.045 * row, "text": f"{layer}{times}", "font": font}


def path_on_surface(land: Landscape, paths: Paths) -> Plot:
    """The same surface and paths in three dimensions; drag to turn."""
    ground = {
        "type": "surface",
        "x": land.x,
        "y": land.y,
        "z": land.z,
        "colorscale": theme.surface_scale(),
        "showscale": False,
        "opacity": 0.96,
        "hoverinfo": "skip",
        "contours": {"z": {"show": True, "color": theme.colour("grid"), "width": 1}},
    }
    chart = Chart()
    chart.add(ground)
    lift = 0.02 * float(np.ptp(land.height(land.z[np.isfinite(land.z)])))
    z = np.where(_inside(land, paths.w), land.height(paths.loss) + lift, np.nan)
    for k, style in enumerate(paths.styles):
        line = {"mode": "lines", "line": {"width": 6, "color": style.colour}}
        head = {"mode": "markers", "marker": {"size": 5, "color": style.colour}}
        at = {"x": paths.w[:, k, 0], "y": paths.w[:, k, 1], "z": z[:, k]}
        chart.add({"type": "scatter3d", **line, "hoverinfo": "skip"}, "grow", **at)
        chart.add({"type": "scatter3d", **head, "hoverinfo": "skip"}, "at", **at)
    layout = {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "scene": {
            "aspectmode": "manual",
            "aspectratio": {"x": 1.15, "y": 1.15, "z": 0.75},
            "camera": {"eye": {"x": 0.95, "y": -1.65, "z": 1.55}, "center": {"z": -0.15}},
            "xaxis": {"title": {"text": land.axis_names[0]}, "range": [land.x[0], land.x[-1]]},
            "yaxis": {"title": {"text": land.axis_names[1]}, "range": [land.y[0], land.y[-1]]},
            "zaxis": {"title": {"text": "log₁₀(f − f*)" if land.log else "f"}},
        },
    }
    return chart.plot(
        layout,
        key="surface",
        title="3-D",
        area="side",
        keep=land.name,
        log_height=(land.floor, land.offset) if land.log else None,
        alt="The loss surface in three dimensions with the paths on it.",
    )


def readouts(paths: Paths, land: Landscape, notes: Mapping[int, str]) -> list[Readout]:
    """One legend entry a runner: its loss above the minimum at the present frame, or the note that says why not."""
    return [
        Readout(
            label=title,
            colour=style.colour,
            dash=style.dash,
            values=land.above(paths.loss[:, k]),
            note=notes.get(k, ""),
        )
        for k, (title, style) in enumerate(zip(paths.titles, paths.styles, strict=True))
    ]


def _add_path(chart: Chart, land: Landscape, paths: Paths, k: int) -> None:
    """The k-th path so far, and a symbol at its head."""
    style, title = paths.styles[k], paths.titles[k]
    path = {
        "type": "scatter",
        "mode": "lines+markers",
        "line": {"width": LINE, "color": style.colour, "dash": style.dash},
        "marker": {"size": 4, "color": style.colour},
        "name": title,
        "hovertemplate": f"{title} (%{{x:.4g}}, %{{y:.4g}})<extra></extra>",
    }
    chart.add(path, "grow", x=paths.w[:, k, 0], y=paths.w[:, k, 1])
    rim = {"width": 1.5, "color": theme.colour("ground")}
    marker = {"size": 12, "color": style.colour, "symbol": style.symbol, "line": rim}
    head = _kept_in_sight(land, paths.w[:, k])
    symbol = {"type": "scatter", "mode": "markers", "marker": marker, "hoverinfo": "skip"}
    chart.add(symbol, "at", x=head[:, 0], y=head[:, 1])


def _add_layer(chart: Chart, land: Landscape, paths: Paths, layer: str, k: int, magnify: float) -> None:
    """The k-th runner's arrow, or its ellipse; nothing where the rule has no such vector."""
    vector = paths.vectors[layer][:, k]
    if not np.isfinite(vector).any():
        return
    hue = theme.colour(LAYER_COLOURS[layer])
    origin = {"ox": paths.w[:, k, 0], "oy": paths.w[:, k, 1]}
    if layer == "look-ahead":  # it ends at w, where the gradient is taken, so it keeps its true length
        origin, magnify = {"ox": origin["ox"] - vector[:, 0], "oy": origin["oy"] - vector[:, 1]}, 1.0
    if layer == "ellipse":
        with np.errstate(invalid="ignore", divide="ignore"):  # who stands still or has diverged has no ellipse
            radii = vector / np.fmax.reduce(vector, axis=1, keepdims=True)
        line = {"width": 1.5, "color": paths.styles[k].colour}
        trace = {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}
        chart.add(trace, "ellipse", 0.06 * _width(land), **origin, rx=radii[:, 0], ry=radii[:, 1])
        return
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "line": {"width": 2, "color": hue},
        "marker": {"symbol": "arrow", "size": [0, 11], "angleref": "previous", "color": hue},
        "hoverinfo": "skip",
    }
    chart.add(trace, "arrow", magnify, **origin, vx=vector[:, 0], vy=vector[:, 1])


def minima(land: Landscape, *, hue: str = "minimum", size: int = 11) -> dict[str, Any]:
    """A cross at every known minimum, so many pixels wide, in a colour of the palette."""
    points = np.array(land.minima).reshape(-1, 2)  # two columns where there is none, too
    return {
        "type": "scatter",
        "mode": "markers",
        "x": points[:, 0],
        "y": points[:, 1],
        "marker": {"symbol": "x-thin", "size": size, "line": {"width": LINE, "color": theme.colour(hue)}},
        "hovertemplate": "minimum (%{x:.4g}, %{y:.4g})<extra></extra>",
    }


def _width(land: Landscape) -> float:
    return float(land.x[-1] - land.x[0])


def _magnification(land: Landscape, paths: Paths) -> float:
    """1, 2, 5, 10, ... so that the median arrow of all layers is about a tenth of the picture long."""
    arrows = [vector for layer, vector in paths.vectors.items() if layer in MAGNIFIED]
    lengths = np.concatenate([np.hypot(*vector.reshape(-1, 2).T) for vector in arrows]) if arrows else np.zeros(0)
    lengths = lengths[np.isfinite(lengths) & (lengths > 1e-6 * _width(land))]
    if not lengths.size:
        return 1.0
    wanted = ARROW_SHARE * _width(land) / float(np.median(lengths))
    nice = [m * 10.0**p for p in range(4) for m in (1, 2, 5)]
    return max((m for m in nice if m <= wanted), default=1.0)


def _kept_in_sight(land: Landscape, w: np.ndarray) -> np.ndarray:
    """Points (F, 2) for the symbol at a path's head: at the edge while it is outside, and at its last finite point."""
    last = np.maximum.accumulate(np.where(np.isfinite(w).all(axis=1), np.arange(len(w)), 0))
    return np.clip(w[last], [land.x[0], land.y[0]], [land.x[-1], land.y[-1]])


def _inside(land: Landscape, w: np.ndarray) -> np.ndarray:
    """Whether points (..., 2) lie on the drawn part of the surface."""
    (x0, x1), (y0, y1) = (land.x[0], land.x[-1]), (land.y[0], land.y[-1])
    return (w[..., 0] >= x0) & (w[..., 0] <= x1) & (w[..., 1] >= y0) & (w[..., 1] <= y1)
