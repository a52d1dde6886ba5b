"""Plotly's own objects, which know every name and check every value, accept each figure that a lesson opens with."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import discover
from tests.figures.plotted import taken
from tests.pages.stages import stage_on, view_on

SLUGS = [entry.slug for entry in discover()]
GOOD: dict[str, Any] = {"data": [{"type": "scatter", "y": [1, 2], "line": {"width": 2}}], "layout": {}}


def check_figures(page: AppTest) -> int:
    """Plotly takes all figures of the page as they are; how many there are."""
    keys = [view["key"] for view in stage_on(page)[1]["views"] if view["type"] == "plot"]
    for key in keys:
        view = view_on(page, key)
        figure = taken(view["figure"])
        assert {track["trace"] for track in view["tracks"]} <= set(range(len(figure.data))), key
    return len(keys)


@pytest.mark.parametrize("slug", SLUGS)
def test_plotly_takes_every_figure_of_every_view_as_it_is(open_page: Callable[..., AppTest], slug: str) -> None:
    page = open_page(slug)

    def menu() -> Any:
        return page.get_by_key(f"{slug}.view")

    views = menu().options
    counts = [check_figures(menu().set_value(view).run()) for view in views]
    assert len(views) >= 2
    assert any(counts)


def test_a_good_figure_is_taken() -> None:
    assert taken(GOOD).data[0].line.width == 2


@pytest.mark.parametrize(
    "trace",
    [
        {"type": "scatter", "y": [1, 2], "line_width": 2},  # Plotly.py alone takes this apart
        {"type": "scatter", "y": [1, 2], "line": {"widht": 2}},
        {"type": "scatter", "y": [1, 2], "line": {"dash": 7}},
        {"type": "scater", "y": [1, 2]},
    ],
    ids=["underscore", "no such name", "no such value", "no such type"],
)
def test_a_planted_fault_is_refused(trace: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        taken({**GOOD, "data": [trace]})


def test_a_planted_fault_of_the_layout_is_refused() -> None:
    with pytest.raises((AssertionError, ValueError)):
        taken({**GOOD, "layout": {"xaxis_title": "step"}})
