"""A typed formula made a surface: the window, the minima, the start, and formulas that are awkward."""

import math

import numpy as np
import pytest
import torch

from dlcore.formula import parse
from dlcore.topics.formula_surface import formula_surface
from dlcore.topics.landscape import Surface, gradient, height_map, hessian


def surface_of(text: str) -> Surface:
    return formula_surface(parse(text, ("x", "y")))


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("x^2 + 10*y^2", 2),
        ("x^4 - 4*x^2 + x + 3*y^2", 2),
        ("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", 5),  # Himmelblau's four reach to 3.8
        ("(x - 7)^2 + y^2", 10),
        ("(x - 100)^2 + (y + 40)^2", 300),
        ("sin(10*x) + cos(10*y)", 2),
        ("sin(x)*cos(y)", 10),
        ("x^2 - y^2", 5),
        ("x*log(x) + y^2", 2),
    ],
)
def test_the_window_shows_the_minima_and_not_much_more(text: str, half: float) -> None:
    assert surface_of(text).bounds == (-half, half, -half, half)


def test_himmelblaus_function_typed_has_himmelblaus_minima() -> None:
    known = [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
    found = surface_of("(x^2 + y - 11)^2 + (x + y^2 - 7)^2").minima
    assert sorted(found) == pytest.approx(np.array(sorted(known)), abs=1e-5)


AWKWARD = [
    "3",
    "x",
    "y",
    "x^2",
    "y^2",
    "x + y",
    "x*y",
    "pi*e",
    "log(x)",
    "log(x) + log(y)",
    "sqrt(1 - x^2 - y^2)",  # nowhere but on a disc
    "acos(x/2)*y",
    "x^y",
    "x^x",
    "1/x",
    "1/(x*y)",
    "tan(x)*tan(y)",
    "sqrt(x - 30)",
    "exp(exp(x))",
    "exp(-1000*(x^2 + y^2))",
    "abs(x)",
    "relu(x + y)",
    "max(x, y)",
    "min(x, 0)",
    "x^1000",
    "1e-300*x^2",
    "sin(1000*x)",
    "-" * 60 + "x",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_formulas_make_surfaces_that_work(text: str) -> None:
    surface = surface_of(text)
    start = torch.tensor([surface.start], dtype=torch.float64)
    loss, g = gradient(surface, start)
    assert loss.isfinite()
    assert g.isfinite().all()
    assert g.shape == (1, 2)
    assert hessian(surface, start).shape == (1, 2, 2)
    x, y, z = height_map(surface, 20)
    assert z.shape == (20, 20)
    assert x[0] < surface.start[0] < x[-1]
    assert y[0] < surface.start[1] < y[-1]
    assert 0 < surface.lr <= 0.5
    w = torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)
    assert surface.loss(w[:, 0], w[:, 1]).isfinite().all()


@pytest.mark.parametrize("text", AWKWARD)
def test_the_code_of_awkward_formulas_is_their_loss_and_hangs_on_both(text: str) -> None:
    surface = surface_of(text)
    x, y = (torch.tensor([value, 0.3], dtype=torch.float64, requires_grad=True) for value in surface.start)
    namespace = {"torch": torch, "x": x, "y": y}
    exec(f"value = {surface.code}", namespace)
    torch.testing.assert_close(namespace["value"], surface.loss(x, y), rtol=0, atol=0, equal_nan=True)
    torch.autograd.grad(surface.loss(x, y).sum(), (x, y))  # raises where one is not used


@pytest.mark.parametrize("text", ["log(-1 - x^2)", "sqrt(-1 - y^2)", "acos(2 + x^2 + y^2)"])
def test_a_formula_without_any_value_gets_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="it has no value anywhere between -1000 and 1000") as caught:
        surface_of(text)
    assert text in str(caught.value)


def test_undefined_places_are_holes_in_the_map() -> None:
    x, _, z = height_map(surface_of("log(x) + y^2"), 40)
    assert np.isnan(z[:, x < 0]).all()
    assert np.isfinite(z[:, x > 0]).all()


@pytest.mark.parametrize(
    "text", ["x^2 + 10*y^2", "(1 - x)^2 + 100*(y - x^2)^2", "x^4 - 4*x^2 + x + 3*y^2", "sin(x)*cos(y)"]
)
def test_the_start_is_off_the_minima_on_a_slope_and_descent_from_it_goes_down(text: str) -> None:
    surface = surface_of(text)
    w = torch.tensor([surface.start], dtype=torch.float64)
    before, g = gradient(surface, w)
    assert g.norm() > 1e-3
    for x, y in surface.minima:
        assert math.dist(surface.start, (x, y)) > 0.05 * (surface.bounds[1] - surface.bounds[0])
    for _ in range(100):
        w = w - surface.lr * gradient(surface, w)[1]
    assert gradient(surface, w)[0] < before


@pytest.mark.parametrize(
    ("text", "lr"),
    [
        ("x^2 + 10*y^2", 0.05),
        ("0.5*x^2 + 0.5*y^2", 0.5),
        ("3*x^2 + y^2", 0.1),
        ("x^2 + 100*y^2", 0.005),
        ("x + y", 0.5),
    ],
)
def test_the_learning_rate_is_that_of_the_steepest_curvature_rounded_down(text: str, lr: float) -> None:
    assert surface_of(text).lr == pytest.approx(lr)


def test_only_steep_formulas_are_coloured_by_their_logarithm() -> None:
    assert surface_of("(1 - x)^2 + 100*(y - x^2)^2").log_colour
    assert not surface_of("x^2 + y^2").log_colour
    assert not surface_of("sin(x)*cos(y)").log_colour
    assert not surface_of("3").log_colour
