"""Maps of cells in a real browser: what a frame lights, what pointing at a cell shows, and keeping it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.lattice_screen import (
    BOX,
    FIRST,
    LAST,
    NUMBERS,
    PADDED,
    SIZE,
    W,
    box,
    cell,
    cell_of,
    framed,
    number,
    point,
    window_lattice,
    window_stage,
    working,
)
from tests.browser.solo import Solo

# The contrast of every number with the cell that it stands in.
CONTRASTS = """() => {
  const light = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const texts = [...document.querySelectorAll(".dp-numbers text")];
  return [...document.querySelectorAll("[data-c]")].map((cell, i) => {
    const [a, b] = [light(cell.getAttribute("fill")), light(texts[i].getAttribute("fill"))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@pytest.fixture
def window(solo: Solo) -> Solo:
    return solo.give(window_stage())


# Frames


def test_results_appear_with_the_frame_that_computes_them(window: Solo):
    expected = [f"{value:g}".replace("-", "−") for value in sums().ravel()]
    for k in (0, 1, 7, LAST, 3):
        window.go(k)
        shown = window.page.locator(".dp-numbers text").evaluate_all(NUMBERS)[FIRST["y"] :]
        assert shown == expected[:k] + [""] * (LAST - k)


def sums() -> np.ndarray:
    return np.array([[np.sum(PADDED[r : r + 2, c : c + 2] * W) for c in range(SIZE)] for r in range(SIZE)])


@pytest.mark.parametrize("k", [1, 6, LAST])
def test_the_frame_lies_on_the_cells_under_the_window(window: Solo, k: int):
    window.go(k)
    row, col = divmod(k - 1, SIZE)
    under = box(window, ("x", row, col), ("x", row + 1, col + 1))
    assert framed(window) == pytest.approx(under, abs=4)


def test_the_working_of_a_frame_is_its_sum(window: Solo):
    window.go(6)
    assert working(window) == "y[1, 1] = 1·1 + 2·0 + 4·(−2) + 5·0.5 = −4.5"


def test_before_the_first_frame_nothing_is_lit(window: Solo):
    expect(window.page.locator(".dp-frame:visible")).to_have_count(0)
    assert "=" not in working(window)


# Pointing


def test_pointing_at_a_result_shows_its_sum_and_leaving_it_the_frame_again(window: Solo):
    window.go(1)
    point(window, "y", 1, 1)
    assert working(window).startswith("y[1, 1] =")
    assert framed(window) == pytest.approx(box(window, ("x", 1, 1), ("x", 2, 2)), abs=4)
    window.page.mouse.move(2, 2)
    assert working(window).startswith("y[0, 0] =")
    assert window.said("select") == []


def test_pointing_at_an_input_shows_the_weight_in_every_result_that_it_feeds(window: Solo):
    window.go(LAST)
    before = window.page.locator(".dp-numbers text").evaluate_all(NUMBERS)
    point(window, "x", 2, 2)
    shown = {place: number(window, "y", *place) for place in np.ndindex(SIZE, SIZE)}
    for (row, col), text in shown.items():
        i, j = 2 - row, 2 - col
        fed = i in (0, 1) and j in (0, 1)
        assert text == (f"×{W[i, j]:g}".replace("-", "−") if fed else before[cell_of("y", row, col)])
    assert "y[2, 2]" in working(window)
    window.page.mouse.move(2, 2)
    assert window.page.locator(".dp-numbers text").evaluate_all(NUMBERS) == before


def test_pointing_at_a_weight_lists_all_that_it_multiplies_but_zeros_around(window: Solo):
    point(window, "w", 1, 0)
    listed = {tuple(map(int, place)) for place in re.findall(r"y\[(\d), (\d)\] gets", working(window))}
    assert listed == {(r, c) for r, c in np.ndindex(SIZE, SIZE) if c > 0 and r < SIZE - 1}


def test_a_zero_of_the_corner_feeds_one_result(window: Solo):
    point(window, "x", 0, 0)
    assert re.findall(r"y\[\d, \d\]", working(window)) == ["y[0, 0]"]


def test_the_largest_is_told_from_the_others(solo: Solo):
    solo.give(window_stage(kind="max"), step=6)
    assert working(solo).endswith("= 5")
    assert solo.page.locator(".dp-terms b").all_inner_texts() == ["5"]


def test_maps_in_two_places_point_at_the_same_cell(solo: Solo):
    solo.give(window_stage(replace(window_lattice(), key="again", area="side")), step=3)
    point(solo, "y", 3, 3)
    for key in ("window", "again"):
        pane = solo.page.locator(f"#dp-pane-{key}")
        ring = pane.locator(".dp-lit > path").last.evaluate_all(BOX)
        assert ring == pytest.approx(pane.locator(f"[data-c='{cell_of('y', 3, 3)}']").evaluate_all(BOX), abs=4)


# Keeping


def test_a_click_keeps_a_cell_and_another_lets_it_go(window: Solo):
    cell(window, "y", 2, 1).click(force=True)
    window.page.mouse.move(2, 2)
    assert working(window).startswith("y[2, 1] =")
    cell(window, "y", 2, 1).click(force=True)
    assert window.said("select") == [{"key": "y.2.1"}, {"key": ""}]


@pytest.mark.parametrize("how", ["beside", "Escape"])
def test_a_kept_cell_is_let_go(window: Solo, how: str):
    cell(window, "y", 0, 3).click(force=True)
    if how == "Escape":
        window.page.keyboard.press("Escape")
    else:
        left, top, _, _ = box(window, ("x", 0, 0))
        window.page.mouse.click(left + 2, top - 60)
    assert window.said("select") == [{"key": "y.0.3"}, {"key": ""}]


def test_the_address_keeps_a_cell(solo: Solo):
    solo.give(window_stage(), selected="y.3.3", step=2)
    assert working(solo).startswith("y[3, 3] =")


def test_a_key_that_names_no_cell_is_passed_over(solo: Solo):
    for key in ("y.9.9", "nothing.0.0", "y", "__proto__.0.0"):
        solo.clear().give(window_stage(), selected=key, step=1)
        assert working(solo).startswith("y[0, 0] =")


# Seeing


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_stand_out_from_their_cells(solo: Solo, dark: bool):
    ground = "#12161c" if dark else "#ffffff"
    solo.page.evaluate(f"document.documentElement.style.setProperty('--st-background-color', '{ground}')")
    solo.give(window_stage(), step=LAST)
    contrasts = solo.page.evaluate(CONTRASTS)
    solo.page.evaluate("document.documentElement.style.removeProperty('--st-background-color')")
    assert len(contrasts) == 45
    assert min(contrasts) >= 4.5
