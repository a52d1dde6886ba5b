"""Every network of the lesson: named once, complete, drawn so that it can be read; and how names are written."""

from itertools import combinations, pairwise
from math import prod

import numpy as np
import pytest

from dlcore.topics.backprop import Graph
from dlcore.topics.backprop_config import MOST_LAYERS, MOST_WIDTH, NETWORKS, BackpropConfig
from dlcore.topics.networks import BUILDERS, build
from dlcore.topics.scalar_net import BOX, GREEK, Net, Wire, label

LARGEST = (MOST_WIDTH,) * MOST_LAYERS
FORMULAS = {
    "log-loss": "log(1 + exp(-y*(w1*x1 + w2*x2 + b)))",
    "two layers": "sigmoid(v1*tanh(w11*x1 + w12*x2 + b1) + v2*tanh(w21*x1 + w22*x2 + b2) + c)",
    "bell": "exp(-(x - mu)**2/(2*sigma**2))/sqrt(2*pi*sigma**2)",
    "repeated": "x*x*x + sin(x*y)/y - max(x, y)**2",
    "long sum": "a*b + b*c + c*d + d*a + a*c + b*d",
    "smallest": "x",
}
CASES = {
    **{name: BackpropConfig(network=name) for name in NETWORKS},
    **{f"mlp {shape}": BackpropConfig(network="mlp", shape=shape) for shape in ((1,), (6,), (4, 4), LARGEST)},
    **{f"formula, {name}": BackpropConfig(network="formula", formula=text) for name, text in FORMULAS.items()},
}
LAYERED = {name: config for name, config in CASES.items() if config.network != "formula"}
every_net = pytest.mark.parametrize("net", CASES.values(), ids=CASES, indirect=True)
every_network_of_layers = pytest.mark.parametrize("net", LAYERED.values(), ids=LAYERED, indirect=True)


@pytest.fixture
def net(request: pytest.FixtureRequest) -> Net:
    return build(request.param)


def names(net: Net, *roles: str) -> list[str]:
    return [node.name for node in net.graph.nodes if not node.op and node.role in roles]


def path(net: Net, wire: Wire) -> list[tuple[float, float]]:
    return [net.places[wire.source], *(net.bends or {}).get(wire.key, ()), net.places[wire.target]]


def test_every_network_of_the_menu_can_be_built() -> None:
    assert BUILDERS.keys() == NETWORKS.keys()


# What a network has


@every_net
def test_every_leaf_has_a_value_and_the_last_node_is_the_loss(net: Net) -> None:
    assert list(net.start) == names(net, "parameter")
    for sample in net.data:
        assert set(sample) == set(names(net, "input", "target"))
    constants = {name: float(name) for name in names(net, "constant")}
    values = net.graph.forward({**constants, **net.start, **net.data[0]})
    assert np.isfinite(values).all()
    used = {j for node in net.graph.nodes for j in node.inputs}
    assert set(range(len(net.graph.nodes))) - used == {len(net.graph.nodes) - 1}


@every_net
def test_every_gradient_is_finite_and_every_parameter_has_one(net: Net) -> None:
    constants = {name: float(name) for name in names(net, "constant")}
    values = net.graph.forward({**constants, **net.start, **net.data[0]})
    gradients = net.graph.gradients(net.graph.backward(values))
    assert np.isfinite(list(gradients.values())).all()
    assert {net.graph.index[name] for name in net.start} <= gradients.keys()


@every_network_of_layers
def test_modules_hand_on_what_they_made_and_end_in_the_loss(net: Net) -> None:
    for before, after in pairwise(net.modules):
        assert after.inputs == before.outputs
        assert prod(after.input_shape) == prod(before.output_shape) == len(after.inputs)
    assert net.modules[-1].outputs == (net.graph.nodes[-1].name,)
    assert net.modules[-1].output_shape == ()
    assert net.modules[-1].inputs == net.prediction
    assert list(net.modules[-1].targets) == names(net, "target")


@every_network_of_layers
def test_the_modules_weights_and_biases_are_all_the_parameters(net: Net) -> None:
    owned = {name for module in net.modules for name in (*module.weights, *module.biases)}
    assert owned == set(net.start) - set(net.modules[0].inputs)  # softmax differentiates its inputs
    for module in net.modules:
        assert len(module.weights) == (prod(module.weight_shape) if module.weights else 0)
        assert len(module.biases) == (module.weight_shape[0] if module.weights else 0)


@pytest.mark.parametrize("name", ["neuron", "textbook", "mlp", "conv"])
def test_behind_a_cut_the_last_layer_alone_learns(name: str) -> None:
    net = build(BackpropConfig(network=name))
    values = net.graph.forward({**net.start, **net.data[0]})
    reached = net.graph.gradients(net.graph.backward(values, cut=net.detached))
    learning = {name for name in net.start if net.graph.index[name] in reached}
    *_, last = [module for module in net.modules if module.weights]
    assert learning == (set() if name == "neuron" else {*last.weights, *last.biases})


