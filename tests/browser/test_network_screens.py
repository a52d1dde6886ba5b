"""A network's picture in a real browser: digits, telephones, lectures, and what one may take away."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import ViewportSize, expect

from dlcore.figures.theme import PALETTE
from tests.browser.network_screen import (
    FRAMES,
    REACH,
    SIGNS,
    caption,
    colour,
    corner,
    digits_panel,
    links,
    looks_like,
    network_panel,
    network_stage,
    node,
    seen,
    surface,
    words,
)
from tests.browser.solo import Solo

PHONE: ViewportSize = {"width": 390, "height": 844}
LAST = FRAMES - 1
# Of every picture: the answer, its colour, and of how many strokes its mark is.
MARKS = """(all) => all.map((one) => [one.querySelector("text"), one.querySelector("path")]).map(([text, mark]) =>
  [text.textContent, mark.getAttribute("stroke"), mark.getAttribute("d").split("M").length - 1])"""


# Pictures instead of a surface


def test_answers_are_marked_right_or_wrong_by_shape_and_colour(solo: Solo):
    panel = digits_panel()
    assert panel.pictures is not None
    answers = np.asarray(panel.pictures.answers)
    solo.give(network_stage(panel), step=1)
    for frame in (1, LAST):
        solo.go(frame)
        right = answers[frame] == panel.pictures.labels
        told = solo.page.locator("[data-picture]").evaluate_all(MARKS)
        assert [text for text, *_ in told] == [str(answer) for answer in answers[frame]]
        assert [hue for _, hue, _ in told] == [PALETTE["correct" if is_right else "wrong"][0] for is_right in right]
        assert [strokes for *_, strokes in told] == [1 if is_right else 2 for is_right in right]  # a tick, or a cross


def test_weights_of_a_first_layer_are_pictures_with_their_first_row_on_top(solo: Solo):
    panel = digits_panel()
    maps = np.full((FRAMES, 8, 8, 8), 128, np.uint8)
    maps[:, :, 0] = 255
    first, *others = panel.layers
    solo.give(network_stage(replace(panel, layers=[replace(first, maps=maps), *others])))
    x, y = node(solo, 0, 1, 0)
    size = seen(solo, "places[0].columns[1][0].size")
    assert looks_like(colour(solo, (x, y - 0.45 * size)), SIGNS) == "activation-positive"
    assert min(colour(solo, (x, y + 0.45 * size))[:3]) > 250


# Screens and files


def test_on_a_phone_networks_lie_one_below_the_other_and_nothing_is_cut_off(solo: Solo):
    solo.clear(PHONE).give(network_stage(network_panel([8, 8], shapes=True), network_panel([8, 4], title="B")))
    boxes = [surface(solo, 0), surface(solo, 1)]
    assert boxes[1][1] > boxes[0][1] + boxes[0][2]
    drawn = solo.page.locator(".dp-network [data-panel]")
    for number in range(2):
        box = drawn.nth(number).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    assert solo.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert node(solo, 0, 3, 0)[1] < boxes[0][1]  # the output is a unit like any other


def test_a_lecture_has_wider_links_and_larger_words(solo: Solo):
    looks = []
    for lecture in (False, True):
        solo.clear().give(network_stage(network_panel([4])), lecture=lecture)
        size = solo.page.locator("[data-panel='0']").get_attribute("font-size")
        looks.append((float(size or 0), sum(width for _, width, *_ in links(solo))))
    assert looks[1][0] > 1.3 * looks[0][0]
    assert looks[1][1] > 1.3 * looks[0][1]


def saved(solo: Solo, kind: str) -> tuple[str, bytes]:
    with solo.page.expect_download() as waiting:
        solo.page.locator(f"[data-do={kind}]").click()
    file: Any = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def test_the_picture_is_saved_with_its_maps(solo: Solo):
    solo.give(network_stage(network_panel([4])), step=2)
    name, content = saved(solo, "svg")
    root = ElementTree.fromstring(content)
    (image,) = root.iter("{http://www.w3.org/2000/svg}image")
    assert name == "network-step-2.svg"
    assert image.get("href", "").startswith("data:image/png;base64,")
    name, content = saved(solo, "png")
    picture = Image.open(BytesIO(content)).convert("RGB")
    x, y = node(solo, 0, 0, 1)
    left, top = corner(solo)
    painted = picture.getpixel((round(2 * (x - left)), round(2 * (y - top - 12))))
    assert name == "network-step-2.png"
    assert looks_like(list(painted), SIGNS) == "activation-positive"  # pyright: ignore[reportArgumentType]


def test_the_axes_say_how_far_they_reach(solo: Solo):
    solo.give(network_stage(network_panel([2])))
    assert words(solo).count(f"{REACH:g}") == words(solo).count(f"−{REACH:g}") == 2
    assert {"x", "y"} <= set(words(solo))
    assert caption(solo) == "chance of class 1"


def test_it_says_what_it_is(solo: Solo):
    solo.give(network_stage(network_panel([2])))
    expect(solo.page.get_by_role("figure", name="A small network.")).to_be_visible()
    expect(solo.page.get_by_role("application")).to_have_attribute("tabindex", "0")
