"""The seed's row: a new seed is another one, the same for everyone in the room; reset leaves it alone."""

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from dlcore.ui import seeds
from dlcore.ui.controls import Controls

c = Controls("toy", {"count": 10, "several": ("a", "b"), "seed": 4, "step": 0})
c.slider("count", "Count", 0, 100, 5)
c.pills("several", "Several", {"a": "A", "b": "B", "c": "C"})
st.session_state["seed"] = seeds.row(c)
c.number("step", "Step", 0, 99, 1)
"""
ELSEWHERE = {"count": 35, "several": ["c"], "seed": 7, "step": 12}


def opened(**values: int | list[str]) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    for name, value in values.items():
        app.session_state[f"toy.{name}"] = value
    return app.run()


def said(app: AppTest) -> dict[str, int | list[str]]:
    assert not app.exception
    assert app.session_state["seed"] == app.session_state["toy.seed"]
    return {name: app.session_state[f"toy.{name}"] for name in ELSEWHERE}


def press(app: AppTest, name: str) -> AppTest:
    return app.button(key=f"toy.{name}").click().run()


def test_a_new_seed_changes_the_seed_and_starts_over() -> None:
    app = opened(**ELSEWHERE)
    after = said(press(app, "new-seed"))
    assert after == {**ELSEWHERE, "seed": after["seed"], "step": 0}
    assert after["seed"] != ELSEWHERE["seed"]


def test_everyone_gets_the_same_new_seeds_and_none_comes_twice() -> None:
    first, second = (opened(seed=7) for _ in range(2))
    seeds = [said(press(first, "new-seed"))["seed"] for _ in range(5)]
    assert [said(press(second, "new-seed"))["seed"] for _ in range(5)] == seeds
    assert len({7, *map(str, seeds)}) == 6


@pytest.mark.parametrize("last", [2**31 - 1, 2**31 - 2])
def test_after_the_largest_seed_comes_one_that_is_possible(last: int) -> None:
    after = said(press(opened(seed=last), "new-seed"))["seed"]
    assert isinstance(after, int)
    assert 0 <= after < last


def test_reset_brings_back_the_opening_scene_with_the_readers_seed() -> None:
    assert said(press(opened(**ELSEWHERE), "reset")) == {"count": 10, "several": ["a", "b"], "seed": 7, "step": 0}


def test_a_new_seed_after_a_reset_goes_on_from_the_readers() -> None:
    app = opened(**ELSEWHERE)
    expected = said(press(opened(seed=7), "new-seed"))["seed"]
    press(app, "reset")
    assert said(press(app, "new-seed"))["seed"] == expected
