"""Controls and the address say the same, and a link that says what cannot be is told of once."""

import math
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.ui.controls import log_grid, number_text

SCRIPT = """
import streamlit as st
from dlcore.ui.controls import Controls

FRUIT = {"apple": "Apples", "pear": "Pears, ripe", "plum": "Plums"}
DEFAULTS = {
    "count": 10, "share": 0.5, "lr": 0.05, "size": 8, "seed": 0, "x0": -8.0, "menu": "apple", "mode": "apple",
    "several": ("apple", "pear"), "on": True, "text": "x + y",
}
c = Controls("toy", DEFAULTS)
values = {
    "count": c.slider("count", "Count", 0, 100, 5),
    "share": c.slider("share", "Share", 0.0, 1.0, 0.1),
    "lr": c.log_slider("lr", "Rate", 1e-4, 10.0),
    "size": c.steps("size", "Size", {1: "1", 8: "8", 64: "64", 0: "all"}),
    "seed": c.number("seed", "Seed", 0, 99, 1),
    "x0": c.number("x0", "Start", -10.0, 10.0, 0.1),
    "menu": c.choice("menu", "Menu", FRUIT),
    "mode": c.segmented("mode", "Mode", FRUIT),
    "several": c.pills("several", "Several", FRUIT),
    "on": c.switch("on", "On"),
    "text": c.text("text", "Text", max_chars=20),
}
st.session_state["values"] = values
st.session_state["complaints"] = c.complaints()
st.session_state["present"] = {name: c.present(name) for name in DEFAULTS}
"""
DEFAULTS = {
    "count": 10,
    "share": 0.5,
    "lr": 0.05,
    "size": 8,
    "seed": 0,
    "x0": -8.0,
    "menu": "apple",
    "mode": "apple",
    "several": ("apple", "pear"),
    "on": True,
    "text": "x + y",
}


def opened(**address: str | list[str]) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    for name, value in address.items():
        app.query_params[f"toy.{name}"] = value
    app.run()
    assert not app.exception
    return app


def values_of(app: AppTest) -> dict[str, Any]:
    return app.session_state["values"]


def complaints_of(app: AppTest) -> list[str]:
    return app.session_state["complaints"]


def test_without_an_address_all_is_as_in_the_opening_scene() -> None:
    app = opened()
    assert values_of(app) == DEFAULTS
    assert complaints_of(app) == []
    assert {type(values_of(app)[name]) for name in ("count", "size", "seed")} == {int}
    assert {type(values_of(app)[name]) for name in ("share", "lr", "x0")} == {float}


TAKEN = [
    ("count", "35", 35),
    ("share", "0.3", 0.3),
    ("lr", "0.19", 0.19),
    ("lr", "10", 10.0),
    ("size", "64", 64),
    ("size", "all", 0),
    ("seed", "7", 7),
    ("x0", "-1.2345678901234567", -1.2345678901234567),
    ("x0", "3", 3.0),
    ("menu", "Pears, ripe", "pear"),
    ("mode", "Plums", "plum"),
    ("several", ["Plums"], ("plum",)),
    ("several", ["Plums", "Apples"], ("apple", "plum")),
    ("on", "false", False),
    ("text", "sin(x)^2", "sin(x)^2"),
]


@pytest.mark.parametrize(("name", "text", "value"), TAKEN)
def test_what_the_address_says_is_taken_without_a_word(name: str, text: str | list[str], value: Any) -> None:
    app = opened(**{name: text})
    assert values_of(app) == {**DEFAULTS, name: value}
    assert complaints_of(app) == []


SAYS_DEFAULT = [
    ("count", "10"),
    ("share", "0.5"),
    ("lr", "0.05"),
    ("lr", "5e-2"),
    ("size", "8"),
    ("seed", "0"),
    ("x0", "-8"),
    ("x0", "-8.00"),
    ("menu", "Apples"),
    ("mode", "Apples"),
    ("several", ["Apples", "Pears, ripe"]),
    ("on", "true"),
    ("on", "True"),
    ("text", "x + y"),
]


@pytest.mark.parametrize(("name", "text"), SAYS_DEFAULT)
def test_a_link_that_says_the_default_is_no_complaint(name: str, text: str | list[str]) -> None:
    app = opened(**{name: text})
    assert values_of(app) == DEFAULTS
    assert complaints_of(app) == []


