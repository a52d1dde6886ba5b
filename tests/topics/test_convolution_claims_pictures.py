"""What the scenes on filters and on stacks of layers say, for their own settings and for others of the kind."""

import re

import numpy as np
import pytest

from dlcore.datasets.pictures import picture
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import Conv, num_multiply_adds
from dlcore.topics.filtering import respond
from dlcore.topics.layer_stack import Row, Stack, totals, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.layers import Convolution
from dlcore.topics.stack_checks import compare
from tests.topics.convolution_claims import BY_KEY, answer, claim, filters_of, says, stack_of, values_of

RINGS = 512  # pixels: the wavelength of the rings, times their radius


def known(name: str) -> Stack:
    network = ARCHITECTURES[name]
    return Stack(input=network.input, layers=read_layers(network.text))


def convolutions(stack: Stack) -> list[Row]:
    return [row for row in trace(stack) if isinstance(row.layer, Convolution)]


def answers(**other: float) -> tuple[list[float], np.ndarray]:
    """The orientations in degrees, and each filter's energy (filters, rows, cols), less the picture's own border."""
    filters = filters_of("gabor", **other).filters()
    energy = respond(picture("rings"), filters.kernels).astype(float) ** 2
    within = np.zeros(energy.shape[1:])
    border = filters.kernels.shape[-1] // 2 + 1
    within[border:-border, border:-border] = 1
    degrees = [float(re.findall(r"[\d.]+", title)[0]) for title in filters.titles]
    return degrees, energy * within


def polar(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the picture's middle in pixels, and direction from 0 to 180 degrees, rows counted downwards."""
    rows, cols = (np.arange(n) - (n - 1) / 2 for n in shape)
    down, across = np.meshgrid(rows, cols, indexing="ij")
    return np.hypot(down, across), np.degrees(np.arctan2(down, across)) % 180


@claim("gabor")
@pytest.mark.parametrize("wavelength", [7.0, 8.0, 10.0, 12.0])
def test_each_gabor_kernel_answers_to_the_rings_of_its_direction_and_width(wavelength: float) -> None:
    says("gabor", "Eight Gabor kernels", "one on each side of the centre")
    assert answer("gabor") == "waves of its direction and width"
    degrees, energies = answers(wavelength=wavelength, sigma=wavelength / 2)
    assert degrees == pytest.approx(np.arange(8) * 22.5)
    distance, direction = polar(energies.shape[1:])
    for degree, energy in zip(degrees, energies, strict=True):
        mean = np.average(distance, weights=energy)
        assert mean == pytest.approx(RINGS / wavelength, rel=0.13)
        off = np.abs((direction - degree + 90) % 180 - 90)
        assert np.average(off, weights=energy) < 18  # degrees; 45 where it answers to all alike
        assert energy[off < 45].sum() > 0.95 * energy.sum()
        np.testing.assert_allclose(energy[::-1, ::-1], energy, atol=1e-3)  # both sides of the centre alike


@claim("gabor")
def test_a_gabor_kernels_products_add_up_over_its_own_wave_and_cancel_over_others() -> None:
    says("gabor", "Over the same wave its products add up, over others they mostly cancel")
    own = values_of("gabor")["wavelength"]
    for number, weights in enumerate(filters_of("gabor").filters().kernels.numpy()):
        products = weights * wave(weights.shape, 22.5 * number, own)
        assert products.sum() > 0.9 * np.abs(products).sum()
        others = [(turn, length) for turn in (0, 45, 90) for length in (own, own / 2, 2 * own)][1:]
        for turn, length in others:
            other = weights * wave(weights.shape, 22.5 * number + turn, length)
            assert abs(other.sum()) < 0.4 * products.sum()


def wave(shape: tuple[int, ...], degree: float, wavelength: float) -> np.ndarray:
    """A wave whose stripes follow one another in this direction, with a crest in the middle."""
    down, across = np.mgrid[: shape[0], : shape[1]] - shape[0] // 2
    angle = np.radians(degree)
    return np.cos(2 * np.pi * (across * np.cos(angle) + down * np.sin(angle)) / wavelength)


@claim("small-kernels")
def test_three_3x3_layers_see_as_far_as_one_7x7_and_have_27_weights_for_49() -> None:
    says("small-kernels", "2 cells to the field for 9 weights", "54 operations", "98", "3, 5, 7")
    assert answer("small-kernels") == "27 against 49"
    three, one = stack_of("small-kernels"), known("one-7x7")
    assert three == known("three-3x3")
    assert [row.fields[0].size for row in convolutions(three)] == [3, 5, 7]
    assert trace(one)[-1].fields == trace(three)[-1].fields
    for stack, weights, operations in ((three, 27, 54), (one, 49, 98)):
        assert totals(trace(stack)).num_parameters == weights
        assert 2 * totals(trace(stack)).multiply_adds == operations * 32 * 32
        assert compare(stack).good


@claim("small-kernels")
@pytest.mark.parametrize(("stack", "weights", "wide"), [("two-3x3", 18, 5), ("one-5x5", 25, 5), ("one-7x7", 49, 7)])
def test_the_other_stacks_see_and_cost_what_the_lecture_should_say(stack: str, weights: int, wide: int) -> None:
    rows = trace(known(stack))
    assert (totals(rows).num_parameters, rows[-1].fields[0].size) == (weights, wide)


@claim("conv5")
def test_the_published_conv5_has_half_the_weights_and_connections_of_the_lectures() -> None:
    says("conv5", "884,736", "192 of 384", "149,520,384", "13·13·256 = 43,264", "256 biases")
    assert answer("conv5") == "442,368"
    published, lecture = (convolutions(stack)[4] for stack in (stack_of("conv5"), known("alexnet-whole")))
    assert stack_of("conv5") == known("alexnet")
    assert [row.shape for row in (published, lecture)] == [(256, 13, 13)] * 2
    assert np.prod(published.shape) == 43_264
    assert [row.num_parameters - 256 for row in (published, lecture)] == [442_368, 884_736]
    assert [row.multiply_adds for row in (published, lecture)] == [149_520_384 // 2, 149_520_384]
    assert published.conv is not None
    assert published.conv.weight_shape == (256, 192, 3, 3)
    grouped = Conv(size=(13, 13), padding=1, in_channels=384, out_channels=256, groups=2)
    assert num_multiply_adds(grouped) == published.multiply_adds


@claim("conv5")
def test_conv5_stands_in_layer_13_and_the_other_network_in_the_menu() -> None:
    says("conv5", "Layer 13: 442,368 weights and 256 biases", f"“{ARCHITECTURES['alexnet-whole'].title}”")
    assert convolutions(stack_of("conv5"))[4].index == 13
    assert f"“{ARCHITECTURES['one-7x7'].title}”" in BY_KEY["small-kernels"].look
