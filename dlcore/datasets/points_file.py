"""Knows how a stranger's table becomes points, and how it is refused; does not know what is done with them."""

import csv
import io
import math
from collections.abc import Sequence
from typing import NamedTuple

from dlcore.datasets.points_given import FEWEST, MOST, MOST_CLASSES, REACH, Point

MOST_BYTES = 2**20
LARGEST = 1e12  # a coordinate of a file
FILLED = 2.5  # what is made to fit reaches from −2.5 to 2.5
SMALLEST = 0.5  # of the larger coordinates: a set that is smaller is enlarged
LONGEST_TITLE = 40  # characters
DELIMITERS = ",;\t"
COLUMNS = ("x", "y", "label")
ACCEPTED = "Write x, y and a class in each row, separated by commas, semicolons or tabs."
Row = tuple[int, list[str]]  # a row's number in the file, from 1, and its cells


class GivenPoints(NamedTuple):
    """The points of a file as they fit the picture, what their classes are called, and how they were made to fit."""

    points: tuple[Point, ...]
    titles: tuple[str, ...]
    said: str  # one sentence; empty where nothing was moved


def read_points(data: bytes) -> GivenPoints:
    """The points of a CSV file with the columns x, y and label, in this order or in that of its header.

    Labels are numbers or words. A set that reaches beyond the picture, or is tiny in it, is moved and stretched along
    each axis so that it lies from −2.5 to 2.5; any other stays.

    Raises: ValueError, and nothing else: one sentence that names the row, and where it helps one on what is accepted.
    """
    rows = _rows(_text(data))
    x, y, names = _columns(rows)
    if not FEWEST <= len(names) <= MOST:
        raise ValueError(f"The file's number of points is {len(names)}: it must be from {FEWEST} to {MOST}.")
    titles = _titles(names)
    if all(SMALLEST <= max(map(abs, axis)) <= REACH for axis in (x, y)):
        said = ""
    else:
        said = f"So that the points fit, {_fitted('x', x)}, and {_fitted('y', y)}."
        x, y = _fit(x), _fit(y)
    labels = [titles.index(name) for name in names]
    return GivenPoints(tuple(map(Point, x, y, labels)), titles, said)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise ValueError(f"The file has {len(data) / 2**20:.1f} MB: it must have at most 1 MB.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = data.count(b"\n", 0, fault.start) + 1
        raise ValueError(f"Row {row} is no text in UTF-8. {ACCEPTED}") from None


def _rows(text: str) -> list[Row]:
    """The rows that are not blank."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count))
    rows: list[Row] = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                rows.append((reader.line_num, cells))
            if len(rows) > MOST + 1:
                raise ValueError(f"The file has more than {MOST} points: from row {reader.line_num} on it is too long.")
    except csv.Error:
        raise ValueError(f"Row {reader.line_num} is no row of a table. {ACCEPTED}") from None
    if not rows:
        raise ValueError(f"The file is empty. {ACCEPTED}")
    return rows


def _columns(rows: list[Row]) -> tuple[list[float], list[float], list[str]]:
    """The coordinates, and the labels as they are called."""
    first, head = rows[0]
    names, columns = [cell.lower() for cell in head], (0, 1, 2)
    if set(COLUMNS) <= set(names):
        columns, rows = tuple(map(names.index, COLUMNS)), rows[1:]
    elif len(head) != 3:
        raise ValueError(f"Row {first} has {len(head)} cells, where three are taken. {ACCEPTED}")
    elif not any(map(_is_number, head[:2])):
        rows = rows[1:]
    points = [_point(row, len(head), columns) for row in rows]
    return [x for x, _, _ in points], [y for _, y, _ in points], [name for _, _, name in points]


def _point(row: Row, width: int, columns: Sequence[int]) -> tuple[float, float, str]:
    number, cells = row
    if len(cells) != width:
        raise ValueError(f"Row {number} has {len(cells)} cells, where the first row has {width}. {ACCEPTED}")
    x, y, name = (cells[column] for column in columns)
    return _coordinate(number, "x", x), _coordinate(number, "y", y), _title(number, name)


def _coordinate(number: int, axis: str, cell: str) -> float:
    if not _is_number(cell):
        raise ValueError(f"Row {number}: {axis} is “{cell[:40]}”, which is no number.")
    value = _number(cell)
    if not abs(value) <= LARGEST:
        raise ValueError(f"Row {number}: {axis} is {value:g}: it must be a number from −{LARGEST:g} to {LARGEST:g}.")
    return value


def _title(number: int, cell: str) -> str:
    """A class as it is called; numbers that are equal are one class: 1, 1.0."""
    if not cell:
        raise ValueError(f"Row {number} has no label.")
    if len(cell) > LONGEST_TITLE:
        raise ValueError(f"Row {number}: the label has {len(cell)} characters: at most {LONGEST_TITLE} are taken.")
    return f"{_number(cell):.12g}" if _is_number(cell) else cell


def _titles(names: Sequence[str]) -> tuple[str, ...]:
    """The classes: numbers by size, words by the alphabet."""
    found = set(names)
    if not 2 <= len(found) <= MOST_CLASSES:
        raise ValueError(f"The file's number of classes is {len(found)}: it must be from 2 to {MOST_CLASSES}.")
    return tuple(sorted(found, key=_number if all(map(_is_number, found)) else str))


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(_number(cell)) and "_" not in cell  # which Python would take
    except ValueError:
        return False


def _number(cell: str) -> float:
    """A number with a decimal point, or with a comma, as spreadsheets write it beside semicolons."""
    return float(cell.replace(",", ".").replace("−", "-"))


def _fit(values: Sequence[float]) -> list[float]:
    """Moved and stretched; held to the edges, since what differs in its last digit only cannot be stretched exactly."""
    low, high = min(values), max(values)
    middle, scale = (low + high) / 2, (high - low) / (2 * FILLED) or 1.0
    return [min(max((value - middle) / scale, -FILLED), FILLED) for value in values]


def _fitted(axis: str, values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{axis} from {low:g} to {high:g} is shown from {min(_fit(values)):g} to {max(_fit(values)):g}"