REFUSED = [
    ("count", "101"),
    ("count", "-5"),
    ("count", "many"),
    ("count", ""),
    ("share", "1.5"),
    ("share", "nan"),
    ("lr", "0"),
    ("lr", "99"),
    ("lr", "0.0512"),
    ("lr", "inf"),
    ("lr", "1e-3"),  # the slider knows its numbers as it writes them: 0.001
    ("lr", ["0.1", "0.2"]),
    ("size", "7"),
    ("seed", "-1"),
    ("seed", "100"),
    ("seed", "1e400"),
    ("x0", "10.5"),
    ("x0", "inf"),
    ("x0", "nan"),
    ("x0", "1,5"),
    ("menu", "Cherries"),
    ("mode", "cherry"),
    ("several", ["Cherries"]),
    ("on", "maybe"),
]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_what_cannot_be_falls_back_to_the_default_and_is_told_of_once(name: str, text: str | list[str]) -> None:
    app = opened(**{name: text})
    assert values_of(app) == {**DEFAULTS, name: values_of(app)[name]}
    assert values_of(app)[name] in (DEFAULTS[name], ())  # several: what is left of the list, and nothing may be
    (sentence,) = complaints_of(app)
    assert f"The link's {name} = “" in sentence
    assert "is not possible here" in sentence
    assert sentence.endswith(" now.")


def test_of_several_what_is_possible_is_kept_and_the_rest_told_of() -> None:
    app = opened(several=["Plums", "Cherries"])
    assert values_of(app)["several"] == ("plum",)
    assert len(complaints_of(app)) == 1


def test_every_wrong_parameter_has_its_sentence_and_the_others_hold() -> None:
    app = opened(count="999", lr="0.19", menu="Nothing", wrong="1", seed="5")
    assert values_of(app) == {**DEFAULTS, "lr": 0.19, "seed": 5}
    assert len(complaints_of(app)) == 3
    assert "The link's “wrong” is not a control of this scene and was ignored." in complaints_of(app)


def test_a_long_wrong_value_is_shortened() -> None:
    (sentence,) = complaints_of(opened(menu="x" * 500))
    assert len(sentence) < 150


def test_parameters_of_others_are_nobodys_business() -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    for name in ("lecture", "hide", "utm_source", "toyshop.count"):
        app.query_params[name] = "1"
    assert complaints_of(app.run()) == []


def test_present_is_what_the_control_says_now() -> None:
    app = opened(count="35")
    assert app.session_state["present"] == {**DEFAULTS, "count": 35, "several": ["apple", "pear"]}
    app.slider(key="toy.count").set_value(40).run()
    assert app.session_state["present"]["count"] == 40


@pytest.mark.parametrize("name", ["menu", "mode", "size", "lr", "count", "seed", "on"])
def test_an_empty_parameter_is_no_choice_where_one_is_required(name: str) -> None:
    assert values_of(opened(**{name: ""})) == DEFAULTS


def test_the_log_grid_has_every_two_digit_number_once_in_order() -> None:
    grid = log_grid(1e-4, 10.0)
    assert (grid[0], grid[-1]) == (1e-4, 10.0)
    assert len(grid) == 5 * 90 + 1
    assert grid == sorted(set(grid))
    for value in (0.05, 0.099, 0.11, 0.19, 0.21, 0.001, 2.0, 0.3, 0.07):
        assert value in grid  # exactly, or a scene's rate would not be on the slider
    ratios = [b / a for a, b in pairwise(grid)]
    assert max(ratios) <= 1.1 + 1e-9
    assert log_grid(0.25, 0.6) == [round(0.25 + 0.01 * i, 2) for i in range(36)]


@pytest.mark.parametrize(
    ("value", "text"), [(0.05, "0.05"), (1.0, "1"), (2e-5, "2e-05"), (10.0, "10"), (0.1 + 0.2, "0.3"), (-8.0, "-8")]
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    assert number_text(value) == text


def test_every_number_on_the_grid_is_written_apart_and_read_back() -> None:
    grid = log_grid(1e-4, 10.0)
    assert len({number_text(value) for value in grid}) == len(grid)
    assert all(math.isclose(float(number_text(value)), value, rel_tol=1e-12) for value in grid)
