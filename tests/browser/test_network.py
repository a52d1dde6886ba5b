"""A network's picture in a real browser: what is painted and drawn, frame by frame."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.figures.network import Layer, Panel
from dlcore.figures.pending import Pending
from dlcore.figures.theme import PALETTE
from tests.browser.network_screen import (
    FRAMES,
    SIGNS,
    SURFACE,
    colour,
    links,
    looks_like,
    network_panel,
    network_stage,
    node,
    seen,
    surface,
    words,
)
from tests.browser.solo import Solo

LAST = FRAMES - 1
GROUND = "document.documentElement.style.setProperty('--st-background-color', '{}')"
ARRIVE = """([name, bytes]) => {
  const { player } = window.__descent;
  const field = player.header.arrays.find(({ pending }) => pending === name);
  field.data.set(bytes);
  player.arrived(0, 1);
}"""


# What is painted


def test_maps_have_their_lowest_row_below_and_a_colour_for_each_sign(solo: Solo):
    solo.give(network_stage(network_panel([4])))
    x, y = node(solo, 0, 0, 1)  # the input y
    assert looks_like(colour(solo, (x, y - 12)), SIGNS) == "activation-positive"
    assert looks_like(colour(solo, (x, y + 12)), SIGNS) == "activation-negative"
    x, y = node(solo, 0, 0, 0)
    assert looks_like(colour(solo, (x + 12, y)), SIGNS) == "activation-positive"
    assert looks_like(colour(solo, (x - 12, y)), SIGNS) == "activation-negative"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_surface_has_the_hue_of_the_likelier_class(solo: Solo, theme: int):
    panel = network_panel([4], points=None)
    solo.page.evaluate(GROUND.format(PALETTE["ground"][theme]))
    solo.give(network_stage(panel), step=LAST)
    left, top, side = surface(solo, 0)
    bytes_ = np.asarray(panel.surface)[LAST, 0]
    for row, col in [(3, 3), (3, 56), (56, 3), (56, 56), (30, 20)]:
        at = (left + (col + 0.5) * side / SURFACE, top + side - (row + 0.5) * side / SURFACE)
        painted = colour(solo, at)
        if abs(int(bytes_[row, col]) - 127) < 20:
            continue
        likelier = "class-b" if bytes_[row, col] > 127 else "class-a"
        assert looks_like(painted, ["class-a", "class-b"], theme) == likelier
        assert (sum(painted[:3]) > 380) == (theme == 0)
    solo.page.evaluate(GROUND.format(PALETTE["ground"][0]))


def test_of_five_classes_the_winner_is_painted(solo: Solo):
    panel = network_panel([6], outputs=5, points=None)
    solo.give(network_stage(panel), step=LAST)
    left, top, side = surface(solo, 0)
    chances = np.asarray(panel.surface)[LAST]
    names = [f"class-{letter}" for letter in "abcde"]
    sure = 0
    for row, col in [(r, c) for r in range(5, 60, 10) for c in range(5, 60, 10)]:
        if np.sort(chances[:, row, col])[-1] < 190:
            continue
        sure += 1
        painted = colour(solo, (left + (col + 0.5) * side / SURFACE, top + side - (row + 0.5) * side / SURFACE))
        assert looks_like(painted, names) == names[int(chances[:, row, col].argmax())]
    assert sure > 5


def test_the_line_between_two_classes_is_where_both_are_as_likely(solo: Solo):
    ramp = np.tile(np.linspace(0, 255, SURFACE), (FRAMES, 1, SURFACE, 1)).astype(np.uint8)
    solo.give(network_stage(network_panel([2], surface=ramp, points=None)))
    box = solo.page.locator(".dp-contour").bounding_box()
    left, top, side = surface(solo, 0)
    assert box is not None
    assert (box["x"] + box["width"] / 2, box["width"]) == pytest.approx((left + side / 2, 0), abs=3)
    assert (box["y"], box["height"]) == pytest.approx((top, side), abs=3)


# What is drawn


def flat(panel: Panel, frame: int) -> np.ndarray:
    return np.concatenate([np.asarray(layer.weights)[frame].ravel() for layer in [*panel.layers, panel.output]])


def test_links_tell_sign_by_hue_and_dash_and_size_by_width(solo: Solo):
    panel = network_panel([4, 3])
    solo.give(network_stage(panel), step=2)
    weights = flat(panel, 2)
    drawn = links(solo)
    assert len(drawn) == len(weights) == 2 * 4 + 4 * 3 + 3
    for weight, (stroke, _, dash, _) in zip(weights, drawn, strict=True):
        assert stroke == PALETTE["weight-positive" if weight > 0 else "weight-negative"][0]
        assert bool(dash) == (weight < 0)
    widths = np.array([width for _, width, *_ in drawn])[np.argsort(abs(weights))]
    assert (np.diff(widths) >= 0).all()
    assert widths[-1] > 1.5 * widths[0]


def test_links_follow_the_frame(solo: Solo):
    solo.give(network_stage(network_panel([4])), step=0)
    before = [width for _, width, *_ in links(solo)]
    solo.go(LAST)
    after = [width for _, width, *_ in links(solo)]
    assert all(b < a for b, a in zip(before, after, strict=True))


def test_units_that_are_dropped_are_crossed_out_and_their_links_are_gone(solo: Solo):
    panel = network_panel([4, 3])
    first, second = panel.layers
    masks = np.ones((FRAMES, 4), np.uint8)
    masks[2, 1] = 0
    solo.give(network_stage(replace(panel, layers=[replace(first, masks=masks), second])), step=2)
    crosses = solo.page.locator(".dp-dropped").evaluate_all("(all) => all.map((one) => one.style.display !== 'none')")
    assert crosses == [False, True, False, False]
    gone = [display == "none" for *_, display in links(solo)]
    of_first = [to == 1 for to in range(4) for _ in range(2)]
    of_second = [origin == 1 for _ in range(3) for origin in range(4)]
    assert gone == [*of_first, *of_second, *[False] * 3]
    solo.go(3)
    assert not any(display == "none" for *_, display in links(solo))


@pytest.mark.parametrize("count", [1, 2])
def test_the_surface_stays_where_it_is_however_many_layers_there_are(solo: Solo, count: int):
    places = []
    for widths in ([], [8], [8, 256], [8, 8, 4, 4, 2, 2]):
        solo.give(network_stage(*[network_panel(widths, title=f"{i}") for i in range(count)]))
        places.append([surface(solo, i) for i in range(count)])
    assert all(place == places[0] for place in places)


def test_every_part_has_room_in_its_panel(solo: Solo):
    solo.give(network_stage(*[network_panel([8, 8, 4, 4, 2, 2], title=title) for title in "AB"]))
    for panel in range(2):
        columns = seen(solo, f"places[{panel}].columns.map((column) => column.map(({{ x, y, size }}) => [x, y, size]))")
        for one, other in itertools.pairwise(columns):
            assert one[0][0] + one[0][2] / 2 + 8 < other[0][0] - other[0][2] / 2
        for column in columns:
            assert all(a[1] + a[2] <= b[1] for a, b in itertools.pairwise(column))


def test_units_that_are_not_drawn_are_told(solo: Solo):
    solo.give(network_stage(network_panel([8, 256])))
    assert {"8 units", "256 units", "+ 248 more"} <= set(words(solo))


# Live


def test_what_has_not_arrived_has_its_place_and_is_drawn_once_it_has(solo: Solo):
    panel = network_panel([3])
    (hidden,) = panel.layers

    def live(array: Any, name: str) -> Pending:
        return Pending(name=name, shape=array.shape, dtype=array.dtype.name)

    output = replace(panel.output, weights=live(panel.output.weights, "out"), biases=None)
    waiting = Layer(width=3, shown=3, weights=live(hidden.weights, "in"), maps=live(hidden.maps, "maps"))
    surfaces = live(panel.surface, "surface")
    solo.give(network_stage(replace(panel, layers=[waiting], output=output, surface=surfaces, points=None)))
    x, y, side = surface(solo, 0)
    middle = (x + side / 2, y + side / 2)
    assert {display for *_, display in links(solo)} == {"none"}
    assert colour(solo, middle) == [0, 0, 0, 0]
    solo.page.mouse.move(*node(solo, 0, 1, 0))  # pointing at what is not there yet
    solo.page.mouse.move(0, 0)
    for name, array in [
        ("maps", hidden.maps),
        ("surface", panel.surface),
        ("in", hidden.weights),
        ("out", panel.output.weights),
    ]:
        solo.page.evaluate(ARRIVE, [name, np.asarray(array).ravel().tolist()])
    assert {display for *_, display in links(solo)} == {""}
    assert colour(solo, middle)[3] == 255
