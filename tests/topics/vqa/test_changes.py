"""One change after another: how they are written, what is true then, and which of them flip the answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.aerial import THINGS
from dlcore.datasets.aerial_questions import ANSWERS, parse, queries
from dlcore.topics.vqa import changes
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.changes import (
    MOST_CHANGES,
    ChangesConfig,
    after,
    asking,
    log,
    negated,
    read_changes,
    states,
    swaps,
    things,
    trace,
    with_change,
)
from dlcore.topics.vqa.sight import own
from tests.topics.vqa.given import first, graph_of, noise, village

VILLAGE = Asked(sight=first(village))
MANY = (
    "move house 1 40 52; remove house 2; ask are there any boats; add boat 20 30; grey; colour; "
    "ask how many houses are there"
)

coordinates = st.integers(0, 96)
kinds = st.sampled_from(THINGS)
numbers = st.integers(1, 99)
texts = st.one_of(
    st.builds(lambda *words: "move {} {} {} {}".format(*words), kinds, numbers, coordinates, coordinates),
    st.builds(lambda *words: "add {} {} {}".format(*words), kinds, coordinates, coordinates),
    st.builds(lambda *words: "remove {} {}".format(*words), kinds, numbers),
    st.sampled_from(queries()).map(lambda query: f"ask {query.text}"),
    st.sampled_from(["grey", "colour"]),
)


@given(st.lists(texts, max_size=MOST_CHANGES))
def test_what_is_read_is_written_again(written: list[str]) -> None:
    found = read_changes(" ;".join(written))
    assert [change.text for change in found] == written
    assert read_changes("; ".join(change.text for change in found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "fly",
        "ask",
        "ask  ",
        "move house",
        "move house 1 2",
        "add house x y",
        "remove field 1",
        "Grey picture",
        "; ".join(["grey"] * 21),
    ],
)
def test_what_is_no_change_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="change") as refused:
        read_changes(text)
    assert "\n" not in str(refused.value)


def test_what_cannot_be_done_is_named() -> None:
    for text, named in (
        ("remove house 1; move house 1 20 20", "“move house 1 20 20” cannot be done"),
        ("ask " + "why " * 30, "cannot be done"),
        ("remove lake 77", "lake 77"),
    ):
        with pytest.raises(ValueError, match=named):
            ChangesConfig(asked=VILLAGE, changes=text)
    with pytest.raises(
        ValueError, match="“add boat 20 30” cannot be done: Nothing can be moved in a picture of your own"
    ):
        ChangesConfig(asked=Asked(sight=own(noise())), changes="add boat 20 30")


def test_an_own_picture_can_be_asked_other_things_and_made_grey() -> None:
    config = ChangesConfig(asked=Asked(sight=own(noise())), changes="ask is there a lake; grey; colour")
    found = trace(config)
    assert np.array_equal(found["picture"][0], found["picture"][3])
    assert (found["picture"][2] == 128).all()
    assert (found["truth"] == -1).all()
    assert np.isnan(found["right"]).all()
    assert things(config.asked, config.changes) == ()


def test_changes_add_up_in_their_order() -> None:
    made = states(VILLAGE, MANY)
    houses = graph_of(VILLAGE.sight).count("house")
    assert [asked.truth for asked in made[:3]] == [str(houses), str(houses), str(houses - 1)]
    assert [asked.truth for asked in made[3:]] == ["no", "yes", "yes", "yes", str(houses - 1)]
    assert [asked.sight.grey for asked in made] == [False] * 5 + [True, False, False]
    moved = graph_of(made[-1].sight).named("house 1")
    assert (moved.x, moved.y) == (40, 52)
    assert after(VILLAGE, MANY) == made[-1]
    names = {thing.name for thing in things(VILLAGE, MANY)}
    assert names == {thing.name for thing in graph_of(VILLAGE.sight).things} - {"house 2"} | {"boat 1"}


def test_a_scene_that_was_changed_before_is_changed_further() -> None:
    sight = replace(VILLAGE.sight, edits="remove house 1")
    assert after(Asked(sight=sight), "remove house 2").sight.edits == "remove house 1; remove house 2"


def test_log_and_arrays_say_the_same() -> None:
    config = ChangesConfig(asked=VILLAGE, changes=MANY)
    found, lines = trace(config), log(config)
    assert len(lines) == config.num_frames == len(found["picture"]) == 8
    for k, line in enumerate(lines):
        assert ANSWERS[int(found["answer"][k])] == line.answer
        assert ANSWERS[int(found["truth"][k])] == line.truth
        assert found["chances"][k].max() == pytest.approx(line.chance)
        assert bool(found["flipped"][k]) == line.flipped == (k > 0 and line.answer != lines[k - 1].answer)
        assert bool(found["right"][k]) == line.right == (line.answer == line.truth)
    assert lines[0].text == "asked “how many houses are there”"
    assert [lines[1].text, lines[2].text] == ["house 1 moved to 40, 52", "house 2 removed"]
    assert [lines[4].text, lines[5].text] == ["a boat added at 20, 30", "the picture made grey"]


def test_each_frame_is_what_would_be_answered_alone() -> None:
    config = ChangesConfig(asked=replace(VILLAGE, model="attention"), changes=MANY)
    found = trace(config)
    for k, asked in enumerate(states(config.asked, config.changes)):
        alone = Asked(sight=asked.sight, question=asked.question, model="attention")
        assert found["chances"][k] == pytest.approx(alone.chances())
        assert found["blind.chances"][k] == pytest.approx(alone.blind.chances())
        assert np.array_equal(found["picture"][k], alone.sight.fine())


def test_nothing_flips_where_nothing_happens() -> None:
    found = trace(ChangesConfig(asked=VILLAGE, changes="grey; grey; colour; ask how many houses are there"))
    assert found["flipped"][[0, 2, 4]].tolist() == [0, 0, 0]
    assert found["chances"][0] == pytest.approx(found["chances"][4])


def test_one_more_change_and_no_more_than_fit() -> None:
    assert with_change("", "grey") == "grey"
    assert with_change("grey", asking("Is there; a lake?")) == "grey; ask Is there a lake?"
    with pytest.raises(ValueError, match="at most 20"):
        with_change("; ".join(["grey"] * MOST_CHANGES), "grey")


@given(st.sampled_from(queries()))
def test_a_negation_turns_yes_into_no(query: changes.aerial_questions.Query) -> None:
    opposite = negated(query.text)
    if query.type != "presence":
        assert opposite is None
        return
    assert opposite
    truths = {VILLAGE.truth} if opposite == query.text else set()
    for text in (query.text, opposite):
        truth = replace(VILLAGE, question=text).truth
        truths |= {truth} if truth else set()
    assert truths in (set(), {"yes", "no"})
    assert negated(f"{opposite.upper()}?") is not None


@given(st.sampled_from(queries()))
def test_a_swapped_word_leaves_a_question(query: changes.aerial_questions.Query) -> None:
    words = query.text.split()
    for place, others in swaps(f" {query.text}?").items():
        assert words[place] not in others
        assert len(set(others)) == len(others)
        for other in others:
            assert parse(" ".join([*words[:place], other, *words[place + 1 :]])) is not None


def test_what_can_be_counted_can_be_swapped() -> None:
    assert swaps("how many houses are there") == {2: ("buildings", "trees", "boats")}
    assert set(swaps("how many houses are in the left half")[6]) == {"right", "upper", "lower"}
    assert swaps("what is this") == {}
