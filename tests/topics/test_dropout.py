"""Masks, the two ways to scale, and what both come to on average: held against torch's own dropout and against sums."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlcore.device import generator
from dlcore.topics.dropout import MOST_UNITS, SCALINGS, all_masks, draw_mask, expectation, spread

chances = st.floats(0, 0.9)
outputs = st.lists(st.floats(-5, 5), min_size=1, max_size=7)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_a_mask_holds_zeros_and_ones_and_drops_a_share_p(p: float) -> None:
    mask = draw_mask((400, 500), p, generator(3))
    assert set(mask.unique().tolist()) <= {0.0, 1.0}
    assert float(1 - mask.mean()) == pytest.approx(p, abs=0.005)
    assert torch.equal(mask, draw_mask((400, 500), p, generator(3)))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_scaling_while_training_is_what_nn_dropout_does(p: float) -> None:
    """Given torch's mask, which its output tells, the outputs are torch's; at test torch does nothing."""
    a = torch.linspace(0.5, 3, 1000, dtype=torch.float64)
    theirs = nn.Dropout(p)(a)
    ours = SCALINGS["inverted"].training(a, (theirs != 0).double(), p)
    assert torch.allclose(ours, theirs)
    assert torch.equal(SCALINGS["inverted"].test(a, p), nn.Dropout(p).eval()(a))


@given(outputs, chances)
def test_over_all_masks_both_ways_pass_on_average_what_they_pass_at_test(values: list[float], p: float) -> None:
    a = torch.tensor(values, dtype=torch.float64)
    every = all_masks(len(a), p)
    for name in ("inverted", "lecture"):
        way = SCALINGS[name]
        mean = expectation(way.training(a, every.masks, p), every.chances)
        assert torch.allclose(mean, way.test(a, p), atol=1e-12)


@given(outputs, st.floats(0.05, 0.9))
def test_without_scaling_the_test_passes_too_much_by_one_over_one_minus_p(values: list[float], p: float) -> None:
    a = torch.tensor(values, dtype=torch.float64)
    every, way = all_masks(len(a), p), SCALINGS["none"]
    mean = expectation(way.training(a, every.masks, p), every.chances)
    assert torch.allclose(mean / (1 - p), way.test(a, p), atol=1e-12)


@given(st.integers(1, 9), chances)
def test_all_masks_are_listed_once_each_and_are_as_likely_as_binomial_says(count: int, p: float) -> None:
    every = all_masks(count, p)
    assert sorted(map(tuple, every.masks.tolist())) == sorted(itertools.product((0.0, 1.0), repeat=count))
    assert float(every.chances.sum()) == pytest.approx(1)
    kept = every.masks.sum(dim=1).numpy()
    assert float(every.chances @ torch.from_numpy(kept)) == pytest.approx(count * (1 - p))
    for k in range(count + 1):
        likely = math.comb(count, k) * (1 - p) ** k * p ** (count - k)
        assert float(every.chances[torch.from_numpy(kept == k)].sum()) == pytest.approx(likely, abs=1e-9)


def test_too_many_units_to_list_are_refused() -> None:
    with pytest.raises(ValueError, match=f"num_units is {MOST_UNITS + 1}: at most {MOST_UNITS}"):
        all_masks(MOST_UNITS + 1, 0.5)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=6), chances)
def test_the_spread_is_that_of_z_over_all_masks(pairs: list[tuple[float, float]], p: float) -> None:
    a, w = torch.tensor(pairs, dtype=torch.float64).T
    every = all_masks(len(a), p)
    z = SCALINGS["inverted"].training(a, every.masks, p) @ w
    variance = float(expectation(z**2, every.chances) - expectation(z, every.chances) ** 2)
    assert spread(a, w, p) == pytest.approx(np.sqrt(max(variance, 0)), abs=1e-5)
