"""A network's drawing in a real browser: its numbers as colours, words that are read, pointing, keys, phones."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from dlcore.figures.flow import Flow, Word
from dlcore.figures.stage import Stage
from dlcore.figures.theme import PALETTE
from dlcore.figures.vqa_reading import reading_stage
from dlcore.figures.vqa_sheet import DESIGNS, FULL
from tests.browser.solo import Solo
from tests.browser.tiles_screen import expected, told
from tests.figures import vqa_stages as made

PHONE: ViewportSize = {"width": 390, "height": 844}
LECTURE: ViewportSize = {"width": 1366, "height": 768}
GROUND = "document.documentElement.style.setProperty('--st-background-color', '{}')"
COLOUR = """([x, y]) => {
  const canvas = document.querySelector(".dp-flow canvas");
  const { left, top, width } = canvas.getBoundingClientRect();
  const scale = canvas.width / width;
  return [...canvas.getContext("2d").getImageData((x - left) * scale, (y - top) * scale, 1, 1).data];
}"""
# Of every text in a drawing and of every box that holds one: [left, top, right, bottom].
TEXTS = """(all) => all.filter((one) => one.textContent.trim()).map((one) => {
  const { left, top, right, bottom } = one.getBoundingClientRect();
  return [one.textContent, left, top, right, bottom];
})"""


def stage(model: str = "product", **more: Any) -> tuple[Stage, Any]:
    case = made.case(model, **more)
    trace = made.reading(case)
    return reading_stage(case, trace), trace


def strip(solo: Solo, key: str) -> Locator:
    return solo.page.locator(f".dp-flow-buttons button[data-key='{key}']")


def cell(solo: Solo, key: str, i: int) -> tuple[float, float]:
    """The middle of number i of a strip on the page."""
    at = f"{key!r}, {i}"
    x, y = solo.page.evaluate(
        f"""(() => {{
          const view = window.__descent.player.views.get("flow");
          const find = (key, i) => {{
            const box = view.place.strips.find(({{ strip }}) => strip.key === key);
            return [box.x + (i % box.columns + 0.5) * box.cell, box.y + (Math.floor(i / box.columns) + 0.5) * box.line];
          }};
          const [x, y] = find({at});
          const {{ left, top }} = view.element.getBoundingClientRect();
          return [left + x, top + y];
        }})()"""
    )
    return x, y


def states(solo: Solo) -> list[str]:
    return solo.page.locator("[data-word]").evaluate_all("(all) => all.map((one) => one.dataset.state)")


def sign(solo: Solo) -> str:
    """What is told of the number that is pointed at."""
    return solo.page.locator(".dp-flow-told").inner_text()


@pytest.fixture
def drawn(solo: Solo) -> tuple[Solo, Any]:
    given, trace = stage()
    return solo.give(given, step=3), trace


# Numbers


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_cells_have_the_colours_of_their_numbers(solo: Solo, theme: int):
    solo.page.evaluate(GROUND.format(PALETTE["ground"][theme]))
    given, trace = stage()
    solo.give(given, step=3)
    for key in ("hidden", "q", "v"):
        for i in (0, 17, 64, 127):
            wanted = expected(trace[key][3, i], FULL, signed=True, theme=theme)
            assert solo.page.evaluate(COLOUR, cell(solo, key, i))[:3] == pytest.approx(wanted, abs=3), (key, i)
    solo.page.evaluate(GROUND.format(PALETTE["ground"][0]))


def test_numbers_follow_the_frame(drawn: tuple[Solo, Any]):
    solo, trace = drawn
    for k in (0, 5, 2):
        solo.go(k)
        painted = solo.page.evaluate(COLOUR, cell(solo, "q", 40))[:3]
        assert painted == pytest.approx(expected(trace["q"][k, 40], FULL, signed=True), abs=3)


@pytest.mark.parametrize("model", DESIGNS)
def test_every_network_has_its_own_drawing_with_all_its_vectors_on_the_page(solo: Solo, model: str):
    given, trace = stage(model)
    solo.give(given, step=3)
    keys = {"hidden", "q"} if DESIGNS[model].reads else set()
    keys |= {"v"} if DESIGNS[model].sees else set()
    keys |= {"fused"} if DESIGNS[model].joint else set()
    buttons = solo.page.locator(".dp-flow-buttons button:not(.dp-flow-word)")
    assert set(buttons.evaluate_all("(all) => all.map((one) => one.dataset.key)")) == keys | {"scores"}
    for key in keys:  # the last number of each, however many lines it takes
        solo.page.mouse.move(*cell(solo, key, trace[key].shape[1] - 1))
        shown = "fused" if DESIGNS[model].rule and key != "hidden" else key  # three are told at once, it comes last
        assert told(sign(solo).split(" = ")[-1]) == pytest.approx(trace[shown][3, -1], rel=0.006)


# Pointing


def test_the_same_number_of_both_vectors_is_pointed_at_with_what_comes_of_them(drawn: tuple[Solo, Any]):
    solo, trace = drawn
    for key in ("q", "v", "fused"):
        solo.page.mouse.move(*cell(solo, key, 43))
        head, factors, product = sign(solo).split(" = ")
        assert head == "q[43] · v[43]"
        a, b = (told(part.strip("()")) for part in factors.split(" · "))
        assert (a, b) == pytest.approx((trace["q"][3, 43], trace["v"][3, 43]), rel=0.006)
        assert told(product) == pytest.approx(trace["fused"][3, 43], rel=0.006)
    solo.page.mouse.move(0, 0)
    expect(solo.page.locator(".dp-flow-told")).to_be_hidden()


def test_of_a_score_its_answer_and_its_chance_are_told(drawn: tuple[Solo, Any]):
    solo, trace = drawn
    solo.page.mouse.move(*cell(solo, "scores", 4))
    assert sign(solo).startswith("2: ")
    assert sign(solo).endswith(f"({100 * trace['chances'][3, 4]:.1f} %)")


def test_the_keyboard_goes_from_vector_to_vector_and_from_number_to_number(drawn: tuple[Solo, Any]):
    solo, _ = drawn
    strip(solo, "q").focus()
    solo.page.keyboard.press("ArrowDown")
    focused = "document.activeElement.dataset.key"
    assert solo.page.evaluate(focused) == "v"
    solo.page.keyboard.press("ArrowUp")
    for _ in range(3):
        solo.page.keyboard.press("ArrowRight")
    said = solo.page.locator(".dp-flow .dp-spoken").inner_text()
    assert said.startswith("q[2] · v[2] = ")
    assert solo.player("player.k") == 3
    solo.page.keyboard.press("Escape")
    expect(solo.page.locator(".dp-flow-told")).to_be_hidden()
    stops = solo.page.locator(".dp-flow-buttons button").evaluate_all(
        "(all) => all.filter((o) => o.tabIndex === 0).length"
    )
    assert stops == 1


def test_vectors_have_names_for_those_who_do_not_see_them(drawn: tuple[Solo, Any]):
    solo, trace = drawn
    expect(strip(solo, "q")).to_have_accessible_name("the vector of the question, 128 numbers")
    best = made.ANSWERS[trace["chances"][3].argmax()]
    expect(strip(solo, "scores")).to_have_accessible_name(f"the scores of the answers, 22 numbers, highest for {best}")


# Words


def test_words_are_read_one_after_the_other(drawn: tuple[Solo, Any]):
    solo, _ = drawn
    assert states(solo) == ["read", "read", "now", "later", "later"]
    assert states(solo.go(0)) == ["later"] * 5
    assert states(solo.go(5)) == ["read"] * 4 + ["now"]


def test_a_press_on_a_word_goes_to_where_it_has_been_read(drawn: tuple[Solo, Any]):
    solo, _ = drawn
    strip(solo, "word3").click()
    assert solo.player("player.k") == 4
    strip(solo, "word0").focus()
    solo.page.keyboard.press("ArrowRight")
    solo.page.keyboard.press("Enter")
    assert solo.player("player.k") == 2


def test_unknown_words_are_struck_through_and_named(solo: Solo):
    given, _ = stage(question="how many <hoses> are there", unknown=[2], nearest={"<hoses>": ("houses",)})
    solo.give(given)
    texts = solo.page.locator("[data-word] text")
    struck = texts.evaluate_all("(all) => all.map((one) => getComputedStyle(one).textDecorationLine)")
    assert struck == ["none", "none", "line-through", "none", "none"]
    assert texts.nth(2).text_content() == "<hoses>"
    expect(strip(solo, "word2")).to_have_accessible_name("<hoses>, not in the vocabulary; like it: houses")


def test_shades_are_the_grounds_of_words_and_their_numbers_stand_below(solo: Solo):
    words = [Word(text=text) for text in made.QUESTION.split()]
    shades = np.array([[0.0] * 5, [0.5, -1.0, 0.25, 0.125, -0.03]], np.float32)
    view = Flow(key="words", title="Words", words=words, shades=shades, press="select")
    solo.give(Stage(views=[view], num_frames=2), step=1)
    grounds = solo.page.locator("[data-word] rect").evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")
    for ground, value in zip(grounds, shades[1], strict=True):
        painted = [int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")]
        assert painted == pytest.approx(expected(value, 1.0, signed=True), abs=3)
    numbers = solo.page.locator(".dp-flow-number").all_text_contents()
    assert [told(number) for number in numbers] == pytest.approx(shades[1].tolist(), rel=0.06)
    strip(solo, "word4").click()
    assert solo.said("select") == [{"key": "word4"}]


# Room


def boxes(solo: Solo) -> list[tuple[str, float, float, float, float]]:
    return [tuple(box) for box in solo.page.locator(".dp-flow svg text").evaluate_all(TEXTS)]


def overlapping(found: list[tuple[str, float, float, float, float]], slack: float = 3) -> list[tuple[str, str]]:
    """Pairs of texts that lie on one another; line boxes are a little higher than letters."""
    return [
        (a, b)
        for n, (a, left, top, right, bottom) in enumerate(found)
        for b, x, y, to_x, to_y in found[n + 1 :]
        if min(right, to_x) - max(left, x) > 1 and min(bottom, to_y) - max(top, y) > slack + 3
    ]


@pytest.mark.parametrize(
    ("viewport", "lecture"),
    [({"width": 1440, "height": 900}, False), (LECTURE, True), (PHONE, False)],
    ids=["desk", "lecture", "phone"],
)
@pytest.mark.parametrize("model", ["product", "attention", "mcb", "blind", "deaf"])
def test_no_words_lie_on_others_or_beyond_the_edge(solo: Solo, model: str, viewport: ViewportSize, lecture: bool):
    solo.clear(viewport)
    given, _ = stage(model, question="is there a large house in the upper half of the picture")
    solo.give(given, step=3, lecture=lecture)
    area: Any = solo.page.locator(".dp-flow").bounding_box()
    found = boxes(solo)
    assert len(found) > 10
    beyond = [
        text
        for text, left, top, right, bottom in found
        if left < area["x"] - 1
        or right > area["x"] + area["width"] + 1
        or top < area["y"] - 3
        or bottom > area["y"] + area["height"] + 3
    ]
    assert beyond == []
    assert overlapping(found) == []
    assert solo.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_drawing_stands_below_the_picture(solo: Solo):
    solo.clear(PHONE)
    solo.give(stage()[0], step=3)
    tiles, flow, bars = (solo.page.locator(part).bounding_box() for part in (".dp-tiles", ".dp-flow", ".dp-bars"))
    assert tiles
    assert flow
    assert bars
    assert tiles["y"] + tiles["height"] <= flow["y"] + 1
    assert flow["y"] + flow["height"] <= bars["y"] + 1


def test_at_a_desk_picture_drawing_and_answers_stand_side_by_side(drawn: tuple[Solo, Any]):
    solo, _ = drawn
    tiles, flow, bars = (solo.page.locator(part).bounding_box() for part in (".dp-tiles", ".dp-flow", ".dp-bars"))
    assert tiles
    assert flow
    assert bars
    assert tiles["x"] + tiles["width"] <= flow["x"]
    assert flow["x"] + flow["width"] <= bars["x"]
    assert flow["height"] == pytest.approx(tiles["height"], abs=2)
