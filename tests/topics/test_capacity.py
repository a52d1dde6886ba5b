"""The map of widths and sizes: each cell is the mean error of its networks, the cheapest come first."""

import itertools

import numpy as np
import pytest

from dlcore.topics.capacity import EMPTY, CapacityConfig, frames, map_of, num_frames, shapes
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.training import metrics, train

SMALL = CapacityConfig(widths=(1, 3, 8), sizes=(10, 30), num_steps=30, num_seeds=3)


def maps_of(config: CapacityConfig) -> list[dict[str, np.ndarray]]:
    return [{name: np.asarray(array) for name, array in snapshot.arrays.items()} for snapshot in frames(config)]


def test_every_frame_has_one_cell_more() -> None:
    maps = maps_of(SMALL)
    assert len(maps) == num_frames(SMALL) == 7
    for number, arrays in enumerate(maps):
        for name in ("test", "train", "low", "high"):
            assert (arrays[name] != EMPTY).sum() == number, name
    for before, after in itertools.pairwise(maps):
        row, column = after["newest"]
        assert before["test"][row, column] == EMPTY
        assert after["test"][row, column] != EMPTY


def test_what_is_computed_stays() -> None:
    maps = [arrays["test"] for arrays in maps_of(SMALL)]
    for before, after in itertools.pairwise(maps):
        np.testing.assert_array_equal(after[before != EMPTY], before[before != EMPTY])


def test_the_frames_have_the_shapes_that_were_promised() -> None:
    for snapshot in frames(SMALL):
        assert {name: (a.shape, str(a.dtype)) for name, a in snapshot.arrays.items()} == shapes(SMALL)


def test_a_cell_is_the_error_of_networks_trained_for_it_alone() -> None:
    last = maps_of(SMALL)[-1]
    runs = SMALL.cell(3, 30).a()
    assert {run.hidden for run in runs} == {(3, 3)}
    assert {run.data.num_train for run in runs} == {30}
    accuracy = metrics(list(train(runs)), runs).accuracy
    error = 100 * (1 - accuracy["test"][-1])
    found = [last[name][1, 1] for name in ("test", "low", "high")]
    np.testing.assert_allclose(found, [error.mean(), error.min(), error.max()], rtol=1e-5)
    assert last["train"][1, 1] == pytest.approx(100 * (1 - accuracy["train"][-1].mean()), rel=1e-5)


def test_the_smallest_comes_first_and_the_largest_last() -> None:
    newest = [tuple(arrays["newest"].tolist()) for arrays in maps_of(SMALL)]
    assert newest[0] == (-1, -1)
    assert newest[1] == (0, 0)
    assert newest[-1] == (2, 1)
    assert sorted(newest[1:]) == [(row, column) for row in range(3) for column in range(2)]


def test_two_classes_are_not_asked_for_digits() -> None:
    digits = map_of(OverfittingConfig(data="digits", hidden=(16,), num_train=200))
    assert digits.depth == 1
    assert digits.cell(2, 40).a()[0].data.num_classes == 10


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"widths": ()}, "widths"),
        ({"widths": (4, 2)}, "widths"),
        ({"widths": (0,)}, "widths"),
        ({"widths": (1, 1000)}, "widths is 1000"),
        ({"sizes": (5,)}, "sizes is 5"),
        ({"sizes": (10, 10)}, "sizes"),
        ({"depth": 0}, "depth is 0"),
        ({"data": "points"}, "data is 'points'"),
        ({"lr": 0.0}, "lr is 0.0"),
    ],
)
def test_what_cannot_be_is_refused_by_name(values: dict, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        CapacityConfig(**values)
