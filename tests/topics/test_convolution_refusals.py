"""What a layer cannot be is refused in one sentence: what it is, and what to change."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.topics.convolution import MOST, Conv, apply, explain_size
from tests.topics.random_convs import Spec, possible, specs

LINE: Spec = {"size": (5,), "kernel": (3,), "stride": (1,), "dilation": (1,), "output_padding": (0,)}
UP: Spec = {"transposed": True}

REFUSALS: list[tuple[Spec, str]] = [
    ({"size": (5, 5, 5)}, "size is (5, 5, 5): a layer has one axis or two"),
    ({"size": ()}, "size is (): a layer has one axis or two"),
    ({"size": 5}, "size is 5: a layer has one axis or two"),
    ({"size": (5,)}, "kernel is (3, 3): size is (5,), so give a number for each of its axes"),
    ({"kernel": (3,)}, "kernel is (3,): size is (5, 5)"),
    ({"kernel": 3}, "kernel is 3: size is (5, 5)"),
    ({"stride": (2,)}, "stride is (2,): size is (5, 5)"),
    ({"dilation": (1, 1, 1)}, "dilation is (1, 1, 1): size is (5, 5)"),
    ({**LINE, "output_padding": (0, 0)}, "output_padding is (0, 0): size is (5,)"),
    ({"size": (5, 0)}, f"size is 0: it must be a whole number from 1 to {MOST}"),
    ({"kernel": (0, 3)}, "kernel is 0: it must be a whole number from 1"),
    ({"stride": (1, -1)}, "stride is -1: it must be a whole number from 1"),
    ({"dilation": (0, 1)}, "dilation is 0: it must be a whole number from 1"),
    ({"kernel": (1.5, 3)}, "kernel is 1.5: it must be a whole number"),
    ({"output_padding": (-1, 0), **UP}, "output_padding is -1: it must be a whole number from 0"),
    ({"in_channels": 0}, "in_channels is 0: it must be a whole number from 1"),
    ({"out_channels": True}, "out_channels is True: it must be a whole number from 1"),
    ({"groups": 0}, "groups is 0: it must be a whole number from 1"),
    ({"padding": -1}, "padding is -1: it must be a whole number from 0"),
    ({"padding": (0, -2)}, "padding is -2: it must be a whole number from 0"),
    ({"padding": ((0, -2), (1, 1))}, "padding is -2: it must be a whole number from 0"),
    ({"padding": (1,)}, "padding is (1,): size is (5, 5), so give a number or a pair for each axis"),
    ({**LINE, "padding": (1, 2)}, "padding is (1, 2): size is (5,), so give a number or a pair"),
    ({"padding": ((0, 1, 2), (0, 1))}, "padding has (0, 1, 2): along an axis it is a number, or a pair"),
    ({"padding": 0.5}, "padding has 0.5: along an axis it is a number, or a pair"),
    ({"padding": "SAME"}, "padding is 'SAME': it must be one of valid, half, same, full"),
    ({"mode": "mirror"}, "mode is 'mirror': it must be one of zeros, reflect, replicate, circular"),
    ({"in_channels": 4, "groups": 3}, "groups is 3: it must divide in_channels, 4"),
    ({"in_channels": 4, "out_channels": 6, "groups": 4}, "groups is 4: it must divide out_channels, 6"),
    ({"mode": "reflect", **UP}, "mode is reflect: a transposed layer knows only zeros"),
    ({"output_padding": (0, 1)}, "output_padding is (0, 1): only a transposed layer has it"),
    (
        {"output_padding": (2, 0), "stride": (2, 2), **UP},
        "output_padding is 2: it must be smaller than the stride, 2, or than the dilation, 1",
    ),
    (
        {"kernel": (7, 3), "padding": 5, "mode": "reflect"},
        "padding is 5: in mode reflect an input of 5 cells gives copies for at most 4 on a side; pad less",
    ),
    (
        {"padding": 6, "mode": "circular"},
        "padding is 6: in mode circular an input of 5 cells gives copies for at most 5",
    ),
    (
        {"kernel": (3, 7)},
        "kernel is 7: with dilation 1 it reaches over 7 cells, and the width of the input has 5 with its padding; make",
    ),
    ({"dilation": (3, 1), "padding": ((1, 0), (0, 0))}, "it reaches over 7 cells, and the height of the input has 6"),
    ({**LINE, "kernel": (6,)}, "it reaches over 6 cells, and the length of the input has 5"),
    ({"size": (1, 5), "padding": 2, **UP}, "padding is (2, 2): it cuts off the whole height of the output; make it"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSALS, ids=[sentence[:60] for _, sentence in REFUSALS])
def test_the_impossible_is_refused_in_a_sentence(settings: Spec, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        Conv(**settings)
    assert re.fullmatch(r"\w+ (is|has) [^\n]*\.", str(refused.value))


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel": (7, 7), "padding": 1},
        {"padding": 4, "mode": "reflect"},
        {"padding": 5, "mode": "circular"},
        {"padding": 9, "mode": "replicate"},
        {"output_padding": (1, 1), "dilation": (2, 2), **UP},
        {"size": (1, 1), "padding": 1, **UP},
        {"size": (MOST, MOST)},
    ],
    ids=str,
)
def test_the_utmost_is_allowed(settings: Spec) -> None:
    assert min(Conv(**settings).output_size) >= 1


def broken(spec: Spec) -> st.SearchStrategy[Spec]:
    """The arguments with one of them replaced by something odd."""
    odd = st.sampled_from(
        (-1, 0, 2**40, 1.5, None, "", "half", (), (1,), (1, 1, 1), (0, 0), (None, 1), [1, 1], ((1,),))
    )
    names = [name for name in spec if name not in ("bias", "transposed")]
    return st.tuples(st.sampled_from(names), odd).map(lambda change: {**spec, change[0]: change[1]})


@settings(max_examples=250)
@given(specs().flatmap(broken))
def test_whatever_is_given_makes_a_layer_or_a_sentence(spec: Spec) -> None:
    if possible(spec):  # any other error than a ValueError comes through
        conv = Conv(**spec)
        assert min(conv.output_size) >= 1
        assert hash(conv) == hash(Conv(**spec))
        assert explain_size(conv).count("\n") == len(conv.size) - 1


def test_numbers_must_fit_the_layer() -> None:
    conv = Conv(in_channels=2, out_channels=3)
    x, weight, bias = torch.zeros(2, 5, 5), torch.zeros(3, 2, 3, 3), torch.zeros(3)
    assert apply(conv, x, weight, bias).shape == (3, 3, 3)
    assert apply(conv, x.expand(4, 2, 5, 5), weight, bias).shape == (4, 3, 3, 3)
    with pytest.raises(ValueError, match=r"x has the shape \(2, 5, 6\): this layer needs \(2, 5, 5\)"):
        apply(conv, torch.zeros(2, 5, 6), weight)
    with pytest.raises(ValueError, match=r"weight has the shape \(2, 3, 3, 3\): this layer needs \(3, 2, 3, 3\)"):
        apply(conv, x, weight.transpose(0, 1))
    with pytest.raises(ValueError, match=r"bias has the shape \(2,\): this layer needs \(3,\)"):
        apply(conv, x, weight, torch.zeros(2))
