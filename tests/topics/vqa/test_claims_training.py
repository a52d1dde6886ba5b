"""What the scene on training says: what is learnt first, and what last. Each test trains a network of its own."""

import numpy as np
import pytest

from dlcore.datasets.aerial_questions import TYPES
from dlcore.ui.vqa_text import WHY
from tests.topics.vqa.claims import chosen, claim, config, near, percent, says, shown

SEEDS = (0, 1, 2)
EARLY = 75  # updates
LEARNT = 70  # percent
YES_OR_NO = ("presence", "comparison")


@pytest.mark.slow
@claim("train")
@pytest.mark.parametrize("seed", SEEDS)
def test_counts_come_last_and_stay_lowest(seed: int) -> None:
    says("train", "Presence and comparison come next, then areas; counts come last, and stay lowest")
    assert chosen("train") == "Count"
    assert config("train").num_scenes == 1000
    steps = shown("train", "step", seed=seed)
    grown = {kind: shown("train", f"accuracy.{kind}", seed=seed) for kind in TYPES}
    when = {
        kind: steps[np.argmax(values > LEARNT)] if values.max() > LEARNT else np.inf for kind, values in grown.items()
    }
    assert max(when[kind] for kind in YES_OR_NO) < when["area"] < when["count"] == np.inf
    ends = {kind: values[-1] for kind, values in grown.items()}
    assert near(ends["count"], 62, within=5)
    assert min(ends[kind] for kind in TYPES if kind != "count") > ends["count"] + 5


@pytest.mark.slow
@claim("train")
@pytest.mark.parametrize("seed", SEEDS)
def test_first_it_learns_which_answers_a_question_can_have(seed: int) -> None:
    says("train", "By step 75 it knows which answers belong to which question, and is as good as a blind one")
    says("train", "Yes or no first reaches one half, then more")
    assert "Which answers a question can have is learnt first, then yes-or-no questions, then areas" in WHY["train"]
    steps = shown("train", "step", seed=seed).tolist()
    early, before = steps.index(EARLY), steps.index(EARLY - 25)
    overall = shown("train", "overall", seed=seed)
    blind = percent("blind", "OA", 0)
    assert overall[0] < 10
    assert overall[before] < blind < overall[early] < blind + 10
    for kind in YES_OR_NO:
        values = shown("train", f"accuracy.{kind}", seed=seed)
        assert near(values[before], 50, within=5)
        assert values[-1] > 80
    for kind in ("count", "area"):
        assert shown("train", f"accuracy.{kind}", seed=seed)[before] < 35
