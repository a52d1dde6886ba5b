"""The search for minima: what it must find, and what it must not take for one."""

import math

import numpy as np
import pytest
import torch

from dlcore.formula import parse
from dlcore.topics.landscape import Loss
from dlcore.topics.minima import LIMIT, find_minima, polish

SQUARE = (-3.0, 3.0, -3.0, 3.0)


def loss_of(text: str) -> Loss:
    """A formula of x and y as a loss; 0·(x + y) lets autograd reach both."""
    formula = parse(text, ("x", "y"))
    return lambda x, y, samples=None: formula(x=x, y=y) + 0 * (x + y)


@pytest.mark.parametrize(
    ("text", "minima"),
    [
        ("x^2 + 100*y^2", [(0, 0)]),
        ("(x - 1.25)^2 + (y + 0.5)^2 + 1000", [(1.25, -0.5)]),
        ("1000000*x^2 + y^2", [(0, 0)]),
        ("0.000001*(x^2 + y^2)", [(0, 0)]),
        ("(x^2 - 1)^2 + y^2 + 0.1*x", [(-1.0122731, 0), (0.9872575, 0)]),
        ("(1 - x)^2 + 100*(y - x^2)^2", [(1, 1)]),
        ("-exp(-(x - 2)^2 - y^2) - 2*exp(-(x + 2)^2 - y^2)", [(-2, 0), (2, 0)]),
        ("x*log(x) + y^2", [(1 / math.e, 0)]),  # undefined on the left half
        # Flat at the bottom, so that Newton's method is slow.
        ("x^4 + y^4", [(0, 0)]),
        ("x^6 + y^2", [(0, 0)]),
        # Kinks, where it is lost.
        ("abs(x - 1) + abs(y)", [(1, 0)]),
        ("sqrt(x^2 + y^2)", [(0, 0)]),
        ("max(abs(x), abs(y))", [(0, 0)]),
        ("abs(x - 2*y) + 3*abs(x + y)", [(0, 0)]),
        ("abs(x^2 - y) + (x - 1)^2", [(1, 1)]),
        ("min((x - 2)^2, (x + 2)^2 + 0.5) + y^2", [(2, 0), (-2, 0)]),
        # No minimum at all.
        ("x*y", []),
        ("x^2 - y^2", []),
        ("x^3 - 3*x*y^2", []),  # a monkey saddle
        ("x^3 + y^2", []),  # a level inflection
        ("x + 2*y", []),
        ("exp(x) + exp(-y)", []),
        ("log(x) + y^2", []),
        ("1/(x^2 + y^2)", []),
        ("-x^2 - y^2", []),
        ("3", []),
        ("sqrt(-1 - x^2)", []),
        ("relu(x)", []),  # a plain with an edge
        ("(x - 4)^2 + y^2", []),  # outside
    ],
)
def test_minima_found(text: str, minima: list[tuple[float, float]]) -> None:
    found = np.array(find_minima(loss_of(text), SQUARE)).reshape(-1, 2)
    assert found.shape == (len(minima), 2)
    assert found == pytest.approx(np.array(minima).reshape(-1, 2), abs=2e-3 if "^4" in text or "^6" in text else 1e-6)


@pytest.mark.parametrize(
    ("text", "x_of", "longest_gap"),
    [("x^2", lambda y: 0 * y, 0.4), ("(x + y)^2", lambda y: -y, 0.4), ("abs(x - 1)", lambda y: 0 * y + 1, 0.4)],
)
def test_a_level_valley_floor_is_marked_along_its_length(text: str, x_of, longest_gap: float) -> None:
    found = np.array(sorted(find_minima(loss_of(text), SQUARE), key=lambda point: point[1]))
    assert found[:, 0] == pytest.approx(x_of(found[:, 1]), abs=1e-6)
    assert 10 <= len(found) <= LIMIT
    assert max(np.diff(found[:, 1])) < longest_gap
    assert found[0, 1] < -2.5
    assert found[-1, 1] > 2.5


def test_a_round_valley_is_marked_all_around() -> None:
    x, y = np.array(find_minima(loss_of("(x^2 + y^2 - 4)^2"), SQUARE)).T
    assert np.hypot(x, y) == pytest.approx(2, abs=1e-5)
    angles = np.sort(np.arctan2(y, x))
    assert np.diff(angles, append=angles[0] + 2 * np.pi).max() < 0.7


def test_the_lowest_comes_first_and_of_equals_the_nearest_to_the_origin() -> None:
    found = find_minima(loss_of("sin(2*x)^2 + y^2 + 0.0"), SQUARE)
    assert found == pytest.approx(np.array([(0, 0), (math.pi / 2, 0), (-math.pi / 2, 0)]), abs=1e-6)
    tilted = find_minima(loss_of("(x^2 - 1)^2 + y^2 - 0.1*x"), SQUARE)
    assert [x > 0 for x, _ in tilted] == [True, False]


def test_of_too_many_the_lowest_are_listed() -> None:
    found = find_minima(loss_of("-cos(6*x) - cos(6*y) + 0.1*(x^2 + y^2)"), (-6.0, 6.0, -6.0, 6.0))
    assert len(found) == LIMIT
    assert found[0] == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize("num_steps", [10, 20, 40])
def test_points_still_on_their_way_along_a_flat_valley_are_not_taken_for_minima(num_steps: int) -> None:
    beale = loss_of("(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2")
    found = find_minima(beale, (-10.0, 10.0, -10.0, 10.0), size=33, num_steps=num_steps)
    assert found == (pytest.approx((3, 0.5), abs=1e-9),)


def test_the_search_is_deterministic() -> None:
    loss = loss_of("sin(3*x)*cos(2*y) + 0.1*x^2 + 0.2*y^2")
    assert find_minima(loss, SQUARE) == find_minima(loss, SQUARE)


def test_minima_are_exact_to_the_last_digits() -> None:
    (found,) = find_minima(loss_of("(x - 1/3)^2 + (x - 1/3)*(y + 1/7) + (y + 1/7)^2 + cosh(x - 1/3)"), SQUARE)
    assert found == pytest.approx((1 / 3, -1 / 7), abs=1e-14)


def test_polishing_carries_rounded_figures_onto_the_minimum() -> None:
    loss = loss_of("x^4 - 3*x^2 + y^2 + x")
    (first, second) = polish(loss, [(1.1, 0.1), (-1.3, 0.0)])
    # Roots of 4x³ − 6x + 1.
    assert first[0] == pytest.approx(min(np.roots([4, 0, -6, 1])), abs=1e-14)
    assert second[0] == pytest.approx(max(np.roots([4, 0, -6, 1])), abs=1e-14)
    w = torch.tensor([first, second], dtype=torch.float64)
    assert (loss(w[:, 0], w[:, 1]).diff() > 0).all()
