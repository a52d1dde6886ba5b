"""How far maps agree, on maps whose likeness is known, and against sets of Python."""

import pytest
import torch

from dlcore.device import generator
from dlcore.topics.saliency.agreement import correlations, overlaps
from dlcore.topics.saliency.measures import random_maps


def maps_of(count: int = 4, size: int = 20) -> torch.Tensor:
    return random_maps((count, size, size), generator(7))


def test_a_map_agrees_with_itself_and_the_table_is_symmetric() -> None:
    for table in (correlations(maps_of()), overlaps(maps_of())):
        assert table.diagonal().tolist() == pytest.approx([1.0] * 4)
        assert torch.equal(table, table.mT)


def test_maps_that_know_nothing_of_one_another_overlap_by_chance() -> None:
    maps = random_maps((40, 32, 32), generator(2))
    apart = ~torch.eye(40, dtype=torch.bool)
    assert overlaps(maps)[apart].mean().item() == pytest.approx(0.1, abs=0.005)
    assert correlations(maps)[apart].abs().mean().item() < 0.04


def test_overlap_is_that_of_the_sets_of_strongest_pixels() -> None:
    maps = maps_of()
    sets = [set(sorted(range(400), key=lambda i: -values[i])[:40]) for values in maps.flatten(1).tolist()]
    expected = [[len(a & b) / 40 for b in sets] for a in sets]
    assert overlaps(maps).tolist() == [pytest.approx(row) for row in expected]
