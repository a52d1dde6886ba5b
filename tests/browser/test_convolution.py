"""The lesson on convolution in a real browser: pointing, changing, sliding, looking into pictures, stepping through."""

import re
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks._browser import Screen
from tests.browser.convolution_screen import (
    cell,
    click_pixel,
    control,
    link,
    number,
    says,
    working,
)
from tests.browser.sight import OVERFLOW, PHONE, READABLE, TEXTS, faint

VIEWS = {
    "window": link(step=20),
    "maps in space": link(in_channels=3, out_channels=2, layout="space", image="digits", step=30),
    "matrix": link(size=5, layout="matrix", step=8),
    "picture": link(view="picture"),
    "bank": link(view="picture", bank="gabor", step=2),
    "stack": link(view="stack", step=3),
}
every = pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS)


# The window


def test_it_opens_alive_and_plays_to_its_end(screen: Screen):
    screen.lesson("convolution").until("player.transport.playing && player.k > 2")
    assert number(screen, "result0", 0, 0) == "1"
    screen.do("end").committed()
    assert screen.label == "cell 49 / 49"
    assert number(screen, "result0", 6, 6) != ""


def test_a_step_computes_one_cell_and_writes_its_sum(screen: Screen):
    screen.lesson(link(step=10))
    screen.do("forward")
    assert screen.label.startswith("cell 11")
    assert number(screen, "result0", 1, 3) == "0"
    assert number(screen, "result0", 1, 4) == ""
    assert working(screen).startswith("y[1, 3] = 0·(−1)")
    screen.do("back")
    assert number(screen, "result0", 1, 3) == ""


def test_pointing_at_cells_asks_nothing_of_the_server(screen: Screen):
    screen.lesson(link(step=49))
    before = len(screen.sent)
    cell(screen, "result0", 2, 5).hover(force=True)
    assert working(screen).endswith("= −10")
    cell(screen, "ground0", 3, 4).hover(force=True)
    assert working(screen).startswith("x[2, 3] = 3 goes to 9 places:")
    cell(screen, "window0", 1, 0).hover(force=True)
    assert working(screen).startswith("w[1, 0] = −2 goes to ")
    screen.page.wait_for_timeout(400)
    assert len(screen.sent) == before


def test_a_slider_redraws_what_is_there_by_then(screen: Screen):
    screen.lesson(link(step=5))
    before = screen.draws
    control(screen, "stride").get_by_role("slider").focus()
    screen.page.keyboard.press("ArrowRight")
    screen.drawn(before)
    screen.until("player.header.frames === 17")
    assert number(screen, "result0", 3, 3) == ""
    assert number(screen, "ground0", 4, 4) == "3"
    says(screen, stride="2")


def test_a_number_typed_into_a_cell_changes_all_that_reads_it(screen: Screen):
    screen.lesson(link(step=49))
    assert number(screen, "result0", 2, 2) == "4"
    before = screen.draws
    cell(screen, "ground0", 3, 4).click(force=True)
    field = screen.page.locator(".dp-cell-form input")
    field.fill("−7")
    field.press("Enter")
    screen.drawn(before)
    assert number(screen, "ground0", 3, 4) == "−7"
    screen.page.keyboard.press("Escape")  # the cell is no longer chosen, so that results show themselves
    assert number(screen, "result0", 2, 2) == "−16"  # x[2, 3] was 3, and its weight there is 2
    assert screen.step == 49
    says(screen, edits="x0.2.3=-7")


def test_a_number_that_cannot_be_leaves_what_was_there_and_the_next_one_is_taken(screen: Screen):
    screen.lesson(link(step=49))
    field = screen.page.locator(".dp-cell-form input")
    cell(screen, "ground0", 3, 4).click(force=True)
    field.fill("999999")
    field.press("Enter")
    expect(screen.page.get_by_test_id("stToast")).to_contain_text("too large")
    assert number(screen, "ground0", 3, 4) == "3"
    cell(screen, "ground0", 3, 5).click(force=True)
    field.fill("−7")
    field.press("Enter")
    screen.until("player.views.get('window').spec.grids[0].values.includes(-7)")
    says(screen, edits="x0.2.4=-7")


def test_what_cannot_be_says_so_and_the_picture_stays(screen: Screen):
    screen.lesson(link(step=5, size=12))
    before = screen.draws
    control(screen, "layout").get_by_role("radio", name="matrix", exact=True).click()
    expect(screen.page.get_by_test_id("stAlert")).to_contain_text("The matrix would be 144 × 144")
    screen.idle()
    assert (screen.draws, screen.step) == (before, 5)


def test_a_scene_leads_to_another_view_and_back(screen: Screen):
    screen.lesson("convolution")
    for key, unit in (("gabor", "filter"), ("conv5", "layer"), ("stride", "cell")):
        before = screen.draws
        screen.control(f"scene-{key}", "convolution").get_by_role("button").click()
        expect(screen.drawn(before).page.locator(".dp-bar output")).to_contain_text(f"{unit} ")


# Pictures


