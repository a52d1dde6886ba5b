"""What a reader sees of the lesson on convolution, and what a hand does there: cells, sums, places in a picture."""

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator

from benchmarks._browser import Screen
from tests.pages.convolution_page import SLUG, TITLES
from tests.pages.stages import written

# The cell of a map, and what is written in it: [map's key, row, column] -> [number of the cell, text that is seen].
CELL = """([key, row, col]) => {
  const view = window.__descent.player.views.get("window");
  const at = view.spec.grids.findIndex((grid) => grid.key === key);
  const cell = view.cells.firsts[at] + row * view.spec.grids[at].cols + col;
  const text = document.querySelectorAll(".dp-numbers text")[cell];
  return [cell, getComputedStyle(text).display === "none" ? "" : text.textContent];
}"""
# A pixel of the picture on the screen.
PLACE = """([x, y]) => {
  const { element } = window.__descent.player.views.get("picture");
  const { xaxis, yaxis } = element._fullLayout;
  const plane = element.querySelector(".nsewdrag").getBoundingClientRect();
  return [plane.x + xaxis.d2p(x), plane.y + yaxis.d2p(y)];
}"""


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    texts = written(TITLES, **values)
    return f"{SLUG}?" + urlencode({f"{SLUG}.{name}": text for name, text in texts.items()}, doseq=True)


def control(screen: Screen, name: str) -> Locator:
    return screen.control(name, SLUG)


def choose(screen: Screen, name: str, title: str) -> None:
    """Presses one of a few options side by side, and waits for the new picture."""
    before = screen.draws
    control(screen, name).get_by_role("radio", name=title, exact=True).click()
    screen.drawn(before)


def cell(screen: Screen, key: str, row: int, col: int) -> Locator:
    number, _ = screen.page.evaluate(CELL, [key, row, col])
    return screen.page.locator(f".dp-boxes [data-c='{number}']")


def number(screen: Screen, key: str, row: int, col: int) -> str:
    """What is written in a cell; "" while it is not known."""
    return screen.page.evaluate(CELL, [key, row, col])[1]


def working(screen: Screen) -> str:
    """What is written about the present cell, on one line."""
    return " ".join(screen.page.locator(".dp-working").inner_text().split())


def click_pixel(screen: Screen, x: float, y: float) -> None:
    """Clicks a place of the picture."""
    screen.page.mouse.click(*screen.page.evaluate(PLACE, [x, y]))


def says(screen: Screen, **wanted: str) -> None:
    """Waits until the address has these texts of controls."""
    for name, text in wanted.items():
        part = urlencode({f"{SLUG}.{name}": text})
        screen.page.wait_for_url(lambda url, part=part: part in url)
