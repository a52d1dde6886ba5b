"""Tiles in a real browser: room on desks, telephones and in lectures, and what one may take away."""

import itertools
import re
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import ViewportSize

from benchmarks._browser import wait
from dlcore.figures.stage import Stage
from dlcore.figures.tiles import Tile, Tiles
from tests.browser.solo import Solo
from tests.browser.tiles_screen import (
    box,
    cell,
    expected,
    map_tiles,
    maps,
    pictures,
    tiles_stage,
)

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
# Of every word above and below a tile: [tile, left, right, top, bottom].
WORDS = """(all) => all.flatMap((tile) => [...tile.querySelectorAll("text")].map((text) => {
  const { left, right, top, bottom } = text.getBoundingClientRect();
  return [Number(tile.dataset.tile), left, right, top, bottom];
})).filter(([, left, right]) => right > left)"""
LONG = ("Gradient", "Gradient × input", "SmoothGrad²", "Integrated gradients", "Guided backpropagation", "Kernel SHAP")


def some(count: int, *, lead: bool = False, size: int = 8) -> list[Tile]:
    """A picture that leads, or none, and maps with long titles."""
    values = maps(size=size)
    tiles = [
        Tile(key=f"{i}", title=LONG[i % 6], values=values, row=i % 6, caption="inside", number=np.full(6, -0.123))
        for i in range(count - lead)
    ]
    first = Tile(key="p", title="Picture", values=pictures(size=size), kind="picture", lead=True, caption="a star")
    return [first, *tiles] if lead else tiles


def boxes(solo: Solo) -> list[tuple[float, float, float, float]]:
    count = solo.page.locator(".dp-tile-buttons button").count()
    return [box(solo, index) for index in range(count)]


def is_apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] + one[2] <= other[0]
        or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1]
        or other[1] + other[3] <= one[1]
    )


def check_room(solo: Solo) -> None:
    """No tile or word lies on another's cells, is cut, or outside the view."""
    area: Any = solo.page.locator(".dp-tiles").bounding_box()
    all_boxes = boxes(solo)
    assert all(is_apart(one, other) for one, other in itertools.combinations(all_boxes, 2))
    for left, top, width, height in all_boxes:
        assert left >= area["x"]
        assert left + width <= area["x"] + area["width"]
        assert top + height <= area["y"] + area["height"]
    for tile, left, right, top, bottom in solo.page.locator("[data-tile]").evaluate_all(WORDS):
        x, _, width, _ = all_boxes[tile]
        assert left >= x - 1
        assert right <= x + width + 1.5, f"words of tile {tile} are wider than it"
        assert top >= area["y"] - 0.5
        assert bottom <= area["y"] + area["height"] + 1
        word = (left, top + 3, right - left, bottom - top - 6)  # a line of text has room above and below its letters
        assert all(is_apart(word, other) for other in all_boxes)


@pytest.mark.parametrize("lecture", [False, True], ids=["desk", "lecture"])
@pytest.mark.parametrize(("count", "lead"), [(1, False), (2, False), (3, True), (5, False), (7, True), (12, True)])
def test_everything_has_room(solo: Solo, count: int, lead: bool, lecture: bool):
    solo.give(tiles_stage(*some(count, lead=lead)), lecture=lecture)
    check_room(solo)


@pytest.mark.parametrize(("count", "lead"), [(2, False), (4, True), (7, False), (12, True)])
def test_a_telephone_has_two_or_three_in_a_row(solo: Solo, count: int, lead: bool):
    solo.clear(PHONE).give(tiles_stage(*some(count, lead=lead)))
    check_room(solo)
    columns = {round(left) for left, *_ in boxes(solo)}
    assert 2 <= len(columns) <= 3
    assert min(width for *_, width, _ in boxes(solo)) > 100
    assert solo.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_tiles_are_as_large_as_their_room_lets_them(solo: Solo):
    solo.give(tiles_stage(*some(3)))
    three = boxes(solo)
    area: Any = solo.page.locator(".dp-tiles").bounding_box()
    across = three[-1][0] + three[-1][2] - three[0][0]
    down = max(top + height for _, top, _, height in three) - area["y"]
    assert across > 0.9 * area["width"] or down > 0.85 * area["height"]
    solo.give(tiles_stage(*some(12)))
    assert three[0][2] > 1.5 * boxes(solo)[0][2]


def test_a_sheet_of_pairs_has_the_columns_that_are_wanted(solo: Solo):
    def columns() -> int:
        return len({round(left) for left, *_ in boxes(solo)})

    for wanted in (2, 4, 6):
        solo.give(tiles_stage(*some(12), columns=wanted))
        assert columns() == wanted
        check_room(solo)
    solo.clear(PHONE).give(tiles_stage(*some(12), columns=6))
    assert columns() == 2  # a pair stays together


