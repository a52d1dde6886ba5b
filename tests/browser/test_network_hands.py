"""A network's picture in a real browser: pointing, keeping, typing over weights, keys, fingers, buttons."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.network_screen import (
    FRAMES,
    REACH,
    caption,
    colour,
    digits_panel,
    link,
    network_panel,
    network_stage,
    node,
    seen,
    surface,
)
from tests.browser.solo import Solo

NUMBERS = "(all) => all.map((one) => one.textContent)"


CONTEXT = {"has_touch": True}  # of the browser that `solo` opens


@pytest.fixture
def pair(solo: Solo) -> Solo:
    """Two networks, of which the first can be changed."""
    first = network_panel([4, 3], key="a", edits=True, shapes=True)
    return solo.give(network_stage(first, network_panel([4, 3], title="B", seed=1)), step=2)


def weights(layer: int) -> np.ndarray:
    """Those of the first network in frame 2; layers from 1."""
    panel = network_panel([4, 3])
    return np.asarray([*panel.layers, panel.output][layer - 1].weights)[2]


def lit(solo: Solo, panel: int = 0) -> list[float]:
    """The numbers that stand over the network."""
    words = solo.page.locator(f"[data-panel='{panel}'] .dp-weight").evaluate_all(NUMBERS)
    return [float(word.replace("−", "-")) for word in words]


# Pointing


def test_a_unit_that_is_pointed_at_is_shown_large_with_its_name_and_the_weights_into_it(pair: Solo):
    left, top, side = surface(pair, 0)
    corner = (left + side - 3, top + 3)
    before = colour(pair, corner)
    pair.page.mouse.move(*node(pair, 0, 2, 1))
    assert caption(pair) == "layer 2, unit 2: activation"
    assert lit(pair) == pytest.approx(weights(2)[1], abs=0.06)
    size = seen(pair, "places[0].columns[2][1].size")
    x, y = node(pair, 0, 2, 1)
    assert colour(pair, corner) == pytest.approx(colour(pair, (x + size / 2 - 1, y - size / 2 + 1)), abs=12)
    pair.page.mouse.move(0, 0)
    assert (caption(pair), lit(pair), colour(pair, corner)) == ("chance of class 1", [], before)


def test_pointing_asks_nothing_of_the_page(pair: Solo):
    before = pair.page.evaluate("window.said.length")
    for column in range(3):
        pair.page.mouse.move(*node(pair, 0, column, 0))
        pair.page.mouse.move(*node(pair, 1, column, 0))
    assert pair.page.evaluate("window.said.length") == before


def test_the_numbers_follow_the_frame(pair: Solo):
    pair.page.mouse.move(*node(pair, 0, 1, 0))
    before = lit(pair)
    pair.go(FRAMES - 1)
    assert all(abs(after) > abs(number) for number, after in zip(before, lit(pair), strict=True))


def test_a_link_tells_its_weight(pair: Solo):
    pair.page.mouse.move(*link(pair, 0, 1, 3, 0))
    assert lit(pair) == pytest.approx([weights(1)[3, 0]], rel=0.01)


def test_the_ends_of_the_colours_are_told(solo: Solo):
    panel = network_panel([2])
    solo.give(network_stage(panel))
    solo.page.mouse.move(*node(solo, 0, 0, 0))
    assert solo.page.locator(".dp-key text").evaluate_all(NUMBERS) == [f"−{REACH:g}", f"{REACH:g}"]
    solo.page.mouse.move(*node(solo, 0, 1, 0))
    assert solo.page.locator(".dp-key text").evaluate_all(NUMBERS) == ["−1", "1"]


def test_a_click_keeps_a_unit_until_the_next(pair: Solo):
    pair.page.mouse.click(*node(pair, 0, 1, 2))
    pair.page.mouse.move(0, 0)
    assert caption(pair) == "layer 1, unit 3: activation"
    pair.page.mouse.click(*node(pair, 0, 1, 2))
    pair.page.mouse.move(0, 0)
    assert caption(pair) == "chance of class 1"


def test_a_finger_keeps_a_unit_and_a_link(pair: Solo):
    pair.page.touchscreen.tap(*node(pair, 0, 1, 2))
    assert caption(pair) == "layer 1, unit 3: activation"
    pair.page.touchscreen.tap(*link(pair, 0, 1, 3, 0))
    expect(field(pair)).to_be_visible()
    expect(field(pair)).not_to_be_focused()  # the keys of a telephone would cover the picture


def test_a_unit_of_pictures_shows_its_weights_instead_of_the_answers(solo: Solo):
    solo.give(network_stage(digits_panel()))
    solo.page.mouse.move(*node(solo, 0, 1, 3))
    assert caption(solo) == "layer 1, unit 4: weights"
    expect(solo.page.locator(".dp-gallery")).to_be_hidden()
    solo.page.mouse.move(0, 0)
    expect(solo.page.locator(".dp-gallery")).to_be_visible()


def test_a_click_on_a_surface_that_is_painted_on_says_where(solo: Solo):
    solo.give(network_stage(network_panel([2], paints=True)))
    left, top, side = surface(solo, 0)
    solo.page.mouse.click(left + 0.75 * side, top + 0.125 * side)
    (place,) = solo.said("pick")
    assert (place["x"], place["y"]) == pytest.approx((0.5 * REACH, 0.75 * REACH), abs=0.03)


# Typing over weights


def field(solo: Solo) -> Locator:
    return solo.page.locator(".dp-cell-form input")


def test_a_weight_is_typed_over_its_link(pair: Solo):
    pair.page.mouse.click(*link(pair, 0, 2, 1, 3))
    expect(field(pair)).to_be_focused()
    assert float(field(pair).input_value().replace("−", "-")) == pytest.approx(weights(2)[1, 3], rel=1e-3)
    field(pair).fill("-0,5")
    field(pair).press("Enter")
    assert pair.said("edit") == [{"name": "aw2.1.3", "value": -0.5, "step": 2}]


def test_a_bias_is_typed_over_its_square(pair: Solo):
    x, y = node(pair, 0, 1, 2)
    half = seen(pair, "places[0].columns[1][2].size") / 2
    pair.page.mouse.click(x - half + 2, y + half - 2)
    field(pair).fill("1.5")
    field(pair).press("Enter")
    assert pair.said("edit") == [{"name": "ab1.2", "value": 1.5, "step": 2}]


def test_what_is_no_number_is_not_sent(pair: Solo):
    pair.page.mouse.click(*link(pair, 0, 1, 3, 0))
    field(pair).fill("many")
    field(pair).press("Enter")
    expect(pair.page.get_by_role("alert")).to_have_text("Give a number, such as −0.5.")
    field(pair).press("Escape")
    assert pair.said("edit") == []


def test_weights_of_a_network_that_is_only_shown_cannot_be_typed_over(pair: Solo):
    pair.page.mouse.click(*link(pair, 1, 1, 3, 0))
    expect(field(pair)).to_be_hidden()


def test_a_new_stage_keeps_the_link_and_shows_its_new_number(pair: Solo):
    pair.page.mouse.click(*link(pair, 0, 1, 3, 0))
    field(pair).press("Escape")
    pair.give(network_stage(network_panel([4, 3], seed=5, key="a", edits=True)), step=2)
    expect(field(pair)).to_be_visible()
    other = np.asarray(network_panel([4, 3], seed=5).layers[0].weights)[2, 3, 0]
    assert float(field(pair).input_value().replace("−", "-")) == pytest.approx(other, rel=1e-3)


def test_a_unit_that_is_no_more_is_let_go(pair: Solo):
    pair.page.mouse.click(*node(pair, 0, 2, 2))
    pair.page.mouse.move(0, 0)
    pair.give(network_stage(network_panel([4])), step=2)
    assert caption(pair) == "chance of class 1"


# The keyboard


def walk(solo: Solo, *keys: str) -> str:
    """Presses these keys; gives what is said of the part that is reached."""
    for key in keys:
        solo.page.keyboard.press(key)
    return solo.page.locator(".dp-network .dp-spoken").inner_text()


def test_the_arrow_keys_reach_every_column_of_both_networks_and_leave_the_frame_alone(pair: Solo):
    pair.page.locator(".dp-network svg").focus()
    said = [walk(pair, "ArrowRight") for _ in range(8)]
    assert [words.split(",")[0] for words in said] == ["input x", "layer 1", "layer 2", "output"] * 2
    assert pair.player("player.k") == 2
    assert walk(pair, "ArrowLeft", "ArrowDown", "ArrowDown").startswith("layer 2, unit 3")
    assert caption(pair, 1) == "layer 2, unit 3: activation"
    pair.page.keyboard.press("PageDown")
    assert pair.player("player.k") == 3


def test_enter_goes_from_a_unit_to_its_links_and_to_their_numbers_and_escape_goes_back(pair: Solo):
    pair.page.locator(".dp-network svg").focus()
    walk(pair, "ArrowRight", "ArrowRight", "ArrowRight")
    first = walk(pair, "Enter")
    assert first.startswith("weight from layer 1, unit 1 to layer 2, unit")
    assert walk(pair, "ArrowDown", "ArrowDown").startswith("weight from layer 1, unit 3 to layer 2, unit")
    assert walk(pair, "ArrowDown", "ArrowDown").startswith("bias of layer 2, unit")
    walk(pair, "ArrowUp", "Enter")
    expect(field(pair)).to_be_focused()
    field(pair).fill("2")
    field(pair).press("Enter")
    (edit,) = pair.said("edit")
    assert edit["name"].startswith("aw2.")
    assert edit["name"].endswith(".3")
    assert walk(pair, "Escape").startswith("layer 2, unit")
    walk(pair, "Escape")
    assert caption(pair) == "chance of class 1"


# Buttons


def button(solo: Solo, name: str) -> Locator:
    return solo.page.get_by_role("button", name=name)


def test_buttons_say_which_layer_shall_change(pair: Solo):
    names = ["One hidden layer less", "One hidden layer more", "Layer 1: more units", "Layer 2: fewer units"]
    for name in names:
        button(pair, name).click()
    assert pair.said("act") == ["layer-", "layer+", "units+1", "units-2"]


def test_the_keyboard_stays_on_a_button_whose_press_has_changed_the_network(solo: Solo):
    solo.give(network_stage(network_panel([4], shapes=True)))
    button(solo, "One hidden layer more").focus()
    solo.page.keyboard.press("Enter")
    solo.give(network_stage(network_panel([4, 4], shapes=True)))
    expect(button(solo, "One hidden layer more")).to_be_focused()
    assert solo.said("act") == ["layer+"]


def test_there_is_nothing_less_than_no_layer_or_one_unit(solo: Solo):
    solo.give(network_stage(network_panel([], shapes=True)))
    expect(button(solo, "One hidden layer less")).to_be_disabled()
    solo.give(network_stage(network_panel([1], shapes=True)))
    expect(button(solo, "Layer 1: fewer units")).to_be_disabled()
    expect(button(solo, "One hidden layer less")).to_be_enabled()


def test_points_of_the_test_are_seen_when_they_are_asked_for_and_the_page_is_not_told(pair: Solo):
    tests: Any = pair.page.locator(".dp-test").first
    expect(tests).to_be_hidden()
    button(pair, "Test points").first.click()
    expect(tests).to_be_visible()
    expect(button(pair, "Test points").first).to_have_attribute("aria-pressed", "true")
    assert pair.said("act") == []
