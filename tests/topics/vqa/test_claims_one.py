"""What the scenes on one question say: word by word, wrong but logical, unknown words, attention, and what counted."""

import numpy as np
import pytest
import torch

from dlcore.datasets.aerial_questions import ANSWERS, ANSWERS_OF, TYPES, YES_NO, asked_kinds, queries
from dlcore.topics.intervals import of_means
from dlcore.topics.vqa import vocabulary
from dlcore.topics.vqa.modalities import ModalitiesConfig, modalities
from dlcore.topics.vqa.reading import asked_cells
from dlcore.topics.vqa.shipped import SEEDS, answerer
from tests.topics.vqa.claims import (
    BY_KEY,
    POSSIBLE,
    SETS,
    Fresh,
    answers,
    asked,
    chosen,
    claim,
    covered,
    fresh,
    given,
    last,
    near,
    says,
    shown,
)

HOUSES = ("how", "many", "houses", "are", "there")
NUMBERS = [ANSWERS.index(count) for count in ANSWERS_OF["count"]]
UNKNOWN, KNOWN = "how many cottages are there", "how many houses are there"

# Word by word


@claim("opening")
def test_its_answer_is_right_from_the_word_houses_on() -> None:
    says("opening", "“houses” lets the houses through: 5, with 76 %", "v stays, q changes with every word")
    assert chosen("opening") == "houses"
    assert asked("opening").reading.tokens == HOUSES
    assert asked("opening").truth == "5"
    found = [given(row)[0] for row in shown("opening", "chances")]
    assert "5" not in found[: HOUSES.index("houses") + 1]
    assert set(found[HOUSES.index("houses") + 1 :]) == {"5"}
    assert near(given(last("opening", "chances"))[1], 76, within=1)


@claim("opening")
def test_before_any_word_it_leans_to_yes_or_no_and_how_many_makes_it_a_number() -> None:
    says("opening", "Before any word it leans to yes or no, the commonest answers", "“How many” makes it a number")
    nothing, _, many, *_ = shown("opening", "chances")
    assert {ANSWERS[place] for place in nothing.argsort()[-2:]} == set(YES_NO)
    assert many[NUMBERS].sum() > 0.98
    for number in SETS:
        common = np.bincount(fresh(number).true, minlength=len(ANSWERS))
        assert {ANSWERS[place] for place in common.argsort()[-2:]} == set(YES_NO)


@claim("opening")
def test_the_blind_network_has_only_a_guess() -> None:
    says("opening", "The blind network, with words only, says 0 with 14 %")
    guess, chance = given(last("opening", "blind.chances"))
    assert guess == "0"
    assert near(chance, 14, within=1)


@claim("opening")
def test_the_pictures_vector_stays_and_the_others_change_with_every_word() -> None:
    v, q, fused = (shown("opening", name) for name in ("v", "q", "fused"))
    assert np.array_equal(v, np.broadcast_to(v[0], v.shape))
    for values in (q, fused):
        assert np.abs(np.diff(values, axis=0)).max(axis=1).min() > 0.1
    assert np.allclose(v * q, fused, atol=1e-6)


# Wrong, but logical


@claim("logical")
def test_it_is_sure_of_three_where_there_are_two() -> None:
    says("logical", "3, and it is 95 % sure", "The five best answers: numbers")
    assert chosen("logical") == "1 or 3"
    assert asked("logical").truth == "2"
    end = last("logical", "chances")
    assert given(end)[0] == "3"
    assert near(given(end)[1], 95, within=1)
    assert set(end.argsort()[-5:]) <= set(NUMBERS)


@claim("logical")
@pytest.mark.parametrize("number", SETS)
def test_wrong_counts_are_numbers_and_nine_of_ten_off_by_one(number: int) -> None:
    says("logical", "no wrong count was yes, no or a side, and nine of ten are off by one")
    data = fresh(number)
    counts = data.types == TYPES.index("count")
    for seed in SEEDS:
        found = answers("product", seed, number)
        wrong = counts & (found != data.true)
        assert wrong.sum() > 50
        assert np.isin(found[wrong], NUMBERS).all()
        assert near((np.abs(found - data.true)[wrong] == 1).mean(), 0.9, within=0.07)


@claim("logical")
@pytest.mark.parametrize("number", SETS)
def test_the_question_alone_chooses_among_the_answers_and_the_picture_among_those_left(number: int) -> None:
    """Wrong answers of any type are possible ones, also of a network that sees nothing; and that one is often wrong."""
    data = fresh(number)
    for key in ("product", "attention", "add", "blind"):
        for seed in SEEDS:
            found = answers(key, seed, number)
            assert POSSIBLE[data.pairs.query.numpy(), found].mean() > 0.999
    assert (answers("blind", 0, number) != data.true).sum() > 5 * (answers("product", 0, number) != data.true).sum()


# A word it never read


