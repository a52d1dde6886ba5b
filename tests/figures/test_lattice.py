"""Maps of cells on their way to the player: every cell's text, shade and name, and which cells meet."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.figures.lattice import Grid, Lattice, Working, cell_text
from dlcore.figures.stage import Stage, pack
from dlcore.figures.theme import LEVELS, PALETTE, dark_partners
from tests.figures.test_stage import read

NAN, INF = np.nan, np.inf


def grid(values: Any, **more: Any) -> Grid:
    return Grid(
        **{"key": "x", "title": "x", "role": "ground", "origin": (0, 0), **more}, values=np.array(values, float)
    )


def sent(*grids: Grid, **more: Any) -> dict[str, Any]:
    """A lattice as the player reads it."""
    empty = {"links": np.zeros((0, 3), np.int32), "products": np.zeros(0), "active": np.array([-1])}
    lattice = Lattice(
        **{"key": "l", "title": "L", "grids": grids, "roles": ("result", "ground", "window"), **empty, **more}
    )
    return read(pack(Stage(views=[lattice])))["views"][0]


def test_a_lattice_and_its_working_travel_with_what_they_are_called():
    lattice = Lattice(
        key="window",
        title="Window",
        grids=[grid([[1]])],
        roles=("result",),
        links=np.array([[0]]),
        products=np.ones(1),
        active=np.array([0]),
        alt="One cell.",
    )
    views = read(pack(Stage(views=[lattice, Working(key="sum", title="The sum", lattice="window")])))["views"]
    assert [(view["type"], view["key"], view["area"]) for view in views] == [
        ("lattice", "window", "main"),
        ("working", "sum", "side"),
    ]
    assert (views[0]["alt"], views[0]["kind"], views[1]["lattice"]) == ("One cell.", "sum", "window")


def test_cells_travel_row_by_row():
    (told,) = sent(
        grid([[1, 2.5, -3], [4, 0, 6]], names=[["a", "b", "c"], ["d", "e", "f"]], known=np.arange(6).reshape(2, 3))
    )["grids"]
    assert (told["rows"], told["cols"]) == (2, 3)
    assert told["values"] == [1, 2.5, -3, 4, 0, 6]
    assert told["texts"] == ["1", "2.5", "−3", "4", "0", "6"]
    assert told["names"] == ["a", "b", "c", "d", "e", "f"]
    assert told["known"] == [0, 1, 2, 3, 4, 5]


def test_what_is_not_given_is_nothing_special():
    (told,) = sent(grid([[1, 2]]))["grids"]
    assert (told["kinds"], told["known"], told["names"], told["edits"], told["narrow"]) == (
        [0, 0],
        [0, 0],
        ["", ""],
        None,
        None,
    )


def test_no_number_is_written_where_there_is_none():
    (told,) = sent(grid([[NAN, INF, -INF, 1e6]]))["grids"]
    assert told["texts"] == ["", "∞", "−∞", "1e6"]
    json.dumps(told["values"], allow_nan=False)


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_in_a_cell_is_short_and_has_the_right_size(value: float):
    text = cell_text(value)
    assert len(text) <= 7
    written = float(text.replace("−", "-"))
    assert written == pytest.approx(value, rel=0.51, abs=1e-45)


def test_the_shade_grows_with_the_size_and_tells_the_sign():
    (told,) = sent(grid([[-9, -2, -1e-3, 0, 1e-3, 2, 4, 8, 9]], shade=8))["grids"]
    levels = told["levels"]
    assert levels == sorted(levels)
    assert (levels[0], levels[3], levels[-1], levels[-2]) == (0, LEVELS, 2 * LEVELS, 2 * LEVELS)
    assert levels[2] < LEVELS < levels[4]  # what is not zero does not look like it


def test_without_a_shade_every_cell_has_the_middle_one():
    (told,) = sent(grid([[-5, NAN, 5]], shade=0))["grids"]
    assert told["levels"] == [LEVELS] * 3


def test_every_colour_has_a_dark_partner():
    view = sent(grid([[1]]))
    colours = {*view["shades"], *view["colours"].values()}
    assert len(view["shades"]) == 2 * LEVELS + 1
    assert colours <= set(dark_partners())
    assert view["colours"]["accent"] == PALETTE["accent"][0]


@pytest.mark.parametrize("count", [0, 1, 500])  # short arrays travel another way
def test_links_and_products_arrive_as_they_are(count: int):
    draw = np.random.default_rng(count)
    links = draw.integers(-1, 60_000, (count, 3)).astype(np.int32)
    products = draw.normal(size=count)
    view = sent(grid([[1]]), links=links, products=products, starts=np.array([0.5]), active=np.array([-1, 0]))
    assert np.array_equal(np.reshape(view["links"], (-1, 3)), links)
    assert np.asarray(view["products"]) == pytest.approx(products, rel=1e-6)
    assert (view["starts"], view["active"]) == ([0.5], [-1, 0])
