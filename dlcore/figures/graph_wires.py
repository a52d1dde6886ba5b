"""The wires of a graph: hairlines, weights, gradients, what goes over them now, and their numbers; knows no boxes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from math import ceil
from typing import NamedTuple

import numpy as np

from dlcore.figures import theme
from dlcore.figures.drawing import Drawing, Flow, Point, Shown, flows
from dlcore.figures.graph_canvas import Canvas, Item, grouped
from dlcore.figures.graph_room import Room, number_spots, text_width

UNKNOWN = "?"
HAIRLINE = 0.7
WEIGHT_WIDTHS = (0.9, 1.5, 2.3)  # by the size of the weight
SENT_WIDTHS = (1.6, 2.6, 3.8)  # and of the gradient: never thinner than the weight's line below
ACTIVE_WIDTH, HEAD = 3.5, 15.0  # of what goes over a wire now, and of its arrow's head
QUIET_WIDTH, QUIET_HEAD = 1.2, 9.0  # the same where many go at once
WEIGHT_AT, SENT_AT = 0.3, 0.64  # where along a wire the weight's number stands, and its gradient's
PADDING = 4.0  # of a wire's gap, beside the number in it
GAP = (np.nan, np.nan)  # between one line and the next
STEP = 4.0  # gaps are as many of these wide, so that there are few kinds of them


def strength(shade: float) -> int:
    """How strong a line is: 0 nothing, 1 to 3."""
    return 0 if shade == 0 else min(1 + int(3 * abs(shade)), 3)


def written(shown: Shown, meaning: str) -> tuple[str, str]:
    """The meaning of a number's colour, and how it is written: gradients bold, wrong numbers with a sign."""
    if shown.text == UNKNOWN:
        return "muted", UNKNOWN
    text = f"≠ {shown.text}" if shown.wrong else shown.text
    return "wrong" if shown.wrong else meaning, f"<b>{text}</b>" if meaning == "gradient" else text


