"""What the scenes on kernels, borders and maps say comes out, for their own numbers and for others of the kind."""

import numpy as np
import pytest
import torch

from dlcore.numerals import digits
from dlcore.topics.convolution import Conv, apply, num_multiply_adds
from dlcore.topics.convolution_facts import facts
from dlcore.topics.kernels import kernel
from tests.topics.convolution_claims import SEEDS, answer, claim, conv_of, drawn, numbers, says, under, weights, window


@claim("impulse")
def test_an_impulse_gives_the_kernel_turned_and_true_convolution_turns_it_back() -> None:
    says("impulse", "turned by 180°", "gives the kernel back")
    assert answer("impulse") == "the kernel turned by 180°"
    shown = weights("impulse")[0, 0].numpy()
    assert not np.array_equal(shown, shown[::-1, ::-1])  # the two can be told apart
    for size in (5, 7, 9):
        middle = slice(size // 2 - 1, size // 2 + 2)
        for turn, expected in (("correlation", shown[::-1, ::-1]), ("convolution", shown)):
            result = window("impulse", size=size, turn=turn).result[0]
            np.testing.assert_array_equal(result[middle, middle], expected)
            assert np.count_nonzero(result) == np.count_nonzero(expected)


@claim("impulse")
def test_correlation_is_the_sum_that_is_written_and_its_last_weight_reaches_the_impulse_first() -> None:
    says("impulse", "y[i, j] = Σ w[k, l] x[i + k, j + l]", "the window's last cell reaches the 1 first")
    for seed in SEEDS:
        x, w = drawn(seed, (1, 6, 6), (1, 1, 3, 3))
        y = apply(Conv(size=(6, 6)), x, w)[0]
        for i, j in np.ndindex(4, 4):
            assert y[i, j] == pytest.approx(sum(w[0, 0, k, m] * x[0, i + k, j + m] for k, m in np.ndindex(3, 3)))
    slide = window("impulse")
    lit = np.flatnonzero(slide.ground.flat[slide.tap_ground] == 1)
    assert slide.window_source.flat[slide.tap_window[lit]].tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 0]


@claim("edges")
def test_sobel_answers_at_the_edge_and_at_the_right_border_alone() -> None:
    says("edges", "left column of weights is the right one's negative", "y[3, 5]: it cancels", "y[3, 6], at the border")
    assert answer("edges") == "at the edge and the right border"
    w = weights("edges")[0, 0]
    assert torch.equal(w[:, 0], -w[:, 2])
    assert (w[:, 1] == 0).all()
    for size in range(5, 16):
        bright = numbers("edges", size=size).x[0, 0]
        edge = int(bright.argmax())
        assert bright.tolist() == [0.0] * edge + [1.0] * (size - edge)
        for result in window("edges", size=size).result[0]:
            assert np.flatnonzero(result).tolist() == [edge - 1, edge, size - 1]
    slide = window("edges")
    assert slide.result[0, 3].tolist() == [0, 0, 4, 4, 0, 0, -4]
    products = slide.product[slide.tap_result == 3 * 7 + 5]
    assert (products.sum(), np.abs(products).sum()) == (0, 8)


@claim("edges")
def test_with_no_zeros_around_the_right_border_is_silent() -> None:
    says("edges", "Padding with zeros makes an edge of its own")
    assert np.flatnonzero(window("edges", mode="replicate").result[0, 3]).tolist() == [2, 3]


@claim("border")
def test_a_blur_of_ones_is_4_9ths_in_the_corners_6_9ths_along_the_sides_and_1_within() -> None:
    says("border", "Five of the corner's nine", "4/9", "6/9")
    assert answer("border") == digits(4 / 9) == "0.444"
    for size in (3, 7, 12):
        ninths = 9 * window("border", size=size).result[0]
        along = np.array([2, *[3] * (size - 2), 2])
        np.testing.assert_allclose(ninths, np.outer(along, along))
    slide = window("border")
    assert slide.border[under(slide, 0, 0)].sum() == 5
    np.testing.assert_allclose(window("border", mode="replicate").result, 1)


