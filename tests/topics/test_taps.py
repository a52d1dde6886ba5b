"""Taps are the products that torch sums, each cell told by its index; the matrix they make is the layer."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings

from dlcore.topics.convolution import Conv, apply, num_multiply_adds, remainder
from dlcore.topics.taps import COPIES, Taps, feeds, matrix, num_connections, reads, taps, uncovered
from tests.topics.random_convs import Spec, convs, numbers


def rows(found: Taps) -> list[tuple[int, int, int]]:
    return list(zip(found.output.tolist(), found.input.tolist(), found.weight.tolist(), strict=True))


@settings(max_examples=200)
@given(convs())
def test_the_sum_over_taps_is_the_layer(conv: Conv) -> None:
    x, weight, _ = numbers(conv)
    found, expected = taps(conv), apply(conv, x, weight)
    products = x.flatten()[found.input] * weight.flatten()[found.weight]
    summed = np.bincount(found.output, products, minlength=expected.numel())
    np.testing.assert_array_equal(summed.reshape(expected.shape), expected)
    assert {array.dtype for array in vars(found).values()} == {np.dtype(np.int64)}
    assert rows(found) == sorted(rows(found), key=lambda row: (row[0], row[2]))


@settings(max_examples=100)
@given(convs())
def test_there_are_as_many_taps_as_ones_in_the_sum(conv: Conv) -> None:
    x, weight, _ = numbers(conv)
    ones = apply(conv, torch.ones_like(x), torch.ones_like(weight))
    assert len(taps(conv)) == num_connections(conv) == ones.sum().item()
    assert num_connections(conv) <= num_multiply_adds(conv)


@settings(max_examples=100)
@given(convs())
def test_the_matrix_is_the_layer_and_its_transpose_the_gradient(conv: Conv) -> None:
    x, weight, _ = numbers(conv)
    x.requires_grad_()
    y = apply(conv, x, weight)
    c = matrix(conv, weight)
    assert c.shape == (y.numel(), x.numel())
    torch.testing.assert_close(c @ x.flatten(), y.flatten(), rtol=0, atol=0)
    grad = torch.arange(1.0, y.numel() + 1, dtype=torch.float64)
    (slope,) = torch.autograd.grad(y.flatten(), x, grad)
    torch.testing.assert_close(c.T @ grad, slope.flatten(), rtol=0, atol=0)


@settings(max_examples=200)
@given(convs())
def test_the_matrix_hands_gradients_to_the_weights(conv: Conv) -> None:
    x, weight, _ = numbers(conv)
    weight.requires_grad_()
    (through_matrix,) = torch.autograd.grad((matrix(conv, weight) @ x.flatten()).square().sum(), weight)
    (through_layer,) = torch.autograd.grad(apply(conv, x, weight).square().sum(), weight)
    torch.testing.assert_close(through_matrix, through_layer, rtol=0, atol=0)


@settings(max_examples=100)
@given(convs(transposed=False))
def test_the_transposed_layer_has_the_transposed_matrix(conv: Conv) -> None:
    """With the remainder as output padding it leads back to where the convolution came from."""
    zeros = Conv(**{**vars(conv), "mode": "zeros"})
    channels = {"in_channels": conv.out_channels, "out_channels": conv.in_channels}
    changes = {"size": conv.output_size, "output_padding": remainder(conv), "transposed": True}
    back = Conv(**{**vars(zeros), **channels, **changes})
    assert (back.output_size, back.weight_shape) == (conv.size, conv.weight_shape)
    _, weight, _ = numbers(conv)
    assert torch.equal(matrix(back, weight), matrix(zeros, weight).T)


@settings(max_examples=200)
@given(convs(transposed=False, symmetric=True).filter(lambda conv: len(conv.size) == 2))
def test_the_cells_of_every_window_are_those_of_unfold(conv: Conv) -> None:
    one = Conv(**{**vars(conv), "out_channels": 1, "groups": 1, "mode": "zeros"})
    index = torch.arange(1.0, one.in_channels * one.size[0] * one.size[1] + 1).reshape(1, -1, *one.size)
    pads = tuple(before for before, _ in one.pads)
    windows = F.unfold(index, one.kernel, dilation=one.dilation, padding=pads, stride=one.stride)[0].T
    output, weight = windows.nonzero(as_tuple=True)
    cell = windows[output, weight].long() - 1
    assert rows(taps(one)) == list(zip(output.tolist(), cell.tolist(), weight.tolist(), strict=True))


@settings(max_examples=200)
@given(convs())
def test_reads_and_feeds_are_rows_and_columns_of_the_matrix(conv: Conv) -> None:
    found = matrix(conv, torch.ones(conv.weight_shape, dtype=torch.float64))
    last_output, last_input = (n - 1 for n in found.shape)
    for read in {0, last_output}:
        of = reads(conv, read)
        assert set(of.output) <= {read}
        assert torch.equal(torch.from_numpy(np.bincount(of.input, minlength=last_input + 1)), found[read].long())
    for fed in {0, last_input}:
        of = feeds(conv, fed)
        assert set(of.input) <= {fed}
        assert torch.equal(torch.from_numpy(np.bincount(of.output, minlength=last_output + 1)), found[:, fed].long())


@settings(max_examples=100)
@given(convs())
def test_uncovered_cells_are_those_without_a_gradient(conv: Conv) -> None:
    x, weight, _ = numbers(conv)
    x.requires_grad_()
    (slope,) = torch.autograd.grad(apply(conv, x, torch.ones_like(weight)).sum(), x)
    for channel in slope:
        np.testing.assert_array_equal(uncovered(conv), channel == 0)


def test_a_remainder_and_a_stride_beyond_the_kernel_leave_cells_out() -> None:
    left_over = Conv(size=(6, 6), stride=(2, 2))
    assert remainder(left_over) == (1, 1)
    assert np.argwhere(uncovered(left_over)).tolist() == [[i, j] for i in range(6) for j in range(6) if 5 in (i, j)]
    gaps = Conv(size=(5, 5), kernel=(1, 1), stride=(2, 2))
    assert remainder(gaps) == (0, 0)
    assert np.argwhere(~uncovered(gaps)).tolist() == [[i, j] for i in (0, 2, 4) for j in (0, 2, 4)]


def test_an_inner_cell_feeds_as_many_outputs_as_the_kernel_has_weights() -> None:
    """Each through another weight; and the kernel lies turned on the outputs."""
    conv = Conv(size=(5, 5), padding="same")
    found = feeds(conv, 12)
    assert rows(found) == [(output, 12, 8 - i) for i, output in enumerate((6, 7, 8, 11, 12, 13, 16, 17, 18))]
    assert [len(feeds(conv, corner)) for corner in (0, 4, 20, 24)] == [4] * 4


def test_a_stride_gives_some_cells_more_windows_than_others() -> None:
    """The chessboard of transposed convolutions: Odena et al., Deconvolution and checkerboard artifacts (2016)."""
    up = Conv(size=(4, 4), stride=(2, 2), transposed=True)
    number = np.bincount(taps(up).output).reshape(up.output_size)
    np.testing.assert_array_equal(number, np.outer([1, 1, 2, 1, 2, 1, 2, 1, 1], [1, 1, 2, 1, 2, 1, 2, 1, 1]))
    even = Conv(size=(4, 4), kernel=(4, 4), stride=(2, 2), padding=1, transposed=True)
    assert set(np.bincount(taps(even).output).reshape(even.output_size)[1:-1, 1:-1].ravel()) == {4}


@pytest.mark.parametrize(
    ("mode", "cells"),
    [
        ("zeros", [0, 1, 2]),
        ("reflect", [2, 1, 0, 1, 2, 1, 0]),
        ("replicate", [0, 0, 0, 1, 2, 2, 2]),
        ("circular", [1, 2, 0, 1, 2, 0, 1]),
    ],
)
def test_a_copy_reads_the_cell_it_was_copied_from(mode: str, cells: list[int]) -> None:
    """abc with two cells on both sides: cbabcba, aaabccc, bcabcab."""
    axis: Spec = {"size": (3,), "kernel": (7,), "stride": (1,), "dilation": (1,), "output_padding": (0,)}
    conv = Conv(**axis, padding=2, mode=mode)
    found = reads(conv, 0)
    assert found.input.tolist() == cells
    assert found.weight.tolist() == ([2, 3, 4] if mode == "zeros" else list(range(7)))
    assert mode in COPIES


def test_groups_do_not_meet() -> None:
    conv = Conv(in_channels=4, out_channels=6, groups=2)
    found = taps(conv)
    np.testing.assert_array_equal(found.output // 9 // 3, found.input // 25 // 2)
    depthwise = Conv(in_channels=3, out_channels=3, groups=3)
    np.testing.assert_array_equal(taps(depthwise).output // 9, taps(depthwise).input // 25)


def test_weights_are_shared_and_connections_are_sparse() -> None:
    """LeCun et al. (1989) on why: few free parameters, and each unit sees a part only."""
    conv = Conv(size=(8, 8))
    c = matrix(conv, torch.arange(1.0, 10.0).reshape(conv.weight_shape))
    assert c.shape == (36, 64)
    assert all(row[row != 0].tolist() == list(range(1, 10)) for row in c)


def test_alexnets_fifth_convolution_reads_fewer_cells_than_it_has_products() -> None:
    conv = Conv(size=(13, 13), padding=1, in_channels=384, out_channels=256)
    along = 13 * 3 - 2  # both borders lose one
    assert num_connections(conv) == along**2 * 384 * 256
    assert num_multiply_adds(conv) == 149_520_384


def test_a_window_on_nothing_but_padding_has_no_taps() -> None:
    conv = Conv(size=(1, 1), kernel=(1, 1), stride=(2, 2), padding=1)
    assert len(taps(conv)) == num_connections(conv) == 0
    assert uncovered(conv).tolist() == [[True]]
    assert matrix(conv, torch.ones(conv.weight_shape)).tolist() == [[0]] * 4


@pytest.mark.parametrize("index", [-1, 25])
def test_there_must_be_such_a_cell(index: int) -> None:
    conv = Conv(padding="same")
    with pytest.raises(ValueError, match=f"output_index is {index}: it must be a whole number from 0 to 24"):
        reads(conv, index)
    with pytest.raises(ValueError, match=f"input_index is {index}: it must be a whole number from 0 to 24"):
        feeds(conv, index)
