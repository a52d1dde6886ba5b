"""The settings of the transform: what is refused, in which words, and how changes by hand are written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.batchnorm_config import LARGEST, Edit, TransformConfig, read_edits, with_edit, without


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"norm": "instance"}, "norm is 'instance': it must be one of batch, layer, group"),
        ({"mode": "test"}, "mode is 'test'"),
        ({"direction": "back"}, "direction is 'back'"),
        ({"samples": 0}, "samples is 0: it must be a whole number from 1 to 8"),
        ({"features": 7}, "features is 7"),
        ({"eps": 0.0}, "ε is 0.0"),
        ({"momentum": 1.5}, "momentum is 1.5"),
        ({"seen": -1}, "seen is -1"),
        ({"norm": "group", "groups": 3}, "groups is 3: it must divide the number of features, 4"),
        ({"edits": "y0.0=1"}, "is not understood"),
        ({"edits": "x1=1"}, "is not understood"),
        ({"edits": "gamma0.1=1"}, "is not understood"),
        ({"edits": "x0.0=1e9"}, "is too large"),
        ({"edits": ",".join(["x0.0=1"] * 101)}, "at most 100"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        TransformConfig(**settings)
    assert rule in str(refused.value)


def test_groups_matter_to_group_norm_only() -> None:
    assert TransformConfig(norm="batch", groups=3).sets.members == 6


@given(st.sampled_from(["x1.2", "dy0.0", "gamma3", "beta0"]), st.floats(-LARGEST, LARGEST))
def test_a_change_is_read_as_it_was_written(name: str, value: float) -> None:
    (edit,) = read_edits(with_edit("", name, value))
    assert edit.value == pytest.approx(value, rel=1e-9)
    assert str(edit).startswith(name + "=")


def test_a_later_change_of_a_number_takes_the_place_of_the_first() -> None:
    assert with_edit("x0.1=2, gamma1=3", "x0.1", 5) == "gamma1=3, x0.1=5"
    assert read_edits("X0.1 = −2; beta0=1e2") == (Edit("x", (0, 1), -2.0), Edit("beta", (0,), 100.0))
    assert without("x0.1=2, dy0.0=1, gamma0=2", ("x", "dy")) == "gamma0=2"


def test_given_statistics_are_batch_norms_alone() -> None:
    assert TransformConfig(mode="eval").uses_given
    assert not TransformConfig(mode="eval", norm="layer").uses_given
