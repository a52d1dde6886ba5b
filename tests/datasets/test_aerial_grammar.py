"""The grammar: every question is read as it is written, and asks one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.aerial import KINDS
from dlcore.datasets.aerial_grammar import (
    ANSWERS,
    ANSWERS_OF,
    FORMS,
    TYPES,
    Query,
    asked_kinds,
    parse,
    queries,
    title,
)


def test_every_question_is_read_as_it_is_written() -> None:
    texts = [query.text for query in queries()]
    assert len(set(texts)) == len(texts)
    for query in queries():
        assert parse(query.text) == query
    assert parse("") is None
    assert parse("how many houses") is None
    assert parse("are there more houses than houses") is None


@given(
    st.sampled_from(queries()), st.lists(st.sampled_from([" ", "  ", "\t"]), min_size=12, max_size=12), st.booleans()
)
def test_case_blanks_and_the_question_mark_do_not_matter(query: Query, blanks: list[str], loud: bool) -> None:
    words = query.text.split()
    typed = "".join(blank + word for blank, word in zip(blanks, words, strict=False)) + blanks[-1] + "?"
    assert parse(typed.upper() if loud else typed.capitalize()) == query


def test_there_are_as_many_questions_and_words_as_a_small_network_can_learn() -> None:
    assert 120 <= len(queries()) <= 200
    assert 35 <= len({word for query in queries() for word in query.text.split()}) <= 50
    assert {query.type for query in queries()} == set(TYPES)
    assert all(query.text == query.text.lower() for query in queries())
    assert all(word.isalpha() for query in queries() for word in query.text.split())


def test_the_forms_of_a_type_share_all_of_its_questions() -> None:
    for name in TYPES:
        assert sum(form.share for form in FORMS.values() if form.type == name) == pytest.approx(1)


def test_answers_belong_to_their_type_and_those_of_a_relation_to_its_form() -> None:
    assert {given for name in TYPES for given in ANSWERS_OF[name]} == set(ANSWERS)
    for query in queries():
        assert set(query.answers) <= set(ANSWERS_OF[query.type])
        asks_whether = query.text.split()[0] in ("is", "are")
        assert (query.answers == ("yes", "no")) == asks_whether
    assert Query(form="side", first="lake").answers == ("left", "right", "top", "bottom")


def test_what_is_negated_has_one_word_more_or_another_one() -> None:
    paired = [query for query in queries() if query.opposite]
    assert {query.type for query in paired} == {"presence"}
    assert len(paired) == sum(query.type == "presence" for query in queries())
    for query in paired:
        other = query.opposite
        assert other
        assert other.opposite == query
        assert other.negated != query.negated
        assert ("no" in query.text.split()) == query.negated
        assert set(query.text.split()) ^ set(other.text.split()) <= {"no", "a", "any"}


def test_a_question_is_about_the_kinds_that_it_names() -> None:
    for query in queries():
        words = {word.removesuffix("s") for word in query.text.split()}
        expected = words | {"lake", "river"} if "water" in words else words
        assert asked_kinds(query) == tuple(kind for kind in KINDS if kind in expected)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"form": "why", "first": "house"}, "form is 'why'"),
        ({"form": "how many", "first": "lake"}, "first is 'lake'"),
        ({"form": "more", "first": "house"}, "second is ''"),
        ({"form": "more", "first": "house", "second": "house"}, "second is 'house': it must be another kind"),
        ({"form": "one", "first": "lake", "second": "forest", "place": "left"}, "place is 'left'"),
        ({"form": "how many", "first": "house", "place": "left"}, "place is 'left'"),
    ],
)
def test_what_cannot_be_asked_is_refused(fields: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Query(**fields)


def test_the_largest_count_stands_for_all_larger_ones() -> None:
    assert title("10") == "10 or more"
    assert [title(given) for given in ANSWERS if given != "10"] == [given for given in ANSWERS if given != "10"]
