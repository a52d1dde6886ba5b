"""A reader's own points: dealt fairly and by the seed, refused in one sentence, written and read without loss."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.points_given import PointsConfig, points_text, read_points_text

RANDOM = torch.rand(91, 2, generator=torch.Generator().manual_seed(0)) * 6 - 3
MANY = PointsConfig(
    points=tuple((round(x, 3), round(y, 3), i % 7 // 3) for i, (x, y) in enumerate(RANDOM.tolist())),
    train_share=0.6,
)
TINY = ((0.0, 1.0, 0), (1.0, 1.0, 0), (2.0, 0.0, 0), (-1.0, 1.0, 1))
coordinates = st.floats(-3, 3).map(lambda value: round(value, 3) + 0.0)
given_points = st.lists(st.tuples(coordinates, coordinates, st.integers(0, 4)), max_size=60).map(tuple)


def test_every_point_is_in_one_split_and_keeps_its_class() -> None:
    splits = MANY.make()
    parts = (splits.train, splits.validation, splits.test)
    assert [len(part.labels) for part in parts] == [MANY.num_train, MANY.num_validation, MANY.num_test] == [55, 18, 18]
    found = [(*point, label) for part in parts for point, label in zip(*map(torch.Tensor.tolist, part), strict=True)]
    expected = [(*torch.tensor(point[:2]).tolist(), point[2]) for point in MANY.points]
    assert sorted(found) == sorted(expected)


def test_each_split_has_its_share_of_each_class() -> None:
    where, labels = MANY.dealt(), torch.tensor([label for *_, label in MANY.points])
    for label in range(3):
        counts = where[labels == label].bincount(minlength=3)
        share = (labels == label).sum() / len(labels)
        for count, size in zip(counts, (MANY.num_train, MANY.num_validation, MANY.num_test), strict=True):
            assert abs(count - share * size) <= 1.5


def test_the_seed_deals_and_sizes_do_not_depend_on_it() -> None:
    deals = [dataclasses.replace(MANY, seed=seed).dealt() for seed in (0, 0, 1)]
    assert torch.equal(deals[0], deals[1])
    assert not torch.equal(deals[0], deals[2])
    assert torch.equal(deals[0].bincount(), deals[2].bincount())


def test_a_point_more_moves_few_others() -> None:
    fewer = dataclasses.replace(MANY, points=MANY.points[:-1])
    assert (MANY.dealt()[:-1] != fewer.dealt()).sum() <= 4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_four_points_are_enough_for_three_splits_and_both_classes_to_learn(share: float, seed: int) -> None:
    splits = PointsConfig(points=TINY, train_share=share, seed=seed).make()
    assert set(splits.train.labels.tolist()) == {0, 1}
    assert len(splits.validation.labels) == len(splits.test.labels) == 1


def test_wrong_labels_are_as_many_as_asked_for_and_only_in_training() -> None:
    clean, noisy = MANY.make(), dataclasses.replace(MANY, label_noise=0.2).make()
    wrong = clean.train.labels != noisy.train.labels
    assert wrong.sum() == round(0.2 * 55)
    assert torch.equal(wrong, noisy.flipped)
    assert torch.equal(clean.test.labels, noisy.test.labels)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"points": TINY[1:]}, r"There are 3 points: there must be from 4 to 2000\."),
        ({"points": TINY[:1]}, r"There is 1 point: "),
        ({"points": TINY * 501}, r"There are 2004 points"),
        ({"points": TINY[:3] * 2}, r"All points are of one class"),
        ({"points": (*TINY, (float("nan"), 0.0, 1))}, r"Point 5: x is nan: it must be a number from -3 to 3\."),
        ({"points": (*TINY, (0.0, 3.5, 1))}, r"Point 5: y is 3\.5: it must be a number from -3 to 3\."),
        ({"points": (*TINY, (0.0, 0.5, 5))}, r"Point 5: the class is 5: it must be a whole number from 0 to 4\."),
        ({"points": (*TINY, (0.0, 0.5))}, r"Point 5 has 2 numbers"),
        ({"points": TINY, "titles": ("a", "b", "c")}, r"titles has 3 names: there are 2 classes\."),
        ({"points": TINY, "train_share": 0.95}, r"train_share is 0\.95"),
        ({"points": TINY, "label_noise": 2}, r"label_noise is 2"),
        ({"points": TINY, "seed": -1}, r"seed is -1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        PointsConfig(**settings)


@given(given_points)
def test_points_survive_the_address(points: tuple[tuple[float, float, int], ...]) -> None:
    assert read_points_text(points_text(points)) == points


def test_an_address_as_one_would_write_it() -> None:
    assert read_points_text(" 0.5, −1.2 ,0;1,2,1; ") == ((0.5, -1.2, 0), (1.0, 2.0, 1))
    assert points_text([(0.5, -1.2, 0), (-0.0, 2.00049, 1)]) == "0.5,-1.2,0; 0,2,1"
    assert read_points_text("") == ()


@given(st.text(max_size=60) | st.text("0123456789.,;-e ", max_size=60))
def test_any_text_is_points_or_one_sentence(text: str) -> None:
    try:
        points = read_points_text(text)
    except ValueError as refused:
        points = str(refused)
    if isinstance(points, str):
        assert points.endswith(".")
        assert points.startswith(("Point ", "There are "))
    else:
        assert all(-3 <= x <= 3 and -3 <= y <= 3 and 0 <= label <= 4 for x, y, label in points)


def test_an_address_has_room_for_sixty() -> None:
    for refuse in (lambda: points_text(TINY * 16), lambda: read_points_text("0,0,0;" * 61)):
        with pytest.raises(ValueError, match="an address has room for 60"):
            refuse()
