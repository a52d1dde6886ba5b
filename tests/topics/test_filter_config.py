"""The filters of the Picture view: the Window's kernel with its changes, or a bank, as they lie on the picture."""

from typing import Any

import numpy as np
import pytest
import torch

from dlcore.datasets.pictures import picture
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.filter_config import ONE, FilterConfig
from dlcore.topics.filtering import BANKS, bank, luminance
from dlcore.topics.kernels import KERNELS, kernel


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("size", [1, 3, 4, 9])
def test_one_filter_is_the_kernel_of_the_menu_under_its_title(name: str, size: int) -> None:
    titles, kernels = FilterConfig(kernel=name, size=size).filters()
    assert titles == (KERNELS[name].title,)
    assert kernels.shape == (1, size, size)
    if name != "random":
        assert torch.equal(kernels[0], kernel(name, (size, size)))


@pytest.mark.parametrize("name", ["random", "gabor", "sobel-x"])
def test_one_filter_is_the_windows_kernel_number_for_number(name: str) -> None:
    look: dict[str, Any] = {"wavelength": 5.0, "orientation": 30.0, "sigma": 1.5, "seed": 7, "edits": "w0.0.1.2=4.5"}
    weight = operands(WindowConfig(layer=Conv(size=(3, 3)), kernel=name, **look)).weight
    assert weight is not None
    assert weight[0, 0, 1, 2] == 4.5
    assert torch.equal(FilterConfig(kernel=name, **look).filters().kernels[0], weight[0, 0])


@pytest.mark.parametrize("name", BANKS)
def test_a_bank_is_that_of_the_menu_and_takes_no_change_by_hand(name: str) -> None:
    made = FilterConfig(name=name, size=5, wavelength=6.0, sigma=2.5, edits="w0.0.1.1=9").filters()
    expected = bank(name, size=5, wavelength=6.0, sigma=2.5)
    assert made.titles == expected.titles
    assert torch.equal(made.kernels, expected.kernels)


@pytest.mark.parametrize("name", [ONE, *BANKS])
def test_true_convolution_turns_every_filter_by_180_degrees(name: str) -> None:
    plain, turned = (FilterConfig(name=name, kernel="emboss", flip=flip).filters() for flip in (False, True))
    np.testing.assert_array_equal(turned.kernels.numpy(), plain.kernels.numpy()[:, ::-1, ::-1])
    assert turned.titles == plain.titles


def test_the_answers_are_scipys_correlation_and_true_convolution_is_its_convolution() -> None:
    from scipy.ndimage import convolve, correlate

    image = picture("shapes")
    grey = luminance(image).numpy()
    weights = kernel("emboss", (3, 3)).numpy()
    for flip, reference in ((False, correlate), (True, convolve)):
        answers = FilterConfig(kernel="emboss", flip=flip).answers(image)
        np.testing.assert_allclose(answers[0], reference(grey, weights, mode="constant"), atol=1e-5)


def test_strides_leave_out_rows_and_columns_of_the_answers() -> None:
    image = picture("shapes")
    whole, half = (FilterConfig(kernel="gaussian", stride=stride).answers(image) for stride in (1, 2))
    np.testing.assert_allclose(half, whole[:, ::2, ::2], atol=1e-6)


def test_dilation_spreads_the_filter_and_keeps_the_size() -> None:
    image = picture("shapes")
    spread = np.zeros((5, 5))
    spread[::2, ::2] = kernel("sobel-x", (3, 3))
    wide = FilterConfig(size=5, edits=", ".join(f"w0.0.{r}.{c}={spread[r, c]:g}" for r, c in np.ndindex(5, 5)))
    dilated = FilterConfig(dilation=2)
    assert dilated.answers(image).shape == (1, *image.shape[:2])
    np.testing.assert_allclose(dilated.answers(image), wide.answers(image), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": "none"}, "the bank of filters"),
        ({"kernel": "none"}, "the kernel"),
        ({"size": 0}, "the kernel's size"),
        ({"size": 16}, "the kernel's size"),
        ({"stride": 0}, "stride"),
        ({"dilation": 9}, "dilation"),
        ({"wavelength": 0.0}, "wavelength"),
        ({"sigma": float("nan")}, "sigma"),
        ({"orientation": 1000.0}, "orientation"),
        ({"edits": "w0=one"}, "“w0=one” is not understood"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_set(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        FilterConfig(**settings)
