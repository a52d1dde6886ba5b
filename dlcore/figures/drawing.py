"""What a graph is to its picture: nodes, wires, and what they show from when to when; knows no sizes and no colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Point = tuple[float, float]  # column, row downwards


@dataclass(frozen=True, kw_only=True)
class DrawnNode:
    """A node's place (column, row downwards) and its label in HTML; leaves are squares, what is computed is round."""

    key: str
    label: str
    x: float
    y: float
    leaf: bool = False


@dataclass(frozen=True, kw_only=True)
class DrawnWire:
    """A wire from the place of one node to that of another, in the direction of the values.

    quiet: drawn only while something goes over it, or where a weight rides on it.
    """

    key: str
    points: tuple[Point, ...]
    quiet: bool = False


class Shown(NamedTuple):
    """What a node or a wire shows while start <= frame < end.

    text: a number in HTML, "" for none, "?" for one that is not known yet. shade: in [-1, 1], its sign and strength;
    None: without colour.
    """

    key: str
    start: int
    end: int
    text: str
    shade: float | None
    wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What is drawn, and what it shows when.

    values, grads: of nodes. weights: of the wires they ride on. sent: the gradients that came back over wires.
    active: (frames,), the key of what happens at each frame, "" for nothing.
    """

    nodes: Sequence[DrawnNode]
    wires: Sequence[DrawnWire]
    values: Sequence[Shown]
    grads: Sequence[Shown]
    weights: Sequence[Shown]
    sent: Sequence[Shown]
    active: Sequence[str]

    @cached_property
    def seen(self) -> set[str]:
        """The wires that are drawn even while nothing goes over them."""
        riding = {shown.key for shown in self.weights}
        return {wire.key for wire in self.wires if not wire.quiet or wire.key in riding}


class Flow(NamedTuple):
    """Something goes over a wire at a frame: `way` 1 along it, -1 back, 0 neither."""

    frame: int
    wire: DrawnWire
    way: int


def flows(drawing: Drawing) -> list[Flow]:
    """What goes over which wire at which frame: a gradient where it begins to show, else the inputs of a new value."""
    wires = {wire.key: wire for wire in drawing.wires}
    into: dict[Point, list[DrawnWire]] = {}
    for wire in drawing.wires:
        into.setdefault(wire.points[-1], []).append(wire)
    back: dict[int, list[DrawnWire]] = {}
    for shown in drawing.sent:
        if shown.shade is not None:
            back.setdefault(shown.start, []).append(wires[shown.key])
    places = {node.key: (node.x, node.y) for node in drawing.nodes}
    new = {(shown.key, shown.start) for shown in drawing.values}
    found: list[Flow] = []
    for frame, key in enumerate(drawing.active):
        if key and frame in back:
            found += [Flow(frame, wire, -1) for wire in back[frame]]
        elif (key, frame) in new:
            found += [Flow(frame, wire, 1) for wire in into.get(places[key], ())]
        elif key in wires:
            found.append(Flow(frame, wires[key], 0))
    return found
