"""The lesson on backpropagation for everyone: by keyboard, on a phone, in the dark, for the back row, beside others."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import ViewportSize, expect

from benchmarks._browser import WINDOW, Screen
from tests.browser.backprop_screen import (
    TEXTBOOK,
    control,
    field,
    lacks,
    link,
    place,
    says,
    seen,
    shown,
    title,
    values,
    values_of,
    write,
)
from tests.browser.sight import OVERFLOW, PHONE, READABLE, TEXTS, faint
from tests.pages.backprop_page import walk_of

LARGE: ViewportSize = {"width": 1920, "height": 1080}
#: The networks with the most nodes, and one whose places are not made by hand.
CROWDED = {
    "textbook": {"network": "textbook", "lr": 0.5},
    "deep": {"network": "mlp", "shape": "6, 6, 6, 6"},
    "images": {"network": "conv"},
    "typed": {"network": "formula", "formula": "tanh(w1*x + w2*y + b) * exp(-x*x) + sin(y)/(1 + w1*w1)"},
}

# What the keyboard stands on, in the words of the test below.
HERE = """() => {
  const places = {
    answer: ".st-key-backprop-question [role=radio]", list: ".dp-choice select", number: ".dp-number input",
    line: ".dp-program button", play: ".dp-bar [data-do=toggle]", step: ".dp-bar input[type=range]",
  };
  return Object.keys(places).find((name) => document.activeElement.matches(places[name])) ?? "";
}"""
# The box of every node on the screen, as Plotly has drawn it: [left, top, right, bottom].
BOXES = """() => {
  const { element, targets } = window.__descent.player.views.get("graph");
  const { xaxis, yaxis } = element._fullLayout;
  const plane = element.querySelector(".nsewdrag").getBoundingClientRect();
  const drawn = [...element.querySelectorAll(".scatterlayer path.point")].map((path) => path.getBoundingClientRect());
  return targets.filter(([, line]) => line.length === 2).map(([key, [x, y]]) => {
    const [cx, cy] = [plane.x + xaxis.d2p(x), plane.y + yaxis.d2p(y)];
    const here = (box) => Math.hypot(box.x + box.width / 2 - cx, box.y + box.height / 2 - cy) < 1;
    const box = drawn.filter(here).reduce((most, each) => (each.width > most.width ? each : most));
    return [key, [box.left, box.top, box.right, box.bottom]];
  });
}"""


# The keyboard


def test_tab_reaches_all_that_can_be_done(screen: Screen):
    screen.lesson(link(lr=0.1, selected="w1"))
    reached = []
    for _ in range(90):
        screen.page.keyboard.press("Tab")
        here = screen.page.evaluate(HERE)
        if here and here not in reached:
            reached.append(here)
    assert reached == ["answer", "line", "list", "number", "play", "step"]


def test_the_walk_is_stepped_and_played_with_the_keyboard_alone(screen: Screen):
    screen.lesson(link(lr=0.1))
    press = screen.page.keyboard.press
    for key, k in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("PageDown", 2), ("Home", 0)):
        press(key)
        assert screen.step == k, key
    press(" ")
    screen.until("player.transport.playing && player.k > 1")
    press(" ")
    screen.committed()
    assert 1 < screen.step < 39


def test_what_is_typed_does_not_step(screen: Screen):
    screen.lesson(link(lr=0.1, selected="w1", step=4))
    number = field(screen, "w1 =")
    number.focus()
    for key in ("PageDown", "Home", " ", "ArrowRight", "ArrowLeft", "End", "Backspace", "7"):
        screen.page.keyboard.press(key)
    expect(number).to_have_value(" 0.7")
    edits = control(screen, "edits").get_by_role("textbox")
    edits.focus()
    screen.page.keyboard.type("b = 1")
    for key in ("ArrowLeft", "Home", " "):
        screen.page.keyboard.press(key)
    expect(edits).to_have_value(" b = 1")
    assert (screen.step, screen.player("player.transport.playing")) == (4, False)


# A phone


def test_on_a_phone_the_graph_runs_down_and_is_touched(visit: Callable[..., Screen]):
    screen = visit(**PHONE).lesson(link(network="textbook", lr=0.5))
    assert screen.page.evaluate(OVERFLOW) == []
    ways = ("x1", "z1", "a1", "z3", "a3", "E1", "E"), ("b1", "z2"), ("b2", "z4")
    for way in ways:
        heights = [place(screen, key)[1] for key in way]
        assert heights == sorted(heights), way
    assert all(0 < place(screen, key)[0] < 390 for way in ways for key in way)
    page = screen.page
    page.evaluate("at => document.querySelector('[data-testid=stMain]').scrollBy(0, at - 400)", place(screen, "z3")[1])
    page.touchscreen.tap(*place(screen, "z3"))
    expect(shown(screen)).to_have_value("z3")
    expect(title(screen)).to_contain_text("z3 = ")
    page.wait_for_url(says(selected="z3"))
    forward = page.locator(".dp-bar [data-do=forward]")
    expect(forward).to_be_in_viewport(ratio=1)  # it stays under the thumb
    forward.tap()
    assert screen.label.startswith("step 1 /")
    assert screen.page.evaluate(OVERFLOW) == []


@pytest.mark.parametrize("values", [{"network": "conv", "level": "modules", "selected": "F1"}, {"view": "depth"}])
def test_nothing_is_wider_than_a_phone(visit: Callable[..., Screen], values: dict[str, str]):
    screen = visit(**PHONE).lesson(link(**values))
    screen.do("end").committed()
    assert screen.page.evaluate(OVERFLOW) == []


# Themes and lecture halls


def boxes(screen: Screen) -> dict[str, list[float]]:
    """Every node's box on the screen, once the picture has the size of its place."""
    graph = "player.views.get('graph')"
    screen.until(f"Math.abs({graph}.element._fullLayout.width - {graph}.element.clientWidth) <= 1")
    screen.until(f"Math.abs({graph}.graphScale() / {graph}.scale - 1) < 0.05 && !{graph}.live.moving")
    return dict(screen.page.evaluate(BOXES))


