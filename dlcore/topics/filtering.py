"""What filters answer to a picture, and banks of filters that share the work; knows no way to draw it."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.pictures import WAVELENGTHS
from dlcore.topics.convolution import Conv, apply
from dlcore.topics.kernels import kernel

BRIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R recommendation BT.601, as Pillow has it
ORIENTATIONS = 8
WIDEST = 33  # cells of a bank's kernel along a side
BLOBS = (1.0, 1.4, 2.0, 2.8, 4.0)  # σ in pixels, from one to the next √2


class Bank(NamedTuple):
    """Filters that look at a picture side by side: a title for each, and their kernels (filters, rows, columns)."""

    titles: tuple[str, ...]
    kernels: Tensor


class BankPreset(NamedTuple):
    """A bank's title, and the function that makes it from a kernel's size, a wavelength and a width σ, in pixels."""

    title: str
    make: Callable[[int, float, float], Bank]


def luminance(picture: np.ndarray) -> Tensor:
    """The brightness of a picture, (height, width) in float64 from 0 to 1; picture: (height, width, 3) bytes."""
    return torch.tensor(picture, dtype=torch.float64) @ torch.tensor(BRIGHTNESS, dtype=torch.float64) / 255


def respond(
    picture: np.ndarray,
    kernels: Tensor,
    *,
    stride: int = 1,
    padding: str | int = "same",
    dilation: int = 1,
    mode: str = "zeros",
) -> np.ndarray:
    """Every filter's answers to a picture's brightness, (filters, rows, columns) in float32.

    kernels: (filters, rows, columns), not turned. The rest as in `Conv`, alike along both axes.

    Raises: ValueError where the layer cannot be, as for a picture smaller than the kernel.
    """
    height, width, _ = picture.shape
    count, *size = kernels.shape
    layer = Conv(
        size=(height, width),
        kernel=tuple(size),
        stride=(stride, stride),
        padding=padding,
        dilation=(dilation, dilation),
        out_channels=count,
        mode=mode,
    )
    with torch.no_grad():  # float32 is twice as fast, and more exact than a byte of brightness by far
        return apply(layer, luminance(picture)[None].float(), kernels[:, None].float()).numpy()


def strongest(responses: np.ndarray) -> np.ndarray:
    """Which filter's answer is the largest in size, (rows, columns) bytes; of equal ones the first.

    responses: (filters, rows, columns).
    """
    return np.abs(responses).argmax(axis=0).astype(np.uint8)


def keeps_brightness(weights: Tensor) -> bool:
    """Whether a flat picture stays as bright as it is, so that the answer is a picture again: the weights sum to 1."""
    return math.isclose(float(weights.sum()), 1, abs_tol=1e-6)


def bank(name: str, *, size: int = 3, wavelength: float = 4.0, sigma: float = 2.0) -> Bank:
    """A bank of filters whose weights sum to 0, and the positive ones to 1: they answer to a picture from −1 to 1.

    size: of the edge filters, at least 2; wavelength, sigma: of Gabor's, in pixels. The others go without.

    Raises: ValueError for an unknown name.
    """
    require.one_of("the bank of filters", name, BANKS)
    return BANKS[name].make(size, wavelength, sigma)


def _edges(size: int, wavelength: float, sigma: float) -> Bank:
    """Derivatives in four directions, and the Laplacian, which has none."""
    shape = (max(size, 2), max(size, 2))
    across, down = kernel("sobel-x", shape), kernel("sobel-y", shape)
    angles = [0, 45, 90, 135]
    turned = [math.cos(math.radians(a)) * across + math.sin(math.radians(a)) * down for a in angles]
    titles = (*(f"Sobel {angle}°" for angle in angles), "Laplacian")
    return Bank(titles, _balanced([*turned, kernel("laplacian", shape)]))


def _gabors(size: int, wavelength: float, sigma: float) -> Bank:
    """Waves in eight directions, 22.5° apart."""
    cells = min(2 * math.ceil(2.5 * sigma) + 1, WIDEST)
    angles = [180 * number / ORIENTATIONS for number in range(ORIENTATIONS)]
    weights = [
        kernel("gabor", (cells, cells), wavelength=wavelength, orientation=angle, sigma=sigma) for angle in angles
    ]
    return Bank(tuple(f"Gabor {angle:g}°" for angle in angles), _balanced(weights))


def _waves(size: int, wavelength: float, sigma: float) -> Bank:
    """Waves from left to right in six wavelengths, each filter four fifths of an octave wide."""
    shape = (WIDEST, WIDEST)
    weights = [kernel("gabor", shape, wavelength=length, sigma=0.7 * length) for length in WAVELENGTHS]
    return Bank(tuple(f"Gabor λ = {length}" for length in WAVELENGTHS), _balanced(weights))


def _blobs(size: int, wavelength: float, sigma: float) -> Bank:
    """Differences of two Gaussians, the wider one taken away: bright blobs on dark ground, of five sizes."""
    weights = [_gaussian(width) - _gaussian(1.6 * width) for width in BLOBS]
    return Bank(tuple(f"Blob σ = {width:g}" for width in BLOBS), _balanced(weights))


def _gaussian(sigma: float) -> Tensor:
    places = torch.arange(WIDEST, dtype=torch.float64) - WIDEST // 2
    row = torch.exp(-(places**2) / (2 * sigma**2))
    return torch.outer(row, row) / row.sum() ** 2


def _balanced(kernels: Sequence[Tensor]) -> Tensor:
    """(filters, rows, columns): less their mean, and divided by the sum of what is positive."""
    weights = torch.stack(list(kernels))
    weights = weights - weights.mean(dim=(1, 2), keepdim=True)
    return weights / weights.clamp(min=0).sum(dim=(1, 2), keepdim=True)


BANKS: dict[str, BankPreset] = {
    "edges": BankPreset("Edges in four directions", _edges),
    "gabor": BankPreset("Gabor in eight directions", _gabors),
    "waves": BankPreset("Gabor in six wavelengths", _waves),
    "blobs": BankPreset("Blobs of five sizes", _blobs),
}
