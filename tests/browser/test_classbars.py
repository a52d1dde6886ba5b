"""Bars of classes in a real browser: what they tell, and how one is chosen."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from dlcore.figures.chart import Chart
from dlcore.figures.classbars import ClassBars
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Stage
from tests.browser.solo import Solo
from tests.browser.tiles_screen import ARRIVE, map_tiles, maps, tiles_stage

LABELS = ("triangle", "star", "ring", "cross", "heart", "house", "tree", "boat", "car", "fish")
LOGITS = np.random.default_rng(0).normal(size=(3, 10)) * 3
CHANCES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)


def bars_stage(**more: Any) -> Stage:
    given = {"labels": LABELS, "values": CHANCES, "logits": LOGITS, "chosen": 1, "against": 6, "truth": 1, **more}
    maps_view = tiles_stage(*map_tiles(maps())).views[0]
    return Stage(views=[maps_view, ClassBars(key="bars", title="Classes", **given)], num_frames=3)


def rows(solo: Solo) -> Locator:
    return solo.page.locator(".dp-bars button:visible")


def parts(solo: Solo, part: str) -> list[str]:
    return rows(solo).locator(part).evaluate_all("(all) => all.map((one) => one.textContent)")


def names(solo: Solo) -> list[str]:
    return rows(solo).locator(".dp-bars-name").evaluate_all("(all) => all.map((one) => one.firstChild.textContent)")


def test_every_class_has_its_chance_and_its_logit(solo: Solo):
    solo.give(bars_stage())
    for k in (0, 2):
        solo.go(k)
        assert names(solo) == list(LABELS)
        shares = [float(text.strip(" %<>")) / 100 for text in parts(solo, "b")]
        assert shares == pytest.approx(CHANCES[k], abs=0.001)
        logits = [float(text.replace("−", "-")) for text in parts(solo, "em")]
        assert logits == pytest.approx(LOGITS[k], rel=0.006)


def test_bars_are_as_long_as_their_chances(solo: Solo):
    solo.give(bars_stage())
    widths = (
        rows(solo)
        .locator("i")
        .evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().width / one.parentElement.clientWidth)")
    )
    assert widths == pytest.approx(CHANCES[0], abs=0.015)  # the least one still is a line


def test_who_is_explained_against_whom_and_what_is_true_is_told_in_words(solo: Solo):
    solo.give(bars_stage(truth=3))
    told = dict(zip(names(solo), parts(solo, ".dp-bars-name"), strict=True))
    assert (told["star"], told["tree"], told["cross"]) == ("starexplained", "treeagainst", "crosstrue")
    assert told["ring"] == "ring"
    pressed = rows(solo).evaluate_all("(all) => all.map((one) => one.getAttribute('aria-pressed'))")
    assert pressed == ["true" if label == "star" else "false" for label in LABELS]


def test_a_click_asks_for_a_class_and_selects_nothing(solo: Solo):
    solo.give(bars_stage())
    rows(solo).nth(7).click()
    rows(solo).nth(7).click()
    assert solo.said("select") == [{"key": "class7"}] * 2
    assert solo.player("player.reader.selected") == ""
    solo.page.keyboard.press("ArrowRight")
    assert solo.player("player.k") == 1  # the keys are still the transport bar's


def test_the_keyboard_reaches_every_class(solo: Solo):
    solo.give(bars_stage())
    rows(solo).nth(8).focus()
    solo.page.keyboard.press("ArrowDown")
    expect(rows(solo).nth(9)).to_be_focused()
    solo.page.keyboard.press("ArrowDown")
    expect(rows(solo).nth(0)).to_be_focused()
    solo.page.keyboard.press("Enter")
    assert solo.said("select") == [{"key": "class0"}]
    solo.give(bars_stage(chosen=0))
    expect(rows(solo).nth(0)).to_be_focused()
    expect(rows(solo).nth(0)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("lecture", [False, True])
def test_ten_classes_fit_beside_a_picture(solo: Solo, lecture: bool):
    solo.clear({"width": 1440, "height": 760}).give(bars_stage(), lecture=lecture)
    view = solo.page.locator(".dp-bars")
    assert view.evaluate("(one) => [one.scrollHeight <= one.clientHeight, one.scrollWidth <= one.clientWidth]") == [
        True,
        True,
    ]


def test_of_many_classes_the_strongest_are_shown_and_those_with_a_role(solo: Solo):
    chances = np.random.default_rng(1).dirichlet(np.full(1000, 0.05), 3)
    labels = [f"class {number}" for number in range(1000)]
    chosen, truth = (int(number) for number in chances.max(axis=0).argsort()[:2])
    solo.give(bars_stage(labels=labels, values=chances, logits=None, chosen=chosen, against=None, truth=truth))
    for k in (0, 2):
        solo.go(k)
        strongest = [labels[number] for number in np.argsort(-chances[k])[:10]]
        assert names(solo) == [*strongest, labels[chosen], labels[truth]]
    rows(solo).nth(3).click()
    assert solo.said("select") == [{"key": f"class{np.argsort(-chances[2])[3]}"}]


def test_a_sure_answer_is_not_called_certain(solo: Solo):
    chances = np.array([[0.99997, 0.00003, 0, *[0.0] * 7]])
    solo.give(bars_stage(values=chances))
    assert parts(solo, "b")[:3] == ["> 99.9 %", "< 0.1 %", "0 %"]


def test_chances_come_while_a_run_goes_on(solo: Solo):
    live = Pending(name="chances", shape=(3, 10), dtype="float32")
    solo.give(bars_stage(values=live, logits=None))
    solo.page.evaluate("window.__descent.player.header.arrays.forEach((field) => field.pending && (field.ready = 0))")
    solo.player("player.show(0, true)")
    assert parts(solo, "b") == ["–"] * 10
    solo.page.evaluate(ARRIVE, ["chances", CHANCES[0].tolist(), 0, 1])
    shares = [float(text.strip(" %<>")) / 100 for text in parts(solo, "b")]
    assert shares == pytest.approx(CHANCES[0], abs=0.001)


def test_bars_that_stood_above_the_tabs_become_one_and_what_is_beside_them_has_their_room(solo: Solo):
    curve = Chart([{"type": "scatter", "y": [1, 0]}])
    plot = curve.plot({}, key="curve", title="Curve", alt="It falls.", area="side")
    for area, home in (("head", "dp-head"), ("side", "dp-panes")):
        maps_view, bars = bars_stage(area=area).views
        solo.give(Stage(views=[maps_view, plot, bars], num_frames=3))
        assert solo.page.locator(".dp-bars").evaluate("(one) => one.parentElement.className") == home
        parts = (solo.page.locator(part).first.bounding_box() for part in (".dp-panes", ".dp-panes .main-svg"))
        pane, drawing = (part["height"] for part in parts if part)
        assert drawing == pytest.approx(pane, abs=2)


def test_bars_beside_the_picture_follow_another_truth_in_each_frame(solo: Solo):
    chances = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]]
    bars = ClassBars(
        key="bars",
        title="Answers",
        labels=["yes", "no", "two"],
        values=np.array(chances),
        truths=np.array([2.0, -1.0]),
        before=np.array([[0.5, 0.5, 0.0]]),
        before_as="blind",
        most=1,
        strongest=1,
        ask="",
        area="main",
    )
    solo.give(Stage(views=[*tiles_stage(*map_tiles(maps())).views, bars], num_frames=2))
    assert names(solo) == ["yes", "two"]
    assert rows(solo).nth(1).locator("small").all_text_contents() == ["true"]
    tiles, beside = (solo.page.locator(part).bounding_box() for part in (".dp-tiles", ".dp-bars"))
    assert tiles
    assert beside
    assert tiles["x"] + tiles["width"] <= beside["x"]
    assert "blind" in solo.page.locator(".dp-bars-head").inner_text()
    solo.go(1)
    assert names(solo) == ["no"]
    rows(solo).first.click()
    assert solo.said("select") == []
