"""Where in the input the units of a map look, along one axis; knows windows, not what they compute."""

from collections.abc import Iterable
from typing import NamedTuple


class Field(NamedTuple):
    """Unit i depends on the pixels from start + i·jump up to, not including, start + i·jump + size.

    Pixel p covers [p, p + 1); pixels below 0, or behind the last one, are padding.
    """

    size: int  # the receptive field
    jump: int  # pixels from a unit's field to its neighbour's
    start: int  # where the first unit's field begins
    units: int  # along this axis

    @property
    def centre(self) -> float:
        """The middle of the first unit's field."""
        return self.start + self.size / 2

    @property
    def middle(self) -> tuple[int, int]:
        """Where the field of the middle unit begins and ends; of an even number the unit behind the middle."""
        start = self.start + self.units // 2 * self.jump
        return start, start + self.size

    def under_windows(self, extent: int, stride: int, before: int, units: int) -> "Field":
        """The field of a map whose units look through windows at this one, which has `before` units of padding."""
        size = self.size + (extent - 1) * self.jump  # r ← r + (e − 1)·j
        return Field(size, self.jump * stride, self.start - before * self.jump, units)

    def under_all(self) -> "Field":
        """The field of a unit that depends on all of these."""
        return Field(self.size + (self.units - 1) * self.jump, self.jump, self.start, 1)


def pixels(number: int) -> Field:
    """The field of the input itself: every pixel sees itself."""
    return Field(1, 1, 0, number)


def joined(fields: Iterable[Field]) -> Field:
    """The smallest field that holds those of several branches, which have as many units.

    Raises: ValueError where neighbours are not as far apart in all of them.
    """
    fields = tuple(fields)
    jumps = sorted({field.jump for field in fields})
    if len(jumps) > 1 and fields[0].units > 1:
        raise ValueError(
            f"its branches step over the input by {' and by '.join(map(str, jumps))} pixels, so their units look at "
            "different places: give them the same strides"
        )
    start = min(field.start for field in fields)
    end = max(field.start + field.size for field in fields)
    return Field(end - start, jumps[-1], start, fields[0].units)
