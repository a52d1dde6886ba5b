"""Rings on things in a tile, in a real browser: moved by mouse, finger and keyboard, taken out, put beside."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import wait
from dlcore.figures.stage import Stage
from dlcore.figures.tiles import Handle, Tile
from tests.browser.solo import Solo
from tests.browser.tiles_screen import box, colour, pictures, tiles_stage

CONTEXT = {"has_touch": True}  # of the browser that `solo` opens
SIZE = 96
HOUSE, LAKE, BOAT = (30.0, 40.0), (60.0, 60.0), (62.0, 58.0)


def handle(key: str, *at: tuple[float, float], **more: Any) -> Handle:
    return Handle(key=key, title=key, places=np.array(at), **more)


def scene(*, placing: str = "", house: tuple[float, float] = HOUSE, seed: int = 0, with_boat: bool = True) -> Stage:
    """A picture of three frames: a house, which is there from frame 1 on, a lake that only can go, a boat on it."""
    gone = (float("nan"), float("nan"))
    handles = [
        handle("house 1", gone, house, house, size=10.0),
        handle("lake 1", LAKE, size=30.0, moves=False),
        *([handle("boat 1", BOAT, size=6.0)] if with_boat else []),
    ]
    values = pictures(3, SIZE, seed)
    tile = Tile(key="scene", title="Scene", values=values, kind="picture", alike=True, handles=handles, placing=placing)
    return tiles_stage(tile, frames=3)


def ring(solo: Solo, key: str) -> Locator:
    return solo.page.locator(f".dp-handles button[data-key='{key}']")


def spot(solo: Solo, at: tuple[float, float]) -> tuple[float, float]:
    """A place of the picture, in cells, on the page."""
    left, top, width, height = box(solo, 0)
    return left + at[0] * width / SIZE, top + at[1] * height / SIZE


def middle(solo: Solo, key: str) -> tuple[float, float]:
    given: Any = ring(solo, key).bounding_box()
    return given["x"] + given["width"] / 2, given["y"] + given["height"] / 2


def drag(solo: Solo, key: str, to: tuple[float, float]) -> None:
    solo.page.mouse.move(*middle(solo, key))
    solo.page.mouse.down()
    solo.page.mouse.move(*spot(solo, to), steps=5)
    solo.page.mouse.up()


@pytest.fixture
def town(solo: Solo) -> Solo:
    return solo.give(scene(placing="Add a house"), step=2)


def test_pictures_that_travelled_as_differences_are_whole_again(town: Solo):
    for k in (0, 2, 1):
        town.go(k)
        for cell in ((3, 7), (90, 50)):
            at = spot(town, (cell[1] + 0.5, cell[0] + 0.5))
            assert colour(town, at)[:3] == pictures(3, SIZE)[(k, *cell)].tolist()


def test_rings_are_where_things_are_and_only_while_they_are(town: Solo):
    for key, at in (("house 1", HOUSE), ("lake 1", LAKE), ("boat 1", BOAT)):
        assert middle(town, key) == pytest.approx(spot(town, at), abs=1)
    expect(ring(town, "house 1")).to_have_accessible_name(
        "house 1, at 30, 40; the arrow keys move it, Delete removes it"
    )
    town.go(0)
    expect(ring(town, "house 1")).to_be_hidden()
    expect(town.page.locator(".dp-handle")).to_have_count(2)


def test_a_thing_is_moved_by_the_mouse_and_told_where_to_once(town: Solo):
    drag(town, "house 1", (70, 20))
    (said,) = town.said("drag")
    assert (said["key"], said["step"]) == ("house 1", 2)
    assert (said["x"], said["y"]) == pytest.approx((70, 20), abs=0.6)
    assert town.said("place") == town.said("select") == town.said("remove") == []


def test_the_thing_comes_along_and_stays_until_the_page_answers(town: Solo):
    expect(town.page.locator(".dp-tile-over image")).to_have_count(0)
    drag(town, "house 1", (70, 20))
    assert middle(town, "house 1") == pytest.approx(spot(town, (70, 20)), abs=2)
    expect(town.page.locator(".dp-tile-over image")).to_have_count(1)
    town.give(scene(house=(71.0, 22.0), seed=1), step=2)
    assert middle(town, "house 1") == pytest.approx(spot(town, (71, 22)), abs=1)
    expect(town.page.locator(".dp-tile-over image")).to_have_count(0)


def test_a_hand_that_hardly_moves_selects(town: Solo):
    ring(town, "house 1").click()
    assert town.said("select") == [{"key": "house 1"}]
    expect(ring(town, "house 1")).to_have_attribute("aria-pressed", "true")
    ring(town, "house 1").click()
    assert town.said("select")[1:] == [{"key": ""}]
    assert town.said("drag") == []


def test_the_smaller_of_two_things_is_met_first(town: Solo):
    town.page.mouse.click(*spot(town, BOAT))
    assert town.said("select") == [{"key": "boat 1"}]


def test_what_is_dragged_out_is_taken_out(town: Solo):
    drag(town, "boat 1", (SIZE + 15, 40))
    assert town.said("remove") == [{"key": "boat 1", "step": 2}]
    assert town.said("drag") == []


def test_what_cannot_be_moved_stays(town: Solo):
    town.page.mouse.move(*spot(town, (LAKE[0] - 10, LAKE[1])))
    town.page.mouse.down()
    town.page.mouse.move(*spot(town, (10, 10)), steps=4)
    town.page.mouse.up()
    assert town.said("drag") == town.said("remove") == town.said("select") == []
    assert middle(town, "lake 1") == pytest.approx(spot(town, LAKE), abs=1)


def test_the_arrow_keys_move_a_thing_which_is_told_when_they_rest(town: Solo):
    ring(town, "house 1").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowDown"):
        town.page.keyboard.press(key)
    assert middle(town, "house 1") == pytest.approx(spot(town, (36, 58)), abs=1)
    assert town.said("drag") == []
    wait(town.page, "window.said.some(([word]) => word === 'drag')")
    assert town.said("drag") == [{"key": "house 1", "x": 36, "y": 58, "step": 2}]
    assert town.player("player.k") == 2


def test_the_keyboard_moves_nothing_out_of_the_picture(town: Solo):
    ring(town, "house 1").focus()
    for _ in range(5):
        town.page.keyboard.press("Shift+ArrowLeft")
    town.page.keyboard.press("Tab")  # leaving tells it at once
    assert town.said("drag") == [{"key": "house 1", "x": 0, "y": 40, "step": 2}]


def test_escape_puts_a_thing_back(town: Solo):
    ring(town, "house 1").focus()
    town.page.keyboard.press("ArrowRight")
    town.page.keyboard.press("Escape")
    assert middle(town, "house 1") == pytest.approx(spot(town, HOUSE), abs=1)
    town.page.keyboard.press("Tab")
    assert town.said("drag") == []


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_delete_takes_a_thing_out_and_the_keyboard_stays_among_the_rings(town: Solo, key: str):
    ring(town, "boat 1").focus()
    town.page.keyboard.press(key)
    assert town.said("remove") == [{"key": "boat 1", "step": 2}]
    town.give(scene(with_boat=False, seed=1), step=2)
    assert town.page.evaluate("document.activeElement.parentElement.className") == "dp-handles"


def test_a_click_beside_all_rings_tells_where(town: Solo):
    town.page.mouse.click(*spot(town, (80, 10)))
    (said,) = town.said("place")
    assert (said["x"], said["y"]) == pytest.approx((80, 10), abs=0.6)
    assert said["step"] == 2


def test_the_keyboard_finds_a_place_too(town: Solo):
    tile = town.page.locator(".dp-tile-buttons button")
    expect(tile).to_have_accessible_name("Scene. Add a house")
    tile.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        town.page.keyboard.press(key)
    assert town.said("place") == [{"x": SIZE / 2 + 1.5, "y": SIZE / 2 + 1.5, "step": 2}]


def test_without_that_a_click_selects_the_tile(solo: Solo):
    solo.give(scene(), step=2)
    solo.page.mouse.click(*spot(solo, (80, 10)))
    assert solo.said("place") == []
    assert solo.said("select") == [{"key": "scene"}]


def test_a_finger_moves_a_thing(town: Solo):
    start, end = middle(town, "house 1"), spot(town, (50, 80))
    session = town.page.context.new_cdp_session(town.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    touch("touchStart", start)
    for share in (0.3, 0.7, 1.0):
        touch("touchMove", (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    # A hand that is still before it is lifted throws nothing: what flew on would swallow the next test's tap.
    town.page.wait_for_timeout(150)
    touch("touchMove", end)
    touch("touchEnd")
    (said,) = town.said("drag")
    assert (said["x"], said["y"]) == pytest.approx((50, 80), abs=1)
