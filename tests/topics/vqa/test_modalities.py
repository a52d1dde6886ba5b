"""Shapley values of two players: what every share must fulfil, and players who add nothing."""

from itertools import permutations

import pytest

from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.fusions import BLIND, DEAF, FUSIONS
from dlcore.topics.vqa.modalities import VALUES, ModalitiesConfig, modalities
from tests.topics.vqa.given import first, village

EVERY = pytest.mark.parametrize("value", VALUES)


@EVERY
@pytest.mark.parametrize("model", FUSIONS)
def test_shares_are_the_mean_over_who_comes_first(model: str, value: str) -> None:
    found = modalities(ModalitiesConfig(asked=Asked(sight=first(village), model=model), value=value))
    worth = {
        frozenset(): found.nothing,
        frozenset({"picture"}): found.picture,
        frozenset({"question"}): found.question,
        frozenset({"picture", "question"}): found.both,
    }
    shares = dict.fromkeys(("picture", "question"), 0.0)
    orders = list(permutations(shares))
    for order in orders:
        for place, player in enumerate(order):
            shares[player] += (worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]) / len(orders)
    assert (found.from_picture, found.from_question) == pytest.approx((shares["picture"], shares["question"]))
    assert found.from_picture + found.from_question == pytest.approx(found.both - found.nothing)


@EVERY
def test_who_is_not_heard_gets_nothing(value: str) -> None:
    blind, deaf = (
        modalities(ModalitiesConfig(asked=Asked(sight=first(village), model=model), value=value))
        for model in (BLIND, DEAF)
    )
    assert blind.from_picture == pytest.approx(0, abs=1e-6)
    assert deaf.from_question == pytest.approx(0, abs=1e-6)


def test_with_both_it_is_the_answers_chance() -> None:
    asked = Asked(sight=first(village), model="attention")
    assert modalities(ModalitiesConfig(asked=asked)).both == pytest.approx(float(asked.chances().max()), abs=1e-6)
    chosen = modalities(ModalitiesConfig(asked=asked, answer="left")).both
    assert chosen == pytest.approx(float(asked.chances()[ModalitiesConfig(asked=asked, answer="left").place]), abs=1e-6)


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="answer is 'eleven'"):
        ModalitiesConfig(answer="eleven")
    with pytest.raises(ValueError, match="value is 'loss'"):
        ModalitiesConfig(value="loss")
