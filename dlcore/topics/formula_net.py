"""A typed formula as a network: each of its variables is a parameter, each operation a node, its value f the loss.

Knows how a formula's tree becomes a graph and where its nodes stand; how a formula is read is `dlcore.formula`'s.
"""

import ast
import math
from dataclasses import replace
from itertools import count

import numpy as np
from fast_sugiyama import from_edges

from dlcore.formula import Formula, parse
from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS, value
from dlcore.topics.backprop import Graph
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.scalar_net import Net, Place, around, leaves

MOST_NODES, MOST_COLUMNS, MOST_ROWS = 60, 17, 10  # that can be read in one picture
NODE, PASSING = 0.5, 0.2  # half the height that a node has to itself, and a wire on its way through a column; in rows
LAST = "f"
STARTS = (0.5, 2.0, -1.0, 1.5, -0.5, 3.0, -2.0, 2.5)  # of the variables in alphabetical order
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
#: Functions whose operation has another name.
CALLS = {"ln": "log", "min": "minimum", "max": "maximum"}


def formula(config: BackpropConfig) -> Net:
    """The graph of config.formula, laid out from left to right.

    Raises: ValueError for what is no formula, has no variables, has a variable named f, or is too large to be drawn.
    """
    read = parse(config.formula)
    graph = _graph(read)
    places, routes = _lay_out(graph)
    columns, rows = (1 + math.ceil(max(ends) - 1e-6) for ends in zip(*places.values(), strict=True))
    sizes = (len(graph.nodes), MOST_NODES), (columns, MOST_COLUMNS), (rows, MOST_ROWS)
    for (size, most), what in zip(sizes, ("nodes", "columns of nodes", "rows of nodes"), strict=True):
        if size > most:
            raise ValueError(f"formula is {read.text!r}: its graph has {size} {what}, and at most {most} can be read.")
    net = Net(graph=graph, start=_start(graph, read.names), data=({},), places=places)
    return replace(net, bends=_bends(net, routes))


def _graph(read: Formula) -> Graph:
    """Variables first, then what the formula makes of them, in the order in which Python would compute it."""
    if not read.names:
        raise ValueError(f"formula is {read.text!r}: it must have a variable, such as x, to be differentiated.")
    if LAST in read.names:
        raise ValueError(
            f"formula is {read.text!r}: {LAST} is the name of its value, so call the variable another name."
        )
    graph = Graph()
    leaves(graph, read.names)
    writer = _Writer(graph)
    tree = _without_plus(read.tree)
    if isinstance(tree, ast.Name):
        graph.apply("add", graph.index[tree.id], name=LAST)  # f = x: there must be something to walk through
    else:
        writer.write(tree, LAST)
    return graph


class _Writer:
    """Adds a formula's tree to a graph, operands before operations."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = (name for i in count(1) if (name := f"v{i}") not in graph.index)

    def write(self, node: ast.expr, name: str = "") -> int:
        """Adds what is not there yet of a tree and returns its index; an operation gets the name, or the next one."""
        node = _without_plus(node)
        if isinstance(node, ast.Name) and node.id not in CONSTANTS:
            return self.graph.index[node.id]
        op, operands = _operation(node)
        if not any(_variables(operand) for operand in operands):
            return self.constant(float(value(node, {})))
        inputs = [self.write(operand) for operand in operands]
        return self.graph.apply(op, *inputs, name=name or next(self.names))

    def constant(self, number: float) -> int:
        """A new leaf for a number, whose name it is, with zeros before it where that name is taken: 2, 02, 002."""
        digits = f"{abs(number):g}" if float(f"{number:g}") == number else repr(abs(number))
        sign = "-" if number < 0 else ""
        names = (f"{sign}{'0' * zeros}{digits}" for zeros in count())
        return self.graph.leaf(next(name for name in names if name not in self.graph.index), "constant")


def _operation(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """The operation at the root of a tree, and its operands; numbers have none. a + b + c is one sum of three."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            before = _without_plus(left)
            return "add", [*(_operation(before)[1] if _is_sum(before) else [left]), right]
        case ast.BinOp(left=left, op=symbol, right=right):
            return OPERATORS[type(symbol)], [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return "negate", [operand]
        case ast.Call(func=ast.Name(id=name), args=operands):
            return CALLS.get(name, name), operands
    return "", []


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)


