"""The kernels are the textbooks' at 3×3, and keep their meaning at every other size."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore.topics.kernels import GAMMA, KERNELS, kernel

#: name -> numerator and denominator, as books print them.
TEXTBOOK = {
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
    "blur": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
    "gaussian": ([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
    "sobel-x": ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1),
    "sobel-y": ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 1),
    "laplacian": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
    "emboss": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1),
}
ROWS = {
    "identity": [0, 1, 0],
    "blur": [1 / 3, 1 / 3, 1 / 3],
    "gaussian": [0.25, 0.5, 0.25],
    "sharpen": [-1, 3, -1],
    "sobel-x": [-1, 0, 1],
    "sobel-y": [-1, 0, 1],
    "laplacian": [1, -2, 1],
}
SIZES = (1, 2, 3, 4, 5, 6, 7, 11)
SHAPES = [shape for shape in product(SIZES, SIZES) if shape != (1, 1)]
SUMS = {"identity": 1, "blur": 1, "gaussian": 1, "sharpen": 1, "emboss": 1, "laplacian": 0}


def grating(wavelength: float, orientation: float, cells: int) -> Tensor:
    """Waves around 0, a crest in the middle."""
    places = torch.arange(cells, dtype=torch.float64) - (cells - 1) / 2
    angle = math.radians(orientation)
    along = places * math.cos(angle) + places[:, None] * math.sin(angle)
    return torch.cos(2 * math.pi * along / wavelength)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_three_by_three_is_the_textbooks(name: str) -> None:
    numerator, denominator = TEXTBOOK[name]
    assert kernel(name, (3, 3)).tolist() == [[n / denominator for n in row] for row in numerator]


@pytest.mark.parametrize("name", ROWS)
def test_three_cells_in_a_row_are_the_textbooks(name: str) -> None:
    assert kernel(name, (3,)).tolist() == ROWS[name]


def test_two_cells_make_the_plain_difference() -> None:
    assert kernel("sobel-x", (2,)).tolist() == [-1, 1]
    assert kernel("sobel-x", (1, 2)).tolist() == [[-1, 1]]
    assert kernel("sobel-y", (2, 1)).tolist() == [[-1], [1]]


def test_the_larger_sobel_is_the_one_of_image_libraries() -> None:
    # The 5×5 kernel that OpenCV documents for ksize = 5: 1 4 6 4 1 down, −1 −2 0 2 1 across.
    assert torch.equal(
        kernel("sobel-x", (5, 5)), torch.outer(*map(torch.tensor, ([1.0, 4, 6, 4, 1], [-1.0, -2, 0, 2, 1])))
    )


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_exists_in_every_size(name: str) -> None:
    for shape in [*SHAPES, (1, 1), (1,), (2,), (5,)]:
        weights = kernel(name, shape)
        assert weights.shape == shape
        assert weights.dtype == torch.float64
        assert weights.isfinite().all()
        assert weights.any()
        assert not (weights.signbit() & (weights == 0)).any(), shape  # which would be shown as −0


@pytest.mark.parametrize("name", SUMS)
def test_sums_say_what_a_flat_image_becomes(name: str) -> None:
    for shape in SHAPES:
        assert kernel(name, shape).sum().item() == pytest.approx(SUMS[name], abs=1e-12), shape


@pytest.mark.parametrize("cells", SIZES[1:])
def test_sobel_is_odd_along_its_axis_and_even_across_and_one_is_the_other_turned(cells: int) -> None:
    for other in SIZES:
        across = kernel("sobel-x", (other, cells))
        assert across.sum() == 0
        assert torch.equal(across, -across.flip(1))
        assert torch.equal(across, across.flip(0))
        assert torch.equal(kernel("sobel-y", (cells, other)), across.T)


@pytest.mark.parametrize("cells", [3, 4, 5, 6, 7, 11])
def test_derivatives_are_exact_on_ramps_and_parabolas(cells: int) -> None:
    x = (torch.arange(cells, dtype=torch.float64) - (cells - 1) / 2).expand(cells, cells)
    weights = kernel("sobel-x", (cells, cells))
    smoothing = 2.0 ** (cells - 1) * 2.0 ** (cells - 2)  # the binomials' sums
    assert (weights * x).sum().item() == pytest.approx(smoothing)
    laplace = kernel("laplacian", (cells, cells))
    assert (laplace * x).sum().item() == pytest.approx(0)
    assert (laplace * (x**2 + 3 * x.T**2)).sum().item() == pytest.approx(
        (2 + 6) * 4.0 ** (cells - 3 if cells > 3 else 0)
    )


def test_a_blur_by_binomials_is_smoothing_two_cells_again_and_again() -> None:
    for cells in SIZES[1:]:
        row = np.array([1.0])
        for _ in range(cells - 1):
            row = np.convolve(row, [0.5, 0.5])
        np.testing.assert_allclose(kernel("gaussian", (cells,)), row)


@pytest.mark.parametrize("name", sorted(set(KERNELS) - {"random"}))
def test_a_single_cell_has_nothing_to_be_compared_with(name: str) -> None:
    assert kernel(name, (1, 1)).tolist() == [[1]]
    assert kernel(name, (1,)).tolist() == [1]


def test_gabor_is_the_formula_cell_by_cell() -> None:
    weights = kernel("gabor", (5, 7), wavelength=3.5, orientation=30, sigma=1.7)
    theta = math.pi / 6
    for (i, j), weight in np.ndenumerate(weights.numpy()):
        x, y = j - 3, i - 2
        along, across = x * math.cos(theta) + y * math.sin(theta), -x * math.sin(theta) + y * math.cos(theta)
        envelope = math.exp(-(along**2 + GAMMA**2 * across**2) / (2 * 1.7**2))
        assert weight == pytest.approx(envelope * math.cos(2 * math.pi * along / 3.5), abs=6e-5)


def test_gabor_at_0_degrees_has_vertical_stripes_and_at_90_horizontal_ones() -> None:
    upright = kernel("gabor", (9, 9), orientation=0)
    assert upright[4].sign().unique().numel() > 1  # from left to right the sign changes
    assert (upright[:, 4] > 0).all()
    assert torch.equal(kernel("gabor", (9, 9), orientation=90), upright.T)


@pytest.mark.parametrize("own", range(0, 180, 15))
def test_gabor_answers_most_to_its_own_orientation(own: int) -> None:
    weights = kernel("gabor", (21, 21), wavelength=5, orientation=own, sigma=3.5)
    answers = {other: (weights * grating(5, other, 21)).sum().item() for other in range(0, 180, 15)}
    assert max(answers, key=lambda other: answers[other]) == own
    assert abs(answers[(own + 90) % 180]) < 0.05 * answers[own]


@pytest.mark.parametrize("own", [3, 4, 6, 8, 10])
def test_gabor_answers_most_to_its_own_wavelength(own: int) -> None:
    weights = kernel("gabor", (41, 41), wavelength=own, orientation=20, sigma=own)
    answers = {other: (weights * grating(other, 20, 41)).sum().item() for other in (2.5, 3, 4, 6, 8, 10, 14)}
    assert max(answers, key=lambda other: answers[other]) == own


def test_the_random_kernel_is_the_generators() -> None:
    draw = [kernel("random", (20, 20), generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(draw[0], draw[1])
    assert not torch.equal(draw[0], draw[2])
    assert torch.equal(draw[0], (10 * draw[0]).round() / 10)  # tenths
    assert abs(draw[0].mean()) < 0.2
    assert draw[0].std() == pytest.approx(1, abs=0.15)
    generator = torch.Generator().manual_seed(1)
    first, second = (kernel("random", (3, 3), generator=generator) for _ in range(2))
    assert not torch.equal(first, second)


def test_a_kernel_is_a_new_tensor_each_time() -> None:
    kernel("sobel-x", (3, 3)).zero_()
    assert kernel("sobel-x", (3, 3)).any()


@pytest.mark.parametrize(
    ("name", "shape", "look", "words"),
    [
        ("prewitt", (3, 3), {}, "the kernel is 'prewitt': it must be one of identity"),
        ("blur", (), {}, "one axis or two"),
        ("blur", (3, 3, 3), {}, "one axis or two"),
        ("blur", (0, 3), {}, "the kernel's size is 0: it must be a whole number from 1 to 64"),
        ("blur", (65,), {}, "the kernel's size is 65"),
        ("gabor", (3, 3), {"wavelength": 0.0}, "wavelength is 0.0: it must be a number from 0.1"),
        ("gabor", (3, 3), {"sigma": math.nan}, "sigma is nan"),
        ("gabor", (3, 3), {"orientation": math.inf}, "orientation is inf"),
    ],
)
def test_what_cannot_be_is_refused(name: str, shape: tuple[int, ...], look: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        kernel(name, shape, **look)  # pyright: ignore[reportArgumentType]
