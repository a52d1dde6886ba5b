"""How maps of cells look, on any screen, in both themes and in a lecture hall; and how fast they follow the hand."""

import time
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ViewportSize, expect

from benchmarks._browser import WINDOW
from dlcore.figures.lattice import Grid, Lattice
from dlcore.figures.maps import FLAT, SPACE, Block, arrange
from dlcore.figures.stage import Stage
from dlcore.figures.theme import PALETTE
from tests.browser.lattice_screen import LAST, X, number, point, window_lattice, window_stage, working
from tests.browser.solo import Solo

PHONE: ViewportSize = {"width": 390, "height": 844}
PROJECTOR: ViewportSize = {"width": 1366, "height": 560}
GROUND = "document.documentElement.style.setProperty('--st-background-color', '{}')"
# Milliseconds: the middle one of pointing at every so many cells, and the quickest of drawing all anew.
PACE = """() => {
  const { views, focus } = window.__descent.player;
  const view = views.get("window");
  const took = (act) => { const start = performance.now(); act(); return performance.now() - start; };
  const points = [];
  for (let cell = 0; cell < view.cells.count; cell += 5) points.push(took(() => focus.point(view.cells.keyOf(cell))));
  const draws = [0, 0, 0, 0, 0].map(() => took(() => view.draw()));
  return [points.sort((a, b) => a - b)[points.length >> 1], Math.min(...draws)];
}"""
# The contrast of every number with its cell, if the wash of a lit cell lay over both.
LIT = """() => {
  const wash = document.querySelector(".dp-wash");
  const share = Number(wash.getAttribute("fill-opacity"));
  const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const over = (hex) => channels(hex).map((c, i) => c + share * (channels(wash.getAttribute("fill"))[i] - c));
  const linear = (c) => (c <= 0.04045 * 255 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = (one) => over(one.getAttribute("fill")).map(linear)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const texts = [...document.querySelectorAll(".dp-numbers text")];
  return [...document.querySelectorAll("[data-c]")].map((cell, i) => {
    const [a, b] = [light(cell), light(texts[i])].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""
# The names over the maps; those that lie on another name or on a cell, or reach out of the picture; how many cells do.
CRAMPED = """() => {
  const rects = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.tagName !== "text" || one.textContent)
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  const [[, svg]] = rects(".dp-lattice svg");
  const [names, cells] = [rects(".dp-caption"), rects("[data-c]")];
  const inside = (a) => a.left >= svg.left - 1 && a.right <= svg.right + 1
    && a.top >= svg.top - 1 && a.bottom <= svg.bottom + 1;
  // A name's box is higher than its letters.
  const [low, high] = [(a) => a.bottom - 0.25 * a.height, (a) => a.top + 0.25 * a.height];
  const meet = (a, b) => a.left < b.right && b.left < a.right && high(a) < b.bottom && b.top < low(a);
  const lies = ([, a], i) => names.some(([, b], j) => i !== j && meet(a, b)) || cells.some(([, b]) => meet(a, b));
  const wrong = names.filter((name, i) => !inside(name[1]) || lies(name, i));
  return [names.map(([name]) => name), wrong.map(([name]) => name), cells.filter(([, a]) => !inside(a)).length];
}"""


def maps(*blocks: Block, space: bool = False) -> Stage:
    """Maps without links, where a lesson would put them, with long names."""
    letters = ("x", "w", "y", "C")
    roles = ("ground", "window", "result", "matrix")
    grids = [
        Grid(
            key=f"{letter}{i}",
            title=f"{letter}[{i}, {i}], {block.rows} × {block.cols}, stretched and padded: 99 × 99",
            role=role,
            values=np.full((block.rows, block.cols), -0.125),
            **place._asdict(),
        )
        for letter, role, block, places in zip(
            letters, roles, blocks, arrange(blocks, SPACE if space else FLAT), strict=False
        )
        for i, place in enumerate(places)
    ]
    return lone(grids)


def lone(grids: list[Grid], **more: Any) -> Stage:
    given = {"links": np.zeros((0, 3), int), "products": np.zeros(0), "active": np.array([-1]), **more}
    lattice = Lattice(key="window", title="Window", grids=grids, roles=("result", "ground", "window"), **given)
    return Stage(views=[lattice], num_frames=len(lattice.active))


def sliding(size: int, kernel: int) -> Stage:
    """A window of ones slides over so many cells, without a border."""
    out = size - kernel + 1
    grids = [
        Grid(key="x", title="x", role="ground", values=np.full((size, size), -0.125), origin=(0, 1)),
        Grid(key="w", title="w", role="window", values=np.ones((kernel, kernel)), origin=(size + 1, 1)),
        Grid(key="y", title="y", role="result", values=np.ones((out, out)), origin=(size + kernel + 2, 1)),
    ]
    r, c, i, j = (axis.ravel() for axis in np.indices((out, out, kernel, kernel)))
    window, result = size**2, size**2 + kernel**2
    links = np.stack([result + r * out + c, (r + i) * size + c + j, window + i * kernel + j], axis=1)
    return lone(grids, links=links, products=np.ones(len(links)), active=np.array([-1, result]))


# Room


@pytest.mark.parametrize("screen", [WINDOW, PROJECTOR, PHONE], ids=["desk", "projector", "phone"])
@pytest.mark.parametrize(
    "blocks",
    [
        (Block(3, 1, 14), Block(9, 1, 3, 3), Block(3, 1, 12)),
        (Block(6, 9, 9), Block(36, 3, 3, 6), Block(6, 7, 7)),
        (Block(1, 26, 26), Block(1, 3, 3), Block(1, 24, 24)),
        (Block(1, 5, 5), Block(1, 3, 3), Block(1, 3, 3), Block(1, 9, 25, below=True)),
    ],
    ids=["one axis", "six maps", "large", "matrix"],
)
def test_nothing_is_cut_off_and_no_name_lies_on_anything(solo: Solo, screen: ViewportSize, blocks: tuple[Block, ...]):
    solo.clear(screen)
    for lecture in (False, True):
        solo.give(maps(*blocks), lecture=lecture)
        names, wrong, outside = solo.page.evaluate(CRAMPED)
        assert (wrong, outside) == ([], 0)
        assert len(names) >= blocks[0].count


def test_sheets_in_space_have_their_names_over_them(solo: Solo):
    solo.give(maps(Block(3, 9, 9, 3), Block(6, 3, 3, 3), Block(2, 7, 7, 2), space=True))
    names, wrong, outside = solo.page.evaluate(CRAMPED)
    assert (wrong, outside) == ([], 0)
    assert {"x[0, 0]", "x[2, 2]", "w[1, 1]", "y[1, 1]"} <= set(names)


def test_maps_of_one_kind_are_named_alike(solo: Solo):
    for blocks in ((Block(3, 9, 9),), (Block(1, 9, 9), Block(4, 2, 2))):
        solo.clear().give(maps(*blocks))
        names, _, _ = solo.page.evaluate(CRAMPED)
        for letter in "xw":
            assert len({"padded" in name for name in names if name[0] == letter}) <= 1


def test_small_numbers_are_readable_or_not_there(solo: Solo):
    sizes = "(all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
    counts = set()
    for width in range(700, 2000, 130):
        solo.clear({"width": width, "height": 900}).give(window_stage(), step=6)
        weights = solo.page.locator(".dp-weights text").evaluate_all(sizes)
        assert all(size >= 9 for size in weights)
        counts.add(len(weights))
    assert counts == {0, 4}


def test_numbers_for_which_there_is_no_room_do_not_come_by_pointing(solo: Solo):
    solo.clear(PHONE).give(sliding(30, 3))
    words = "(all) => all.map((one) => one.textContent).join('')"
    for key in ("x.4.4", ""):
        solo.player(f"player.focus.point('{key}')")
        assert solo.page.locator(".dp-numbers text").evaluate_all(words) == ""


def test_the_picture_follows_its_place(solo: Solo):
    solo.give(window_stage(), step=6)
    for size in (PROJECTOR, PHONE, WINDOW):
        solo.page.set_viewport_size(size)
        solo.until(
            "(({ layout, svg }) => layout.width === svg.clientWidth && layout.height === svg.clientHeight)"
            "(player.views.get('window'))"
        )
        assert solo.page.evaluate(CRAMPED)[1:] == [[], 0]
        assert number(solo, "y", 1, 1) == "−4.5"
        assert number(solo, "y", 1, 2) == ""


# Themes and lecture halls


def test_another_theme_changes_every_colour(solo: Solo):
    solo.give(window_stage(), step=6)
    fills = "(all) => all.map((one) => one.getAttribute('fill'))"
    light = solo.page.locator(".dp-lattice [fill^='#']").evaluate_all(fills)
    solo.page.evaluate(GROUND.format(PALETTE["ground"][1]))
    solo.give(window_stage(), step=6)
    dark = solo.page.locator(".dp-lattice [fill^='#']").evaluate_all(fills)
    assert len(light) == len(dark)
    assert not set(light) & set(dark)
    assert set(dark) >= {PALETTE["ink"][1], PALETTE["muted"][1], PALETTE["accent"][1]}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_numbers_stand_out_from_lit_cells(solo: Solo, theme: int):
    solo.page.evaluate(GROUND.format(PALETTE["ground"][theme]))
    solo.give(window_stage(), step=LAST)
    contrasts = solo.page.evaluate(LIT)
    assert len(contrasts) == 45
    assert min(contrasts) >= 4.5


def test_a_lecture_has_stronger_lines_and_larger_names(solo: Solo):
    looks = []
    for lecture in (False, True):
        solo.clear().give(window_stage(), step=6, lecture=lecture)
        widths = [
            solo.page.locator(f".dp-{part}:visible").first.get_attribute("stroke-width") for part in ("frame", "wash")
        ]
        names = solo.page.locator(".dp-caption").first.get_attribute("font-size")
        sizes = [solo.page.locator(part).evaluate("(one) => getComputedStyle(one).fontSize") for part in (".dp-terms",)]
        looks.append([float(str(part).removesuffix("px")) for part in (*widths, names, *sizes)])
    small, large = looks
    assert all(b > a for a, b in zip(small, large, strict=True))
    assert large[-1] >= 18


# Time


def test_the_frame_slides_for_a_reader_and_jumps_when_frames_are_quick(solo: Solo):
    duration = "getComputedStyle(player.views.get('window').frames[0]).transitionDuration"
    solo.give(window_stage(), step=1)
    solo.page.wait_for_timeout(250)
    assert solo.go(2).player(duration) == "0.12s"
    solo.page.wait_for_timeout(250)
    assert solo.player(f"(player.transport.move(3), player.transport.move(4), {duration})") == "0s"


def test_pointing_follows_the_hand_over_twelve_thousand_links(solo: Solo):
    solo.give(sliding(22, 7))
    assert solo.player("player.views.get('window').cells.numLinks") == 16**2 * 7**2
    pointing, drawing = solo.page.evaluate(PACE)
    assert pointing < 5
    assert drawing < 60  # less than half on a machine of its own


def test_space_still_plays_while_the_picture_has_the_keyboard(solo: Solo):
    solo.give(window_stage())
    solo.page.locator(".dp-lattice svg").focus()
    solo.page.keyboard.press("Space")
    solo.until("player.k > 0")
    solo.page.keyboard.press("Space")
    solo.until("!player.transport.playing")
    solo.page.keyboard.press("Home")
    solo.page.keyboard.press("PageDown")
    assert solo.player("player.k") == 1


# Stages that follow one another


def test_a_stage_of_another_size_takes_over(solo: Solo):
    solo.give(window_stage(), step=6, selected="y.3.3")
    point(solo, "x", 4, 4)
    solo.give(sliding(4, 3), selected="y.3.3")
    expect(solo.page.locator(".dp-lattice [data-c]")).to_have_count(16 + 9 + 4)
    # The cell that was kept is gone: the frame is followed again.
    ring = solo.page.locator(".dp-ring").evaluate_all("(all) => all.map((one) => one.getAttribute('d'))")
    assert ring == [solo.page.locator("[data-c='25']").get_attribute("d")]
    solo.page.mouse.move(2, 2)
    solo.give(window_stage(window_lattice(10 * X)), selected="y.3.3")
    assert working(solo).startswith("y[3, 3] =")


def test_pointing_is_shared_without_a_message_to_the_page(solo: Solo):
    solo.give(window_stage(), step=6)
    before = len(solo.page.evaluate("window.said"))
    point(solo, "w", 0, 0)
    time.sleep(0.5)  # longer than the player waits before it says where it rests
    said = solo.page.evaluate("window.said")[before:]
    assert [name for name, _ in said if name != "step"] == []
