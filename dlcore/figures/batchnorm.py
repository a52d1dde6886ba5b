"""The stage of the transform: a mini-batch and all that comes of it as maps of cells; knows no torch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dlcore.figures.lattice import Grid, Lattice
from dlcore.figures.notes import Note, Notes, Program
from dlcore.figures.stage import Readout, Stage
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_notes import cell_lines, step_note
from dlcore.topics.batchnorm_tables import Table, set_of, tables
from dlcore.topics.batchnorm_walk import Walk, steps

GAP = 0.28  # between two sets, in cells
BESIDE, BELOW, BETWEEN = 0.9, 0.75, 0.6  # between two tables; before one of single cells
#: Column and row of each table; those of the backward pass stand in the same places.
PLACES = {
    "x": (0, 0),
    "mean": (0, 1),
    "variance": (0, 2),
    "normal": (1, 0),
    "gamma": (1, 1),
    "beta": (1, 2),
    "y": (2, 0),
    "running_mean": (2, 1),
    "running_variance": (2, 2),
}
RATE = 0.7  # steps a second: each has numbers to be read


class Piece(NamedTuple):
    """A block of a table whose numbers belong to one set, and what it is called in the picture."""

    key: str
    table: Table
    rows: range
    columns: range

    def cells(self) -> Iterator[tuple[int, int, int, int]]:
        """Row and column of each cell in the piece, and in the table."""
        for r, row in enumerate(self.rows):
            for c, column in enumerate(self.columns):
                yield r, c, row, column


def transform_stage(found: Walk, code: Sequence[str], lines: Sequence[int]) -> Stage:
    """Frame k: the k-th step is done; frame 0: nothing is computed yet.

    code: the lines of the program that stand beside the picture; lines: the present one of each frame.
    """
    order = steps(found.config)
    return Stage(
        views=[
            transform_lattice(found),
            Program(key="code", title="Code", lines=code, active=lines),
            _notes(found, order),
        ],
        num_frames=len(order),
        readouts=_readouts(found),
        unit="step",
        file_name="batchnorm",
        note=_sentence(found),
        note_from=1 if found.refusal else len(order) - 1,
        rate=RATE,
        split=1.75,
    )


def transform_lattice(found: Walk) -> Lattice:
    """Tables of cells; gaps run between numbers that do not share a mean. Pointing at a cell shows what it meets."""
    every, order = tables(found), steps(found.config)
    pieces = [piece for table in every.values() for piece in pieces_of(found, table)]
    places = [(piece.table.key, row, column) for piece in pieces for _, _, row, column in piece.cells()]
    numbers = {place: number for number, place in enumerate(places)}
    meetings = [meeting for meeting in _meetings(found) if any(place in numbers for place in meeting)]
    links = np.array([[numbers.get(place, -1) for place in meeting] for meeting in meetings], dtype=np.int16)
    return Lattice(
        key="transform",
        title="Transform",
        grids=[_grid(found, piece) for piece in pieces],
        roles=tuple(f"part {k}" for k in range(links.shape[1])),
        links=links,
        products=np.zeros(len(links)),
        active=np.array([-1, *(numbers.get((_shown(step), 0, 0), -1) for step in order[1:])]),
        alt=f"{NORMS[found.config.norm]} of {found.config.samples} samples with {found.config.features} features, "
        f"{found.config.direction}: {', '.join(table.symbol for table in every.values())}.",
        keep=f"{found.config.direction}-{found.config.norm}",
    )


def pieces_of(found: Walk, table: Table) -> list[Piece]:
    """A table's sets, one by one: features of batch norm, samples of layer norm, groups within samples."""
    rows, columns = table.values.shape
    down, across = found.config.sets.shape
    high, wide = rows // down if rows > 1 else 1, columns // across if columns > 1 else 1
    corners = [(top, left) for top in range(0, rows, high) for left in range(0, columns, wide)]
    return [
        Piece(f"{table.key}{number}", table, range(top, top + high), range(left, left + wide))
        for number, (top, left) in enumerate(corners)
    ]


