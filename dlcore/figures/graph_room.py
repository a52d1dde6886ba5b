"""How much room the parts of a drawn graph have, in pixels of a picture of usual size; knows no Plotly and no frames.

Boxes, type and arrow heads keep their size in pixels when the picture is larger or smaller; places are in columns
and rows. What must fit both is worked out here for the usual size.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcore.figures.drawing import Point

WIDTH, HEIGHT = 680.0, 400.0  # of a picture of usual size: beside the code on a laptop's screen
SIDE = 34.0  # from the outermost column to the picture's edge
SPARE = 5.0  # of that, where wires along the edge have their thickness
LEAST_BOX, MOST_BOX = 28.0, 50.0
MOST_WITH_NUMBERS = 44.0  # where numbers on wires need room between the boxes
CROWD = 60  # wires, from which on all of them are finer
LEAST_FONT = 9.5
BETWEEN = 7.0  # two boxes in a row
USUAL = 3.1  # the width of "−0.237" in ems
FOR_HEADS = 12.0  # what arrow heads need beside a box
SAMPLES = 60  # points of a wire where it is asked what lies there
CLOSE = np.linspace(0, 1, 401)  # shares of a wire's length, close enough to find where it meets a box
SHARES = np.linspace(0.12, 0.88, 39)  # of a wire's length: where a number may stand

Line = Sequence[Point]
#: A line's index, and for each of its numbers (one or two): the preferred share of its length, the width in pixels.
Wanted = tuple[int, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Room:
    """Sizes in pixels, and what a column and a row measure."""

    box: float
    number: float  # type in the boxes
    label: float  # type above them
    gradient: float  # type below them
    on_wire: float  # type on the wires
    fine: float  # what the widths of wires are multiplied by
    scale: tuple[float, float]  # pixels a column, pixels a row
    across: tuple[float, float]  # the columns from the plane's left edge to its right one
    down: tuple[float, float]  # the rows from its lower edge to its upper one
    margin: tuple[float, float]  # beside the plane, above and below it

    @property
    def card(self) -> tuple[float, float]:
        """Half the width and half the height of what is written above and below a box, with the box between."""
        # In a crowd no wire may run between a box and its type; elsewhere it may come close to a corner.
        width = self.box / 2 + 1 if self.fine < 1 else 0.44 * self.box
        return width, _half_height(self.box, max(self.label, self.gradient))

    def clipped(self, line: Line, *, square: bool) -> tuple[Point, ...]:
        """The line up to where it meets the node at its end: the box, or what is written above and below it."""
        way = along(line, CLOSE, self.scale)
        dx, dy = np.abs(way - way[-1]).T
        box = np.maximum(dx, dy) if square else np.hypot(dx, dy)
        inside = (box < self.box / 2 + 1.5) | ((dx < self.card[0] + 1) & (dy < self.card[1] + 1))
        last = max(int(np.argmax(inside)), 1)
        lengths = _lengths(np.asarray(line, float) * self.scale)
        kept = [point for point, at in zip(line, lengths, strict=True) if at < CLOSE[last] * lengths[-1]]
        return *kept, (float(way[last, 0] / self.scale[0]), float(way[last, 1] / self.scale[1]))


def room_of(places: np.ndarray, bends: Line = (), *, num_wires: int = 0, numbers: bool = False) -> Room:
    """The room that nodes at these places (nodes, 2) have: the closer they stand, the smaller are boxes and type.

    bends: where wires pass, which must be in the picture, too. numbers: whether some stand on wires.
    """
    marked = np.vstack([places, *bends])
    low, high = marked.min(axis=0), marked.max(axis=0)
    span, box, scale, edge = np.maximum(high - low, 1.0), MOST_BOX, np.ones(2), np.zeros(2)
    for _ in range(3):  # the box depends on the room that is left beside its card, and the card on the box
        edge = np.array([SIDE, _half_height(box, 0.3 * box) + 4])
        scale = (np.array([WIDTH, HEIGHT]) - 2 * edge) / span
        box = float(np.clip(_largest_box(places * scale), LEAST_BOX, MOST_WITH_NUMBERS if numbers else MOST_BOX))
    centre, reach = (low + high) / 2, span / 2 + SPARE / scale
    (left, top), (right, bottom) = centre - reach, centre + reach
    return Room(
        box=box,
        number=float(np.clip((box - 5) / USUAL, LEAST_FONT, 13)),
        label=float(np.clip(0.3 * box, 10, 13)),
        gradient=float(np.clip(0.27 * box, LEAST_FONT, 12)),
        on_wire=float(np.clip(0.24 * box, LEAST_FONT, 11)),
        fine=0.65 if num_wires > CROWD else 1.0,
        scale=(float(scale[0]), float(scale[1])),
        across=(float(left), float(right)),
        down=(float(bottom), float(top)),
        margin=(float(edge[0] - SPARE), float(edge[1] - SPARE)),
    )


def _half_height(box: float, font: float) -> float:
    return box / 2 + 3 + 1.05 * font


def _largest_box(spots: np.ndarray) -> float:
    """The largest box at which no two of them touch, side by side or one above the other with its two lines of type."""
    if len(spots) < 2:
        return MOST_BOX
    one, other = np.triu_indices(len(spots), 1)
    dx, dy = np.abs(spots[one] - spots[other]).T
    return float(np.maximum(dx - BETWEEN, dy - 2 * _half_height(0.0, 10.0)).min())


def text_width(html: str) -> float:
    """About how wide a line of type is, in ems."""
    small = sum(len(part) for part in re.findall(r"<su[bp]>(.*?)</su[bp]>", html))
    plain = re.sub(r"<su[bp]>.*?</su[bp]>|<[^>]*>", "", html)
    narrow = sum(plain.count(sign) for sign in ".,· …")
    return 0.57 * (len(plain) - narrow) + 0.28 * narrow + 0.4 * small


def along(line: Line, shares: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """The points (shares, 2) at these shares of a line's length in pixels, in pixels."""
    points = np.asarray(line, float) * scale
    way = _lengths(points)
    at = np.asarray(shares) * way[-1]
    return np.column_stack([np.interp(at, way, points[:, 0]), np.interp(at, way, points[:, 1])])


