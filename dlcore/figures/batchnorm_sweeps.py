"""Accuracy against a setting, learning rate or batch size, that rises while the runs train; knows no torch.

Made from the config alone: the numbers come with the run.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import LINE
from dlcore.figures.chart import Chart, level
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Pending, Plot, Readout, Stage
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_runs import (
    LRS,
    SIZES,
    SWEEP_SEEDS,
    RatesConfig,
    SizesConfig,
    frame_steps,
)

BAND = f"band: lowest to highest of {SWEEP_SEEDS} seeds"


class Look(NamedTuple):
    """One curve: the name of its numbers, what it is called, its colour's meaning, its dash and its mark."""

    name: str
    label: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"


def rates_stage(config: RatesConfig) -> Stage:
    """Test accuracy against the learning rate, with and without, after so many updates."""
    looks = [
        Look("a", "without", "muted"),
        Look("b", f"with {NORMS[config.norm]}", "accent", "dash", "square"),
    ]
    ticks = [f"{lr:g}" for lr in LRS]
    view = _sweep(looks, len(LRS), ticks, "learning rate η", frame_steps(config), "rates", "Learning rates")
    return _stage(config, view, looks, frame_steps(config), "learning-rates")


def sizes_stage(config: SizesConfig) -> Stage:
    """Test accuracy against the batch size, after so many updates of every run."""
    looks = [
        Look("none", "without", "muted"),
        Look("batch", "batch norm, running statistics", "accent", "dash", "square"),
        Look("own", "batch norm, the test batch’s own", "momentum", "dot", "diamond"),
    ]
    if config.norm != "batch":
        looks.append(Look(config.norm, NORMS[config.norm], "correct", "dashdot", "triangle-up"))
    ticks = [str(size) for size in SIZES]
    steps = frame_steps(config)
    view = _sweep(
        looks, len(SIZES), ticks, "batch size, in training and of the test batches", steps, "sizes", "Batches"
    )
    return _stage(config, view, looks, steps, "batch-sizes")


def _stage(config: RatesConfig | SizesConfig, view: Plot, looks: Sequence[Look], steps: np.ndarray, name: str) -> Stage:
    readouts = [Readout(label=look.label, colour=theme.colour(look.colour), dash=look.dash) for look in looks]
    return Stage(
        views=[view],
        num_frames=len(steps),
        steps=steps,
        readouts=readouts,
        unit="update",
        file_name=name,
        split=1.0,
    )


def _sweep(
    looks: Sequence[Look], count: int, ticks: Sequence[str], across: str, steps: np.ndarray, key: str, title: str
) -> Plot:
    """The curves over `count` settings, evenly spaced; each frame shows them all."""
    x = np.tile(np.arange(count), (len(steps), 1))

    def live(look: Look, part: str) -> Pending:
        return Pending(name=f"{look.name}.{part}", shape=x.shape, dtype="float32")

    chart = Chart()
    for look in looks:
        chart.band(look.colour, "at", x, live(look, "low"), live(look, "high"))
    for look in looks:
        trace = {
            "type": "scatter",
            "mode": "lines+markers",
            "line": {"width": LINE, "color": theme.colour(look.colour), "dash": look.dash},
            "marker": {"size": 8, "symbol": look.symbol, "color": theme.colour(look.colour)},
            "name": look.label,
            "text": list(ticks),
            "hovertemplate": f"{look.label}, %{{text}}: %{{y:.1f}} %<extra></extra>",
        }
        chart.add(trace, "at", x=x, y=live(look, "mean"))
    layout = {
        "margin": {"l": 62, "r": 12, "t": 26, "b": 42},
        "xaxis": {
            "range": [-0.3, count - 0.7],
            "tickvals": list(range(count)),
            "ticktext": list(ticks),
            "title": {"text": across},
            "showgrid": False,
        },
        "yaxis": {"range": [0, 103], "ticksuffix": " %", "title": {"text": "test accuracy"}},
        "shapes": [level(10, {"width": 1, "color": theme.colour("muted"), "dash": "dot"})],
        "annotations": [{**CORNER, "text": f"lines: mean · {BAND} · dotted: guessing, 10 %"}],
    }
    alt = f"Test accuracy by {across}: {', '.join(look.label for look in looks)}."
    return chart.plot(layout, key=key, title=title, keep=f"{key}-{count}", alt=alt)
