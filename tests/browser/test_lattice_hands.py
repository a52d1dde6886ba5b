"""Maps of cells in a real browser: changing numbers, the keyboard, telephones, and pictures to take away."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.lattice_screen import BOX, LAST, X, box, cell, framed, number, window_lattice, window_stage, working
from tests.browser.solo import Solo

PHONE: ViewportSize = {"width": 390, "height": 844}


CONTEXT = {"has_touch": True}  # of the browser that `solo` opens


@pytest.fixture
def window(solo: Solo) -> Solo:
    return solo.give(window_stage())


# Changing


def field(solo: Solo) -> Locator:
    return solo.page.locator(".dp-cell-form input")


def open_field(solo: Solo, row: int, col: int) -> Locator:
    cell(solo, "x", row, col).dblclick(force=True)
    expect(field(solo)).to_be_focused()
    return field(solo)


def test_a_number_is_typed_over_its_cell(window: Solo):
    window.go(4)
    place = open_field(window, 1, 2)
    assert place.input_value() == "2"
    assert place.evaluate_all(BOX)[0] == pytest.approx(box(window, ("x", 1, 2))[0], abs=30)
    place.fill("-0,5")
    place.press("Enter")
    assert window.said("edit") == [{"name": "x0.1", "value": -0.5, "step": 4}]


def test_typing_does_not_move_the_player(window: Solo):
    window.go(4)
    place = open_field(window, 1, 1)
    for key in ("ArrowLeft", "ArrowRight", "Home", "End", "Space", "PageDown"):
        place.press(key)
    assert (window.player("player.k"), window.player("player.transport.playing")) == (4, False)


def test_a_click_on_another_cell_sends_what_was_typed(window: Solo):
    open_field(window, 1, 1).fill("7")
    cell(window, "y", 0, 0).click(force=True)
    assert [edit["value"] for edit in window.said("edit")] == [7]
    assert window.said("edit")[0]["name"] == "x0.0"


def test_escape_leaves_the_number_as_it_was(window: Solo):
    place = open_field(window, 1, 1)
    place.fill("7")
    place.press("Escape")
    expect(place).not_to_be_focused()
    assert window.said("edit") == []


def test_what_is_no_number_is_not_sent(window: Solo):
    place = open_field(window, 1, 1)
    place.fill("many")
    place.press("Enter")
    expect(window.page.get_by_role("alert")).to_have_text("Give a number, such as −0.5.")
    expect(place).to_be_focused()
    cell(window, "y", 0, 0).click(force=True)
    assert window.said("edit") == []


def test_zeros_of_the_border_cannot_be_changed(window: Solo):
    cell(window, "x", 0, 0).click(force=True)
    expect(field(window)).to_be_hidden()


def test_a_new_stage_shows_its_numbers_and_keeps_the_cell(window: Solo):
    cell(window, "y", 1, 1).click(force=True)
    window.page.mouse.move(2, 2)
    window.go(LAST).give(window_stage(x=10 * X))
    assert number(window, "x", 1, 1) == "10"
    assert working(window) == "y[1, 1] = 10·1 + 20·0 + 40·(−2) + 50·0.5 = −45"


def test_the_field_hides_nothing_but_its_cell(solo: Solo):
    solo.give(window_stage(), step=6, selected="x.2.2")
    assert field(solo).evaluate_all(BOX) == pytest.approx(box(solo, ("x", 2, 2)), abs=3)


def test_what_a_field_complains_of_is_seen_on_a_phone(solo: Solo):
    lattice = window_lattice()
    aside = replace(lattice, grids=[replace(lattice.grids[0], narrow=(2, 1)), *lattice.grids[1:]])
    solo.clear(PHONE).give(window_stage(aside), selected="x.3.3")
    field(solo).fill("many")
    field(solo).press("Enter")
    expect(field(solo)).to_have_attribute("aria-invalid", "true")
    left, top, right, bottom = solo.page.get_by_role("alert").evaluate_all(BOX)
    edges = solo.page.locator(".dp-lattice").evaluate_all(BOX)
    assert left >= edges[0]
    assert top >= edges[1]
    assert right <= edges[2]
    assert bottom <= edges[3]


def test_leaving_the_field_sends_its_number(window: Solo):
    open_field(window, 1, 1).fill("7")
    window.page.keyboard.press("Tab")
    assert window.said("edit") == [{"name": "x0.0", "value": 7, "step": 0}]


# The keyboard


def test_the_arrow_keys_go_from_cell_to_cell_and_leave_the_frame_alone(window: Solo):
    window.go(5)
    window.page.locator(".dp-lattice svg").focus()
    window.page.keyboard.press("ArrowRight")  # enters at the present cell
    said = window.page.locator(".dp-lattice [aria-live]")
    expect(said).to_contain_text("y[1, 0]")
    window.page.keyboard.press("ArrowRight")
    window.page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("y[0, 1]")
    assert working(window).startswith("y[0, 1] =")
    assert window.player("player.k") == 5
    window.page.keyboard.press("PageDown")
    assert window.player("player.k") == 6


def test_the_keyboard_reaches_every_map_and_keeps_and_changes_cells(window: Solo):
    window.page.locator(".dp-lattice svg").focus()
    said = window.page.locator(".dp-lattice [aria-live]")
    seen = set()
    for _ in range(14):
        window.page.keyboard.press("ArrowRight")
        seen.add(said.inner_text()[0])
    assert seen >= {"x", "w", "y"}
    for _ in range(40):
        if said.inner_text().startswith("x[1, 1]"):
            break
        window.page.keyboard.press("ArrowLeft" if said.inner_text()[0] != "x" else walk_to(said.inner_text()))
    window.page.keyboard.press("Enter")
    expect(field(window)).to_be_focused()
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Escape")
    assert window.said("select")[-1] == {"key": ""}


def walk_to(said: str) -> str:
    """The next key on the way to x[1, 1]."""
    row, col = map(int, re.findall(r"\d+", said)[:2])
    if row != 1:
        return "ArrowDown" if row < 1 else "ArrowUp"
    return "ArrowRight" if col < 1 else "ArrowLeft"


# Screens and files


def test_on_a_phone_the_maps_lie_one_below_the_other(solo: Solo):
    solo.clear(PHONE).give(window_stage(), step=6)
    x, w, y = (box(solo, (letter, 0, 0)) for letter in ("x", "w", "y"))
    assert w[1] > box(solo, ("x", 4, 0))[3]
    assert abs(w[1] - y[1]) < 1
    assert w[0] == pytest.approx(x[0], abs=1)
    assert box(solo, ("x", 4, 4), ("y", 3, 3))[2] < PHONE["width"]
    assert framed(solo) == pytest.approx(box(solo, ("x", 1, 1), ("x", 2, 2)), abs=4)


def test_a_finger_that_taps_a_cell_keeps_it_without_the_keys_of_the_telephone(solo: Solo):
    solo.clear(PHONE).give(window_stage())
    cell(solo, "x", 2, 2).tap(force=True)
    assert solo.said("select") == [{"key": "x.2.2"}]
    expect(field(solo)).to_be_visible()
    expect(field(solo)).not_to_be_focused()
    field(solo).tap()
    expect(field(solo)).to_be_focused()


def saved(solo: Solo, kind: str) -> tuple[str, bytes]:
    with solo.page.expect_download() as waiting:
        solo.page.locator(f"[data-do={kind}]").click()
    file: Any = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def test_the_picture_is_saved_as_svg_with_the_numbers_that_are_known(window: Solo):
    window.go(6)
    name, content = saved(window, "svg")
    root = ElementTree.fromstring(content)
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text") if "none" not in text.get("style", "")}
    assert name == "window-step-6.svg"
    assert {"9", "−2", "0.5", "−4.5"} <= words


def test_the_picture_is_saved_as_png_at_twice_the_size(window: Solo):
    window.go(6)
    name, content = saved(window, "png")
    picture = Image.open(BytesIO(content)).convert("RGB")
    seen = window.page.locator(".dp-lattice svg").bounding_box()
    assert seen is not None
    assert name == "window-step-6.png"
    assert picture.size == pytest.approx((2 * seen["width"], 2 * seen["height"]), abs=2)
    assert len(picture.getcolors(1 << 24) or []) > 20
    assert picture.getpixel((1, 1)) == (255, 255, 255)