def _lengths(points: np.ndarray) -> np.ndarray:
    """How far each point of a line is from its start, along the line."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


def number_spots(wanted: Sequence[Wanted], lines: Sequence[Line], places: np.ndarray, room: Room) -> list[list[Point]]:
    """Where numbers stand on their lines so that they hide neither boxes nor one another, and few heads and lines.

    Returns columns and rows, for each line those of its numbers.
    """
    centres, halves = places * room.scale, np.tile(room.card, (len(places), 1))
    dots = np.array([along(line, np.linspace(0, 1, SAMPLES), room.scale) for line in lines])
    found: list[list[Point]] = []
    for index, numbers in wanted:
        spots = along(lines[index], SHARES, room.scale)
        others = np.delete(dots, index, axis=0).reshape(-1, 2)
        sizes = [np.array([width / 2 + 2, 0.75 * room.on_wire]) for _, width in numbers]
        costs: list[np.ndarray] = []
        for (preferred, _), half in zip(numbers, sizes, strict=True):
            hidden = _common(spots, centres, halves + half).sum(axis=1)
            heads = _common(spots, places * room.scale, np.add(room.card, half) + FOR_HEADS).sum(axis=1)
            crossed = (np.abs(spots[:, None] - others) < half).all(axis=2).sum(axis=1)
            costs.append(hidden / 2 + heads / 120 + crossed + 30 * np.abs(SHARES - preferred))
        chosen = spots[_cheapest(costs, _common(spots, spots, np.sum(sizes, axis=0)) / 2)]
        centres, halves = np.vstack([centres, chosen]), np.vstack([halves, *sizes])
        found.append([(float(x), float(y)) for x, y in chosen / room.scale])
    return found


def _common(ones: np.ndarray, others: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """How much rectangles around `ones` (n, 2) have in common with others (m, 2): (n, m), 0 where they are apart.

    reach: half the widths and heights of both together.
    """
    return np.maximum(reach - np.abs(ones[:, None] - others), 0).prod(axis=2)


def _cheapest(costs: Sequence[np.ndarray], together: np.ndarray) -> list[int]:
    """The spots of a line's one or two numbers; `together` is what each pair of spots costs in addition."""
    if len(costs) == 1:
        return [int(costs[0].argmin())]
    total = costs[0][:, None] + costs[1] + together
    return [int(i) for i in np.unravel_index(total.argmin(), total.shape)]
