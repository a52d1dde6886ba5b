"""Cells with numbers and curves over ε in a real browser: all of their words are there, and none lies on another."""

import itertools
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ViewportSize

from dlcore.checkpoints import MODELS
from dlcore.figures.adversarial_matrix import Matrix, matrix
from dlcore.figures.adversarial_radii import Line, against_epsilon
from dlcore.figures.stage import Plot, Stage
from tests.browser.solo import Solo

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
SIZES = pytest.mark.parametrize(
    ("window", "lecture"), [(DESK, False), (DESK, True), (PHONE, False)], ids=["desk", "lecture", "phone"]
)
NETWORKS = tuple(model.title for model in MODELS.values() if model.data == "objects")
CLASSES = ("triangle", "star", "ring", "cross", "heart", "house", "tree", "boat", "car", "fish")
#: Words that are seen, and the four corners of the box around them before they are turned, on the page.
WORDS = """(all) => all.filter((text) => text.checkVisibility({ opacityProperty: true })).map((text) => {
  const { x, y, width, height } = text.getBBox();
  const { a, b, c, d, e, f } = text.getScreenCTM();
  const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
  return [text.textContent, corners.map(([u, v]) => [a * u + c * v + e, b * u + d * v + f])];
}).filter(([words]) => words.trim())"""


def cells(values: np.ndarray, rows: Any, columns: Any) -> Plot:
    given = Matrix(values=values, rows=rows, columns=columns, down="made", across="asked", most=100, hover="%{z}")
    return matrix(given, key="cells", title="Cells", caption="fooled, %", alt="Cells.", area="main")


def shown(solo: Solo, plot: Plot, window: ViewportSize, *, lecture: bool = False, frames: int = 2) -> None:
    solo.clear(window).give(Stage(views=[plot], num_frames=frames), step=frames - 1, lecture=lecture)


def words(solo: Solo, part: str) -> list[tuple[str, np.ndarray]]:
    """What is written, and where: corners (4, 2)."""
    found = solo.page.locator(f".dp-main {part}").evaluate_all(WORDS)
    return [(text, np.array(corners)) for text, corners in found]


def is_apart(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a side of one of two boxes separates them: the separating axis theorem."""
    for box in (one, other):
        for side in (box[1] - box[0], box[2] - box[1]):
            a, b = one @ side, other @ side
            slack = 2 * np.linalg.norm(side)  # a line of text has room above and below its letters
            if a.max() <= b.min() + slack or b.max() <= a.min() + slack:
                return True
    return False


def check_room(solo: Solo, found: list[tuple[str, np.ndarray]], window: ViewportSize) -> None:
    for _, corners in found:
        assert corners[:, 0].min() >= 0
        assert corners[:, 0].max() <= window["width"]
    for (one, a), (other, b) in itertools.combinations(found, 2):
        assert is_apart(a, b), f"{one} lies on {other}"
    assert solo.page.evaluate("document.documentElement.scrollWidth") <= window["width"]


@SIZES
@pytest.mark.parametrize("names", [NETWORKS, CLASSES], ids=["networks", "classes"])
def test_no_name_of_a_row_or_a_column_is_left_out(solo: Solo, names: Any, window: ViewportSize, lecture: bool):
    rows = [f"on {name}" for name in names] + ["Random noise"]
    values = np.full((2, len(rows), len(names)), 50.0)
    shown(solo, cells(values, rows, names), window, lecture=lecture)
    for axis, wanted in (("xtick", names), ("ytick", rows)):
        ticks = words(solo, f".{axis} text")
        assert [text.replace(" ", "") for text, _ in ticks] == [name.replace(" ", "") for name in wanted]
        check_room(solo, ticks + words(solo, f".{axis[0]}title"), window)


def test_what_is_not_known_yet_is_an_empty_cell(solo: Solo):
    values = np.full((3, 2, 3), np.nan)
    values[1:, 0] = 12.4
    values[2, 1] = 87.6
    shown(solo, cells(values, "ab", "xyz"), DESK, frames=3)
    for k, numbers in ((0, []), (1, ["12"] * 3), (2, ["12"] * 3 + ["88"] * 3)):
        solo.go(k).rest()
        assert [text for text, _ in words(solo, ".heatmap-label text")] == numbers


def test_rows_that_come_one_by_one_are_a_table(solo: Solo):
    one, other = np.array([[0.0, 0, 0], [10, 20, 30]]), np.array([[0.0, 0, 0], [40, 50, 60]])
    shown(solo, cells([one, other], "ab", "xyz"), DESK)  # pyright: ignore[reportArgumentType]
    found = words(solo, ".heatmap-label text")
    assert [text for text, _ in found] == ["10", "20", "30", "40", "50", "60"]
    middles = np.array([corners.mean(axis=0) for _, corners in found]).reshape(2, 3, 2)
    assert np.ptp(middles[..., 1], axis=1).max() < 2  # a row is level,
    assert middles[1, 0, 1] > middles[0, 0, 1]  # the first on top,
    assert np.ptp(middles[..., 0], axis=0).max() < 3  # columns are upright


@SIZES
@pytest.mark.parametrize(
    ("epsilons", "at"), [((0, 1, 2, 4, 6, 8, 12, 16), 4), ((0, 10, 20, 30.6, 41, 51, 64), 30.6), ((0, 1, 2, 4), 4)]
)
def test_radii_and_words_over_curves_have_room(
    solo: Solo, epsilons: Any, at: float, window: ViewportSize, lecture: bool
):
    values = np.full((2, len(epsilons)), 50.0)
    line = Line(label="PGD", colour="attack-pgd", dash="solid", symbol="diamond", values=values)
    caption = "of all pictures, those answered right under PGD<br>dotted: under noise, as much at random"
    plot = against_epsilon(
        [line],
        epsilons,
        key="accuracy",
        title="Accuracy",
        caption=caption,
        alt="Accuracy.",
        marks={at: f"robust: trained on ε = {at:g}"},
        chance=10,
    )
    shown(solo, plot, window, lecture=lecture)
    ticks = words(solo, ".xtick text")
    assert [text for text, _ in ticks] == [f"{epsilon:g}" for epsilon in epsilons]
    check_room(solo, ticks + words(solo, ".annotation-text") + words(solo, ".ytick text"), window)
