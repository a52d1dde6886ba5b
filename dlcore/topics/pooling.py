"""Pooling as a window that slides: a convolution of each map by itself, with the same weight everywhere.

Average-pooling is just that, with weights 1/(k·k). Max-pooling takes the largest product instead of their sum, with
weights 1; its gradient is the sum again, over the windows whose maximum lies in the cell.
Knows sizes, numbers and taps of pooling; does not know convolution's own settings, nor how it is drawn.
"""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore import require
from dlcore.topics.convolution import MOST, Conv
from dlcore.topics.sliding import Slide, slide
from dlcore.topics.sweeps import plane

KINDS = {"max": "max-pooling", "average": "average-pooling"}
DIRECTIONS = ("forward", "input")
POOLS = {("max", 1): F.max_pool1d, ("max", 2): F.max_pool2d, ("average", 1): F.avg_pool1d, ("average", 2): F.avg_pool2d}


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One pooling layer's geometry: a number for each axis, of which there are one or two.

    Average-pooling counts the zeros of its padding as values, as torch does; max-pooling never chooses its padding.

    Raises: ValueError naming what cannot be, and what to change.
    """

    size: tuple[int, ...] = (4, 4)  # of the input, without padding
    kernel: tuple[int, ...] = (2, 2)
    stride: tuple[int, ...] = (2, 2)
    padding: tuple[int, ...] = (0, 0)  # on both sides
    kind: str = "max"

    def __post_init__(self) -> None:
        require.one_of("kind", self.kind, KINDS)
        if not isinstance(self.padding, tuple):
            raise ValueError(f"padding is {self.padding!r}: it must be a whole number for each axis.")
        for pad in self.padding:
            require.whole("padding", pad, 0, MOST)
        self.convolution(1)
        for pad, kernel in zip(self.padding, self.kernel, strict=True):
            if pad > kernel // 2:
                raise ValueError(
                    f"padding is {pad}, more than half of the window of {kernel}: some window would hold nothing but "
                    f"padding. Take at most {kernel // 2}, or a larger window."
                )

    @property
    def output_size(self) -> tuple[int, ...]:
        """Of every map."""
        return self.convolution(1).output_size

    def convolution(self, num_maps: int) -> Conv:
        """The convolution with the same windows that keeps all maps apart.

        Raises: ValueError naming what cannot be.
        """
        return Conv(
            size=self.size,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=(1,) * len(self.size),
            output_padding=(0,) * len(self.size),
            in_channels=num_maps,
            out_channels=num_maps,
            groups=num_maps,
        )


def pool(layer: Pool, x: Tensor) -> Tensor:
    """The output by torch, (maps, *output_size), in autograd's graph; x: (maps, *size)."""
    return POOLS[layer.kind, len(layer.size)](x, layer.kernel, layer.stride, layer.padding)


def slide_pool(layer: Pool, x: Tensor, direction: str = "forward", grad: Tensor | None = None) -> Slide:
    """Pooling forward, or its gradient to the input, as a window that slides.

    x: (maps, *size); grad: ∂E/∂y, (maps, *output size), for the gradient. Of equal maxima the first wins, row by row.

    Raises: ValueError for another direction, a gradient without grad, or a shape that does not fit.
    """
    require.one_of("direction", direction, DIRECTIONS)
    conv = layer.convolution(len(x))
    weight = x.new_full(conv.weight_shape, 1 if layer.kind == "max" else 1 / prod(layer.kernel))
    slid = _one_window(slide(conv, x, weight, None, direction, grad), layer.kind)
    leaf = x.detach().requires_grad_()
    result = pool(layer, leaf)
    if direction == "input":
        (result,) = torch.autograd.grad(result, leaf, grad)
    slid = replace(slid, result=plane(result), whole=plane(result).ravel())
    if layer.kind == "average":
        return replace(slid, kind="mean")
    return _largest(slid) if direction == "forward" else _won(slid, winners(layer, x))


def winners(layer: Pool, x: Tensor) -> np.ndarray:
    """The cell of the input that is each window's maximum, the first of equal ones: flat indices, (output's cells,)."""
    conv = layer.convolution(len(x))
    windows = slide(conv, x, x.new_ones(conv.weight_shape))
    cells = _operands(windows).reshape(windows.result.size, -1)
    values = np.where(cells < 0, -np.inf, plane(x).ravel()[cells])
    return cells[np.arange(len(cells)), values.argmax(axis=1)]


def _operands(slid: Slide) -> np.ndarray:
    """Of every tap, the flat index of the operand's cell, or what it is instead (grounds.py)."""
    return slid.source.ravel()[slid.tap_ground]


def _one_window(slid: Slide, kind: str) -> Slide:
    """One window for all maps, for its weights are the same everywhere."""
    return replace(
        slid,
        window=slid.window[:1],
        window_source=slid.window_source[:1],
        window_names=("max" if kind == "max" else "mean",),
        tap_window=slid.tap_window % slid.window[0].size,
    )


def _largest(slid: Slide) -> Slide:
    """Forward: padding is −∞, which is never the largest, so that it has no taps."""
    slid = replace(slid, kind="max", ground=np.where(slid.border, -np.inf, slid.ground))
    return _kept(slid, _operands(slid) >= 0)


def _won(slid: Slide, winner: np.ndarray) -> Slide:
    """Backward: a cell gets the gradients of those windows that it won."""
    window = _operands(slid)
    return _kept(slid, (window < 0) | (winner[window] == slid.tap_result))


def _kept(slid: Slide, kept: np.ndarray) -> Slide:
    taps = {name: getattr(slid, name)[kept] for name in ("tap_result", "tap_ground", "tap_window", "product")}
    return replace(slid, **taps)
