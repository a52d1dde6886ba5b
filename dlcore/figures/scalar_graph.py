"""The graph of scalars that a walk goes through: what every node and wire shows from when to when."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from dlcore.figures.drawing import Drawing, DrawnNode, DrawnWire, Shown
from dlcore.numerals import compact
from dlcore.topics.backprop import FIXED, Node
from dlcore.topics.notation import written_sign
from dlcore.topics.scalar_net import Net, label
from dlcore.topics.walk import Gradient, Span, Value, Walk, by_key

MOST_NUMBERS = 14  # weights that show their numbers on the wires
CROWD = 24  # nodes from which numbers in the picture have two digits


def scalar_drawing(walk: Walk) -> Drawing:
    """Every drawn node and wire of the network, and what they show from when to when."""
    net, nodes = walk.net, walk.net.graph.nodes
    count = 2 if len(net.places) > CROWD else 3
    riding = {nodes[wire.weight].name: wire.key for wire in net.wires if wire.weight is not None}
    numbers = len(riding) <= MOST_NUMBERS
    values, gradients = by_key(walk.values), by_key(walk.gradients)
    drawn = [nodes[index] for index in net.places]
    return Drawing(
        nodes=_nodes(net),
        wires=_wires(net),
        values=[_value(node.name, span, count) for node in drawn for span in values.get(node.name, [])],
        grads=[
            shown
            for node in drawn
            if node.role not in FIXED
            for shown in with_gaps(node.name, gradients.get(node.name, []), walk.num_frames, _text_of(count))
        ],
        weights=[
            _value(key, span, count if numbers else 0) for name, key in riding.items() for span in values.get(name, [])
        ],
        sent=[*_sent(walk), *(_arrived(gradients, riding, count) if numbers else ())],
        active=walk.active,
    )


def _nodes(net: Net) -> list[DrawnNode]:
    nodes = net.graph.nodes
    small = not any(node.op == "affine" for node in nodes)
    return [
        DrawnNode(key=nodes[i].name, label=_label(nodes[i], small), x=x, y=y, leaf=not nodes[i].op)
        for i, (x, y) in net.places.items()
    ]


def _label(node: Node, small: bool) -> str:
    """A node's name; with its operation where the graph is one of small operations."""
    return f"{label(node.name)} {written_sign(node)}".strip() if small else label(node.name)


def _wires(net: Net) -> list[DrawnWire]:
    bends = net.bends or {}
    return [
        DrawnWire(
            key=wire.key,
            points=(net.places[wire.source], *bends.get(wire.key, ()), net.places[wire.target]),
            quiet=wire.quiet,
        )
        for wire in net.wires
    ]


def _value(key: str, span: Span[Value], count: int) -> Shown:
    """A value with so many digits; with none, only as a shade."""
    text = compact(span.what.number, count) if count else ""
    return Shown(key, span.start, span.end, text, soft(span.what.number), span.what.wrong)


def with_gaps(
    key: str, spans: Iterable[Span[Gradient]], num_frames: int, text: Callable[[Span[Gradient]], str]
) -> Iterator[Shown]:
    """A gradient over the frames, written by `text`: "?" where it is not yet known."""
    end = 0
    for span in spans:
        if span.start > end:
            yield Shown(key, end, span.start, "?", None)
        yield Shown(key, span.start, span.end, text(span), soft(span.what.total or 0.0), span.what.wrong)
        end = span.end
    if end < num_frames:
        yield Shown(key, end, num_frames, "?", None)


def _text_of(count: int) -> Callable[[Span[Gradient]], str]:
    """Writes a gradient's number; dots behind it while contributions are still missing."""

    def text(span: Span[Gradient]) -> str:
        total, arrived, expected, _ = span.what
        return "None" if total is None else compact(total, count) + (" …" if arrived < expected else "")

    return text


def _sent(walk: Walk) -> Iterator[Shown]:
    """What has come back over each wire: its sign, and its size among all."""
    most = max((abs(s.what.number) for s in walk.sent if math.isfinite(s.what.number)), default=0.0) or 1.0
    for span in walk.sent:
        yield Shown(span.key, span.start, span.end, "", _strength(span.what.number, most))


def _arrived(gradients: Mapping[str, list[Span[Gradient]]], riding: Mapping[str, str], count: int) -> Iterator[Shown]:
    """The gradients of weights, on the wires that they ride on."""
    text = _text_of(count)
    for name, key in riding.items():
        for span in gradients.get(name, []):
            yield Shown(key, span.start, span.end, text(span), None, span.what.wrong)


def soft(value: float) -> float:
    """A value's shade: its sign, and a size that never saturates."""
    return float(value / (1 + abs(value))) if math.isfinite(value) else 0.0


def _strength(value: float, most: float) -> float:
    """The same for what comes back over a wire, by the largest of all."""
    return math.copysign(math.sqrt(min(abs(value) / most, 1.0)), value) if math.isfinite(value) else 0.0
