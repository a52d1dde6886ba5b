"""Knows how arrays are written in HTML: as matrices of numbers with three digits, of large ones a corner."""

from collections.abc import Sequence

import numpy as np

from dlcore.numerals import digits

MOST = 8  # rows or columns that are written out
CORNER = 4  # rows or columns of what is larger
DOTS = "…"


def matrix(array: np.ndarray) -> str:
    """A table of the numbers. A vector is a column; of images and kernels with one channel it is the last two axes."""
    cells = np.atleast_1d(array)
    cells = cells[:, None] if cells.ndim == 1 else cells.reshape(-1, cells.shape[-1])
    rows, columns = (kept(length) for length in cells.shape)
    lines = [[digits(value) for value in line] for line in cells[np.ix_(rows, columns)].tolist()]
    if len(columns) < cells.shape[1]:
        lines = [[*line, DOTS] for line in lines]
    if len(rows) < len(cells):
        lines.append([DOTS] * len(lines[0]))
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    return f'<table class="dp-matrix">{body}</table>'


def kept(length: int) -> list[int]:
    """Which of so many rows or columns are written."""
    return list(range(length if length <= MOST else CORNER))


def size(shape: Sequence[int]) -> str:
    """A shape as it is read, such as "3×2"."""
    return "×".join(str(length) for length in shape)


class Sheet:
    """Writes matrices, each of them once: the same arrays stand in many notes."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[int, ...], bytes], str] = {}

    def write(self, array: np.ndarray) -> str:
        """The matrix in HTML."""
        key = array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = matrix(array)
        return self._known[key]
