"""Checks a stack's table against torch: its own modules for sizes and costs, gradients for receptive fields."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore.topics.convolution import Conv, remainder
from dlcore.topics.layer_stack import Row, Stack, totals, trace
from dlcore.topics.layers import Branches, Plain
from dlcore.topics.stack_modules import Add, Cat, build


class Found(NamedTuple):
    """What torch says otherwise than the table: numbers of rows, and differences of the totals."""

    shapes: int
    num_parameters: int
    multiply_adds: int
    fields: int

    @property
    def good(self) -> bool:
        """Whether all of it is the same."""
        return not any(self)


def compare(stack: Stack) -> Found:
    """Torch's modules run once, without numbers, and every middle unit is asked for its gradient."""
    rows = trace(stack)
    net = build(stack).eval()
    shapes, multiply_adds = _run(net, stack.input)
    table = totals(rows)
    return Found(
        sum(row.shape != shape for row, shape in zip(rows[1:], shapes, strict=True)),
        sum(parameter.numel() for parameter in net.parameters()) - table.num_parameters,
        multiply_adds - table.multiply_adds,
        sum(not _agrees(rows, row, seen) for row, seen in zip(rows, seen_by(rows), strict=True)),
    )


def _run(net: nn.Sequential, size: Sequence[int]) -> tuple[list[tuple[int, ...]], int]:
    """The shape behind every layer, in the order of a trace, and all multiply-adds."""
    shapes: dict[nn.Module, tuple[int, ...]] = {}
    products = []

    def note_shape(module: nn.Module, _: object, output: Tensor) -> None:
        shapes[module] = tuple(output.shape[1:])

    def note_products(module: nn.Conv2d | nn.Linear, _: object, output: Tensor) -> None:
        products.append(output.numel() * module.weight[0].numel())  # every output sums over one row of weights

    for module in net.modules():
        module.register_forward_hook(note_shape)
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(note_products)
    net(torch.empty(1, *size, device="meta"))
    return [shapes[module] for module in _layers(net)], sum(products)


def _layers(net: nn.Sequential) -> Iterator[nn.Module]:
    """The modules that a trace has a row for, in its order."""
    for module in net:
        if isinstance(module, Add | Cat):
            for branch in module:
                yield from _layers(branch) if isinstance(branch, nn.Sequential) else (branch,)
        yield module


def seen_by(rows: Sequence[Row]) -> list[tuple[tuple[int, int] | None, ...]]:
    """The first and the last pixel (and one) with a gradient from every row's middle unit, along (height, width).

    Only windows count, so each axis is computed by itself, in one channel, with weights of 1: a field is a product of
    its axes. None where no pixel has any.
    """
    heights, widths = (_seen_along(rows, axis) for axis in (0, 1))
    return list(zip(heights, widths, strict=True))


def _seen_along(rows: Sequence[Row], axis: int) -> list[tuple[int, int] | None]:
    x = torch.ones(1, 1, rows[0].shape[1 + axis], dtype=torch.float64, requires_grad=True)
    outputs = [x]
    for row in rows[1:]:
        outputs.append(_through(row, axis, [outputs[i] for i in row.sources]))
    return [_ends(x, output) for output in outputs]


def _through(row: Row, axis: int, inputs: list[Tensor]) -> Tensor:
    """What a layer makes of its input if all its weights are 1."""
    if row.conv is not None:
        return _ones(row.conv, axis, inputs[0])
    if isinstance(row.layer, Branches):
        return torch.stack(inputs).sum(dim=0)
    whole = row.multiply_adds or row.layer == Plain("gap")
    return inputs[0].sum(dim=-1, keepdim=True) if whole else inputs[0]


def _ones(conv: Conv, axis: int, x: Tensor) -> Tensor:
    weight = torch.ones(1, 1, conv.kernel[axis], dtype=x.dtype)
    mean = weight / weight.numel()  # so that nothing grows without bound
    return F.conv1d(F.pad(x, conv.pads[axis]), mean, None, conv.stride[axis], 0, conv.dilation[axis])


def _ends(x: Tensor, output: Tensor) -> tuple[int, int] | None:
    middle = output[0, 0, output.shape[-1] // 2]
    (grad,) = torch.autograd.grad(middle, x, retain_graph=True)
    places = grad[0, 0].nonzero()
    return (int(places[0]), int(places[-1]) + 1) if len(places) else None


def _agrees(rows: Sequence[Row], row: Row, seen: Sequence[tuple[int, int] | None]) -> bool:
    """Whether the middle unit sees what the table says, as far as it lies inside the image.

    Where windows leave out pixels, those at the border may be among them: then it may see less.
    """
    for axis, found in enumerate(seen):
        low, high = row.fields[axis].middle
        low, high = max(low, 0), min(high, rows[0].shape[1 + axis])
        if found is None:
            right = low >= high or _leave_out(rows, axis)
        elif _leave_out(rows, axis):
            right = low <= found[0] and found[1] <= high
        else:
            right = found == (low, high)
        if not right:
            return False
    return True


def _leave_out(rows: Sequence[Row], axis: int) -> bool:
    """Whether there is a window with holes, or with gaps to the next one, or with units behind the last one."""
    convs = [row.conv for row in rows if row.conv is not None]
    return any(
        conv.dilation[axis] > 1 or conv.stride[axis] > conv.kernel[axis] or remainder(conv)[axis] > conv.pads[axis][1]
        for conv in convs
    )
