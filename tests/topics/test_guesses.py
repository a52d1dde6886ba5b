"""What a student is told about a guessed gradient: whether it is right, the numbers, and the step that was missed."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.backprop import Arrival, Graph
from dlcore.topics.guesses import judge


def arrivals_at(graph: Graph, name: str, **leaves: float) -> list[Arrival]:
    """What backward sends to a node."""
    index = graph.index[name]
    return [arrival for arrival in graph.backward(graph.forward(leaves)) if arrival.target == index]


def squared_error() -> tuple[Graph, list[Arrival]]:
    """E = ½ (w x − y)² at w = 3, x = −2, y = 1: dE/dw = (−7) · (−2) = 14."""
    graph = Graph()
    w, x, y = graph.leaf("w"), graph.leaf("x", "input"), graph.leaf("y", "target")
    graph.apply("half-square", graph.apply("multiply", w, x, name="z"), y, name="E")
    return graph, arrivals_at(graph, "w", w=3.0, x=-2.0, y=1.0)


def two_uses(w: float = 3.0, x: float = 5.0) -> tuple[Graph, list[Arrival]]:
    """E = 2 · (w x) + w² at w = 3, x = 5: dE/dw = 2 · 5 + 1 · 2 w = 10 + 6 = 16."""
    graph = Graph()
    at, by, two = graph.leaf("w"), graph.leaf("x", "input"), graph.leaf("2", "constant")
    product = graph.apply("multiply", at, by, name="m")
    square = graph.apply("power", at, two, name="s")
    graph.apply("add", graph.apply("multiply", product, two, name="t"), square, name="E")
    return graph, arrivals_at(graph, "w", w=w, x=x, **{"2": 2.0})


@pytest.mark.parametrize("guess", [14, 14.0, 13.8, 14.25])
def test_two_percent_off_is_right(guess: float) -> None:
    graph, arrivals = squared_error()
    right, html = judge(guess, arrivals, graph)
    assert right
    assert html == "Yes. It is 14 = (−7) · (−2)."


@pytest.mark.parametrize("guess", [13.7, 14.3, 0, math.inf, -math.inf, 1e300])
def test_more_than_two_percent_off_is_not(guess: float) -> None:
    graph, arrivals = squared_error()
    right, html = judge(guess, arrivals, graph)
    assert not right
    assert "It is 14 = (−7) · (−2)." in html


@pytest.mark.parametrize(
    ("guess", "words"),
    [
        (-14, "the sign is not"),
        (-2, "the local derivative alone"),
        (-7, "the gradient from above alone"),
        (28, "factor of 2"),
        (7, "the gradient from above alone"),
        (100, "Multiply what comes from above by the local derivative"),
    ],
)
def test_the_step_that_was_missed_is_named(guess: float, words: str) -> None:
    graph, arrivals = squared_error()
    right, html = judge(guess, arrivals, graph)
    assert not right
    assert words in html
    assert f"Not {guess}".replace("-", "−") in html
    assert html.endswith(".")


def test_how_far_off_a_guess_is_in_percent_or_as_a_number() -> None:
    graph, arrivals = squared_error()
    assert "Off by 50%." in judge(7, arrivals, graph)[1]
    assert "Off by 110%." in judge(29.4, arrivals, graph)[1]
    assert "Off by 990000." in judge(990014, arrivals, graph)[1].replace("9.9·10<sup>5</sup>", "990000")


@pytest.mark.parametrize(("guess", "via"), [(6, "s"), (10, "m")])
def test_one_share_alone_is_named_by_the_node_that_it_came_through(guess: float, via: str) -> None:
    graph, arrivals = two_uses()
    right, html = judge(guess, arrivals, graph)
    assert not right
    assert f"the share via {via} alone: over several uses, gradients add." in html
    assert "It is 16" in html


def test_both_products_of_a_sum_are_written_out() -> None:
    graph, arrivals = two_uses()
    _, html = judge(16, arrivals, graph)
    assert sorted(re.findall(r"\d · \d", html)) == ["1 · 6", "2 · 5"]


def test_of_many_products_three_are_written() -> None:
    graph = Graph()
    x = graph.leaf("x")
    graph.apply("add", x, x, x, x, name="E")
    right, html = judge(4, arrivals_at(graph, "x", x=0.3), graph)
    assert right
    assert html == "Yes. It is 4 = 1 · 1 + 1 · 1 + 1 · 1 + ... (4 products)."


def test_where_a_unit_is_dead_the_gradient_is_zero_and_only_zero_is_right() -> None:
    graph = Graph()
    w, x = graph.leaf("w"), graph.leaf("x", "input")
    graph.apply("relu", graph.apply("multiply", w, x, name="z"), name="E")
    arrivals = arrivals_at(graph, "w", w=-1.0, x=4.0)
    assert judge(0, arrivals, graph) == (True, "Yes. It is 0 = 0 · 4.")
    right, html = judge(4, arrivals, graph)
    assert not right
    assert "Off by 4." in html
    assert "is 0, and so is their product" in html


def test_where_two_uses_cancel_it_says_so() -> None:
    graph, arrivals = two_uses(w=-5.0)
    right, html = judge(3, arrivals, graph)
    assert not right
    assert "cancels" in html
    assert "the share via m alone" in judge(10, arrivals, graph)[1]
    assert judge(0, arrivals, graph)[0]


def test_a_small_gradient_is_not_taken_for_zero() -> None:
    arrivals = [Arrival(2, 0, 0, 1e-8, 1e-2, 1e-10, 1e-10)]
    graph, _ = squared_error()
    assert not judge(0, arrivals, graph)[0]
    assert not judge(5e-10, arrivals, graph)[0]
    assert judge(1.01e-10, arrivals, graph)[0]


def test_where_there_is_no_gradient_no_guess_is_right() -> None:
    arrivals = [Arrival(2, 0, 0, math.inf, 0.0, math.nan, math.nan)]
    right, html = judge(0.0, arrivals, squared_error()[0])
    assert not right
    assert html == "It is no number = ∞ · 0."


NUMBERS = st.floats(-1e12, 1e12)


@given(NUMBERS | st.sampled_from([math.inf, -math.inf]), st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_every_guess_gets_a_verdict_of_a_readable_length(guess: float, shares: list[tuple[float, float]]) -> None:
    graph, _ = squared_error()
    arrivals = [Arrival(3, 0, slot, above, local, above * local, 0.0) for slot, (above, local) in enumerate(shares)]
    right, html = judge(guess, arrivals, graph)
    assert html.startswith("Yes. " if right else "Not ")
    assert len(html) < 450
    assert "nan" not in html
