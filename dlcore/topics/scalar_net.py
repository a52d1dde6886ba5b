"""Knows what a network is to the lesson on backpropagation: a graph, its leaves, its data, its place on the page."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

from dlcore.numerals import digits
from dlcore.topics.backprop import Graph, Role

ModuleKind = Literal["linear", "conv", "tanh", "sigmoid", "relu", "softmax", "max-pool", "half-square", "cross-entropy"]
#: Titles of the modules whose sizes say nothing.
TITLES: dict[ModuleKind, str] = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "ReLU",
    "softmax": "Softmax",
    "half-square": "Squared error",
    "cross-entropy": "Cross-entropy",
}
Place = tuple[float, float]  # column, row; rows are counted downwards
BOX = 0.62  # the width of a node's box, in columns
#: Rows a column: a straight wire that rises more would run through the box above or below its end.
STEEP = 2.2
#: Written out in a formula, a letter in its picture, as in its LaTeX: "eta" -> "η".
GREEK = {unicodedata.name(letter).split()[-1].lower(): letter for letter in "αβγδεηθκμνρστφχψω"}


@dataclass(frozen=True, kw_only=True)
class Module:
    """A layer X_out = F(W, X_in) of the network, as names of the graph's nodes.

    Loss modules have the targets in `targets` and one output. Shapes are those of X_in, X_out and W as torch has them,
    for example W: (outputs, inputs); names are in row-major order. A bias has one name for each output (the textbook's
    shared bias has the same name twice), in a convolution one for each output channel.
    """

    kind: ModuleKind
    title: str  # "Linear 2→3"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: tuple[str, ...] = ()
    biases: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    weight_shape: tuple[int, ...] = ()


class Wire(NamedTuple):
    """A drawn edge: from the place of `source` into `target`; `weight` rides on it where it has no place of its own."""

    key: str  # "x1→z1"; a second wire between the same two is "x→v2·2"
    source: int
    target: int
    slot: int
    weight: int | None = None
    quiet: bool = False  # not drawn unless something happens on it


@dataclass(frozen=True, kw_only=True)
class Net:
    """A network that can be walked.

    start: the parameters' first values, in torch's order. data: inputs and targets of every sample, by name.
    places: node -> (column, row) of those that are drawn, rows counted downwards; a weight without a place rides on its
    wire, a bias without one belongs to its node. detached: the nodes that the fault "detach" cuts off.
    quiet: whether most wires stay undrawn until they are active, as between the cells of images.
    bends: wire's key -> points (column, row) that the wire passes between its ends.
    """

    graph: Graph
    start: Mapping[str, float]
    data: tuple[Mapping[str, float], ...]
    places: Mapping[int, Place]
    modules: tuple[Module, ...] = ()
    detached: frozenset[int] = frozenset()
    quiet: bool = False
    bends: Mapping[str, tuple[Place, ...]] | None = None
    prediction: tuple[str, ...] = ()  # the nodes that are the network's answer

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """The drawn edges, in the order in which values flow."""
        found: list[Wire] = []
        for target, node in enumerate(self.graph.nodes):
            half = len(node.inputs) // 2
            drawn = [(slot, source) for slot, source in enumerate(node.inputs) if source in self.places]
            uses: Counter[int] = Counter()
            for slot, source in drawn:
                uses[source] += 1
                key = f"{self.graph.nodes[source].name}→{node.name}"
                key += f"·{uses[source]}" if uses[source] > 1 else ""
                weight = node.inputs[half + slot] if node.op == "affine" and slot < half else None
                weight = None if weight in self.places else weight
                # From cell to cell an image has hundreds; a layer whose weights ride on its wires needs to be seen.
                quiet = self.quiet and weight is None and node.op in ("affine", "max")
                found.append(Wire(key, source, target, slot, weight, quiet))
        return tuple(found)

    @cached_property
    def fan_in(self) -> dict[str, int]:
        """bias -> the number of weights of the sum that it is added to; only biases are named."""
        nodes, found = self.graph.nodes, {}
        for node in nodes:
            products = [j for j in node.inputs if nodes[j].op == "multiply"]
            if node.op == "affine":
                bias, weights = node.inputs[-1], len(node.inputs) // 2
            elif node.op == "add" and len(products) == len(node.inputs) - 1 > 0:  # w1 x1 + w2 x2 + b
                bias, weights = next(j for j in node.inputs if j not in products), len(products)
            else:
                continue
            if nodes[bias].role == "parameter":
                found[nodes[bias].name] = weights
        return found

    def home(self, index: int) -> str:
        """The key of what shows a node: itself, the wire that a weight rides on, the node that a bias belongs to."""
        if index in self.places:
            return self.graph.nodes[index].name
        wire = next((wire for wire in self.wires if wire.weight == index), None)
        if wire is not None:
            return wire.key
        return next(node.name for node in self.graph.nodes if index in node.inputs)


def leaves(graph: Graph, names: Iterable[str], role: Role = "parameter") -> list[int]:
    """Adds a leaf for every name and returns their indices. Raises: ValueError for a name that is taken."""
    return [graph.leaf(name, role) for name in names]


def column(nodes: Sequence[int], at: float, middle: float, pitch: float = 1.0) -> dict[int, Place]:
    """Places of nodes one below the other, `pitch` rows apart, around a row in the middle."""
    top = middle - pitch * (len(nodes) - 1) / 2
    return {node: (at, top + pitch * i) for i, node in enumerate(nodes)}


def around(wires: Mapping[str, Sequence[Place]]) -> dict[str, tuple[Place, ...]]:
    """The bends of wires: those they have, and more between columns where a straight wire would run through boxes.

    There all wires leave the boxes at the middle of the right side and arrive at the middle of the left side.
    wires: key -> its two ends and the bends between them.
    """
    rises = [ends for points in wires.values() for ends in pairwise(points)]
    steep = {x0 for (x0, y0), (x1, y1) in rises if abs(y1 - y0) > STEEP * (x1 - x0)}
    bends: dict[str, tuple[Place, ...]] = {}
    for key, points in wires.items():
        path: list[Place] = []
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 in steep and y0 != y1:
                path += [(x0 + BOX / 2, y0), (x1 - BOX / 2, y1)]
            path.append((x1, y1))
        bends[key] = tuple(path[:-1])
    return bends


def linear(inputs: Sequence[str], outputs: Sequence[str], weights: Sequence[str], biases: Sequence[str]) -> Module:
    """z = W x + b. weights: names of W (outputs, inputs), row by row."""
    return Module(
        kind="linear",
        title=f"Linear {len(inputs)}→{len(outputs)}",
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        weights=tuple(weights),
        biases=tuple(biases),
        input_shape=(len(inputs),),
        output_shape=(len(outputs),),
        weight_shape=(len(outputs), len(inputs)),
    )


def activation(kind: ModuleKind, inputs: Sequence[str], outputs: Sequence[str]) -> Module:
    """A layer without weights, as large as its input: tanh, sigmoid, relu, softmax."""
    n = (len(inputs),)
    return Module(
        kind=kind, title=TITLES[kind], inputs=tuple(inputs), outputs=tuple(outputs), input_shape=n, output_shape=n
    )


def loss(kind: ModuleKind, inputs: Sequence[str], targets: Sequence[str]) -> Module:
    """The last module: E of the network's answers and their targets, by half the squared error or cross-entropy."""
    n = (len(inputs),)
    return Module(
        kind=kind, title=TITLES[kind], inputs=tuple(inputs), outputs=("E",), targets=tuple(targets), input_shape=n
    )


def label(name: str) -> str:
    """A node's name in HTML: w12 is w<sub>12</sub>, eta_0 is η<sub>0</sub>, and the constant -0.5 is −0.5."""
    if not name[0].isalpha():
        figures = len(Decimal(name).normalize().as_tuple().digits)
        return digits(float(name), min(figures, 5))
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    stem = stem.rstrip("_")
    return GREEK.get(stem, stem) + (f"<sub>{index}</sub>" if index else "")
