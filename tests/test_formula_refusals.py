"""What is no formula: refused in one sentence that points at the place; nothing but formulas is ever evaluated."""

import re

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from dlcore.formula import FormulaError, parse
from dlcore.formula.tokens import MAX_DEPTH, MAX_LENGTH

XY = ("x", "y")


def at(text: str, x: float) -> float:
    return parse(text, XY)(x=torch.tensor(x, dtype=torch.float64)).item()


def refusal(text: str, names: tuple[str, ...] | None = XY) -> FormulaError | None:
    try:
        parse(text, names)
    except FormulaError as error:
        return error
    return None


# (text, the column pointed at, words of the sentence)
REFUSED = [
    ("", None, "is empty"),
    (" \t ", None, "is empty"),
    ("x.real", 1, "'.' has no place"),
    ("x.__class__", 1, "'.' has no place"),
    ("x[0]", 1, "use round brackets"),
    ("lambda x: x", 8, "':' has no place"),
    ("lambda", 0, "'lambda' is a word of the Python language"),
    ("[x for x in y]", 0, "'[' has no place"),
    ("(x for x in y)", 3, "'for' is a word"),
    ("x if y else 1", 2, "'if' is a word"),
    ("not x", 0, "'not' is a word"),
    ("x and y", 2, "'and' is a word"),
    ("(yield)", 1, "'yield' is a word"),
    ("await x", 0, "'await' is a word"),
    ("None", 0, "'None' is a word"),
    ("True + x", 0, "'True' is a word"),
    ("'x'", 0, "has no place"),
    ('"x"', 0, "has no place"),
    ("f'{x}'", 1, "has no place"),
    ("(x := 2)", 3, "':' has no place"),
    ("x = 2", 2, "stands to the right"),
    ("x == y", 2, "has no place"),
    ("x < y", 2, "'<' has no place"),
    ("x @ y", 2, "'@' has no place"),
    ("x % y", 2, "'%' has no place"),
    ("x // y", 3, "missing before '/'"),
    ("x & y", 2, "'&' has no place"),
    ("{x}", 0, "'{' has no place"),
    ("x; y", 1, "';' has no place"),
    ("x\ny", 1, "code 10"),
    ("x\x00", 1, "code 0"),
    ("x + é", 4, "'é' has no place"),
    ("ſin(x)", 0, "'ſ' has no place"),  # Python would read sin
    ("x²", 1, "write **2"),
    ("π*x", 0, "write pi"),
    ("√x", 0, "write sqrt(...)"),
    ("|x|", 0, "write abs(...)"),
    ("x #", 2, "'#' has no place"),
    ("x \\", 2, "has no place"),
    ("__import__(x)", 0, "'__import__' is not known"),
    ("exec(x)", 0, "did you mean exp?"),
    ("eval(x)", 0, "'eval' is not known"),
    ("open(x)", 0, "'open' is not known"),
    ("_ + x", 0, "'_' is not known"),
    ("sine(x)", 0, "did you mean sin?"),
    ("sqr(x)", 0, "did you mean sqrt?"),
    ("X + y", 0, "did you mean x?"),
    ("Sin(x)", 0, "did you mean sin?"),
    ("zebra*x", 0, "known are x, y, pi, e and functions such as sin(...)"),
    ("x*sin", 2, "'sin' is a function: write sin(...)"),
    ("sin x", 0, "'sin' is a function: write sin(...)"),
    ("x(y + 1)", 0, "a product is written x*(...)"),
    ("pi(x)", 0, "a product is written pi*(...)"),
    ("2x", 1, "An operator is missing before 'x'"),
    ("2(x + 1)", 1, "An operator is missing before '('"),
    ("(x)(y)", 3, "An operator is missing before '('"),
    ("x y", 2, "An operator is missing before 'y'"),
    ("1 2", 2, "An operator is missing before '2'"),
    ("1.2.3", 3, "An operator is missing before '.3'"),
    ("1j", 1, "'j' is not known"),
    ("0x10", 1, "'x10' is not known"),
    ("1_000", 1, "'_000' is not known"),
    ("x +", 2, "missing after '+'"),
    ("x + * y", 4, "missing before '*'"),
    ("x * * y", 4, "missing before '*'"),
    ("x ** ** y", 5, "missing before '**'"),
    ("*x", 0, "missing before '*'"),
    ("()", 1, "missing before ')'"),
    ("sin()", 4, "missing before ')'"),
    ("sin(x,)", 6, "missing before ')'"),
    ("max(,x)", 4, "missing before ','"),
    ("sin(*x)", 4, "missing before '*'"),
    ("max(**x)", 4, "missing before '**'"),
    ("(x", 0, "This '(' is never closed"),
    ("sin(x", 3, "This '(' is never closed"),
    ("x)", 1, "This ')' closes nothing"),
    ("x, y", 1, "A comma belongs between a function's arguments"),
    ("(x, y)", 2, "A comma belongs between a function's arguments"),
    ("1,5*x", 1, "decimals have a point"),
    ("max(x)", 0, "'max' takes two arguments, and here it has 1"),
    ("x + max(x, y, 1)", 4, "'max' takes two arguments, and here it has 3"),
    ("sin(x, y)", 0, "'sin' takes one argument, and here it has 2"),
    ("max((x, y), 1)", 6, "A comma belongs"),
    ("9**9**9", 3, "is not a real number between"),
    ("x**9**9**9", 6, "is not a real number between"),
    ("2 + 9**9", 4, "is not a real number between"),
    ("10**1000*x", 0, "is not a real number between"),
    ("1e7", 0, "is not a real number between"),
    ("x*1e999", 2, "is not a real number between"),
    ("x + 1/0", 4, "is not a real number between"),
    ("0**-1", 0, "is not a real number between"),
    ("log(0)*x", 0, "is not a real number between"),
    ("sqrt(-1)", 0, "is not a real number between"),
    ("(-8)**0.5 + x", 0, "is not a real number between"),
    ("exp(exp(9))", 0, "is not a real number between"),
    ("(" * 500 + "x" + ")" * 500, MAX_LENGTH, "has 1001 characters"),
    ("(" * 90 + "x" + ")" * 90, MAX_DEPTH, "nested more than 64 levels deep"),
    ("-" * 300 + "x", MAX_LENGTH, "has 301 characters"),
    ("-" * 199 + "x", MAX_DEPTH, "nested more than 64 levels deep"),
    ("x**" * 66 + "x", 3 * (MAX_DEPTH - 1), "nested more than 64 levels deep"),
    ("sin(" * 49 + "x", 195, "never closed"),
    ("x+" * 99 + "x", 0, "nested more than 64 levels deep"),
]


