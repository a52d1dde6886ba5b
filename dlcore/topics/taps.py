"""Which cells meet in a convolutional layer: its taps, y[output] = Σ x[input] · w[weight], by index arithmetic.

Knows every product of the layer's sum, and the sparse matrix they make. Does not know sizes and padding
(convolution.py), nor how a window slides.

A tap says three things that do not depend on each other: which channels meet, which rows, and which columns. So the
taps of a layer are all combinations of the taps along each of these, and only those are worked out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.topics.convolution import Conv

NONE = -1  # no cell of the input: a zero of the border
#: Which cell of n stands at a position, given as so many cells from the first one; keys are those of MODES.
COPIES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "zeros": lambda position, n: np.where((position >= 0) & (position < n), position, NONE),
    "reflect": lambda position, n: (n - 1) - np.abs((n - 1) - np.abs(position)),  # turned round at both edges
    "replicate": lambda position, n: position.clip(0, n - 1),
    "circular": lambda position, n: position % n,
}


@dataclass(frozen=True, eq=False)
class Taps:
    """Products of a cell and a weight, one a row, int64; of a whole layer flat indices in C order, channels included.

    Zeros of the border have no tap. A copied cell has one for each copy, so that cell and output may meet repeatedly.
    """

    output: np.ndarray  # (taps,) in (C_out, *output_size)
    input: np.ndarray  # (taps,) in (C_in, *size)
    weight: np.ndarray  # (taps,) in weight_shape

    def __len__(self) -> int:
        return len(self.output)

    def __getitem__(self, rows: np.ndarray) -> "Taps":
        return Taps(self.output[rows], self.input[rows], self.weight[rows])


def taps(conv: Conv) -> Taps:
    """All of a layer, ordered by output, then by weight."""
    parts = [_channels(conv), *_axes(conv)]
    output = _flat([part.output for part in parts], (conv.out_channels, *conv.output_size))
    cell = _flat([part.input for part in parts], (conv.in_channels, *conv.size))
    weight = _flat([part.weight for part in parts], (prod(conv.weight_shape[:2]), *conv.kernel))
    return Taps(output, cell, weight)[np.lexsort((weight, output))]


def reads(conv: Conv, output_index: int) -> Taps:
    """Of one output: all that it is the sum of.

    Raises: ValueError where there is no such output.
    """
    require.whole("output_index", output_index, 0, _num_outputs(conv) - 1)
    found = taps(conv)
    return found[found.output == output_index]


def feeds(conv: Conv, input_index: int) -> Taps:
    """Of one input cell: all outputs it goes to, and with which weight.

    Raises: ValueError where there is no such cell.
    """
    require.whole("input_index", input_index, 0, _num_inputs(conv) - 1)
    found = taps(conv)
    return found[found.input == input_index]


def uncovered(conv: Conv) -> np.ndarray:
    """Whether no window reads a cell, bool of the shape conv.size: it cannot change the output, nor get a gradient."""
    missed = np.ones(conv.size, dtype=bool)
    missed[np.ix_(*(axis.input for axis in _axes(conv)))] = False
    return missed


def num_connections(conv: Conv) -> int:
    """Taps: the products of a weight and a cell, those with zeros of the border left out."""
    return prod(len(part) for part in (_channels(conv), *_axes(conv)))


def matrix(conv: Conv, weight: Tensor) -> Tensor:
    """C (outputs, inputs) with y.flatten() = C @ x.flatten(): every row has the same weights, at other columns.

    A transposed layer's C is the transpose of that of the convolution which leads back to its input: hence the name.
    In autograd's graph of the weights.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), section 4.1.
    """
    found = taps(conv)
    places = torch.from_numpy(found.output), torch.from_numpy(found.input)
    empty = torch.zeros(_num_outputs(conv), _num_inputs(conv), dtype=weight.dtype)
    return empty.index_put(places, weight.flatten()[torch.from_numpy(found.weight)], accumulate=True)


def _channels(conv: Conv) -> Taps:
    """Which channels meet: all of a group, and a kernel for each pair of them."""
    outputs, inputs = conv.out_channels // conv.groups, conv.in_channels // conv.groups
    group, output, cell = (part.ravel() for part in np.indices((conv.groups, outputs, inputs)))
    output, cell = group * outputs + output, group * inputs + cell
    kernel = cell * outputs + output % outputs if conv.transposed else output * inputs + cell % inputs
    return Taps(output, cell, kernel)


def _axes(conv: Conv) -> list[Taps]:
    """Which rows meet, and which columns."""
    return [_along(conv, axis) for axis in range(len(conv.size))]


def _along(conv: Conv, axis: int) -> Taps:
    """Window i has its weight j at cell s·i + d·j − p: of the input, or of a transposed layer's output."""
    windows, cells = conv.output_size[axis], conv.size[axis]
    if conv.transposed:
        windows, cells = cells, windows
    i, j = np.indices((windows, conv.kernel[axis]))
    cell = COPIES[conv.mode](conv.stride[axis] * i + conv.dilation[axis] * j - conv.pads[axis][0], cells)
    met = cell != NONE
    i, j, cell = i[met], j[met], cell[met]
    return Taps(cell, i, j) if conv.transposed else Taps(i, cell, j)


def _flat(indices: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """All combinations of the indices along every axis, flat in an array of this shape."""
    return np.ravel_multi_index(np.ix_(*indices), shape).ravel()


def _num_outputs(conv: Conv) -> int:
    return conv.out_channels * prod(conv.output_size)


def _num_inputs(conv: Conv) -> int:
    return conv.in_channels * prod(conv.size)
