"""The stage of a window that slides: ground, window and result as maps of cells; knows no torch, computes no sum."""

from collections.abc import Sequence
from math import prod

import numpy as np

from dlcore.figures import theme
from dlcore.figures.cell_names import editable, mapped, named, shape_of, titled
from dlcore.figures.lattice import Grid, Lattice, Working
from dlcore.figures.maps import FLAT, SPACE, Block, Place, arrange
from dlcore.figures.notes import Program
from dlcore.figures.stage import Equations, Readout, Stage
from dlcore.topics.convolution import Conv, num_parameters
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_facts import facts, times, unread
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.grounds import BETWEEN
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import Slide
from dlcore.topics.sweeps import plane

LAYOUTS = {"flat": "maps", "space": "in space", "matrix": "matrix"}
MOST_ROWS, MOST_COLS = 49, 81  # of a matrix that can be read
CELL, BORDER, STRETCH, UNREAD = range(4)  # the kinds of a grid's cells
RATES = ((30, 3.0), (120, 8.0), (10**6, 24.0))  # at most so many cells: frames a second


def window_stage(config: WindowConfig, slide: Slide, layout: str, code: Sequence[str]) -> Stage:
    """Frame k: the window stands at the k-th cell of the result; frame 0: nothing is computed yet.

    code: the lines of the program that stand beside the picture.

    Raises: ValueError where the matrix is asked for and is none, or too large.
    """
    lattice = window_lattice(config, slide, layout)
    frames = slide.result.size + 1
    missed = unread(config.layer)
    return Stage(
        views=[
            lattice,
            Program(key="code", title="Code", lines=code, active=[len(code) - 1] * frames),
            Working(key="sum", title="the sum", lattice=lattice.key),
            _facts(config.layer),
        ],
        num_frames=frames,
        readouts=_readouts(config.layer),
        unit="cell",
        file_name="convolution",
        note=missed,
        note_from=frames - 1,  # before, one may guess
        told=False,
        rate=next(rate for most, rate in RATES if frames <= most),
        split=2.1,
    )


def window_lattice(config: WindowConfig, slide: Slide, layout: str) -> Lattice:
    """The picture itself: cells that meet in a product are linked, so that pointing at one shows the others."""
    matrix = matrix_of(config.layer, slide) if layout == "matrix" else None
    pooled = _pooled(config)
    places = _places(slide, layout, [part for part in (matrix, pooled) if part is not None])
    grids = [
        *_grounds(config.layer, slide, places[0]),
        *_windows(config, slide, places[1]),
        *_results(config.layer, slide, places[2]),
    ]
    windows, results = slide.ground.size, slide.ground.size + slide.window.size
    links = [slide.tap_result + results, slide.tap_ground, slide.tap_window + windows]
    roles = ["result", "ground", "window"]
    if matrix is not None:
        grids.append(_matrix_grid(config, matrix, places[3][0]))
        read = slide.source.reshape(-1)[slide.tap_ground]
        links.append(np.where(read < 0, -1, results + slide.result.size + slide.tap_result * matrix.shape[1] + read))
        roles.append("matrix")
    if pooled is not None:
        grids.append(_input_grid(config.layer, slide, pooled, places[3][0]))
        read = slide.source.reshape(-1)[slide.tap_ground]  # the taps of losers are not there
        links.append(np.where(read < 0, -1, slide.tap_result + results + slide.result.size))
        roles.append("input")
    first, second, third = slide.names
    return Lattice(
        key="window",
        title="Window",
        grids=grids,
        roles=tuple(roles),
        links=np.stack(links, axis=1).astype(np.int16),  # there are fewer cells than 2¹⁵
        products=slide.product,
        starts=None if slide.bias is None else np.repeat(slide.bias, slide.result[0].size),
        kind=slide.kind,
        active=np.concatenate([[-1], results + np.arange(slide.result.size)]),
        alt=f"{third} from {first} and {second}: a window of {times(slide.window.shape[1:])} cells slides over "
        f"{times(slide.ground.shape[1:])} cells.",
        keep=layout,
    )


def _places(slide: Slide, layout: str, more: Sequence[np.ndarray]) -> list[list[Place]]:
    """A place for every map, block by block; more: maps that may stand below the others."""
    ground, window, result = slide.ground.shape, slide.window.shape, slide.result.shape
    in_space = layout == "space"
    blocks = [
        Block(*ground, columns=len(slide.ground) if in_space else 0),
        Block(*window, columns=_window_columns(slide)),
        Block(*result, columns=len(slide.result) if in_space else 0),
    ]
    blocks += [Block(1, *part.shape, below=True) for part in more]
    return arrange(blocks, SPACE if in_space else FLAT)


def _window_columns(slide: Slide) -> int:
    """How many maps of the window one map of the result uses: those stand in one row."""
    window_map = slide.tap_window // slide.window[0].size
    result_map = slide.tap_result // slide.result[0].size
    return len(np.unique(window_map[result_map == result_map.min()])) if len(window_map) else 1


