"""The table of a stack says what torch's modules have, and refuses what torch would refuse."""

import re

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from dlcore.topics.layer_stack import Row, Stack, totals, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.stack_modules import build
from tests.topics.random_stacks import stacks


def stack_of(text: str, *size: int) -> Stack:
    channels, height, width = size or (3, 32, 32)
    return Stack(input=(channels, height, width), layers=read_layers(text))


def rows_of(text: str, *size: int) -> list[Row]:
    return trace(stack_of(text, *size))


@given(stacks())
@settings(max_examples=100)
def test_totals_and_the_last_shape_are_torchs(stack: Stack) -> None:
    rows, net = trace(stack), build(stack).eval()
    with FlopCounterMode(display=False) as flops:
        output = net(torch.empty(1, *stack.input, device="meta"))
    sums = totals(rows)
    assert tuple(output.shape[1:]) == rows[-1].shape
    assert sum(parameter.numel() for parameter in net.parameters()) == sums.num_parameters
    assert flops.get_total_flops() == 2 * sums.multiply_adds


@given(stacks())
@settings(max_examples=60)
def test_the_gradient_of_the_middle_unit_lies_in_its_field_and_reaches_its_ends(stack: Stack) -> None:
    row = trace(stack)[-1]
    grad = gradient_of_the_middle(stack, row.shape)
    for axis, field in enumerate(row.fields):
        low, high = field.middle
        places = grad.sum(dim=1 - axis).nonzero().flatten().tolist()
        assert all(low <= place < high for place in places)
        holes = any(r.conv and (r.conv.dilation[axis] > 1 or r.conv.stride[axis] > 1) for r in trace(stack))
        if not holes:  # with strides, windows may leave out the last pixels
            assert (places[0], places[-1] + 1) == (max(low, 0), min(high, stack.input[1 + axis]))


def gradient_of_the_middle(stack: Stack, shape: tuple[int, ...]) -> Tensor:
    """How the middle unit depends on the pixels (height, width), with positive weights and means instead of maxima."""
    net = build(stack, "cpu").double().eval()
    for parameter in net.parameters():
        parameter.data.fill_(0.5)
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
            elif isinstance(child, nn.Tanh | nn.Sigmoid | nn.GELU):
                setattr(module, name, nn.Identity())  # they saturate to a slope of 0
    x = torch.ones(1, *stack.input, dtype=torch.float64, requires_grad=True)
    y = net(x)[0]
    middle = y[:, shape[1] // 2, shape[2] // 2] if len(shape) == 3 else y
    if len(shape) == 3:
        middle.sum().backward()
    else:
        middle[-1].backward()
    assert x.grad is not None
    return x.grad[0].sum(dim=0)


def test_rows_stand_in_the_order_of_computation() -> None:
    rows = rows_of("conv 3x3 8 p1; add(relu; conv 3x3 8 p1 | ); gap")
    assert [row.text for row in rows] == [
        *("input", "conv 3x3 8 p1", "relu", "conv 3x3 8 p1", "identity", "add of 2 branches", "gap"),
    ]
    assert [row.index for row in rows] == list(range(7))
    assert [row.depth for row in rows] == [0, 0, 1, 1, 1, 0, 0]
    assert [row.branch for row in rows] == ["", "", "1 of 2", "1 of 2", "2 of 2", "", ""]
    assert [row.sources for row in rows] == [(), (0,), (1,), (2,), (1,), (3, 4), (5,)]


def test_memory_is_four_bytes_a_number_and_views_have_none() -> None:
    rows = rows_of("conv 3x3 8 p1; cat(relu | ); flatten; fc 10")
    kilobyte = {row.text: row.memory for row in rows}
    assert kilobyte == {
        "input": 4 * 3 * 32 * 32,
        "conv 3x3 8 p1": 4 * 8 * 32 * 32,
        "relu": 4 * 8 * 32 * 32,
        "identity": 0,
        "cat of 2 branches": 4 * 16 * 32 * 32,
        "flatten": 0,
        "fc 10": 40,
    }


def test_batch_norm_has_two_parameters_a_channel_and_costs_are_of_weights_alone() -> None:
    _, conv, bn, pool = rows_of("conv 3x3 8 nobias; bn; maxpool 2x2")
    assert (conv.num_parameters, bn.num_parameters, pool.num_parameters) == (216, 16, 0)
    assert (conv.multiply_adds, bn.multiply_adds, pool.multiply_adds) == (216 * 30 * 30, 0, 0)


def test_height_and_width_are_apart() -> None:
    row = rows_of("conv 1x7 4 s1x2 p0x3; conv 3x1 4 s2x1", 1, 20, 30)[-1]
    assert row.shape == (4, 9, 15)
    assert [tuple(field) for field in row.fields] == [(3, 2, 0, 9), (7, 2, -3, 15)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "conv 3x3 4; fc 10",
            "Layer 2, “fc 10”: it takes a vector, and what comes before is a map of 4×30×30; put flatten",
        ),
        (
            "flatten; conv 3x3 4",
            "Layer 2, “conv 3x3 4”: it takes a map with height and width, and what comes before is a",
        ),
        ("flatten; gap", "it takes a map"),
        ("flatten; lrn", "it takes a map"),
        ("flatten; maxpool 2x2", "it takes a map"),
        ("conv 40x40 4", "Layer 1, “conv 40x40 4”: kernel is 40"),
        ("maxpool 40x40", "Layer 1, “maxpool 40x40”: kernel is 40"),
        ("conv 3x3 4 g2", "groups is 2"),
        ("add(conv 3x3 4 | )", "only equal shapes can be added, and its branches end in 4×30×30 and 3×32×32"),
        ("cat(maxpool 2x2 | )", "only the channels of its branches may differ"),
        ("relu; add(relu; conv 3x3 3 g2 | )", "Layer 2, branch 1, layer 2, “conv 3x3 3 g2”: groups is 2"),
        ("add(conv 30x30 4 s2 | conv 31x31 4)", "step over the input by 1 and by 2 pixels"),
        (";".join(["cat(|)"] * 15), "it would have 98,304 channels"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as found:
        stack_of(text)
    assert str(found.value).endswith(".")
    assert not str(found.value).endswith("..")


@pytest.mark.parametrize(("size", "name"), [((0, 8, 8), "channels"), ((3, 513, 8), "height"), ((3, 8, 0), "width")])
def test_an_input_that_cannot_be_is_refused(size: tuple[int, int, int], name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} is {'0' if 0 in size else '513'}: it must be a whole number"):
        Stack(input=size, layers=read_layers("relu"))


def test_the_largest_layers_are_only_counted() -> None:
    rows = rows_of("conv 3x3 4096 p1; conv 3x3 4096 p1; flatten", 4096, 512, 512)
    assert rows[1].multiply_adds == 9 * 4096**2 * 512**2
    assert rows[-1].shape == (4096 * 512 * 512,)
