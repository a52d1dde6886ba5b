"""Where the maps of a picture lie: in blocks side by side, as sheets in space, or one block below the other.

Lengths are in cells. Knows how many maps there are and how large they are; knows nothing of what is in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import NamedTuple

Point = tuple[float, float]

#: How columns and rows run: seen from the front, or as sheets that stand one behind the other.
FLAT: tuple[Point, Point] = ((1.0, 0.0), (0.0, 1.0))
SPACE: tuple[Point, Point] = ((0.5, -0.25), (0.0, 1.0))
MOST_COLUMNS = 4
BETWEEN_MAPS, BETWEEN_BLOCKS, BETWEEN_LINES = 0.7, 1.3, 0.5
CAPTION, CAPTION_PIXELS = 0.9, 24.0  # room above a map for its name, at least: cells shrink, type does not


class Screen(NamedTuple):
    """The pixels that a picture has."""

    width: float
    height: float

    def cell(self, width: float, height: float) -> float:
        """Pixels of a cell where the whole is so many cells wide and high."""
        return min(self.width / width, self.height / height, 64)


WIDE, NARROW = Screen(680, 380), Screen(358, 580)


@dataclass(frozen=True)
class Block:
    """Maps of one size that belong together; columns: how many stand side by side, 0: as is best."""

    count: int
    rows: int
    cols: int
    columns: int = 0
    below: bool = False  # may stand on a line of its own


class Place(NamedTuple):
    """Where a map's first corner lies, on a screen and on a phone, and how its columns and rows run."""

    origin: Point
    narrow: Point
    right: Point
    down: Point


class Box(NamedTuple):
    """A block that was laid out: its size, and where its maps begin within it."""

    width: float
    height: float
    origins: tuple[Point, ...]


def arrange(blocks: Sequence[Block], look: tuple[Point, Point] = FLAT) -> list[list[Place]]:
    """A place for every map of every block, with cells as large as they can be."""
    wide = _best(blocks, look, WIDE, stacked=(False, True))
    narrow = _best(blocks, look, NARROW, stacked=(True,))
    return [
        [Place(origin, small, *look) for origin, small in zip(large, tiny, strict=True)]
        for large, tiny in zip(wide, narrow, strict=True)
    ]


def _best(
    blocks: Sequence[Block], look: tuple[Point, Point], screen: Screen, *, stacked: Sequence[bool]
) -> list[list[Point]]:
    """The arrangement whose cells are largest on this screen."""
    lines = [_lines(blocks, below, breaks) for below, breaks in product(stacked, (True, False))]
    distinct = [line for i, line in enumerate(lines) if line not in lines[:i]]
    laid = (
        _lay(blocks, columns, look, line, screen)
        for line in distinct
        for columns in product(*(_columns(block) for block in blocks))
    )
    return max(laid, key=lambda found: screen.cell(*found[:2]))[2]


def _columns(block: Block) -> list[int]:
    if block.columns:
        return [block.columns]
    # More columns with as many rows would leave gaps.
    return [
        n
        for n in range(1, min(block.count, MOST_COLUMNS) + 1)
        if ceil(block.count / n) < ceil(block.count / max(n - 1, 1)) or n == 1
    ]


def _lay(
    blocks: Sequence[Block],
    columns: Sequence[int],
    look: tuple[Point, Point],
    lines: Sequence[Sequence[int]],
    screen: Screen,
) -> tuple[float, float, list[list[Point]]]:
    """Width, height, and the maps' origins; blocks beside one another are centred on one line."""
    caption = CAPTION
    for _ in range(2):  # the smaller the cells, the more of them a caption needs, which makes them smaller
        width, height = _extent(*_measured(blocks, columns, look, lines, caption)[1:])
        caption = max(CAPTION, CAPTION_PIXELS / screen.cell(width, height))
    boxes, widths, heights = _measured(blocks, columns, look, lines, caption)
    width, height = _extent(widths, heights)
    found: list[list[Point]] = [[] for _ in blocks]
    top = 0.0
    for line, line_width, line_height in zip(lines, widths, heights, strict=True):
        left = (width - line_width) / 2
        for i in line:
            box = boxes[i]
            down = top + (line_height - box.height) / 2
            found[i] = [(left + x, down + y) for x, y in box.origins]
            left += box.width + BETWEEN_BLOCKS
        top += line_height + BETWEEN_LINES
    return width, height, found


def _measured(
    blocks: Sequence[Block],
    columns: Sequence[int],
    look: tuple[Point, Point],
    lines: Sequence[Sequence[int]],
    caption: float,
) -> tuple[list[Box], list[float], list[float]]:
    """Every block's box, and every line's width and height."""
    boxes = [_box(block, n, look, caption) for block, n in zip(blocks, columns, strict=True)]
    widths = [sum(boxes[i].width for i in line) + BETWEEN_BLOCKS * (len(line) - 1) for line in lines]
    heights = [max(boxes[i].height for i in line) for line in lines]
    return boxes, widths, heights


def _extent(widths: Sequence[float], heights: Sequence[float]) -> tuple[float, float]:
    """Of all lines together."""
    return max(widths), sum(heights) + BETWEEN_LINES * (len(heights) - 1)


def _lines(blocks: Sequence[Block], stacked: bool, breaks: bool) -> list[list[int]]:
    """Which blocks stand side by side: on a phone small ones, such as kernel and output, still do.

    breaks: those that may stand on a line of their own do.
    """
    lines: list[list[int]] = []
    for i, block in enumerate(blocks):
        if not lines or (breaks and block.below) or (stacked and not _fits(blocks, [*lines[-1], i])):
            lines.append([])
        lines[-1].append(i)
    return lines


def _fits(blocks: Sequence[Block], line: Sequence[int]) -> bool:
    """Whether these blocks are no wider than the widest alone."""
    widest = max(block.cols for block in blocks)
    return sum(blocks[i].cols + BETWEEN_BLOCKS for i in line) <= widest + BETWEEN_BLOCKS


def _box(block: Block, columns: int, look: tuple[Point, Point], caption: float) -> Box:
    (across, up), (lean, down) = look
    width = across * block.cols + lean * block.rows
    rise = -up * block.cols  # sheets in space climb from their first corner
    height = rise + down * block.rows
    lines = ceil(block.count / columns)
    origins = tuple(
        (column * (width + BETWEEN_MAPS), line * (height + caption) + caption + rise)
        for line, column in (divmod(i, columns) for i in range(block.count))
    )
    whole = columns * (width + BETWEEN_MAPS) - BETWEEN_MAPS
    return Box(whole, lines * (height + caption), origins)
