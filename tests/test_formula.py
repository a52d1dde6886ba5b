"""Formulas: what they mean, and how they are written as Python and as LaTeX."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from dlcore.formula import FUNCTIONS, Formula, FormulaError, parse
from dlcore.formula.tokens import MAX_LENGTH

XY = ("x", "y")


def at(text: str, x: float = 0.7, y: float = -1.3) -> float:
    value = parse(text, XY)(x=torch.tensor(x, dtype=torch.float64), y=torch.tensor(y, dtype=torch.float64))
    assert value.dtype == torch.float64
    return value.item()


def refusal(text: str, names: tuple[str, ...] | None = XY) -> FormulaError | None:
    try:
        parse(text, names)
    except FormulaError as error:
        return error
    return None


def by_python(source: str, **names: object) -> object:
    """What Python itself makes of a text; only for texts made here."""
    exec(f"result = {source}", names)
    return names["result"]


def texts(leaves: st.SearchStrategy[str], operators: list[str], wrappers: list[str]) -> st.SearchStrategy[str]:
    """Formulas put together at random, with brackets, signs and spaces."""

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.tuples(inner, st.sampled_from(operators), inner).map("".join)
        return joined | st.tuples(st.sampled_from(wrappers), inner).map(lambda pair: pair[0].format(pair[1]))

    return st.recursive(leaves, grow, max_leaves=8).filter(lambda text: len(text) <= MAX_LENGTH)


# Numbers that are whole and small are added and multiplied without any rounding, by Python and by torch.
whole_number_texts = texts(
    st.sampled_from(["x", "y", "1", "2", "7", "10"]),
    operators=["+", "-", "*", " + ", " - ", " * "],
    wrappers=["({})", "-{}", "+{}", "( {} )", "({})**2", "({})**3", "-{}**2"],
)
all_texts = texts(
    st.sampled_from(["x", "y", "1", "2.5", ".5", "3.", "1e-2", "pi", "e"]),
    operators=["+", "-", "*", "/", "**", " - ", " / "],
    wrappers=["({})", "-{}", *(f"{name}({{}})" for name in FUNCTIONS if name not in ("min", "max")), "max({}, x)"],
)


@given(whole_number_texts, st.integers(-5, 5), st.integers(-5, 5))
def test_arithmetic_is_pythons_to_the_last_digit(text: str, x: int, y: int) -> None:
    expected = by_python(text, x=x, y=y)
    assert isinstance(expected, int)
    # Beyond 2**53 floats round, and what numbers make among themselves is limited.
    assume(abs(expected) < 2**40 and by_python(text, x=float(x), y=float(y)) == expected)
    error = refusal(text)
    if error is not None:
        assert "not a real number between" in str(error)
    else:
        assert at(text, x, y) == expected


@given(all_texts, st.floats(0.1, 3), st.floats(0.1, 3))
def test_division_powers_and_functions_agree_with_the_math_module(text: str, x: float, y: float) -> None:
    functions = {name: getattr(math, name, None) for name in FUNCTIONS}
    functions |= {"abs": abs, "ln": math.log, "max": max, "relu": lambda u: max(u, 0.0)}
    functions["sigmoid"] = lambda u: 1 / (1 + math.exp(-u))
    try:
        expected = by_python(text, x=x, y=y, pi=math.pi, e=math.e, **functions)
    except (ArithmeticError, ValueError, TypeError):  # undefined here, or complex
        assume(False)
    assume(isinstance(expected, float | int) and 1e-3 < abs(expected) < 1e6)
    error = refusal(text)
    if error is not None:
        assert "not a real number between" in str(error)
    else:
        assert at(text, x, y) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-x^2", -4.0),
        ("2^3^2 / 2^9", 1.0),  # 2**(3**2), not (2**3)**2
        ("2^-x", 0.25),
        ("x^2*3", 12.0),
        ("-2^2", -4.0),
        ("x**2", 4.0),
        ("5 − x", 3.0),
        ("3·x×x", 12.0),
        ("10 / x / 5", 1.0),
        ("10 - x - 5", 3.0),
        ("--x", 2.0),
        ("+x", 2.0),
        ("007*x", 14.0),
        ("1e2 + .5 + 1.", 101.5),
        ("max(x, min(9, 5))", 5.0),
        ("min(x, y)", -1.0),
        ("max(0, y)", 0.0),
        ("relu(y)", 0.0),
        ("abs(y)", 1.0),
        ("ln(e) + log(e)", 2.0),
        ("sigmoid(0) + cos(pi)", -0.5),
        ("sqrt(x*8)", 4.0),
    ],
)
def test_known_values_at_2_and_minus_1(text: str, expected: float) -> None:
    assert at(text, 2.0, -1.0) == pytest.approx(expected, abs=1e-15)


def test_a_formula_is_computed_row_by_row() -> None:
    x = torch.linspace(-2, 2, 5, dtype=torch.float64)
    assert torch.equal(parse("x**2 + 1", XY)(x=x), x * x + 1)


def test_undefined_places_are_nan_or_infinite_and_their_neighbours_are_not() -> None:
    x = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    logarithm = parse("log(x)", XY)(x=x)
    assert logarithm[0].isnan()
    assert logarithm[1] == -math.inf
    assert logarithm[2] == 0
    assert parse("1/x", XY)(x=x).tolist() == [-1.0, math.inf, 1.0]


def test_the_slope_of_the_absolute_value_at_its_kink_is_zero_as_torchs_is() -> None:
    x = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(parse("abs(x)", XY)(x=x).sum(), x)
    assert slope.tolist() == [-1.0, 0.0, 1.0]


def test_names_are_those_used_and_sorted() -> None:
    assert parse("w2*x + sin(b) + pi").names == ("b", "w2", "x")
    assert parse("y + x", XY).names == ("x", "y")
    assert parse("2 + pi", XY).names == ()


def test_a_formula_without_variables_is_a_number() -> None:
    value = parse("2 + 1", XY)(x=torch.zeros(4))
    assert value.shape == ()
    assert value == 3


def test_a_missing_value_is_named() -> None:
    with pytest.raises(ValueError, match=r"needs a value for y\.$"):
        parse("x*y", XY)(x=torch.ones(1))


def test_single_precision_stays_single() -> None:
    assert parse("sin(1)*x + 2", XY)(x=torch.ones(2)).dtype == torch.float32


def test_equal_texts_make_equal_formulas() -> None:
    assert parse("x + 1", XY) == parse("x + 1", XY)
    assert len({parse("x + 1", XY), parse("x + 1", XY), parse("x + 2", XY)}) == 2


def test_the_nan_of_a_row_stays_in_its_row() -> None:
    x = torch.tensor([math.nan, 2.0], dtype=torch.float64)
    assert parse("x**2", XY)(x=x)[1] == 4


@given(all_texts)
def test_the_python_written_is_the_formula_value_and_slopes(text: str) -> None:
    assume(refusal(text) is None)
    formula = parse(text, XY)
    x = torch.tensor([0.3, 1.7, -0.9], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([1.1, -0.4, 2.2], dtype=torch.float64, requires_grad=True)
    written = by_python(formula.python(), torch=torch, x=x, y=y)
    if not formula.names:
        expected = formula(x=x, y=y).item()
        assert float(written) == pytest.approx(expected, rel=1e-12, abs=1e-12)  # type: ignore[arg-type]
        return
    expected = formula(x=x, y=y)
    assert isinstance(written, torch.Tensor)
    torch.testing.assert_close(written, expected, rtol=1e-12, atol=1e-12, equal_nan=True)
    for one, other in zip(slopes(written, x, y), slopes(expected, x, y), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9, equal_nan=True)


def slopes(value: torch.Tensor, *variables: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return torch.autograd.grad(value.sum(), variables, materialize_grads=True)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("sin(x)+y^2", "torch.sin(x) + y**2"),
        ("0.50*x", "0.5 * x"),
        ("-x^2", "-x**2"),
        ("(x+y)*2", "(x + y) * 2"),
        ("2*pi*x", "2 * torch.pi * x"),
        ("ln(x)", "torch.log(x)"),
        ("max(x, 0)", "torch.clamp(x, min=0)"),
        ("min(-1, x)", "torch.clamp(x, max=-1)"),
        ("min(x, y)", "torch.minimum(x, y)"),
        ("sqrt(4)*x", "2.0 * x"),
        ("cos(3)**2*x", f"(-{-math.cos(3)})**2 * x"),
    ],
)
def test_the_python_is_what_a_torch_user_writes(text: str, source: str) -> None:
    assert parse(text, XY).python() == source


def test_the_prefix_is_chosen() -> None:
    assert parse("sin(pi*x)", XY).python(prefix="np.") == "np.sin(np.pi * x)"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x^2 + 10*y^2", r"x^{2} + 10 \, y^{2}"),
        ("-x^2", r"-x^{2}"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("x - (y - 1)", r"x - \left(y - 1\right)"),
        ("(x + 1)*y", r"\left(x + 1\right) \, y"),
        ("x*-y", r"x \, \left(-y\right)"),
        ("x*2", r"x \cdot 2"),
        ("2*3", r"2 \cdot 3"),
        ("(x + 1)/2", r"\frac{x + 1}{2}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("x^y^2", r"x^{y^{2}}"),
        ("(x^y)^2", r"\left(x^{y}\right)^{2}"),
        ("sqrt(abs(x))", r"\sqrt{\left|x\right|}"),
        ("exp(-x)", r"e^{-x}"),
        ("exp(x)^2", r"\left(e^{x}\right)^{2}"),
        ("sin(2*pi*x)", r"\sin\left(2 \, \pi \, x\right)"),
        ("ln(x) + atan(y)", r"\ln\left(x\right) + \arctan\left(y\right)"),
        ("sigmoid(x) + relu(y)", r"\sigma\left(x\right) + \operatorname{ReLU}\left(y\right)"),
        ("max(x, 0)", r"\max\left(x, 0\right)"),
        ("0.5*x", r"0.5 \, x"),
        ("1e-7*x", r"1 \cdot 10^{-7} \, x"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert parse(text, XY).latex() == latex


def test_latex_of_longer_names() -> None:
    assert parse("w1 + b_2 + alpha + mu3 + rate + a_b").latex() == (
        r"w_{1} + b_{2} + \alpha + \mu_{3} + \mathrm{rate} + \mathrm{a\_b}"
    )


@given(all_texts)
def test_latex_is_balanced(text: str) -> None:
    assume(refusal(text) is None)
    latex = parse(text, XY).latex()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")


def test_the_names_of_functions_are_those_promised() -> None:
    assert {
        "sin",
        "cos",
        "tan",
        "exp",
        "log",
        "sqrt",
        "abs",
        "tanh",
        "sigmoid",
        "relu",
        "min",
        "max",
    } <= FUNCTIONS.keys()
    assert isinstance(parse("x"), Formula)
