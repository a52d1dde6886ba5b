"""Pooling's sizes, values and gradients are torch's; its windows are those of a convolution that keeps maps apart."""

import re
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.pooling import KINDS, Pool, slide_pool, winners
from dlcore.topics.sliding import check
from tests.topics.random_convs import each

MODULES = {
    ("max", 1): nn.MaxPool1d,
    ("max", 2): nn.MaxPool2d,
    ("average", 1): nn.AvgPool1d,
    ("average", 2): nn.AvgPool2d,
}
ROW: dict[str, Any] = {"size": (5,), "kernel": (3,), "stride": (2,), "padding": (1,)}


@st.composite
def specs(draw: st.DrawFn, kind: str = "") -> dict[str, Any]:
    """Arguments of a layer, possible or not."""
    axes = draw(st.integers(1, 2))
    return {
        "size": draw(each(axes, 1, 8)),
        "kernel": draw(each(axes, 1, 4)),
        "stride": draw(each(axes, 1, 4)),
        "padding": draw(each(axes, 0, 2)),
        "kind": kind or draw(st.sampled_from(sorted(KINDS))),
    }


def possible(spec: dict[str, Any]) -> bool:
    try:
        Pool(**spec)
    except ValueError:
        return False
    return True


def pools(kind: str = "") -> st.SearchStrategy[Pool]:
    return specs(kind).filter(possible).map(lambda spec: Pool(**spec))


def module(spec: dict[str, Any]) -> nn.Module:
    return MODULES[spec["kind"], len(spec["size"])](spec["kernel"], spec["stride"], spec["padding"])


def drawn(size: tuple[int, ...], seed: int = 0) -> Tensor:
    """Two maps of few different numbers, so that many are equal."""
    return torch.randint(-2, 3, (2, *size), generator=generator(seed)).double()


def cells_met(
    pool: Pool, x: Tensor, result: int, direction: str = "forward", grad: Tensor | None = None
) -> list[float]:
    shown = slide_pool(pool, x, direction, grad)
    return shown.product[shown.tap_result == result].tolist()


@settings(max_examples=150)
@given(specs())
def test_layers_are_refused_exactly_where_torch_refuses(spec: dict[str, Any]) -> None:
    try:
        expected = module(spec)(drawn(spec["size"]))
    except (RuntimeError, ValueError):
        with pytest.raises(ValueError, match=r"^(kernel|padding) is "):
            Pool(**spec)
    else:
        assert Pool(**spec).output_size == expected.shape[1:]


@settings(max_examples=150)
@given(pools())
def test_values_and_gradients_are_torchs(pool: Pool) -> None:
    x, grad = drawn(pool.size).requires_grad_(), drawn(pool.output_size, 1)
    y = module(vars(pool))(x)
    y.backward(grad)
    assert x.grad is not None
    forward, backward = slide_pool(pool, x), slide_pool(pool, x, "input", grad)
    assert forward.result.ravel().tolist() == y.flatten().tolist()
    assert backward.result.ravel().tolist() == x.grad.flatten().tolist()
    assert max(check(forward), check(backward)) < 1e-14


@settings(max_examples=100)
@given(pools("max"))
def test_the_winner_is_torchs_the_first_of_equal_ones(pool: Pool) -> None:
    x = drawn(pool.size)
    function = F.max_pool2d if len(pool.size) == 2 else F.max_pool1d
    _, index = function(x, pool.kernel, pool.stride, pool.padding, return_indices=True)
    first = torch.arange(2).reshape(2, *[1] * len(pool.size)) * x[0].numel()  # torch counts anew in each map
    assert winners(pool, x).tolist() == (index + first).flatten().tolist()


@settings(max_examples=60)
@given(pools(), st.sampled_from(["forward", "input"]))
def test_all_products_are_a_cell_times_a_weight(pool: Pool, direction: str) -> None:
    shown = slide_pool(pool, drawn(pool.size), direction, drawn(pool.output_size, 1))
    ground, window = shown.ground.ravel()[shown.tap_ground], shown.window.ravel()[shown.tap_window]
    np.testing.assert_array_equal(shown.product, ground * window)
    np.testing.assert_array_equal(shown.window, np.full_like(shown.window, window.max()))
    assert shown.window.shape == (1, *(1, *pool.kernel)[-2:])
    order = list(zip(shown.tap_result, shown.tap_ground, strict=True))
    assert order == sorted(order)


