"""The map of errors by the width of a network and the number of its training samples, as it is filled cell by cell."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.stage import Area, Pending, Plot, Stage
from dlcore.topics import capacity
from dlcore.topics.capacity import CapacityConfig, num_frames, shapes
from dlcore.training import Snapshot

NUMBERS = 13  # pixels of a number's type
ERRORS = ("test", "train", "low", "high")  # of the test: mean, lowest, highest; of training: mean
NOTE = (
    "Each cell: networks of that width with that many samples, {seeds} of each, after {steps} steps; means. "
    "Click a cell to watch such networks train."
)


def frames(config: CapacityConfig) -> Iterator[Snapshot]:
    """The map as it is filled, with no number, instead of one that means it, where a cell is not yet known."""
    for arrays, said in capacity.frames(config):
        yield Snapshot({name: np.where(arrays[name] == capacity.EMPTY, np.nan, arrays[name]) for name in ERRORS}, said)


def capacity_stage(config: CapacityConfig) -> Stage:
    """Test error large, training error beside it; frame k: k cells are known. A click picks a cell."""
    classes = config.cell(config.widths[0], config.sizes[0]).a()[0].data.num_classes
    most = 50 * (1 - 1 / classes)  # half of the error that guessing has
    return Stage(
        views=[
            _map(config, "test", "Test error", most, "main"),
            _map(config, "train", "Training error", most, "side"),
        ],
        num_frames=num_frames(config),
        unit="cells",
        file_name="capacity",
        note=NOTE.format(seeds=config.num_seeds, steps=config.num_steps),
        split=1,
    )


def cell_at(config: CapacityConfig, x: float, y: float) -> tuple[int, int] | None:
    """The width and the number of samples of the cell at a place of the map; None beside it."""
    column, row = round(x), round(y)
    if not (0 <= row < len(config.widths) and 0 <= column < len(config.sizes)):
        return None
    return config.widths[row], config.sizes[column]


def _map(config: CapacityConfig, name: str, title: str, most: float, area: Area) -> Plot:
    """Errors in percent, as numbers and as shades: none is pale, `most` and more is strong."""
    shape, dtype = shapes(config)[name]
    shades = [theme.activation_shade(-level)[0] for level in range(theme.LEVELS + 1)]
    heat = {
        "type": "heatmap",
        "z": [[None] * shape[1]] * shape[0],
        "x": list(range(shape[1])),
        "y": list(range(shape[0])),
        "zmin": 0,
        "zmax": most,
        "colorscale": [[level / theme.LEVELS, shade] for level, shade in enumerate(shades)],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{z:.0f}",
        "textfont": {"size": NUMBERS, "color": theme.colour("ink")},
        "hovertemplate": f"{title.lower()} %{{z:.1f}} %<extra></extra>",
    }
    chart = Chart()
    chart.add(heat, "at", z=Pending(name=name, shape=(num_frames(config), *shape), dtype=dtype))
    layers = f"units in each of {config.depth} hidden layers" if config.depth > 1 else "units of the hidden layer"
    heading = {"text": f"{title}, %", "font": {"size": 14}, "x": 0, "xref": "paper", "y": 0.985, "yanchor": "top"}
    layout = {
        "margin": {"l": 62, "r": 12, "t": 30, "b": 46},
        "xaxis": _axis(config.sizes, "training samples"),
        "yaxis": _axis(config.widths, layers),
        "title": heading,
    }
    return chart.plot(
        layout,
        key=name,
        title=title,
        area=area,
        pick="stay",
        keep=f"capacity-{shape}",
        alt=f"{title} by the width of the network and the number of its training samples.",
    )


def _axis(values: tuple[int, ...], title: str) -> dict[str, Any]:
    """One cell a value, whatever their distances."""
    ticks = {"tickvals": list(range(len(values))), "ticktext": [f"{value}" for value in values]}
    return {**ticks, "range": [-0.5, len(values) - 0.5], "showgrid": False, "title": {"text": title}}
