"""Features of points: each is the function that its title names, and x and y alone leave the points as they are."""

import dataclasses

import pytest
import torch

from dlcore.datasets.features import FEATURES, lift
from dlcore.datasets.planes import PlaneConfig
from dlcore.datasets.points_given import PointsConfig

ALL = tuple(FEATURES)
GIVEN = PointsConfig(points=((0.5, -1.5, 0), (1.0, 2.0, 1), (0.0, 0.25, 0), (-2.0, 1.0, 1), (1.5, 1.5, 1)))


def test_a_point_solved_by_hand() -> None:
    half_pi = torch.pi / 2
    (values,) = lift(torch.tensor([[2.0, half_pi]]), ("x", "y", "xx", "xy", "siny")).tolist()
    assert values == pytest.approx([2.0, half_pi, 4.0, torch.pi, 1.0])
    (values,) = lift(torch.tensor([[torch.pi, 3.0]]), ("yy", "sinx")).tolist()
    assert values == pytest.approx([9.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("config", [PlaneConfig(num_train=20), GIVEN], ids=["moons", "given"])
def test_a_network_is_given_the_features_and_the_points_stay_where_they_are(config: PlaneConfig | PointsConfig) -> None:
    lifted = dataclasses.replace(config, features=ALL)
    assert lifted.num_features == 7
    for split in ("train", "validation", "test"):
        plain, more = getattr(config.make(), split), getattr(lifted.make(), split)
        x, y = plain.inputs.T
        expected = torch.stack([x, y, x**2, y**2, x * y, torch.sin(x), torch.sin(y)], dim=1)
        torch.testing.assert_close(more.inputs, expected)
        assert torch.equal(more.labels, plain.labels)
        assert torch.equal(getattr(lifted.places(), split).inputs, plain.inputs)


@pytest.mark.parametrize(
    ("features", "sentence"),
    [((), "features is empty"), (("x", "z"), "features is 'z'"), (("x", "x"), "only once")],
)
@pytest.mark.parametrize("config", [PlaneConfig(), GIVEN], ids=["moons", "given"])
def test_features_that_there_are_not_are_refused(
    config: PlaneConfig | PointsConfig, features: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(config, features=features)
