"""What is written about a cell, over sums that one can check in the head: several maps, a bias, a largest, a matrix."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from playwright.sync_api import expect

from dlcore.figures.lattice import Grid, Lattice, Working
from dlcore.figures.stage import Stage
from tests.browser.lattice_screen import window_stage, working
from tests.browser.solo import Solo

ROLES = ("result", "ground", "window", "matrix")


def row(key: str, role: str, values: Sequence[float], at: float, **more: Any) -> Grid:
    """A map of one row, with cells called key0, key1, ..."""
    names = [[f"{key}{i}" for i in range(len(values))]]
    given = {"key": key, "title": f"{key}, 1 × {len(values)}", "names": names, "origin": (at, 1), "shade": 9, **more}
    return Grid(role=role, values=np.array([values], float), **given)


def stage(
    grids: Sequence[Grid], links: Sequence[Sequence[int]], products: Sequence[float], frames: int = 2, **more: Any
) -> Stage:
    """Frame 1 computes the first result."""
    first = sum(grid.values.size for grid in grids[: [grid.role for grid in grids].index("result")])
    lattice = Lattice(
        key="window",
        title="Window",
        grids=grids,
        roles=ROLES[: len(links[0])],
        links=np.array(links),
        products=np.array(products),
        active=np.array([-1] + [first] * (frames - 1)),
        **more,
    )
    return Stage(views=[lattice, Working(key="sum", title="The sum", lattice="window")], num_frames=frames)


def two_maps(**more: Any) -> Stage:
    """y = (1·10 + 2·1) + (3·(−1) + 4·2)."""
    grids = [
        row("a", "ground", [1, 2], 0),
        row("b", "ground", [3, 4], 3),
        row("v", "window", [10, 1], 6),
        row("w", "window", [-1, 2], 9),
        row("y", "result", [17 + more.get("starts", [0])[0]], 12, known=np.array([[1]])),
    ]
    links = [(8, 0, 4), (8, 1, 5), (8, 2, 6), (8, 3, 7)]
    return stage(grids, links, [10, 2, -3, 8], **more)


def largest(values: Sequence[float]) -> Stage:
    grids = [
        row("x", "ground", values, 0),
        row("w", "window", [1] * len(values), 6),
        row("y", "result", [max(values)], 12, known=np.array([[1]])),
    ]
    count = len(values)
    return stage(grids, [(2 * count, i, count + i) for i in range(count)], values, kind="max")


def matrix_stage() -> Stage:
    """y = C x with C = (2 5; · 2): what stands twice in the matrix is one weight."""
    grids = [
        row("x", "ground", [3, 4], 0),
        row("w", "window", [2, 5], 4),
        row("y", "result", [26, 8], 8),
        row("C", "matrix", [2, 5, np.nan, 2], 12),
    ]
    return stage(grids, [(4, 0, 2, 6), (4, 1, 3, 7), (5, 1, 2, 9)], [6, 20, 8])


def look(solo: Solo, key: str) -> str:
    """Points at a cell and gives what is written about it."""
    solo.player(f"player.focus.point('{key}')")
    return working(solo)


def washed(solo: Solo) -> int:
    """How many cells are marked as met."""
    return (solo.page.locator(".dp-wash").get_attribute("d") or "").count("M")


# Sums


def test_the_sum_over_several_maps_is_told_map_by_map(solo: Solo):
    solo.give(two_maps(), step=1)
    assert working(solo) == "y0 = a: 12 1·10 + 2·1 b: 5 + 3·(−1) + 4·2 = 17"


def test_the_bias_is_the_last_summand(solo: Solo):
    solo.give(two_maps(starts=np.array([-0.5])), step=1)
    assert working(solo).endswith("+ 3·(−1) + 4·2 + (−0.5), the bias = 16.5")


def test_a_result_that_reads_nothing_is_its_bias(solo: Solo):
    alone = replace(row("y", "result", [0.5], 6), known=np.array([[1]]))
    solo.give(stage([row("x", "ground", [1], 0), alone], [(-1, 0)], [0], starts=np.array([0.5])), step=1)
    assert working(solo) == "y0 = 0.5, the bias = 0.5"
    nothing = stage([row("x", "ground", [1], 0), replace(alone, values=np.zeros((1, 1)))], [(-1, 0)], [0])
    assert working(solo.give(nothing, step=1)) == "y0 = nothing: no window reads here = 0"


def test_a_result_is_told_only_when_it_is_computed(solo: Solo):
    solo.give(two_maps(), step=0)
    assert look(solo, "y.0.0") == "y0 = a 1·10 + 2·1 b + 3·(−1) + 4·2 = ?"
    solo.page.locator(".dp-lattice svg").focus()
    solo.page.keyboard.press("ArrowDown")  # enters at the cell that is pointed at
    said = solo.page.locator(".dp-lattice [aria-live]")
    expect(said).to_have_text("y0, not computed yet, in y, 1 × 1, 4 products.")
    solo.page.keyboard.press("PageDown")
    assert working(solo).endswith("= 17")
    solo.page.keyboard.press("ArrowLeft")
    expect(said).to_have_text("w1, 2, in w, 1 × 2, 1 product.")


def test_a_long_sum_never_hides_its_total(solo: Solo):
    solo.page.set_viewport_size({"width": 1000, "height": 470})
    count = 24
    grids = [row(f"x{i}", "ground", [1, 2], 3 * i) for i in range(count)]
    grids += [row("w", "window", [1, 1], 0, origin=(0, 3)), row("y", "result", [3 * count], 6, origin=(6, 3))]
    links = [(2 * count + 2, i, 2 * count + i % 2) for i in range(2 * count)]
    solo.give(stage(grids, links, [1, 2] * count), step=1)
    pane, total = (solo.page.locator(name).bounding_box() for name in (".dp-working", ".dp-total"))
    assert pane is not None
    assert total is not None
    assert solo.page.locator(".dp-working").evaluate("(pane) => pane.scrollHeight > pane.clientHeight + 100")
    assert pane["y"] <= total["y"]
    assert total["y"] + total["height"] <= pane["y"] + pane["height"] + 1


# The other way round


def test_a_cell_of_the_input_tells_where_it_goes_and_through_which_weight(solo: Solo):
    solo.give(two_maps(), step=1)
    assert look(solo, "b.0.1") == "b1 = 4 goes to 1 place: y0 gets w1: 4·2 = 8"
    assert look(solo, "w.0.0") == "w0 = −1 goes to 1 place: y0 gets b0: 3·(−1) = −3"


def test_what_no_window_reads_goes_nowhere_and_is_crossed_out(solo: Solo):
    kinds = np.array([[1, 0, 3]], np.uint8)
    grids = [row("x", "ground", [0, 2, 7], 0, kinds=kinds), row("w", "window", [1], 5), row("y", "result", [2], 8)]
    solo.give(stage(grids, [(4, 1, 3)], [2]))
    assert look(solo, "x.0.2") == "x2 = 7 goes nowhere: no window reads it."
    assert washed(solo) == 1  # itself
    crosses = solo.page.locator(".dp-crosses").first.get_attribute("d") or ""
    place = solo.page.locator("[data-c='2']").get_attribute("d") or ""
    corner = [float(number) for number in place[1:].split("L")[0].split(",")]
    strokes = [float(stroke.split(",")[0]) for stroke in crosses[1:].split("M")]
    assert len(strokes) == 2
    assert min(strokes) > corner[0]
    dashes = [solo.page.locator(f"[data-c='{i}']").get_attribute("stroke-dasharray") for i in range(3)]
    assert dashes == ["3 3", None, None]


def test_a_long_list_is_cut_and_says_so(solo: Solo):
    count = 70
    grids = [row("x", "ground", [1], 0), row("w", "window", [1] * count, 2), row("y", "result", [1] * count, 80)]
    solo.give(stage(grids, [(1 + count + i, 0, 1 + i) for i in range(count)], [1] * count))
    text = look(solo, "x.0.0")
    assert text.startswith("x0 = 1 goes to 70 places:")
    assert text.endswith("and 10 more")


# The largest


def test_of_equal_numbers_the_first_is_the_largest(solo: Solo):
    solo.give(largest([1, 4, 2, 4]), step=1)
    assert working(solo) == "y0 = the largest of 1, 4, 2, 4 = 4"
    marked = solo.page.locator(".dp-aligned span").evaluate_all("(all) => all.map((one) => !!one.querySelector('b'))")
    assert marked == [False, True, False, False]


def test_a_cell_tells_whether_it_is_the_largest_of_a_window(solo: Solo):
    solo.give(largest([1, 4]), step=1)
    assert look(solo, "x.0.0") == "x0 = 1 is read by 1 window: y0 = 4, from another cell"
    assert look(solo, "x.0.1") == "x1 = 4 is read by 1 window: y0 = 4, from x1"
    assert look(solo.go(0), "x.0.1").endswith("y0 = ?")


def test_a_border_below_every_number_says_so(solo: Solo):
    grids = [row("x", "ground", [-np.inf, 4], 0), row("w", "window", [1, 1], 5), row("y", "result", [4], 8)]
    solo.give(stage(grids, [(4, 1, 3)], [4], kind="max"))
    assert look(solo, "x.0.0") == "x0 = −∞ is read by no window."


# The matrix


def test_a_cell_of_the_matrix_tells_its_weight_and_lights_what_it_joins(solo: Solo):
    solo.give(matrix_stage())
    assert look(solo, "C.0.1") == "C1 w1 = 5, from x1 to y0"
    assert washed(solo) == 4
    assert look(solo, "C.0.2") == "C2 0: the two never meet"


def test_a_weight_lights_every_place_where_it_stands_in_the_matrix(solo: Solo):
    solo.give(matrix_stage())
    look(solo, "w.0.0")
    boxes = solo.page.locator(".dp-wash").get_attribute("d") or ""
    for place, there in ((6, True), (7, False), (8, False), (9, True)):
        assert ((solo.page.locator(f"[data-c='{place}']").get_attribute("d") or "?") in boxes) == there


def test_a_row_of_the_matrix_belongs_to_a_result(solo: Solo):
    solo.give(matrix_stage())
    look(solo, "y.0.0")
    assert washed(solo) == 1 + 2 + 2 + 2


# Before anything is pointed at


def test_without_a_cell_it_says_what_to_do(solo: Solo):
    solo.give(window_stage())
    assert working(solo) == "Point at a cell, or go on to the first step."
