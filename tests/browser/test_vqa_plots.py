"""The numbers on questions about pictures in a real browser: each in its cell, and no word on another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ViewportSize

from dlcore.figures.stage import Pending, Plot, Stage
from dlcore.figures.vqa_looks import PUBLISHED
from tests.browser.solo import Solo
from tests.browser.test_adversarial_plots import DESK, SIZES, check_room, shown, words
from tests.figures.test_adversarial import plot_of
from tests.figures.vqa_plots import ANSWERS, JOINED, KINDS, compared, counted, shifted, tabled

ROWS = (*KINDS, "AA", "OA")


def filled(part: Any, number: Callable[[str], Any]) -> Any:
    """A part of a stage with numbers in the place of what it awaits: number(name), in all frames but the first."""
    match part:
        case Pending():
            values = np.broadcast_to(np.asarray(number(part.name), dtype=part.dtype), part.shape).copy()
            values[0] = np.nan
            return values
        case Mapping():
            return {key: filled(value, number) for key, value in part.items()}
        case np.ndarray() | str():
            return part
        case Sequence():
            return [filled(value, number) for value in part]
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: filled(getattr(part, field.name), number) for field in fields(part)})
    return part


def view(stage: Stage, key: str, number: Callable[[str], Any] = lambda _: 50) -> Plot:
    """A plot with its numbers, where the large one is."""
    return replace(filled(plot_of(stage, key)[0], number), area="main")


def written(solo: Solo, part: str) -> list[tuple[str, np.ndarray]]:
    """What is written, and the middle of it."""
    return [(text, corners.mean(axis=0)) for text, corners in words(solo, part)]


def nearest(places: Sequence[tuple[str, np.ndarray]], axis: int, at: np.ndarray) -> str:
    return min(places, key=lambda place: abs(place[1][axis] - at[axis]))[0]


def test_every_number_of_the_table_is_read_below_its_heading_and_beside_its_name(solo: Solo):
    numbers = {"accuracy.1": 10 + np.arange(7), "accuracy.2": 20 + np.arange(7), "loss": 9.5, "spread.1": 1.5}
    numbers |= {"blind.1": 30 + np.arange(7), "majority.1": 40 + np.arange(7), "average4.1": 3, "average4.2": 4}
    plot = view(tabled(), "table", lambda name: numbers.get(name, 2.5))
    shown(solo, plot, DESK, frames=3)
    across, down = written(solo, ".xtick text"), written(solo, ".ytick text")
    assert [text for text, _ in across] == ["test 1", "test 2", "loss", "blind", "majority", "test 1", "test 2"]
    headings = [(f"{number} {text}", place) for number, (text, place) in enumerate(across)]
    cells = {}
    for text, place in written(solo, ".heatmap-label text") + written(solo, ".textpoint text"):
        cells.setdefault((nearest(headings, 0, place), nearest(down, 1, place)), []).append(text)
    for row, name in enumerate(ROWS):
        assert cells["0 test 1", name] == [f"{10 + row}.0", "± 1.5"]
        assert cells["1 test 2", name] == [f"{20 + row}.0", "± 2.5"]
        assert cells["2 loss", name] == ["9.5", "± 2.5"]
        assert cells["3 blind", name] == [f"{30 + row}.0"]
        assert cells["4 majority", name] == [f"{40 + row}.0"]
        if name in PUBLISHED:
            assert cells["5 test 1", name] == [f"{PUBLISHED[name][0]:.1f}"]
            assert cells["6 test 2", name] == [f"{PUBLISHED[name][1]:.1f}"]
    assert cells["0 test 1", "AA of four"] == ["3.0"]
    assert cells["1 test 2", "AA of four"] == ["4.0"]


def test_before_the_first_batch_only_what_is_published_is_there(solo: Solo):
    shown(solo, view(tabled(), "table"), DESK, frames=3)
    solo.go(0).rest()
    assert len(written(solo, ".heatmap-label text")) == 2 * (len(PUBLISHED) + 1)
    assert written(solo, ".textpoint text") == []


@SIZES
@pytest.mark.parametrize(
    ("stage", "key"),
    [
        (tabled(), "table"),
        (tabled(), "chart"),
        (compared(), "accuracy"),
        (compared(), "difference"),
        (counted(), "shares"),
        (counted(), "blind"),
        (shifted(at=0.25), "panels"),
        (shifted(), "together"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_words_and_numbers_have_room(solo: Solo, stage: Stage, key: str, window: ViewportSize, lecture: bool):
    shown(solo, view(stage, key), window, lecture=lecture, frames=3)
    axes = (".xtick text", ".x2tick text", ".ytick text", ".y2tick text")
    parts = (*axes, ".annotation-text", ".heatmap-label text", ".textpoint text")
    found = [word for part in parts for word in words(solo, part)]
    assert found
    check_room(solo, found, window)


def test_every_answer_and_every_way_to_join_is_named(solo: Solo):
    shown(solo, view(counted(), "shares"), DESK, frames=3)
    names = [text for part in (".ytick text", ".y2tick text") for text, _ in written(solo, part)]
    assert sorted(names) == sorted(answer for answers in ANSWERS.values() for answer in answers)
    shown(solo, view(compared(), "accuracy"), DESK, frames=3)
    found = "".join(text for text, _ in written(solo, ".ytick text")).replace(" ", "")
    assert found == "".join(JOINED.values()).replace(" ", "")
