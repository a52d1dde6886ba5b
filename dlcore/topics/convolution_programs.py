"""Knows how a convolution or a pooling is written in torch, with its present numbers; does not run it."""

import re
import sys
import textwrap
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from dlcore.topics.convolution import Conv
from dlcore.topics.pooling import Pool

WIDEST = 118  # characters of a line with numbers in it
ALIGNED = 6  # characters of a number; longer ones do not stand in columns
HEAD = """\
from functools import partial

import torch
from torch import nn

tensor = partial(torch.tensor, dtype=torch.float64)

"""
#: Modes of padding -> the module that pads so, without its number of axes.
PADS = {"zeros": "ZeroPad", "reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}
AXES = {1: "length", 2: "height, width"}


def line(conv: Conv) -> str:
    """The expression that makes this layer in torch, such as nn.Conv2d(1, 1, kernel_size=3, bias=False).

    Padding that differs before and after is a module of its own, for torch's layers do not know it.
    """
    if _is_even(conv):
        return _layer(conv, pads=True)
    modules = [_layer(conv, pads=False), _pad(conv)]
    return f"nn.Sequential({', '.join(modules if conv.transposed else reversed(modules))})"


def pool_line(pool: Pool) -> str:
    """The expression that makes this pooling in torch, such as nn.MaxPool2d(kernel_size=2, stride=2)."""
    name = "MaxPool" if pool.kind == "max" else "AvgPool"
    arguments = [f"kernel_size={_short(pool.kernel)}", f"stride={_short(pool.stride)}"]
    arguments += _named("padding", pool.padding, 0)
    return f"nn.{name}{len(pool.size)}d({', '.join(arguments)})"


def lines(layer: Conv | Pool, direction: str = "forward", flip: bool = False) -> list[str]:
    """What a program does, without its numbers, in a few lines; the last one gives what is drawn."""
    turn = [_turned(layer)] if flip and isinstance(layer, Conv) else []
    return [_made(layer, direction), *turn, *_forward(layer, direction), *_backward(layer, direction, flip)]


def program(
    conv: Conv,
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    direction: str = "forward",
    grad: ArrayLike | None = None,
    flip: bool = False,
) -> str:
    """The program that computes what is on the page, as text that runs as it is; arrays as for `sliding.slide`.

    It prints and leaves `y`; with direction "input" `grad_x`, of the padded input where the border holds copies, and
    with "weight" `grad_w`.
    """
    numbers = [
        f"# x: (channels, {AXES[len(conv.size)]}), w: {_axes_of_weight(conv)}",
        _set("x", x),
        _set("w", weight),
        _set("b", bias) if bias is not None else "",
        *_upstream(direction, grad),
    ]
    copies = _has_copies(conv, direction)
    steps = [
        _wrapped(f"{_made(conv, direction)}.double()"),
        _turned(conv) if flip else "layer.weight.data = w",
        "layer.bias.data = b" if bias is not None else "",
        *_forward(conv, direction),
        "padded.retain_grad()" if copies else "",
        *_backward(conv, direction, flip),
        *_printing(direction),
        "print(x.grad)  # the border's part of it is added to the cells that were copied" if copies else "",
    ]
    return _joined(numbers, steps)


def pool_program(pool: Pool, x: ArrayLike, direction: str = "forward", grad: ArrayLike | None = None) -> str:
    """The same for a pooling: it prints and leaves `y`, and with direction "input" `grad_x`."""
    numbers = [f"# x: (channels, {AXES[len(pool.size)]})", _set("x", x), *_upstream(direction, grad)]
    return _joined(numbers, [*lines(pool, direction), *_printing(direction)])


def literal(values: ArrayLike, before: str = "", behind: str = "") -> str:
    """An array as nested lists of numbers with the fewest digits that are exact, its rows below one another.

    before, behind: what stands around it on its first and its last line, as part of the text.
    """
    array = np.asarray(values, dtype=float)
    widest = max(map(len, map(_number, array.ravel().tolist())), default=0)
    column = widest if widest <= ALIGNED else 0
    text = np.array2string(
        array,
        max_line_width=WIDEST,
        threshold=sys.maxsize,
        separator=", ",
        prefix=before,
        suffix=behind,
        formatter={"float_kind": lambda value: _number(float(value)).rjust(column)},
    )
    return before + re.sub(r" *\n+", "\n", text) + behind


def _number(value: float) -> str:
    """The dtype says that it is no whole number: 1.0 is written as 1."""
    return repr(value).removesuffix(".0")


def _set(name: str, values: ArrayLike) -> str:
    return literal(values, f"{name} = tensor(", ")")


def _upstream(direction: str, grad: ArrayLike | None) -> Iterator[str]:
    """What backward begins with."""
    if direction != "forward" and grad is not None:
        yield _set("grad_y", grad)
    if direction == "input":
        yield "x.requires_grad_()"


def _made(layer: Conv | Pool, direction: str) -> str:
    if isinstance(layer, Pool):
        return f"layer = {pool_line(layer)}"
    return f"layer = {_layer(layer, pads=not _is_apart(layer, direction))}"


def _turned(conv: Conv) -> str:
    return f"layer.weight.data = w{_turn(conv)}  # true convolution: turned by 180°"


def _forward(layer: Conv | Pool, direction: str) -> list[str]:
    if isinstance(layer, Pool) or not _is_apart(layer, direction):
        return ["y = layer(x)"]
    if layer.transposed:
        return [f"crop = {_pad(layer)}  # of negative width: it cuts off", "y = crop(layer(x))"]
    return [f"padded = {_pad(layer)}(x)", "y = layer(padded)"]


def _backward(layer: Conv | Pool, direction: str, flip: bool = False) -> list[str]:
    if direction == "forward":
        return []
    if direction == "input":
        copies = isinstance(layer, Conv) and _has_copies(layer, direction)
        return ["y.backward(grad_y)", f"grad_x = {'padded' if copies else 'x'}.grad"]
    turn = f"{_turn(layer)}  # turned back" if flip and isinstance(layer, Conv) else ""
    return ["y.backward(grad_y)", f"grad_w = layer.weight.grad{turn}"]


def _printing(direction: str) -> list[str]:
    return ["print(y)", *{"forward": [], "input": ["print(grad_x)"], "weight": ["print(grad_w)"]}[direction]]


def _is_apart(conv: Conv, direction: str) -> bool:
    """Whether padding is a step of its own: torch's layer cannot do it, or its gradient is looked at."""
    return _has_copies(conv, direction) or not _is_even(conv)


def _has_copies(conv: Conv, direction: str) -> bool:
    """Whether the border's cells have gradients that are looked at."""
    return direction == "input" and conv.mode != "zeros" and _has_border(conv)


def _wrapped(call: str) -> str:
    return textwrap.fill(call, WIDEST, subsequent_indent=" " * (call.index("(") + 1), break_on_hyphens=False)


def _turn(conv: Conv) -> str:
    return f".flip({', '.join(str(axis) for axis in range(-len(conv.size), 0))})"


def _joined(*blocks: list[str]) -> str:
    """A blank line between blocks, none for what is left out."""
    return HEAD + "\n\n".join("\n".join(filter(None, block)) for block in blocks) + "\n"


def _axes_of_weight(conv: Conv) -> str:
    first, second = ("in", "out") if conv.transposed else ("out", "in")
    return f"({first}, {second}{' / groups' if conv.groups > 1 else ''}, {AXES[len(conv.size)]})"


def _layer(conv: Conv, *, pads: bool) -> str:
    """The call that makes the layer, in which only what differs from torch's defaults is named."""
    arguments = [
        f"{conv.in_channels}, {conv.out_channels}, kernel_size={_short(conv.kernel)}",
        *_named("stride", conv.stride, 1),
        *(_padding(conv) if pads else ()),
        *_named("output_padding", conv.output_padding, 0),
        *_named("dilation", conv.dilation, 1),
        *_named("groups", (conv.groups,), 1),
        *([] if conv.bias else ["bias=False"]),
    ]
    return f"nn.Conv{'Transpose' if conv.transposed else ''}{len(conv.size)}d({', '.join(arguments)})"


def _is_even(conv: Conv) -> bool:
    """Whether torch's layer can pad by itself."""
    return _is_same(conv) or all(before == after for before, after in conv.pads)


def _is_same(conv: Conv) -> bool:
    """Whether torch knows this padding by the word "same", which it does not for strides."""
    return conv.padding == "same" and not conv.transposed and set(conv.stride) == {1}


def _has_border(conv: Conv) -> bool:
    return any(map(any, conv.pads))


def _padding(conv: Conv) -> Iterator[str]:
    if _is_same(conv):
        yield 'padding="same"'
    else:
        yield from _named("padding", tuple(before for before, _ in conv.pads), 0)
    if conv.mode != "zeros" and _has_border(conv):
        yield f'padding_mode="{conv.mode}"'


def _pad(conv: Conv) -> str:
    """The module that pads before the layer, or cuts off behind a transposed one."""
    sign = -1 if conv.transposed else 1
    sides = [sign * cells for axis in reversed(conv.pads) for cells in axis]  # torch counts from the last axis
    return f"nn.{PADS[conv.mode]}{len(conv.size)}d(({', '.join(map(str, sides))}))"


def _named(name: str, numbers: tuple[int, ...], default: int) -> Iterator[str]:
    """name=numbers, unless torch takes them to be so."""
    if set(numbers) != {default}:
        yield f"{name}={_short(numbers)}"


def _short(numbers: tuple[int, ...]) -> str:
    """One number where all axes have the same."""
    return str(numbers[0] if len(set(numbers)) == 1 else numbers)
