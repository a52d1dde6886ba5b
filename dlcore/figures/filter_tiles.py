"""The answers of all filters of a bank as small pictures, each beside its kernel; knows nothing of their meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.answers import HIDDEN, PERCENT, Answers, signed_scale
from dlcore.figures.stage import Plot, Track

STEPS = 10  # of the colours of a small picture, on each side of 0
COARSE = 2  # cells of an answer to one of its small picture
WIDE = 0.95  # width to height of the place for the tiles
KERNEL = 0.42  # of a tile's height: its kernel
TITLE, BETWEEN, FRAME = 0.2, 0.1, 0.03  # of a tile's height


@dataclass(frozen=True)
class Tiles:
    """Where answers of `rows` × `cols` lie among one another: below their titles, to the right of their kernels."""

    count: int
    rows: int
    cols: int

    @cached_property
    def pitch(self) -> tuple[int, int]:
        """Cells from one tile to the next, downwards and to the right."""
        between = round(BETWEEN * self.rows)
        return self.rows + round(TITLE * self.rows) + between, self.cols + 2 * between + round(self.kernel)

    @property
    def kernel(self) -> float:
        """The side of a kernel's picture, in cells."""
        return KERNEL * self.rows

    @cached_property
    def columns(self) -> int:
        """How many stand side by side, so that they are as large as they can be."""

        def size(columns: int) -> float:
            down = -(-self.count // columns)
            return min(WIDE / (columns * self.pitch[1]), 1 / (down * self.pitch[0]))

        return max(range(1, self.count + 1), key=size)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Of all of it, in cells."""
        down = -(-self.count // self.columns)
        return down * self.pitch[0], self.columns * self.pitch[1]

    def corner(self, number: int) -> tuple[int, int]:
        """The upper left cell of a tile: row, column."""
        row, column = divmod(number, self.columns)
        return (row + 1) * self.pitch[0] - self.rows, (column + 1) * self.pitch[1] - self.cols

    def together(self, answers: np.ndarray) -> np.ndarray:
        """All answers (filters, rows, columns) as one array, 0 between them."""
        whole = np.zeros(self.shape, answers.dtype)
        for number, answer in enumerate(answers):
            row, column = self.corner(number)
            whole[row : row + self.rows, column : column + self.cols] = answer
        return whole


def all_filters(answers: Answers) -> Plot:
    """Every answer beside its kernel; a frame is around the one whose turn it is."""
    small = coarser(answers.responses, COARSE)
    tiles = Tiles(*small.shape)
    low, high = (STEPS * end / answers.limit for end in answers.range())
    levels = np.rint(STEPS * small / answers.limit).clip(-STEPS, STEPS).astype(np.int8)
    heat = {"type": "heatmap", "z": tiles.together(levels), "zmin": low, "zmax": high, "colorscale": answers.scale()}
    kernels = [_kernel(answers.kernel_percents[k], *_kernel_corner(tiles, k), tiles.kernel) for k in range(tiles.count)]
    data = [{**heat, "showscale": False, "hoverinfo": "skip"}, *kernels, _outlines(tiles), _frame()]
    return Plot(
        key="all",
        title="All filters",
        figure={"data": data, "layout": _tiled(tiles, answers.titles)},
        tracks=[Track(trace=len(data) - 1, kind="at", data=_frames(tiles))],
        area="side",
        keep=f"all-{tiles.count}-{tiles.rows}-{tiles.cols}",
        alt=f"The answers of all filters, each beside its kernel: {', '.join(answers.titles)}.",
    )


def coarser(responses: np.ndarray, times: int) -> np.ndarray:
    """Answers (filters, rows, columns) on so many times fewer rows and columns: of each block the strongest one."""
    count, rows, cols = responses.shape
    padded = np.pad(responses, ((0, 0), (0, -rows % times), (0, -cols % times)))
    blocks = padded.reshape(count, -(-rows // times), times, -(-cols // times), times).swapaxes(2, 3)
    blocks = blocks.reshape(*blocks.shape[:3], times * times)
    return np.take_along_axis(blocks, np.abs(blocks).argmax(axis=3)[..., None], axis=3)[..., 0]


def _kernel_corner(tiles: Tiles, number: int) -> tuple[float, float]:
    row, column = tiles.corner(number)
    return row, column - BETWEEN * tiles.rows / 2 - tiles.kernel


def _kernel(weights: np.ndarray, top: float, left: float, side: float) -> dict[str, Any]:
    cell = side / max(weights.shape)
    places = [start - 0.5 + cell * (np.arange(n) + 0.5) for start, n in ((top, len(weights)), (left, weights.shape[1]))]
    look = {"colorscale": signed_scale(), "zmin": -PERCENT, "zmax": PERCENT, "showscale": False, "hoverinfo": "skip"}
    return {"type": "heatmap", "y": places[0], "x": places[1], "z": weights, **look}


def _outlines(tiles: Tiles) -> dict[str, Any]:
    """A hairline around every answer and every kernel."""
    boxes = []
    for number in range(tiles.count):
        row, column = tiles.corner(number)
        boxes += [_box(row, column, tiles.rows, tiles.cols), [(np.nan, np.nan)]]
        boxes += [_box(*_kernel_corner(tiles, number), tiles.kernel, tiles.kernel), [(np.nan, np.nan)]]
    x, y = np.array([point for box in boxes for point in box]).T
    line = {"color": theme.colour("grid"), "width": 1}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _frame() -> dict[str, Any]:
    line = {"color": theme.colour("accent"), "width": 3}
    return {"type": "scatter", "mode": "lines", "x": [0], "y": [0], "line": line, "hoverinfo": "skip"}


def _frames(tiles: Tiles) -> dict[str, np.ndarray]:
    """The frame around each tile, x and y (filters, 5)."""
    wide = FRAME * tiles.rows
    boxes = []
    for number in range(tiles.count):
        row, column = tiles.corner(number)
        boxes.append(_box(row - wide, column - wide, tiles.rows + 2 * wide, tiles.cols + 2 * wide))
    x, y = np.array(boxes).transpose(2, 0, 1)
    return {"x": x, "y": y}


def _box(row: float, column: float, rows: float, cols: float) -> list[tuple[float, float]]:
    """The outline (x, y) of cells, whose middles have whole numbers."""
    (left, right), (top, bottom) = (column - 0.5, column + cols - 0.5), (row - 0.5, row + rows - 0.5)
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _tiled(tiles: Tiles, titles: Sequence[str]) -> dict[str, Any]:
    height, width = tiles.shape
    words = []
    for number, title in enumerate(titles):
        row, _ = tiles.corner(number)
        place = {"x": _kernel_corner(tiles, number)[1] - 0.5, "y": row - FRAME * tiles.rows, "yshift": 1}
        look = {"xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
        words.append({"text": title, **place, **look})
    return {
        "template": theme.template(),
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "xaxis": {**HIDDEN, "range": [-0.5, width + BETWEEN * tiles.rows]},
        "yaxis": {**HIDDEN, "range": [height + BETWEEN * tiles.rows, -0.5], "scaleanchor": "x", "constrain": "domain"},
        "annotations": words,
        "hovermode": False,
        "dragmode": False,
    }