def overlapping(found: dict[str, list[float]]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(found.items(), 2)
        if min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
    ]


def test_both_themes_are_readable(screen: Screen):
    screen.lesson(link(network="textbook", lr=0.5, fault="detach", selected="x1→z1")).do("end").committed()
    screen.until("!player.views.get('graph').live.moving")
    assert faint(screen, f"{TEXTS}, .dp-notes *, .dp-program *") == READABLE


@pytest.mark.parametrize("network", CROWDED)
def test_no_box_lies_on_another(visit: Callable[..., Screen], network: str):
    screen = visit(color_scheme="dark").lesson(link(**CROWDED[network]))
    expect(screen.page.locator(".dp-main .main-svg").first).to_have_css("background-color", "rgb(18, 22, 28)")
    usual = boxes(screen)
    assert overlapping(usual) == []
    screen.page.set_viewport_size(LARGE)
    large = boxes(screen)
    assert overlapping(large) == []
    assert all(b[2] - b[0] > 1.1 * (a[2] - a[0]) for a, b in zip(usual.values(), large.values(), strict=True))
    screen.page.set_viewport_size(WINDOW)
    screen.lesson(link(**CROWDED[network]) + "&lecture=1")
    assert overlapping(boxes(screen)) == []


# Others


def test_two_readers_do_not_see_each_others_changes(visit: Callable[..., Screen]):
    backward = walk_of(TEXTBOOK).phases.index("backward")
    one, other = (visit().lesson(link(network="textbook", lr=0.5, step=backward)) for _ in range(2))
    before = one.draws
    write(one, "edits", "w1=-2")
    one.drawn(before)
    one.page.wait_for_url(says(edits="w1=-2"))
    assert values(one) == values_of(walk_of(replace(TEXTBOOK, edits="w1=-2")), backward)
    before = other.draws
    write(other, "edits", "x2=3")  # so the other's page is made anew, too
    other.drawn(before)
    assert values(other) == values_of(walk_of(replace(TEXTBOOK, edits="x2=3")), backward)
    before = other.draws
    write(other, "edits", "")
    other.drawn(before)
    expect(other.page).to_have_url(lacks("edits"))
    assert values(other) == values_of(walk_of(TEXTBOOK), backward)
    assert seen(one)["values"] == values_of(walk_of(replace(TEXTBOOK, edits="w1=-2")), backward)
