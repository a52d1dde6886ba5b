"""The lesson on overfitting in a real browser: two networks that train, a hand in their picture, and the way back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen
from tests.browser.sight import OVERFLOW, PHONE, READABLE, faint

SLUG = "overfitting"
SHORT = f"{SLUG}?{SLUG}.hidden=4,+3&{SLUG}.num_steps=60"
LONG = f"{SLUG}?{SLUG}.hidden=256,+256&{SLUG}.num_steps=5000"
OWN = f"{SLUG}?{SLUG}.data=Your+own+points&{SLUG}.num_steps=40&{SLUG}.hidden=4"
FOUR = f"{OWN}&{SLUG}.points=0,0,0;+1,1,1;+1,0,0;+0,1,1"
VIEWS = {
    "opening": SLUG,
    "training": f"{SHORT}&{SLUG}.group=training&{SLUG}.tab=confusion",
    "both": f"{SHORT}&{SLUG}.group=both&{SLUG}.tab=accuracy",
    "own points": FOUR,
    "canvas": OWN,
    "map": f"{SLUG}?{SLUG}.view=Capacity&{SLUG}.num_steps=10",
    "digits": f"{SHORT}&{SLUG}.data=Digits&{SLUG}.num_train=100&{SLUG}.tab=confusion",
}
every = pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS)


def ended(screen: Screen) -> Screen:
    """Waits until all frames are there."""
    return screen.until("player.feed.ended === 'done'")


def text_of(screen: Screen, name: str) -> str:
    """What a text control holds."""
    return screen.control(name, SLUG).locator("input").input_value()


def legend(screen: Screen) -> dict[str, float]:
    """The numbers above the picture by their labels."""
    parts = [re.fullmatch(r"(.*?)\s+([\d.]+)", line.strip().replace("\n", " ")) for line in screen.legend]
    return {part[1]: float(part[2]) for part in parts if part}


def press(screen: Screen, name: str) -> Screen:
    """A button of the picture, in the first network."""
    before = screen.draws
    screen.page.locator(f'.dp button[data-name="{name}"]').first.click()
    return screen.drawn(before)


def surface(screen: Screen) -> tuple[float, float, float]:
    """Where the first network's large map lies on the screen: its left, its top, its side."""
    place = screen.player("player.views.get('network').places[0].surface")
    box = screen.page.locator("#dp-pane-network").bounding_box()
    assert box is not None
    return box["x"] + place["x"], box["y"] + place["y"], place["size"]


def test_it_opens_on_two_networks_that_train_to_their_end_and_drift_apart(screen: Screen) -> None:
    screen.lesson(SLUG).until("player.feed.ended === 'done' && player.k === player.header.frames - 1")
    assert screen.player("player.feed.ready") == screen.player("player.header.frames")
    for name in ("stop", "again"):
        assert screen.page.locator(f".dp-bar [data-do={name}]").is_hidden()
    assert all(any(digit.isdigit() for digit in line) for line in screen.legend)
    numbers = legend(screen)
    assert numbers["A train"] > numbers["B train"]
    assert numbers["B test"] > numbers["A test"] + 5
    assert numbers["A by heart"] > 80 > 40 > numbers["B by heart"]


def test_time_goes_back_to_where_both_were_alike(screen: Screen) -> None:
    ended(screen.lesson(SHORT))
    screen.do("end").committed()
    late = legend(screen)
    screen.do("reset").committed()
    first = legend(screen)
    assert screen.label.startswith("step 0")
    assert first["A test"] == first["B test"]
    screen.do("end").committed()
    assert legend(screen) == late


def test_the_buttons_of_the_picture_reshape_both_networks(screen: Screen) -> None:
    ended(screen.lesson(SHORT))
    widths = "p.layers.map((l) => l.width).join(', ')"
    for name, hidden in (("units+1", "5, 3"), ("layer+", "5, 3, 3"), ("units-2", "5, 2, 3"), ("layer-", "5, 2")):
        press(screen, name)
        screen.until(f"player.header.views[0].panels.every((p) => {widths} === '{hidden}')")
        assert text_of(screen, "hidden") == hidden
        ended(screen)


