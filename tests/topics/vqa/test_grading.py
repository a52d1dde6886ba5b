"""Accuracy by type: on answers that are counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.aerial_questions import TYPES
from dlcore.topics.vqa.grading import ROWS, average_of_four, by_type


def test_a_small_table() -> None:
    types = np.array([0, 0, 0, 0, 1, 1, 2, 3, 4])
    right = np.array([1, 1, 1, 0, 1, 0, 1, 0, 1], bool)
    rows = by_type(right, types)
    assert ROWS == ("count", "presence", "comparison", "area", "relation", "AA", "OA")
    assert rows[:5].tolist() == [75, 50, 100, 0, 100]
    assert rows[5] == pytest.approx(65)  # each type counts alike
    assert rows[6] == pytest.approx(100 * 6 / 9)  # each question counts alike
    assert average_of_four(rows) == pytest.approx(56.25)  # without relation


def test_of_a_type_that_was_not_asked_nothing_is_known() -> None:
    rows = by_type(np.array([[True, False], [True, True]]), np.array([1, 1]))
    assert rows[:, 1].tolist() == [50, 100]
    assert np.isnan(rows[:, [0, 2, 3, 4, 5]]).all()
    assert rows[:, 6].tolist() == [50, 100]
    assert np.isnan(by_type(np.empty((3, 0), bool), np.empty(0, int))).all()


@given(answers=st.lists(st.tuples(st.integers(0, len(TYPES) - 1), st.booleans()), min_size=1))
def test_the_overall_accuracy_is_the_types_weighed_by_how_often_they_were_asked(
    answers: list[tuple[int, bool]],
) -> None:
    types, right = (np.array(values) for values in zip(*answers, strict=True))
    rows, counts = by_type(right, types), np.bincount(types, minlength=len(TYPES))
    assert np.nansum(rows[:5] * counts) / counts.sum() == pytest.approx(rows[6])
