"""What a hand does in the pictures of the lesson on saliency becomes controls."""

from typing import Any, cast

import pytest
import streamlit as st

from dlcore.topics.saliency.config import Subject
from dlcore.ui import saliency_hands
from dlcore.ui.controls import Controls
from dlcore.ui.saliency_rail import DEFAULTS
from dlcore.ui.saliency_settings import subject_of


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 5, **values}

    def set(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= values

    def restart(self, **values: Any) -> None:
        self.set(**values, step=0)

    def present(self, name: str) -> Any:
        return self.values[name]

    @property
    def subject(self) -> Subject:
        return subject_of({**self.values, "upload": None})

    def hands(self) -> dict[str, Any]:
        return saliency_hands.listeners(cast("Controls", self), self.subject)

    def changed(self) -> dict[str, Any]:
        """What is not as in the opening scene."""
        return {name: value for name, value in self.values.items() if value != DEFAULTS[name]}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sentences: list[str] = []
    monkeypatch.setattr(st, "toast", sentences.append)
    return sentences


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ({}, "class1", {"label": "star"}),
        ({"label": "star"}, "class1", {}),
        ({"label": "star"}, "class2", {"label": "ring"}),
        ({"against": "ring", "label": "star"}, "class2", {"label": "ring"}),
        ({"clicks": "against", "label": "star"}, "class2", {"clicks": "against", "label": "star", "against": "ring"}),
        ({"clicks": "against", "label": "star", "against": "ring"}, "class2", {"clicks": "against", "label": "star"}),
        ({"model": "digits", "kind": "digit"}, "class4", {"model": "digits", "kind": "digit", "label": "4"}),
        ({"seed": 3}, "pick.boat.7", {"shape": "boat", "seed": 7}),
        (
            {"kind": "photo", "label": "star", "strokes": "red 3: 1,2", "selected": "lime"},
            "pick.tree.0",
            {"shape": "tree"},
        ),
    ],
)
def test_a_click_asks_another_question_from_the_start(
    told: list[str], before: dict[str, Any], key: str, after: dict[str, Any]
) -> None:
    rail = Rail(**before)
    rail.hands()["on_select"](key)
    assert rail.changed() == after
    assert rail.values["step"] == 0
    assert told == []


@pytest.mark.parametrize("key", ["guided", "picture", "gradcam.trained", "batch3", ""])
def test_a_click_on_a_map_reads_it_where_one_is(key: str) -> None:
    rail = Rail()
    rail.hands()["on_select"](key)
    assert rail.values == {**DEFAULTS, "step": 5, "selected": key}


@pytest.mark.parametrize("key", ["class10", "class99"])
def test_a_class_that_there_is_not_is_not_asked_for(told: list[str], key: str) -> None:
    rail = Rail(label="star")
    rail.hands()["on_select"](key)
    assert rail.changed() == {"step": 5, "label": "star"}


def test_nothing_is_told_apart_from_itself(told: list[str]) -> None:
    rail = Rail(clicks="against", label="star")
    rail.hands()["on_select"]("class1")
    assert told == ["star is what is explained: choose another class to compare it with."]
    assert rail.changed() == {"clicks": "against", "label": "star", "step": 5}


def test_of_what_is_compared_with_the_answer_the_runner_up_is_explained(told: list[str]) -> None:
    """The answer is subtracted, so the next likely class is what is explained: it cannot be subtracted, too."""
    answer, second = Subject().logits().argsort(descending=True)[:2].tolist()
    rail = Rail(clicks="against")
    rail.values["against"] = Subject().classes[answer]
    assert rail.subject.target().label == second
    rail.hands()["on_select"](f"class{second}")
    assert len(told) == 1


def test_strokes_follow_one_another(told: list[str]) -> None:
    rail = Rail(brush="red", radius=4.0)
    rail.hands()["on_paint"]([(1.0, 2.0), (1.5, 2.0), (9.04, 2.0)])
    rail.values["brush"] = "white"
    rail.hands()["on_paint"]([(-3.0, 70.0)])
    assert rail.values["strokes"] == "red 4: 1,2 9,2; white 4: -3,70"
    assert rail.values["step"] == 0
    assert told == []


def test_without_a_brush_there_is_no_painting() -> None:
    assert set(Rail().hands()) == {"on_select"}


def test_one_stroke_too_many_is_told_and_what_was_painted_stays(told: list[str]) -> None:
    rail = Rail(brush="red", strokes="; ".join(["red 3: 1,2"] * 60))
    before = dict(rail.values)
    rail.hands()["on_paint"]([(1.0, 2.0)])
    assert rail.values == before
    assert told == ["strokes are 61: at most 60 can be painted."]
