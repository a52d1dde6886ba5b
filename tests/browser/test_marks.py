"""Marks below the scrubber, words for numbers, and ticks on bars, in a real browser."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import WINDOW
from dlcore.figures.classbars import ClassBars
from dlcore.figures.marks import Mark
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Readout, Stage
from dlcore.figures.tiles import Tile, Tiles
from tests.browser.sight import PHONE
from tests.browser.solo import Solo
from tests.browser.tiles_screen import ARRIVE, pictures, words

FRAMES = 9
STEPS = np.linspace(0, 4, FRAMES)  # 0, 0.5, 1, ...
LABELS = ("ring", "star", "a class with quite a long name")
CHANCES = np.stack([1 - STEPS / 5, STEPS / 5, 0 * STEPS], axis=1).astype(np.float32)
LIVE = Pending(name="least", shape=(FRAMES,), dtype="float32")


def marked(*marks: Mark, **more: Any) -> Stage:
    tile = Tile(key="a", title="A", values=pictures(), kind="picture", answers=CHANCES, words=LABELS)
    view = Tiles(key="maps", title="Maps", tiles=[tile], alt="One picture.")
    return Stage(views=[view], num_frames=FRAMES, **{"steps": STEPS, "unit": "ε", "marks": marks, **more})


def at(*values: float, text: str = "fooled from ε") -> Mark:
    return Mark(at=np.array(values), text=text)


def mark(solo: Solo) -> Locator:
    return solo.page.locator(".dp-mark")


def middle(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


def thumb(solo: Solo, k: int) -> float:
    """Where the middle of the slider's thumb is at frame k: half a thumb, 8 pixels, stays free at either end."""
    box = solo.page.locator(".dp-bar input[type=range]").bounding_box()
    assert box is not None
    return box["x"] + 8 + (box["width"] - 16) * k / (FRAMES - 1)


def waiting(solo: Solo) -> None:
    """Nothing of a run has come yet."""
    solo.page.evaluate("window.__descent.player.header.arrays.forEach((field) => field.pending && (field.ready = 0))")
    solo.player("player.transport.loading({ ready: 0, ended: '', canGoOn: false })")


@pytest.mark.parametrize("frame", [0, 3, 4, 8])
def test_a_mark_stands_below_where_the_thumb_is_at_its_frame(solo: Solo, frame: int) -> None:
    solo.give(marked(at(STEPS[frame])))
    assert middle(mark(solo).locator("i")) == pytest.approx(thumb(solo, frame), abs=2.5)


def test_a_mark_may_stand_between_two_frames(solo: Solo) -> None:
    solo.give(marked(at(0.75)))
    assert middle(mark(solo).locator("i")) == pytest.approx((thumb(solo, 1) + thumb(solo, 2)) / 2, abs=2.5)


def test_without_steps_a_mark_is_at_a_frame(solo: Solo) -> None:
    solo.give(marked(at(6), steps=None))
    assert middle(mark(solo).locator("i")) == pytest.approx(thumb(solo, 6), abs=2.5)


def test_a_mark_says_what_it_stands_for_and_a_click_goes_to_the_first_frame_that_is_not_before_it(solo: Solo) -> None:
    solo.give(marked(at(1.126)))
    expect(mark(solo)).to_have_text("fooled from ε 1.13")
    mark(solo).click()
    assert solo.player("player.k") == 3  # ε = 1.5
    solo.page.keyboard.press("ArrowRight")
    assert solo.player("player.k") == 4


@pytest.mark.parametrize("value", [np.nan, -1.0, 4.5])
def test_what_is_beside_the_scrubber_has_no_mark(solo: Solo, value: float) -> None:
    solo.give(marked(at(value)))
    expect(mark(solo)).to_be_hidden()


def test_a_mark_comes_with_the_run_and_moves_nothing(solo: Solo) -> None:
    solo.give(marked(Mark(at=LIVE, text="fooled from ε")))
    waiting(solo)
    bar = solo.page.locator(".dp-scrub input")
    expect(mark(solo)).to_be_hidden()
    before = bar.bounding_box()
    solo.page.evaluate(ARRIVE, ["least", [2.0], 0, 1])
    solo.player("player.transport.loading({ ready: 1, ended: '', canGoOn: false })")
    expect(mark(solo)).to_be_visible()
    assert bar.bounding_box() == before
    assert middle(mark(solo).locator("i")) == pytest.approx(thumb(solo, 4), abs=2.5)


def test_another_stage_takes_its_marks_with_it(solo: Solo) -> None:
    solo.give(marked(at(1), at(3, text="lost from ε")))
    expect(mark(solo)).to_have_text(["fooled from ε 1", "lost from ε 3"])
    solo.give(marked(at(2)))
    expect(mark(solo)).to_have_text(["fooled from ε 2"])
    solo.give(marked())
    expect(mark(solo)).to_have_count(0)


