"""Ways to join, what is learnt and what is asked: rows, lines and bars where their names are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets import rsvqa
from dlcore.figures.stage import Pending
from dlcore.figures.vqa_census import GAP, blocks
from dlcore.figures.vqa_looks import TYPE_STYLES
from tests.figures.awaited import names
from tests.figures.test_adversarial import plot_of
from tests.figures.vqa_plots import ANSWERS, JOINED, KINDS, awaiting, compared, counted, drawn, learnt

# Comparing


def test_rows_stand_in_the_order_asked_for_whatever_the_arrays_order() -> None:
    order = sorted(JOINED, reverse=True)
    stage = compared(order=order)
    _, figure = plot_of(stage, "accuracy")
    titles = [text.replace("<br>", " ") for text in figure.layout.yaxis.ticktext]
    assert titles == [JOINED[key] for key in order]
    shown = awaiting(stage, "accuracy")
    rows = shown["mean"][1]["y"][0]
    assert [titles[int(row)] for row in rows] == list(JOINED.values())  # the arrays' own order
    for key, row in zip(JOINED, rows, strict=True):
        assert np.unique(shown[f"interval.{key}"][1]["y"]).tolist() == [row]


def test_seeds_stand_below_their_mean_each_with_a_mark_of_its_own() -> None:
    shown = awaiting(compared(), "accuracy")
    mean = shown["mean"][1]["y"]
    for seed in (0, 1, 2):
        assert (shown[f"accuracy.{seed}"][1]["y"] > mean).all()
    assert len({shown[f"accuracy.{seed}"][0].marker.symbol for seed in (0, 1, 2)}) == 3


def test_a_network_without_picture_or_question_has_no_place_among_the_differences() -> None:
    stage = compared()
    _, figure = plot_of(stage, "difference")
    rows = awaiting(stage, "difference")["difference"][1]["y"][0]
    left_out = {key for key, row in zip(JOINED, rows, strict=True) if np.isnan(row)}
    assert left_out == {"blind", "deaf"}
    assert len(figure.layout.yaxis.ticktext) == len(JOINED) - 2
    (zero,) = figure.layout.shapes
    assert (zero.x0, zero.x1) == (0, 0)


@pytest.mark.parametrize("order", [["add"], [*JOINED, "add"], [*JOINED, "sum"]])
def test_an_order_that_does_not_name_each_once_is_an_error(order: list[str]) -> None:
    with pytest.raises(ValueError, match="order is add"):
        compared(order=order)


# Learning


def test_each_test_has_a_line_a_type_in_its_looks_and_one_for_all() -> None:
    stage = learnt()
    for key, whole in (("accuracy", "overall"), ("other", "overall.other")):
        shown = awaiting(stage, key)
        assert set(shown) == {*(f"{key}.{name}" for name in KINDS), whole}
        for name in KINDS:
            line = shown[f"{key}.{name}"][0].line
            assert (line.color, line.dash) == (TYPE_STYLES[name].colour, TYPE_STYLES[name].dash)


def test_the_real_data_set_has_its_own_types() -> None:
    stage = learnt(types={kind: kind for kind in rsvqa.TYPES}, data="RSVQA", other=False)
    assert {f"accuracy.{kind}" for kind in rsvqa.TYPES} < names(stage)
    assert "accuracy.relation" not in names(stage)
    assert not [name for name in names(stage) if "other" in name]


# Census


def test_every_bar_stands_beside_the_name_of_its_answer_and_its_number() -> None:
    stage = counted()
    _, figure = plot_of(stage, "shares")
    named = {
        (key, row): text
        for key, axis in (("y", figure.layout.yaxis), ("y2", figure.layout.yaxis2))
        for row, text in zip(axis.tickvals, axis.ticktext, strict=True)
    }
    found: dict[str, list[list[str]]] = {}
    for trace, data in drawn(stage, "shares"):
        (share,) = [value.name for value in data.values() if isinstance(value, Pending)]
        found.setdefault(share, []).append([named[trace.yaxis or "y", row] for row in trace.y])
    assert found == {f"shares.{name}": [answers, answers] for name, answers in ANSWERS.items()}  # bars, and numbers


def test_a_dotted_line_says_where_all_answers_would_be_equally_often() -> None:
    _, figure = plot_of(counted(), "shares")
    assert [100 / edge.x0 for edge in figure.layout.shapes] == pytest.approx([len(row) for row in ANSWERS.values()])


@given(st.lists(st.integers(1, 12), min_size=2, max_size=7))
def test_types_stand_below_one_another_in_two_columns_as_even_as_can_be(sizes: list[int]) -> None:
    places = blocks(sizes)
    columns = [place.column for place in places]
    assert columns == sorted(columns)
    ends = {0: 0.0, 1: 0.0}
    for place, size in zip(places, sizes, strict=True):
        assert place.top == pytest.approx(ends[place.column] + GAP)
        ends[place.column] = place.top + size
    lengths = [size + GAP for size in sizes]
    best = min(max(sum(lengths[:cut]), sum(lengths[cut:])) for cut in range(1, len(sizes) + 1))
    assert max(ends.values()) == pytest.approx(best)


def test_guessing_any_answer_of_the_type_is_the_least_that_is_drawn() -> None:
    (trace,) = [trace for trace, data in drawn(counted(), "blind") if not data]
    assert list(trace.x) == pytest.approx([100 / len(answers) for answers in ANSWERS.values()])
