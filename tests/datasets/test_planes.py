"""The sets of points: their shapes, that a seed says all, and that what is wrong on purpose is as much as was asked."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PLANES, PlaneConfig
from dlcore.datasets.splits import Samples

EVERY = [
    PlaneConfig(name=name, num_classes=classes, noise=0.0, num_train=401)
    for name, plane in PLANES.items()
    for classes in range(2, plane.most_classes + 1)
]
every_set = pytest.mark.parametrize("config", EVERY, ids=[f"{c.name}-{c.num_classes}" for c in EVERY])


@every_set
def test_splits_have_the_sizes_asked_for_and_all_classes_alike(config: PlaneConfig) -> None:
    splits = config.make()
    for samples, size in ((splits.train, 401), (splits.validation, 300), (splits.test, 1000)):
        assert samples.inputs.shape == (size, config.num_features)
        assert samples.inputs.dtype == torch.float32
        assert samples.labels.dtype == torch.int64
        counts = samples.labels.bincount()
        assert len(counts) == config.num_classes
        assert counts.max() - counts.min() <= 1


@every_set
def test_points_lie_in_the_picture_and_the_splits_share_none(config: PlaneConfig) -> None:
    splits = config.make()
    parts = (splits.train, splits.validation, splits.test)
    assert max(part.inputs.abs().max() for part in parts) < PLANES[config.name].reach
    if config.name != "blobs":  # without noise these are their middles
        points = torch.cat([part.inputs for part in parts])
        assert len(points.unique(dim=0)) == len(points)


@every_set
def test_a_nearest_neighbour_knows_the_class_where_there_is_no_noise(config: PlaneConfig) -> None:
    splits = dataclasses.replace(config, num_train=2000).make()
    nearest = torch.cdist(splits.test.inputs, splits.train.inputs).argmin(dim=1)
    assert (splits.train.labels[nearest] == splits.test.labels).float().mean() > 0.995


@pytest.mark.parametrize("name", ["moons", "circles"])
def test_moons_and_circles_are_scikit_learns(name: str) -> None:
    """Every point of one set lies on a curve of the other."""
    from sklearn import datasets

    if name == "moons":
        points, labels = datasets.make_moons(4000, noise=None, random_state=0)
        points = np.asarray(points) - (0.5, 0.25)
    else:
        points, labels = datasets.make_circles(4000, noise=None, random_state=0, factor=0.5)
    ours = PlaneConfig(name=name, noise=0.0).make().test
    theirs = Samples(torch.tensor(points, dtype=torch.float32), torch.tensor(labels))
    for label in (0, 1):
        distances = torch.cdist(ours.inputs[ours.labels == label], theirs.inputs[theirs.labels == label])
        assert distances.amin(dim=1).max() < 0.003


def test_xor_is_the_sign_of_the_product() -> None:
    samples = PlaneConfig(name="xor", noise=0.0).make().test
    assert torch.equal(samples.inputs.prod(dim=1) < 0, samples.labels == 1)
    quadrants = (samples.inputs > 0).long() @ torch.tensor([1, 2])
    assert quadrants.bincount().min() > 200


def test_noise_is_a_standard_deviation() -> None:
    quiet, noisy = (PlaneConfig(noise=noise, num_test=5000).make().test.inputs for noise in (0.0, 0.3))
    assert (noisy - quiet).std().item() == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("share", [0.0, 0.12, 0.5, 1.0])
@pytest.mark.parametrize("num_classes", [2, 4])
def test_the_share_of_wrong_labels_is_exact_and_only_in_training(share: float, num_classes: int) -> None:
    clean = PlaneConfig(name="blobs", num_classes=num_classes, num_train=100, seed=7)
    noisy = dataclasses.replace(clean, label_noise=share)
    before, after = clean.make(), noisy.make()
    wrong = before.train.labels != after.train.labels
    assert wrong.sum() == round(share * 100)
    assert torch.equal(wrong, after.flipped)
    assert torch.equal(before.train.inputs, after.train.inputs)
    assert torch.equal(before.validation.labels, after.validation.labels)
    assert torch.equal(before.test.labels, after.test.labels)


def test_more_wrong_labels_are_the_same_ones_and_more() -> None:
    few, many = (PlaneConfig(num_train=200, label_noise=share).make().flipped for share in (0.1, 0.3))
    assert (many | ~few).all()


def test_more_data_are_the_same_points_and_more() -> None:
    few, many = (PlaneConfig(num_train=size, noise=0.2).make() for size in (50, 300))
    assert torch.equal(many.train.inputs[:50], few.train.inputs)
    assert torch.equal(many.test.inputs, few.test.inputs)


def test_equal_configs_are_made_once_and_another_seed_is_other_points() -> None:
    assert PlaneConfig(seed=3).make() is PlaneConfig(seed=3).make()
    assert not torch.equal(PlaneConfig(seed=3).make().test.inputs, PlaneConfig(seed=4).make().test.inputs)


def test_an_arm_of_a_spiral_turns_one_and_a_third_of_a_round() -> None:
    samples = PlaneConfig(name="spirals", noise=0.0, num_test=5000).make().test
    arm = samples.inputs[samples.labels == 0]
    arm = arm[arm.norm(dim=1).argsort()]
    angle = torch.atan2(arm[:, 1], arm[:, 0])
    steps = torch.diff(angle).remainder(2 * math.pi)
    assert (steps.sum() / (2 * math.pi)).item() == pytest.approx(1.35, abs=0.01)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("name", "donut", "one of moons, circles, blobs, xor, spirals"),
        ("num_classes", 3, "from 2 to 2"),
        ("noise", -0.1, "from 0 to 2"),
        ("label_noise", 1.1, "from 0 to 1"),
        ("num_train", 1, "from 2 to 5000"),
        ("num_test", 6000, "from 2 to 5000"),
        ("seed", -1, "from 0 to"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(field: str, value: object, rule: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field} is .*{rule}.*\.$"):
        PlaneConfig(**{field: value})  # type: ignore[arg-type]
