"""Windows on their ways in cases that can be done by hand: padding, stretching, copies, names, a single row."""

import numpy as np
import pytest
import torch

from dlcore.topics.convolution import Conv
from dlcore.topics.sliding import BETWEEN, BORDER, Slide, check, slide
from tests.topics.random_convs import Spec, numbers

LINE: Spec = {"size": (5,), "kernel": (3,), "stride": (2,), "dilation": (1,), "output_padding": (0,)}


def row(
    conv: Conv, x: list[float], w: list[float], direction: str = "forward", grad: list[float] | None = None
) -> Slide:
    """One map along one axis."""
    tensors = [None if values is None else torch.tensor([values], dtype=torch.float64) for values in (x, w, grad)]
    cells, weight, above = tensors
    assert cells is not None
    assert weight is not None
    return slide(conv, cells, weight[None], None, direction, above)


def met(slide: Slide, result: int) -> list[tuple[float, float]]:
    """The two numbers of each product in a cell of the result."""
    taps = slide.tap_result == result
    ground, window = slide.ground.ravel()[slide.tap_ground[taps]], slide.window.ravel()[slide.tap_window[taps]]
    return list(zip(ground.tolist(), window.tolist(), strict=True))


def test_a_row_forward() -> None:
    shown = row(Conv(**LINE), [1, 2, 3, 4, 5], [1, 10, 100])
    assert shown.result.tolist() == [[[321, 543]]]
    assert met(shown, 1) == [(3, 1), (4, 10), (5, 100)]
    assert (shown.ground.shape, shown.window.shape, shown.hole) == ((1, 1, 5), (1, 1, 3), (1, 1))


def test_a_row_backward_is_stretched_and_the_kernel_turned() -> None:
    """∂E/∂x of y₁ = x₁w₁ + x₂w₂ + x₃w₃ and y₂ = x₃w₁ + x₄w₂ + x₅w₃."""
    shown = row(Conv(**LINE), [1, 2, 3, 4, 5], [1, 10, 100], "input", [7, 8])
    assert shown.ground.tolist() == [[[0, 0, 7, 0, 8, 0, 0]]]
    assert shown.source.tolist() == [[[BORDER, BORDER, 0, BETWEEN, 1, BORDER, BORDER]]]
    assert shown.window.tolist() == [[[100, 10, 1]]]
    assert shown.result.tolist() == [[[7, 70, 708, 80, 800]]]
    assert met(shown, 2) == [(7, 100), (0, 10), (8, 1)]


def test_the_kernels_gradient_exchanges_stride_and_holes() -> None:
    """∂E/∂w₂ = x₂ ∂E/∂y₁ + x₄ ∂E/∂y₂: cells of the gradient lie a stride apart, and move one cell at a time."""
    shown = row(Conv(**LINE), [1, 2, 3, 4, 5], [1, 10, 100], "weight", [7, 8])
    assert (shown.hole, shown.names) == ((1, 2), ("x", "∂E/∂y", "∂E/∂w"))
    assert [met(shown, weight) for weight in range(3)] == [[(1, 7), (3, 8)], [(2, 7), (4, 8)], [(3, 7), (5, 8)]]
    assert shown.result.tolist() == [[[31, 46, 61]]]


def test_a_dilated_kernels_gradient_goes_in_larger_steps() -> None:
    conv = Conv(**{**LINE, "dilation": (2,), "stride": (1,)})
    forward = row(conv, [1, 2, 3, 4, 5], [1, 10, 100])
    assert (forward.hole, met(forward, 0)) == ((1, 2), [(1, 1), (3, 10), (5, 100)])
    shown = row(conv, [1, 2, 3, 4, 5], [1, 10, 100], "weight", [7])
    assert [met(shown, weight) for weight in range(3)] == [[(1, 7)], [(3, 7)], [(5, 7)]]


def test_a_transposed_row_is_the_gradients_picture_with_its_own_names() -> None:
    up = Conv(**{**LINE, "size": (2,), "transposed": True})
    shown = row(up, [7, 8], [1, 10, 100])
    backward = row(Conv(**LINE), [0] * 5, [1, 10, 100], "input", [7, 8])
    assert shown.names == ("x", "w", "y")
    for field in ("ground", "source", "border", "window", "result", "tap_ground", "tap_window", "product"):
        np.testing.assert_array_equal(getattr(shown, field), getattr(backward, field))


def test_a_transposed_rows_gradients() -> None:
    """y = (x₁w₁, x₁w₂, x₁w₃ + x₂w₁, x₂w₂, x₂w₃): ∂E/∂x is a plain convolution, and x slides over ∂E/∂y."""
    up = Conv(**{**LINE, "size": (2,), "transposed": True})
    to_input = row(up, [7, 8], [1, 10, 100], "input", [1, 2, 3, 4, 5])
    assert to_input.result.tolist() == [[[321, 543]]]
    to_weight = row(up, [7, 8], [1, 10, 100], "weight", [1, 2, 3, 4, 5])
    assert to_weight.names == ("∂E/∂y", "x", "∂E/∂w")
    assert met(to_weight, 0) == [(1, 7), (3, 8)]


def test_padding_beyond_the_kernels_reach_cuts_the_ground() -> None:
    """A kernel of one cell reads nothing of the border but zeros, so that what came from there is left out."""
    conv = Conv(**{**LINE, "size": (2,), "kernel": (1,), "stride": (1,)}, padding=2)
    shown = row(conv, [1, 2], [3], "input", [1, 2, 3, 4, 5, 6])
    assert shown.ground.tolist() == [[[3, 4]]]
    assert shown.source.tolist() == [[[2, 3]]]
    assert shown.result.tolist() == [[[9, 12]]]


