"""Who is asked what, what is true, and what an answer is worth."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.asked import ILLOGICAL, LOGICAL, RIGHT, UNKNOWN, Asked
from dlcore.topics.vqa.fusions import BLIND, DEAF, FUSIONS
from dlcore.topics.vqa.sight import Sight, own
from tests.topics.vqa.given import first, graph_of, noise, village


@pytest.mark.parametrize("model", FUSIONS)
def test_chances_are_the_networks(model: str) -> None:
    asked = Asked(sight=first(village), model=model, seed=1)
    with torch.no_grad():
        logits = shipped.answerer(model, 1)(asked.sight.features(), asked.ids)[0].double()
    expected = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum()
    assert asked.chances() == pytest.approx(expected, abs=1e-6)
    assert asked.answer == ANSWERS[int(expected.argmax())]


def test_the_truth_is_what_is_in_the_scene_now() -> None:
    sight = first(village)
    houses = graph_of(sight).count("house")
    assert Asked(sight=sight).truth == str(houses)
    assert Asked(sight=replace(sight, edits="remove house 1")).truth == str(houses - 1)
    assert Asked(sight=replace(sight, grey=True)).truth == str(houses)
    assert Asked(sight=sight, question="Are there any boats?").truth == "no"
    assert Asked(sight=replace(sight, edits="add boat 40 40"), question="are there no boats").truth == "no"


@pytest.mark.parametrize(
    "question", ["HOW many   houses are there?", " how many houses, are there ", "How many houses are there"]
)
def test_the_way_of_writing_does_not_matter(question: str) -> None:
    plain, asked = Asked(), Asked(question=question)
    assert asked.query == plain.query
    assert np.array_equal(asked.chances(), plain.chances())


def test_nobody_knows_what_no_graph_or_no_grammar_knows() -> None:
    unknown = [Asked(sight=own(noise())), Asked(question="how many zebras are there"), Asked(question="houses")]
    for asked in unknown:
        assert asked.truth is None
        assert asked.outcome(ANSWERS.index("2")) == UNKNOWN
        assert asked.chances().sum() == pytest.approx(1, abs=1e-5)


def test_a_wrong_answer_is_logical_or_not() -> None:
    asked = Asked(sight=first(village))
    expected = {asked.truth: RIGHT, "10": LOGICAL, "yes": ILLOGICAL, "over 20 %": ILLOGICAL, "left": ILLOGICAL}
    assert {answer: asked.outcome(ANSWERS.index(answer)) for answer in expected if answer} == expected
    there = replace(asked, question="is there a lake")
    assert [there.outcome(ANSWERS.index(answer)) for answer in ("yes", "no", "1")] == [RIGHT, LOGICAL, ILLOGICAL]


def test_the_blind_see_nothing_and_the_deaf_hear_nothing() -> None:
    scenes = [Sight(seed=1), Sight(seed=2), Sight(grey=True)]
    guesses = [Asked(sight=sight).blind.chances() for sight in scenes]
    assert all(np.array_equal(guess, guesses[0]) for guess in guesses)
    assert Asked().blind.model == BLIND
    same = [
        Asked(question=question, model=DEAF).chances() for question in ("is there a lake", "how many trees are there")
    ]
    assert np.array_equal(same[0], same[1])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"model": "transformer"}, "model is 'transformer'"),
        ({"seed": 3}, "seed is 3"),
        ({"question": " ?"}, "question"),
        ({"question": "how many " * 20}, "words"),
    ],
)
def test_what_cannot_be_asked_is_refused(fields: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Asked(**fields)