def test_a_click_paints_a_point_and_the_networks_learn_it(screen: Screen) -> None:
    ended(screen.lesson(FOUR))
    before = screen.draws
    left, top, side = surface(screen)
    screen.page.mouse.click(left + 0.75 * side, top + 0.25 * side)  # x = y = 1.5 of ±3
    screen.drawn(before)
    points = screen.page.evaluate("new URL(location).searchParams.get('overfitting.points')").split(";")
    assert len(points) == 5
    x, y, label = map(float, points[-1].split(","))
    assert (x, y) == (pytest.approx(1.5, abs=0.1), pytest.approx(1.5, abs=0.1))
    assert label == 0
    ended(screen)


def test_an_empty_plane_is_painted_until_it_can_be_learned(screen: Screen) -> None:
    screen.lesson(OWN)
    for number, (dx, dy, label) in enumerate([(0.3, 0.3, 0), (0.7, 0.7, 0), (0.3, 0.7, 1), (0.7, 0.3, 1)]):
        screen.control("paint", SLUG).get_by_role("radio", name=str(label)).click()
        screen.idle()
        before = screen.draws
        box = screen.page.locator(".dp-main .nsewdrag").bounding_box()
        assert box is not None, number
        screen.page.mouse.click(box["x"] + dx * box["width"], box["y"] + dy * box["height"])
        screen.drawn(before)
    ended(screen.until("player.header.views[0].type === 'network'"))


def test_a_weight_is_typed_over_where_the_reader_is_and_undone(screen: Screen) -> None:
    ended(screen.lesson(SHORT))
    screen.do("end").committed()
    before = screen.draws
    screen.page.locator("#dp-pane-network svg[tabindex]").first.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter", "Enter"):
        screen.page.keyboard.press(key)
    field = screen.page.locator("#dp-pane-network input")
    expect(field).to_be_visible()
    field.fill("3.5")
    field.press("Enter")
    screen.drawn(before)
    screen.page.wait_for_url(re.compile(r"overfitting\.edits=aw\d"))
    ended(screen)
    screen.page.get_by_role("button", name="Undo edits").click()
    screen.page.wait_for_url(lambda url: "edits" not in url)


def test_a_run_is_stopped_and_what_came_stays(screen: Screen) -> None:
    screen.lesson(LONG).until("player.feed.ready >= 3")
    screen.page.locator(".dp-bar [data-do=stop]").click()
    screen.until("player.feed.ended === 'stopped'").committed()
    assert 3 <= screen.player("player.feed.ready") < screen.player("player.header.frames")
    screen.do("reset").committed()
    assert legend(screen)["A test"] > 0


def test_the_map_is_filled_cell_by_cell_and_a_click_opens_a_cell(screen: Screen) -> None:
    screen.lesson(VIEWS["map"])
    ended(screen)
    screen.do("end").committed()
    shown = "player.views.get('test').element._fullData[0].z"
    cells = [number for row in screen.player(f"Array.from({shown}, (row) => Array.from(row))") for number in row]
    assert len(cells) == screen.player("player.header.frames") - 1
    assert all(0 <= number <= 100 for number in cells)
    before = screen.draws
    box = screen.page.locator("#dp-pane-test .nsewdrag").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + 0.95 * box["width"], box["y"] + 0.95 * box["height"])
    screen.drawn(before)
    screen.until("player.header.views[0].type === 'network'")
    assert screen.player("player.header.views[0].panels.length") == 1
    assert text_of(screen, "hidden") == "1, 1"


# Every reader


@every
def test_it_fits_a_desk_without_scrolling(screen: Screen, address: str) -> None:
    screen.lesson(address).fits(".dp")
    assert screen.page.evaluate(OVERFLOW) == []


@every
def test_nothing_is_cut_off_on_a_telephone(visit: Callable[..., Screen], address: str) -> None:
    screen = visit(**PHONE).lesson(address)
    assert screen.page.evaluate(OVERFLOW) == []


def test_what_is_written_can_be_read_in_either_theme(screen: Screen) -> None:
    assert faint(ended(screen.lesson(VIEWS["both"]))) == READABLE
