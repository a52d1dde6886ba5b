"""A graph of nodes and wires whose numbers come and go with the frames; knows nothing of what they mean."""

from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.drawing import Drawing, DrawnNode, DrawnWire, Shown
from dlcore.figures.graph_canvas import CLEAR, Canvas, Item, grouped
from dlcore.figures.graph_room import LEAST_FONT, Room, room_of, text_width
from dlcore.figures.graph_wires import FlowLine, add_flows, add_heads, add_numbers, add_wires, flow_lines, written
from dlcore.figures.stage import Plot

__all__ = ["Drawing", "DrawnNode", "DrawnWire", "Shown", "layered_graph", "level"]

RING_ROOM = 3.0  # by how much the selection's ring is larger than a box
WRONG = theme.LEVELS + 1  # the place of wrong values behind the shades


def layered_graph(drawing: Drawing, *, key: str = "graph", title: str = "Graph", alt: str, keep: str) -> Plot:
    """Boxes with their values inside, labels above, gradients below, and wires between them; from left to right."""
    places = np.array([(node.x, node.y) for node in drawing.nodes], float)
    bends = [point for wire in drawing.wires for point in wire.points[1:-1]]
    numbers = any(shown.text for shown in (*drawing.weights, *drawing.sent))
    room = room_of(places, bends, num_wires=len(drawing.wires), numbers=numbers)
    canvas, ink = Canvas(), theme.colour("ink")
    going = flow_lines(room, drawing)
    add_wires(canvas, room, drawing)
    wire_ring = canvas.still((), mode="lines", line={"color": ink, "width": 6})
    add_flows(canvas, going)
    _add_cards(canvas, room, drawing)
    add_numbers(canvas, room, drawing)
    _add_boxes(canvas, room, drawing)
    _add_values(canvas, room, drawing)
    _add_gradients(canvas, room, drawing)
    add_heads(canvas, going)
    _add_active(canvas, room, drawing, going)
    ring = {"symbol": "square-open", "size": room.box + RING_ROOM, "line": {"width": 3}, "color": ink}
    node_ring = canvas.still((), mode="markers", marker=ring)
    return Plot(
        key=key,
        title=title,
        figure=canvas.framed(room.across, room.down, room.margin),
        tracks=canvas.tracks,
        alt=alt,
        keep=keep,
        targets=_targets(drawing),
        rings=(node_ring, wire_ring),
        turn=True,
    )


def level(shade: float | None) -> int:
    """The place of a shade among a box's: -4 strongest negative, 0 nearly nothing, 4 strongest positive."""
    return 0 if shade is None else round(float(np.clip(shade, -1, 1)) * theme.LEVELS)


def _add_cards(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """The ground behind every box and its two lines of type, so that wires pass behind them."""
    width, height = room.card
    # The symbol is a stroke 1.4 times its size: a rectangle in pixels, whatever the axes are.
    card = {"symbol": "line-ns-open", "size": 2 * height / 1.4, "line": {"width": 2 * width}}
    places = [(node.x, node.y) for node in drawing.nodes]
    canvas.still(places, mode="markers", marker={**card, "color": theme.colour("ground")})


def _box(room: Room, leaf: bool, fill: str, edge: str = "muted", width: float = 0.8) -> dict[str, Any]:
    """A square for a leaf, a circle for what is computed; `fill` is a colour, `edge` a meaning."""
    return {
        "symbol": "square" if leaf else "circle",
        "size": room.box * (0.94 if leaf else 1.04),
        "color": fill,
        "line": {"color": theme.colour(edge), "width": width},
    }


def _add_boxes(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """Empty boxes with labels; on them shades where a value is known, or a strong edge where it is a wrong one."""
    ground = theme.colour("ground")
    for leaf in (True, False):
        places = [(node.x, node.y) for node in drawing.nodes if node.leaf is leaf]
        canvas.still(places, mode="markers", marker=_box(room, leaf, ground))
    nodes = {node.key: node for node in drawing.nodes}
    filled = (((nodes[v.key].leaf, WRONG if v.wrong else level(v.shade)), _item(nodes, v)) for v in drawing.values)
    for (leaf, place), items in grouped(filled):
        wrong = place == WRONG
        box = _box(room, leaf, ground, "wrong", 2.5) if wrong else _box(room, leaf, theme.activation_shade(place)[0])
        canvas.moving(items, mode="markers", marker=box)
    canvas.still(
        [(node.x, node.y) for node in drawing.nodes],
        text=[node.label for node in drawing.nodes],
        mode="markers+text",
        textposition="top center",
        marker={"size": 0.8 * room.box, "color": CLEAR},  # keeps the text off the box, in pixels
        textfont={"size": room.label, "color": theme.colour("ink")},
    )


def _item(nodes: dict[str, DrawnNode], shown: Shown, text: str = "") -> Item:
    """What a node shows, at its place."""
    node = nodes[shown.key]
    return Item(shown.start, shown.end, ((node.x, node.y),), text)


def _add_values(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """The values in their boxes, in smaller type where they would not fit."""
    nodes = {node.key: node for node in drawing.nodes}

    def size(text: str) -> float:
        return max(min(room.number, round((room.box - 3) / text_width(text), 1)), LEAST_FONT)

    texts = ((v, f"≠{v.text}" if v.wrong else v.text) for v in drawing.values if v.text)
    pairs = ((("wrong" if v.wrong else "ink", size(text)), _item(nodes, v, text)) for v, text in texts)
    for (meaning, font), items in grouped(pairs):
        look = {"size": font, "color": theme.colour(meaning)}
        canvas.moving(items, mode="text", textposition="middle center", textfont=look)


def _add_gradients(canvas: Canvas, room: Room, drawing: Drawing) -> None:
    """The gradients below their boxes."""
    nodes = {node.key: node for node in drawing.nodes}
    texts = ((g, written(g, "gradient")) for g in drawing.grads if g.text)
    for meaning, items in grouped((meaning, _item(nodes, g, text)) for g, (meaning, text) in texts):
        font = {"size": room.gradient, "color": theme.colour(meaning)}
        hold = {"size": 0.9 * room.box, "color": CLEAR}
        canvas.moving(items, mode="markers+text", textposition="bottom center", marker=hold, textfont=font)


def _add_active(canvas: Canvas, room: Room, drawing: Drawing, going: list[FlowLine]) -> None:
    """The outline of the node where something happens now, and of those at the other ends of quiet wires."""
    nodes = {node.key: node for node in drawing.nodes}
    at = {(node.x, node.y): node for node in drawing.nodes}
    marked = [(3.0, frame, nodes[key]) for frame, key in enumerate(drawing.active) if key in nodes]
    # A value is made where its wire ends; a gradient leaves from there. Either way the other end is the first point.
    marked += [(1.6, frame, at[wire.points[0]]) for (frame, wire, way), _, seen in going if way and not seen]
    pairs = (((node.leaf, width), Item(frame, frame + 1, ((node.x, node.y),))) for width, frame, node in marked)
    for (leaf, width), items in grouped(pairs):
        box = _box(room, leaf, CLEAR, "accent", width)
        canvas.moving(items, mode="markers", marker=box)


def _targets(drawing: Drawing) -> dict[str, list[float]]:
    """What can be selected: every node, and every wire that is seen."""
    lines = {node.key: ((node.x, node.y),) for node in drawing.nodes}
    lines |= {wire.key: wire.points for wire in drawing.wires if wire.key in drawing.seen}
    return {key: [round(number, 3) for point in line for number in point] for key, line in lines.items()}
