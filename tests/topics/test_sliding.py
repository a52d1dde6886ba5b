"""Layers and their gradients are what one window finds that slides over one ground; torch computes them otherwise."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.convolution import Conv, apply, pad, remainder
from dlcore.topics.sliding import BETWEEN, BORDER, DIRECTIONS, Slide, check, slide
from dlcore.topics.taps import taps, uncovered
from tests.topics.random_convs import convs, numbers

directions = st.sampled_from(DIRECTIONS)


def upstream(conv: Conv, seed: int = 1) -> Tensor:
    """∂E/∂y in small whole numbers."""
    return torch.randint(-3, 4, (conv.out_channels, *conv.output_size), generator=generator(seed)).double()


def slid(conv: Conv, direction: str = "forward", *, flip: bool = False) -> Slide:
    return slide(conv, *numbers(conv), direction, upstream(conv), flip)


def flat(tensor: Tensor) -> list[float]:
    return tensor.detach().flatten().tolist()


@settings(max_examples=250)
@given(convs(), directions, st.booleans())
def test_the_products_add_up_to_torchs_numbers(conv: Conv, direction: str, flip: bool) -> None:
    assert check(slid(conv, direction, flip=flip)) == 0  # whole numbers: exact in whatever order


@settings(max_examples=80)
@given(convs(), st.booleans())
def test_the_result_is_the_layer_or_its_gradient(conv: Conv, flip: bool) -> None:
    x, weight, bias = (None if each is None else each.requires_grad_() for each in numbers(conv))
    assert x is not None
    assert weight is not None
    turned = weight.flip(tuple(range(2, weight.ndim))) if flip else weight
    y = apply(conv, x, turned, bias)
    y.backward(upstream(conv))
    assert x.grad is not None
    assert weight.grad is not None
    assert slid(conv, flip=flip).result.ravel().tolist() == flat(y)
    assert slid(conv, "input", flip=flip).whole.tolist() == flat(x.grad)
    assert slid(conv, "weight", flip=flip).result.ravel().tolist() == flat(weight.grad)


@settings(max_examples=80)
@given(convs(), directions, st.booleans())
def test_one_correlation_of_the_ground_with_the_window_gives_every_result(
    conv: Conv, direction: str, flip: bool
) -> None:
    """Map by map, at every place of the ground; which of these places count, and in which order, are strides."""
    one = Conv(**{**vars(conv), "in_channels": 1, "out_channels": 1, "groups": 1, "bias": False})
    shown = slid(one, direction, flip=flip)
    ground, window = torch.from_numpy(shown.ground), torch.from_numpy(shown.window)
    everywhere = F.conv2d(ground[None], window[None], dilation=shown.hole)[0, 0]
    stride = {"forward": (1, 1), "input": (1, 1), "weight": (1, *one.dilation)[-2:]}[direction]
    if (direction == "forward") != one.transposed and direction != "weight":
        stride = (1, *one.stride)[-2:]
    met = everywhere[:: stride[0], :: stride[1]][: shown.result.shape[1], : shown.result.shape[2]]
    backwards = direction == "weight" and flip
    torch.testing.assert_close(met.flip(0, 1) if backwards else met, torch.from_numpy(shown.result[0]), rtol=0, atol=0)


@settings(max_examples=60)
@given(convs(transposed=False, symmetric=True))
def test_the_gradient_to_the_input_is_the_transposed_convolution(conv: Conv) -> None:
    """With the remainder as output padding, for the cells behind the last window have to be there, too."""
    zeros = Conv(**{**vars(conv), "mode": "zeros"})
    _, weight, _ = numbers(zeros)
    function = F.conv_transpose2d if len(zeros.size) == 2 else F.conv_transpose1d
    pads = tuple(before for before, _ in zeros.pads)
    grad = function(upstream(zeros), weight, None, zeros.stride, pads, remainder(zeros), zeros.groups, zeros.dilation)
    assert slid(zeros, "input").result.ravel().tolist() == flat(grad)


@settings(max_examples=60)
@given(convs())
def test_forward_taps_are_the_layers(conv: Conv) -> None:
    """Without those on zeros, and each named by the cells of the layer's own tensors."""
    shown, expected = slid(conv), taps(conv)
    cell, weight = shown.source.ravel()[shown.tap_ground], shown.window_source.ravel()[shown.tap_window]
    read = cell >= 0
    ours = np.stack([shown.tap_result[read], cell[read], weight[read]])
    theirs = np.stack([expected.output, expected.input, expected.weight])
    assert sorted(zip(*ours.tolist(), strict=True)) == sorted(zip(*theirs.tolist(), strict=True))


