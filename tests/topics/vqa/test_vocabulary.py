"""Words and numbers: what is known comes back, what is not is named with what is near it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.aerial_grammar import queries
from dlcore.topics.vqa.vocabulary import (
    MOST_CHARACTERS,
    MOST_WORDS,
    SAME,
    Vocabulary,
    build,
    read,
    shared,
    tokens,
)


def test_every_question_comes_back_as_it_was() -> None:
    for query in queries():
        reading = read(query.text)
        assert shared().decode(reading.ids) == query.text
        assert reading.unknown == ()
        assert reading.nearest == {}
        assert len(reading.ids) <= MOST_WORDS
        assert min(reading.ids) > 1


@given(st.lists(st.sampled_from(shared().words[2:]), min_size=1, max_size=MOST_WORDS))
def test_known_words_come_back_in_any_order_and_padding_is_left_out(words: list[str]) -> None:
    text = " ".join(words)
    ids = shared().encode(text)
    assert shared().decode((*ids, 0, 0)) == text
    assert all(shared().words[number] == word for number, word in zip(ids, words, strict=True))


@given(st.text(max_size=MOST_CHARACTERS))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    if not 0 < len(tokens(text)) <= MOST_WORDS:
        with pytest.raises(ValueError, match=r"^The question has [^.]*\.$"):
            read(text)
        return
    reading = read(text)
    assert len(reading.tokens) == len(reading.ids) <= MOST_WORDS
    for place, (token, number) in enumerate(zip(reading.tokens, reading.ids, strict=True)):
        assert (place in reading.unknown) == (token not in shared().words[2:]) == (number == 1)
    assert set(reading.nearest) == {reading.tokens[place] for place in reading.unknown}


@given(st.lists(st.text(st.characters(categories=["Ll", "Nd"]), min_size=1), max_size=30))
def test_a_vocabulary_has_each_word_of_its_texts_once_and_no_others(words: list[str]) -> None:
    built = build([" ".join(words), " ".join(words[::-1])])
    assert len(built) == 2 + len(set(tokens(" ".join(words))))
    assert built.words[:2] == ("<pad>", "<unk>")
    assert 1 not in built.encode(" ".join(words))
    assert list(built.words[2:]) == sorted(built.words[2:])


def test_marks_and_capitals_do_not_matter() -> None:
    assert read("Are there more houses, than trees?!") == read("are there more houses than trees")
    assert tokens("What's  the river's\tname") == ("what's", "the", "river's", "name")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hous", "house"),
        ("hosues", "houses"),
        ("forests", "forest"),
        ("rivers", "river"),
        ("treees", "trees"),
        ("buildigns", "buildings"),
        ("ponds", "lake"),
        ("ships", "boats"),
        ("ship", "boat"),
        ("woods", "forest"),
        ("north", "upper"),
        ("photo", "picture"),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(typed: str, meant: str) -> None:
    assert meant in shared().nearest(typed)[:2]


def test_unknown_words_are_named_with_their_places() -> None:
    reading = read("how many hosues and zebras are there")
    assert reading.unknown == (2, 3, 4)
    assert [reading.ids[place] for place in reading.unknown] == [1, 1, 1]
    assert reading.nearest["hosues"][:1] == ("houses",)
    assert shared().nearest("qqqqq") == ()
    assert shared().decode(reading.ids) == "how many <unk> <unk> <unk> are there"


def test_words_that_mean_the_same_are_unknown_ones_for_known_ones() -> None:
    assert not set(SAME) & set(shared().words)
    assert set(SAME.values()) <= set(shared().words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The question has no words"),
        (" ?!  ", "The question has no words"),
        ("is " * 17, "The question has 17 words: it may have at most 16."),
        ("a" * 201, "The question has 201 characters: it may have at most 200."),
    ],
)
def test_what_is_no_question_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "b"), "must begin with <pad>, <unk>"),
        (("<pad>", "<unk>", "House"), "'House'"),
        (("<pad>", "<unk>", "two words"), "'two words'"),
        (("<pad>", "<unk>", "a", "a"), "twice"),
    ],
)
def test_what_is_no_vocabulary_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Vocabulary(words)


@pytest.mark.parametrize("number", [-1, 45])
def test_a_number_of_no_word_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"ids has {number}: it must be from 0 to 44"):
        shared().decode((2, number))