def _without_plus(node: ast.expr) -> ast.expr:
    """The tree without signs that change nothing."""
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        node = node.operand
    return node


def _variables(node: ast.expr) -> set[str]:
    """The variables of a tree."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names - CONSTANTS.keys() - FUNCTIONS.keys()


def _start(graph: Graph, names: tuple[str, ...]) -> dict[str, float]:
    """First values of the variables: the first choice at which the formula and all its gradients are finite."""
    turns = [divmod(i, len(STARTS)) for i in range(len(names))]
    usual = [STARTS[i] + 0.1 * turn for turn, i in turns]
    positive = [abs(w) + 0.25 * (w < 0) for w in usual]  # for roots and logarithms
    small = [w / 10 for w in positive]  # for asin
    constants = {node.name: float(node.name) for node in graph.nodes if node.role == "constant"}
    for numbers in (usual, positive, small):
        start = {name: round(w, 3) for name, w in zip(names, numbers, strict=True)}
        values = graph.forward({**constants, **start})
        gradients = graph.gradients(graph.backward(values)).values()
        if np.isfinite([*values, *gradients]).all():
            return start
    return dict(zip(names, usual, strict=True))


def _lay_out(graph: Graph) -> tuple[dict[int, Place], dict[tuple[int, int], tuple[Place, ...]]]:
    """A place for every node, and for the wires from one node to another what they pass on their way.

    Source: Sugiyama, Tagawa and Toda, Methods for visual understanding of hierarchical system structures (1981).
    """
    last = len(graph.nodes) - 1
    # Counted back from f: "down" moves one vertex after the other, each as far as those before it in the count allow.
    edges = sorted({(last - j, last - i) for i, node in enumerate(graph.nodes) for j in node.inputs})
    # Where its own check of the layout fails, it ends the process; `_apart` mends what may be wrong.
    [(drawn, _, _, segments)] = from_edges(
        edges, vertex_spacing=1, dummy_size=PASSING / NODE, ranking_type="down", check_layout=False
    )
    vertices = np.array([vertex for vertex, _ in drawn], int)  # those above `last` are what long wires pass
    points = np.array([point for _, point in drawn], float)
    rows, columns = (points.max(axis=0) - points).T
    rows *= min(1.0, (MOST_ROWS - 1) / max(rows.max(), 1.0))
    halves = np.where(vertices > last, PASSING, NODE)
    for column in np.unique(columns):
        here = columns == column
        rows[here] = _apart(rows[here], halves[here])
    found = dict(zip(vertices.tolist(), zip(columns.tolist(), rows.tolist(), strict=True), strict=True))
    parts = [(int(start), int(end)) for start, end in segments or ()]
    after = dict(parts)  # the one way on from a bend
    routes: dict[tuple[int, int], tuple[Place, ...]] = {}
    for start, end in parts:
        if start <= last:
            path = [end]
            while path[-1] > last:
                path.append(after[path[-1]])
            routes[last - start, last - path[-1]] = tuple(found[vertex] for vertex in path[:-1])
    return {i: found[last - i] for i in range(last + 1)}, routes


def _apart(rows: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """The nearest rows in the same order that are as far apart as what stands there needs, within the picture."""
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(rows, kind="stable")
    steps = np.concatenate([[0.0], np.cumsum(halves[order][:-1] + halves[order][1:])])
    spare = max(MOST_ROWS - 1 - steps[-1], 0.0)
    moved = np.empty_like(rows)
    moved[order] = isotonic_regression(rows[order] - steps, y_min=0.0, y_max=spare) + steps
    return moved


def _bends(net: Net, routes: dict[tuple[int, int], tuple[Place, ...]]) -> dict[str, tuple[Place, ...]]:
    """What each wire passes; a second wire between the same two nodes goes beside the first."""
    ends = {wire.key: (net.places[wire.source], net.places[wire.target]) for wire in net.wires}
    bends = around({w.key: (ends[w.key][0], *routes[w.source, w.target], ends[w.key][1]) for w in net.wires})
    for key, ((x0, y0), (x1, y1)) in ends.items():
        number = int(key.partition("·")[2] or 1)
        if number > 1:
            path = bends[key] or (((x0 + x1) / 2, (y0 + y1) / 2),)
            bends[key] = tuple((x, y + 0.25 * (number - 1)) for x, y in path)
    return bends
