"""Knows what lies under a sliding window: an operand with padding around it, or with zeros between; not the window."""

from typing import NamedTuple

import numpy as np

from dlcore.topics.taps import COPIES, NONE

#: Sources of cells that are zeros of nobody: around the operand, and between its cells.
BORDER, BETWEEN = NONE, NONE - 1


class Ground(NamedTuple):
    """What lies under the window.

    values (maps, rows, cols) float64; source, of the same shape: the flat index of the operand's cell that lies there,
    a copy's is that of the cell it copies, or BORDER or BETWEEN; border (rows, cols): outside the operand, copies, too.
    """

    values: np.ndarray
    source: np.ndarray
    border: np.ndarray


class Axis(NamedTuple):
    """One axis of a ground: which of the operand's cells lies where, or BORDER or BETWEEN; what is outside of it."""

    source: np.ndarray
    outside: np.ndarray


def padded(length: int, pads: tuple[int, int], mode: str = "zeros") -> Axis:
    """An axis with so many cells before and after it: zeros, or copies as one of torch's padding modes makes them."""
    place = np.arange(-pads[0], length + pads[1])
    return Axis(COPIES[mode](place, length), (place < 0) | (place >= length))


def stretched(length: int, step: int, before: int, total: int) -> Axis:
    """An axis whose cells are `step` apart, `before` places from the left of `total`.

    A negative number of places before it cuts its first ones off, as a small total cuts off its last.
    """
    place = np.arange(-before, total - before)
    outside = (place < 0) | (place > step * (length - 1))
    return Axis(np.select([outside, place % step > 0], [BORDER, BETWEEN], place // step), outside)


def lay(operand: np.ndarray, axes: tuple[Axis, Axis]) -> Ground:
    """The ground of an operand (maps, rows, cols); what is not the operand's is zero."""
    maps, num_rows, num_cols = operand.shape
    rows, cols = axes[0].source[:, None], axes[1].source
    nobody = np.where((rows == BORDER) | (cols == BORDER), BORDER, BETWEEN)
    own = (rows >= 0) & (cols >= 0)
    first = np.arange(maps)[:, None, None] * (num_rows * num_cols)
    source = np.where(own, first + rows * num_cols + cols, nobody)
    values = np.where(own, operand.take(source, mode="clip"), 0.0)
    return Ground(values, source, axes[0].outside[:, None] | axes[1].outside)
