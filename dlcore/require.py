"""Knows how a setting is refused: one sentence with its name, its value and the rule; does not know any setting."""

from collections.abc import Iterable


def one_of(name: str, value: str, allowed: Iterable[str]) -> None:
    """Refuse a value that is not one of those allowed.

    Raises: ValueError.
    """
    allowed = tuple(allowed)
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}.")


def some_of(name: str, values: tuple[str, ...], allowed: Iterable[str]) -> None:
    """Refuse an empty choice, an unknown member, and a member named twice.

    Raises: ValueError.
    """
    allowed = tuple(allowed)
    if not values:
        raise ValueError(f"{name} is empty: choose at least one of {', '.join(allowed)}.")
    for value in values:
        one_of(name, value, allowed)
    if len(set(values)) < len(values):
        raise ValueError(f"{name} is {', '.join(values)}: each may be chosen only once.")


def number(name: str, value: float, low: float, high: float) -> None:
    """Refuse what is not a finite number with low <= value <= high.

    Raises: ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}: it must be a number from {low:g} to {high:g}.")


def whole(name: str, value: int, low: int, high: int) -> None:
    """Refuse what is not a whole number with low <= value <= high.

    Raises: ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}: it must be a whole number from {low} to {high}.")
