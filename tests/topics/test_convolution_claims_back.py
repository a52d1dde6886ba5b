"""What the scenes on transposed layers, gradients and pooling say, for their own numbers and for others of the kind."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcore.topics.convolution import Conv, apply
from dlcore.topics.convolution_facts import facts
from dlcore.topics.pooling import Pool, pool
from dlcore.topics.taps import matrix, taps
from tests.topics.convolution_claims import (
    SEEDS,
    answer,
    claim,
    config_of,
    conv_of,
    drawn,
    met,
    numbers,
    says,
    weights,
    window,
    windows,
)


@claim("transposed")
def test_over_the_cells_two_apart_a_window_meets_one_two_or_four_of_them() -> None:
    says("transposed", "two at most hold a cell", "gives 9×9", "one, two or four cells of x")
    assert answer("transposed") == "4"
    for size in (2, 4, 7):
        slide = window("transposed", size=size)
        assert set(np.unique(met(slide))) == {1, 2, 4}
        assert slide.result.shape == (1, 2 * size + 1, 2 * size + 1)
    slide = window("transposed")
    assert slide.result.shape == (1, 9, 9)
    first = slide.tap_ground.reshape(81, 9)[:, 0]
    rows, cols = np.unravel_index(first, slide.ground.shape[1:])
    assert [rows.tolist(), cols.tolist()] == np.indices((9, 9)).reshape(2, -1).tolist()  # it moves by one
    np.testing.assert_array_equal(slide.ground[0, 2:-2:2, 2:-2:2], numbers("transposed").x[0])
    assert np.count_nonzero(slide.source >= 0) == 16


@claim("transposed")
def test_it_is_the_gradient_of_a_convolution_with_that_stride() -> None:
    says("transposed", "the same sum as ∂E/∂x of a convolution with stride 2")
    conv = Conv(size=(9, 9), stride=(2, 2))
    assert conv.output_size == (4, 4)
    for seed in SEEDS:
        grad, w, x = drawn(seed, (1, 4, 4), (1, 1, 3, 3), (1, 9, 9))
        leaf = x.requires_grad_()
        apply(conv, leaf, w).backward(grad)
        torch.testing.assert_close(apply(conv_of("transposed"), grad, w), leaf.grad)


@claim("inverse")
def test_the_transpose_brings_back_the_size_and_not_the_values() -> None:
    says(
        "inverse",
        "four 1s of sixteen 1s",
        "CᵀC is not the identity, for four numbers cannot hold sixteen",
        "nine weights",
    )
    assert answer("inverse") == "the size, not the values"
    layer, conv = conv_of("inverse"), Conv(size=(4, 4))
    ones, blur = torch.ones(16, dtype=torch.float64), weights("inverse")
    c = matrix(conv, blur)
    torch.testing.assert_close(c @ ones, ones[:4])
    back = (c.T @ c @ ones).reshape(4, 4)
    np.testing.assert_allclose(window("inverse").result[0], back)
    assert (9 * back).round().int().tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]
    assert (layer.output_size, conv.output_size) == ((4, 4), (2, 2))
    for seed in SEEDS:
        x, w = drawn(seed, (16,), (1, 1, 3, 3))
        c = matrix(conv, w)
        assert c.shape == (4, 16)
        torch.testing.assert_close(matrix(layer, w), c.T)
        assert torch.linalg.matrix_rank(c.T @ c) == 4
        back = c.T @ (c @ x)
        best = (back @ x) / (back @ back) * back  # however it is scaled, a large part is lost
        assert (best - x).norm() > 0.3 * x.norm()
        assert sorted((c.T[:, 0] != 0).nonzero().flatten().tolist()) == [0, 1, 2, 4, 5, 6, 8, 9, 10]


@claim("inverse")
def test_the_matrix_that_is_shown_has_nine_weights_in_each_column_even_where_they_are_0() -> None:
    says("inverse", "each column holds the kernel's nine weights")
    found = taps(conv_of("inverse"))
    for cell in range(4):
        assert sorted(found.weight[found.input == cell]) == list(range(9))
    torch.testing.assert_close(
        torch.from_numpy(window("inverse").result.ravel()),
        matrix(conv_of("inverse"), weights("inverse")) @ numbers("inverse").x.flatten(),
    )


@claim("output-padding")
def test_a_stride_takes_as_many_sizes_to_one_and_its_transpose_leads_to_the_smallest() -> None:
    says("output-padding", "take 7 cells to 4, and 8 cells", "(4 − 1)·2 + 3 − 2·1 = 7", "Output padding 1 asks for 8")
    assert answer("output-padding") == "to 7, unless told"
    assert conv_of("output-padding").pads == ((1, 1),) * 2
    for stride in range(1, 6):
        forward = {n: Conv(size=(n, n), stride=(stride, stride), padding=1).output_size for n in range(3, 40)}
        back = [conv_of("output-padding", stride=stride, output_padding=more) for more in range(stride)]
        assert [conv.output_size[0] for conv in back] == [n for n, size in forward.items() if size == (4, 4)]
    assert conv_of("output-padding").output_size == (7, 7)


@claim("output-padding")
def test_output_padding_adds_one_more_step_of_the_window_and_no_zeros() -> None:
    says("output-padding", "no zeros are appended, the window takes one more step", "a row and a column are added")
    more = window("output-padding", output_padding=1)
    np.testing.assert_array_equal(more.result[0, :7, :7], window("output-padding").result[0])
    assert more.result.shape == (1, 8, 8)
    assert (met(more)[0, 7] > 0).all()
    assert (met(more)[0, :, 7] > 0).all()
    for seed in SEEDS:
        x, w = drawn(seed, (1, 4, 4), (1, 1, 3, 3))
        added = apply(conv_of("output-padding", output_padding=1), x, w)[0]
        assert (added[7] != 0).all()
        assert (added[:, 7] != 0).all()
    told = next(fact for fact in facts(conv_of("output-padding")) if fact.label == "Output padding chooses")
    assert "7 with 0, 8 with 1" in told.lines[0]


def overlaps(kernel: int, stride: int) -> set[int]:
    """How many cells the windows away from the frame meet."""
    conv = Conv(size=(12, 12), kernel=(kernel, kernel), stride=(stride, stride), transposed=True)
    counts = apply(conv, torch.ones(1, 12, 12), torch.ones(1, 1, kernel, kernel))[0]
    return {int(count) for count in counts[kernel:-kernel, kernel:-kernel].unique()}


@claim("chessboard")
def test_ones_become_a_pattern_of_1_2_and_4_ninths() -> None:
    says("chessboard", "transposed with stride 2", "windows side by side meet different numbers of cells")
    assert answer("chessboard") == "a pattern of 1/9, 2/9 and 4/9"
    slide = window("chessboard")
    np.testing.assert_allclose(9 * slide.result, met(slide), atol=1e-12)
    assert set(np.unique(met(slide))) == {1, 2, 4}
    within = met(slide)[0, 1:-1, 1:-1]
    assert (within[:, 1:] != within[:, :-1]).all()
    assert (within[1:] != within[:-1]).all()


@claim("chessboard")
def test_a_kernel_that_is_a_multiple_of_the_stride_has_no_pattern_but_for_the_frame() -> None:
    says("chessboard", "does not divide 3", "With kernel 4 all windows meet 4, but for the frame")
    assert overlaps(3, 2) == {1, 2, 4}
    slide = window("chessboard", kernel=4)
    assert (met(slide)[0, 2:-2, 2:-2] == 4).all()
    assert set(np.unique(met(slide))) == {1, 2, 4}
    for stride in range(1, 5):
        for kernel in range(stride, 9):
            assert (len(overlaps(kernel, stride)) == 1) == (kernel % stride == 0)


@claim("backward-input")
def test_the_gradient_to_the_input_slides_the_turned_kernel_over_the_padded_gradient() -> None:
    says("backward-input", "full padding backward", "Two rings of zeros around ∂E/∂y", "up to nine outputs")
    assert answer("backward-input") == "cells meet weights in reverse"
    w = weights("backward-input")[0, 0].numpy()
    assert not np.array_equal(w, w[::-1, ::-1])
    np.testing.assert_array_equal(window("backward-input").window[0], w[::-1, ::-1])
    np.testing.assert_array_equal(window("backward-input", direction="forward").window[0], w)
    for slide in windows("backward-input"):
        assert slide.ground.shape == (1, 9, 9)
        assert slide.border.sum() == 81 - 25
        assert not slide.border[2:-2, 2:-2].any()
    assert np.bincount(taps(conv_of("backward-input")).input).max() == 9


@claim("backward-input")
@pytest.mark.parametrize("kernel", [2, 3, 5])
def test_it_is_a_convolution_with_full_padding_by_the_turned_kernel(kernel: int) -> None:
    conv = Conv(size=(7, 7), kernel=(kernel, kernel))
    back = Conv(size=conv.output_size, kernel=conv.kernel, padding="full")
    for seed in SEEDS:
        x, w, grad = drawn(seed, (1, 7, 7), (1, 1, kernel, kernel), (1, *conv.output_size))
        leaf = x.requires_grad_()
        apply(conv, leaf, w).backward(grad)
        torch.testing.assert_close(apply(back, grad, w.flip(-1, -2)), leaf.grad)


@claim("backward-weight")
def test_the_windows_cells_lie_a_stride_apart_and_it_moves_by_the_dilation() -> None:
    says(
        "backward-weight", "stride and dilation change places", "nine places", "4×4 numbers of ∂E/∂y", "over 7×7 cells"
    )
    assert answer("backward-weight") == "with holes: dilation 2"
    for stride in (1, 2, 3):
        for dilation in (1, 2):
            slid = window("backward-weight", stride=stride, dilation=dilation)
            assert (slid.hole, slid.result.shape) == ((stride, stride), (1, 3, 3))
            corners = slid.tap_ground.reshape(9, -1)[:, 0]
            assert [corner % 9 for corner in corners[:3]] == [0, dilation, 2 * dilation]
    shown = window("backward-weight")
    assert shown.window.shape == (1, 4, 4)
    rows, _ = np.divmod(shown.tap_ground[shown.tap_result == 0], 9)
    assert np.ptp(rows) + 1 == 7


@claim("backward-weight")
def test_it_is_a_convolution_of_the_input_by_the_gradient_with_stride_and_dilation_exchanged() -> None:
    says("backward-weight", "w[k, l] met the cells x[2i + k, 2j + l]")
    conv = conv_of("backward-weight")
    for seed in SEEDS:
        x, w, grad = drawn(seed, (1, 9, 9), (1, 1, 3, 3), (1, 4, 4))
        leaf = w.requires_grad_()
        apply(conv, x, leaf).backward(grad)
        torch.testing.assert_close(F.conv2d(x[None], grad[None], dilation=2), leaf.grad)
        by_hand = sum(grad[0, i, j] * x[0, 2 * i + 1, 2 * j + 2] for i, j in np.ndindex(4, 4))
        assert leaf.grad is not None
        assert float(leaf.grad[0, 0, 1, 2]) == pytest.approx(float(by_hand))


@claim("pooling")
def test_of_each_window_the_first_largest_cell_gets_1_and_the_others_0() -> None:
    says("pooling", "its gradient is 1, the others' 0", "three of each window's four cells are 0", "the first")
    assert answer("pooling") == "the largest of each window"
    ties = 0
    for seed in SEEDS:
        x, gradient = numbers("pooling", seed=seed).x[0], window("pooling", seed=seed).result[0]
        for row, col in np.ndindex(3, 3):
            part = (slice(2 * row, 2 * row + 2), slice(2 * col, 2 * col + 2))
            cells, got = x[part].numpy().ravel(), gradient[part].ravel()
            assert got.tolist() == np.eye(4)[cells.argmax()].tolist()
            ties += int((cells == cells.max()).sum() > 1)
    assert ties > 10


@claim("pooling")
def test_an_average_gives_a_quarter_to_each() -> None:
    says("pooling", "An average gives a quarter to each")
    np.testing.assert_allclose(window("pooling", operation="average").result, 1 / 4)


@claim("pooling")
def test_only_the_largest_cell_can_change_the_output() -> None:
    says("pooling", "only it can change E")
    layer = config_of("pooling").layer
    assert isinstance(layer, Pool)
    for seed in range(5):
        (x,) = drawn(seed, (1, 6, 6))
        y, won = pool(layer, x), (pool(layer, x).repeat_interleave(2, 1).repeat_interleave(2, 2) == x)[0]
        assert int(won.sum()) == 9
        for row, col in np.ndindex(6, 6):
            moved = x.clone()
            moved[0, row, col] -= 1e-6
            assert torch.equal(pool(layer, moved), y) == (not won[row, col])