@settings(max_examples=60)
@given(convs(), directions, st.booleans())
def test_taps_are_dense_and_in_order(conv: Conv, direction: str, flip: bool) -> None:
    """Every cell of the result has the same number of them: those on zeros are there, too."""
    shown = slid(conv, direction, flip=flip)
    order = list(zip(shown.tap_result.tolist(), shown.tap_ground.tolist(), strict=True))
    assert order == sorted(order)
    assert set(shown.tap_result) == set(range(shown.result.size))
    assert len(set(np.bincount(shown.tap_result))) == 1
    product = shown.ground.ravel()[shown.tap_ground] * shown.window.ravel()[shown.tap_window]
    np.testing.assert_array_equal(shown.product, product)
    used = np.bincount(shown.tap_ground % shown.border.size, minlength=shown.border.size) > 0
    np.testing.assert_array_equal(shown.used.ravel(), used)


@settings(max_examples=60)
@given(convs(), directions, st.booleans())
def test_every_cell_tells_where_it_comes_from(conv: Conv, direction: str, flip: bool) -> None:
    x, weight, _ = numbers(conv)
    tensors = {"x": x, "w": weight, "∂E/∂y": upstream(conv)}
    shown = slid(conv, direction, flip=flip)
    ground, window = (tensors[name].flatten().numpy() for name in shown.names[:2])
    own = shown.source >= 0
    np.testing.assert_array_equal(shown.ground[own], ground[shown.source[own]])
    assert not shown.ground[~own].any()
    assert set(shown.source[~own]) <= {BORDER, BETWEEN}
    assert (shown.source[:, ~shown.border] != BORDER).all()
    np.testing.assert_array_equal(shown.window, window[shown.window_source])
    assert sorted(shown.window_source.ravel()) == list(range(len(window)))


@settings(max_examples=40)
@given(convs(transposed=False))
def test_a_convolutions_ground_is_its_padded_input(conv: Conv) -> None:
    x, _, _ = numbers(conv)
    for direction in ("forward", "weight"):
        shown = slid(conv, direction)
        assert shown.ground.ravel().tolist() == flat(pad(conv, x))
        assert shown.border.size - shown.border.sum() == np.prod(conv.size)
        assert shown.names[0] == "x"
    if conv.mode == "zeros":
        inside = shown.used[~shown.border].reshape(conv.size)
        assert not (inside & uncovered(conv)).any()
        np.testing.assert_array_equal(slid(conv).used[~shown.border].reshape(conv.size), ~uncovered(conv))


def test_a_product_that_is_wrong_is_found() -> None:
    for direction in DIRECTIONS:
        shown = slid(Conv(padding="half", in_channels=2, out_channels=2), direction)
        wrong = shown.product.copy()
        wrong[7] += 0.5
        assert check(replace(shown, product=wrong)) == 0.5


def test_what_is_given_stays_as_it_is_and_what_is_shown_is_float64() -> None:
    conv = Conv(padding="half", bias=True)
    x, weight, bias = numbers(conv)
    assert bias is not None
    x, weight, bias = x.float(), weight.float(), bias.float()
    for direction in DIRECTIONS:
        shown = slide(conv, x, weight, bias, direction, upstream(conv).float())
        assert not x.requires_grad
        assert not weight.requires_grad
        arrays = [getattr(shown, field.name) for field in fields(shown)]
        kinds = {array.dtype.name for array in arrays if isinstance(array, np.ndarray)}
        assert kinds == {"float64", "int64", "bool"}


def test_true_convolution_is_scipys() -> None:
    from scipy.signal import convolve2d

    conv = Conv(size=(6, 5), kernel=(3, 2))
    x, weight, _ = numbers(conv)
    np.testing.assert_array_equal(slid(conv, flip=True).result[0], convolve2d(x[0], weight[0, 0], mode="valid"))


def test_the_kernel_is_turned_once_or_not_at_all() -> None:
    """The gradient turns it, and so does true convolution: both together let it slide as it is."""
    _, weight, _ = numbers(Conv())
    as_it_is, turned = weight[0].numpy(), weight[0].flip(1, 2).numpy()
    shown = {(d, flip): slid(Conv(), d, flip=flip).window for d in ("forward", "input") for flip in (False, True)}
    np.testing.assert_array_equal(shown["forward", False], as_it_is)
    np.testing.assert_array_equal(shown["forward", True], turned)
    np.testing.assert_array_equal(shown["input", False], turned)
    np.testing.assert_array_equal(shown["input", True], as_it_is)


@pytest.mark.parametrize("direction", ["input", "weight"])
def test_a_gradient_needs_the_one_above_it(direction: str) -> None:
    conv = Conv()
    with pytest.raises(ValueError, match="grad is missing: a gradient begins with ∂E/∂y"):
        slide(conv, *numbers(conv), direction)
    with pytest.raises(ValueError, match=r"grad is of shape \(1, 2, 3\): .* the output's shape \(1, 3, 3\)"):
        slide(conv, *numbers(conv), direction, torch.zeros(1, 2, 3, dtype=torch.float64))


def test_there_are_three_directions() -> None:
    with pytest.raises(ValueError, match="direction is 'backward': it must be one of forward, input, weight"):
        slid(Conv(), "backward")
