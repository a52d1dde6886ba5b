"""A refused setting is named, with its value and the rule."""

import math
import re

import pytest

from dlcore import require


def test_what_is_in_range_passes() -> None:
    require.number("lr", 0.1, 0, 1)
    require.number("lr", 1, 0, 1)
    require.whole("seed", 0, 0, 9)
    require.one_of("fruit", "fig", ("fig", "plum"))
    require.some_of("fruits", ("plum", "fig"), ("fig", "plum"))


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, -math.inf, "0.5", True, None])
def test_number(value: object) -> None:
    with pytest.raises(ValueError, match=r"^lr is .*: it must be a number from 0 to 1\.$"):
        require.number("lr", value, 0, 1)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("value", [-1, 10, 0.5, 1.0, "3", False])
def test_whole(value: object) -> None:
    with pytest.raises(ValueError, match=r"^seed is .*: it must be a whole number from 0 to 9\.$"):
        require.whole("seed", value, 0, 9)  # pyright: ignore[reportArgumentType]


def test_one_of() -> None:
    with pytest.raises(ValueError, match=r"^fruit is 'stone': it must be one of fig, plum\.$"):
        require.one_of("fruit", "stone", ("fig", "plum"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((), "fruits is empty: choose at least one of fig, plum."),
        (("stone",), "fruits is 'stone': it must be one of fig, plum."),
        (("fig", "fig"), "fruits is fig, fig: each may be chosen only once."),
    ],
)
def test_some_of(values: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        require.some_of("fruits", values, ("fig", "plum"))
