"""Tiles in a real browser: pointing at a place of all of them, selecting, keys, fingers, a brush."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import wait
from dlcore.figures.tiles import Tile
from tests.browser.solo import Solo
from tests.browser.tiles_screen import (
    FRAMES,
    NAMES,
    SIZE,
    TITLES,
    box,
    cell,
    framed,
    map_tiles,
    maps,
    pictures,
    seen,
    tiles_stage,
    values,
    words,
)

CONTEXT = {"has_touch": True}  # of the browser that `solo` opens
# Where the lines of the cross meet, for every tile that has one: [tile, x, y] on the page.
CROSSES = """(all) => all.map((tile) => [Number(tile.dataset.tile), tile.querySelector(".dp-tile-over rect")])
  .filter(([, square]) => square).map(([number, square]) => {
    const { x, y, width, height } = square.getBoundingClientRect();
    return [number, x + width / 2, y + height / 2];
  })"""


def crosses(solo: Solo) -> dict[int, tuple[float, float]]:
    found = solo.page.locator("[data-tile]").evaluate_all(CROSSES)
    return {number: (x, y) for number, x, y in found}


def button(solo: Solo, index: int) -> Locator:
    return solo.page.locator(".dp-tile-buttons button").nth(index)


@pytest.fixture
def six(solo: Solo) -> Solo:
    """Six maps, with signs, in a stage of six frames."""
    return solo.give(tiles_stage(*map_tiles(maps()), frames=6, follow=True, signed=True), step=2)


# Pointing


def test_a_place_is_seen_in_all_tiles_with_what_is_there(six: Solo):
    six.page.mouse.move(*cell(six, 3, 7, 4))
    found = crosses(six)
    assert list(found) == list(range(6))
    for index, at in found.items():
        assert at == pytest.approx(cell(six, index, 7, 4), abs=1)
    assert values(six) == pytest.approx(maps()[:, 7, 4].tolist(), rel=0.006)
    six.page.mouse.move(0, 0)
    assert crosses(six) == {}
    assert values(six) == []


def test_sizes_are_told_where_sizes_are_shown(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps())))
    solo.page.mouse.move(*cell(solo, 0, 7, 4))
    assert values(solo) == pytest.approx(np.abs(maps())[:, 7, 4].tolist(), rel=0.006)


def test_a_tile_with_other_cells_has_no_such_place(solo: Solo):
    small = Tile(key="small", title="Small", values=maps(size=5)[:1])
    solo.give(tiles_stage(*map_tiles(maps()), small))
    solo.page.mouse.move(*cell(solo, 0, 7, 4))
    assert list(crosses(solo)) == list(range(6))
    solo.page.mouse.move(*cell(solo, 6, 2, 2, size=5))
    assert list(crosses(solo)) == [6]


def test_of_a_picture_three_shares_are_told_or_one_where_it_is_grey(solo: Solo):
    colours = pictures()
    greys = np.repeat(colours[..., :1], 3, axis=3)
    tiles = [Tile(key=key, title=key, values=given, kind="picture") for key, given in (("a", colours), ("b", greys))]
    solo.give(tiles_stage(*tiles))
    solo.page.mouse.move(*cell(solo, 0, 7, 4))
    coloured, grey = words(solo, ".dp-tile-value")
    assert [float(part) for part in coloured.split()] == pytest.approx(colours[0, 7, 4] / 255, abs=0.006)
    assert float(grey) == pytest.approx(greys[0, 7, 4, 0] / 255, abs=0.006)


def test_the_key_tells_how_much_the_full_colour_is_of_the_tile_that_is_looked_at(six: Solo):
    before = six.page.locator(".dp-key rect").first.bounding_box()
    six.page.mouse.move(*cell(six, 1, 7, 4))
    _, high = words(six, ".dp-key")
    limit = np.percentile(np.abs(maps()[1]), 99)
    assert high.endswith(" in Gradient × input")
    assert seen(six, "set.limit(set.tiles[1], 2)") == pytest.approx(limit, rel=1e-5)
    assert six.page.locator(".dp-key rect").first.bounding_box() == before


def test_numbers_follow_the_frame(solo: Solo):
    solo.give(tiles_stage(Tile(key="a", title="A", values=maps()[:FRAMES]), signed=True))
    solo.page.mouse.move(*cell(solo, 0, 7, 4))
    for k in range(FRAMES):
        assert values(solo.go(k)) == pytest.approx([maps()[k, 7, 4]], rel=0.006)


def test_pointing_asks_nothing_of_the_page(six: Solo):
    before = six.page.evaluate("window.said.length")
    for index in range(6):
        six.page.mouse.move(*cell(six, index, index, 3))
    assert six.page.evaluate("window.said.length") == before


def test_a_finger_leaves_the_cross_where_it_was(six: Solo):
    six.page.touchscreen.tap(*cell(six, 3, 7, 4))
    assert crosses(six)[0] == pytest.approx(cell(six, 0, 7, 4), abs=1)
    wait(six.page, "window.said.some(([name]) => name === 'select')")  # a finger's click comes after its touch
    assert six.said("select") == [{"key": NAMES[3]}]
    left, top, width, height = box(six, 3)
    six.page.touchscreen.tap(left + width / 2, top + height + 8)
    assert crosses(six) == {}


# Selecting


def test_a_click_selects_a_tile_and_the_next_lets_it_go(six: Solo):
    assert framed(six) == [2]
    button(six, 4).click()
    assert framed(six) == [4]
    expect(button(six, 4)).to_have_attribute("aria-pressed", "true")
    assert framed(six.go(5)) == [4]  # what was chosen stays
    button(six, 4).click()
    assert framed(six) == [5]
    assert six.said("select") == [{"key": NAMES[4]}, {"key": ""}]


def test_what_the_page_selects_has_the_frame(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps())), selected=NAMES[1])
    assert framed(solo) == [1]


def test_a_click_leaves_the_keys_to_the_transport_bar(six: Solo):
    button(six, 4).click()
    six.page.keyboard.press("ArrowRight")
    assert six.player("player.k") == 3


# The keyboard


def label(solo: Solo) -> str:
    return solo.page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_tab_reaches_one_tile_and_the_arrow_keys_the_others(six: Solo):
    stops = six.page.locator(".dp-tile-buttons button").evaluate_all("(all) => all.map((one) => one.tabIndex)")
    assert stops == [0, -1, -1, -1, -1, -1]
    button(six, 0).focus()
    columns = len({round(box(six, index)[0]) for index in range(6)})
    six.page.keyboard.press("ArrowRight")
    assert label(six) == TITLES[1]
    six.page.keyboard.press("ArrowDown")
    assert label(six) == TITLES[1 + columns]
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft"):
        six.page.keyboard.press(key)
    assert label(six) == TITLES[0]
    assert six.player("player.k") == 2


def test_with_shift_the_arrow_keys_go_from_cell_to_cell_and_tell_what_is_there(six: Solo):
    button(six, 3).focus()
    six.page.keyboard.press("Shift+ArrowRight")
    assert crosses(six)[3] == pytest.approx(cell(six, 3, SIZE // 2, SIZE // 2), abs=1)
    for key in ("Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp"):
        six.page.keyboard.press(key)
    row, col = SIZE // 2 - 2, SIZE // 2 + 1
    assert crosses(six)[0] == pytest.approx(cell(six, 0, row, col), abs=1)
    said = six.page.locator(".dp-tiles .dp-spoken").inner_text()
    assert said.startswith(f"Integrated gradients, row {row + 1}, column {col + 1}: ")
    six.page.keyboard.press("Escape")
    assert crosses(six) == {}
    assert six.player("player.k") == 2


def test_enter_selects_and_the_keyboard_stays_where_it_is_in_a_new_stage(six: Solo):
    button(six, 1).focus()
    six.page.keyboard.press("Enter")
    assert six.said("select") == [{"key": NAMES[1]}]
    six.give(tiles_stage(*map_tiles(maps(seed=3)), frames=6), step=2)
    assert label(six) == TITLES[1]


def test_leaving_the_tiles_takes_the_cross_away(six: Solo):
    button(six, 3).focus()
    six.page.keyboard.press("Shift+ArrowRight")
    six.page.keyboard.press("Tab")
    assert crosses(six) == {}


# The brush


@pytest.fixture
def easel(solo: Solo) -> Solo:
    """A picture that is painted on, and a map."""
    return solo.give(easel_stage())


def easel_stage(seed: int = 0) -> Any:
    picture = Tile(
        key="picture", title="Picture", values=pictures(seed=seed), kind="picture", paints=True, brush=("#aa3300", 2.0)
    )
    return tiles_stage(picture, *map_tiles(maps()))


def stroke(solo: Solo, index: int = 0) -> Locator:
    return solo.page.locator(f"[data-tile='{index}'] .dp-tile-stroke")


def test_a_stroke_is_seen_at_once_and_told_when_the_hand_is_lifted(easel: Solo):
    path = [(2, 2), (2, 8), (6, 8)]
    easel.page.mouse.move(*cell(easel, 0, *path[0]))
    easel.page.mouse.down()
    for row, col in path[1:]:
        easel.page.mouse.move(*cell(easel, 0, row, col), steps=10)
    drawn = stroke(easel).get_attribute("d") or ""
    assert drawn.startswith("M2.5")
    assert easel.said("paint") == []
    easel.page.mouse.up()
    ((points,),) = [list(said.values()) for said in easel.said("paint")]
    assert points[0] == pytest.approx([2.5, 2.5], abs=0.1)  # x to the right, y down
    assert points[-1] == pytest.approx([8.5, 6.5], abs=0.6)
    assert min(np.hypot(x - 8.5, y - 2.5) for x, y in points) < 0.6  # round the corner
    assert stroke(easel).get_attribute("stroke") == "#aa3300"
    assert stroke(easel).get_attribute("stroke-width") == "2"
    assert easel.said("select") == []
    easel.give(easel_stage(seed=1))
    assert stroke(easel).get_attribute("d") == ""  # the page's picture has it now


def test_a_click_is_a_dot(easel: Solo):
    easel.page.mouse.click(*cell(easel, 0, 4, 9))
    (said,) = easel.said("paint")
    assert said["points"] == [pytest.approx([9.5, 4.5], abs=0.1)]
    box_of_dot: Any = stroke(easel).bounding_box()
    assert box_of_dot is not None


def test_a_stroke_that_leaves_the_picture_goes_on(easel: Solo):
    left, top, width, height = box(easel, 0)
    easel.page.mouse.move(left + 5, top + height / 2)
    easel.page.mouse.down()
    easel.page.mouse.move(left + width + 30, top + height / 2, steps=10)
    easel.page.mouse.up()
    (said,) = easel.said("paint")
    assert said["points"][-1][0] > SIZE


# A hand that scribbles: from a place of the page to another, so many times.
SCRIBBLE = """([from, to, count]) => {
  const tell = (type, i) => document.querySelector(".dp-paints").dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 1, button: 0, clientX: (i % 2 ? to : from)[0], clientY: (i % 2 ? to : from)[1] }));
  const { setPointerCapture } = HTMLElement.prototype;
  HTMLElement.prototype.setPointerCapture = () => {}; // there is no such pointer
  tell("pointerdown", 0);
  for (let i = 1; i < count; i++) tell("pointermove", i);
  tell("pointerup", 0);
  HTMLElement.prototype.setPointerCapture = setPointerCapture; // other tests' pointers are real
}"""


def test_a_long_stroke_is_told_in_at_most_five_hundred_places(easel: Solo):
    easel.page.evaluate(SCRIBBLE, [cell(easel, 0, 1, 1), cell(easel, 0, 9, 9), 3000])
    (said,) = easel.said("paint")
    assert 100 < len(said["points"]) <= 500
    assert said["points"][0] == pytest.approx([1.5, 1.5], abs=0.1)


def test_nothing_is_painted_on_a_tile_that_is_not_for_it(easel: Solo):
    easel.page.mouse.move(*cell(easel, 2, 2, 2))
    easel.page.mouse.down()
    easel.page.mouse.move(*cell(easel, 2, 6, 6), steps=5)
    easel.page.mouse.up()
    assert easel.said("paint") == []


def test_the_keyboard_paints_a_dot_at_the_cross(easel: Solo):
    button(easel, 0).focus()
    easel.page.keyboard.press("Enter")
    assert easel.said("paint") == []  # there is no place yet
    easel.page.keyboard.press("Shift+ArrowRight")
    easel.page.keyboard.press("Enter")
    assert easel.said("paint") == [{"points": [[SIZE / 2 + 0.5, SIZE / 2 + 0.5]]}]
