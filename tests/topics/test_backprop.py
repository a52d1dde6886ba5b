"""The scalar engine: textbook derivatives, the order in which gradients arrive, and what is not a number."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.backprop import FIXED, OPS, Arrival, Graph
from dlcore.topics.graph_checks import autograd
from tests.topics.random_graphs import graphs

ROOT3 = math.sqrt(3)

#: op, inputs, value, and a slope for each input.
TEXTBOOK = [
    ("add", (1, 2, 3), 6, (1, 1, 1)),
    ("subtract", (5, 3), 2, (1, -1)),
    ("multiply", (2, 3), 6, (3, 2)),
    ("divide", (6, 3), 2, (1 / 3, -2 / 3)),
    ("negate", (4,), -4, (-1,)),
    ("power", (2, 3), 8, (12, 8 * math.log(2))),
    ("exp", (1,), math.e, (math.e,)),
    ("log", (math.e,), 1, (1 / math.e,)),
    ("sqrt", (4,), 2, (1 / 4,)),
    ("abs", (-3,), 3, (-1,)),
    ("sin", (math.pi / 6,), 1 / 2, (ROOT3 / 2,)),
    ("cos", (math.pi / 3,), 1 / 2, (-ROOT3 / 2,)),
    ("tan", (math.pi / 4,), 1, (2,)),
    ("asin", (1 / 2,), math.pi / 6, (2 / ROOT3,)),
    ("acos", (1 / 2,), math.pi / 3, (-2 / ROOT3,)),
    ("atan", (1,), math.pi / 4, (1 / 2,)),
    ("sinh", (math.log(2),), 3 / 4, (5 / 4,)),
    ("cosh", (math.log(2),), 5 / 4, (3 / 4,)),
    ("tanh", (math.log(2),), 3 / 5, (16 / 25,)),
    ("sigmoid", (math.log(3),), 3 / 4, (3 / 16,)),
    ("relu", (2,), 2, (1,)),
    ("relu", (-2,), 0, (0,)),
    ("minimum", (1, 2), 1, (1, 0)),
    ("maximum", (1, 2), 2, (0, 1)),
    ("max", (1, 5, 3), 5, (0, 1, 0)),
    ("affine", (2, 3, 5, 7, 1), 2 * 5 + 3 * 7 + 1, (5, 7, 2, 3, 1)),
    ("half-square", (5, 2), 9 / 2, (3, -3)),
    ("cross-entropy", (4 / 5, 1), math.log(5 / 4), (-5 / 4, -math.log(4))),
]
#: Where two branches meet torch has chosen: 0 for relu and abs, halves for two arguments, the first for max-pooling.
KINKS = [
    ("relu", (0,), (0,)),
    ("abs", (0,), (0,)),
    ("minimum", (7, 7), (0.5, 0.5)),
    ("maximum", (7, 7), (0.5, 0.5)),
    ("max", (1, 7, 7, 2), (0, 1, 0, 0)),
    ("max", (7, 7, 7, 7), (1, 0, 0, 0)),
]


def single(op: str, inputs: tuple[float, ...]) -> tuple[Graph, dict[str, float]]:
    """One op of leaves of its own."""
    graph = Graph()
    graph.apply(op, *(graph.leaf(f"x{i}") for i in range(len(inputs))))
    return graph, {f"x{i}": number for i, number in enumerate(inputs)}


def gradients(graph: Graph, leaves: Mapping[str, float]) -> dict[str, float]:
    found = graph.gradients(graph.backward(graph.forward(leaves)))
    return {graph.nodes[i].name: gradient for i, gradient in found.items()}


@pytest.mark.parametrize(("op", "inputs", "value", "slopes"), TEXTBOOK)
def test_values_and_derivatives_are_the_textbooks(op: str, inputs: tuple, value: float, slopes: tuple) -> None:
    graph, leaves = single(op, inputs)
    values = graph.forward(leaves)
    assert values[-1] == pytest.approx(value, rel=1e-14)
    arrivals = graph.backward(values)
    assert [arrival.local for arrival in arrivals] == pytest.approx(slopes, rel=1e-14)
    assert all(isinstance(number, float) for arrival in arrivals for number in arrival[3:])


def test_every_operation_is_in_the_textbook() -> None:
    assert {op for op, *_ in TEXTBOOK} == OPS.keys()


@pytest.mark.parametrize(("op", "inputs", "slopes"), KINKS)
def test_on_a_kink_the_slope_is_torchs_choice(op: str, inputs: tuple, slopes: tuple) -> None:
    graph, leaves = single(op, inputs)
    assert tuple(arrival.local for arrival in graph.backward(graph.forward(leaves))) == slopes
    np.testing.assert_array_equal(autograd(graph, leaves), [*slopes, 1])


@pytest.mark.parametrize(
    ("x", "n", "value", "slope"),
    [
        (0, 2, 0, 0),
        (0, 1, 0, 1),
        (0, 0, 1, 0),
        (5, 0, 1, 0),
        (-2, 0, 1, 0),
        (-2, 1, -2, 1),
        (-2, 2, 4, -4),
        (-2, 3, -8, 12),
        (2, -1, 0.5, -0.25),
        (4, 0.5, 2, 0.25),
        (0, 0.5, 0, math.inf),
        (0, -1, math.inf, -math.inf),
    ],
)
def test_the_power_rule(x: float, n: float, value: float, slope: float) -> None:
    graph = Graph()
    graph.apply("power", graph.leaf("x"), graph.leaf("n", "constant"))
    values = graph.forward({"x": x, "n": n})
    assert values[-1] == value
    assert [arrival.local for arrival in graph.backward(values)] == [slope]


@pytest.mark.parametrize(("a", "b"), [(0, 2), (0, 0), (0, -1), (2, 0), (1e-200, 2), (math.inf, -1), (-2, 3), (-2, 0.5)])
def test_the_slope_in_the_exponent_is_torchs_where_there_is_no_textbook(a: float, b: float) -> None:
    graph, leaves = single("power", (a, b))
    np.testing.assert_array_equal([*gradients(graph, leaves).values()], autograd(graph, leaves)[[2, 0, 1]])


def test_a_value_used_twice_receives_two_contributions_that_add() -> None:
    graph = Graph()
    x = graph.leaf("x")
    graph.apply("multiply", x, x)
    expected = [Arrival(1, 0, slot, 1.0, 3.0, 3.0, total) for slot, total in ((0, 3.0), (1, 6.0))]
    assert graph.backward(graph.forward({"x": 3})) == expected
    assert gradients(graph, {"x": 3}) == {"x": 6, "v1": 1}


def test_several_paths_add_and_each_is_a_product() -> None:
    graph = Graph()
    x = graph.leaf("x")
    sine, square = graph.apply("sin", x), graph.apply("multiply", x, x)
    graph.apply("multiply", sine, square)
    expected = math.cos(0.7) * 0.7**2 + math.sin(0.7) * 2 * 0.7
    assert gradients(graph, {"x": 0.7})["x"] == pytest.approx(expected, rel=1e-14)


def test_a_chain_of_thousands_is_the_product_of_its_slopes() -> None:
    graph = Graph()
    node, factor = graph.leaf("x"), graph.leaf("1.001", "constant")
    for _ in range(3000):
        node = graph.apply("multiply", node, factor)
    found = gradients(graph, {"x": 2.0, "1.001": 1.001})
    assert found["x"] == pytest.approx(1.001**3000, rel=1e-12)
    assert len(found) == 3001


@given(graphs(), st.floats(-10, 10))
def test_a_node_sends_the_sum_of_all_it_receives_and_only_then(drawn: tuple[Graph, dict], seed: float) -> None:
    graph, leaves = drawn
    values = graph.forward(leaves)
    totals = {len(graph.nodes) - 1: seed}
    has_sent = set()
    for arrival in graph.backward(values, seed):
        assert arrival.target not in has_sent
        has_sent.add(arrival.source)
        assert graph.nodes[arrival.source].inputs[arrival.slot] == arrival.target
        assert arrival.upstream == totals[arrival.source]
        assert arrival.contribution == arrival.upstream * arrival.local
        totals[arrival.target] = totals.get(arrival.target, 0.0) + arrival.contribution
        assert arrival.total == totals[arrival.target]
    assert totals == graph.gradients(graph.backward(values, seed), seed)
    assert not any(graph.nodes[target].role in FIXED for target in totals)


def test_a_detached_node_and_all_before_it_receive_nothing() -> None:
    graph = Graph()
    x, v, w = graph.leaf("x", "input"), graph.leaf("v"), graph.leaf("w")
    hidden = graph.apply("tanh", graph.apply("multiply", v, x), name="h")
    graph.apply("multiply", w, hidden, name="out")
    values = graph.forward({"x": 0.5, "v": 2.0, "w": 3.0})
    arrivals = graph.backward(values, cut={hidden})
    assert [(a.target, a.contribution) for a in arrivals] == [(w, math.tanh(1.0))]
    assert {a.target for a in graph.backward(values)} == {x, v, w, hidden, hidden - 1}


@given(z=st.floats(-15, 15), y=st.floats(0, 1))
def test_sigmoid_and_cross_entropy_send_p_minus_y(z: float, y: float) -> None:
    graph = Graph()
    p = graph.apply("sigmoid", graph.leaf("z"), name="p")
    graph.apply("cross-entropy", p, graph.leaf("y", "target"))
    expected = 1 / (1 + math.exp(-z)) - y
    assert gradients(graph, {"z": z, "y": y})["z"] == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("z", "y", "loss"), [(800, 1, 0), (-800, 0, 0), (800, 0, 100), (-800, 1, 100)])
def test_the_cross_entropy_of_a_sure_answer_is_torchs(z: float, y: float, loss: float) -> None:
    graph = Graph()
    p = graph.apply("sigmoid", graph.leaf("z"))
    graph.apply("cross-entropy", p, graph.leaf("y", "target"))
    leaves = {"z": z, "y": y}
    values = graph.forward(leaves)
    expected = torch.nn.functional.binary_cross_entropy(torch.tensor(values[p]), torch.tensor(float(y)).double())
    assert values[-1] == expected.item() == loss
    found = gradients(graph, leaves)
    np.testing.assert_allclose(
        [found["z"], found["v1"]], autograd(graph, leaves)[:2], rtol=1e-8
    )  # its 1e-12 is a float32


@pytest.mark.parametrize(
    ("op", "inputs", "value"),
    [
        ("log", (-1,), math.nan),
        ("log", (0,), -math.inf),
        ("sqrt", (-1,), math.nan),
        ("sqrt", (0,), 0),
        ("divide", (1, 0), math.inf),
        ("divide", (0, 0), math.nan),
        ("power", (-8, 1 / 3), math.nan),
        ("power", (10, 400), math.inf),
        ("exp", (1000,), math.inf),
        ("exp", (-1000,), 0),
        ("asin", (2,), math.nan),
        ("acos", (1,), 0),
        ("cosh", (1000,), math.inf),
        ("tanh", (1000,), 1),
        ("sigmoid", (-1000,), 0),
        ("multiply", (1e200, 1e200), math.inf),
        ("half-square", (1e200, -1e200), math.inf),
        ("affine", (math.inf, 0, 1), math.nan),
        ("max", (1, math.nan), math.nan),
    ],
)
def test_what_is_undefined_is_nan_or_infinite_as_in_torch(op: str, inputs: tuple, value: float) -> None:
    graph, leaves = single(op, inputs)
    np.testing.assert_array_equal(graph.forward(leaves)[-1], value)
    found = gradients(graph, leaves)
    np.testing.assert_array_equal([found[name] for name in leaves], autograd(graph, leaves)[:-1])


@given(graphs(), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_lanes_side_by_side_are_passes_one_by_one(drawn: tuple[Graph, dict], moves: list[float]) -> None:
    graph, leaves = drawn
    lanes = graph.forward({**leaves, "x0": leaves["x0"] + np.array(moves)}, {1: np.array(moves)})
    arrivals = graph.backward(lanes)
    for lane, move in enumerate(moves):
        values = graph.forward({**leaves, "x0": leaves["x0"] + move}, {1: move})
        np.testing.assert_allclose([np.broadcast_to(value, 3)[lane] for value in lanes], values, rtol=1e-12)
        totals = [np.broadcast_to(arrival.total, 3)[lane] for arrival in arrivals]
        np.testing.assert_allclose(totals, [arrival.total for arrival in graph.backward(values)], rtol=1e-9, atol=1e-9)


def test_a_nudge_moves_a_node_after_it_is_computed() -> None:
    graph = Graph()
    a = graph.leaf("a")
    b = graph.apply("exp", a)
    graph.apply("multiply", a, b)
    assert graph.forward({"a": 0.0}, {b: 0.5}) == [0.0, 1.5, 0.0]
    assert graph.forward({"a": 0.0}, {a: 1.0}) == [1.0, math.e, math.e]


def test_a_name_belongs_to_one_node() -> None:
    graph = Graph()
    graph.leaf("x")
    graph.apply("exp", 0, name="a")
    for again in (lambda: graph.leaf("x"), lambda: graph.leaf("a"), lambda: graph.apply("exp", 0, name="x")):
        with pytest.raises(ValueError, match="another node has it already"):
            again()
    assert [node.name for node in graph.nodes] == ["x", "a"]
    assert graph.index == {"x": 0, "a": 1}
