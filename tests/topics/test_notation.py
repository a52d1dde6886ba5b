"""What is written of an operation is true: read back as a formula, it has the operation's value and its slopes."""

import re
from collections.abc import Mapping

import pytest
import torch

from dlcore.formula import parse
from dlcore.numerals import bracketed, digits
from dlcore.topics.backprop import OPS, Node
from dlcore.topics.notation import SLOPES, VALUES, as_factor, as_operand, written_sign, written_slope, written_value

#: op -> inputs at which it is defined; all of them are written with at most three digits.
INPUTS: dict[str, tuple[float, ...]] = {
    "add": (-1.5, 2.0, -0.25),
    "subtract": (-1.5, -2.0),
    "multiply": (-1.5, -2.0),
    "divide": (-3.0, -1.2e-5),
    "negate": (-2.0,),
    "power": (-2.0, -3.0),
    "exp": (-0.5,),
    "log": (1.2e-5,),
    "sqrt": (2.0,),
    "abs": (-2.5,),
    "sin": (-0.5,),
    "cos": (-0.5,),
    "tan": (-0.5,),
    "asin": (-0.5,),
    "acos": (-0.5,),
    "atan": (-0.5,),
    "sinh": (-0.5,),
    "cosh": (-0.5,),
    "tanh": (-0.5,),
    "sigmoid": (-0.5,),
    "relu": (-0.5,),
    "minimum": (-0.5, -0.7),
    "maximum": (-0.5, -0.7),
    "max": (-0.5, -0.7, -0.1),
    "affine": (-1.5, 2.0, -0.5, -0.25, -3.0),
    "half-square": (-1.5, -2.0),
    "cross-entropy": (0.25, 1.0),
}
LETTERS = "abcdg"
#: What a formula cannot say: slopes with a condition, told apart by a word.
CONDITIONAL = {"relu": "&gt; 0", "minimum": "smaller", "maximum": "larger", "max": "largest"}


def plain(html: str) -> str:
    """The formula that a reader reads."""
    text = re.sub(r"√(\([^()]*\)|[\w.]+)", r"sqrt(\1)", html.replace("½ ", "0.5 · "))
    text = re.sub(r"\|(.*)\|", r"abs(\1)", text)
    text = re.sub(r"sign\((.*?)\)", r"(abs(\1) / \1)", text)
    text = re.sub(r"·10<sup>(.*?)</sup>", r"*10^(\1)", text)
    text = re.sub(r"e<sup>(.*)</sup>", r"exp(\1)", text)
    text = re.sub(r"<sup>(.*?)</sup>", r"^(\1)", text)
    text = re.sub(r"\b(ln|sinh|cosh|tanh|a?sin|a?cos|a?tan) ?(\([^()]*\)|[\w.]+)", r"\1(\2)", text)
    text = re.sub(r"(\)|[\w.]) (ln|\()", r"\1 * \2", text)
    for sign, word in (("²", "^2"), ("σ(", "sigmoid("), ("ln", "log"), ("·", "*"), ("−", "-")):
        text = text.replace(sign, word)
    return re.sub(r"max\((.*), (.*), (.*)\)", r"max(max(\1, \2), \3)", text)


def evaluated(html: str, values: Mapping[str, float]) -> float:
    """Its value as a formula over the page's own functions."""
    tensors = {name: torch.tensor(number, dtype=torch.float64) for name, number in values.items()}
    return float(parse(plain(html))(**tensors))


def node(op: str) -> Node:
    return Node("v", op, tuple(range(len(INPUTS[op]))))


def test_every_operation_can_be_written() -> None:
    assert VALUES.keys() == SLOPES.keys() == INPUTS.keys() == OPS.keys()


@pytest.mark.parametrize("op", OPS)
def test_an_operation_of_numbers_has_its_value(op: str) -> None:
    html = written_value(node(op), [bracketed(number) for number in INPUTS[op]])
    assert evaluated(html, {}) == pytest.approx(OPS[op].value(*INPUTS[op]), rel=1e-12), html