@pytest.mark.parametrize("lecture", [False, True])
@pytest.mark.parametrize("value", [0.0, 2.0, 4.0])
def test_words_of_a_mark_stay_inside_the_bar_and_clear_of_the_slider(solo: Solo, value: float, lecture: bool) -> None:
    for size in (WINDOW, PHONE["viewport"]):
        solo.clear(size).give(marked(at(value)), lecture=lecture)
        told, scrub, bar = (
            solo.page.locator(part).bounding_box() for part in (".dp-mark span", ".dp-scrub", ".dp-bar")
        )
        assert told
        assert scrub
        assert bar
        assert scrub["x"] - 1 <= told["x"]
        assert told["x"] + told["width"] <= scrub["x"] + scrub["width"] + 1
        assert told["y"] + told["height"] <= bar["y"] + bar["height"] + 1
        slider = solo.page.locator(".dp-scrub input").bounding_box()
        assert slider
        assert slider["y"] + slider["height"] <= told["y"] + 3


def test_steps_may_be_fractions(solo: Solo) -> None:
    solo.give(marked(steps=np.linspace(0, 25.5, FRAMES)))
    output = solo.page.locator(".dp-bar output")
    for k, said in ((0, "ε 0 / 25.5"), (1, "ε 3.188 / 25.5"), (8, "ε 25.5 / 25.5")):
        solo.go(k)
        expect(output).to_have_text(said)


def test_a_number_may_be_told_as_a_word(solo: Solo) -> None:
    outcome = np.array([0, 0, 1, 1, 2, 2, 2, 2, np.nan])
    words = ("holds", "shaken", "fooled")
    solo.give(
        marked(readouts=[Readout(label="PGD", colour="", values=outcome, words=words), Readout(label="‖δ‖", colour="")])
    )
    told, after = solo.page.locator(".dp-legend b").first, solo.page.locator(".dp-legend bdi").last
    places = []
    for k, said in ((0, "holds"), (2, "shaken"), (7, "fooled"), (8, "–")):
        solo.go(k)
        expect(told).to_have_text(said)
        places.append(middle(after))
    assert np.ptp(places) < 0.5  # the next entry stays where it is


def test_a_tile_tells_the_likeliest_class_and_its_chance(solo: Solo) -> None:
    solo.give(marked())
    for k, said in ((0, "ring · 100 %"), (2, "ring · 80.0 %"), (6, "star · 60.0 %")):
        solo.go(k)
        assert said in words(solo)
        assert said in (solo.page.locator(".dp-tile-buttons button").get_attribute("aria-label") or "")


def test_a_long_name_is_cut_to_its_tile_and_its_chance_is_not(solo: Solo) -> None:
    long = "a class whose name is much longer than a small tile is wide, and then some"
    tiles = [
        Tile(
            key=str(k),
            title=str(k),
            values=pictures(),
            kind="picture",
            answers=np.array([[1.0, 0.0]]),
            words=(long, ""),
        )
        for k in range(12)
    ]
    view = Tiles(key="maps", title="Maps", tiles=tiles, alt="Twelve pictures.", columns=6)
    solo.give(Stage(views=[view], num_frames=1))
    (told, *_) = [text for text in words(solo) if "·" in text]
    assert told.startswith("a class")
    assert told.endswith("… · 100 %")
    widths = solo.page.locator(".dp-tile-number").evaluate_all("(all) => all.map((one) => one.getBBox().width)")
    tile = solo.page.locator(".dp-tile-buttons button").first.bounding_box()
    assert tile
    assert max(widths) <= tile["width"] + 1


def bars(**more: Any) -> Stage:
    view = ClassBars(key="bars", title="Classes", labels=LABELS, values=CHANCES, chosen=0, **more)
    return Stage(views=[marked().views[0], view], num_frames=FRAMES)


def test_a_tick_stands_where_a_bar_was_and_none_where_there_was_nothing(solo: Solo) -> None:
    solo.give(bars(before=CHANCES[2:3])).go(7)
    ticks = solo.page.locator(".dp-bars-track s")
    shares = solo.page.locator(".dp-bars-track").evaluate_all(
        """(all) => all.map((one) => {
            const [track, tick] = [one, one.querySelector("s")].map((part) => part.getBoundingClientRect());
            return tick.width ? (tick.left + tick.width / 2 - track.left) / track.width : null;
        })"""
    )
    assert shares[:2] == pytest.approx(CHANCES[2, :2], abs=0.02)
    assert shares[2] is None
    expect(ticks).to_have_count(3)
    expect(solo.page.locator(".dp-bars-head")).to_contain_text("before")
    assert solo.page.locator(".dp-bars-track").first.get_attribute("title") == "before: 80.0 %"


def test_bars_that_are_compared_with_nothing_have_no_ticks(solo: Solo) -> None:
    solo.give(bars(before=CHANCES[:1]))
    solo.give(bars())
    expect(solo.page.locator(".dp-bars s")).to_have_count(0)
    expect(solo.page.locator(".dp-bars-head")).not_to_contain_text("before")


def test_what_a_class_is_chosen_for_is_told_beside_it(solo: Solo) -> None:
    solo.give(bars(chosen_as="goal", ask="Aim at"))
    first = solo.page.locator(".dp-bars button").first
    expect(first).to_contain_text("goal")
    assert first.get_attribute("title") == "Aim at ring"
    solo.give(bars())
    expect(first).to_contain_text("explained")
    assert first.get_attribute("title") == "Explain ring"
