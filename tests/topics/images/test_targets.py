"""What is explained, and the settings of how."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.device import generator
from dlcore.topics.images.targets import Target, pairs, score, scores
from dlcore.topics.saliency.settings import MethodSettings

LOGITS = torch.randn(4, 5, generator=generator(0))


def test_a_score_is_a_logit_or_how_far_it_is_ahead() -> None:
    assert torch.equal(score(LOGITS, Target(2)), LOGITS[:, 2])
    assert torch.equal(score(LOGITS, Target(2, 4)), LOGITS[:, 2] - LOGITS[:, 4])


def test_the_last_class_counts_like_any_other_where_nothing_is_compared() -> None:
    """−1, which stands for no class, must not be read as the last one."""
    assert torch.equal(score(LOGITS, Target(4)), LOGITS[:, 4])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 4)), min_size=4, max_size=4))
def test_in_a_batch_each_row_has_its_own_target(drawn: list[tuple[int, int]]) -> None:
    targets = [Target(label, None if other in (-1, label) else other) for label, other in drawn]
    together = scores(LOGITS, pairs(targets))
    alone = [score(LOGITS[row : row + 1], target) for row, target in enumerate(targets)]
    assert torch.equal(together, torch.cat(alone))


def test_what_is_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="The class is 5: it must be one of 0 to 4"):
        score(LOGITS, Target(0, 5))
    with pytest.raises(ValueError, match="label is -1"):
        Target(-1)
    with pytest.raises(ValueError, match="another class"):
        Target(3, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_samples", 0),
        ("noise", 1.5),
        ("noise", float("nan")),
        ("seed", -1),
        ("num_steps", 1),
        ("rule", "simpson"),
        ("baseline", "white"),
        ("window", 0),
        ("stride", 11),
        ("regions", "voronoi"),
        ("num_regions", 1),
        ("num_masks", 9),
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        dataclasses.replace(MethodSettings(), **{name: value})


def test_equal_settings_are_one_key() -> None:
    assert len({MethodSettings(), MethodSettings(), MethodSettings(seed=1)}) == 2
