"""Curves of a race of optimizers: loss, sharpness, sensitivity to the learning rate, stability; arrays to figures."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.figures import theme
from dlcore.figures.landscape import LINE, Landscape, Paths, Style
from dlcore.figures.stage import Plot, Track, newest

LOG_AXIS = {"type": "log", "exponentformat": "power", "nticks": 6}
CORNER = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom", "showarrow": False, "xanchor": "left"}


def loss_and_distance(land: Landscape, paths: Paths) -> Plot:
    """Loss above the minimum, and distance to the nearest minimum, on logarithmic axes."""
    fig = go.Figure(layout={"template": theme.template()})
    above = np.where(np.isfinite(paths.loss), np.maximum(paths.loss - land.floor, 1e-16), np.nan)
    far = np.where(np.isfinite(paths.distance), np.maximum(paths.distance, 1e-16), np.nan)
    tracks = []
    for axis, values in (("y", above), ("y2", far)):
        for k, style in enumerate(paths.styles):
            fig.add_scatter(
                mode="lines",
                xaxis="x",
                yaxis=axis,
                line={"width": LINE, "color": style.colour, "dash": style.dash},
                name=paths.titles[k],
                hovertemplate=f"{paths.titles[k]}: %{{y:.3g}} at {paths.across_title} %{{x}}<extra></extra>",
            )
            data = {"x": paths.across, "y": values[:, k]}
            tracks.append(Track(trace=newest(fig), kind="grow", data=data))
    fig.update_layout(
        margin={"l": 62, "r": 8, "t": 6, "b": 40},
        xaxis={
            "range": [0, float(max(paths.across[-1], 1))],
            "title": {"text": paths.across_title},
            "anchor": "y2",
        },
        yaxis={**LOG_AXIS, "domain": [0.54, 1], "title": {"text": "f − f*"}, "range": decades(above)},
        yaxis2={**LOG_AXIS, "domain": [0, 0.46], "title": {"text": "distance to minimum"}, "range": decades(far)},
        hovermode="closest",
    )
    return Plot(
        key="curves",
        title="Curves",
        figure=fig,
        tracks=tracks,
        area="side",
        keep=f"{land.name}-{paths.across_title}",
        alt="Loss above the minimum and distance to the nearest minimum, by " + paths.across_title + ".",
    )


def sharpness_against_rate(paths: Paths, limit: np.ndarray, lr: np.ndarray) -> Plot:
    """2/λmax of the Hessian at each present point (F, K), beside the learning rate (F, K) in use.

    Where the rate lies above an optimizer's curve, plain gradient descent would overshoot there.
    """
    fig = go.Figure(layout={"template": theme.template()})
    tracks = []
    for k, style in enumerate(paths.styles):
        line = {"width": LINE, "color": style.colour, "dash": style.dash}
        fig.add_scatter(mode="lines", line=line, name=paths.titles[k])
        tracks.append(Track(trace=newest(fig), kind="grow", data={"x": paths.across, "y": limit[:, k]}))
    for row in np.unique(lr, axis=1).T:
        fig.add_scatter(
            x=paths.across,
            y=row,
            mode="lines",
            line={"width": 1.5, "color": theme.colour("ink"), "dash": "dot"},
            name="η",
        )
    fig.update_layout(
        margin={"l": 62, "r": 8, "t": 26, "b": 40},
        xaxis={"range": [0, float(max(paths.across[-1], 1))], "title": {"text": paths.across_title}},
        yaxis={
            **LOG_AXIS,
            "title": {"text": "learning rate"},
            "range": decades(np.concatenate([limit, lr], axis=1), widest=6),
        },
        annotations=[{**CORNER, "text": "curves: 2/λ<sub>max</sub> at the present point; dotted: η in use"}],
    )
    return Plot(
        key="sharpness",
        title="2/λ",
        figure=fig,
        tracks=tracks,
        area="side",
        keep=f"sharpness-{paths.across_title}",
        alt="Two over the largest eigenvalue of the Hessian at each optimizer's point, beside the learning rate.",
    )


def decades(values: np.ndarray, widest: float = 12) -> list[float]:
    """A logarithmic axis' range that holds all positive values, at most `widest` decades below the highest."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return [-1, 1]
    high = min(float(np.log10(positive.max())), 12.0)
    low = max(float(np.log10(positive.min())), high - widest)
    room = 0.04 * (high - low) + 0.05
    return [low - room, high + room]


def sensitivity(
    lrs: np.ndarray, final: np.ndarray, paths_titles: Sequence[str], styles: Sequence[Style], used: np.ndarray
) -> Plot:
    """Final loss above the minimum against the learning rate, one curve an optimizer.

    lrs (L,), final (K, L), infinite where a run diverged; used (K,): the rates of the present race, drawn as points.
    """
    fig = go.Figure(layout={"template": theme.template()})
    shown = np.where(np.isfinite(final), np.maximum(final, 1e-16), np.nan)
    for k, (title, style) in enumerate(zip(paths_titles, styles, strict=True)):
        line = {"width": LINE, "color": style.colour, "dash": style.dash}
        hover = f"{title}: η = %{{x:.3g}} ends at %{{y:.3g}}<extra></extra>"
        fig.add_scatter(x=lrs, y=shown[k], mode="lines", line=line, name=title, hovertemplate=hover)
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
        yaxis={**LOG_AXIS, "title": {"text": "f − f* at the last step"}, "range": decades(shown)},
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