def add_wires(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """Hairlines; on them the weights, negative ones dashed; on them the gradients that came back, nothing dotted."""
    lines = {wire.key: wire.points for wire in drawing.wires}
    seen = drawing.seen
    breaks = [point for key in lines if key in seen for point in (*lines[key], GAP)]
    canvas.still(breaks, mode="lines", line={"color": theme.colour("muted"), "width": HAIRLINE})
    weights = (
        ((w.shade > 0, strength(w.shade)), Item(w.start, w.end, lines[w.key])) for w in drawing.weights if w.shade
    )
    for (positive, size), items in grouped(weights):
        hue, dash = ("weight-positive", "solid") if positive else ("weight-negative", "dash")
        width = WEIGHT_WIDTHS[size - 1] * room.fine
        canvas.moving(items, mode="lines", line={"color": theme.colour(hue), "dash": dash, "width": width})
    sent = (
        (strength(s.shade), Item(s.start, s.end, lines[s.key]))
        for s in drawing.sent
        if s.shade is not None and s.key in seen
    )
    for size, items in grouped(sent):
        look = {"width": SENT_WIDTHS[max(size, 1) - 1] * room.fine, "dash": "solid" if size else "dot"}
        canvas.moving(items, mode="lines", line={"color": theme.colour("gradient"), **look})


class FlowLine(NamedTuple):
    """Something that goes over a wire: its line from box to box as it goes, and whether the wire is seen else."""

    flow: Flow
    item: Item
    seen: bool


def flow_lines(room: Room, drawing: Drawing) -> list[FlowLine]:
    """What goes over wires, frame by frame."""
    leaf = {(node.x, node.y): node.leaf for node in drawing.nodes}

    @cache
    def between(points: tuple[Point, ...]) -> tuple[Point, ...]:
        back = room.clipped(points[::-1], square=leaf.get(points[0], True))
        return room.clipped(back[::-1], square=leaf.get(points[-1], True))

    return [
        FlowLine(flow, Item(flow.frame, flow.frame + 1, between(flow.wire.points[:: flow.way or 1])), seen)
        for flow in flows(drawing)
        for seen in [flow.wire.key in drawing.seen]
    ]


def add_flows(canvas: Canvas, going: Sequence[FlowLine]) -> None:
    """Where something goes over a wire now: a strong line, on to below the boxes."""
    lines = (
        (flow.way == 0, item._replace(points=flow.wire.points[:: flow.way or 1])) for flow, item, seen in going if seen
    )
    for _, items in grouped(lines):  # those with an arrow's head are apart, so that both have the same frames
        canvas.moving(items, mode="lines", line={"color": theme.colour("accent"), "width": ACTIVE_WIDTH})


def add_heads(canvas: Canvas, going: Sequence[FlowLine]) -> None:
    """The arrow heads of what goes over wires now, where it arrives; wires that are not seen else have fine lines."""
    hue = theme.colour("accent")
    fine = [item for _, item, seen in going if not seen]
    canvas.moving(fine, mode="lines", line={"color": hue, "width": QUIET_WIDTH}, opacity=0.7)
    for of_seen, size in ((True, HEAD), (False, QUIET_HEAD)):
        tips = [item._replace(points=item.points[-2:]) for flow, item, seen in going if flow.way and seen is of_seen]
        most = max(Counter(item.start for item in tips).values(), default=0)
        # A line's two ends, then the gap before the next line.
        marker = {"symbol": "arrow", "angleref": "previous", "size": [0.0, size, 0.0] * most, "color": hue}
        canvas.moving(tips, mode="markers", marker={**marker, "opacity": 1, "line": {"width": 0}})


class _Number(NamedTuple):
    """A number that stands at a share of its wire's length."""

    shown: Shown
    at: float
    meaning: str
    text: str
    width: float  # of its gap


def _numbers(room: Room, drawing: Drawing) -> Iterator[_Number]:
    for group, at, usual in ((drawing.weights, WEIGHT_AT, "ink"), (drawing.sent, SENT_AT, "gradient")):
        for shown in group:
            if shown.text:
                meaning, text = written(shown, usual)
                width = STEP * ceil((text_width(text) * room.on_wire + PADDING) / STEP)
                yield _Number(shown, at, meaning, text, width)


def add_numbers(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """Weights and their gradients on the wires, each in a gap as wide as itself."""
    numbers = list(_numbers(room, drawing))
    spots = _spots(room, drawing, numbers)
    pairs = (
        ((n.meaning, n.width), Item(n.shown.start, n.shown.end, (spots[n.shown.key, n.at],), n.text)) for n in numbers
    )
    for (meaning, width), items in grouped(pairs):
        # The symbol is a stroke 1.4 times its size: a rectangle in pixels, whatever the axes are.
        gap = {"symbol": "line-ew-open", "size": width / 1.4, "color": theme.colour("ground")}
        gap["line"] = {"width": room.on_wire + 2}
        font = {"size": room.on_wire, "color": theme.colour(meaning)}
        canvas.moving(items, mode="markers+text", textposition="middle center", marker=gap, textfont=font)


def _spots(room: Room, drawing: Drawing, numbers: Sequence[_Number]) -> dict[tuple[str, float], Point]:
    """(wire, preferred share) -> where its number stands; there is room for the widest that it ever is."""
    widest: dict[str, dict[float, float]] = {}
    for number in numbers:
        mine = widest.setdefault(number.shown.key, {})
        mine[number.at] = max(number.width, mine.get(number.at, 0.0))
    index = {wire.key: i for i, wire in enumerate(drawing.wires)}
    wanted = [(index[key], list(mine.items())) for key, mine in widest.items()]
    places = np.array([(node.x, node.y) for node in drawing.nodes], float)
    found = number_spots(wanted, [wire.points for wire in drawing.wires], places, room)
    pairs = zip(widest.items(), found, strict=True)
    return {(key, at): spot for (key, mine), line in pairs for at, spot in zip(mine, line, strict=True)}
