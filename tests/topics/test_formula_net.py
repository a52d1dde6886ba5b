"""Typed formulas as graphs, against the formulas' own values in torch and their gradients by autograd."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from dlcore.formula import FUNCTIONS, FormulaError, parse
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.formula_net import MOST_NODES, formula
from dlcore.topics.scalar_net import Net

UNARY = [name for name in FUNCTIONS if name not in ("min", "max")]
LEAVES = ["x", "y", "w1", "alpha", "v1", "v2", "2", "0.5", "3e-7", "pi", "e"]
WRAPPERS = [
    "({})",
    "-{}",
    "+{}",
    "-({})",
    *(f"{name}({{}})" for name in UNARY),
    "max({}, x)",
    "min(y, {})",
    "max({}, 2)",
]


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "**", " + ", " - "])
    wrapped = st.tuples(st.sampled_from(WRAPPERS), inner).map(lambda pair: pair[0].format(pair[1]))
    return st.tuples(inner, operators, inner).map("".join) | wrapped


texts = st.recursive(st.sampled_from(LEAVES), grow, max_leaves=14)


def net_of(text: str) -> Net:
    return formula(BackpropConfig(network="formula", formula=text))


def built(text: str) -> Net:
    """The network of a text put together at random, if it is one."""
    try:
        return net_of(text)
    except ValueError:
        assume(False)
        raise


def leaf_values(net: Net, values: dict[str, float]) -> dict[str, float]:
    return {node.name: float(node.name) for node in net.graph.nodes if node.role == "constant"} | values


def passed(net: Net, values: dict[str, float]) -> tuple[float, dict[str, float]]:
    """f, and the gradients of the variables that have one."""
    computed = net.graph.forward(leaf_values(net, values))
    gradients = net.graph.gradients(net.graph.backward(computed))
    return float(computed[-1]), {
        name: float(gradients[i]) for name in values if (i := net.graph.index[name]) in gradients
    }


def by_torch(text: str, values: dict[str, float]) -> tuple[float, dict[str, float]]:
    variables = {name: torch.tensor(w, dtype=torch.float64, requires_grad=True) for name, w in values.items()}
    f = parse(text)(**variables)
    f.backward()
    return f.item(), {name: w.grad.item() for name, w in variables.items() if w.grad is not None}


# Values and gradients


@given(texts, st.lists(st.floats(0.1, 3), min_size=6, max_size=6, unique=True))
def test_values_and_gradients_are_the_formulas_own(text: str, numbers: list[float]) -> None:
    net = built(text)
    values = dict(zip(net.start, numbers, strict=False))
    expected, grads = by_torch(text, values)
    assume(all(math.isfinite(number) and abs(number) < 1e6 for number in (expected, *grads.values())))
    assume(smooth(net, values))
    f, gradients = passed(net, values)
    assert f == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert gradients == pytest.approx(grads, rel=1e-9, abs=1e-9)


def smooth(net: Net, values: dict[str, float]) -> bool:
    """Whether all is finite, and away from the kinks, where a maximum of a variable and a number has another slope."""
    computed = net.graph.forward(leaf_values(net, values))
    kinked = [node for node in net.graph.nodes if node.op in ("maximum", "minimum", "abs", "relu")]
    gaps = [computed[node.inputs[0]] - (computed[node.inputs[1]] if len(node.inputs) > 1 else 0.0) for node in kinked]
    return bool(np.isfinite(computed).all() and all(abs(gap) > 1e-9 for gap in gaps))


@pytest.mark.parametrize("name", UNARY)
def test_every_function_of_formulas_is_an_operation(name: str) -> None:
    values = {"x": 0.4}
    assert passed(net_of(f"{name}(x)"), values) == tuple(map(pytest.approx, by_torch(f"{name}(x)", values)))


def test_a_variable_that_is_used_twice_is_one_leaf_whose_gradients_add() -> None:
    net = net_of("x*y + x")
    assert sum(node.name == "x" for node in net.graph.nodes) == 1
    assert passed(net, {"x": 3.0, "y": 5.0}) == (18.0, {"x": 6.0, "y": 3.0})


# The graph


@given(texts)
def test_every_variable_is_a_parameter_and_the_last_node_is_f(text: str) -> None:
    net = built(text)
    assert tuple(net.start) == parse(text).names
    assert net.graph.nodes[-1].name == "f"
    assert net.data == ({},)
    used = {j for node in net.graph.nodes for j in node.inputs}
    assert used == set(range(len(net.graph.nodes) - 1))


def operations(text: str) -> list[tuple[str, str]]:
    return [(node.name, node.op) for node in net_of(text).graph.nodes if node.op]


def constants(text: str) -> list[float]:
    return [float(node.name) for node in net_of(text).graph.nodes if node.role == "constant"]


def test_operations_are_numbered_in_the_order_of_the_computation() -> None:
    assert operations("tanh(w*x + b) * x") == [("v1", "multiply"), ("v2", "add"), ("v3", "tanh"), ("f", "multiply")]


def test_numbers_that_are_names_of_variables_are_left_out() -> None:
    assert [name for name, _ in operations("sin(cos(v1 * v3))")] == ["v2", "v4", "f"]


def test_a_sum_of_several_terms_is_one_node() -> None:
    assert operations("a + b + c - d") == [("v1", "add"), ("f", "subtract")]
    assert [op for _, op in operations("x1*w1 + x2*w2 + b")] == ["multiply", "multiply", "add"]
    assert net_of("x1*w1 + x2*w2 + b").fan_in == {"b": 2}


def test_parts_without_variables_are_numbers() -> None:
    assert operations("x * -3") == [("f", "multiply")]
    assert constants("x * -3") == [-3.0]
    assert constants("x * 2*pi / 4 + sqrt(2)*(1 + 1)") == pytest.approx([2, math.pi, 4, 2 * 2**0.5])


def test_each_use_of_a_number_is_a_leaf_of_its_own_with_a_name_of_its_own() -> None:
    assert constants("2*x + 2*y + x**2") == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("text", ["x", "+x", "(x)", "++x"])
def test_a_variable_alone_has_an_operation_too(text: str) -> None:
    net = net_of(text)
    assert [node.name for node in net.graph.nodes] == ["x", "f"]
    assert passed(net, {"x": 3.0}) == (3.0, {"x": 1.0})


# Where it begins


@pytest.mark.parametrize(
    "text", ["log(x) + sqrt(y) + log(z)", "asin(a) * acos(b) + c", "a**b**c", "1/(a - 0.5)", "sqrt(1 - x*x)"]
)
def test_it_begins_where_the_formula_and_its_slopes_are_finite(text: str) -> None:
    net = net_of(text)
    f, gradients = passed(net, dict(net.start))
    assert np.isfinite([f, *gradients.values()]).all()


def test_variables_begin_with_different_values() -> None:
    net = net_of("+".join("abcdghijklmnopqrstuvwxyz"[:9]))
    assert len(set(net.start.values())) == 9


# Refusals: one sentence each


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2 + pi", "must have a variable"),
        ("f * x", "f is the name of its value"),
        ("*".join("x" * 62), "62 nodes, and at most 60"),
        ("sin(" * 18 + "x" + ")" * 18, "19 columns of nodes, and at most 17"),
        ("+".join("abcdghijklm"), "11 rows of nodes, and at most 10"),
    ],
)
def test_what_cannot_be_differentiated_or_drawn_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refusal:
        net_of(text)
    assert "\n" not in str(refusal.value)


def test_what_is_no_formula_is_refused_as_everywhere() -> None:
    with pytest.raises(FormulaError, match="never closed"):
        net_of("sin(x")


# The picture


@given(texts)
def test_a_formula_of_any_form_can_be_read(text: str) -> None:
    net = built(text)
    assert len(net.places) == len(net.graph.nodes) <= MOST_NODES
    columns: dict[float, list[float]] = {}
    for x, y in net.places.values():
        columns.setdefault(x, []).append(y)
    for rows in columns.values():
        assert min(rows) >= 0
        assert max(rows) <= 9 + 1e-6
        assert all(below - above >= 1 - 1e-6 for above, below in pairwise(sorted(rows)))
    assert net.bends is not None
    for wire in net.wires:
        path = [net.places[wire.source], *net.bends[wire.key], net.places[wire.target]]
        assert all(after[0] > before[0] for before, after in pairwise(path))


@given(texts)
def test_every_node_stands_in_the_column_before_its_first_use(text: str) -> None:
    net = built(text)
    for index in range(len(net.graph.nodes) - 1):
        uses = [net.places[wire.target][0] for wire in net.wires if wire.source == index]
        assert net.places[index][0] == min(uses) - 1


@given(texts)
def test_a_formula_has_one_picture(text: str) -> None:
    first, second = built(text), built(text)
    assert (first.places, first.bends) == (second.places, second.bends)


def test_a_tree_is_drawn_without_crossings() -> None:
    net = net_of("sigmoid(w2*tanh(w1*x + b1) + b2) - y")
    for one in net.wires:
        for other in net.wires:
            (x0, y0), (_, y1) = net.places[one.source], net.places[one.target]
            (x2, y2), (_, y3) = net.places[other.source], net.places[other.target]
            if x0 == x2:
                assert (y0 - y2) * (y1 - y3) >= 0
