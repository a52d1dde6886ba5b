"""Knows what there is to say about one layer: how its size comes about, what it reads, what it costs."""

from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np

from dlcore.topics.convolution import (
    AXES,
    Conv,
    explain_size,
    num_multiply_adds,
    num_parameters,
    remainder,
)
from dlcore.topics.pooling import Pool
from dlcore.topics.taps import num_connections, uncovered


class Fact(NamedTuple):
    """One row of a table: what it is about, and sentences or numbers in HTML."""

    label: str
    lines: tuple[str, ...]


def times(numbers: tuple[int, ...]) -> str:
    """5 × 7."""
    return " × ".join(map(str, numbers))


def facts(layer: Conv | Pool) -> list[Fact]:
    """Everything worth knowing about a layer, in the order in which one would ask."""
    conv = as_convolution(layer)
    found = [Fact("Output size", tuple(explain_size(conv).split("\n")))]
    if isinstance(layer, Conv):
        found += [*_sizes_that_meet(layer), _cost(layer), *_cheaper(layer)]
    if missed := unread(layer):
        found.append(Fact("Not read", (missed,)))
    return [*found, _reach(conv)]


def as_convolution(layer: Conv | Pool) -> Conv:
    """The convolution with the same windows: the layer itself, unless it pools."""
    return layer if isinstance(layer, Conv) else layer.convolution(1)


def unread(layer: Conv | Pool) -> str:
    """Which cells of the input no window reads, in one sentence; "" if there are none."""
    conv = as_convolution(layer)
    lost = uncovered(conv)
    if not lost.any():
        return ""
    count = int(lost.sum())
    told = f"{count} of {lost.size} cells of the input {'are' if count > 1 else 'is'} read by no window"
    if conv.transposed:
        return f"{told}: the padding cuts off all that they would give."
    behind = tuple(_behind(conv, lost, axis) for axis in range(lost.ndim))
    within = lost[tuple(slice(n - last) for n, last in zip(lost.shape, behind, strict=True))].any()
    reasons = [_last(behind)] if any(behind) else []
    if within:
        jumps = any(stride > extent for stride, extent in zip(conv.stride, conv.extent, strict=True))
        whom = "others" if reasons else "them"
        reasons.append(f"the window's {'steps' if jumps else 'holes'} leave {whom} out every time")
    return f"{told}: {'; '.join(reasons)}."


def _behind(conv: Conv, lost: np.ndarray, axis: int) -> int:
    """How many of the last rows, or columns, the last window does not reach."""
    (_, after), over = conv.pads[axis], remainder(conv)[axis]
    last = max(over - after, 0)
    return last if np.take(lost, range(lost.shape[axis] - last, lost.shape[axis]), axis).all() else 0


def _last(cells: tuple[int, ...]) -> str:
    names = ("row", "column") if len(cells) == 2 else ("cell",)
    parts = [f"the last {f'{n} {name}s' if n > 1 else name}" for n, name in zip(cells, names, strict=True) if n]
    verb = "lies" if sum(cells) == 1 else "lie"
    return f"{' and '.join(parts)} {verb} behind the last window, for one more step would leave the input"


def same_output(conv: Conv, axis: int = 0) -> tuple[int, ...]:
    """All sizes of an axis that a convolution takes to the size of its output, everything else as it is."""
    size, (before, after) = conv.output_size[axis], conv.pads[axis]
    first = (size - 1) * conv.stride[axis] + conv.extent[axis] - before - after
    return tuple(n for n in range(first, first + conv.stride[axis]) if n > 0)


def _sizes_that_meet(layer: Conv) -> list[Fact]:
    """Why output padding is needed: a stride s sends s input sizes to one output size, and the way back must choose."""
    axes = [axis for axis, stride in enumerate(layer.stride) if stride > 1]
    tell = _back_to if layer.transposed else _sent_to
    told = [tell(layer, axis) for axis in axes]
    if len(axes) == len(layer.size) and len(set(told)) == 1:
        lines = (told[0],)
    else:
        lines = tuple(f"{AXES[len(layer.size)][axis].title()}: {line}" for axis, line in zip(axes, told, strict=True))
    return [Fact("Output padding chooses" if layer.transposed else "Same output", lines)] if lines else []


def _sent_to(layer: Conv, axis: int) -> str:
    sizes, size = same_output(layer, axis), layer.output_size[axis]
    if len(sizes) == 1:
        return f"{sizes[0]} alone gives {size}."
    told = f"{', '.join(map(str, sizes[:-1]))} and {sizes[-1]}"
    return f"{told} cells all give {size}: the transpose needs output padding to choose."


def _back_to(layer: Conv, axis: int) -> str:
    least = layer.output_size[axis] - layer.output_padding[axis]
    sizes = ", ".join(f"{least + more} with {more}" for more in range(layer.stride[axis]) if least + more > 0)
    return f"A convolution with these settings takes all of these to {layer.size[axis]}: {sizes}."


def _cost(layer: Conv) -> Fact:
    biases = f" and {_many(layer.out_channels, 'bias', 'biases')}" if layer.bias else ""
    products, met = num_multiply_adds(layer), num_connections(layer)
    lines = [
        f"{_many(num_parameters(layer), 'parameter')}: {times(layer.weight_shape)} weights{biases}",
        f"{_many(products, 'multiply-add')}, {2 * products:,} operations",
        f"{_many(met, 'connection')} to cells that are there",
    ]
    if met < products:
        lines[-1] += f"; {products - met:,} {'are cut off' if layer.transposed else 'meet zeros'} at the border"
    return Fact("Cost", tuple(lines))


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _cheaper(layer: Conv) -> list[Fact]:
    """What grouping saves, and what the 1×1 costs that mixes the maps again."""
    if layer.groups == 1 or layer.transposed:
        return []
    full = num_multiply_adds(replace(layer, groups=1))
    mixing = layer.out_channels**2 * prod(layer.output_size)
    both = num_multiply_adds(layer) + mixing
    return [
        Fact(
            "Groups",
            (
                f"Without groups: {full:,} multiply-adds, {layer.groups} times as many.",
                f"With a 1 × 1 layer behind, which mixes the maps: {both:,}, {both / full:.2f} of the full layer.",
            ),
        )
    ]


def _reach(conv: Conv) -> Fact:
    extent = f"{times(conv.extent)} cells"
    if conv.transposed:
        return Fact("Reach", (f"One cell of the input goes to cells of the output within {extent}",))
    return Fact("Receptive field", (f"{extent} of the input for one cell of the output",))
