"""A layer's sizes, values and costs are those of torch's own modules, of scipy, and of the textbooks."""

from typing import Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from dlcore.topics.convolution import (
    MODES,
    PADDINGS,
    Conv,
    apply,
    explain_size,
    num_multiply_adds,
    num_parameters,
    pad,
    receptive_field,
    remainder,
)
from tests.topics.random_convs import Spec, convs, module, numbers, specs

NumpyMode = Literal["constant", "reflect", "edge", "wrap"]
NUMPY_MODES: dict[str, NumpyMode] = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def length(n: int, k: int, *, stride: int = 1, padding: object = 0, dilation: int = 1, **others: object) -> Conv:
    """A layer along one axis."""
    axis: Spec = {"size": (n,), "kernel": (k,), "stride": (stride,), "dilation": (dilation,), "padding": padding}
    return Conv(**{**axis, "output_padding": (0,), **others})


def loaded(layer: nn.Module, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """The module with these numbers."""
    layer.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return layer


@settings(max_examples=300)
@given(convs(symmetric=True))
def test_values_are_those_of_torchs_modules(conv: Conv) -> None:
    x, weight, bias = numbers(conv)
    expected = loaded(module(vars(conv)), weight, bias)(x)
    assert expected.shape == (conv.out_channels, *conv.output_size)
    torch.testing.assert_close(apply(conv, x, weight, bias), expected, rtol=0, atol=0)


@settings(max_examples=300)
@given(specs(symmetric=True))
def test_layers_are_refused_exactly_where_torch_refuses(spec: Spec) -> None:
    x = torch.zeros(spec["in_channels"], *spec["size"], dtype=torch.float64)
    try:
        expected = module(spec)(x).shape[1:]
    except (RuntimeError, ValueError):
        with pytest.raises(ValueError, match=r"^(kernel|padding|output_padding) is "):
            Conv(**spec)
    else:
        assert Conv(**spec).output_size == expected


def correlated(conv: Conv, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """One map by scipy: the padded input with the kernel, which has zeros where dilation leaves holes."""
    from scipy.signal import correlate

    holed = np.zeros(conv.extent)
    holed[tuple(slice(None, None, d) for d in conv.dilation)] = weight
    ground = np.pad(x, conv.pads, mode=NUMPY_MODES[conv.mode])
    every = correlate(ground, holed, mode="valid", method="direct")
    return every[tuple(slice(None, None, s) for s in conv.stride)]


@settings(max_examples=200)
@given(convs(transposed=False))
def test_values_are_sums_of_scipys_correlations(conv: Conv) -> None:
    x, weight, bias = numbers(conv)
    inputs, outputs = conv.in_channels // conv.groups, conv.out_channels // conv.groups
    for channel, found in enumerate(apply(conv, x, weight, bias)):
        first = channel // outputs * inputs
        pairs = zip(x[first : first + inputs].numpy(), weight[channel].numpy(), strict=True)
        expected = sum(correlated(conv, *pair) for pair in pairs) + (0 if bias is None else bias[channel].item())
        np.testing.assert_array_equal(found, expected)


@settings(max_examples=200)
@given(convs(transposed=False))
def test_padding_is_numpys(conv: Conv) -> None:
    x, *_ = numbers(conv)
    expected = [np.pad(channel, conv.pads, mode=NUMPY_MODES[conv.mode]) for channel in x]
    np.testing.assert_array_equal(pad(conv, x), expected)
    assert pad(conv, x).shape[1:] == conv.padded_size


def test_modes_are_torchs() -> None:
    assert MODES.keys() == NUMPY_MODES.keys()
    with pytest.raises(ValueError, match="padding_mode must be one of") as refused:
        module({**vars(Conv()), "mode": "mirror"})
    assert all(f"'{mode}'" in str(refused.value) for mode in MODES)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@settings(max_examples=200)
@given(convs(transposed=False), st.sampled_from(("same", "valid")))
def test_words_that_torch_knows_mean_what_they_mean_there(conv: Conv, word: str) -> None:
    axes = len(conv.size)
    spec = {**vars(conv), "padding": word, "stride": (1,) * axes, "mode": "zeros", "size": (12,) * axes}
    conv = Conv(**spec)
    x, weight, bias = numbers(conv)
    torch.testing.assert_close(apply(conv, x, weight, bias), loaded(module(spec), weight, bias)(x), rtol=0, atol=0)


@given(st.integers(1, 30), st.integers(1, 9))
def test_words_of_padding_at_stride_1(n: int, k: int) -> None:
    """Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationships 1 to 4."""
    sizes = {word: length(n, k, padding=word).output_size[0] for word in PADDINGS if word != "valid" or k <= n}
    assert sizes.get("valid", n - k + 1) == n - k + 1
    assert sizes["same"] == n
    assert sizes["half"] == (n if k % 2 else n + 1)
    assert sizes["full"] == n + k - 1


@given(st.integers(1, 9), st.integers(1, 4))
def test_same_puts_the_smaller_half_before(k: int, dilation: int) -> None:
    ((before, after),) = length(9, k, padding="same", dilation=dilation).pads
    assert before + after == dilation * (k - 1)
    assert before in (after, after - 1)


def test_padding_is_given_once_for_each_axis_or_for_each_side() -> None:
    for padding, pads in (
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        (((0, 1), (2, 3)), ((0, 1), (2, 3))),
    ):
        assert Conv(padding=padding).pads == pads


def test_sizes_of_the_guides_transposed_examples() -> None:
    """Dumoulin and Visin (2016), figures 4.1 to 4.7: each gives back the size its convolution began with."""
    for n, k, s, p, more, expected in (
        (2, 3, 1, 0, 0, 4),
        (6, 4, 1, 2, 0, 5),
        (5, 3, 1, 1, 0, 5),
        (7, 3, 1, 2, 0, 5),
        (2, 3, 2, 0, 0, 5),
        (3, 3, 2, 1, 0, 5),
        (3, 3, 2, 1, 1, 6),
    ):
        there = length(n, k, stride=s, padding=p, output_padding=(more,), transposed=True)
        back = length(expected, k, stride=s, padding=p)
        assert (there.output_size, back.output_size, remainder(back)) == ((expected,), (n,), (more,))
        assert remainder(there) == (0,)


@given(convs(transposed=False))
def test_the_remainder_can_be_cut_off_and_no_cell_more(conv: Conv) -> None:
    x, weight, bias = numbers(conv)
    kept = tuple(n - left for n, left in zip(conv.padded_size, remainder(conv), strict=True))
    cut = Conv(**{**vars(conv), "size": kept, "padding": 0, "mode": "zeros"})
    ground = pad(conv, x)[(..., *(slice(n) for n in kept))]
    torch.testing.assert_close(apply(cut, ground, weight, bias), apply(conv, x, weight, bias), rtol=0, atol=0)
    assert remainder(cut) == (0,) * len(kept)


@settings(max_examples=200)
@given(convs(symmetric=True))
def test_costs_are_those_that_torch_counts(conv: Conv) -> None:
    x, weight, bias = numbers(conv)
    layer = module(vars(conv))
    with FlopCounterMode(display=False) as counter:
        apply(conv, x, weight, bias)
    assert counter.get_total_flops() == 2 * num_multiply_adds(conv)
    assert num_parameters(conv) == sum(parameter.numel() for parameter in layer.parameters())


def test_alexnets_fifth_convolution() -> None:
    """The lecture gives the layer in one piece; Krizhevsky et al. (2012), section 3.5, had it in two halves."""
    whole = Conv(size=(13, 13), padding=1, in_channels=384, out_channels=256)
    halves = Conv(size=(13, 13), padding=1, in_channels=384, out_channels=256, groups=2)
    assert whole.output_size == halves.output_size == (13, 13)
    assert 256 * 13 * 13 == 43_264
    assert num_parameters(whole) == 884_736
    assert num_multiply_adds(whole) == 149_520_384
    assert num_parameters(halves) == 442_368
    assert num_multiply_adds(halves) == 149_520_384 // 2


def test_operations_of_one_output_value() -> None:
    """Multiplications and additions: 98 for 7×7 but 54 for three 3×3, 50 for 5×5 but 36 for two."""
    once = {k: 2 * num_multiply_adds(Conv(size=(k, k), kernel=(k, k))) for k in (3, 5, 7)}
    assert (once[7], 3 * once[3], once[5], 2 * once[3]) == (98, 54, 50, 36)


@pytest.mark.parametrize(("deep", "field"), [(1, 3), (2, 5), (3, 7)])
def test_small_kernels_in_a_row_see_as_much_as_a_large_one(deep: int, field: int) -> None:
    """Simonyan and Zisserman (2015), section 2.3."""
    assert receptive_field([(3, 1)] * deep) == field == receptive_field([(field, 1)])


def test_a_stride_spreads_the_layers_above_it() -> None:
    assert receptive_field([]) == 1
    assert receptive_field([(3, 2), (3, 1)]) == 7
    assert receptive_field([(3, 1), (3, 2)]) == 5
    assert receptive_field([(11, 4), (3, 2)]) == 19  # AlexNet, up to its first pooling


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2)), max_size=4))
def test_the_receptive_field_is_where_the_gradient_of_one_unit_ends(layers: list[tuple[int, int, int]]) -> None:
    x = y = torch.ones(1, 500, dtype=torch.float64, requires_grad=True)
    seen = []
    for k, stride, dilation in layers:
        conv = length(y.shape[1], k, stride=stride, dilation=dilation)
        y = apply(conv, y, torch.ones(conv.weight_shape, dtype=torch.float64))
        seen.append((conv.extent[0], stride))
    (slope,) = torch.autograd.grad(y[0, 0], x)
    assert receptive_field(seen) == slope.nonzero()[-1, 1] + 1