def test_a_click_on_the_picture_opens_the_window_there_with_its_sum(screen: Screen):
    screen.lesson(link(view="picture", picture="shapes"))
    before = screen.draws
    click_pixel(screen, 60, 40)
    screen.drawn(before)
    says(screen, image="A patch of the picture", selected="result0.8.8")
    at = re.search(r"convolution\.at=(\d+)%2C\+(\d+)", screen.page.url)
    assert at is not None
    assert [int(place) for place in at.groups()] == pytest.approx([40, 60], abs=1)
    expect(control(screen, "view").get_by_role("radio", name="Window")).to_be_checked()
    screen.until("player.header.frames === 257")
    assert working(screen).startswith("y[8, 8] =")


def test_a_picture_of_ones_own_is_chosen_and_a_bad_file_is_told_of(screen: Screen):
    screen.lesson(link(view="picture", picture="own"))
    before = screen.draws
    chooser = control(screen, "upload").locator("input[type=file]")
    out = BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    chooser.set_input_files({"name": "own.png", "mimeType": "image/png", "buffer": out.getvalue()})
    screen.drawn(before)
    heat = "player.views.get('response').element.data[0].z"
    screen.until(f"{heat}.length === 30")
    # A pixel is as wide as it is high, though the picture before it had other proportions.
    axes = (
        "(({ xaxis: x, yaxis: y }) => [x._length / (x.range[1] - x.range[0]), y._length / (y.range[0] - y.range[1])])"
    )
    wide, high = screen.page.evaluate(f"{axes}(window.__descent.player.views.get('picture').element._fullLayout)")
    assert wide == pytest.approx(high, rel=0.01)
    chooser.set_input_files({"name": "bad.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(screen.page.get_by_test_id("stAlert")).to_contain_text("PNG, JPEG or WebP")


def test_filters_of_a_bank_are_stepped_through(screen: Screen):
    screen.lesson(link(view="picture", bank="gabor"))
    screen.do("forward").do("forward").committed()
    assert screen.label == "filter 3 / 8"
    says(screen, step="2")
    for title in ("All filters", "Strongest", "Answer"):
        screen.tab(title)


# Stacks


def test_a_stack_is_stepped_through_and_a_wrong_layer_is_told_of(screen: Screen):
    screen.lesson(link(view="stack"))
    screen.do("forward")
    assert screen.label == "layer 1 / 12"
    expect(screen.page.locator(".dp-legend")).to_contain_text("sees (pixels)")
    assert any(line.split() == ["sees", "(pixels)", "5"] for line in screen.legend)
    layers = control(screen, "layers").get_by_role("textbox")
    layers.fill("conv 3x3 8; banana")
    layers.press("Control+Enter")
    expect(screen.page.get_by_test_id("stAlert")).to_contain_text("banana")
    before = screen.draws
    layers.fill("conv 3x3 8\nconv 3x3 8")
    layers.press("Control+Enter")
    screen.drawn(before)
    screen.do("end")
    assert screen.label == "layer 2 / 2"
    assert any(line.split() == ["sees", "(pixels)", "5"] for line in screen.legend)


# What can be taken away


def test_cells_products_and_the_animation_are_saved(screen: Screen):
    screen.lesson(link(below="Take it away", stride=3))
    for label, magic in (
        ("Cells as CSV", b"role,map,"),
        ("Products as CSV", b"result,ground,"),
        ("Animation as GIF", b"GIF89a"),
    ):
        with screen.page.expect_download() as event:
            screen.page.get_by_role("button", name=label).click()
        assert event.value.path().read_bytes().startswith(magic), label


@pytest.mark.parametrize("view", ["window", "picture"])
def test_the_picture_is_saved(screen: Screen, view: str):
    screen.lesson(VIEWS[view]).idle()
    for kind, magic in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with screen.page.expect_download() as event:
            screen.do(kind)
        assert event.value.path().read_bytes().startswith(magic), kind


# For everyone


@every
def test_all_of_it_is_on_one_screen_and_readable_in_both_themes(screen: Screen, address: str):
    screen.lesson(address).fits(".dp-bar", ".st-key-convolution-rail")
    assert screen.page.evaluate(OVERFLOW) == []
    assert faint(screen, f"{TEXTS}, .dp-working *, .dp-notes *, .dp-program *, .stRadio *") == READABLE


@every
def test_nothing_is_wider_than_a_phone(visit: Callable[..., Screen], address: str):
    screen = visit(**PHONE).lesson(address)
    assert screen.page.evaluate(OVERFLOW) == []
    screen.page.keyboard.press("End")
    screen.committed()
    assert screen.page.evaluate(OVERFLOW) == []


def test_lecture_mode_is_larger(screen: Screen):
    address = VIEWS["window"]
    sizes = "['.dp-caption', '.dp-numbers'].map((at) => Number(document.querySelector(at).getAttribute('font-size')))"
    plain = screen.lesson(address).page.evaluate(sizes)
    lecture = screen.lesson(f"{address}&lecture=1").page.evaluate(sizes)
    assert lecture[0] > plain[0]
    assert lecture[1] >= plain[1]
    assert screen.page.evaluate(OVERFLOW) == []
