"""What is told of a layer is true: sizes, cells that are not read, costs; compared with torch and by counting."""

import re
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from dlcore.topics.convolution import Conv, apply
from dlcore.topics.convolution_facts import as_convolution, facts, same_output, times, unread
from dlcore.topics.pooling import Pool, pool
from tests.topics.random_convs import convs


def told(layer: Conv | Pool) -> dict[str, tuple[str, ...]]:
    return dict(facts(layer))


def never_read(conv: Conv) -> np.ndarray:
    """Cells without a gradient where all weights are positive."""
    x = torch.zeros(conv.in_channels, *conv.size, dtype=torch.float64, requires_grad=True)
    apply(conv, x, torch.ones(conv.weight_shape, dtype=torch.float64)).sum().backward()
    assert x.grad is not None
    return x.grad[0].numpy() == 0


@given(convs())
@settings(max_examples=100)
def test_what_is_never_read_is_counted_and_the_last_rows_are_named_only_where_they_are_lost(conv: Conv) -> None:
    lost, sentence = never_read(conv), unread(conv)
    assert bool(sentence) == bool(lost.any())
    if not sentence:
        return
    assert sentence.startswith(f"{lost.sum()} of {lost.size} cell")
    for name, axis in (("row", 0), ("column", 1), ("cell", 0)):
        found = re.search(rf"the last (\d+ )?{name}", sentence)
        last = int(found[1] or 1) if found else 0
        assert np.take(lost, range(lost.shape[axis] - last, lost.shape[axis]), axis).all() if last else True
    behind = "behind the last window" in sentence
    assert behind or any(reason in sentence for reason in ("window's steps", "window's holes", "padding cuts off"))


@given(convs())
@settings(max_examples=100)
def test_the_facts_have_the_layers_own_numbers(conv: Conv) -> None:
    found = told(conv)
    y = apply(conv, torch.zeros(conv.in_channels, *conv.size), torch.zeros(conv.weight_shape))
    assert [int(line.split(" = ")[1]) for line in found["Output size"]] == list(y.shape[1:])
    parameters = prod(conv.weight_shape) + (conv.out_channels if conv.bias else 0)
    products, met = (int(line.split()[0].replace(",", "")) for line in found["Cost"][1:])
    assert found["Cost"][0].startswith(f"{parameters:,} parameter")
    ones = torch.ones(conv.in_channels, *conv.size, dtype=torch.float64)
    assert met == apply(conv, ones, torch.ones(conv.weight_shape, dtype=torch.float64)).sum()
    assert met <= products
    assert ("at the border" in found["Cost"][2]) == (met < products)


@given(convs(transposed=False))
@settings(max_examples=100)
def test_the_sizes_that_meet_in_one_output_are_all_there_are(conv: Conv) -> None:
    for axis, size in enumerate(conv.size):
        others = {n: _resized(conv, axis, n) for n in range(1, size + 8)}
        possible = [n for n, other in others.items() if other and other.output_size[axis] == conv.output_size[axis]]
        assert [n for n in same_output(conv, axis) if others.get(n)] == possible
        assert size in same_output(conv, axis)


def _resized(conv: Conv, axis: int, size: int) -> Conv | None:
    sizes = tuple(size if other == axis else n for other, n in enumerate(conv.size))
    try:
        return replace(conv, size=sizes)
    except ValueError:
        return None


@given(convs(transposed=True))
@settings(max_examples=100)
def test_every_output_padding_leads_back_to_a_size_that_the_convolution_takes_here(conv: Conv) -> None:
    for line in told(conv).get("Output padding chooses", ()):
        goal = int(re.findall(r"to (\d+):", line)[0])
        axis = 1 if line.startswith("Width") else 0
        assert goal == conv.size[axis]
        for size, more in re.findall(r"(\d+) with (\d+)", line):
            assert int(size) - int(more) == conv.output_size[axis] - conv.output_padding[axis]
            assert (int(size) + sum(conv.pads[axis]) - conv.extent[axis]) // conv.stride[axis] + 1 == goal


