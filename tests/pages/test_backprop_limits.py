"""What cannot be on the page on backpropagation is told in one sentence, and the picture stays."""

from typing import Any

import pytest

from dlcore.topics.backprop_config import BackpropConfig
from tests.pages.backprop_page import config_on, control, opened
from tests.pages.stages import OpenPage, healthy, prose, stage_bytes, stage_on


def test_a_bad_formula_keeps_the_last_good_picture_and_says_where_it_is_bad(open_page: OpenPage) -> None:
    page = opened(open_page, network="formula", formula="x*x + 3*x")
    before = stage_bytes(healthy(page))
    bad = {
        "x +": "(character 3)",
        "sin(x": "(character 4)",
        "import os": "(character 1)",
        "2": "variable",
        "f*x": "f is",
    }
    for formula, words in bad.items():
        control(page, "formula").set_value(formula).run()
        assert not page.exception
        (error,) = page.error
        assert words in error.value, formula
        assert error.value.count(". ") == 0
        assert stage_bytes(page) == before, formula
    control(page, "formula").set_value("x*x*x").run()
    assert config_on(healthy(page)).formula == "x*x*x"
    assert stage_bytes(page) != before


def test_bad_widths_concern_the_perceptron_alone(open_page: OpenPage) -> None:
    page = opened(open_page, network="mlp")
    before = stage_bytes(page)
    control(page, "shape").set_value("9-9").run()
    assert [error.value for error in page.error] == ["a layer's width is 9: it must be a whole number from 1 to 6."]
    assert stage_bytes(page) == before
    healthy(control(page, "network").set_value("textbook").run())
    assert config_on(page) == BackpropConfig(network="textbook", lr=0.5)


@pytest.mark.parametrize("level", ["scalars", "modules"])
@pytest.mark.parametrize(
    "values",
    [
        {"network": "formula", "formula": "log(x)", "lr": 10.0},
        {"network": "formula", "formula": "log(x)", "lr": 10.0, "updates": 9, "trained": 50},
        {"network": "formula", "formula": "exp(exp(x))", "edits": "x=7"},
        {"network": "conv", "lr": 10.0, "updates": 20},
        {"network": "formula", "formula": "sqrt(x)", "edits": "x=0"},
    ],
    ids=["log", "later", "exp", "conv", "slope"],
)
def test_numbers_that_leave_the_finite_end_the_walk_with_a_sentence(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, values: dict[str, Any], level: str
) -> None:
    page = healthy(opened(open_page, **values, level=level, below="Check"))
    note, last = stage_on(page)[1]["note"], stage_on(page)[1]["frames"] - 1
    assert note.endswith(". The walk ends with the last finite numbers.")
    assert "<" not in note  # the player shows it as text
    assert stage_on(page)[1]["noteFrom"] == last
    assert "nan" not in prose(page)
    for name in ("The maths", "The code"):
        healthy(control(page, "below").set_value(name).run())
