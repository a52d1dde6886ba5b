"""Maps of cells in a real browser: what is lit, pointing at cells, keeping and changing them, by hand and by keyboard."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, ViewportSize, expect

from dlcore.figures.lattice import Grid, Lattice, Working
from dlcore.figures.stage import Stage
from tests.browser.solo import Solo

X = np.arange(1.0, 10.0).reshape(3, 3)
W = np.array([[1.0, 0.0], [-2.0, 0.5]])
PADDED = np.pad(X, 1)
SIZE, LAST = 4, 16  # the result is 4 × 4: a frame for each of its cells
FIRST = {"x": 0, "w": 25, "y": 29}  # where the cells of a map begin to be counted
COLS = {"x": 5, "w": 2, "y": SIZE}
PHONE: ViewportSize = {"width": 390, "height": 844}

# [left, top, right, bottom] of what is drawn of these elements, on the screen.
BOX = """(all) => all.map((one) => one.getBoundingClientRect()).reduce(([l, t, r, b], box) =>
  [Math.min(l, box.left), Math.min(t, box.top), Math.max(r, box.right), Math.max(b, box.bottom)],
  [Infinity, Infinity, -Infinity, -Infinity])"""
# The numbers that are seen, by cell.
NUMBERS = """(all) => all.map((one) => (getComputedStyle(one).display === "none" ? "" : one.textContent))"""
# The contrast of every number with the cell that it stands in.
CONTRASTS = """() => {
  const light = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const texts = [...document.querySelectorAll(".dp-numbers text")];
  return [...document.querySelectorAll("[data-c]")].map((cell, i) => {
    const [a, b] = [light(cell.getAttribute("fill")), light(texts[i].getAttribute("fill"))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


def window_stage(x: np.ndarray = X, kind: str = "sum") -> Stage:
    """A 2 × 2 window slides over 3 × 3 cells with a ring of zeros around them."""
    ground = np.pad(x, 1)
    places = list(np.ndindex(SIZE, SIZE))
    reads = [((r + i, c + j), (i, j)) for r, c in places for i, j in np.ndindex(2, 2)]
    products = np.array([ground[cell] * (1 if kind == "max" else W[weight]) for cell, weight in reads])
    results = products.reshape(LAST, 4)
    values = (results.max(axis=1) if kind == "max" else results.sum(axis=1)).reshape(SIZE, SIZE)
    links = [(FIRST["y"] + n // 4, cell_of("x", *a), cell_of("w", *b)) for n, (a, b) in enumerate(reads)]
    inside = np.pad(np.ones((3, 3), bool), 1)
    edits = [[f"x{r - 1}.{c - 1}" if inside[r, c] else "" for c in range(5)] for r in range(5)]
    kinds = np.where(inside, 0, 1).astype(np.uint8)
    lattice = Lattice(
        key="window",
        title="Window",
        grids=[
            Grid(
                key="x",
                title="x",
                role="ground",
                values=ground,
                origin=(0, 1),
                narrow=(0, 1),
                kinds=kinds,
                edits=edits,
                names=named("x", 5, 5),
                shade=9,
            ),
            Grid(
                key="w",
                title="w",
                role="window",
                values=W,
                origin=(7, 1),
                narrow=(0, 8),
                names=named("w", 2, 2),
                shade=2,
            ),
            Grid(
                key="y",
                title="y",
                role="result",
                values=values,
                origin=(11, 1),
                narrow=(3, 8),
                known=np.arange(1, LAST + 1).reshape(SIZE, SIZE),
                names=named("y", SIZE, SIZE),
                shade=20,
            ),
        ],
        roles=("result", "ground", "window"),
        links=np.array(links, np.int32),
        products=products,
        active=np.array([-1, *range(FIRST["y"], FIRST["y"] + LAST)]),
        kind=kind,
        alt="A window slides over nine cells.",
    )
    working = Working(key="sum", title="The sum", lattice="window")
    return Stage(views=[lattice, working], num_frames=LAST + 1, rate=8, file_name="window")


def named(letter: str, rows: int, cols: int) -> list[list[str]]:
    return [[f"{letter}[{r}, {c}]" for c in range(cols)] for r in range(rows)]


def cell_of(letter: str, row: int, col: int) -> int:
    return FIRST[letter] + row * COLS[letter] + col


@pytest.fixture(scope="module")
def alone(app: str, chromium: Browser) -> Iterator[Solo]:
    with chromium.new_context(accept_downloads=True) as context:
        yield Solo(context.new_page(), app)


@pytest.fixture
def solo(alone: Solo) -> Iterator[Solo]:
    yield alone.clear()
    assert alone.errors == []


@pytest.fixture
def window(solo: Solo) -> Solo:
    return solo.give(window_stage())


def cell(solo: Solo, letter: str, row: int, col: int) -> Locator:
    return solo.page.locator(f"[data-c='{cell_of(letter, row, col)}']")


def point(solo: Solo, letter: str, row: int, col: int) -> None:
    cell(solo, letter, row, col).hover(force=True)


def number(solo: Solo, letter: str, row: int, col: int) -> str:
    return solo.page.locator(".dp-numbers text").evaluate_all(NUMBERS)[cell_of(letter, row, col)]


def box(solo: Solo, *cells: tuple[str, int, int]) -> list[float]:
    """The rectangle around these cells."""
    places = ",".join(f"[data-c='{cell_of(*place)}']" for place in cells)
    return solo.page.locator(places).evaluate_all(BOX)


def framed(solo: Solo) -> list[float]:
    """The rectangle that the window's frame has come to."""
    solo.page.wait_for_timeout(200)
    return solo.page.locator(".dp-frame").evaluate_all(
        f"(all) => ({BOX})(all.filter((one) => getComputedStyle(one).display !== 'none'))"
    )


def working(solo: Solo) -> str:
    """What is written about the present cell, on one line."""
    return " ".join(solo.page.locator(".dp-working").inner_text().split())


def read(text: str) -> float:
    return float(text.replace("−", "-"))


# Frames


def test_results_appear_with_the_frame_that_computes_them(window: Solo):
    expected = [f"{value:g}".replace("-", "−") for value in sums().ravel()]
    for k in (0, 1, 7, LAST, 3):
        window.go(k)
        shown = window.page.locator(".dp-numbers text").evaluate_all(NUMBERS)[FIRST["y"] :]
        assert shown == expected[:k] + [""] * (LAST - k)


def sums() -> np.ndarray:
    return np.array([[np.sum(PADDED[r : r + 2, c : c + 2] * W) for c in range(SIZE)] for r in range(SIZE)])


@pytest.mark.parametrize("k", [1, 6, LAST])
def test_the_frame_lies_on_the_cells_under_the_window(window: Solo, k: int):
    window.go(k)
    row, col = divmod(k - 1, SIZE)
    under = box(window, ("x", row, col), ("x", row + 1, col + 1))
    assert framed(window) == pytest.approx(under, abs=4)


def test_the_working_of_a_frame_is_its_sum(window: Solo):
    window.go(6)
    assert working(window) == "y[1, 1] = 1·1 + 2·0 4·(−2) + 5·0.5 = −4.5"


def test_before_the_first_frame_nothing_is_lit(window: Solo):
    expect(window.page.locator(".dp-frame:visible")).to_have_count(0)
    assert "=" not in working(window)


# Pointing


def test_pointing_at_a_result_shows_its_sum_and_leaving_it_the_frame_again(window: Solo):
    window.go(1)
    point(window, "y", 1, 1)
    assert working(window).startswith("y[1, 1] =")
    assert framed(window) == pytest.approx(box(window, ("x", 1, 1), ("x", 2, 2)), abs=4)
    window.page.mouse.move(2, 2)
    assert working(window).startswith("y[0, 0] =")
    assert window.said("select") == []


def test_pointing_at_an_input_shows_the_weight_in_every_result_that_it_feeds(window: Solo):
    window.go(LAST)
    before = window.page.locator(".dp-numbers text").evaluate_all(NUMBERS)
    point(window, "x", 2, 2)
    shown = {place: number(window, "y", *place) for place in np.ndindex(SIZE, SIZE)}
    for (row, col), text in shown.items():
        i, j = 2 - row, 2 - col
        fed = i in (0, 1) and j in (0, 1)
        assert text == (f"×{W[i, j]:g}".replace("-", "−") if fed else before[cell_of("y", row, col)])
    assert "y[2, 2]" in working(window)
    window.page.mouse.move(2, 2)
    assert window.page.locator(".dp-numbers text").evaluate_all(NUMBERS) == before


def test_pointing_at_a_weight_lists_all_that_it_multiplies(window: Solo):
    point(window, "w", 1, 0)
    assert all(f"y[{r}, {c}]" in working(window) for r, c in np.ndindex(SIZE, SIZE))


def test_a_zero_of_the_corner_feeds_one_result(window: Solo):
    point(window, "x", 0, 0)
    assert re.findall(r"y\[\d, \d\]", working(window)) == ["y[0, 0]"]


def test_the_largest_is_told_from_the_others(solo: Solo):
    solo.give(window_stage(kind="max"), step=6)
    assert working(solo).endswith("= 5")
    assert solo.page.locator(".dp-terms b").all_inner_texts() == ["5"]


# Keeping


def test_a_click_keeps_a_cell_and_another_lets_it_go(window: Solo):
    cell(window, "y", 2, 1).click(force=True)
    window.page.mouse.move(2, 2)
    assert working(window).startswith("y[2, 1] =")
    cell(window, "y", 2, 1).click(force=True)
    assert window.said("select") == [{"key": "y.2.1"}, {"key": ""}]


@pytest.mark.parametrize("how", ["beside", "Escape"])
def test_a_kept_cell_is_let_go(window: Solo, how: str):
    cell(window, "y", 0, 3).click(force=True)
    if how == "Escape":
        window.page.keyboard.press("Escape")
    else:
        left, top, _, _ = box(window, ("x", 0, 0))
        window.page.mouse.click(left + 2, top - 60)
    assert window.said("select") == [{"key": "y.0.3"}, {"key": ""}]


def test_the_address_keeps_a_cell(solo: Solo):
    solo.give(window_stage(), selected="y.3.3", step=2)
    assert working(solo).startswith("y[3, 3] =")


def test_a_key_that_names_no_cell_is_passed_over(solo: Solo):
    for key in ("y.9.9", "nothing.0.0", "y", "__proto__.0.0"):
        solo.clear().give(window_stage(), selected=key, step=1)
        assert working(solo).startswith("y[0, 0] =")


# Changing


def field(solo: Solo) -> Locator:
    return solo.page.locator(".dp-cell-form input")


def open_field(solo: Solo, row: int, col: int) -> Locator:
    cell(solo, "x", row, col).dblclick(force=True)
    expect(field(solo)).to_be_focused()
    return field(solo)


def test_a_number_is_typed_over_its_cell(window: Solo):
    window.go(4)
    place = open_field(window, 1, 2)
    assert place.input_value() == "2"
    assert place.evaluate_all(BOX)[0] == pytest.approx(box(window, ("x", 1, 2))[0], abs=30)
    place.fill("-0,5")
    place.press("Enter")
    assert window.said("edit") == [{"name": "x0.1", "value": -0.5, "step": 4}]


def test_typing_does_not_move_the_player(window: Solo):
    window.go(4)
    place = open_field(window, 1, 1)
    for key in ("ArrowLeft", "ArrowRight", "Home", "End", "Space", "PageDown"):
        place.press(key)
    assert (window.player("player.k"), window.player("player.transport.playing")) == (4, False)


def test_a_click_on_another_cell_sends_what_was_typed(window: Solo):
    open_field(window, 1, 1).fill("7")
    cell(window, "y", 0, 0).click(force=True)
    assert [edit["value"] for edit in window.said("edit")] == [7]
    assert window.said("edit")[0]["name"] == "x0.0"


def test_escape_leaves_the_number_as_it_was(window: Solo):
    place = open_field(window, 1, 1)
    place.fill("7")
    place.press("Escape")
    expect(place).not_to_be_focused()
    assert window.said("edit") == []


def test_what_is_no_number_is_not_sent(window: Solo):
    place = open_field(window, 1, 1)
    place.fill("many")
    place.press("Enter")
    assert window.said("edit") == []


def test_zeros_of_the_border_cannot_be_changed(window: Solo):
    cell(window, "x", 0, 0).click(force=True)
    expect(field(window)).to_be_hidden()


def test_a_new_stage_shows_its_numbers_and_keeps_the_cell(window: Solo):
    cell(window, "y", 1, 1).click(force=True)
    window.page.mouse.move(2, 2)
    window.go(LAST).give(window_stage(10 * X))
    assert number(window, "x", 1, 1) == "10"
    assert working(window) == "y[1, 1] = 10·1 + 20·0 40·(−2) + 50·0.5 = −45"


# The keyboard


def test_the_arrow_keys_go_from_cell_to_cell_and_leave_the_frame_alone(window: Solo):
    window.go(5)
    window.page.locator(".dp-lattice svg").focus()
    window.page.keyboard.press("ArrowRight")  # enters at the present cell
    said = window.page.locator(".dp-lattice [aria-live]")
    expect(said).to_contain_text("y[1, 0]")
    window.page.keyboard.press("ArrowRight")
    window.page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("y[0, 1]")
    assert working(window).startswith("y[0, 1] =")
    assert window.player("player.k") == 5
    window.page.keyboard.press("PageDown")
    assert window.player("player.k") == 6


def test_the_keyboard_reaches_every_map_and_keeps_and_changes_cells(window: Solo):
    window.page.locator(".dp-lattice svg").focus()
    said = window.page.locator(".dp-lattice [aria-live]")
    seen = set()
    for _ in range(14):
        window.page.keyboard.press("ArrowRight")
        seen.add(said.inner_text()[0])
    assert seen >= {"x", "w", "y"}
    for _ in range(40):
        if said.inner_text().startswith("x[1, 1]"):
            break
        window.page.keyboard.press("ArrowLeft" if said.inner_text()[0] != "x" else walk_to(said.inner_text()))
    window.page.keyboard.press("Enter")
    expect(field(window)).to_be_focused()
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Escape")
    assert window.said("select")[-1] == {"key": ""}


def walk_to(said: str) -> str:
    """The next key on the way to x[1, 1]."""
    row, col = map(int, re.findall(r"\d+", said)[:2])
    if row != 1:
        return "ArrowDown" if row < 1 else "ArrowUp"
    return "ArrowRight" if col < 1 else "ArrowLeft"


# Screens and files


def test_on_a_phone_the_maps_lie_one_below_the_other(solo: Solo):
    solo.clear(PHONE).give(window_stage(), step=6)
    x, w, y = (box(solo, (letter, 0, 0)) for letter in ("x", "w", "y"))
    assert w[1] > box(solo, ("x", 4, 0))[3]
    assert abs(w[1] - y[1]) < 1
    assert w[0] == pytest.approx(x[0], abs=1)
    assert box(solo, ("x", 4, 4), ("y", 3, 3))[2] < PHONE["width"]
    assert framed(solo) == pytest.approx(box(solo, ("x", 1, 1), ("x", 2, 2)), abs=4)


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_stand_out_from_their_cells(solo: Solo, dark: bool):
    ground = "#12161c" if dark else "#ffffff"
    solo.page.evaluate(f"document.documentElement.style.setProperty('--st-background-color', '{ground}')")
    solo.give(window_stage(), step=LAST)
    contrasts = solo.page.evaluate(CONTRASTS)
    solo.page.evaluate("document.documentElement.style.removeProperty('--st-background-color')")
    assert len(contrasts) == 45
    assert min(contrasts) >= 4.5


def saved(solo: Solo, kind: str) -> tuple[str, bytes]:
    with solo.page.expect_download() as waiting:
        solo.page.locator(f"[data-do={kind}]").click()
    file: Any = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def test_the_picture_is_saved_as_svg_with_the_numbers_that_are_known(window: Solo):
    window.go(6)
    name, content = saved(window, "svg")
    root = ElementTree.fromstring(content)
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text") if "none" not in text.get("style", "")}
    assert name == "window-step-6.svg"
    assert {"9", "−2", "0.5", "−4.5"} <= words


def test_the_picture_is_saved_as_png_at_twice_the_size(window: Solo):
    window.go(6)
    name, content = saved(window, "png")
    picture = Image.open(BytesIO(content)).convert("RGB")
    seen = window.page.locator(".dp-lattice svg").bounding_box()
    assert seen is not None
    assert name == "window-step-6.png"
    assert picture.size == pytest.approx((2 * seen["width"], 2 * seen["height"]), abs=2)
    assert len(picture.getcolors(1 << 24) or []) > 20
    assert picture.getpixel((1, 1)) == (255, 255, 255)
