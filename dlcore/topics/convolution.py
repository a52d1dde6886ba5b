"""One convolutional layer as geometry: sizes, padding, what it costs; and its output, by torch.

Knows convolution and transposed convolution along one or two axes, with torch's conventions (a "convolution" is a
correlation: the kernel is not turned). Does not know which cells meet in which sum (taps.py), pooling, or pictures.

Along every axis: n cells of input, k weights, stride s, dilation d, padding p before and q after, and the extent
e = d(k − 1) + 1 from the first weight to the last. A convolution has ⌊(n + p + q − e)/s⌋ + 1 outputs; a transposed one,
which cuts the padding off its output instead, has (n − 1)s + e − p − q and the output padding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

import torch.nn.functional as F
from torch import Tensor

from dlcore import require

Padding = str | int | tuple[int, ...] | tuple[tuple[int, int], ...]
Pair = tuple[int, int]  # before and after

#: What stands in the padding: torch's padding_mode -> title.
MODES = {
    "zeros": "zeros",
    "reflect": "the input, mirrored at its edge",
    "replicate": "the edge, repeated",
    "circular": "the opposite side",
}
#: How much padding a word means: extent -> cells before and after.
PADDINGS: dict[str, Callable[[int], Pair]] = {
    "valid": lambda extent: (0, 0),  # windows lie inside the input
    "half": lambda extent: (extent // 2, extent // 2),  # an even extent makes the map one larger at stride 1
    "same": lambda extent: ((extent - 1) // 2, extent // 2),  # at stride 1 the map keeps its size, as in torch
    "full": lambda extent: (extent - 1, extent - 1),  # every window that meets the input in at least one cell
}
AXES = {1: ("length",), 2: ("height", "width")}
MOST = 2**16  # of any number of a layer


@dataclass(frozen=True, kw_only=True)
class Conv:
    """One layer's geometry: a number for each axis, of which there are one or two.

    Raises: ValueError naming what cannot be, and what to change.
    """

    size: tuple[int, ...] = (5, 5)  # of the input, without padding
    kernel: tuple[int, ...] = (3, 3)
    stride: tuple[int, ...] = (1, 1)
    padding: Padding = 0  # a word of PADDINGS, one number, a number an axis, or a pair (before, after) an axis
    dilation: tuple[int, ...] = (1, 1)
    output_padding: tuple[int, ...] = (0, 0)  # cells after a transposed layer's output
    in_channels: int = 1
    out_channels: int = 1
    groups: int = 1
    bias: bool = False
    transposed: bool = False
    mode: str = "zeros"

    def __post_init__(self) -> None:
        _refuse_numbers(self)
        _refuse_padding(self)
        _refuse_channels(self)
        _refuse_modes(self)
        _refuse_sizes(self)

    @property
    def extent(self) -> tuple[int, ...]:
        """Cells from the kernel's first weight to its last: d(k − 1) + 1."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))

    @property
    def pads(self) -> tuple[Pair, ...]:
        """Cells of padding (before, after) along every axis; a transposed layer takes them off its output."""
        if isinstance(self.padding, str):
            return tuple(PADDINGS[self.padding](extent) for extent in self.extent)
        each = self.padding if isinstance(self.padding, tuple) else (self.padding,) * len(self.size)
        return tuple((pad, pad) if isinstance(pad, int) else pad for pad in each)

    @property
    def padded_size(self) -> tuple[int, ...]:
        """Of the input with its padding: what a convolution's window slides over."""
        return tuple(n + sum(pads) for n, pads in zip(self.size, self.pads, strict=True))

    @property
    def output_size(self) -> tuple[int, ...]:
        """Of every map of the output."""
        if self.transposed:
            axes = zip(self.size, self.stride, self.extent, self.pads, self.output_padding, strict=True)
            return tuple((n - 1) * s + extent - sum(pads) + more for n, s, extent, pads, more in axes)
        return tuple((n - e) // s + 1 for n, e, s in zip(self.padded_size, self.extent, self.stride, strict=True))

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Torch's: (out, in/groups, *kernel), of a transposed layer (in, out/groups, *kernel)."""
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel)


def pad(conv: Conv, x: Tensor) -> Tensor:
    """The input with its padding, (..., C_in, *padded_size): the ground a convolution's window slides over."""
    sides = [side for pair in reversed(conv.pads) for side in pair]  # torch counts from the last axis
    return F.pad(x, sides, mode="constant" if conv.mode == "zeros" else conv.mode)