@pytest.mark.parametrize(("text", "position", "words"), REFUSED, ids=[repr(text[:20]) for text, _, _ in REFUSED])
def test_what_is_no_formula_is_refused_with_a_place_and_a_reason(text: str, position: int | None, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, XY)
    assert words in str(caught.value)
    assert caught.value.position == position
    assert position is None or f"(character {position + 1})." in str(caught.value)


def test_other_spellings_do_not_shift_the_place() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("x^2^2 − 3·x × quux", XY)
    assert caught.value.position == "x^2^2 − 3·x × quux".index("quux")
    with pytest.raises(FormulaError) as caught:
        parse("x^2 · max(y)", XY)
    assert caught.value.position == 6


def test_what_is_long_or_deep_but_within_the_limits_is_read() -> None:
    deepest = MAX_DEPTH - 1
    assert at("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH, 2.0) == 2
    assert at("-" * deepest + "x", 2.0) == (-1) ** deepest * 2
    assert at("+".join(["x"] * MAX_DEPTH), 2.0) == 2 * MAX_DEPTH
    assert at("x" + " " * (MAX_LENGTH - 1), 2.0) == 2
    assert at("abs(" * 39 + "x" + ")" * 39, 2.0) == 2


PIECES = st.sampled_from([*"xy0123456789+-*/^().,_e \t=:[]{}'\"\\@\n\x00é−·×²", "**", "sin(", "max(", "lambda ", "__"])


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=250), st.sampled_from([XY, None]))
@example("\ud800", XY)
@example("１ + x", XY)  # a full-width digit, which Python's int() would read
def test_any_text_is_a_formula_or_gets_one_sentence(text: str, names: tuple[str, ...] | None) -> None:
    error = refusal(text, names)
    if error is not None:
        assert error.position is None or 0 <= error.position < len(text)
        assert re.search(r"[^.]\.$", str(error))
        assert "\n" not in str(error)
        return
    formula = parse(text, names)
    value = formula(**{name: torch.tensor(0.5, dtype=torch.float64) for name in formula.names})
    assert value.shape == ()
    assert formula.python()
    assert formula.latex()


def test_without_a_list_of_names_any_ordinary_name_is_a_variable() -> None:
    assert parse("relu(w1*x + b_1)").names == ("b_1", "w1", "x")
    for text in ("_x", "a__b", "__class__"):
        with pytest.raises(FormulaError, match="cannot be a variable"):
            parse(text)
    with pytest.raises(FormulaError, match="did you mean sin"):
        parse("sinn(x)")
    with pytest.raises(FormulaError, match="functions are"):
        parse("w(x)")