@pytest.mark.parametrize("op", OPS)
def test_an_operation_of_symbols_has_its_value(op: str) -> None:
    values = dict(zip(LETTERS, INPUTS[op], strict=False))
    html = written_value(node(op), list(values))
    assert evaluated(html, values) == pytest.approx(OPS[op].value(*INPUTS[op]), rel=1e-12), html


@pytest.mark.parametrize("op", [op for op in OPS if op not in CONDITIONAL])
def test_a_slope_in_symbols_is_the_local_derivative(op: str) -> None:
    inputs = tuple(map(abs, INPUTS[op])) if op == "power" else INPUTS[op]
    values = dict(zip(LETTERS, inputs, strict=False))
    output = OPS[op].value(*inputs)
    slopes = OPS[op].slopes(output, *inputs)
    for slot, slope in enumerate(slopes):
        html = written_slope(node(op), slot, "y", list(values))
        assert evaluated(html, {**values, "y": float(output)}) == pytest.approx(slope, rel=1e-12), html
        assert evaluated(f"2 · {as_factor(html)}", {**values, "y": float(output)}) == pytest.approx(2 * slope), html


@pytest.mark.parametrize(("op", "word"), CONDITIONAL.items())
def test_a_slope_that_is_one_or_zero_names_the_condition(op: str, word: str) -> None:
    for slot, letter in enumerate(LETTERS[: len(INPUTS[op])]):
        html = written_slope(node(op), slot, "y", list(LETTERS[: len(INPUTS[op])]))
        assert re.fullmatch(rf"1 if {letter} (is the )?{word}, else 0", html)
        assert as_factor(html) == f"({html})"


@pytest.mark.parametrize(
    ("exponent", "slope"),
    [
        ("2", "2 · x"),
        ("1", "1"),
        ("3", "3 · x<sup>2</sup>"),
        ("(−1)", "−1 · x<sup>−2</sup>"),
        ("0.5", "0.5 · x<sup>0.5 − 1</sup>"),
        ("n", "n · x<sup>n − 1</sup>"),
    ],
)
def test_the_power_rule_is_worked_out_for_whole_exponents(exponent: str, slope: str) -> None:
    assert written_slope(Node("v", "power", (0, 1)), 0, "y", ["x", exponent]) == slope


def test_a_sign_has_brackets_behind_an_operator_and_nowhere_else() -> None:
    minus = [bracketed(-0.5), bracketed(-2.0)]
    assert written_value(Node("v", "sigmoid", (0,)), minus[:1]) == "σ(−0.5)"
    assert written_value(Node("v", "tanh", (0,)), minus[:1]) == "tanh(−0.5)"
    assert written_value(Node("v", "multiply", (0, 1)), minus) == "−0.5 · (−2)"
    assert written_value(Node("v", "add", (0, 1)), minus) == "−0.5 + (−2)"
    assert written_value(Node("v", "maximum", (0, 1)), minus) == "max(−0.5, −2)"
    assert written_value(Node("v", "power", (0, 1)), minus) == "(−0.5)<sup>−2</sup>"
    assert written_value(Node("v", "power", (0, 1)), [digits(1e-7), "2"]) == "(1·10<sup>−7</sup>)<sup>2</sup>"
    assert (as_operand("−0.5"), as_operand("x")) == ("(−0.5)", "x")


@pytest.mark.parametrize("text", ["w", "p · (1 − p)", "cos x", "ln((1 − p) / p)", "2 · x", "n · x<sup>n − 1</sup>"])
def test_a_product_needs_no_brackets_in_a_product(text: str) -> None:
    assert as_factor(text) == text


@pytest.mark.parametrize("text", ["1 − a²", "−y / b", "1 / x", "(p − y) / (p · (1 − p))", "−sin x", "a − y"])
def test_sums_quotients_and_signs_need_them(text: str) -> None:
    assert as_factor(text) == f"({text})"


def test_only_operations_have_a_sign() -> None:
    assert [written_sign(Node("v", op)) for op in ("", "multiply", "tanh", "sigmoid")] == ["", "×", "tanh", "σ"]