def apply(conv: Conv, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The layer's output by torch, (C_out, *output_size), in autograd's graph.

    x: (C_in, *size), or a batch of such in front; weight: weight_shape; bias: (C_out,).

    Raises: ValueError for another shape.
    """
    _refuse_shape("x", x.shape[-1 - len(conv.size) :], (conv.in_channels, *conv.size))
    _refuse_shape("weight", weight.shape, conv.weight_shape)
    if bias is not None:
        _refuse_shape("bias", bias.shape, (conv.out_channels,))
    flat = len(conv.size) == 1
    if not conv.transposed:
        function = F.conv1d if flat else F.conv2d
        return function(pad(conv, x), weight, bias, conv.stride, 0, conv.dilation, conv.groups)
    function = F.conv_transpose1d if flat else F.conv_transpose2d
    whole = function(x, weight, bias, conv.stride, 0, conv.output_padding, conv.groups, conv.dilation)
    kept = [slice(before, before + n) for (before, _), n in zip(conv.pads, conv.output_size, strict=True)]
    return whole[(..., *kept)]


def remainder(conv: Conv) -> tuple[int, ...]:
    """Cells of the padded input behind the last window, along every axis: the next step would leave the ground."""
    if conv.transposed:
        return (0,) * len(conv.size)
    return tuple((n - e) % s for n, e, s in zip(conv.padded_size, conv.extent, conv.stride, strict=True))


def num_parameters(conv: Conv) -> int:
    """Weights, and a bias for each output channel if there are any."""
    return prod(conv.weight_shape) + conv.bias * conv.out_channels


def num_multiply_adds(conv: Conv) -> int:
    """Products of a weight and a cell, as papers count them: those with padding are in, biases are not.

    Every weight is used once at each place of the window, which stands at every output cell, in a transposed layer at
    every input cell. FLOPs are twice as many. The lecture calls the same number connections.
    """
    places = conv.size if conv.transposed else conv.output_size
    return prod(conv.weight_shape) * prod(places)


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """Cells of the first input that one unit of the last layer depends on, along one axis.

    layers: (extent, stride) of each, the first one first. Every layer adds (extent − 1) cells that lie as far apart in
    the first input as all the strides below it multiply to.
    """
    field = jump = 1
    for extent, stride in layers:
        field += (extent - 1) * jump
        jump *= stride
    return field


def explain_size(conv: Conv) -> str:
    """How the output's size comes about, with the numbers put in: a line for each axis."""
    return "\n".join(_explained(conv, axis) for axis in range(len(conv.size)))


def _explained(conv: Conv, axis: int) -> str:
    n, k, s, d = (numbers[axis] for numbers in (conv.size, conv.kernel, conv.stride, conv.dilation))
    before, after = conv.pads[axis]
    sign = "−" if conv.transposed else "+"
    pads = f"{sign} 2·{before}" if before == after else f"{sign} {before} {sign} {after}"
    result = conv.output_size[axis]
    if conv.transposed:
        return f"({n} − 1)·{s} {pads} + {d}·({k} − 1) + {conv.output_padding[axis]} + 1 = {result}"
    return f"⌊({n} {pads} − {d}·({k} − 1) − 1)/{s}⌋ + 1 = {result}"


def _refuse_numbers(conv: Conv) -> None:
    if not isinstance(conv.size, tuple) or len(conv.size) not in AXES:
        raise ValueError(f"size is {conv.size}: a layer has one axis or two, so give a tuple of one number or two.")
    for name, low in (("size", 1), ("kernel", 1), ("stride", 1), ("dilation", 1), ("output_padding", 0)):
        numbers = getattr(conv, name)
        if not isinstance(numbers, tuple) or len(numbers) != len(conv.size):
            raise ValueError(f"{name} is {numbers}: size is {conv.size}, so give a number for each of its axes.")
        for number in numbers:
            require.whole(name, number, low, MOST)


def _refuse_padding(conv: Conv) -> None:
    if isinstance(conv.padding, str):
        return require.one_of("padding", conv.padding, PADDINGS)
    if isinstance(conv.padding, tuple) and len(conv.padding) != len(conv.size):
        raise ValueError(f"padding is {conv.padding}: size is {conv.size}, so give a number or a pair for each axis.")
    for pair in conv.pads:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValueError(f"padding has {pair!r}: along an axis it is a number, or a pair (before, after).")
        for number in pair:
            require.whole("padding", number, 0, MOST)
    return None


def _refuse_channels(conv: Conv) -> None:
    for name in ("in_channels", "out_channels", "groups"):
        require.whole(name, getattr(conv, name), 1, MOST)
    for name in ("in_channels", "out_channels"):
        channels = getattr(conv, name)
        if channels % conv.groups:
            raise ValueError(
                f"groups is {conv.groups}: it must divide {name}, {channels}, so that all groups are alike; "
                "change one of the two."
            )


def _refuse_modes(conv: Conv) -> None:
    require.one_of("mode", conv.mode, MODES)
    if conv.transposed and conv.mode != "zeros":
        raise ValueError(f"mode is {conv.mode}: a transposed layer knows only zeros, since its padding cuts cells off.")
    if any(conv.output_padding) and not conv.transposed:
        raise ValueError(f"output_padding is {conv.output_padding}: only a transposed layer has it; set it to 0.")
    for more, s, d in zip(conv.output_padding, conv.stride, conv.dilation, strict=True):
        if more >= max(s, d):
            raise ValueError(
                f"output_padding is {more}: it must be smaller than the stride, {s}, or than the dilation, {d}; "
                "make it smaller."
            )
    for n, pads in zip(conv.size, conv.pads, strict=True):
        most = {"reflect": n - 1, "circular": n}.get(conv.mode, MOST)
        if max(pads) > most:
            raise ValueError(
                f"padding is {max(pads)}: in mode {conv.mode} an input of {n} cells gives copies for at most {most} "
                "on a side; pad less, or choose another mode."
            )


def _refuse_sizes(conv: Conv) -> None:
    for axis, name in enumerate(AXES[len(conv.size)]):
        if conv.transposed and conv.output_size[axis] < 1:
            raise ValueError(
                f"padding is {conv.pads[axis]}: it cuts off the whole {name} of the output; make it smaller, or the "
                "input larger."
            )
        if not conv.transposed and conv.extent[axis] > conv.padded_size[axis]:
            raise ValueError(
                f"kernel is {conv.kernel[axis]}: with dilation {conv.dilation[axis]} it reaches over "
                f"{conv.extent[axis]} cells, and the {name} of the input has {conv.padded_size[axis]} with its "
                "padding; make the kernel or the dilation smaller, or the input or the padding larger."
            )


def _refuse_shape(name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if tuple(shape) != expected:
        raise ValueError(f"{name} has the shape {tuple(shape)}: this layer needs {expected}.")
