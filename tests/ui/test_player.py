"""What the player hears from the browser, where anyone may say anything."""

from typing import Any

import pytest
import streamlit as st

from dlcore.ui import player


def heard(monkeypatch: pytest.MonkeyPatch, word: str, said: Any) -> list[tuple[Any, ...]]:
    """What a listener is told when the browser says `said`."""
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(st, "session_state", {"lesson.player": {word: said}})
    player._hearer("lesson.player", word, lambda *arguments: told.append(arguments))()
    return told


@pytest.mark.parametrize(
    ("word", "said", "told"),
    [
        ("step", {"k": 7, "whole": True}, (7, True)),
        ("act", "layer+", ("layer+",)),
        ("again", True, ()),
        ("tab", "equations", ("equations",)),
        ("pick", {"x": 1, "y": -2.5}, (1.0, -2.5)),
        ("select", {"key": "x1→z1"}, ("x1→z1",)),
        ("select", {"key": ""}, ("",)),
        ("edit", {"name": "w1", "value": 0.5, "step": 3}, ("w1", 0.5, 3)),
        ("guess", {"name": "w1", "value": 2, "step": 3, "reveal": 9}, ("w1", 2.0, 3, 9)),
        ("paint", {"points": [[1, 2.5], [-3, 4]]}, ([(1.0, 2.5), (-3.0, 4.0)],)),
        ("paint", {"points": [[0, 0]] * 500}, ([(0.0, 0.0)] * 500,)),
        ("drag", {"key": "house 3", "x": 40, "y": 52.5, "step": 2}, ("house 3", 40.0, 52.5, 2)),
        ("remove", {"key": "boat 1", "step": 0}, ("boat 1", 0)),
        ("place", {"x": 3, "y": 4, "step": 1}, (3.0, 4.0, 1)),
    ],
)
def test_what_a_player_says_is_passed_on(monkeypatch: pytest.MonkeyPatch, word: str, said: Any, told: tuple[Any, ...]):
    assert heard(monkeypatch, word, said) == [told]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("step", None),
        ("step", "late"),
        ("step", [3]),
        ("step", {"k": 3}),
        ("pick", {"x": 1}),
        ("pick", [1, 2]),
        ("select", "x1"),
        ("edit", {"name": "w1", "value": "much", "step": 3}),
        ("edit", {"name": "w1", "value": float("nan"), "step": 3}),
        ("guess", {"name": "w1", "value": float("inf"), "step": 0, "reveal": 1}),
        ("guess", 3),
        ("paint", {"points": []}),
        ("drag", {"key": "house 3", "x": float("nan"), "y": 1, "step": 2}),
        ("drag", {"key": "house 3", "x": 1, "y": 1}),
        ("remove", "boat 1"),
        ("place", {"x": float("inf"), "y": 4, "step": 1}),
        ("paint", {"points": 4}),
        ("paint", {"points": [[1, 2], [3]]}),
        ("paint", {"points": [[1, float("nan")]]}),
        ("paint", {"points": [[0, 0]] * 501}),
    ],
)
def test_what_no_player_says_is_not_passed_on(monkeypatch: pytest.MonkeyPatch, word: str, said: Any):
    assert heard(monkeypatch, word, said) == []


def test_a_listener_that_fails_is_a_defect_and_surfaces(monkeypatch: pytest.MonkeyPatch):
    def fail(step: int, _: bool) -> None:
        raise ValueError(step)

    monkeypatch.setattr(st, "session_state", {"p": {"step": {"k": 1, "whole": True}}})
    with pytest.raises(ValueError, match="1"):
        player._hearer("p", "step", fail)()


def test_no_listener_hears_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(st, "session_state", {"p": {"step": 1}})
    player._hearer("p", "step", None)()