def _grounds(layer: Conv | Pool, slide: Slide, places: Sequence[Place]) -> list[Grid]:
    letter = slide.names[0]
    shade = _strongest(slide.ground)
    return [
        Grid(
            key=f"ground{i}",
            title=titled(slide, "ground", i, layer),
            role="ground",
            values=slide.ground[i],
            kinds=_kinds(slide, source),
            names=named(letter, source, layer, slide.border),
            edits=editable(letter, np.where(slide.border, -1, source), layer),
            shade=shade,
            **place._asdict(),
        )
        for i, (source, place) in enumerate(zip(slide.source, places, strict=True))
    ]


def _kinds(slide: Slide, source: np.ndarray) -> np.ndarray:
    kinds = np.where(slide.used, CELL, UNREAD).astype(np.uint8)
    kinds[slide.border] = BORDER
    kinds[source == BETWEEN] = STRETCH
    return kinds


def _windows(config: WindowConfig, slide: Slide, places: Sequence[Place]) -> list[Grid]:
    letter = slide.names[1]
    shade = _strongest(slide.window)
    return [
        Grid(
            key=f"window{i}",
            title=titled(slide, "window", i, config.layer),
            role="window",
            values=slide.window[i],
            names=named(letter, source, config.layer),
            edits=editable(letter, source, config.layer),
            shade=shade,
            **place._asdict(),
        )
        for i, (source, place) in enumerate(zip(slide.window_source, places, strict=True))
    ]


def _results(layer: Conv | Pool, slide: Slide, places: Sequence[Place]) -> list[Grid]:
    order = np.arange(slide.result.size).reshape(slide.result.shape)
    shade = _strongest(slide.result)
    return [
        Grid(
            key=f"result{i}",
            title=mapped(slide.names[2], i, layer),
            ended=titled(slide, "result", i, layer),
            role="result",
            values=slide.result[i],
            known=order[i] + 1,
            names=named(slide.names[2], source, layer),
            shade=shade,
            **place._asdict(),
        )
        for i, (source, place) in enumerate(zip(slide.result_source, places, strict=True))
    ]


def _pooled(config: WindowConfig) -> np.ndarray | None:
    """(rows, cols) of the input whose largest cells get max pooling's gradient; None in all other scenes."""
    if not isinstance(config.layer, Pool) or config.layer.kind != "max" or config.direction != "input":
        return None
    return plane(operands(config).x)[0]


def _input_grid(layer: Conv | Pool, slide: Slide, x: np.ndarray, place: Place) -> Grid:
    """The input, in which only those cells are coloured that were the largest of a window."""
    won = np.isin(np.arange(x.size), slide.tap_result[slide.source.reshape(-1)[slide.tap_ground] >= 0]).reshape(x.shape)
    source = np.arange(x.size).reshape(x.shape)
    return Grid(
        key="input",
        title="x, coloured: largest of a window",
        role="input",
        values=x,
        names=named("x", source, layer),
        edits=editable("x", source, layer),
        shade=np.where(won, _strongest(x), np.inf),
        **place._asdict(),
    )


def matrix_of(layer: Conv | Pool, slide: Slide) -> np.ndarray:
    """(cells of the result, cells of the operand): the result is this matrix times the operand, flattened.

    NaN where the two never meet.

    Raises: ValueError where there is no such matrix, or it is too large to be read.
    """
    if slide.kind == "max":
        raise ValueError("The largest of some cells is not linear: max pooling has no matrix. Choose average pooling.")
    rows, cols = slide.result.size, prod(shape_of(slide.names[0], layer))
    if rows > MOST_ROWS or cols > MOST_COLS:
        raise ValueError(
            f"The matrix would be {rows} × {cols}: up to {MOST_ROWS} × {MOST_COLS} it can be read. "
            "Take an input of 4 or 5 cells, or fewer maps."
        )
    read = slide.source.reshape(-1)[slide.tap_ground]
    there = read >= 0
    matrix = np.full((rows, cols), np.nan)
    matrix[slide.tap_result[there], read[there]] = 0
    np.add.at(matrix, (slide.tap_result[there], read[there]), slide.window.reshape(-1)[slide.tap_window[there]])
    return matrix


def _matrix_grid(config: WindowConfig, matrix: np.ndarray, place: Place) -> Grid:
    turned = getattr(config.layer, "transposed", False) != (config.direction == "input")
    name = "Cᵀ" if turned else "C"
    rows, cols = matrix.shape
    names = [[f"{name} row {r}, column {c}" for c in range(cols)] for r in range(rows)]
    what = "the matrix" if config.direction == "weight" else name
    return Grid(
        key="matrix",
        title=f"{what}, {rows} × {cols}",
        role="matrix",
        values=matrix,
        names=names,
        shade=_strongest(matrix),
        **place._asdict(),
    )


def _strongest(values: np.ndarray) -> float:
    """What gets the full colour: the largest value there is, of either sign."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0)) or 1.0


def _readouts(layer: Conv | Pool) -> list[Readout]:
    told = {"input": times(layer.size), "window": times(layer.kernel)}
    if isinstance(layer, Conv):
        told |= {"parameters": f"{num_parameters(layer):,}"}
    return [Readout(label=label, colour="", note=note) for label, note in told.items()]


def _facts(layer: Conv | Pool) -> Equations:
    """The layer's sizes and costs, which do not change while the window slides."""
    told = facts(layer)
    rows = [(fact.label, theme.colour("accent"), fact.lines) for fact in told]
    return Equations(key="layer", title="the layer", rows=rows, values=[{} for _ in told])
