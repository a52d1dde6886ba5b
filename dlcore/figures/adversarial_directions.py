"""The stage on why noise misses what an attack finds: random directions in ever more dimensions, seen in two of them.

Knows the names of what arrives, and the axes, which are fixed before; the dashed lines are a flat boundary's.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_radii import NET_STYLES
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE
from dlcore.figures.adversarial_traces import caption, dots, line, margin, powers
from dlcore.figures.chart import Chart
from dlcore.figures.looks import NamedStyle
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.topics.adversarial.directions import DOTS, TIMES, flat

AIMED = ATTACK_STYLES["fgsm"]
CHANCE = ATTACK_STYLES[NOISE]
LEFT = 58
EDGE = 1.15  # of the picture, in radii
#: Of networks that have no looks of their own, in their order.
OTHERS = (("accent", "solid", "circle"), ("momentum", "longdash", "diamond"), ("ink", "dashdot", "triangle-up"))
MARKS = {"circle": "●", "circle-open": "○", "square": "■", "diamond": "◆", "triangle-up": "▲"}


def directions_stage(*, dimensions: Sequence[int], times: float, nets: Mapping[str, tuple[str, int]]) -> Stage:
    """Frame k: directions in dimensions[k] dimensions, all `times` as long as the way to the boundary.

    nets: title and number of inputs of each network, by its key.
    """
    frames, exact = len(dimensions), 100 * flat(np.array(dimensions), times)
    views = [_seen(dimensions, times), _shares(tuple(dimensions), times)]
    return Stage(
        views=[*views, _networks(frames, nets)] if nets else views,
        num_frames=frames,
        steps=np.array(dimensions),
        unit="dimensions",
        readouts=[
            Readout(label="at random", colour=CHANCE.colour, dash=CHANCE.dash, values=_live("percent.mean", frames)),
            Readout(label="formula", colour=theme.colour("muted"), dash="dash", values=exact),
            Readout(label="attack", colour=AIMED.colour, values=np.full(frames, 100.0)),
        ],
        quantity="directions that cross, %",
        file_name="adversarial-directions",
        split=1.3,
    )


def _live(name: str, frames: int, *shape: int) -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype="float32")


def _seen(dimensions: Sequence[int], times: float) -> Plot:
    """The directions' ends in the plane of the attack and one direction along the boundary."""
    frames, end = len(dimensions), EDGE * times
    chart = Chart()
    angles = np.linspace(0, 2 * np.pi, 97)
    beyond = {"fill": "toself", "fillcolor": theme.faint(theme.colour("wrong")), "hoverinfo": "skip"}
    chart.add({**line("wrong", "beyond", x=[1, end, end, 1], y=[-end, -end, end, end], width=0), **beyond})
    chart.add(line("ink", "boundary", x=[1, 1], y=[-end, end]))
    chart.add(line("muted", "ball", x=times * np.cos(angles), y=times * np.sin(angles), width=1.5, dash="dot"))
    places = {"x": _live("along", frames, DOTS), "y": _live("aside", frames, DOTS)}
    chart.add(dots(CHANCE.meaning, "random direction", "circle", size=5, opacity=0.75), "at", **places)
    chart.add(line(AIMED.meaning, "attack", x=[0, times], y=[0, 0]))
    chart.add(dots(AIMED.meaning, "attack", AIMED.symbol, x=[times], y=[0], size=12))
    chart.add(dots("ink", "the picture", "x-thin", x=[0], y=[0], size=11))
    text = (
        f"× the picture · ■ the attack · dots: {DOTS} random<br>"
        "directions, as long · beyond the line the answer is lost"
    )
    layout = {
        "margin": {**margin(text, LEFT), "r": 10},
        "xaxis": {
            "range": [-end, end],
            "title": {"text": "along the attack, ways to the boundary"},
            "constrain": "domain",
        },
        "yaxis": {
            "range": [-end, end],
            "title": {"text": "along the boundary"},
            "scaleanchor": "x",
            "constrain": "domain",
        },
        "annotations": [caption(text, LEFT)],
        "dragmode": "pan",
    }
    alt = "Random directions and the attack, seen from the side: the more dimensions, the fewer reach the boundary."
    return chart.plot(layout, key="seen", title="From the side", alt=alt, area="main", keep=f"seen-{times}")


def _shares(dimensions: tuple[int, ...], times: float) -> Plot:
    """The share of directions that cross, by dimension."""
    frames, n = len(dimensions), np.array(dimensions, float)
    chart = Chart()
    chart.add(line("muted", "flat boundary", x=n, y=100 * flat(n, times), width=1.5, dash="dash"))
    low, mean, high = (_live(f"percent.{part}", frames) for part in ("low", "mean", "high"))
    chart.band(CHANCE.meaning, "grow", n, low, high)
    chart.add(dots(CHANCE.meaning, "random directions", CHANCE.symbol), "grow", x=n, y=mean)
    chart.add(line(AIMED.meaning, "attack", x=n, y=np.full(frames, 100.0)))
    text = "solid: attack · dots: random directions<br>dashed: a flat boundary, exactly"
    layout = {
        "margin": margin(text),
        "xaxis": {**powers(dimensions, 3), "title": {"text": "dimensions, n"}},
        "yaxis": {"range": [-3, 103], "ticksuffix": " %", "title": {"text": "directions that cross"}},
        "annotations": [caption(text)],
    }
    alt = "The share of random directions that cross a flat boundary, by dimension, and the attack, which always does."
    return chart.plot(layout, key="shares", title="Dimensions", alt=alt, area="side", keep=f"shares-{frames}")


def _networks(frames: int, nets: Mapping[str, tuple[str, int]]) -> Plot:
    """How long noise must be on trained networks, and how long it must be where the boundary is flat."""
    chart, at = Chart(), np.tile(np.array(TIMES, float), (frames, 1))
    fine, styles = np.geomspace(TIMES[0], TIMES[-1], 65), _styles(tuple(nets))
    for key, (title, size) in nets.items():
        style = styles[key]
        crossing = 100 * flat(np.array(size), fine)
        chart.add(line(style.meaning, f"flat, {size:,} dimensions", x=fine, y=crossing, width=1.5, dash="dot"))
        low, mean, high = (_live(f"net.{key}.percent.{part}", frames, len(TIMES)) for part in ("low", "mean", "high"))
        chart.band(style.meaning, "at", at, low, high)
        look = {"mode": "lines+markers", "marker": dots(style.meaning, title, style.symbol)["marker"]}
        chart.add({**line(style.meaning, title, dash=style.dash), **look}, "at", x=at, y=mean)
    known = [f"{MARKS[styles[key].symbol]} {title}" for key, (title, _) in nets.items()]
    text = f"{' · '.join(known)}<br>dotted: the same, were their boundaries flat"
    layout = {
        "margin": margin(text),
        "xaxis": {**powers(TIMES, 1), "title": {"text": "length of the noise, ways to the boundary"}},
        "yaxis": {"range": [-3, 103], "ticksuffix": " %", "title": {"text": "directions that cross"}},
        "annotations": [caption(text)],
    }
    alt = "The share of random directions that change a trained network's answer, by their length."
    return chart.plot(layout, key="networks", title="Networks", alt=alt, area="side", keep=f"networks-{'-'.join(nets)}")


def _styles(keys: tuple[str, ...]) -> dict[str, NamedStyle]:
    """How networks are drawn: as elsewhere in the lesson, or else in an order of their own."""
    others = (NamedStyle("", *look) for look in itertools.cycle(OTHERS))
    return {key: NET_STYLES[key] if key in NET_STYLES else next(others) for key in keys}