@claim("unknown")
def test_it_answers_some_number_and_is_unsure() -> None:
    says("unknown", "some number comes out, here with 22 %", "No training question had the word “cottages”")
    assert chosen("unknown") == "It answers, unsure"
    assert asked("unknown").reading.unknown == (HOUSES.index("houses"),)
    assert "houses" not in asked("unknown").reading.tokens
    found, chance = given(last("unknown", "chances"))
    assert found in ANSWERS_OF["count"]
    assert near(chance, 22, within=1)
    assert chance < given(last("opening", "chances"))[1] / 3


@claim("unknown")
@pytest.mark.parametrize("number", SETS)
def test_on_other_scenes_the_largest_chance_falls_to_30_percent(number: int) -> None:
    says("unknown", "usually with 30")
    seen = fresh(number).pairs.features
    for seed in SEEDS:
        unknown, houses = (_asked_about("product", seed, seen, question) for question in (UNKNOWN, KNOWN))
        assert np.isin(unknown.argmax(axis=1), NUMBERS).all()
        assert near(unknown.max(axis=1).mean(), 0.3, within=0.05)
        assert of_means(houses.max(axis=1) - unknown.max(axis=1)).low > 0.4


def _asked_about(key: str, seed: int, seen: torch.Tensor, question: str) -> np.ndarray:
    ids = torch.tensor([vocabulary.shared().encode(question)]).expand(len(seen), -1)
    with torch.no_grad():
        return answerer(key, seed)(seen, ids).softmax(dim=1).numpy()


# Where it looks


@claim("attention")
def test_three_quarters_of_its_attention_go_to_the_houses_once_they_are_named() -> None:
    says("attention", "The cells with houses are a quarter of this picture", "77 %", "Just before “houses” it is 27 %")
    assert chosen("attention") == "About three quarters"
    cells = asked_cells(asked("attention"))
    assert cells is not None
    assert near(cells.mean(), 0.25, within=0.01)
    mass, chance = shown("attention", "mass"), shown("attention", "mass.chance")
    named = HOUSES.index("houses") + 1
    assert near(chance[0], 0.25, within=0.01)
    assert near(mass[named - 1], 0.27, within=0.01)
    assert near(mass[-1], 0.77, within=0.01)
    assert mass[named:].min() > 2.5 * mass[named - 1]


@claim("attention")
@pytest.mark.parametrize("number", SETS)
def test_what_is_asked_about_gets_more_than_twice_its_share(number: int) -> None:
    says("attention", "Over many questions it is 54 to 67 %, where chance is 25")
    data = fresh(number)
    cells = _cells(data)
    there = cells.any(axis=(1, 2))
    for seed in SEEDS:
        with torch.no_grad():
            parts = answerer("attention", seed).parts(
                data.pairs.features[data.pairs.scene], data.pairs.ids[data.pairs.query]
            )
        assert parts.attention is not None
        mass = (parts.attention.mean(dim=1).numpy() * cells).sum(axis=(1, 2))[there]
        chance = cells.mean(axis=(1, 2))[there]
        assert near(mass.mean(), 0.605, within=0.075)
        assert near(chance.mean(), 0.25, within=0.01)
        assert of_means(mass - chance).low > 0.25
        assert (mass > chance).mean() > 0.9


def _cells(data: Fresh) -> np.ndarray:
    """For each question the cells of what it is about, bool (questions, rows, columns)."""
    known = {}
    for pair in zip(data.pairs.scene.tolist(), data.pairs.query.tolist(), strict=True):
        if pair not in known:
            known[pair] = covered(data.graphs[pair[0]], asked_kinds(queries()[pair[1]]))
    return np.stack([known[pair] for pair in zip(data.pairs.scene.tolist(), data.pairs.query.tolist(), strict=True)])


# Picture or question


@claim("parts")
def test_that_there_are_boats_comes_from_the_words() -> None:
    says(
        "parts", "yes, with nearly 100 %", "With the mean of all pictures the words alone make it say yes: of 88 points"
    )
    assert chosen("parts") == "Next to nothing"
    found = modalities(ModalitiesConfig(asked=asked("parts")))
    assert asked("parts").answer == asked("parts").truth == "yes"
    assert found.both > 0.999
    assert found.question > 0.999
    assert near(100 * (found.both - found.nothing), 88, within=0.5)
    assert near(100 * found.from_question, 88, within=0.5)
    assert abs(100 * found.from_picture) < 0.5


@claim("parts")
def test_of_how_many_houses_each_carries_about_half() -> None:
    says("parts", "With “how many houses” each carries about half")
    found = modalities(ModalitiesConfig(asked=asked("parts", asked="how many houses are there")))
    share = found.from_picture / (found.from_picture + found.from_question)
    assert near(share, 0.53, within=0.02)
    assert BY_KEY["parts"].tries == ("asked",)


@claim("parts")
@pytest.mark.parametrize("number", SETS)
def test_a_network_that_never_looks_is_right_on_half_of_what_is_there(number: int) -> None:
    says("parts", "A right answer is no proof of looking")
    data = fresh(number)
    presence = data.types == TYPES.index("presence")
    for seed in SEEDS:
        right = answers("blind", seed, number) == data.true
        assert near(right[presence].mean(), 0.5, within=0.02)
