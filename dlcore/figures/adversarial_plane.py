"""The stage on a picture of two pixels: the plane of all such pictures, the ball around one, and the attack's way.

Knows what the network answers all over the plane, and the names of what arrives; every step is still to come.
"""

from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE, OUTCOMES
from dlcore.figures.adversarial_traces import caption, dots, line, margin
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.chart import Chart
from dlcore.figures.marks import Mark
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.topics.adversarial.plane import RIM, WHITE, Ground

CHANCE = ATTACK_STYLES[NOISE]
CLASSES = ("class-a", "class-b")
SYMBOLS = ("circle", "triangle-up")
LEFT = 52
TICKS = [0, 64, 128, 192, 255]
MARKS = {"square": "■", "diamond": "◆", "triangle-up": "▲"}
DASHED = {"solid": "solid", "dash": "dashed", "dot": "dotted"}
BALLS = {"linf": "square", "l2": "disc"}


def plane_stage(
    *, ground: Ground, attack: str, norm: str, epsilons: np.ndarray, at: tuple[float, float], label: str = "its class"
) -> Stage:
    """Frame k: the attack, a key of ATTACK_STYLES, in a ball of radius epsilons[k] around the picture `at`, in levels.

    label: what the network answers there. Curves are over ε where that grows, else over steps.
    """
    frames, style = len(epsilons), ATTACK_STYLES[attack]
    grows = bool(np.ptp(epsilons))
    return Stage(
        views=[_plane(ground, attack, norm, frames, at), *_curves(attack, epsilons, grows, label)],
        num_frames=frames,
        steps=epsilons if grows else None,
        marks=[Mark(at=_live("least", frames), text="fooled from ε")] if grows else [],
        unit="ε" if grows else "step",
        readouts=[
            Readout(
                label=style.short, colour=style.colour, dash=style.dash, values=_live("outcome", frames), words=OUTCOMES
            ),
            Readout(
                label=CHANCE.short,
                colour=CHANCE.colour,
                dash=CHANCE.dash,
                values=_live("noise.outcome", frames),
                words=OUTCOMES,
            ),
            Readout(
                label="share of the ball's edge across", colour=theme.colour("wrong"), values=_live("share", frames)
            ),
            Readout(label="‖δ‖<sub>∞</sub>", colour="", values=_live("linf", frames)),
            Readout(label="‖δ‖<sub>2</sub>", colour="", values=_live("l2", frames)),
        ],
        file_name="adversarial-plane",
        split=1.45,
    )


def _live(name: str, frames: int, *shape: int) -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype="float32")


def _plane(ground: Ground, attack: str, norm: str, frames: int, at: tuple[float, float]) -> Plot:
    style = ATTACK_STYLES[attack]
    chart = Chart()
    chart.add(_chances(ground))
    chart.add(_boundary(ground))
    for number, (hue, symbol) in enumerate(zip(CLASSES, SYMBOLS, strict=True)):
        x, y = ground.points[ground.labels == number].T
        chart.add(dots(hue, f"class {number}", symbol, x=x, y=y, size=5, opacity=0.7))
    x, y = (_live(name, frames) for name in "xy")
    noise_x, noise_y = (_live(f"noise.{name}", frames) for name in "xy")
    ball = {part: _live(f"ball.{part}", frames, RIM + 1) for part in "xy"}
    lost = {part: _live(f"lost.{part}", frames, RIM + 1) for part in "xy"}
    chart.add(line("ink", "edge of the ball", width=1.5, dash="dot"), "at", **ball)
    chart.add(line("wrong", "edge of the ball, answer lost", width=4), "at", **lost)
    chart.add(line(style.meaning, f"{style.short}, its way"), "grow", x=x, y=y)
    chart.add(dots("ink", "the picture", "x-thin", x=at[:1], y=at[1:], size=11))
    chart.add(dots(CHANCE.meaning, CHANCE.short, CHANCE.symbol, size=12), "at", x=noise_x, y=noise_y)
    chart.add(dots(style.meaning, style.short, style.symbol, size=12), "at", x=x, y=y)
    text = (
        f"× the picture · dotted: its ball, a {BALLS[norm]},<br>"
        f"thick where the answer is lost · {MARKS[style.symbol]} {style.short} · ○ noise"
    )
    layout = {
        "margin": {**margin(text, LEFT), "r": 10},
        "xaxis": {**_axis("first pixel, levels"), "constrain": "domain"},
        "yaxis": {**_axis("second pixel, levels"), "scaleanchor": "x", "constrain": "domain"},
        "annotations": [caption(text, LEFT)],
        "dragmode": "pan",
    }
    alt = "All pictures of two pixels, how they are answered, and how an attack leads one of them across the boundary."
    return chart.plot(layout, key="plane", title="Plane", alt=alt, area="main", keep="plane", pick="play")


def _axis(title: str) -> dict[str, Any]:
    return {"range": [0, WHITE], "tickvals": TICKS, "title": {"text": title}, "showgrid": False}


def _chances(ground: Ground) -> dict[str, Any]:
    """How likely each class is, all over the plane, in pale colours of both."""
    return {
        "type": "heatmap",
        "x": ground.axis,
        "y": ground.axis,
        "z": np.rint(WHITE * ground.chances).astype(np.uint8),
        "zmin": 0,
        "zmax": WHITE,
        "colorscale": [[0, theme.colour(CLASSES[0])], [0.5, theme.colour("ground")], [1, theme.colour(CLASSES[1])]],
        "opacity": 0.3,
        "zsmooth": "best",
        "showscale": False,
        "hoverinfo": "skip",
    }


def _boundary(ground: Ground) -> dict[str, Any]:
    """Where both are as likely."""
    return {
        "type": "contour",
        "x": ground.axis,
        "y": ground.axis,
        "z": ground.chances,
        "contours": {"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        "line": {"width": 2.5, "color": theme.colour("ink")},
        "showscale": False,
        "hoverinfo": "skip",
    }


def _curves(attack: str, epsilons: np.ndarray, grows: bool, label: str) -> list[Plot]:
    """The chance of the label and its loss, under the attack and under as much noise."""
    frames = len(epsilons)
    across = epsilons if grows else np.arange(frames)
    shown = {"": ATTACK_STYLES[attack], "noise.": CHANCE}
    scales = {
        "chance": ("Chance", Scale(quantity=f"chance of {label}", low=0, high=1.02)),
        "loss": ("Loss", Scale(quantity="cross-entropy, nats", low=0, high=12)),
    }
    return [
        bands(
            [
                Curve(label=style.short, colour=style.meaning, dash=style.dash, mean=_live(f"{before}{part}", frames))
                for before, style in shown.items()
            ],
            across,
            scale,
            key=part,
            title=title,
            caption=" · ".join(f"{style.short} {DASHED[style.dash]}" for style in shown.values()),
            alt=f"{scale.quantity} by {'radius' if grows else 'step'}, under the attack and under noise.",
            across="ε, levels" if grows else "step",
        )
        for part, (title, scale) in scales.items()
    ]
