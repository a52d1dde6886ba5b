"""How far maps agree, on maps whose likeness is known, and against SciPy."""

import pytest
import torch

from dlcore.device import generator
from dlcore.topics.images.measures import random_maps
from dlcore.topics.saliency.agreement import correlations


def maps_of(count: int = 4, size: int = 20) -> torch.Tensor:
    return random_maps((count, size, size), generator(7))


def test_a_map_agrees_with_itself_and_the_table_is_symmetric() -> None:
    table = correlations(maps_of())
    assert table.diagonal().tolist() == pytest.approx([1.0] * 4)
    assert torch.equal(table, table.mT)


def test_maps_that_know_nothing_of_one_another_agree_by_chance_only() -> None:
    table = correlations(random_maps((40, 32, 32), generator(2)))
    assert table[~torch.eye(40, dtype=torch.bool)].abs().mean().item() < 0.04


def test_it_is_scipys_correlation_of_ranks_also_where_many_values_are_equal() -> None:
    from scipy.stats import spearmanr

    maps = maps_of()
    maps[1] = (3 * maps[1]).floor()
    expected, _ = spearmanr(maps.flatten(1).numpy(), axis=1)
    assert correlations(maps).numpy() == pytest.approx(expected, abs=1e-12)


def test_a_constant_map_agrees_with_none() -> None:
    maps = maps_of()
    maps[2] = 0.5
    assert correlations(maps).isnan().tolist() == [[2 in (i, j) for j in range(4)] for i in range(4)]
