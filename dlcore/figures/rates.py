"""How the outcome depends on the learning rate: sensitivity, and the stability of momentum; arrays in, figures out."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart, level, upright
from dlcore.figures.landscape import LINE, Style
from dlcore.figures.optimizers import CORNER, log_axis
from dlcore.figures.stage import Plot


def sensitivity(
    lrs: np.ndarray,
    final: np.ndarray,
    titles: Sequence[str],
    styles: Sequence[Style],
    used: np.ndarray,
    best: np.ndarray,
) -> Plot:
    """Final loss above the minimum against the learning rate, one curve an optimizer.

    lrs (L,), final (K, L), infinite where a run diverged; used (K,): the rates of the present race, drawn as
    symbols; best (K,): the best ones, drawn as rings.
    """
    chart = Chart()
    shown = np.where(np.isfinite(final), np.maximum(final, 1e-16), np.nan)
    # Runs that end far above their start say only that they are lost: the axis ends there, the lines leave it.
    highest = 10 * np.nanmax(shown[:, 0]) if np.isfinite(shown[:, 0]).any() else np.inf
    for k, (title, style) in enumerate(zip(titles, styles, strict=True)):
        for trace in _outcomes(lrs, shown[k], title, style, float(used[k]), float(best[k])):
            chart.add(trace)
    layout = {
        "margin": {"l": 70, "r": 12, "t": 10, "b": 46},
        "xaxis": {"type": "log", "exponentformat": "power", "dtick": 1, "title": {"text": "learning rate η"}},
        "yaxis": {
            **log_axis(np.where(shown <= highest, shown, np.nan), widest=18),
            "title": {"text": "f − f* at the last step"},
        },
    }
    return chart.plot(
        layout,
        key="sensitivity",
        title="Learning rates",
        keep="sensitivity",
        alt="Final loss of every optimizer against its learning rate, both on logarithmic axes.",
    )


def _outcomes(
    lrs: np.ndarray, shown: np.ndarray, title: str, style: Style, used: float, best: float
) -> Iterator[dict[str, Any]]:
    """One optimizer's curve, a ring at its best rate, its symbol at the one used, a cross where it diverges above."""
    line = {"width": LINE, "color": style.colour, "dash": style.dash}
    hover = f"{title}: η = %{{x:.3g}} ends at %{{y:.3g}}<extra></extra>"
    yield _trace("lines", lrs, shown, line=line, name=title, hovertemplate=hover)
    finite = np.flatnonzero(np.isfinite(shown))
    if finite.size:
        top = int(np.argmin(np.abs(lrs - best)))
        ring = {"size": 18, "color": style.colour, "symbol": "circle-open", "line": {"width": 2}}
        text = f"{title}: best η = %{{x:.3g}}, ends at %{{y:.3g}}<extra></extra>"
        yield _trace("markers", lrs[[top]], shown[[top]], marker=ring, hovertemplate=text)
    at = np.interp(np.log(used), np.log(lrs), np.log(np.nan_to_num(shown, nan=np.inf)))
    if np.isfinite(at):
        marker = {"size": 12, "color": style.colour, "symbol": style.symbol}
        yield _trace("markers", [used], [np.exp(at)], marker=marker, hoverinfo="skip")
    if 0 < finite.size < shown.size:
        line = {"width": 2.5, "color": style.colour}
        cross = {"size": 10, "color": style.colour, "symbol": "x-thin", "line": line}
        text = f"{title}: diverges above here<extra></extra>"
        yield _trace("markers", lrs[finite[-1:]], shown[finite[-1:]], marker=cross, hovertemplate=text)


def _trace(mode: str, x: np.ndarray | Sequence[float], y: np.ndarray | Sequence[float], **more: Any) -> dict[str, Any]:
    return {"type": "scatter", "mode": mode, "x": x, "y": y, **more}


def rate_map(
    lrs: np.ndarray, mus: np.ndarray, measured: np.ndarray, boundary: np.ndarray, here: tuple[float, float]
) -> Plot:
    """Measured contraction per step over learning rate and momentum, (M, L), with the theory's boundary (M,) on it."""
    ink = theme.colour("ink")
    heat = {
        "type": "heatmap",
        "x": lrs,
        "y": mus,
        "z": np.clip(measured, 0.5, 1.5),
        "zmin": 0.5,
        "zmax": 1.5,
        "colorscale": [
            [0, theme.colour("class-a")],
            [0.499, theme.colour("surface-low")],
            [0.501, theme.colour("surface-warm")],
            [1, theme.colour("class-b")],
        ],
        "colorbar": {
            "title": {"text": "rate per step", "side": "right"},
            "thickness": 14,
            "tickvals": [0.5, 0.75, 1, 1.25, 1.5],
        },
        "hovertemplate": "η = %{x:.3g}, μ = %{y:.2f}: measured rate %{z:.3f}<extra></extra>",
    }
    line = {"width": 3, "color": ink, "dash": "dash"}
    theory = "theory: η = 2(1 + μ)/λmax = %{x:.3g}<extra></extra>"
    ring = {"size": 13, "symbol": "circle-open", "color": ink, "line": {"width": 3}}
    chart = Chart()
    chart.add(heat)
    chart.add(_trace("lines", boundary, mus, line=line, hovertemplate=theory))
    chart.add(_trace("markers", here[:1], here[1:], marker=ring, hovertemplate="you are here<extra></extra>"))
    layout = {
        "margin": {"l": 52, "r": 10, "t": 10, "b": 46},
        "xaxis": {"range": [lrs[0], lrs[-1]], "title": {"text": "learning rate η"}},
        "yaxis": {"range": [mus[0], mus[-1]], "title": {"text": "momentum μ"}},
    }
    return chart.plot(
        layout,
        key="rate-map",
        title="Stability",
        keep=f"rate-map-{lrs[-1]:.4g}",
        alt="Measured contraction per step over learning rate and momentum, with the theoretical stability boundary.",
    )


def rate_slice(lrs: np.ndarray, measured: np.ndarray, theory: np.ndarray, mu: float, lr: float) -> Plot:
    """One row of the map: measured rate as points, theory as a line, 1 as the border of convergence."""
    points = {"size": 6, "color": theme.colour("accent")}
    chart = Chart()
    chart.add(_trace("lines", lrs, theory, line={"width": LINE, "color": theme.colour("ink")}, name="theory"))
    chart.add(_trace("markers", lrs, measured, marker=points, name="measured"))
    layout = {
        "margin": {"l": 52, "r": 10, "t": 30, "b": 46},
        "xaxis": {"range": [lrs[0], lrs[-1]], "title": {"text": "learning rate η"}},
        "yaxis": {"range": [0, 1.6], "title": {"text": "rate per step"}},
        "shapes": [
            level(1, {"width": 1.2, "color": theme.colour("wrong"), "dash": "dash"}),
            upright(lr, {"width": 1.2, "color": theme.colour("muted"), "dash": "dot"}),
        ],
        "annotations": [{**CORNER, "text": f"μ = {mu:g}: line theory, points measured"}],
    }
    return chart.plot(
        layout,
        key="rate-slice",
        title="One momentum",
        area="side",
        keep="rate-slice",
        alt="Measured and theoretical contraction per step against the learning rate, at the present momentum.",
    )
