"""The networks of neurons: one alone, the textbook's 2-2-2, a perceptron of any shape, and softmax with cross-entropy.

Knows their graphs, first parameters, data and where each node is drawn; does not know how they are trained.
"""

from dataclasses import replace
from typing import NamedTuple, cast

import torch

from dlcore.datasets.points import iris
from dlcore.topics.backprop import Graph
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.scalar_net import Module, ModuleKind, Net, Place, activation, around, column, leaves, linear, loss


def neuron(config: BackpropConfig) -> Net:
    """One neuron in its smallest steps: two products, a sum, an activation, half the squared error."""
    graph = Graph()
    x1, x2 = leaves(graph, ("x1", "x2"), "input")
    w1, w2, b = leaves(graph, ("w1", "w2", "b"))
    y = graph.leaf("y", "target")
    m1 = graph.apply("multiply", x1, w1, name="m1")
    m2 = graph.apply("multiply", x2, w2, name="m2")
    z = graph.apply("add", m1, m2, b, name="z")
    a = graph.apply(config.activation, z, name="a")
    e = graph.apply("half-square", a, y, name="E")
    return Net(
        graph=graph,
        start={"w1": 0.6, "w2": 0.2, "b": 0.1},
        data=({"x1": 1.0, "x2": -2.0, "y": 1.0},),
        places=column([x1, w1, x2, w2, b], 0, 2)
        | {m1: (1, 0.5), m2: (1, 2.5), z: (2, 2.25), a: (3, 2.25), y: (3, 3.5), e: (4, 2.25)},
        modules=(
            linear(("x1", "x2"), ("z",), ("w1", "w2"), ("b",)),
            activation(cast("ModuleKind", config.activation), ("z",), ("a",)),
            loss("half-square", ("a",), ("y",)),
        ),
        detached=frozenset({z}),
        prediction=("a",),
    )


class Layer(NamedTuple):
    """The names of a layer of neurons: its inputs, W row by row, biases, sums z = W x + b, and outputs f(z)."""

    inputs: tuple[str, ...]
    weights: tuple[tuple[str, ...], ...]
    biases: tuple[str, ...]
    sums: tuple[str, ...]
    outputs: tuple[str, ...]
    activation: ModuleKind

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every name once, in torch's order: weights, then biases."""
        return tuple(dict.fromkeys((*(name for row in self.weights for name in row), *self.biases)))

    @property
    def modules(self) -> tuple[Module, Module]:
        """The linear map and the activation."""
        weights = [name for row in self.weights for name in row]
        sums = linear(self.inputs, self.sums, weights, self.biases)
        return sums, activation(self.activation, self.sums, self.outputs)

    def add_to(self, graph: Graph) -> None:
        """Adds the parameters, all sums, then all outputs."""
        leaves(graph, self.parameters)
        for z, row, bias in zip(self.sums, self.weights, self.biases, strict=True):
            graph.apply("affine", *(graph.index[name] for name in (*self.inputs, *row, bias)), name=z)
        for z, output in zip(self.sums, self.outputs, strict=True):
            graph.apply(self.activation, graph.index[z], name=output)


def textbook(_: BackpropConfig) -> Net:
    """Two inputs, two hidden and two output units, a bias for each layer, squared errors that add up.

    Numbers: Mazur, A step by step backpropagation example (2015), who gives every value and gradient.
    """
    graph = Graph()
    leaves(graph, ("x1", "x2"), "input")
    y1, y2 = leaves(graph, ("y1", "y2"), "target")
    hidden = Layer(("x1", "x2"), (("w1", "w2"), ("w3", "w4")), ("b1", "b1"), ("z1", "z2"), ("a1", "a2"), "sigmoid")
    output = Layer(("a1", "a2"), (("w5", "w6"), ("w7", "w8")), ("b2", "b2"), ("z3", "z4"), ("a3", "a4"), "sigmoid")
    hidden.add_to(graph)
    output.add_to(graph)
    at = graph.index
    e1 = graph.apply("half-square", at["a3"], y1, name="E1")
    e2 = graph.apply("half-square", at["a4"], y2, name="E2")
    total = graph.apply("add", e1, e2, name="E")
    rows = {("x1", "x2"): 0.0, ("z1", "z2"): 1.8, ("a1", "a2"): 2.6, ("z3", "z4"): 4.4, ("a3", "a4"): 5.2}
    places = {at[name]: (col, float(row)) for names, col in rows.items() for row, name in enumerate(names)}
    return Net(
        graph=graph,
        start={"w1": 0.15, "w2": 0.20, "w3": 0.25, "w4": 0.30, "b1": 0.35}
        | {"w5": 0.40, "w6": 0.45, "w7": 0.50, "w8": 0.55, "b2": 0.60},
        data=({"x1": 0.05, "x2": 0.10, "y1": 0.01, "y2": 0.99},),
        places=places
        | {at["b1"]: (0, 2), at["b2"]: (2.6, 2), y1: (5.2, -1), y2: (5.2, 2)}
        | {e1: (6.2, 0), e2: (6.2, 1), total: (7.1, 0.5)},
        modules=(*hidden.modules, *output.modules, loss("half-square", ("a3", "a4"), ("y1", "y2"))),
        detached=frozenset({at["a1"], at["a2"]}),
        prediction=("a3", "a4"),
    )


