"""Numbers as a reader sees them: right to their last digit, and short."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcore.numerals import bracketed, compact, digits, plain
from tests.written_numbers import WRITTEN

NUMBERS = st.floats(-1e300, 1e300)


def read(text: str) -> float:
    """The number that a reader takes it for."""
    plain = re.sub(r"·10<sup>(.*)</sup>", r"e\1", text).replace("−", "-")
    return float(plain)


@pytest.mark.parametrize(("number", "text"), WRITTEN)
def test_numbers_are_written_as_the_player_writes_them(number: float, text: str) -> None:
    assert digits(number) == text


@given(NUMBERS, st.integers(1, 6))
def test_what_is_written_is_nearer_to_the_number_than_anything_as_short(number: float, count: int) -> None:
    half = 0.5 * 10.0 ** -(count - 1)
    assert abs(read(digits(number, count)) - number) <= half * abs(number) * (1 + 1e-9) + 5e-324


@given(NUMBERS, st.integers(1, 6))
def test_no_more_digits_are_written_than_were_asked_for(number: float, count: int) -> None:
    mantissa = digits(number, count).partition("·")[0]
    significant = re.sub(r"[−.]", "", mantissa).lstrip("0")
    assert len(significant.rstrip("0") if "." not in mantissa else significant) <= count


@given(NUMBERS)
def test_a_zero_behind_the_point_says_that_the_number_was_rounded(number: float) -> None:
    text = digits(number)
    if "." in text and text.partition("·")[0].endswith("0"):
        assert read(text) != number


@given(st.integers(-999, 999), st.integers(-3, 1))
def test_a_number_of_three_digits_is_written_as_it_is(whole: int, power: int) -> None:
    number = whole * 10.0**power
    assert read(digits(number)) == pytest.approx(number, rel=1e-15)
    assert not re.search(r"\.\d*0$", digits(number))


@pytest.mark.parametrize(("number", "text"), [(math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "no number")])
def test_what_is_not_finite_is_said_in_words_or_signs(number: float, text: str) -> None:
    assert digits(number) == text


def test_only_a_negative_number_comes_in_brackets() -> None:
    assert (bracketed(-1), bracketed(1), bracketed(-1e-9)) == ("(−1)", "1", "(−1·10<sup>−9</sup>)")


@given(st.floats(), st.integers(1, 3))
@example(-0.00123, 3)
@example(-99999.0, 3)
@example(-1.5e-300, 3)
@example(-math.inf, 3)
def test_in_a_picture_a_number_has_seven_characters_and_no_html(number: float, count: int) -> None:
    text = compact(number, count)
    assert len(text) <= 7
    assert "<" not in text
    if math.isfinite(number):
        assert read(text) == pytest.approx(number, rel=0.51)  # at least one digit


@pytest.mark.parametrize(
    ("number", "text"),
    [(-0.12345, "−0.123"), (-0.0012345, "−0.0012"), (0.00003, "3e−5"), (12345, "12300"), (math.nan, "NaN")],
)
def test_in_a_picture_digits_go_where_there_is_no_room(number: float, text: str) -> None:
    assert compact(number) == text


def test_where_there_is_no_html_small_digits_are_unicodes() -> None:
    assert plain(f"z<sub>11</sub> = {digits(-2e-7)}, v<sub>1</sub> = {digits(-0.5)}") == "z₁₁ = −2·10⁻⁷, v₁ = −0.5"