@claim("border")
def test_every_further_blur_dims_one_ring_more() -> None:
    says("border", "dims one ring more")
    conv, w = conv_of("border", size=13), weights("border")
    y = torch.ones(1, 13, 13, dtype=torch.float64)
    for rings in range(1, 6):
        y = apply(conv, y, w)
        within = slice(rings, 13 - rings)
        np.testing.assert_allclose(y[0, within, within], 1)
        assert int((y < 1 - 1e-9).sum()) == 169 - (13 - 2 * rings) ** 2


@claim("pointwise")
def test_a_1x1_layer_is_the_same_matrix_at_every_place() -> None:
    says("pointwise", "2×4 matrix", "four products, one for each map, all at the same place")
    assert answer("pointwise") == "mix the maps at every place"
    for seed in SEEDS:
        (x, w, _, _), slide = numbers("pointwise", seed=seed), window("pointwise", seed=seed)
        assert w is not None
        matrix = w.reshape(2, 4).numpy()
        np.testing.assert_allclose(slide.result.reshape(2, 25), matrix @ x.reshape(4, 25).numpy(), atol=1e-12)
        assert np.linalg.matrix_rank(matrix) == 2  # no map is left out, nor is one the other's multiple
    taps = window("pointwise").tap_ground.reshape(50, 4)
    maps, places = np.divmod(taps, 25)
    assert (maps == [0, 1, 2, 3]).all()
    assert (places == places[:, :1]).all()


@claim("depthwise")
def test_a_kernel_a_map_and_a_1x1_cost_0_28_of_the_full_layer() -> None:
    says("depthwise", "6·6·9 = 324", "6·9 = 54", "6·6 = 36", "1/9 + 1/6 = 0.28")
    assert answer("depthwise") == "about a quarter"
    apart, full = conv_of("depthwise"), conv_of("depthwise", groups=1)
    mixing = Conv(size=(5, 5), kernel=(1, 1), in_channels=6, out_channels=6)
    costs = [num_multiply_adds(layer) // 25 for layer in (full, apart, mixing)]
    assert costs == [324, 54, 36]
    assert digits(round((54 + 36) / 324, 2), 2) == "0.28"
    told = next(fact for fact in facts(apart) if fact.label == "Groups").lines
    assert "8,100 multiply-adds, 6 times as many" in told[0]
    assert "2,250, 0.28 of the full layer" in told[1]


@claim("depthwise")
def test_with_many_maps_the_cost_comes_near_a_ninth() -> None:
    says("depthwise", "near a ninth")
    shares = []
    for maps in (6, 16, 64, 256, 1024):
        layers = [Conv(in_channels=maps, out_channels=maps, groups=groups) for groups in (1, maps)]
        mixing = Conv(size=(3, 3), kernel=(1, 1), in_channels=maps, out_channels=maps)
        full, apart, one = map(num_multiply_adds, (*layers, mixing))
        shares.append((apart + one) / full)
        assert shares[-1] == pytest.approx(1 / 9 + 1 / maps)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(1 / 9, rel=0.01)


@claim("depthwise")
def test_with_as_many_groups_as_maps_each_map_has_a_kernel_of_its_own() -> None:
    says("depthwise", "one kernel a map")
    conv = conv_of("depthwise")
    assert conv.weight_shape == (6, 1, 3, 3)
    x, w = drawn(0, (6, 5, 5), conv.weight_shape)
    for number in range(6):
        one = apply(Conv(size=(5, 5), padding="half"), x[number : number + 1], w[number : number + 1])
        torch.testing.assert_close(apply(conv, x, w)[number : number + 1], one)


def test_the_kernels_in_the_scenes_are_those_that_their_words_are_about() -> None:
    for key, name in (("impulse", "emboss"), ("edges", "sobel-x"), ("border", "blur")):
        assert torch.equal(weights(key)[0, 0], kernel(name, (3, 3)))