def mlp(config: BackpropConfig) -> Net:
    """A multi-layer perceptron on real flowers: hidden layers of any width, one sigmoid output.

    Weights and biases begin uniform within ±1/√(fan-in), as torch's own do, rounded so that they can be read.
    """
    graph = Graph()
    inputs = leaves(graph, ("x1", "x2"), "input")
    y = graph.leaf("y", "target")
    layers = _layers(config)
    places = column(inputs, 0, 0)
    for number, layer in enumerate(layers, 1):
        layer.add_to(graph)
        places |= column([graph.index[name] for name in layer.sums], 2 * number - 0.8, 0)
        places |= column([graph.index[name] for name in layer.outputs], 2 * number, 0)
    end = 2 * len(layers)
    e = graph.apply(config.loss, graph.index["p"], y, name="E")
    net = Net(
        graph=graph,
        start=_start(layers, config.seed),
        data=_flowers(),
        places=places | {y: (end, 1), e: (end + 1, 0)},
        modules=(
            *(module for layer in layers for module in layer.modules),
            loss(cast("ModuleKind", config.loss), ("p",), ("y",)),
        ),
        detached=frozenset(graph.index[name] for name in layers[-2].outputs),
        prediction=("p",),
    )
    return replace(net, bends=around({w.key: (net.places[w.source], net.places[w.target]) for w in net.wires}))


def _layers(config: BackpropConfig) -> list[Layer]:
    """The perceptron's layers, the output last; u12 is the weight of unit 1's input 2 in the first of them."""
    inputs = ("x1", "x2")
    layers = []
    for number, (letter, width) in enumerate(zip("uvwq", config.shape, strict=False), 1):
        units = range(1, width + 1)
        weights = tuple(tuple(f"{letter}{i}{j + 1}" for j in range(len(inputs))) for i in units)
        biases, sums, outputs = (tuple(f"{stem}{number}{i}" for i in units) for stem in "bza")
        layers.append(Layer(inputs, weights, biases, sums, outputs, cast("ModuleKind", config.activation)))
        inputs = outputs
    last = tuple(f"o{j + 1}" for j in range(len(inputs)))
    return [*layers, Layer(inputs, (last,), ("b",), ("z",), ("p",), "sigmoid")]


def _start(layers: list[Layer], seed: int) -> dict[str, float]:
    """Parameters drawn as torch.nn.Linear draws them, to two decimals."""
    generator = torch.Generator().manual_seed(seed)
    start = {}
    for layer in layers:
        bound = len(layer.inputs) ** -0.5
        drawn = torch.empty(len(layer.parameters), dtype=torch.float64).uniform_(-bound, bound, generator=generator)
        start |= {name: round(w, 2) + 0.0 for name, w in zip(layer.parameters, drawn.tolist(), strict=True)}  # no −0
    return start


def _flowers() -> tuple[dict[str, float], ...]:
    """The samples of `iris`, input by input."""
    points = iris()
    rows = torch.column_stack([points.inputs, points.targets]).tolist()
    return tuple(dict(zip(("x1", "x2", "y"), row, strict=True)) for row in rows)


def softmax(_: BackpropConfig) -> Net:
    """Softmax and cross-entropy of three logits, in their smallest steps: E = −Σ y log(exp z / Σ exp z)."""
    graph = Graph()
    classes = range(1, 4)
    z = leaves(graph, [f"z{i}" for i in classes])
    y = leaves(graph, [f"y{i}" for i in classes], "target")
    e = [graph.apply("exp", z[i - 1], name=f"e{i}") for i in classes]
    s = graph.apply("add", *e, name="s")
    p = [graph.apply("divide", e[i - 1], s, name=f"p{i}") for i in classes]
    log = [graph.apply("log", p[i - 1], name=f"l{i}") for i in classes]
    t = [graph.apply("multiply", y[i - 1], log[i - 1], name=f"t{i}") for i in classes]
    n = graph.apply("add", *t, name="n")
    total = graph.apply("negate", n, name="E")
    places: dict[int, Place] = {s: (2, 3), n: (6, 2), total: (7, 2)}
    for at, nodes in ((0, z), (1, e), (3, p), (4, log), (5, t)):
        places |= column(nodes, at, 2, pitch=2)  # between the rows: the sum, and the targets
    names = [tuple(f"{stem}{i}" for i in classes) for stem in "zpy"]
    return Net(
        graph=graph,
        start={"z1": 2.0, "z2": 1.0, "z3": -1.0},
        data=({"y1": 0.0, "y2": 1.0, "y3": 0.0},),
        places=places | column(y, 4, 3, pitch=2),
        modules=(activation("softmax", names[0], names[1]), loss("cross-entropy", names[1], names[2])),
        prediction=names[1],
    )
