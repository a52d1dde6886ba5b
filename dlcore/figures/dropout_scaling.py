"""The stage of one layer under masks: its numbers in cells, and where their means go; knows no torch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.dropout_means import TITLES, WAYS, every_mask, means, numbers
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.numerals import compact, digits
from dlcore.topics.dropout_config import ScalingConfig
from dlcore.topics.dropout_scaling import ScalingTrace

LABELS = 120  # pixels left of the cells, for the rows' names
HEAD_ROW, MASK_ROW = -0.75, 2.0
#: The row of each way: its title, what passes while training, the mean of that, what passes at test.
ROWS = {"inverted": (3.15, 4.0, 5.0, 6.0), "lecture": (7.15, 8.0, 9.0, 10.0)}


class Cell(NamedTuple):
    """A number in a cell, shown while start <= frame < end."""

    x: float
    y: float
    text: str
    start: int
    end: int


def scaling_stage(config: ScalingConfig, trace: ScalingTrace) -> Stage:
    """Frame 0: the reader's mask; frame k: the k-th that was drawn."""
    return Stage(
        views=[cells(config, trace), means(config, trace), every_mask(config, trace), numbers(config, trace)],
        num_frames=config.num_masks + 1,
        readouts=[
            Readout(
                label=f"{TITLES[name].partition(':')[0]}: mean",
                colour=theme.colour(hue),
                dash=dash,
                values=trace.ways[name].mean_z,
                note="" if config.num_masks else "no mask yet",
            )
            for name, (hue, dash) in WAYS.items()
        ],
        quantity="mean of z = Σ w a over the masks so far",
        unit="mask",
        file_name="dropout-scaling",
    )


def cells(config: ScalingConfig, trace: ScalingTrace) -> Plot:
    """Every number of the layer in its cell: a column a unit, and the sum behind them; a click drops a unit."""
    chart = Chart()
    _units(chart, trace.masks)
    _texts(chart, [*_changing(config, trace), *_fixed(config, trace)])
    layout = {
        "margin": {"l": LABELS + 4, "r": 4, "t": 4, "b": 4},
        "xaxis": {"visible": False, "range": [-0.6, config.units + 0.5]},
        "yaxis": {"visible": False, "range": [10.6, -1.1]},
        "annotations": _names(config),
        "shapes": list(_boxes(config)),
        "hovermode": False,
        "dragmode": False,
    }
    return chart.plot(
        layout,
        key="cells",
        title="Layer",
        keep=f"cells-{config.units}",
        pick="stay",
        alt="Outputs of a layer, a mask, and what passes while training and at test, in both ways of scaling.",
    )


def _units(chart: Chart, masks: np.ndarray) -> None:
    """The row of the mask: a full disc for a unit that stays, an empty one with a cross for one that is dropped."""
    columns = np.arange(masks.shape[1])
    y = np.full(masks.shape, MASK_ROW)
    stays, gone = np.where(masks > 0, columns, np.nan), np.where(masks > 0, np.nan, columns)
    looks = (
        (stays, {"symbol": "circle", "size": 24, "color": theme.colour("accent")}),
        (gone, {"symbol": "circle-open", "size": 24, "color": theme.colour("muted"), "line": {"width": 1.5}}),
        (gone, {"symbol": "x-thin", "size": 16, "line": {"width": 2, "color": theme.colour("wrong")}}),
    )
    for x, marker in looks:
        chart.add({"type": "scatter", "mode": "markers", "marker": marker, "hoverinfo": "skip"}, "at", x=x, y=y)


def _changing(config: ScalingConfig, trace: ScalingTrace) -> Iterator[Cell]:
    """What each mask lets pass, and the means so far."""
    for name, (_, training, mean, _) in ROWS.items():
        way = trace.ways[name]
        for k in range(config.num_masks + 1):
            for row, values, total in ((training, way.training, way.z), (mean, way.mean, way.mean_z)):
                yield from _row([*values[k], total[k]], row, k, k + 1)


def _fixed(config: ScalingConfig, trace: ScalingTrace) -> Iterator[Cell]:
    """Outputs and weights, and what passes at test: the same in all frames."""
    end = config.num_masks + 1
    layer = trace.layer
    yield from _row(layer.w.tolist(), 0.0, 0, end)
    yield from _row(layer.a.tolist(), 1.0, 0, end)
    for name, (_, _, _, test) in ROWS.items():
        way = trace.ways[name]
        yield from _row([*way.test, way.test_z], test, 0, end)


def _row(values: Sequence[float], y: float, start: int, end: int) -> Iterator[Cell]:
    for x, value in enumerate(values):
        yield Cell(float(x), y, _written(value), start, end)


def _written(value: float) -> str:
    """As the legend writes it, whose numbers travel as float32."""
    return "?" if np.isnan(value) else compact(float(np.float32(value)))


def _texts(chart: Chart, found: list[Cell]) -> None:
    """Numbers in cells, each as long as it is shown."""
    x, y, text, start, end = zip(*found, strict=True)
    look = {"textfont": {"size": 12, "color": theme.colour("ink")}, "hoverinfo": "skip"}
    cells = {"x": np.array(x), "y": np.array(y), "start": np.array(start), "end": np.array(end), "text": list(text)}
    chart.add({"type": "scatter", "mode": "text", **look}, "while", **cells)


def _names(config: ScalingConfig) -> list[dict]:
    """What stands in each row, left of its cells, and above the columns; the titles of the ways, over the cells."""
    keep = digits(1 - config.p, 2)
    rows = {HEAD_ROW: "unit", 0.0: "weight w", 1.0: "output a", MASK_ROW: "mask m (click)"}
    for name, (_, training, mean, test) in ROWS.items():
        rows[training] = f"training: a · m / {keep}" if name == "inverted" else "training: a · m"
        rows[mean] = "mean of that so far"
        rows[test] = "test: a" if name == "inverted" else f"test: {keep} · a"
    beside = [_word(text, -0.6, y, xanchor="right", size=12) for y, text in rows.items()]
    heads = [*(str(k + 1) for k in range(config.units)), "z"]
    above = [_word(text, x, HEAD_ROW, xanchor="center", size=12) for x, text in enumerate(heads)]
    titles = [
        _word(f"<b>{TITLES[name]}</b>", -0.6, title, xanchor="left", size=14, hue=WAYS[name][0], xshift=-LABELS)
        for name, (title, *_) in ROWS.items()
    ]
    return [*beside, *above, *titles]


def _word(text: str, x: float, y: float, *, xanchor: str, size: int, hue: str = "ink", xshift: int = 0) -> dict:
    font = {"size": size, "color": theme.colour(hue)}
    return {"text": text, "x": x, "y": y, "xanchor": xanchor, "xshift": xshift, "font": font, "showarrow": False}


def _boxes(config: ScalingConfig) -> Iterator[dict]:
    """A hairline around every cell; the means and what they go to are set off by their way's colour."""
    for name, (_, training, mean, test) in ROWS.items():
        hue = theme.colour(WAYS[name][0])
        for row in (training, mean, test):
            strong = row != training
            line = {"width": 1.5 if strong else 1, "color": hue if strong else theme.colour("grid")}
            for x in range(config.units + 1):
                yield _box(x, row, line)
    line = {"width": 1, "color": theme.colour("grid")}
    for row in (0.0, 1.0):
        for x in range(config.units):
            yield _box(x, row, line)


def _box(x: float, y: float, line: dict) -> dict:
    return {
        "type": "rect",
        "x0": x - 0.44,
        "x1": x + 0.44,
        "y0": y - 0.4,
        "y1": y + 0.4,
        "line": line,
        "layer": "below",
    }