def _grid(found: Walk, piece: Piece) -> Grid:
    key, table, rows, columns = piece
    first = rows.start == columns.start == 0  # a table has one name, over its first piece
    across = columns.start + GAP * (columns.start // len(columns))
    down = rows.start + GAP * (rows.start // len(rows))
    origin, narrow = ((x + across, y + down) for x, y in (_corner(found, table.key, phone) for phone in (False, True)))
    return Grid(
        key=key,
        title=_title(found, table) if first else "",
        role=table.key if first else f"{table.key}, more",
        values=table.values[np.ix_(rows, columns)],
        origin=origin,
        narrow=narrow,
        known=np.full((len(rows), len(columns)), _known(found, table.key)),
        names=[[table.names[row][column] for column in columns] for row in rows],
        edits=table.edits and [[table.edits[row][column] for column in columns] for row in rows],
        shade=float(np.abs(table.values).max()) or 1.0,
    )


def _title(found: Walk, table: Table) -> str:
    """What stands over a table; over the single cells of group norm there is room for less."""
    narrow = found.config.norm == "group" and table.key in ("dmean", "dvariance")
    return table.symbol.removeprefix("∂E/") if narrow else table.symbol


def _shown(step: str) -> str:
    """The table in which a step's result is."""
    return "running_mean" if step == "running" else step


def _known(found: Walk, key: str) -> int:
    """The frame from which a table's numbers are shown: that of its step; what is given is there at once."""
    order = steps(found.config)
    step = "running" if key.startswith("running") else key
    return order.index(step) if step in order else 0


def _corner(found: Walk, key: str, narrow: bool) -> tuple[float, float]:
    """Where a table's first cell lies, in a row of three blocks, or on a telephone in two columns or in one."""
    column, row = PLACES[key.removeprefix("d")]
    left, top = _block(found, column, narrow)
    right, down = _inside(found, column, row, narrow)
    return left + right, top + down


def _block(found: Walk, column: int, narrow: bool) -> tuple[float, float]:
    """Where a large table lies: x, x̂ or y."""
    wide, high = _extent(found)
    if not narrow:
        beside = 2 * _set_width(found) if column and found.config.norm != "batch" else 0
        return column * (wide + BESIDE) + beside, 0.0
    below = high + BELOW + 2 * (1 + BELOW)  # with two rows of single cells in between
    if found.config.norm == "batch":
        return [(0.0, 0.0), (wide + BESIDE, 0.0), (0.0, below)][column]
    return 0.0, [0.0, high + BELOW, high + BELOW + below][column]


def _inside(found: Walk, column: int, row: int, narrow: bool) -> tuple[float, float]:
    """Where a table lies in its block: μ and σ² below x where they belong to its columns, else beside it."""
    wide, high = _extent(found)
    if not row:
        return 0.0, 0.0
    if column == 0 and found.config.norm != "batch":
        return wide + BETWEEN + (row - 1) * _set_width(found), 0.0
    if column == 2 and narrow:
        return wide + BESIDE, (row - 1) * (1 + BELOW)
    return 0.0, high + BELOW + (row - 1) * (1 + BELOW)


def _extent(found: Walk) -> tuple[float, float]:
    """Width and height of a large table with its gaps."""
    sets = found.config.sets
    down, across = sets.shape
    return sets.features + GAP * (across - 1), sets.samples + GAP * (down - 1)


def _set_width(found: Walk) -> float:
    """Of μ or σ² beside x, with the room before it."""
    _, across = found.config.sets.shape
    return across + GAP * (across - 1) + BETWEEN


def _meetings(found: Walk) -> Iterator[list[tuple[str, int, int]]]:
    """Four numbers that meet in one computation: (table, row, column) each; some may not be in the picture."""
    config = found.config
    d = "d" if config.direction == "backward" else ""
    mean, variance = ("running_mean", "running_variance") if config.uses_given else (f"{d}mean", f"{d}variance")
    for sample, feature in np.ndindex(config.samples, config.features):
        at = (sample, feature)
        row, column = (0, feature) if config.uses_given else set_of(found, sample, feature)
        yield [(f"{d}x", *at), (mean, row, column), (variance, row, column), (f"{d}normal", *at)]
        yield [(f"{d}normal", *at), (f"{d}gamma", 0, feature), (f"{d}beta", 0, feature), (f"{d}y", *at)]
    if found.after is not None:
        for k in range(config.features):
            yield [(key, 0, k) for key in ("mean", "variance", "running_mean", "running_variance")]


def _notes(found: Walk, order: Sequence[str]) -> Notes:
    """The step that is done now, or the arithmetic of the cell that is kept."""
    every, end = tables(found), len(order)
    items = {}
    for step in order:
        title, told = step_note(found, step)
        items[step] = Note(title=title, lines=[(0, end, line) for line in (told, *_example(found, every, step))])
    for table in every.values():
        start = _known(found, table.key)
        for piece in pieces_of(found, table):
            for r, c, row, column in piece.cells():
                lines = [(start, end, line) for line in cell_lines(found, table.key, row, column)]
                items[f"{piece.key}.{r}.{c}"] = Note(title=table.names[row][column], lines=lines)
    return Notes(key="note", title="Numbers", items=items, active=order)


def _example(found: Walk, every: dict[str, Table], step: str) -> Iterator[str]:
    """The first number of each table that a step fills, written out."""
    for key in ("running_mean", "running_variance") if step == "running" else (step,):
        if key in every and (lines := cell_lines(found, key, 0, 0)):
            yield f"{every[key].names[0][0]}:"
            yield from lines


def _readouts(found: Walk) -> list[Readout]:
    sets = found.config.sets
    rows, columns = sets.shape
    told = {"share a mean": f"{sets.members} numbers" if sets.members > 1 else "nobody", "means": str(rows * columns)}
    if found.config.uses_given:
        told = {"μ and σ²": f"running, after {found.config.seen} batches"}
    return [Readout(label=label, colour="", note=note) for label, note in told.items()]


def _sentence(found: Walk) -> str:
    """What is seen in the end."""
    if found.refusal:
        return f"torch refuses: “{found.refusal}”"
    if found.config.direction == "backward" and not found.config.uses_given:
        return "∂E/∂x adds up to 0 over the numbers that share a mean: to shift them all together changes nothing."
    return ""
