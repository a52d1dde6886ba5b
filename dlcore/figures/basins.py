"""The map of which start reaches which minimum, and how soon, as one picture an optimizer; arrays in, figures out."""

from collections.abc import Iterator, Sequence

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.landscape import Landscape, minima
from dlcore.figures.stage import Pending, Plot
from dlcore.topics.basins import BasinConfig, basin_frames
from dlcore.training import Snapshot

NOWHERE = 0  # the code of a start that has reached no minimum


def frames(configs: Sequence[BasinConfig]) -> Iterator[Snapshot]:
    """The maps of all optimizers at each snapshot, as the arrays "map-0", "map-1", ... that `maps` awaits."""
    for moment in zip(*(basin_frames(config) for config in configs), strict=True):
        yield Snapshot(
            {
                f"map-{i}": codes(frame.index, frame.steps, config.num_steps)
                for i, (frame, config) in enumerate(zip(moment, configs, strict=True))
            }
        )


def codes(index: np.ndarray, steps: np.ndarray, num_steps: int) -> np.ndarray:
    """One byte a start, (size, size) uint8: 0 = nowhere yet, then a code for each shade of each hue, soon to late.

    index: which minimum, -1 = none; steps: after how many updates. Minima beyond the hues share them in turn.
    """
    late = np.clip(np.sqrt(np.maximum(steps, 0) / num_steps) * theme.SHADES, 0, theme.SHADES - 1).astype(int)
    code = 1 + (index.astype(int) % len(theme.MINIMA)) * theme.SHADES + late
    return np.where(index < 0, NOWHERE, code).astype(np.uint8)


def maps(land: Landscape, titles: Sequence[str], size: int, frames: int) -> Plot:
    """A grid of maps whose pixels arrive as pending arrays "map-0", "map-1", ... of shape (frames, size, size)."""
    columns = min(len(titles), 2 if len(titles) <= 4 else 3)
    rows = -(-len(titles) // columns)
    chart, axes, notes, scale = Chart(), {}, [], _scale()
    x, y = np.linspace(land.x[0], land.x[-1], size), np.linspace(land.y[0], land.y[-1], size)
    for k, title in enumerate(titles):
        axis = "" if k == 0 else str(k + 1)
        row, column = divmod(k, columns)
        left, low = column / columns, 1 - (row + 1) / rows
        domain = {"x": [left + 0.015, left + 1 / columns - 0.03], "y": [low + 0.035, low + 1 / rows - 0.06]}
        on = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        chart.heatmap(
            Pending(name=f"map-{k}", shape=(frames, size, size)),
            x=x,
            y=y,
            zmax=len(theme.MINIMA) * theme.SHADES,
            colorscale=scale,
            hovertemplate="start (%{x:.3g}, %{y:.3g})<extra></extra>",
            **on,
        )
        ranges = {"range": [land.x[0], land.x[-1]]}, {"range": [land.y[0], land.y[-1]]}
        axes[f"xaxis{axis}"] = {"domain": domain["x"], "anchor": f"y{axis}", "showgrid": False, **ranges[0]}
        axes[f"yaxis{axis}"] = {"domain": domain["y"], "anchor": f"x{axis}", "showgrid": False, **ranges[1]}
        chart.add({**minima(land, hue="ink", size=9), **on})  # every other hue is a basin's
        corner = {"xref": "paper", "yref": "paper", "x": domain["x"][0], "y": domain["y"][1]}
        notes.append({**corner, "text": title, "showarrow": False, "xanchor": "left", "yanchor": "bottom"})
    layout = {"margin": {"l": 40, "r": 10, "t": 24, "b": 30}, **axes, "annotations": notes}
    return chart.plot(
        layout,
        key="basins",
        title="Basins",
        keep=f"basins-{land.name}-{len(titles)}",
        alt="Which minimum each start reaches, by hue, and how soon, by strength, one map for each optimizer.",
    )


def _scale() -> list[list[float | str]]:
    """Every code its own flat colour: each hue in shades from strong to pale."""
    flat = [theme.colour("grid"), *(light for hue in theme.MINIMA for light, _ in theme.minimum_shades(hue))]
    top = len(theme.MINIMA) * theme.SHADES
    edges = [(code - 0.5) / top for code in range(1, top + 1)]
    stops = list(zip([0.0, *edges], [*edges, 1.0], flat, strict=True))
    return [[edge, hue] for low, high, hue in stops for edge in (low, high)]
