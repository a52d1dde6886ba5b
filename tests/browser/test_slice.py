"""A path on a slice of the loss that comes with the run, in a real browser: shades, where it turns, and the path."""

from typing import Any

import numpy as np

from dlcore.figures.adversarial_path import path_stage
from dlcore.figures.adversarial_sheet import Case, Look
from dlcore.figures.stage import Stage
from tests.browser.solo import Solo
from tests.browser.tiles_screen import ARRIVE

STEPS, GRID = 4, 5
A = np.linspace(0, 1, STEPS + 1)
LOSSES = np.add.outer(np.zeros(GRID), np.linspace(0, 4, GRID))  # grows along the attack
PLOT = "player.views.get('slice').element"


def stage() -> Stage:
    case = Case(
        picture=np.zeros((8, 8, 1), np.uint8),
        classes=("ring", "star"),
        label=0,
        chances=np.array([0.9, 0.1]),
        logits=np.array([1.0, -1.0]),
    )
    return path_stage(case=case, look=Look(), epsilon=4, attack="pgd", num_steps=STEPS, grid=GRID)


def waiting(solo: Solo) -> Solo:
    """The stage before anything of its run has come."""
    solo.give(stage())
    solo.page.evaluate(
        """window.__descent.player.header.arrays.forEach((field) => {
            if (!field.pending) return;
            field.ready = 0;
            field.data.fill(NaN);
        })"""
    )
    solo.player("player.arrived(0, 1)")
    return solo


def come(solo: Solo) -> Solo:
    """All of it has."""
    for name, values in (("slice", LOSSES), ("margin", 2 - LOSSES), ("a", A), ("b", 0 * A)):
        rows = np.broadcast_to(values, (STEPS + 1, *np.shape(values))) if np.ndim(values) > 1 else values
        solo.page.evaluate(ARRIVE, [name, np.ravel(rows).tolist(), 0, STEPS + 1])
    return solo


def drawn(solo: Solo, trace: int, name: str) -> Any:
    return solo.player(f"Array.from({PLOT}.data[{trace}].{name}, (row) => row?.length ? Array.from(row) : row)")


def test_before_anything_has_come_the_ball_is_there(solo: Solo) -> None:
    waiting(solo).rest()
    assert solo.page.locator(".contour, .contourlayer path[d^=M]").count() == 0
    assert max(drawn(solo, 2, "x")) == 1


def test_the_slice_comes_with_the_run_and_the_path_follows_the_frame(solo: Solo) -> None:
    come(waiting(solo))
    for k in (0, 2, STEPS):
        solo.go(k).rest()
        np.testing.assert_allclose(drawn(solo, 0, "z"), LOSSES)
        np.testing.assert_allclose(drawn(solo, 3, "x"), A[: k + 1])
        assert drawn(solo, 5, "x") == [A[k]]
    assert solo.page.locator(".dp-side .contourlayer path").count() > 0


def test_the_line_where_the_answer_turns_stands_where_the_margin_is_nothing(solo: Solo) -> None:
    come(waiting(solo)).rest()
    axis = f"{PLOT}._fullLayout.xaxis"
    middle = solo.player(f"{PLOT}.querySelector('.nsewdrag').getBoundingClientRect().left + {axis}.d2p(0)")
    boxes = solo.page.locator(".dp-side .contourlayer .contour:last-of-type .openline").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => box.left + box.width / 2)"
    )
    assert boxes
    assert min(abs(x - middle) for x in boxes) < 2  # the margin is 2 - loss, and the loss is 2 in the middle