def test_the_largest_wins_and_gets_the_whole_gradient() -> None:
    x = torch.tensor([[[1, 3, 2, 0], [4, 2, 1, 5]]], dtype=torch.float64)
    pool = Pool(size=(2, 4))
    assert slide_pool(pool, x).result.tolist() == [[[4, 5]]]
    assert cells_met(pool, x, 0) == [1, 3, 4, 2]
    back = slide_pool(pool, x, "input", torch.tensor([[[10.0, 20.0]]]).double())
    assert back.result.tolist() == [[[0, 0, 0, 0], [10, 0, 0, 20]]]
    assert back.kind == "sum"


def test_the_mean_shares_the_gradient() -> None:
    x = torch.tensor([[[1, 3, 2, 0], [4, 2, 1, 5]]], dtype=torch.float64)
    pool = Pool(size=(2, 4), kind="average")
    assert slide_pool(pool, x).result.tolist() == [[[2.5, 2]]]
    assert cells_met(pool, x, 0) == [0.25, 0.75, 1, 0.5]
    back = slide_pool(pool, x, "input", torch.tensor([[[10.0, 20.0]]]).double())
    assert back.result.tolist() == [[[2.5, 2.5, 5, 5], [2.5, 2.5, 5, 5]]]
    assert back.kind == slide_pool(pool, x).kind == "mean"


def test_a_cell_may_win_several_windows_that_overlap() -> None:
    x = torch.tensor([[1.0, 2, 9, 3, 4]]).double()
    pool = Pool(**{**ROW, "padding": (0,)})
    back = slide_pool(pool, x, "input", torch.tensor([[10.0, 20.0]]).double())
    assert back.result.tolist() == [[[0, 0, 30, 0, 0]]]
    assert cells_met(pool, x, 2, "input", torch.tensor([[10.0, 20.0]]).double()) == [10, 0, 20]


def test_the_border_of_max_pooling_is_never_the_largest() -> None:
    x = torch.tensor([[-5.0, -4, -3, -2, -1]]).double()
    shown = slide_pool(Pool(**ROW), x)
    assert shown.ground.tolist() == [[[-np.inf, -5, -4, -3, -2, -1, -np.inf]]]
    assert shown.result.tolist() == [[[-4, -2, -1]]]
    assert np.bincount(shown.tap_result).tolist() == [2, 3, 2]
    assert (shown.kind, shown.used.all()) == ("max", True)


def test_the_border_of_average_pooling_counts_as_zeros() -> None:
    x = torch.tensor([[3.0, 6, 9, 12, 15]]).double()
    shown = slide_pool(Pool(**ROW, kind="average"), x)
    assert shown.result.tolist() == [[[3, 9, 9]]]
    assert cells_met(Pool(**ROW, kind="average"), x, 0) == [0, 1, 2]


def test_alexnets_pooling_overlaps() -> None:
    """3×3 windows with stride 2: Krizhevsky et al. (2012), section 3.4."""
    sizes = [Pool(size=(n, n), kernel=(3, 3)).output_size[0] for n in (55, 27, 13)]
    assert sizes == [27, 13, 6]


def test_what_is_equal_everywhere_stays_so() -> None:
    for kind in KINDS:
        shown = slide_pool(Pool(stride=(1, 1), kind=kind), torch.full((1, 4, 4), 7.0).double())
        assert set(shown.result.ravel()) == {7}


REFUSALS = [
    (
        {"padding": (2, 0)},
        "padding is 2, more than half of the window of 2: some window would hold nothing but padding.",
    ),
    ({"padding": 1}, "padding is 1: it must be a whole number for each axis."),
    ({"padding": "half"}, "padding is 'half': it must be a whole number for each axis."),
    ({"padding": ((1, 0), (0, 0))}, "padding is (1, 0): it must be a whole number from 0 to"),
    ({"kind": "median"}, "kind is 'median': it must be one of max, average."),
    ({"kernel": (5, 5)}, "kernel is 5"),
    ({"stride": (2,)}, "stride is (2,)"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSALS, ids=[sentence[:40] for _, sentence in REFUSALS])
def test_the_impossible_is_refused_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Pool(**settings)


def test_pooling_has_no_gradient_to_weights() -> None:
    with pytest.raises(ValueError, match="direction is 'weight': it must be one of forward, input"):
        slide_pool(Pool(), drawn((4, 4)), "weight")
    with pytest.raises(ValueError, match="grad is missing"):
        slide_pool(Pool(), drawn((4, 4)), "input")
    with pytest.raises(ValueError, match=r"x has the shape \(2, 5, 4\): this layer needs \(2, 4, 4\)"):
        slide_pool(Pool(), drawn((5, 4)))
