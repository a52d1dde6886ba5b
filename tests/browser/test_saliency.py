"""The lesson on saliency in a real browser: maps arrive, classes are asked for, the picture is painted on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FloatRect, expect

from benchmarks._browser import WINDOW, Screen
from tests.browser.sight import OVERFLOW, PHONE, READABLE, faint
from tests.pages.saliency_page import DIGIT, QUICK, SLUG, STAGES, TITLES
from tests.pages.stages import written

BOXES = (
    "Array.from(document.querySelectorAll('.dp-tile-buttons button'), (one) => one.getBoundingClientRect().toJSON())"
)
#: How many maps have something in them.
READY = "player.header.arrays.find((field) => field.pending === 'signed').ready"
FEW = ("gradient", "guided")


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    text = {f"{SLUG}.{name}": value for name, value in written(TITLES, **values).items()}
    return f"{SLUG}?" + urlencode(text, doseq=True)


SMALL: dict[str, dict[str, Any]] = {
    **{name: {**DIGIT, **QUICK} for name in STAGES},
    "study": {"num_images": 20},
    "watermarks": {"num_images": 20},
    "training": {**DIGIT, **QUICK, "num_epochs": 2},
}
VIEWS = {name: link(**{**values, **SMALL[name], "methods": FEW}) for name, values in STAGES.items()}
#: As unlike one another as texts are here.
DIFFERENT = ("maps", "study", "training")


def computed(screen: Screen) -> Screen:
    """Waits until the run has ended and all of its frames are there."""
    return screen.until("player.feed.ended")


def tile(screen: Screen, number: int) -> FloatRect:
    """Where a tile's cells lie on the screen."""
    found = screen.page.locator(".dp-tile-buttons button").nth(number).bounding_box()
    assert found is not None
    return found


def said(screen: Screen, name: str) -> str | None:
    """What the address says of a control."""
    return screen.page.evaluate("(name) => new URL(location).searchParams.get(name)", f"{SLUG}.{name}")


def answers(screen: Screen) -> list[str]:
    """The chance of each class as it is written."""
    return screen.page.locator(".dp-bars b").all_inner_texts()


def test_it_opens_alive_and_nothing_but_maps_changes_place(screen: Screen) -> None:
    screen.lesson(SLUG).until(f"{READY} > 0")
    boxes = screen.page.evaluate(BOXES)
    assert len(boxes) == 12  # the picture and its maps
    screen.until("player.transport.playing || player.k > 0")
    computed(screen).do("end").committed()
    assert screen.label == "method 11 / 11"
    assert screen.page.evaluate(BOXES) == boxes


def test_a_click_on_a_class_explains_it_and_another_takes_it_back(screen: Screen) -> None:
    computed(screen.lesson(VIEWS["maps"]))
    run = screen.player("player.feed.stream")
    for asked in ("4", None):
        before = screen.draws
        screen.page.locator(".dp-bars button").nth(4).click()
        screen.drawn(before)
        assert said(screen, "label") == asked
        assert screen.player("player.feed.stream") != run
        run = screen.player("player.feed.stream")
    computed(screen)


def test_the_mouse_paints_on_the_picture_and_the_network_is_asked_again(screen: Screen) -> None:
    computed(screen.lesson(link(brush="black", radius=8.0, methods=FEW, **QUICK)))
    before, chances, box = screen.draws, answers(screen), tile(screen, 0)
    x, y, side = box["x"], box["y"], box["width"]
    screen.page.mouse.move(x + 0.25 * side, y + 0.5 * side)
    screen.page.mouse.down()
    screen.page.mouse.move(x + 0.75 * side, y + 0.5 * side, steps=8)
    screen.page.mouse.up()
    screen.drawn(before)
    colour, _, points = (said(screen, "strokes") or "").partition(":")
    assert colour == "black 8"
    places = [tuple(map(float, point.split(","))) for point in points.split()]
    assert places[0] == pytest.approx((16, 32), abs=1)
    assert places[-1] == pytest.approx((48, 32), abs=5)
    assert answers(screen) != chances
    computed(screen)


def test_pixels_are_deleted_to_the_last_one(screen: Screen) -> None:
    computed(screen.lesson(VIEWS["deletion"]))
    screen.do("reset").committed()
    screen.do("toggle").until("player.k > 0")
    screen.do("end").committed()
    assert screen.label.startswith("pixels 64 / 64")
    last = "Array.from(player.header.arrays.find((field) => field.pending === 'picture.{}').row(player.k))"
    assert screen.player(last.format("gradient")) == screen.player(last.format("guided"))


def test_one_looks_at_the_same_place_in_all_maps(screen: Screen) -> None:
    computed(screen.lesson(VIEWS["maps"]))
    box = tile(screen, 3)
    screen.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    values = screen.page.locator(".dp-tiles").first.locator(".dp-tile-value text")
    expect(values.filter(visible=True)).to_have_count(12)


def test_a_display_control_computes_nothing(screen: Screen) -> None:
    computed(screen.lesson(link(**DIGIT, **QUICK, group="display", methods=FEW)))
    run = screen.player("player.feed.stream")
    before = screen.draws
    screen.control("overlay", SLUG).get_by_role("slider").focus()
    screen.page.keyboard.press("ArrowRight")
    screen.drawn(before)
    assert screen.player("player.feed.stream") == run
    assert screen.player(READY) == 11


@pytest.mark.parametrize("name", VIEWS)
def test_it_fits_one_screen_every_tab_draws_and_texts_can_be_read_in_both_themes(screen: Screen, name: str) -> None:
    computed(screen.lesson(VIEWS[name])).do("end").committed()
    bar = screen.page.locator(".dp-bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= WINDOW["height"]
    head = screen.player("player.header.views.filter((view) => view.area === 'head').length")
    for title in screen.page.locator(".dp-tabs [role=tab]").all_inner_texts():
        screen.tab(title)
        expect(screen.page.locator(".dp-side .dp-view:visible")).to_have_count(1 + head)
    if name in DIFFERENT:
        assert faint(screen) == READABLE


def test_nothing_is_wider_than_a_phone(visit: Callable[..., Screen]) -> None:
    screen = visit(**PHONE)
    for name in ("maps", "study", "sanity"):
        computed(screen.lesson(VIEWS[name]))
        assert screen.page.evaluate(OVERFLOW) == [], name