def test_a_tile_that_leads_is_twice_as_large_where_there_is_room(solo: Solo):
    solo.clear({"width": 1440, "height": 620}).give(tiles_stage(*some(12, lead=True)))
    widths = [width for *_, width, _ in boxes(solo)]
    assert widths[0] >= 2 * widths[1]
    solo.clear(PHONE).give(tiles_stage(*some(12, lead=True)))
    widths = [width for *_, width, _ in boxes(solo)]
    assert widths[0] >= 2 * widths[1]


def test_wide_and_high_pictures_keep_their_proportions(solo: Solo):
    wide, high = (np.zeros((1, *shape, 3), np.uint8) for shape in ((6, 18), (18, 6)))
    tiles = [Tile(key=f"{i}", title="A", values=values, kind="picture") for i, values in enumerate((wide, high))]
    solo.give(tiles_stage(*tiles))
    check_room(solo)
    (_, _, a, b), (_, _, c, d) = boxes(solo)
    assert (a / b, c / d) == pytest.approx((3, 1 / 3), rel=0.02)


def test_tiles_stand_beside_a_picture_too(solo: Solo):
    side = Tiles(key="side", title="Layers", tiles=some(5), area="side")
    main = Tiles(key="maps", title="Maps", tiles=some(1))
    solo.give(Stage(views=[main, side], num_frames=1))
    for area in (".dp-main", ".dp-side"):
        view: Any = solo.page.locator(f"{area} .dp-tiles").bounding_box()
        last: Any = solo.page.locator(f"{area} .dp-tile-buttons button").last.bounding_box()
        assert last["x"] + last["width"] <= view["x"] + view["width"]
        assert last["y"] + last["height"] <= view["y"] + view["height"]


def test_a_lecture_has_larger_words(solo: Solo):
    sizes = []
    for lecture in (False, True):
        solo.clear().give(tiles_stage(*some(6)), lecture=lecture)
        sizes.append(float(solo.page.locator("[data-tile='0']").get_attribute("font-size") or 0))
    assert sizes[1] > 1.3 * sizes[0]


def test_another_size_of_the_window_is_another_layout(solo: Solo):
    solo.clear({"width": 900, "height": 900}).give(tiles_stage(*some(6)))
    before = boxes(solo)
    solo.page.set_viewport_size(DESK)
    wait(solo.page, "window.__descent.player.views.get('maps').size.width > 1000")
    assert boxes(solo) != before
    check_room(solo)


def test_it_says_what_it_is(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps())))
    group = solo.page.get_by_role("group", name="Six maps.")
    assert group.get_by_role("button").count() == 6


# Files


def saved(solo: Solo, kind: str) -> tuple[str, bytes]:
    with solo.page.expect_download() as waiting:
        solo.page.locator(f"[data-do={kind}]").click()
    file: Any = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


@pytest.mark.parametrize("tiles", [map_tiles(maps())], ids=["six maps"])
def test_the_picture_is_saved_with_its_cells_and_words(solo: Solo, tiles: list[Tile]):
    solo.give(tiles_stage(*tiles), step=2)
    name, content = saved(solo, "svg")
    root = ElementTree.fromstring(content)
    images = list(root.iter("{http://www.w3.org/2000/svg}image"))
    assert name == "maps-step-2.svg"
    assert len(images) == 6 + 1  # and the colours of the key
    assert all(image.get("href", "").startswith("data:image/png;base64,") for image in images)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Gradient", "SmoothGrad", "99th percentile of each map"} <= set(texts)
    name, content = saved(solo, "png")
    picture = np.asarray(Image.open(BytesIO(content)).convert("RGB"))
    area: Any = solo.page.locator(".dp-tiles").bounding_box()
    assert name == "maps-step-2.png"
    assert picture.shape[:2] == (round(2 * area["height"]), round(2 * area["width"]))
    for index, values in enumerate(maps()):
        x, y = cell(solo, index, 3, 7)
        painted = picture[round(2 * (y - area["y"])), round(2 * (x - area["x"]))]
        assert painted == pytest.approx(expected(values[3, 7], np.percentile(abs(values), 99)), abs=4)


def test_nothing_in_a_file_is_of_the_page(solo: Solo):
    mask = np.ones((12, 12), bool)
    solo.give(tiles_stage(*map_tiles(maps(), outline=mask, mark=True)))
    _, content = saved(solo, "svg")
    assert not re.findall(r"var\(|url\(|https?://(?!www\.w3\.org)", content.decode())
