"""Distances in feature space: the algebra on points drawn here, and what they say of areas and pictures."""

import numpy as np
import pytest
import torch

from dlcore.device import generator
from dlcore.topics.vqa.distance import distance, fitted
from dlcore.topics.vqa.sets import OTHER_AREA
from dlcore.topics.vqa.sight import Sight, own
from tests.topics.vqa.given import noise

POINTS = torch.randn(50, 4, generator=generator(1), dtype=torch.float64) @ torch.tensor(
    [[3.0, 0, 0, 0], [1, 0.1, 0, 0], [0, 0, 1, 0], [2, 0, 0, 7]], dtype=torch.float64
)
OTHERS = 5 * torch.randn(9, 4, generator=generator(2), dtype=torch.float64)


def test_it_is_mahalanobis_distance() -> None:
    from scipy.spatial.distance import mahalanobis

    found = fitted(POINTS, shrinkage=0).distances(OTHERS)
    inverse = np.linalg.inv(np.cov(POINTS.numpy().T))
    middle = POINTS.mean(dim=0).numpy()
    expected = [mahalanobis(point, middle, inverse) / 4**0.5 for point in OTHERS.numpy()]
    assert found.numpy() == pytest.approx(np.array(expected))


def test_units_do_not_matter_unless_it_is_shrunk() -> None:
    """An affine map of all points changes no Mahalanobis distance."""
    turned = torch.randn(4, 4, generator=generator(3), dtype=torch.float64)
    plain, mapped = (
        fitted(points, shrinkage=0).distances(others)
        for points, others in (
            (POINTS, OTHERS),
            (POINTS @ turned + 3, OTHERS @ turned + 3),
        )
    )
    assert torch.allclose(plain, mapped)


def test_the_clouds_own_points_are_one_away_on_average() -> None:
    squares = fitted(POINTS, shrinkage=0).distances(POINTS).square()
    assert float(squares.mean()) == pytest.approx(49 / 50)


def test_wholly_shrunk_it_is_euclids_distance_in_a_unit() -> None:
    found = fitted(POINTS, shrinkage=1).distances(OTHERS)
    lengths = (OTHERS - POINTS.mean(dim=0)).norm(dim=1)
    assert found / lengths == pytest.approx(torch.full((9,), float(found[0] / lengths[0]), dtype=torch.float64))


def test_fewer_points_than_features_are_enough_when_shrunk() -> None:
    assert fitted(POINTS[:3], shrinkage=0.1).distances(OTHERS).isfinite().all()


def test_the_other_area_is_farther_and_what_is_no_scene_farther_still() -> None:
    near = distance(Sight(seed=0))
    assert near.own_area.median < near.own_area.p95 < near.other_area.p95
    assert near.own_area.p95 < near.other_area.median
    own_area, other_area = (
        [distance(Sight(seed=seed, domain=domain)) for seed in range(20)] for domain in (0.0, OTHER_AREA)
    )
    assert sum(found.far for found in own_area) <= 4
    assert sum(found.far for found in other_area) >= 14
    strange = distance(own(noise()))
    assert strange.value > 2 * near.other_area.p95
    assert strange.far
    assert strange.farther == 0


def test_the_share_that_is_farther_falls_with_the_distance() -> None:
    found = sorted(distance(Sight(seed=seed)) for seed in range(12))
    assert [one.farther for one in found] == sorted((one.farther for one in found), reverse=True)
    assert all(0 <= one.farther <= 1 for one in found)
    assert all(one.farther <= 0.05 for one in found if one.far)
