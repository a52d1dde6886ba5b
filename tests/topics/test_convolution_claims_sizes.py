"""What the scenes on padding, stride and dilation say, for their own numbers and for others of the kind."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcore.topics.convolution import Conv, apply, explain_size, num_multiply_adds, num_parameters, remainder
from dlcore.topics.taps import taps, uncovered
from tests.topics.convolution_claims import (
    SEEDS,
    answer,
    claim,
    conv_of,
    drawn,
    met,
    response,
    says,
    under,
    window,
    windows,
)

ODD = (1, 3, 5, 7)


@claim("half")
def test_half_padding_puts_the_window_once_on_every_cell_whatever_its_odd_width() -> None:
    says("half", "3×3", "7×7 cells", "⌊3/2⌋ = 1", "lose 2 cells")
    assert answer("half") == "zeros surround the input"
    for kernel in ODD:
        slide, conv = window("half", kernel=kernel), conv_of("half", kernel=kernel)
        assert conv.pads == ((kernel // 2, kernel // 2),) * 2
        assert conv.output_size == conv.size == (7, 7)
        for row, col in np.ndindex(7, 7):
            middles = [np.median(places) - kernel // 2 for places in under(slide, row, col)]
            assert middles == [row, col]
    assert conv_of("half", padding="valid").output_size == (5, 5)


@claim("half")
def test_five_cells_of_the_first_window_lie_on_zeros() -> None:
    says("half", "x[0, 0]", "five of its cells on zeros")
    slide = window("half")
    rows, cols = under(slide, 0, 0)
    assert slide.border[rows, cols].sum() == 5
    assert (slide.source[0, 1, 1], rows[4], cols[4]) == (0, 1, 1)


@claim("stride")
def test_stride_2_halves_each_axis_and_takes_a_quarter_of_the_products_with_as_many_weights() -> None:
    says("stride", "8×8", "⌊(8 + 2·1 − 3)/2⌋ + 1 = 4", "A quarter of the cells", "as many weights")
    assert answer("stride") == "4×4"
    assert conv_of("stride").output_size == (4, 4)
    assert explain_size(conv_of("stride")).split("\n")[0].endswith("/2⌋ + 1 = 4")
    for size in range(4, 25, 2):
        halved, whole = conv_of("stride", size=size), conv_of("stride", size=size, stride=1)
        assert halved.output_size == (size // 2, size // 2)
        assert whole.output_size == (size, size)
        assert 4 * num_multiply_adds(halved) == num_multiply_adds(whole)
        assert num_parameters(halved) == num_parameters(whole) == 9


@claim("stride")
@pytest.mark.parametrize(("stride", "shared"), [(1, 2), (2, 1), (3, 0)])
def test_windows_side_by_side_share_the_columns_that_the_stride_leaves(stride: int, shared: int) -> None:
    says("stride", "share one column", "With stride 1 they share two")
    slide = window("stride", stride=stride)
    columns = [set(under(slide, 1, col)[1].tolist()) for col in (0, 1)]
    assert len(columns[0] & columns[1]) == shared


@claim("remainder")
def test_the_last_row_and_column_are_never_read() -> None:
    says("remainder", "3 + 2·2 = 7 cells", "Three windows")
    assert answer("remainder") == "the last row and column"
    conv = conv_of("remainder")
    assert (conv.output_size, remainder(conv)) == ((3, 3), (1, 1))
    last = np.zeros((8, 8), bool)
    last[7] = last[:, 7] = True
    np.testing.assert_array_equal(uncovered(conv), last)
    np.testing.assert_array_equal(~window("remainder").used, last)


@claim("remainder")
def test_what_is_never_read_changes_no_output_and_has_no_gradient_whatever_the_weights() -> None:
    says("remainder", "cannot change the output: its gradient is 0")
    conv = conv_of("remainder")
    lost = torch.from_numpy(uncovered(conv))
    for seed in SEEDS:
        x, other, weight = drawn(seed, (1, 8, 8), (1, 8, 8), (1, 1, 3, 3))
        y, grad = response(conv, weight, x)
        torch.testing.assert_close(response(conv, weight, torch.where(lost, other, x))[0], y, rtol=0, atol=0)
        assert (grad[0][lost] == 0).all()
        assert (grad[0][~lost] != 0).all()


@claim("dilation")
def test_dilation_spans_more_cells_with_the_same_weights_and_products() -> None:
    says("dilation", "d(k − 1) + 1 = 5", "9 weights and 9 products", "five cells wide, and nine cells in it are lit")
    assert answer("dilation") == "5×5"
    conv = conv_of("dilation")
    assert (conv.extent, num_parameters(conv), conv.output_size) == ((5, 5), 9, (9, 9))
    rows, cols = under(window("dilation"), 4, 4)
    assert (len(rows), np.ptp(rows) + 1, np.ptp(cols) + 1) == (9, 5, 5)
    assert set(np.diff(np.unique(rows))) == {2}  # one cell left out
    for dilation in range(1, 5):
        wide = conv_of("dilation", dilation=dilation)
        assert wide.extent == (2 * dilation + 1,) * 2
        assert (num_parameters(wide), num_multiply_adds(wide)) == (9, 9 * 81)
        assert len(np.unique(taps(wide).weight)) == 9


@claim("even")
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # torch pads it in a step of its own
@pytest.mark.parametrize("kernel", [2, 4, 6, 8])
def test_half_padding_of_an_even_kernel_makes_one_cell_more_and_same_keeps_the_size(kernel: int) -> None:
    says("even", "7 + 2·2 − 4 + 1 = 8", "1 before and 2 behind, as torch does", "One row and one column more")
    assert answer("even") == "8×8"
    half, same = (conv_of("even", kernel=kernel, padding=padding) for padding in ("half", "same"))
    assert (half.output_size, same.output_size) == ((8, 8), (7, 7))
    assert same.pads == (((kernel - 1) // 2, kernel // 2),) * 2
    assert same.pads[0] == (1, 2) or kernel != 4
    for seed in SEEDS:
        x, weight = drawn(seed, (1, 7, 7), (1, 1, kernel, kernel))
        torch.testing.assert_close(apply(same, x, weight), F.conv2d(x, weight, padding="same"))


@claim("full")
def test_full_padding_grows_the_map_and_is_the_least_with_which_every_cell_meets_every_weight() -> None:
    says("full", "k − 1 = 2", "5 + 3 − 1 = 7", "every cell meets every weight", "only its last cell lies on the input")
    assert answer("full") == "7×7"
    for kernel in ODD[1:]:
        full = conv_of("full", kernel=kernel)
        assert full.pads == ((kernel - 1,) * 2,) * 2
        assert full.output_size == (5 + kernel - 1,) * 2
        for less in range(kernel):
            conv = Conv(size=(5, 5), kernel=(kernel, kernel), padding=less) if 5 + 2 * less >= kernel else None
            everything = conv is not None and _meetings(conv) == 25 * kernel**2
            assert everything == (less == kernel - 1)


def _meetings(conv: Conv) -> int:
    """How many pairs of a cell and a weight there are that meet."""
    found = taps(conv)
    return len(np.unique(np.stack([found.input, found.weight]), axis=1).T)


@claim("full")
def test_full_padding_has_all_windows_that_meet_the_input_and_no_other() -> None:
    says("full", "every window that meets the input at all")
    for slide in windows("full"):
        cells = met(slide)
        assert (cells.min(), cells[0, 0, 0], cells.max()) == (1, 1, 9)
        rows, cols = under(slide, 0, 0)
        assert slide.source[0, rows, cols].tolist() == [-1] * 8 + [0]
    wider = Conv(size=(5, 5), padding=3)
    assert len(np.unique(taps(wider).output)) == 49 < np.prod(wider.output_size)
