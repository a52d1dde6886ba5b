"""The stage on which an attack is searched for, step by step, on the slice of the loss that its path lies near.

Knows the ball that an attack may not leave, and the names of what arrives; every loss is still to come.
"""

from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_course import Course
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, Case, Look, Sheet, aimed
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Plot, Readout, Stage, Track

LEFT = 52  # pixels of the numbers beside the slice
REACH = 1.25  # the slice's ends, in units of ε
CORNERS = {"linf": 4, "l2": 64}  # of the ball where the slice cuts it: a diamond, and what looks like a disc


def path_stage(
    *, case: Case, look: Look, epsilon: float, attack: str, num_steps: int, grid: int, norm: str = "linf"
) -> Stage:
    """Frame k: the attack, a key of ATTACK_STYLES, after its k-th step; frame 0: where it starts.

    epsilon: levels. grid: how many losses the slice has on each side. norm: what ε bounds, a key of NORMS.
    """
    style = ATTACK_STYLES[attack]
    sheet = Sheet(case=aimed(case, style), look=look, num_frames=num_steps + 1, norm=norm)
    course = Course(sheet=sheet, style=style, steps=np.arange(num_steps + 1), across="step")
    plane = loss_slice(sheet, style.meaning, epsilon=epsilon, grid=grid)
    return Stage(
        views=[sheet.closeup(style.short), plane, sheet.bars(), course.losses()],
        num_frames=num_steps + 1,
        readouts=[
            sheet.outcome(style.short),
            Readout(label=f"chance of {case.name}", colour="", values=sheet.live("chance")),
            Readout(label="with as much noise", colour="", values=sheet.live("noise.chance")),
            *sheet.lengths(),
            Readout(label="of ‖δ‖² off the slice", colour="", values=sheet.live("outside")),
        ],
        file_name="adversarial-path",
        split=1.25,
    )


def loss_slice(sheet: Sheet, hue: str, *, epsilon: float, grid: int) -> Plot:
    """The loss at x + a·u + b·v, where the ball ends there, where the attack succeeds, and its path.

    u: the whole perturbation that the attack ends with; v: a random direction, as long as ε.
    """
    sides = np.linspace(-REACH, REACH, grid)
    data = [
        _shades(sides),
        _success(sides),
        _line("ink", 1.5, *_ball(CORNERS[sheet.norm]).T, dash="dot", name=f"ε = {epsilon:g}"),
        _line(hue, 2.5, name="path", marker=_marker("circle", 6, hue)),
        _line("ink", 0, [0], [0], name="the picture", marker=_marker("x-thin", 10, "ink")),
        _line("ink", 0, name="now", marker=_marker("circle-open", 15, "ink")),
    ]
    a, b = sheet.live("a"), sheet.live("b")
    tracks = [
        Track(trace=0, kind="at", data={"z": sheet.live("slice", grid, grid)}),
        Track(trace=1, kind="at", data={"z": sheet.live("margin", grid, grid)}),
        Track(trace=3, kind="grow", data={"x": a, "y": b}),
        Track(trace=5, kind="at", data={"x": a, "y": b}),
    ]
    caption = f"shades: cross-entropy of {sheet.case.asked}<br>solid: {sheet.case.turn} · dotted: the ball, cut"
    return Plot(
        key="slice",
        title="Slice",
        figure={"data": data, "layout": _layout(caption)},
        tracks=tracks,
        area="side",
        keep=f"slice-{sheet.norm}",
        alt="The loss on a plane through the picture, along the attack and along a random direction, with the path.",
    )


def _ball(corners: int) -> np.ndarray:
    """(corners + 1, 2): where ‖a·u + b·v‖ = ε.

    Where each number of u and v is ε or −ε, the largest of a·u + b·v is ε·(|a| + |b|), so that the cut is a diamond.
    """
    angles = 2 * np.pi * np.arange(corners + 1) / corners
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _shades(sides: np.ndarray) -> dict[str, Any]:
    return {
        "type": "contour",
        "x": sides,
        "y": sides,
        "z": [],
        "ncontours": 16,
        "colorscale": theme.surface_scale(),
        "showscale": False,
        "line": {"width": 0.6, "color": theme.colour("grid")},
        "hovertemplate": "cross-entropy %{z:.3g} at (%{x:.2f}, %{y:.2f})<extra></extra>",
    }


def _success(sides: np.ndarray) -> dict[str, Any]:
    """Where the margin is 0; it is negative where the attack has what it wants."""
    return {
        "type": "contour",
        "x": sides,
        "y": sides,
        "z": [],
        "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
        "line": {"width": 2.5, "color": theme.colour("ink")},
        "showscale": False,
        "hoverinfo": "skip",
    }


def _line(hue: str, width: float, x: Any = (), y: Any = (), *, name: str, **more: Any) -> dict[str, Any]:
    """A line, or where it has no width only its markers."""
    parts = [part for part, drawn in (("lines", width > 0), ("markers", "marker" in more)) if drawn]
    dash = more.pop("dash", "solid")
    return {
        "type": "scatter",
        "mode": "+".join(parts),
        "x": list(x),
        "y": list(y),
        "line": {"color": theme.colour(hue), "width": width, "dash": dash},
        "name": name,
        "hovertemplate": f"{name} (%{{x:.2f}}, %{{y:.2f}})<extra></extra>",
        **more,
    }


def _marker(symbol: str, size: float, hue: str) -> dict[str, Any]:
    colour = theme.colour(hue)
    return {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}}


def _layout(caption: str) -> dict[str, Any]:
    """As wide as high, so that a disc is one."""
    ends = {"range": [-REACH, REACH], "zeroline": False, "constrain": "domain"}
    return {
        "template": theme.template(),
        "margin": {"l": LEFT, "r": 10, "t": 56, "b": 42},
        "xaxis": {**ends, "title": {"text": "along the attack, ε"}},
        "yaxis": {**ends, "title": {"text": "random direction, ε"}, "scaleanchor": "x"},
        "hovermode": "closest",
        "annotations": [{**CORNER, "text": caption, "xshift": -LEFT, "yshift": 4, "align": "left"}],
    }
