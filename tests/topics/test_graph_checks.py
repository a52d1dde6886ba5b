"""Three ways to a gradient agree: the scalar engine, torch's autograd, finite differences."""

from collections.abc import Collection, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.topics.backprop import OPS, Graph, Op
from dlcore.topics.graph_checks import TORCH, autograd, finite_differences, largest_difference
from tests.topics.random_graphs import KINKED, NUMBERS_OF_INPUTS, SMOOTH, graphs

Drawn = tuple[Graph, dict[str, float]]


def engine(graph: Graph, leaves: Mapping[str, float], seed: float = 1.0, cut: Collection[int] = ()) -> np.ndarray:
    found = graph.gradients(graph.backward(graph.forward(leaves), seed, cut), seed)
    return np.array([found.get(i, np.nan) for i in range(len(graph.nodes))])


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal to 12 digits, of the largest one where much has cancelled; and no gradient at the same nodes."""
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.nanmax(np.abs(expected), initial=1.0))


def test_torch_has_a_function_for_every_operation() -> None:
    assert TORCH.keys() == OPS.keys() == {*SMOOTH, *KINKED}


@pytest.mark.parametrize("op", OPS)
def test_the_engine_agrees_with_autograd_on_random_graphs(op: str) -> None:
    met = []

    @settings(max_examples=30)
    @given(graphs(first=op))
    def check(drawn: Drawn) -> None:
        graph, leaves = drawn
        assert_same(engine(graph, leaves), autograd(graph, leaves))
        met.append(any(graph.nodes[a.source].op == op for a in graph.backward(graph.forward(leaves))))

    check()
    assert len(met) >= 30
    assert all(met)


@given(graphs(), st.floats(-1e3, 1e3), st.data())
def test_what_is_cut_off_is_what_torch_detaches(drawn: Drawn, seed: float, data: st.DataObject) -> None:
    graph, leaves = drawn
    cut = data.draw(st.frozensets(st.integers(0, len(graph.nodes) - 2), max_size=4))
    exact = autograd(graph, leaves, seed, cut)
    assert_same(engine(graph, leaves, seed, cut)[:-1], exact[:-1])
    assert exact[-1] == seed or np.isnan(exact).all()  # with every way back cut off, torch refuses


@pytest.mark.parametrize("op", SMOOTH)
def test_finite_differences_agree_with_autograd_on_smooth_random_graphs(op: str) -> None:
    @settings(max_examples=15)
    @given(graphs(first=op, among=SMOOTH, most=5, reach=2.0))
    def check(drawn: Drawn) -> None:
        graph, leaves = drawn
        exact, numeric = autograd(graph, leaves), finite_differences(graph, leaves)
        assert np.isfinite(numeric[np.isfinite(exact)]).all()
        assert largest_difference(exact, numeric) < 1e-7

    check()


@pytest.mark.parametrize("op", KINKED)
@pytest.mark.parametrize(("a", "b"), [(1.5, -0.5), (-1.5, 0.5)])
def test_beside_a_kink_all_three_agree(op: str, a: float, b: float) -> None:
    graph = Graph()
    inputs = graph.leaf("a"), graph.leaf("b")
    graph.apply("subtract", graph.apply(op, *inputs[: NUMBERS_OF_INPUTS[op][-1]]), inputs[1])
    leaves = {"a": a, "b": b}
    np.testing.assert_array_equal(engine(graph, leaves), autograd(graph, leaves))
    assert largest_difference(autograd(graph, leaves), finite_differences(graph, leaves)) < 1e-9


def test_on_a_kink_finite_differences_are_the_mean_of_both_sides() -> None:
    graph = Graph()
    graph.apply("relu", graph.leaf("x"))
    np.testing.assert_allclose(finite_differences(graph, {"x": 0.0}), [0.5, 1.0], rtol=1e-9)
    np.testing.assert_array_equal(autograd(graph, {"x": 0.0}), [0.0, 1.0])


@pytest.mark.parametrize("share", [1e-6, 1e-3, 0.1])
def test_a_derivative_that_is_off_by_a_share_is_found_off_by_that_share(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = OPS["exp"]
    monkeypatch.setitem(OPS, "exp", Op(right.value, lambda y, x: (right.slopes(y, x)[0] * (1 + share),)))
    graph = Graph()
    graph.apply("exp", graph.leaf("x"))
    for check in (autograd, finite_differences):
        assert largest_difference(check(graph, {"x": 2.0}), engine(graph, {"x": 2.0})) == pytest.approx(share, rel=1e-3)


def test_what_autograd_has_no_gradient_for_is_nan() -> None:
    graph = Graph()
    x, y, two = graph.leaf("x", "input"), graph.leaf("y", "target"), graph.leaf("2", "constant")
    graph.leaf("unused")
    graph.apply("exp", x, name="unused too")
    four = graph.apply("power", two, two, name="four")  # of constants alone: torch has requires_grad=False
    graph.apply("half-square", graph.apply("multiply", x, four), y)
    leaves = {"x": 3.0, "y": 2.0, "2": 2.0, "unused": 1.0}
    expected = [40.0, np.nan, np.nan, np.nan, np.nan, np.nan, 10.0, 1.0]  # x: (4·3 − 2) · 4
    np.testing.assert_array_equal(autograd(graph, leaves), expected)
    np.testing.assert_array_equal(engine(graph, leaves), expected)
    numeric = [40.0, np.nan, np.nan, 0.0, 0.0, 30.0, 10.0, 1.0]  # what may move has a slope, used or not
    np.testing.assert_allclose(finite_differences(graph, leaves), numeric, rtol=1e-9)


def test_a_loss_that_nothing_can_change_has_no_gradients() -> None:
    graph = Graph()
    graph.apply("exp", graph.leaf("1", "constant"))
    assert np.isnan(autograd(graph, {"1": 1.0})).all()
    assert graph.backward(graph.forward({"1": 1.0})) == []


@given(graphs(most=6), st.floats(-1e3, 1e3))
def test_the_seed_scales_every_gradient(drawn: Drawn, seed: float) -> None:
    for gradients in (engine, autograd, finite_differences):
        assert_same(gradients(*drawn, seed), seed * gradients(*drawn))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0])
@pytest.mark.parametrize("op", OPS)
def test_no_value_breaks_a_check(op: str, value: float) -> None:
    graph = Graph()
    graph.apply(op, *[graph.leaf("x")] * NUMBERS_OF_INPUTS[op][-1])
    exact, numeric = autograd(graph, {"x": value}), finite_differences(graph, {"x": value})
    assert exact.shape == numeric.shape == (2,)
    assert not largest_difference(exact, numeric) < 0


def test_the_largest_difference_is_relative_to_what_is_above_1() -> None:
    a = np.array([0.0, 1000.0, np.nan, 5.0, np.inf])
    assert largest_difference(a, np.array([1e-3, 1001.0, 7.0, np.nan, 3.0])) == pytest.approx(1e-3)
    assert largest_difference(a, np.array([0.0, 1003.0, 7.0, np.inf, 3.0])) == pytest.approx(3e-3)
    assert largest_difference(a, a) == 0.0
    assert largest_difference(np.array([1e308]), np.array([-1e308])) == np.inf
    assert np.isnan(largest_difference(a, np.full(5, np.nan)))
