"""The picture and the reader's hand: what comes late above it, and what is drawn anew while a hand holds it."""

import pytest

from benchmarks._browser import WINDOW
from tests.browser.solo import Solo, walk_stage

# Puts so many pixels above the player, as a part of the page that was late, and waits for two frames.
PUSH = """(height) => new Promise((done) => {
  const late = Object.assign(document.createElement("div"), { className: "late" });
  late.style.height = `${height}px`;
  window.home.prepend(late);
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)));
})"""
BOTTOM = "document.querySelector('.dp').getBoundingClientRect().bottom"
RANGE = "player.views.get('graph').element.layout.xaxis.range"
# As a part of the page does that grows beside the picture; long enough for the picture to follow if it would.
NARROW = """(width) => new Promise((done) => {
  document.querySelector(".dp-views").style.width = width;
  setTimeout(done, 300);
})"""


@pytest.fixture
def graph(solo: Solo) -> Solo:
    return solo.give(walk_stage())


def test_the_picture_leaves_room_for_what_comes_late_above_it(graph: Solo) -> None:
    for height in (120, 80):
        graph.page.evaluate(PUSH, height)
        graph.until(f"{BOTTOM} <= {WINDOW['height']}")


def test_nothing_moves_under_a_hand_that_has_touched_the_page(graph: Solo) -> None:
    graph.page.mouse.click(5, 5)
    before = graph.page.evaluate(BOTTOM)
    graph.page.evaluate(PUSH, 120)
    assert graph.page.evaluate(BOTTOM) == before + 120
    graph.page.set_viewport_size({"width": WINDOW["width"], "height": WINDOW["height"] + 100})
    graph.until(f"{BOTTOM} <= {WINDOW['height'] + 100}")


def test_a_drag_outlives_a_change_of_size_and_the_picture_follows_it_afterwards(graph: Solo) -> None:
    home, width = graph.player(RANGE), graph.player("player.views.get('graph').element._fullLayout.width")
    x, y = graph.place(0.5, 1.6)
    graph.page.mouse.move(x, y)
    graph.page.mouse.down()
    graph.page.evaluate(NARROW, "80%")
    graph.page.mouse.move(x + 60, y, steps=4)
    graph.page.mouse.up()
    graph.until(f"{RANGE}[0] < {home[0]}")
    graph.until(f"player.views.get('graph').element._fullLayout.width < {width} - 50")
    assert graph.player(RANGE)[0] < home[0]


def test_a_picture_as_large_as_its_place_is_not_drawn_again(graph: Solo) -> None:
    draws = "player.views.get('graph').element.on('plotly_afterplot', () => (window.again = true)), 0"
    graph.player(draws)
    graph.player("player.resize()")
    graph.page.evaluate(NARROW, "")
    assert not graph.page.evaluate("window.again ?? false")
