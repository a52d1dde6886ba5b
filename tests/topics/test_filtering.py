"""Filters answer as in image libraries, and every bank's filters answer most to what they are made for."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from dlcore.datasets.pictures import WAVELENGTHS, picture
from dlcore.topics.filtering import (
    BANKS,
    BLOBS,
    Bank,
    bank,
    keeps_brightness,
    luminance,
    respond,
    strongest,
)
from dlcore.topics.kernels import KERNELS, kernel

#: Torch's names of what lies in the padding, and scipy's.
SCIPY = {"zeros": "constant", "reflect": "mirror", "replicate": "nearest", "circular": "wrap"}
#: Cells of padding above and on the left of the picture, for a kernel's extent.
BEFORE = {
    "valid": lambda e: 0,
    "half": lambda e: e // 2,
    "same": lambda e: (e - 1) // 2,
    "full": lambda e: e - 1,
    2: lambda e: 2,
}
SMALL = picture("china")[:40, 60:110]
EDGES = ("sobel-x", "sobel-y", "laplacian", "gabor")


def greyscale(brightness: np.ndarray) -> np.ndarray:
    """A picture of this brightness, in bytes."""
    return np.repeat(np.round(255 * brightness).astype(np.uint8)[:, :, None], 3, axis=2)


def test_luminance_is_that_of_pillow() -> None:
    expected = np.asarray(Image.fromarray(SMALL).convert("L"))
    np.testing.assert_allclose(255 * luminance(SMALL).numpy(), expected, atol=0.51)
    assert luminance(np.full((1, 1, 3), 255, np.uint8)).item() == pytest.approx(1)


@pytest.mark.parametrize("mode", SCIPY)
@pytest.mark.parametrize("name", KERNELS)
def test_answers_are_scipys_correlation(name: str, mode: str) -> None:
    from scipy.ndimage import correlate

    for size in ((3, 3), (5, 7), (1, 3)):
        weights = kernel(name, size, orientation=30)
        answer = respond(SMALL, weights[None], mode=mode)[0]
        expected = correlate(luminance(SMALL).numpy(), weights.numpy(), mode=SCIPY[mode])  # pyright: ignore
        np.testing.assert_allclose(answer, expected, atol=1e-4 * max(1, np.abs(expected).max()))


def test_the_turned_kernel_gives_scipys_convolution() -> None:
    from scipy.ndimage import convolve

    weights = kernel("emboss", (3, 3)) + kernel("random", (3, 3))
    answer = respond(SMALL, weights.flip(0, 1)[None])[0]
    expected = convolve(luminance(SMALL).numpy(), weights.numpy(), mode="constant")
    np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.parametrize("axis", [0, 1])
def test_sobel_and_laplace_are_scipys(axis: int) -> None:
    from scipy.ndimage import laplace, sobel

    bright = luminance(SMALL).numpy()
    weights = torch.stack([kernel(("sobel-y", "sobel-x")[axis], (3, 3)), kernel("laplacian", (3, 3))])
    answers = respond(SMALL, weights, mode="reflect")
    np.testing.assert_allclose(answers[0], sobel(bright, axis, mode="mirror"), atol=1e-5)
    np.testing.assert_allclose(answers[1], laplace(bright, mode="mirror"), atol=1e-5)


def test_the_box_is_pillows_blur_inside() -> None:
    grey = np.asarray(Image.fromarray(SMALL).convert("L"))
    expected = np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(1)))
    answer = respond(greyscale(grey / 255), kernel("blur", (3, 3))[None], padding="valid")[0]
    np.testing.assert_allclose(255 * answer, expected[1:-1, 1:-1], atol=1)  # it rounds along each axis


@given(
    rows=st.integers(1, 5),
    cols=st.integers(1, 5),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(list(BEFORE)),
    seed=st.integers(0, 99),
)
@settings(max_examples=60)
def test_sizes_and_values_are_sums_of_products(
    rows: int, cols: int, stride: int, dilation: int, padding: str | int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (17, 23, 3), np.uint8)
    weights = torch.tensor(rng.normal(size=(2, rows, cols)))
    answers = respond(image, weights, stride=stride, padding=padding, dilation=dilation)
    assert answers.dtype == np.float32
    extents = [dilation * (k - 1) + 1 for k in (rows, cols)]
    before = [BEFORE[padding](extent) for extent in extents]
    padded = np.pad(luminance(image).numpy(), list(zip(before, extents, strict=True)))
    row, col = (int(rng.integers(0, n)) for n in answers.shape[1:])
    cells = padded[row * stride :, col * stride :][: extents[0] : dilation, : extents[1] : dilation]
    np.testing.assert_allclose(answers[:, row, col], (weights.numpy() * cells).sum(axis=(1, 2)), atol=1e-4)


def test_a_picture_smaller_than_the_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="make the kernel or the dilation smaller"):
        respond(SMALL[:4], kernel("blur", (5, 5))[None], padding="valid")


def test_the_strongest_is_the_largest_in_size_and_of_equals_the_first() -> None:
    answers = np.array([[[1.0, -3.0, 0.0, 2.0]], [[-2.0, 1.0, 0.0, -2.0]]])
    assert strongest(answers).tolist() == [[1, 0, 0, 0]]
    assert strongest(answers).dtype == np.uint8


def test_what_sums_to_1_keeps_the_brightness() -> None:
    kept = {name for name in KERNELS if keeps_brightness(kernel(name, (5, 5)))}
    assert kept == {"identity", "blur", "gaussian", "sharpen", "emboss"}
    assert not set(EDGES) & kept


@pytest.mark.parametrize("name", BANKS)
def test_a_banks_filters_are_blind_to_flat_ground_and_answer_from_minus_1_to_1(name: str) -> None:
    filters = bank(name, size=5, wavelength=6, sigma=3)
    assert len(filters.titles) == len(set(filters.titles)) == len(filters.kernels)
    assert 2 <= len(filters.titles) <= 8
    np.testing.assert_allclose(filters.kernels.sum(dim=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(filters.kernels.clamp(min=0).sum(dim=(1, 2)), 1, atol=1e-12)
    noise = np.random.default_rng(0).choice([0, 255], (60, 60, 1)).astype(np.uint8).repeat(3, axis=2)
    assert np.abs(respond(noise, filters.kernels)).max() <= 1


def settled(filters: Bank, image: np.ndarray) -> np.ndarray:
    """Which filter has the most energy in a picture."""
    answers = respond(image, filters.kernels, padding="valid")
    return (answers**2).mean(axis=(1, 2))


def waves(wavelength: float, degrees: float, side: int = 80) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    along = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
    return greyscale(0.5 + 0.5 * np.cos(2 * np.pi * along / wavelength))


@pytest.mark.parametrize("number", range(8))
def test_each_gabor_filter_answers_most_to_its_own_direction(number: int) -> None:
    filters = bank("gabor", wavelength=6, sigma=3)
    energy = settled(filters, waves(6, 22.5 * number))
    assert energy.argmax() == number
    assert energy[(number + 4) % 8] < 1e-3 * energy[number]
    assert filters.titles[number] == f"Gabor {22.5 * number:g}°"


@pytest.mark.parametrize("number", range(len(WAVELENGTHS)))
def test_each_wavelength_has_the_filter_that_answers_most_to_it(number: int) -> None:
    assert settled(bank("waves"), waves(WAVELENGTHS[number], 0)).argmax() == number


def test_the_rows_of_the_picture_of_stripes_are_the_wavelengths_of_the_bank() -> None:
    answers = respond(picture("stripes"), bank("waves").kernels)
    upright = (answers[:, :, :32] ** 2).reshape(6, 6, 32, 32).mean(axis=(2, 3))  # (filters, rows of discs)
    assert upright.argmax(axis=0).tolist() == list(range(6))


@pytest.mark.parametrize(("degrees", "number"), [(0, 0), (45, 1), (90, 2), (135, 3)])
def test_each_edge_filter_answers_most_to_edges_across_its_direction(degrees: int, number: int) -> None:
    y, x = np.mgrid[:41, :41] - 20
    edge = greyscale((x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees)) > 0.1).astype(float))
    middle = np.abs(respond(edge, bank("edges").kernels))[:, 10:31, 10:31]
    assert middle.max(axis=(1, 2)).argmax() == number


@pytest.mark.parametrize("number", range(len(BLOBS)))
def test_each_blob_filter_answers_most_to_a_blob_of_its_own_size(number: int) -> None:
    y, x = np.mgrid[:81, :81] - 40
    # The answer to a Gaussian of variance t goes like s/((t + s)(t + 1.6²s)) with s = σ²: largest at t = 1.6 s.
    image = greyscale(np.exp(-(x**2 + y**2) / (2 * 1.6 * BLOBS[number] ** 2)))
    middle = respond(image, bank("blobs").kernels)[:, 40, 40]
    assert middle.argmax() == number
    assert (middle > 0).all()


def test_the_smallest_edge_filters_have_two_cells() -> None:
    assert bank("edges", size=1).kernels.shape == (5, 2, 2)
    assert bank("edges", size=7).kernels.shape == (5, 7, 7)


def test_an_unknown_bank_is_refused() -> None:
    with pytest.raises(ValueError, match="the bank of filters is 'haar': it must be one of edges"):
        bank("haar")
