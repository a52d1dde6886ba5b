"""A small lattice alone on a page, and what one sees of it: cells, numbers, the frame, the working."""

from typing import Any

import numpy as np
from playwright.sync_api import Locator

from dlcore.figures.lattice import Grid, Lattice, Working
from dlcore.figures.stage import Stage, View
from tests.browser.solo import Solo

X = np.arange(1.0, 10.0).reshape(3, 3)
W = np.array([[1.0, 0.0], [-2.0, 0.5]])
PADDED = np.pad(X, 1)
SIZE, LAST = 4, 16  # the result is 4 × 4: a frame for each of its cells
FIRST = {"x": 0, "w": 25, "y": 29}  # where the cells of a map begin to be counted
COLS = {"x": 5, "w": 2, "y": SIZE}

# [left, top, right, bottom] of what is drawn of these elements, on the screen.
BOX = """(all) => all.map((one) => one.getBoundingClientRect()).reduce(([l, t, r, b], box) =>
  [Math.min(l, box.left), Math.min(t, box.top), Math.max(r, box.right), Math.max(b, box.bottom)],
  [Infinity, Infinity, -Infinity, -Infinity])"""
# A picture that was just drawn may still be fitted to the page.
STILL = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The numbers that are seen, by cell.
NUMBERS = """(all) => all.map((one) => (getComputedStyle(one).display === "none" ? "" : one.textContent))"""


def window_lattice(x: np.ndarray = X, kind: str = "sum") -> Lattice:
    """A 2 × 2 window slides over 3 × 3 cells with a ring of zeros around them."""
    ground = np.pad(x, 1)
    places = list(np.ndindex(SIZE, SIZE))
    reads = [((r + i, c + j), (i, j)) for r, c in places for i, j in np.ndindex(2, 2)]
    products = np.array([ground[cell] * (1 if kind == "max" else W[weight]) for cell, weight in reads])
    results = products.reshape(LAST, 4)
    values = (results.max(axis=1) if kind == "max" else results.sum(axis=1)).reshape(SIZE, SIZE)
    return Lattice(
        key="window",
        title="Window",
        grids=grids(ground, values),
        roles=("result", "ground", "window"),
        links=np.array(
            [(FIRST["y"] + n // 4, cell_of("x", *a), cell_of("w", *b)) for n, (a, b) in enumerate(reads)], np.int32
        ),
        products=products,
        active=np.array([-1, *range(FIRST["y"], FIRST["y"] + LAST)]),
        kind=kind,
        alt="A window slides over nine cells.",
    )


def grids(ground: np.ndarray, values: np.ndarray) -> list[Grid]:
    """Of x its inner cells can be changed, and the results appear one by one."""
    inside = np.pad(np.ones((3, 3), bool), 1)
    changing = {
        "kinds": np.where(inside, 0, 1).astype(np.uint8),
        "edits": [[f"x{r - 1}.{c - 1}" if inside[r, c] else "" for c in range(5)] for r in range(5)],
    }
    known = np.arange(1, LAST + 1).reshape(SIZE, SIZE)
    return [
        Grid(**about("x", "ground", ground, 9), origin=(0, 1), narrow=(0, 1), **changing),
        Grid(**about("w", "window", W, 2), origin=(7, 1), narrow=(0, 8)),
        Grid(**about("y", "result", values, 20), origin=(11, 1), narrow=(3, 8), known=known),
    ]


def about(letter: str, role: str, values: np.ndarray, shade: float) -> dict[str, Any]:
    rows, cols = values.shape
    names = [[f"{letter}[{r}, {c}]" for c in range(cols)] for r in range(rows)]
    return {"key": letter, "title": letter, "role": role, "values": values, "names": names, "shade": shade}


def window_stage(*views: View, x: np.ndarray = X, kind: str = "sum") -> Stage:
    """The lattice, and its working beside it behind other views."""
    working = Working(key="sum", title="The sum", lattice="window")
    shown = [window_lattice(x, kind), *views, working]
    return Stage(views=shown, num_frames=LAST + 1, rate=8, file_name="window")


def cell_of(letter: str, row: int, col: int) -> int:
    return FIRST[letter] + row * COLS[letter] + col


def cell(solo: Solo, letter: str, row: int, col: int) -> Locator:
    return solo.page.locator(f"[data-c='{cell_of(letter, row, col)}']").first


def point(solo: Solo, letter: str, row: int, col: int) -> None:
    solo.page.evaluate(STILL)
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
