"""The settings of the lesson on dropout: what both networks share, which steps are shown, what is refused."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.dropout_config import FRAMES, NUM_SEEDS, DropoutConfig, MasksConfig, ScalingConfig


def test_a_and_b_of_one_seed_differ_in_p_alone() -> None:
    config = DropoutConfig(p=0.3, seed=5)
    plain, dropped = config.runs(0.0), config.runs(config.p)
    assert [run.seed for run in plain] == list(range(5, 5 + NUM_SEEDS))
    for a, b in zip(plain, dropped, strict=True):
        assert dataclasses.replace(b, dropout=0.0) == a
        assert a.data.seed == a.seed
    assert config.points == plain[0].data


def test_after_the_last_seed_comes_the_first() -> None:
    assert [run.seed for run in DropoutConfig(seed=2**31 - 2).runs(0.0)] == [2**31 - 2, 2**31 - 1, *range(6)]


@given(st.integers(10, 3000))
def test_the_shown_steps_begin_before_the_first_update_and_end_with_the_last(num_steps: int) -> None:
    steps = DropoutConfig(num_steps=num_steps).steps
    assert (steps[0], steps[-1]) == (0, num_steps)
    assert (np.diff(steps) > 0).all()
    assert len(set(np.diff(steps[:-1]))) <= 1
    assert len(steps) <= 1.5 * FRAMES + 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"data": "stars"}, "data is 'stars'"),
        ({"p": 0.95}, "p is 0.95: it must be a number from 0 to 0.9"),
        ({"width": 65}, "width is 65"),
        ({"depth": 0}, "depth is 0"),
        ({"num_train": 5}, "num_train is 5"),
        ({"noise": 2.0}, "noise is 2.0"),
        ({"label_noise": 0.6}, "label_noise is 0.6"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"num_steps": 5}, "num_steps is 5"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(values: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        DropoutConfig(**values)


@pytest.mark.parametrize("values", [{"num_masks": 1}, {"num_masks": 501}])
def test_masks_that_cannot_be_are_refused(values: dict) -> None:
    with pytest.raises(ValueError, match="num_masks is"):
        MasksConfig(**values)


@pytest.mark.parametrize("values", [{"units": 1}, {"units": 9}, {"p": 1.0}, {"num_masks": 0}, {"seed": -2}])
def test_a_layer_that_cannot_be_is_refused(values: dict) -> None:
    (name,) = values
    with pytest.raises(ValueError, match=f"{name} is "):
        ScalingConfig(**values)
