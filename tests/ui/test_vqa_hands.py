"""What a hand does in the pictures of the lesson on questions about pictures becomes controls."""

from typing import Any, cast

import pytest
import streamlit as st

from dlcore.datasets.aerial import SIDE
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.attribution import AttributionConfig
from dlcore.topics.vqa.changes import MOST_CHANGES, ChangesConfig
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.ui import vqa_hands
from dlcore.ui.controls import Controls
from dlcore.ui.vqa_rail import DEFAULTS
from dlcore.ui.vqa_settings import Config

THREE = "remove boat 1; grey; ask is there a lake"


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 5, **values}
        self.followed = 0

    def set(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= values

    def follow(self, **values: Any) -> None:
        self.set(**values)
        self.followed += 1

    def present(self, name: str) -> Any:
        return self.values[name]

    def say(self, word: str, *said: Any, config: Config | None = None) -> dict[str, Any]:
        """What is not as in the opening scene once the player has said this."""
        hands = vqa_hands.listeners(cast("Controls", self), config or ChangesConfig())
        hands[f"on_{word}"](*said)
        return {name: value for name, value in self.values.items() if value != DEFAULTS[name] and name != "step"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sentences: list[str] = []
    monkeypatch.setattr(st, "toast", lambda sentence, **_: sentences.append(sentence))
    return sentences


@pytest.mark.parametrize(
    ("word", "said", "text"),
    [
        ("drag", ("house 3", 120.0, 156.0, 0), "move house 3 40 52"),
        ("drag", ("boat 1", 0.4, 286.9, 0), "move boat 1 0 95"),
        ("drag", ("tree 2", -40.0, 5000.0, 0), f"move tree 2 0 {SIDE - 1}"),
        ("remove", ("lake 1", 0), "remove lake 1"),
        ("place", (60.0, 90.0, 0), "add house 20 30"),
        ("place", (-1.0, 287.9, 0), "add house 0 95"),
    ],
)
def test_a_hand_writes_a_change_in_the_scenes_own_pixels(
    told: list[str], word: str, said: tuple[Any, ...], text: str
) -> None:
    rail = Rail(selected="house 3")
    assert rail.say(word, *said) == {"changes": text}
    assert rail.followed == 1  # the player shows what was just made
    assert told == []


@pytest.mark.parametrize(
    ("step", "kept"),
    [(0, ""), (1, "remove boat 1; "), (2, "remove boat 1; grey; "), (3, f"{THREE}; "), (9, f"{THREE}; ")],
)
def test_what_was_changed_after_the_frame_is_undone(told: list[str], step: int, kept: str) -> None:
    for word, said, text in [
        ("drag", ("house 1", 30.0, 60.0), "move house 1 10 20"),
        ("remove", ("house 1",), "remove house 1"),
        ("place", (30.0, 60.0), "add house 10 20"),
    ]:
        assert Rail(changes=THREE).say(word, *said, step) == {"changes": kept + text}
    assert told == []


@pytest.mark.parametrize("kind", ["boat", "forest"])
def test_a_click_adds_what_the_rail_says(told: list[str], kind: str) -> None:
    assert Rail(add=kind).say("place", 60.0, 90.0, 0) == {"add": kind, "changes": f"add {kind} 20 30"}


def test_a_thing_that_is_moved_on_has_moved_once(told: list[str]) -> None:
    rail = Rail()
    rail.say("drag", "house 1", 30.0, 30.0, 0)
    rail.say("drag", "house 1", 60.0, 60.0, 1)
    assert rail.values["changes"] == "move house 1 20 20"
    rail.say("drag", "house 2", 60.0, 60.0, 1)
    rail.say("drag", "house 1", 90.0, 90.0, 2)
    assert rail.values["changes"] == "move house 1 20 20; move house 2 20 20; move house 1 30 30"
    assert told == []


def test_house_1_is_not_house_11(told: list[str]) -> None:
    found = Rail(changes="move house 1 5 5").say("drag", "house 11", 30.0, 30.0, 1)
    assert found == {"changes": "move house 1 5 5; move house 11 10 10"}


def test_one_change_too_many_is_told_and_what_was_changed_stays(told: list[str]) -> None:
    full = "; ".join(["grey", "colour"] * (MOST_CHANGES // 2))
    assert Rail(changes=full).say("remove", "house 1", MOST_CHANGES) == {"changes": full}
    assert told == [f"changes are {MOST_CHANGES + 1}: at most {MOST_CHANGES} can be made."]
    shorter = "; ".join(full.split("; ")[:-1])
    assert Rail(changes=full).say("remove", "house 1", MOST_CHANGES - 1)["changes"] == f"{shorter}; remove house 1"


# Pointing


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ({}, "class3", {"explain": ANSWERS[3]}),
        ({"explain": ANSWERS[3]}, "class3", {}),
        ({"explain": ANSWERS[3]}, "class0", {"explain": ANSWERS[0]}),
        ({}, f"class{len(ANSWERS) - 1}", {"explain": ANSWERS[-1]}),
    ],
)
def test_a_click_on_an_answer_explains_it_and_another_takes_that_back(
    before: dict[str, Any], key: str, after: dict[str, Any]
) -> None:
    assert Rail(**before).say("select", key, config=AttributionConfig()) == after


@pytest.mark.parametrize(
    "key", [f"class{len(ANSWERS)}", "class999", "class-1", "class", "class²", "classic", "house 3", "word2"]
)
def test_all_else_is_only_looked_at(key: str) -> None:
    assert Rail(explain="5").say("select", key) == {"explain": "5", "selected": key}
    assert Rail(explain="5", selected=key).say("select", "") == {"explain": "5"}


@pytest.mark.parametrize("config", [ReadingConfig(), AttributionConfig()], ids=["read", "parts"])
def test_the_scene_is_only_changed_where_changes_are_shown(config: Config) -> None:
    assert set(vqa_hands.listeners(cast("Controls", Rail()), config)) == {"on_select"}
