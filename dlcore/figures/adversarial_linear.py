"""The stage on why small changes add up: the sum over ever more inputs, aimed and at random, and networks beside it.

Knows the names of what arrives, and the axes, which are fixed before; the dashed lines are the formula's, all dots are
computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE
from dlcore.figures.adversarial_traces import caption, dots, line, margin, powers
from dlcore.figures.chart import Chart
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.topics.adversarial.linear import POINTS, WALKS

AIMED = ATTACK_STYLES["fgsm"]
CHANCE = ATTACK_STYLES[NOISE]
LARGE = 13  # pixels: the dots of networks
MEANINGS = (
    "dots: computed · dashed: ε√(2n/π), ε√(2/π)<br>"
    "large: networks, ■ on their slope · □ as they are ·<br>○ noise · — as far as the boundary"
)
GAIN = "change of the score, levels"


def linear_stage(*, dimensions: Sequence[int], epsilon: float, nets: Mapping[str, tuple[str, int]]) -> Stage:
    """Frame k: a score of dimensions[k] inputs, each of which goes by ε.

    nets: title and number of inputs of each network, by its key.
    """
    frames = len(dimensions)
    return Stage(
        views=[_gains(tuple(dimensions), epsilon, nets), _sums(dimensions, epsilon)],
        num_frames=frames,
        steps=np.array(dimensions),
        unit="inputs",
        readouts=[
            Readout(label="aimed", colour=AIMED.colour, dash=AIMED.dash, values=_live("attack.mean", frames)),
            Readout(label="at random", colour=CHANCE.colour, dash=CHANCE.dash, values=_live("noise.mean", frames)),
            Readout(label="aimed / at random", colour="", values=_live("ratio", frames)),
        ],
        quantity="change of the score, levels",
        file_name="adversarial-linear",
        split=1.45,
    )


def _live(name: str, frames: int, *shape: int) -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype="float32")


def _gains(dimensions: tuple[int, ...], epsilon: float, nets: Mapping[str, tuple[str, int]]) -> Plot:
    """Both changes by the number of inputs, on logarithmic axes: one is a slope, the other a level."""
    frames, n = len(dimensions), np.array(dimensions, float)
    chart = Chart()
    level = np.full_like(n, epsilon * np.sqrt(2 / np.pi))
    for y, name in ((level * np.sqrt(n), "ε√(2n/π)"), (level, "ε√(2/π)")):
        chart.add(line("muted", name, width=1.5, dash="dash"), "grow", x=n, y=y)
    for style, part in ((CHANCE, "noise"), (AIMED, "attack")):
        mean, low, high = (_live(f"{part}.{edge}", frames) for edge in ("mean", "low", "high"))
        chart.band(style.meaning, "grow", n, low, high)
        chart.add(dots(style.meaning, "aimed" if part == "attack" else "at random", style.symbol), "grow", x=n, y=mean)
    for key, (title, size) in nets.items():
        _network(chart, key, title, np.full(frames, float(size)))
        chart.add(_name(title, size, dimensions[-1], epsilon / 4))
    top = max(2 * epsilon * np.sqrt(n[-1]), 10.0)
    layout = {
        "margin": margin(MEANINGS),
        "xaxis": {**powers(dimensions, 2), "title": {"text": "inputs, n"}},
        "yaxis": {
            "type": "log",
            "range": [np.log10(epsilon / 4), np.log10(top)],
            "title": {"text": GAIN},
            "dtick": 1,
        },
        "annotations": [caption(MEANINGS)],
    }
    alt = "How far a linear score goes by the number of inputs, aimed and at random, and how far trained networks go."
    return chart.plot(layout, key="gains", title="Inputs", alt=alt, area="main", keep=f"gains-{n[-1]}-{epsilon}")


def _network(chart: Chart, key: str, title: str, at: np.ndarray) -> None:
    """A network's dots over its number of inputs, once they are known."""
    live = {part: _live(f"net.{key}.{part}.mean", len(at)) for part in ("attack", "noise", "real", "distance")}
    chart.add(dots("ink", f"{title}, to the boundary", "line-ew", size=2 * LARGE), "at", x=at, y=live["distance"])
    chart.add(dots(AIMED.meaning, f"{title}, on its slope", "square", size=LARGE), "at", x=at, y=live["attack"])
    chart.add(dots("ink", f"{title}, as it is", "square-open", size=LARGE + 4), "at", x=at, y=live["real"])
    chart.add(dots(CHANCE.meaning, f"{title}, noise", "circle-open", size=LARGE), "at", x=at, y=live["noise"])


def _name(title: str, size: int, most: int, floor: float) -> dict[str, Any]:
    """A network's name at the foot of its column; to the left where the picture ends."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [size],
        "y": [floor],
        "text": [title],
        "textposition": "top left" if size > most / 4 else "top center",
        "textfont": {"size": 12, "color": theme.colour("ink")},
        "hoverinfo": "skip",
    }


def _sums(dimensions: Sequence[int], epsilon: float) -> Plot:
    """One score while its inputs are added: aimed, each adds; at random, most is taken back."""
    frames = len(dimensions)
    share = np.linspace(0, 100, POINTS)
    walks = np.tile(np.append(share, np.nan), WALKS)
    chart = Chart()
    noise, attack = _live("sum.noise", frames, len(walks)), _live("sum.attack", frames, POINTS)
    chart.add(line(CHANCE.meaning, "random signs", width=1.5), "at", x=np.tile(walks, (frames, 1)), y=noise)
    chart.add(line(AIMED.meaning, "aimed", dash="solid"), "at", x=np.tile(share, (frames, 1)), y=attack)
    text = f"steep: each input aimed<br>flat: {WALKS} draws of random signs"
    top = 1.1 * epsilon * np.sqrt(2 / np.pi * dimensions[-1])
    layout = {
        "margin": margin(text),
        "xaxis": {"range": [0, 102], "ticksuffix": " %", "title": {"text": "inputs added so far"}},
        "yaxis": {
            "range": [-max(0.12 * top, 4.5 * epsilon), top],
            "title": {"text": "sum so far, levels"},
            "zeroline": True,
            "zerolinecolor": theme.colour("grid"),
        },
        "annotations": [caption(text)],
    }
    alt = "How the change of one score grows from input to input, aimed and with random signs."
    return chart.plot(
        layout, key="sums", title="Adding up", alt=alt, area="side", keep=f"sums-{dimensions[-1]}-{epsilon}"
    )
