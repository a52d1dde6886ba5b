"""How the outcome depends on the learning rate: sensitivity, and the stability of momentum; arrays in, figures out."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.figures import theme
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
    fig = go.Figure(layout={"template": theme.template()})
    shown = np.where(np.isfinite(final), np.maximum(final, 1e-16), np.nan)
    # Runs that end far above their start say only that they are lost: the axis ends there, the lines leave it.
    highest = 10 * np.nanmax(shown[:, 0]) if np.isfinite(shown[:, 0]).any() else np.inf
    for k, (title, style) in enumerate(zip(titles, styles, strict=True)):
        line = {"width": LINE, "color": style.colour, "dash": style.dash}
        hover = f"{title}: η = %{{x:.3g}} ends at %{{y:.3g}}<extra></extra>"
        fig.add_scatter(x=lrs, y=shown[k], mode="lines", line=line, name=title, hovertemplate=hover)
        if np.isfinite(shown[k]).any():
            top = int(np.argmin(np.abs(lrs - best[k])))
            ring = {"size": 18, "color": style.colour, "symbol": "circle-open", "line": {"width": 2}}
            text = f"{title}: best η = %{{x:.3g}}, ends at %{{y:.3g}}<extra></extra>"
            fig.add_scatter(x=lrs[[top]], y=shown[k, [top]], mode="markers", marker=ring, hovertemplate=text)
        at = np.interp(np.log(used[k]), np.log(lrs), np.log(np.nan_to_num(shown[k], nan=np.inf)))
        if np.isfinite(at):
            marker = {"size": 12, "color": style.colour, "symbol": style.symbol}
            fig.add_scatter(x=[used[k]], y=[np.exp(at)], mode="markers", marker=marker, hoverinfo="skip")
        if np.isnan(shown[k]).any() and np.isfinite(shown[k]).any():
            last = int(np.flatnonzero(np.isfinite(shown[k]))[-1])
            cross = {
                "size": 10,
                "color": style.colour,
                "symbol": "x-thin",
                "line": {"width": 2.5, "color": style.colour},
            }
            text = f"{title}: diverges above here<extra></extra>"
            fig.add_scatter(x=lrs[[last]], y=shown[k, [last]], mode="markers", marker=cross, hovertemplate=text)
    fig.update_layout(
        margin={"l": 70, "r": 12, "t": 10, "b": 46},
        xaxis={"type": "log", "exponentformat": "power", "dtick": 1, "title": {"text": "learning rate η"}},
        yaxis={
            **log_axis(np.where(shown <= highest, shown, np.nan), widest=18),
            "title": {"text": "f − f* at the last step"},
        },
        hovermode="closest",
    )
    return Plot(
        key="sensitivity",
        title="Learning rates",
        figure=fig,
        keep="sensitivity",
        alt="Final loss of every optimizer against its learning rate, both on logarithmic axes.",
    )


def rate_map(
    lrs: np.ndarray, mus: np.ndarray, measured: np.ndarray, boundary: np.ndarray, here: tuple[float, float]
) -> Plot:
    """Measured contraction per step over learning rate and momentum, (M, L), with the theory's boundary (M,) on it."""
    fig = go.Figure(layout={"template": theme.template()})
    fig.add_heatmap(
        x=lrs,
        y=mus,
        z=np.clip(measured, 0.5, 1.5),
        zmin=0.5,
        zmax=1.5,
        colorscale=[
            [0, theme.colour("class-a")],
            [0.499, theme.colour("surface-low")],
            [0.501, theme.colour("surface-warm")],
            [1, theme.colour("class-b")],
        ],
        colorbar={
            "title": {"text": "rate per step", "side": "right"},
            "thickness": 14,
            "tickvals": [0.5, 0.75, 1, 1.25, 1.5],
        },
        hovertemplate="η = %{x:.3g}, μ = %{y:.2f}: measured rate %{z:.3f}<extra></extra>",
    )
    line = {"width": 3, "color": theme.colour("ink"), "dash": "dash"}
    fig.add_scatter(
        x=boundary, y=mus, mode="lines", line=line, hovertemplate="theory: η = 2(1 + μ)/λmax = %{x:.3g}<extra></extra>"
    )
    marker = {"size": 13, "symbol": "circle-open", "color": theme.colour("ink"), "line": {"width": 3}}
    fig.add_scatter(
        x=[here[0]], y=[here[1]], mode="markers", marker=marker, hovertemplate="you are here<extra></extra>"
    )
    fig.update_layout(
        margin={"l": 52, "r": 10, "t": 10, "b": 46},
        xaxis={"range": [lrs[0], lrs[-1]], "title": {"text": "learning rate η"}},
        yaxis={"range": [mus[0], mus[-1]], "title": {"text": "momentum μ"}},
    )
    return Plot(
        key="rate-map",
        title="Stability",
        figure=fig,
        keep=f"rate-map-{lrs[-1]:.4g}",
        alt="Measured contraction per step over learning rate and momentum, with the theoretical stability boundary.",
    )


def rate_slice(lrs: np.ndarray, measured: np.ndarray, theory: np.ndarray, mu: float, lr: float) -> Plot:
    """One row of the map: measured rate as points, theory as a line, 1 as the border of convergence."""
    fig = go.Figure(layout={"template": theme.template()})
    fig.add_scatter(x=lrs, y=theory, mode="lines", line={"width": LINE, "color": theme.colour("ink")}, name="theory")
    points = {"size": 6, "color": theme.colour("accent")}
    fig.add_scatter(x=lrs, y=measured, mode="markers", marker=points, name="measured")
    fig.add_hline(y=1, line={"width": 1.2, "color": theme.colour("wrong"), "dash": "dash"})
    fig.add_vline(x=lr, line={"width": 1.2, "color": theme.colour("muted"), "dash": "dot"})
    fig.update_layout(
        margin={"l": 52, "r": 10, "t": 30, "b": 46},
        xaxis={"range": [lrs[0], lrs[-1]], "title": {"text": "learning rate η"}},
        yaxis={"range": [0, 1.6], "title": {"text": "rate per step"}},
        annotations=[{**CORNER, "text": f"μ = {mu:g}: line theory, points measured"}],
    )
    return Plot(
        key="rate-slice",
        title="One momentum",
        figure=fig,
        area="side",
        keep="rate-slice",
        alt="Measured and theoretical contraction per step against the learning rate, at the present momentum.",
    )
