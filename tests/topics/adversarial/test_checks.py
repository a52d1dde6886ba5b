"""The lesson's self-checks hold for every kind of victim, and notice an attack that does not keep its promise."""

import pytest
from torch import Tensor

from dlcore.topics.adversarial import checks
from dlcore.topics.adversarial.checks import facts
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.pictures import Picture

DIGIT = Victim(picture=Picture(kind="digit", seed=3), model="digits")
EUCLIDEAN = Victim(picture=Picture(kind="digit", seed=5), model="digits", settings=AttackSettings(norm="l2"))


@pytest.mark.parametrize(("victim", "epsilon"), [(Victim(), 4.0), (DIGIT, 96.0), (EUCLIDEAN, 128.0), (DIGIT, 0.0)])
def test_every_attack_keeps_its_promises(victim: Victim, epsilon: float) -> None:
    found = facts(victim, epsilon)
    assert len(found) == 3
    assert all(fact.good for fact in found)
    assert all(fact.sentence.endswith(".") for fact in found)


@pytest.mark.parametrize(("more", "cut", "broken"), [(1e-6, 1, {0, 1}), (1e-6, None, {0, 1, 2})])
def test_a_promise_that_is_broken_is_noticed(
    monkeypatch: pytest.MonkeyPatch, more: float, cut: int | None, broken: set[int]
) -> None:
    right = checks.perturb

    def wrong(*asked: object) -> Tensor:
        moved = right(*asked) + more  # pyright: ignore[reportArgumentType]
        return moved if cut is None else moved.clamp(0, cut)

    monkeypatch.setattr(checks, "perturb", wrong)
    assert {number for number, fact in enumerate(facts(DIGIT, 4.0)) if not fact.good} == broken