@pytest.mark.parametrize(
    ("conv", "text"),
    [
        (length(5, 3, padding=1), "⌊(5 + 2·1 − 1·(3 − 1) − 1)/1⌋ + 1 = 5"),
        (length(6, 2, stride=2, padding=((0, 1),), dilation=3), "⌊(6 + 0 + 1 − 3·(2 − 1) − 1)/2⌋ + 1 = 2"),
        (length(5, 3, stride=2, padding=1, transposed=True), "(5 − 1)·2 − 2·1 + 1·(3 − 1) + 0 + 1 = 9"),
    ],
)
def test_the_size_is_explained_with_its_numbers(conv: Conv, text: str) -> None:
    assert explain_size(conv) == text


@given(convs())
def test_what_explains_the_size_is_true_of_every_axis(conv: Conv) -> None:
    as_code = str.maketrans({"⌊": "(", "⌋": ")", "/": "//", "·": "*", "−": "-"})
    lines = explain_size(conv).split("\n")
    for line, size in zip(lines, conv.output_size, strict=True):
        term, _, result = line.partition(" = ")
        found: dict[str, int] = {}
        exec(f"size = {term.translate(as_code)}", found)
        assert found["size"] == int(result) == size


def test_equal_layers_are_one_key() -> None:
    assert len({Conv(), Conv(padding=0), Conv(padding=1)}) == 2
