"""A layer and its gradients, each as one window that slides over one ground.

A layer joins a wide side and a narrow one by a kernel w of k cells, with stride s, dilation d and padding p. From two
of the three comes the third, always as Σ_j ground[stride·i + hole·j] · window[j]:

    result   ground                                         window      stride   hole
    narrow   wide, p zeros around it                        w           s        d
    wide     narrow, s apart, d(k − 1) − p zeros around it  w, turned   1        d
    w        wide, p zeros around it                        narrow      d        s

A convolution's input is the wide side: row 1 is the layer, row 2 its gradient to the input, row 3 that to the weight.
A transposed convolution's input is the narrow side: row 2 is the layer, row 1 its gradient to the input.
Knows these pictures; does not know pooling, nor how they are drawn.

Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.numerals import SMALL
from dlcore.topics.convolution import Conv, apply, pad
from dlcore.topics.grounds import BETWEEN, BORDER, Ground, lay, padded, stretched
from dlcore.topics.sweeps import Maps, Pair, Slide, Sweep, check, lay_out, maps_of, pair, plane

__all__ = ["BETWEEN", "BORDER", "DIRECTIONS", "Slide", "check", "slide"]
DIRECTIONS = ("forward", "input", "weight")


def slide(
    conv: Conv,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    direction: str = "forward",
    grad: Tensor | None = None,
    flip: bool = False,
) -> Slide:
    """A layer forward, or its gradient to the input or to the weight, as a window that slides.

    x: (C_in, *size); weight: conv.weight_shape; bias: (C_out,); grad: ∂E/∂y, (C_out, *output size), for the gradients.
    flip: true convolution, which turns the kernel by 180° before it slides.

    Raises: ValueError for another direction, a gradient without grad, or a shape that does not fit.
    """
    require.one_of("direction", direction, DIRECTIONS)
    if direction == "forward":
        y = _layer(conv, x, weight, flip, bias)
        sweep = _across(conv, maps_of("x", x), _kernel(conv, "w", weight), flip, forward=True)
        return replace(lay_out(sweep, maps_of("y", y)), bias=None if bias is None else bias.detach().double().numpy())
    shape = (conv.out_channels, *conv.output_size)
    if grad is None or grad.shape != shape:
        given = "missing" if grad is None else f"of shape {tuple(grad.shape)}"
        raise ValueError(f"grad is {given}: a gradient begins with ∂E/∂y, which has the output's shape {shape}.")
    return (_to_input if direction == "input" else _to_weight)(conv, x, weight, grad, flip)


def _to_input(conv: Conv, x: Tensor, weight: Tensor, grad: Tensor, flip: bool) -> Slide:
    """∂E/∂x. Where the padding copies, to every cell of the padded input: what a copy gets, the copied cell gets."""
    copies = conv.mode != "zeros"
    inner = replace(conv, size=conv.padded_size, padding=0, mode="zeros") if copies else conv
    inner_x = pad(conv, x) if copies else x
    sweep = _across(inner, maps_of("∂E/∂y", grad), _kernel(conv, "w", weight), flip, forward=False)
    slid = lay_out(sweep, maps_of("∂E/∂x", _backward(lambda x: _layer(inner, x, weight, flip), inner_x, grad)))
    if not copies:
        return slid
    whole = _backward(lambda x: _layer(conv, x, weight, flip), x, grad)
    return replace(slid, result_source=_padded(conv, plane(x)).source, whole=plane(whole).ravel())


def _to_weight(conv: Conv, x: Tensor, weight: Tensor, grad: Tensor, flip: bool) -> Slide:
    """∂E/∂w: the narrow side slides over the wide one; stride and dilation have changed places."""
    wide, narrow = maps_of("x", x), maps_of("∂E/∂y", grad)
    if conv.transposed:
        wide, narrow = narrow, wide
    narrow_maps, wide_maps, kernels = _connections(conv)
    sweep = Sweep(
        operand=wide,
        ground=_padded(conv, wide.values),
        window=narrow,
        size=pair(conv.kernel, 1),
        meetings=(kernels, wide_maps, narrow_maps),
        stride=pair(conv.dilation, 1),
        hole=pair(conv.stride, 1),
        backwards=flip,
    )
    result = _backward(lambda weight: _layer(conv, x, weight, flip), weight, grad)
    return lay_out(sweep, _kernel(conv, "∂E/∂w", result))


def _across(conv: Conv, operand: Maps, kernel: Maps, flip: bool, *, forward: bool) -> Sweep:
    """The kernel's way from one side of the layer to the other."""
    narrow, wide, kernels = _connections(conv)
    size = pair(conv.output_size if forward else conv.size, 1)
    narrows = forward != conv.transposed
    return Sweep(
        operand=operand,
        ground=_padded(conv, operand.values) if narrows else _stretched(conv, operand.values, size),
        window=kernel,
        size=size,
        meetings=(narrow, wide, kernels) if narrows else (wide, narrow, kernels),
        stride=pair(conv.stride, 1) if narrows else (1, 1),
        hole=pair(conv.dilation, 1),
        turned=flip if narrows else not flip,
    )


