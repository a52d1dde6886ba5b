"""What a hand does on the page on convolution: it changes cells, chooses them, points at a place in a picture."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.datasets.pictures import picture
from dlcore.topics.convolution_config import WindowConfig
from tests.pages.convolution_page import (
    SOBEL,
    answers,
    brightness,
    cells,
    change,
    config_on,
    control,
    correlated,
    grid,
    opened,
    press,
)
from tests.pages.stages import Hand, OpenPage, healthy, lit, stage_bytes, stage_on, toasts, view_on


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


# Cells


def test_a_cell_of_the_input_is_changed_and_all_that_reads_it_with_it(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("convolution")
    before = cells(page, "result0")
    name = grid(page, "ground0")["edits"][3 * 9 + 4]  # the padding is a ring around x
    assert name == "x0.2.3"
    healthy(hand.say(page, "edit", name, -5.0, 12))
    assert control(page, "edits").value == "x0.2.3=-5"
    assert config_on(page) == WindowConfig(edits="x0.2.3=-5")
    assert cells(page, "ground0")[3, 4] == -5
    changed = cells(page, "result0") != before
    assert np.argwhere(changed).min(axis=0).tolist() == [1, 2]
    assert np.argwhere(changed).max(axis=0).tolist() == [3, 4]
    assert lit(page) == []


def test_a_cell_has_the_number_it_was_given_last(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("convolution")
    for value in (2.0, 0.125):
        healthy(hand.say(page, "edit", "w0.0.1.1", value, 0))
    healthy(hand.say(page, "edit", "x0.0.0", 7.0, 0))
    assert control(page, "edits").value == "w0.0.1.1=0.125, x0.0.0=7"
    assert cells(page, "window0")[1, 1] == 0.125
    kernel = SOBEL.copy()
    kernel[1, 1] = 0.125
    ground = cells(page, "ground0")
    assert ground[1, 1] == 7
    np.testing.assert_allclose(cells(page, "result0"), correlated(ground[1:-1, 1:-1], kernel), atol=1e-12)


def test_the_upstream_gradient_is_changed_where_it_lies(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, direction="input", padding="valid")
    places = [name for name in grid(page, "ground0")["edits"] if name]
    assert places == [f"g0.{row}.{col}" for row in range(5) for col in range(5)]
    healthy(hand.say(page, "edit", "g0.0.0", 9.0, 0))
    assert cells(page, "ground0")[2, 2] == 9
    assert cells(page, "result0")[0, 0] == 9 * SOBEL[0, 0]
    healthy(change(page, "direction", "weight"))  # there it is the window
    assert cells(page, "window0")[0, 0] == 9


def test_the_filter_of_the_picture_is_the_kernel_that_was_changed(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("convolution")
    hand.say(page, "edit", "w0.0.0.0", 3.5, 0)
    hand.say(page, "edit", "x0.0.0", 3.5, 0)
    healthy(change(page, "view", "picture"))
    kernel = SOBEL.copy()
    kernel[0, 0] = 3.5
    np.testing.assert_allclose(answers(page), correlated(brightness(picture("china")), kernel), atol=1e-5)
    healthy(change(page, "turn", "convolution"))
    np.testing.assert_allclose(answers(page), correlated(brightness(picture("china")), kernel[::-1, ::-1]), atol=1e-5)


def test_a_hand_does_not_make_a_text_worse_that_is_not_understood(
    open_page: OpenPage, hand: Hand, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = opened(open_page, edits="banana")
    hand.say(page, "edit", "x0.0.0", 1.0, 0)
    assert not page.exception
    assert control(page, "edits").value == "banana"
    (error,) = page.error
    assert "“banana” is not understood" in error.value
    change(page, "edits", "")
    hand.say(page, "edit", "no cell", 1.0, 0)
    assert control(healthy(page), "edits").value == ""


def test_a_number_beyond_the_limit_is_told_of_and_the_picture_stays(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("convolution")
    before = stage_bytes(page)
    healthy(hand.say(page, "edit", "x0.0.0", 1e9, 0))
    (told,) = toasts(page)
    assert "is too large" in told
    assert (stage_bytes(page), control(page, "edits").value) == (before, "")


def test_what_is_chosen_is_in_the_address_until_a_scene_lets_go_of_it(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, selected="ground0.1.1")
    assert stage_on(page)[0]["selected"] == "ground0.1.1"
    drawn = stage_bytes(page)
    for key in ("result0.2.3", "", "window0.0.0"):
        healthy(hand.say(page, "select", key))
        assert (control(page, "selected").value, stage_on(page)[0]["selected"]) == (key, key)
    assert stage_bytes(page) == drawn
    press(page, "scene-stride")
    assert control(page, "selected").value == ""


# A place in the picture


@pytest.mark.parametrize("weights", ["sobel-x", "emboss", "gaussian"])
def test_a_click_on_the_picture_opens_its_cells_with_that_places_sum(
    open_page: OpenPage, hand: Hand, weights: str
) -> None:
    page = healthy(opened(open_page, view="picture", filter=weights, padding="valid", edits="x0.3.3=99, w0.0.1.1=0.5"))
    assert view_on(page, "picture")["pick"] == "stay"
    wanted = answers(page)[60, 101]
    healthy(hand.say(page, "pick", 101.3, 59.8))
    assert controls(page, "view", "image", "at", "size") == ["window", "patch", "60, 101", 16]
    around = brightness(picture("china"))[52:68, 93:109]
    np.testing.assert_allclose(cells(page, "ground0")[1:-1, 1:-1], around, atol=0.005 + 1e-9)
    key = stage_on(page)[0]["selected"]
    assert key == "result0.8.8"
    rounding = 0.005 * np.abs(cells(page, "window0")).sum()
    assert cells(page, "result0")[8, 8] == pytest.approx(wanted, abs=rounding + 1e-6)
    healthy(change(page, "view", "picture"))
    box = view_on(page, "picture")["figure"]["layout"]["shapes"][0]
    assert [box[name] for name in ("x0", "x1", "y0", "y1")] == [92.5, 108.5, 51.5, 67.5]


def controls(page: AppTest, *names: str) -> list[Any]:
    return [control(page, name).value for name in names]


@pytest.mark.parametrize(
    ("x", "y", "at"),
    [(-7.0, -0.6, "0, 0"), (1e6, 300.0, "170, 255"), (0.4, 169.6, "170, 0")],
    ids=["top", "end", "left"],
)
def test_a_click_beside_the_picture_is_one_on_its_border(
    open_page: OpenPage, hand: Hand, x: float, y: float, at: str
) -> None:
    page = healthy(opened(open_page, view="picture"))
    healthy(hand.say(page, "pick", x, y))
    assert control(page, "at").value == at


def test_a_click_fits_every_filter_that_the_picture_can_have(open_page: OpenPage, hand: Hand) -> None:
    others = {"operation": "max", "mode": "circular", "axes": "1", "differ": True, "groups": 3, "out_channels": 2}
    page = opened(open_page, view="picture", kernel=9, dilation=4, stride=5, padding="full", **others)
    healthy(hand.say(page, "pick", 50.0, 50.0))
    assert config_on(page).layer.kernel == (9, 9)
    assert stage_on(page)[0]["selected"] == ""  # with a stride no sum is the place's own
