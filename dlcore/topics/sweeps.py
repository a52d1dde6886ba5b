"""Knows one window that sweeps over one ground, and the taps where their cells meet; not what either of them means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from torch import Tensor

from dlcore.numerals import SMALL
from dlcore.topics.grounds import Ground

Pair = tuple[int, int]  # rows and columns
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Slide:
    """One operation as a window that slides over a ground; all maps are (maps, rows, cols), 1-D ones have one row.

    The taps are all meetings of a cell of the ground with one of the window: flat indices and their product, ordered
    by the result's cells, then by the ground's. Those on zeros are among them; those on the −∞ around max-pooling are
    not, and of its gradient only those of windows whose maximum lies in this cell.
    """

    kind: str  # what the result is of the products: "sum" | "max" | "mean" (their sum, for the window holds 1/cells)
    ground: np.ndarray  # float64
    source: np.ndarray  # like ground: flat index of the operand's cell that lies there, or BORDER or BETWEEN
    border: np.ndarray  # (rows, cols): outside of the operand, copies included
    used: np.ndarray  # (rows, cols): under the window at least once
    window: np.ndarray  # float64, as it slides: turned where it is
    window_source: np.ndarray  # like window: flat index in the tensor that it comes from
    result: np.ndarray  # float64, by torch and not by the taps
    result_source: np.ndarray  # like result: flat index of the cell of `whole` that it is, or is a part of
    whole: np.ndarray  # flat, by torch: the result, or where that has cells of copies, what they are added up to
    bias: np.ndarray | None  # one for each map of the result
    tap_result: np.ndarray  # (taps,)
    tap_ground: np.ndarray  # (taps,)
    tap_window: np.ndarray  # (taps,)
    product: np.ndarray  # (taps,)
    hole: Pair  # the window's cell (i, j) lies hole·(i, j) from its first one
    names: tuple[str, str, str]  # of ground, window and result: ("x", "w", "y")
    ground_names: tuple[str, ...]  # one a map: "x₁", "x₂"
    window_names: tuple[str, ...]  # "w₁₂" leads to output map 1 from input map 2
    result_names: tuple[str, ...]


class Maps(NamedTuple):
    """Maps of one tensor, (maps, rows, cols) float64, with the tensor's letter and each map's name."""

    letter: str
    names: tuple[str, ...]
    values: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """The way of a window: the result's cell i is Σ_j ground[stride·i + hole·j] · window[j], and which maps meet."""

    operand: Maps  # what lies in the ground
    ground: Ground
    window: Maps  # as in its tensor, not yet turned
    size: Pair  # of one map of the result
    meetings: tuple[np.ndarray, np.ndarray, np.ndarray]  # maps of result, ground, window; each result's are as many
    stride: Pair = (1, 1)
    hole: Pair = (1, 1)
    turned: bool = False  # the window by 180°
    backwards: bool = False  # from the last place to the first

    def places(self) -> np.ndarray:
        """Flat index in a map of the ground: (result's rows, result's cols, window's rows, window's cols)."""
        rows, cols = (self._along(axis) for axis in (0, 1))
        return rows[:, None, :, None] * self.ground.border.shape[1] + cols[None, :, None, :]

    def _along(self, axis: int) -> np.ndarray:
        i, j = np.arange(self.size[axis]), np.arange(self.window.values.shape[1 + axis])
        return self.stride[axis] * (i[::-1] if self.backwards else i)[:, None] + self.hole[axis] * j

    def taps(self) -> tuple[np.ndarray, ...]:
        """Flat indices in result, ground and window of all cells that meet.

        They are a block of the axes (result's maps, rows, cols, maps that meet, window's rows, cols).
        """
        result, ground, window = self.meetings
        order = np.lexsort((ground, result))
        num_maps = result.max() + 1
        met = (num_maps, 1, 1, len(order) // num_maps, 1, 1)
        cells = np.arange(self.window.values[0].size).reshape(self.window.values.shape[1:])
        block = np.broadcast_arrays(
            np.arange(num_maps * self.size[0] * self.size[1]).reshape(num_maps, *self.size, 1, 1, 1),
            ground[order].reshape(met) * self.ground.border.size + self.places()[:, :, None],
            window[order].reshape(met) * cells.size + cells,
        )
        return tuple(index.ravel() for index in block)


def lay_out(sweep: Sweep, result: Maps) -> Slide:
    """All that there is to see on a window's way; `result` holds torch's numbers."""
    way = slice(None, None, -1 if sweep.turned else 1)
    window = sweep.window.values[:, way, way].copy()
    window_source = np.arange(window.size).reshape(window.shape)[:, way, way].copy()
    used = np.zeros_like(sweep.ground.border)
    np.put(used, sweep.places(), True)
    tap_result, tap_ground, tap_window = sweep.taps()
    return Slide(
        kind="sum",
        ground=sweep.ground.values,
        source=sweep.ground.source,
        border=sweep.ground.border,
        used=used,
        window=window,
        window_source=window_source,
        result=result.values,
        result_source=np.arange(result.values.size).reshape(result.values.shape),
        whole=result.values.ravel(),
        bias=None,
        tap_result=tap_result,
        tap_ground=tap_ground,
        tap_window=tap_window,
        product=sweep.ground.values.flat[tap_ground] * window.flat[tap_window],
        hole=sweep.hole,
        names=(sweep.operand.letter, sweep.window.letter, result.letter),
        ground_names=sweep.operand.names,
        window_names=sweep.window.names,
        result_names=result.names,
    )


def check(slide: Slide) -> float:
    """The largest difference of the taps' sums (or maxima) from torch's numbers; copies are added up, too."""
    largest = slide.kind == "max"
    total = np.full(slide.result.size, -np.inf if largest else 0.0)
    (np.maximum if largest else np.add).at(total, slide.tap_result, slide.product)
    if slide.bias is not None:
        total += np.repeat(slide.bias, slide.result[0].size)
    whole = np.bincount(slide.result_source.ravel(), total, slide.whole.size)
    return float(max(np.abs(total - slide.result.ravel()).max(), np.abs(whole - slide.whole).max()))


def maps_of(letter: str, tensor: Tensor) -> Maps:
    """The maps of (channels, *size): x, or x₁, x₂, ... where there are several."""
    names = [letter + str(number).translate(SMALL["sub"]) for number in range(1, len(tensor) + 1)]
    return Maps(letter, tuple(names) if len(names) > 1 else (letter,), plane(tensor))


def plane(tensor: Tensor) -> np.ndarray:
    """(maps, *size) as (maps, rows, cols)."""
    return tensor.detach().double().numpy().reshape(len(tensor), *pair(tensor.shape[1:], 1))


def pair(values: Sequence[T], one: T) -> tuple[T, T]:
    """What is given for each axis, for rows and for columns: along the single row of a 1-D operand it is `one`."""
    first, second = (one, *values)[-2:]
    return first, second
