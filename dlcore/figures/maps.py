"""Where the maps of a picture lie: in blocks side by side, as sheets in space, or one block below the other.

Lengths are in cells. Knows how many maps there are and how large they are; knows nothing of what is in them.
"""

from collections.abc import Sequence
from itertools import product
from math import ceil
from typing import NamedTuple

Point = tuple[float, float]

#: How columns and rows run: seen from the front, or as sheets that stand one behind the other.
FLAT: tuple[Point, Point] = ((1.0, 0.0), (0.0, 1.0))
SPACE: tuple[Point, Point] = ((0.5, -0.25), (0.0, 1.0))
WIDE, NARROW = 1.55, 0.62  # width to height of the place there is on a screen and on a phone
MOST_COLUMNS = 4
BETWEEN_MAPS, BETWEEN_BLOCKS = 0.7, 1.3
CAPTION, SHARE = (
    0.9,
    0.055,
)  # room above a map for its name: in cells, and as a share of the whole, for type does not shrink


class Block(NamedTuple):
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
    wide = _best(blocks, look, WIDE, stacked=False)
    narrow = _best(blocks, look, NARROW, stacked=True)
    return [
        [Place(origin, small, *look) for origin, small in zip(large, tiny, strict=True)]
        for large, tiny in zip(wide, narrow, strict=True)
    ]


def _best(blocks: Sequence[Block], look: tuple[Point, Point], aspect: float, *, stacked: bool) -> list[list[Point]]:
    """The arrangement whose cells are largest in a place of this aspect."""
    choices = [_columns(block) for block in blocks]
    laid = (
        _lay(blocks, columns, look, _lines(blocks, stacked, breaks))
        for columns in product(*choices)
        for breaks in (True, False)
    )
    return min(laid, key=lambda found: max(found[0] / aspect, found[1]))[2]


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
    blocks: Sequence[Block], columns: Sequence[int], look: tuple[Point, Point], lines: Sequence[Sequence[int]]
) -> tuple[float, float, list[list[Point]]]:
    """Width, height, and the maps' origins; blocks beside one another are centred on one line."""
    caption = CAPTION
    for _ in range(2):  # the captions' room is a share of the height, which it is part of
        boxes = [_box(block, n, look, caption) for block, n in zip(blocks, columns, strict=True)]
        heights = [max(boxes[i].height for i in line) for line in lines]
        height = sum(heights) + BETWEEN_BLOCKS * (len(lines) - 1)
        caption = max(CAPTION, SHARE * height)
    widths = [sum(boxes[i].width for i in line) + BETWEEN_BLOCKS * (len(line) - 1) for line in lines]
    width = max(widths)
    found: list[list[Point]] = [[] for _ in blocks]
    top = 0.0
    for line, line_width, line_height in zip(lines, widths, heights, strict=True):
        left = (width - line_width) / 2
        for i in line:
            box = boxes[i]
            down = top + (line_height - box.height) / 2
            found[i] = [(left + x, down + y) for x, y in box.origins]
            left += box.width + BETWEEN_BLOCKS
        top += line_height + BETWEEN_BLOCKS
    return width, height, found


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