@pytest.mark.parametrize(
    ("name", "fan_in"),
    [
        ("neuron", {"b": 2}),
        ("textbook", {"b1": 2, "b2": 2}),
        ("mlp", {"b11": 2, "b12": 2, "b13": 2, "b21": 3, "b22": 3, "b": 2}),
        ("softmax", {}),
        ("conv", {"b": 4, "d": 4}),
        ("formula", {"b": 1}),  # tanh(w*x + b) * x
    ],
)
def test_fan_in_counts_the_weights_beside_each_bias(name: str, fan_in: dict[str, int]) -> None:
    assert build(BackpropConfig(network=name)).fan_in == fan_in


# How it is drawn


@every_net
def test_every_node_has_a_home_that_is_drawn(net: Net) -> None:
    drawn = {net.graph.nodes[index].name for index in net.places} | {wire.key for wire in net.wires}
    assert {net.home(index) for index in range(len(net.graph.nodes))} <= drawn
    assert all(index in net.places for index, node in enumerate(net.graph.nodes) if node.op)


@every_net
def test_wires_have_keys_of_their_own_and_bends_are_of_wires(net: Net) -> None:
    keys = [wire.key for wire in net.wires]
    assert len(set(keys)) == len(keys)
    assert set(net.bends or {}) <= set(keys)


def test_weights_ride_on_wires_and_an_undrawn_bias_belongs_to_its_node() -> None:
    net = build(BackpropConfig(network="mlp"))
    assert net.home(net.graph.index["u12"]) == "x2→z11"
    assert net.home(net.graph.index["o2"]) == "a22→z"
    assert net.home(net.graph.index["b21"]) == "z21"
    assert net.home(net.graph.index["b"]) == "z"


@every_net
def test_no_two_nodes_are_closer_than_a_box(net: Net) -> None:
    for (x0, y0), (x1, y1) in combinations(net.places.values(), 2):
        assert abs(x1 - x0) >= BOX or abs(y1 - y0) >= 1 - 1e-9


@every_net
def test_wires_go_from_left_to_right(net: Net) -> None:
    for wire in net.wires:
        columns = [x for x, _ in path(net, wire)]
        assert all(before < after for before, after in pairwise(columns)), wire.key


@every_net
def test_no_wire_that_is_always_drawn_runs_through_a_box(net: Net) -> None:
    half = np.array([BOX / 2, 0.28])
    for wire in net.wires:
        others = np.array([place for i, place in net.places.items() if i not in (wire.source, wire.target)])
        if wire.quiet or not len(others):
            continue
        columns, rows = np.array(path(net, wire)).T
        x = np.linspace(columns[0], columns[-1], 400)
        line = np.column_stack([x, np.interp(x, columns, rows)])
        assert not (np.abs(line[:, None] - others) < half - 1e-9).all(axis=2).any(), wire.key


@every_net
def test_a_picture_has_at_most_60_nodes_in_17_columns_and_10_rows(net: Net) -> None:
    assert len(net.places) <= 60
    spans = np.ptp(np.array(list(net.places.values())), axis=0)
    assert spans[0] <= 16
    assert spans[1] <= 9


def test_only_wires_between_cells_are_quiet() -> None:
    net = build(BackpropConfig(network="conv"))
    loud = [wire.key for wire in net.wires if not wire.quiet]
    assert loud == ["h11→o", "h12→o", "h21→o", "h22→o", "o→E", "y→E"]
    assert not any(wire.quiet for wire in build(BackpropConfig(network="mlp")).wires)


# Names


def test_a_second_use_of_a_node_is_another_wire() -> None:
    graph = Graph()
    x = graph.leaf("x")
    square = graph.apply("multiply", x, x, name="f")
    net = Net(graph=graph, start={"x": 3.0}, data=({},), places={x: (0, 0), square: (1, 0)})
    assert [wire.key for wire in net.wires] == ["x→f", "x→f·2"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("w12", "w<sub>12</sub>"),
        ("E", "E"),
        ("eta_0", "η<sub>0</sub>"),
        ("sigma", "σ"),
        ("mass", "mass"),
        ("-0.5", "−0.5"),
        ("02", "2"),
        ("1024", "1024"),
        ("3.141592653589793", "3.1416"),
        ("1e-05", "1·10<sup>−5</sup>"),
    ],
)
def test_names_are_written_with_indices_and_greek_letters(name: str, written: str) -> None:
    assert label(name) == written


def test_greek_letters_are_those_of_the_formulas_latex() -> None:
    from dlcore.formula import parse

    for name in GREEK:
        assert parse(name).latex() == f"\\{name}"