def test_a_remainder_gets_zeros() -> None:
    shown = row(Conv(**{**LINE, "size": (6,)}), [1, 2, 3, 4, 5, 6], [1, 10, 100], "input", [7, 8])
    assert shown.source.tolist() == [[[BORDER, BORDER, 0, BETWEEN, 1, BORDER, BORDER, BORDER]]]
    assert shown.result.tolist() == [[[7, 70, 708, 80, 800, 0]]]
    assert row(Conv(**{**LINE, "size": (6,)}), [0] * 6, [0] * 3).used.tolist() == [[True] * 5 + [False]]


def test_the_textbooks_transposed_convolution() -> None:
    """Dumoulin and Visin (2016), figure 4.6: 3×3 kernel, stride 2, padding 1, from 3×3 to 6×6."""
    conv = Conv(size=(3, 3), stride=(2, 2), padding=1, output_padding=(1, 1), transposed=True)
    shown = slide(conv, *numbers(conv))
    place = [
        BORDER,
        0,
        BETWEEN,
        1,
        BETWEEN,
        2,
        BORDER,
        BORDER,
    ]  # a zero around, one in between, one row more at the end
    assert (shown.source[0, 1] == [-1, 0, -2, 1, -2, 2, -1, -1]).all()
    assert [
        BETWEEN if cell == BETWEEN else BORDER if cell < 0 else cell // 3 for cell in shown.source[0, :, 1]
    ] == place
    assert shown.result.shape == (1, 6, 6)
    assert shown.tap_result.size == 36 * 9


@pytest.mark.parametrize(
    ("mode", "ground", "arriving"),
    [
        ("reflect", "babcb", [1, 10 + 1 + 1, 100]),
        ("replicate", "aabcc", [1 + 1, 10, 100 + 1]),
        ("circular", "cabca", [1 + 1, 10, 100 + 1]),
    ],
)
def test_what_copies_get_goes_to_the_cells_they_copy(mode: str, ground: str, arriving: list[int]) -> None:
    """With a kernel of one cell, a 1, every padded cell gets just what is above it."""
    conv = Conv(**{**LINE, "size": (3,), "kernel": (1,), "stride": (1,)}, padding=1, mode=mode)
    forward = row(conv, [1, 2, 3], [1])
    assert "".join("abc"[cell] for cell in forward.source.ravel()) == ground
    assert forward.border.tolist() == [[True, False, False, False, True]]
    shown = row(conv, [1, 2, 3], [1], "input", [1, 1, 10, 100, 1])
    assert shown.result.tolist() == [[[1, 1, 10, 100, 1]]]  # at every cell of the padded input
    assert "".join("abc"[cell] for cell in shown.result_source.ravel()) == ground
    assert shown.whole.tolist() == arriving
    assert check(shown) == 0


def test_maps_are_named_by_their_channels() -> None:
    conv = Conv(in_channels=2, out_channels=3)
    x, weight, _ = numbers(conv)
    forward = slide(conv, x, weight)
    assert (forward.ground_names, forward.result_names) == (("x₁", "x₂"), ("y₁", "y₂", "y₃"))
    assert forward.window_names == ("w₁₁", "w₁₂", "w₂₁", "w₂₂", "w₃₁", "w₃₂")
    above = torch.ones(3, 3, 3, dtype=torch.float64)
    to_weight = slide(conv, x, weight, None, "weight", above)
    assert to_weight.window_names == ("∂E/∂y₁", "∂E/∂y₂", "∂E/∂y₃")
    assert to_weight.result_names[:2] == ("∂E/∂w₁₁", "∂E/∂w₁₂")
    assert slide(conv, x, weight, None, "input", above).result_names == ("∂E/∂x₁", "∂E/∂x₂")


def test_a_transposed_layers_kernels_are_named_to_output_from_input_as_well() -> None:
    """Though its weight has the input first."""
    conv = Conv(in_channels=2, out_channels=3, transposed=True)
    assert slide(conv, *numbers(conv)).window_names == ("w₁₁", "w₂₁", "w₃₁", "w₁₂", "w₂₂", "w₃₂")


def test_of_groups_only_kernels_that_exist_are_named() -> None:
    conv = Conv(in_channels=4, out_channels=4, groups=2)
    assert slide(conv, *numbers(conv)).window_names == ("w₁₁", "w₁₂", "w₂₁", "w₂₂", "w₃₃", "w₃₄", "w₄₃", "w₄₄")
    depthwise = Conv(in_channels=3, out_channels=3, groups=3)
    assert slide(depthwise, *numbers(depthwise)).window_names == ("w₁₁", "w₂₂", "w₃₃")


def test_numbers_of_two_digits_are_told_apart_by_a_comma() -> None:
    conv = Conv(in_channels=12)
    shown = slide(conv, *numbers(conv))
    assert (shown.ground_names[11], shown.window_names[11]) == ("x₁₂", "w₁,₁₂")


def test_a_bias_is_where_the_sums_start() -> None:
    conv = Conv(out_channels=2, bias=True)
    x, weight, _ = numbers(conv)
    with_bias, without = (slide(conv, x, weight, bias) for bias in (torch.tensor([1.0, -2.0]).double(), None))
    assert with_bias.bias is not None
    assert with_bias.bias.tolist() == [1, -2]
    assert without.bias is None
    np.testing.assert_array_equal((with_bias.result - without.result)[:, 0, 0], [1, -2])