def _padded(conv: Conv, wide: np.ndarray) -> Ground:
    """The wide side with its padding around it."""
    pads = pair(conv.pads, (0, 0))
    rows, cols = (padded(length, pads[axis], conv.mode) for axis, length in enumerate(wide.shape[1:]))
    return lay(wide, (rows, cols))


def _stretched(conv: Conv, narrow: np.ndarray, wide: Pair) -> Ground:
    """The narrow side with its cells a stride apart, so that it has a place for every window: wide + d(k − 1) cells.

    Of zeros before it there are d(k − 1) − p; if that is negative, cells are cut off.
    """
    stride, extent, pads = pair(conv.stride, 1), pair(conv.extent, 1), pair(conv.pads, (0, 0))
    rows, cols = (
        stretched(narrow.shape[1 + axis], stride[axis], extent[axis] - 1 - pads[axis][0], wide[axis] + extent[axis] - 1)
        for axis in (0, 1)
    )
    return lay(narrow, (rows, cols))


def _connections(conv: Conv) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Maps of the narrow side, the wide side and the kernel that belong together: torch's weight begins (narrow, wide).

    With groups the second axis counts only within the narrow map's own group.
    """
    num_narrow, per_group = conv.weight_shape[:2]
    kernel = np.arange(num_narrow * per_group)
    narrow, within = np.divmod(kernel, per_group)
    return narrow, narrow // (num_narrow // conv.groups) * per_group + within, kernel


def _kernel(conv: Conv, letter: str, weight: Tensor) -> Maps:
    """The kernel's maps with their names, such as w₁₂ to output map 1 from input map 2."""
    narrow, wide, _ = _connections(conv)
    to, by = (wide, narrow) if conv.transposed else (narrow, wide)
    comma = "," if max(conv.in_channels, conv.out_channels) > 9 else ""
    names = tuple(letter + f"{i + 1}{comma}{j + 1}".translate(SMALL["sub"]) for i, j in zip(to, by, strict=True))
    alone = conv.in_channels == conv.out_channels == 1
    return Maps(letter, (letter,) if alone else names, plane(weight.flatten(0, 1)))


def _layer(conv: Conv, x: Tensor, weight: Tensor, flip: bool, bias: Tensor | None = None) -> Tensor:
    """The output by torch; with `flip` the kernel is turned first."""
    axes = tuple(range(2, weight.ndim))
    return apply(conv, x, weight.flip(axes) if flip else weight, bias)


def _backward(layer: Callable[[Tensor], Tensor], operand: Tensor, grad: Tensor) -> Tensor:
    """The gradient to the operand by autograd, from ∂E/∂y."""
    leaf = operand.detach().requires_grad_()
    return torch.autograd.grad(layer(leaf), leaf, grad)[0]
