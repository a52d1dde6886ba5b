"""The matrix beside the window: times the operand it is the result, its entries are linked to weights and cells."""

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from dlcore.figures.convolution import MOST_COLS, MOST_ROWS, matrix_of, window_stage
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.taps import matrix
from dlcore.topics.window import lines, slid
from tests.figures.windows import SCENES, drawn, grids, values
from tests.topics.random_convs import convs

#: The layer of several maps, small enough.
FEW = Conv(size=(3, 3), kernel=(2, 2), stride=(2, 1), padding=1, in_channels=2, out_channels=2, groups=2)
SMALL: dict[str, WindowConfig] = {
    "opening": SCENES["opening"],
    "one axis": SCENES["one axis"],
    "mirror": SCENES["mirror"],
    "turned": SCENES["turned"],
    "left behind": SCENES["left behind"],
    "mean": SCENES["mean"],
    "a maximum's gradient": SCENES["its gradient"],
    "groups": WindowConfig(layer=FEW, kernel="random"),
    "to the input": WindowConfig(layer=FEW, kernel="random", direction="input"),
    "to the kernel": WindowConfig(layer=FEW, image="digits", direction="weight"),
    "transposed": WindowConfig(layer=replace(FEW, transposed=True), kernel="random", image="digits"),
}


@pytest.mark.parametrize("config", SMALL.values(), ids=SMALL)
def test_the_matrix_times_the_operand_is_the_result(config: WindowConfig) -> None:
    slide, (x, _, _, grad) = slid(config), operands(config)
    found = matrix_of(config.layer, slide)
    operand = {"x": x, "∂E/∂y": grad}[slide.names[0]].flatten().numpy()
    np.testing.assert_allclose(np.nan_to_num(found) @ operand, slide.result.ravel(), atol=1e-12)


@settings(max_examples=60)
@given(conv=convs())
def test_the_matrix_is_the_one_that_torch_is_held_equal_to(conv: Conv) -> None:
    """Also where padding cuts off all of the last cells, so that no window reads them: their columns are there."""
    conv = replace(conv, bias=False)
    rows, cols = conv.out_channels * prod(conv.output_size), conv.in_channels * prod(conv.size)
    assume(rows <= MOST_ROWS and cols <= MOST_COLS)
    config = WindowConfig(layer=conv, image="digits", kernel="random")
    weight = operands(config).weight
    assert weight is not None
    found = matrix_of(conv, slid(config))
    assert found.shape == (rows, cols)
    np.testing.assert_allclose(np.nan_to_num(found), matrix(conv, weight).numpy(), atol=1e-12)


def test_the_matrix_is_linked_to_all_that_it_stands_for() -> None:
    config = WindowConfig(layer=Conv(size=(4, 4), kernel=(3, 3), padding="half"), image="digits", kernel="emboss")
    slide, lattice = drawn(config, "matrix")
    assert lattice.roles == ("result", "ground", "window", "matrix")
    (grid,) = grids(lattice, "matrix")
    assert grid.title == "C, 16 × 16"
    numbers = values(lattice)
    first = len(numbers) - grid.values.size
    _, _, window, entry = lattice.links.T
    there = entry >= 0
    np.testing.assert_array_equal(there, slide.source.ravel()[slide.tap_ground] >= 0)  # no column for the padding
    np.testing.assert_array_equal(numbers[entry[there]], numbers[window[there]])
    rows, cols = np.divmod(entry[there] - first, 16)
    np.testing.assert_array_equal(rows, slide.tap_result[there])
    np.testing.assert_array_equal(cols, slide.source.ravel()[slide.tap_ground[there]])
    assert grid.names is not None
    assert grid.names[2][3] == "C row 2, column 3"


@pytest.mark.parametrize(
    ("change", "title"),
    [({}, "C, "), ({"direction": "input"}, "Cᵀ, "), ({"direction": "weight"}, "the matrix, ")],
)
def test_the_matrix_is_called_by_what_it_is(change: dict[str, Any], title: str) -> None:
    layer = Conv(size=(4, 4), kernel=(3, 3), padding="half")
    other = WindowConfig(layer=replace(layer, transposed=True), **change)
    (grid,) = grids(drawn(WindowConfig(layer=layer, **change), "matrix")[1], "matrix")
    assert grid.title.startswith(title)
    (grid,) = grids(drawn(other, "matrix")[1], "matrix")
    assert grid.title.startswith({"C, ": "Cᵀ, ", "Cᵀ, ": "C, "}.get(title, title))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (SCENES["maximum"], "max pooling has no matrix"),
        (WindowConfig(layer=Conv(size=(8, 8), kernel=(3, 3), padding="half")), "The matrix would be 64 × 64"),
        (WindowConfig(layer=Conv(size=(10, 10), kernel=(9, 9))), "The matrix would be 4 × 100"),
    ],
)
def test_a_matrix_that_is_none_or_too_large_is_refused(config: WindowConfig, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        window_stage(config, slid(config), "matrix", lines(config))
