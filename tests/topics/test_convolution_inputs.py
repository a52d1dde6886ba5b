"""The numbers under a window: the same for the same seed, as the menu says, and changed where a hand changed them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import INPUTS, WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.kernels import KERNELS, kernel
from dlcore.topics.pooling import Pool

LAYERS = {
    "plain": Conv(size=(6, 7), kernel=(3, 3)),
    "flat": Conv(size=(7,), kernel=(3,), stride=(2,), dilation=(1,), output_padding=(0,)),
    "grouped": Conv(size=(5, 5), kernel=(3, 3), in_channels=4, out_channels=6, groups=2),
    "transposed": Conv(size=(3, 3), kernel=(3, 2), in_channels=4, out_channels=6, groups=2, transposed=True, bias=True),
}


@pytest.mark.parametrize("image", INPUTS)
@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_every_input_fits_every_layer_and_is_finite(layer: Conv, image: str) -> None:
    numbers = operands(WindowConfig(layer=layer, image=image, bias=2.0 * layer.bias))
    assert numbers.weight is not None
    assert tuple(numbers.x.shape) == (layer.in_channels, *layer.size)
    assert tuple(numbers.weight.shape) == layer.weight_shape
    assert tuple(numbers.grad.shape) == (layer.out_channels, *layer.output_size)
    assert all(torch.isfinite(part).all() for part in numbers if part is not None)
    assert (numbers.bias is not None) == layer.bias


def test_the_same_seed_gives_the_same_numbers_and_another_one_others() -> None:
    config = WindowConfig(image="digits", kernel="random")
    one, same, other = operands(config), operands(config), operands(replace(config, seed=1))
    for a, b, c in zip(one, same, other, strict=True):
        if a is not None and b is not None and c is not None:
            assert torch.equal(a, b)
            assert not torch.equal(a, c)


@pytest.mark.parametrize("name", [name for name in KERNELS if name != "random"])
def test_the_first_output_map_has_the_kernel_of_the_menu(name: str) -> None:
    for layer in (LAYERS["plain"], LAYERS["grouped"]):
        weight = operands(WindowConfig(layer=layer, kernel=name)).weight
        assert weight is not None
        assert torch.equal(weight[0, 0], kernel(name, (3, 3)))


def test_each_output_map_of_a_transposed_layer_has_one_kernel_for_all_its_input_maps() -> None:
    weight = operands(WindowConfig(layer=LAYERS["transposed"], kernel="blur", bias=1.0)).weight
    assert weight is not None
    for group in weight.reshape(2, 2, 3, 3, 2):  # (groups, in, out, rows, cols)
        assert torch.equal(group[0], group[1])
        assert not torch.equal(group[0, 0], group[0, 1])


def test_a_change_by_hand_holds_and_one_outside_of_the_layer_is_left_out() -> None:
    config = WindowConfig(layer=LAYERS["plain"], edits="x0.2.3=7.5, w0.0.1.1=-4, g0.0.0=9, x0.6.0=1, w0=3")
    changed, plain = operands(config), operands(replace(config, edits=""))
    assert changed.weight is not None
    assert plain.weight is not None
    assert (changed.x[0, 2, 3], changed.weight[0, 0, 1, 1], changed.grad[0, 0, 0]) == (7.5, -4, 9)
    assert int((changed.x != plain.x).sum()) == 1
    assert int((changed.weight != plain.weight).sum()) == 1


def test_a_patch_of_a_picture_is_its_middle_in_hundredths() -> None:
    picture = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(3, 24, 24)
    layer = Conv(size=(4, 6), kernel=(3, 3), in_channels=3)
    x = operands(WindowConfig(layer=layer, image="patch", patch=picture.tobytes())).x
    assert np.abs(x.numpy() - picture[:, 10:14, 9:15] / 255).max() <= 0.005
    grey = operands(WindowConfig(layer=replace(layer, in_channels=1), image="patch", patch=picture.tobytes())).x
    assert (
        np.abs(grey[0].numpy() - np.tensordot([0.299, 0.587, 0.114], picture[:, 10:14, 9:15], 1) / 255).max() <= 0.0051
    )


def test_pooling_needs_no_weight() -> None:
    numbers = operands(WindowConfig(layer=Pool(size=(6, 6)), edits="w0.0=1"))
    assert numbers.weight is None
    assert tuple(numbers.grad.shape) == (1, 3, 3)
