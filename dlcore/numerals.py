"""Knows how a number is written for a reader; does not know what it counts.

`format` in assets/player/numbers.js writes the same.
"""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

#: Relative: what differs by less from its rounded value is not told to be rounded. float32 differs by 6e-8.
EXACT = 1e-6
ROOM = 7  # characters of a number inside a picture
LEAST, MOST = -3, 4  # powers of ten of the first digit, outside of which the power is written
#: Small letters that text has of its own.
SMALL = {"sub": str.maketrans("−0123456789", "₋₀₁₂₃₄₅₆₇₈₉"), "sup": str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")}


@lru_cache(maxsize=1 << 14)  # the same number stands in many places
def digits(value: float, count: int = 3) -> str:
    """`count` significant digits in HTML with a real minus sign, and a power of ten where zeros would pile up.

    A zero at the end says that the number was rounded: 0.1 is a tenth, 0.100 is a number near it.
    """
    if math.isnan(value):
        return "no number"
    sign = "−" if value < 0 else ""
    if math.isinf(value):
        return f"{sign}∞"
    rounded = _rounded(abs(value), count)
    power = rounded.adjusted()
    if LEAST <= power <= MOST:
        return f"{sign}{rounded:f}"
    return f"{sign}{rounded.scaleb(-power):f}·10<sup>{_signed(power)}</sup>"


def _rounded(size: float, count: int) -> Decimal:
    """To so many digits; fewer where those say it all."""
    rounded = Context(prec=count, rounding=ROUND_HALF_UP).create_decimal_from_float(size)
    return rounded.normalize() if abs(float(rounded) - size) <= EXACT * size else rounded


def _signed(number: int) -> str:
    return f"−{-number}" if number < 0 else str(number)


def bracketed(value: float, count: int = 3) -> str:
    """The same, in brackets where its sign would stand behind an operator: 2 · (−1)."""
    text = digits(value, count)
    return f"({text})" if text.startswith("−") else text


def compact(value: float, count: int = 3) -> str:
    """At most seven characters, for a number inside a picture: −0.123, 3e−5, 12000."""
    if math.isnan(value):
        return "NaN"
    for fewer in range(count, 0, -1):
        text = digits(value, fewer)
        if len(text) <= ROOM:
            return text
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def plain(html: str) -> str:
    """Names and numbers in HTML as text: z₁₁, 2·10⁻⁷."""
    return re.sub(r"<(su[bp])>(.*?)</\1>", lambda part: part[2].translate(SMALL[part[1]]), html)