LABELS: list[tuple[Conv | Pool, list[str]]] = [
    (Conv(), ["Output size", "Cost", "Receptive field"]),
    (Conv(size=(8, 8), stride=(2, 2)), ["Output size", "Same output", "Cost", "Not read", "Receptive field"]),
    (Conv(in_channels=4, out_channels=4, groups=4), ["Output size", "Cost", "Groups", "Receptive field"]),
    (Conv(transposed=True), ["Output size", "Cost", "Reach"]),
    (Conv(transposed=True, stride=(1, 2)), ["Output size", "Output padding chooses", "Cost", "Reach"]),
    (Pool(size=(6, 6)), ["Output size", "Receptive field"]),
    (Pool(size=(7, 7)), ["Output size", "Not read", "Receptive field"]),
]


@pytest.mark.parametrize(("layer", "labels"), LABELS, ids=lambda part: str(part)[:40])
def test_a_layer_is_told_of_in_the_order_of_the_questions(layer: Conv | Pool, labels: list[str]) -> None:
    assert list(told(layer)) == labels


SENTENCES: list[tuple[dict[str, Any], str]] = [
    (
        {"size": (8, 8), "stride": (2, 2)},
        "15 of 64 cells of the input are read by no window: the last row and the last column lie behind the last "
        "window, for one more step would leave the input.",
    ),
    (
        {"size": (8, 9), "stride": (2, 2)},
        "9 of 72 cells of the input are read by no window: the last row lies behind the last window, for one more step "
        "would leave the input.",
    ),
    (
        {"size": (7, 7), "kernel": (2, 2), "stride": (3, 3)},
        "33 of 49 cells of the input are read by no window: the last 2 rows and the last 2 columns lie behind the last "
        "window, for one more step would leave the input; the window's steps leave others out every time.",
    ),
    (
        {"kernel": (2, 2), "stride": (3, 3)},
        "9 of 25 cells of the input are read by no window: the window's steps leave them out every time.",
    ),
    (
        {"dilation": (2, 2), "stride": (2, 2)},
        "16 of 25 cells of the input are read by no window: the window's holes leave them out every time.",
    ),
    (
        {"size": (4, 4), "kernel": (1, 1), "padding": 1, "transposed": True},
        "12 of 16 cells of the input are read by no window: the padding cuts off all that they would give.",
    ),
    ({"size": (8, 8), "stride": (2, 2), "padding": 1}, ""),
    ({"padding": 0}, ""),
]


@pytest.mark.parametrize(("settings", "sentence"), SENTENCES)
def test_why_cells_are_not_read_is_said_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    assert unread(Conv(**settings)) == sentence


def test_copies_in_the_border_read_cells_that_the_last_window_misses() -> None:
    """The padding before holds the last cell, so that nothing is lost, though one column is left over."""
    conv = Conv(size=(6, 6), stride=(2, 2), padding=((1, 0), (1, 0)), mode="circular")
    assert not never_read(conv).any()
    assert unread(conv) == ""
    assert unread(replace(conv, size=(7, 7), padding=0, mode="zeros", kernel=(2, 2))) != ""


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_is_told_of_as_the_convolution_with_the_same_windows(kind: str) -> None:
    layer = Pool(size=(9, 8), kernel=(3, 2), stride=(2, 2), padding=(1, 0), kind=kind)
    assert as_convolution(layer).output_size == tuple(pool(layer, torch.zeros(1, 9, 8)).shape[1:])
    assert told(layer)["Receptive field"] == ("3 × 2 cells of the input for one cell of the output",)


def test_what_the_readouts_say() -> None:
    layer = Conv(size=(27, 27), kernel=(5, 5), padding="half", in_channels=4, out_channels=6, groups=2, bias=True)
    cost = told(layer)["Cost"]
    assert cost[0] == "306 parameters: 6 × 2 × 5 × 5 weights and 6 biases"
    assert cost[1] == "218,700 multiply-adds, 437,400 operations"
    assert told(layer)["Groups"][0] == "Without groups: 437,400 multiply-adds, 2 times as many."
    assert told(Conv(kernel=(1, 1), bias=True))["Cost"][0] == "2 parameters: 1 × 1 × 1 × 1 weights and 1 bias"
    assert times((5, 7)) == "5 × 7"
    assert times((5,)) == "5"
