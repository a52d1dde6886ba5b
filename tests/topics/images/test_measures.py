"""Measures of maps, against SciPy and brute force, and on maps whose value is known."""

import itertools
from statistics import mean

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.device import generator
from dlcore.topics.images.measures import (
    distance,
    grown,
    inside,
    pointing,
    precision,
    random_maps,
    rank_correlation,
    ranks,
)


def masks_of(count: int, size: int = 12, share: float = 0.1, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, size, size, generator=generator(seed)) < share


def test_a_mask_grows_as_scipys_dilation_with_a_square() -> None:
    from scipy import ndimage

    masks = masks_of(4, share=0.02)
    for mask, found in zip(masks, grown(masks, 2), strict=True):
        square = np.ones((5, 5), bool)
        assert (found.numpy() == ndimage.binary_dilation(mask.numpy(), square)).all()


def test_the_map_that_is_the_object_is_perfect() -> None:
    masks = masks_of(5)
    maps = masks.float()
    assert pointing(maps, masks).all()
    assert inside(maps, masks).tolist() == [1.0] * 5
    assert precision(maps, masks).tolist() == [1.0] * 5


def test_the_map_of_all_but_the_object_is_worthless() -> None:
    masks = torch.zeros(1, 12, 12, dtype=torch.bool)
    masks[0, 4:8, 5:9] = True
    maps = (~grown(masks)).float()
    assert not pointing(maps, masks).any()
    assert inside(maps, masks).item() == precision(maps, masks).item() == 0.0


def test_an_edge_counts_up_to_two_pixels_of_64_outside_and_not_at_all_in_a_digit() -> None:
    for size, reach in ((64, 2), (8, 0), (224, 7)):
        mask = torch.zeros(1, size, size, dtype=torch.bool)
        mask[0, size // 2, size // 2] = True
        spikes = torch.zeros(size, size, size)
        spikes[range(size), size // 2, range(size)] = 1.0
        found = pointing(spikes, mask.expand(size, -1, -1))
        assert found.nonzero().flatten().tolist() == list(range(size // 2 - reach, size // 2 + reach + 1))


def test_a_map_of_zeros_points_nowhere_and_has_nothing_inside() -> None:
    masks = torch.ones(1, 4, 4, dtype=torch.bool)
    assert not pointing(torch.zeros(1, 4, 4), masks).any()
    assert inside(torch.zeros(1, 4, 4), masks).isnan().all()


def test_a_map_that_knows_nothing_scores_the_objects_share_of_the_picture() -> None:
    mask = torch.zeros(32, 32, dtype=torch.bool)
    mask[8:20, 10:24] = True
    masks = mask.expand(4000, -1, -1)
    maps = random_maps((4000, 32, 32), generator(3))
    large, small = grown(mask).float().mean().item(), mask.float().mean().item()
    assert pointing(maps, masks).float().mean().item() == pytest.approx(large, abs=0.025)
    assert inside(maps, masks).mean().item() == pytest.approx(large, abs=0.002)
    assert precision(maps, masks).mean().item() == pytest.approx(small, abs=0.003)


def brute_precision(values: list[int], known: list[bool]) -> float:
    """Over all orders that sort the values: of the first k, those that are known."""
    k = sum(known)
    orders = (
        order
        for order in itertools.permutations(range(len(values)))
        if all(values[a] >= values[b] for a, b in itertools.pairwise(order))
    )
    return mean(sum(known[i] for i in order[:k]) / k for order in orders)


@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6).filter(any),
)
def test_precision_is_the_mean_over_all_ways_to_break_ties(values: list[int], known: list[bool]) -> None:
    found = precision(torch.tensor(values).view(1, 2, 3).float(), torch.tensor(known).view(1, 2, 3))
    assert found.item() == pytest.approx(brute_precision(values, known), abs=1e-6)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20))
def test_ranks_are_scipys(values: list[int]) -> None:
    from scipy import stats

    assert ranks(torch.tensor(values).float()).tolist() == stats.rankdata(values).tolist()


@pytest.mark.parametrize("levels", [3, 1000])
def test_rank_correlation_is_scipys_with_and_without_ties(levels: int) -> None:
    from scipy import stats

    draws = generator(5)
    maps, others = (torch.randint(levels, (6, 9, 7), generator=draws).float() for _ in range(2))
    others = others + maps
    pairs = zip(maps.flatten(1).numpy(), others.flatten(1).numpy(), strict=True)
    expected = [stats.spearmanr(a, b)[0] for a, b in pairs]
    assert rank_correlation(maps, others).tolist() == pytest.approx(expected, abs=1e-12)


def test_only_the_order_counts_for_rank_correlation() -> None:
    maps = random_maps((2, 8, 8), generator(1))
    assert rank_correlation(maps, maps.exp()).tolist() == pytest.approx([1.0, 1.0], abs=1e-12)
    assert rank_correlation(maps, 1 / maps).tolist() == pytest.approx([-1.0, -1.0], abs=1e-12)
    assert rank_correlation(maps, torch.ones(2, 8, 8)).isnan().all()


def test_distance_is_relative_to_the_other_map() -> None:
    maps = torch.randn(3, 2, 4, 4, generator=generator(2))
    assert distance(1.25 * maps, maps).tolist() == pytest.approx([0.25] * 3, abs=1e-6)
    assert distance(torch.zeros_like(maps), maps).tolist() == pytest.approx([1.0] * 3, abs=1e-6)
