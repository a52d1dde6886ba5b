"""The lesson on dropout in a real browser: it opens alive, masks are drawn on, units are dropped by hand."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen
from tests.browser.sight import OVERFLOW, PHONE, READABLE, faint
from tests.pages.dropout_page import SLUG, TITLES
from tests.pages.stages import written

QUICK: dict[str, Any] = {"num_steps": 100, "width": 8}


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    return f"{SLUG}?" + urlencode({f"{SLUG}.{name}": text for name, text in written(TITLES, **values).items()})


VIEWS = {
    "train": link(**QUICK),
    "scaling": link(view="scaling", step=30),
    "ensemble": link(view="ensemble", num_masks=20, **QUICK),
    "uncertainty": link(view="uncertainty", num_masks=20, **QUICK),
}
every = pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS)


def computed(screen: Screen) -> Screen:
    """Waits until the run has ended and all of its frames are there."""
    return screen.until("!player.feed.stream || player.feed.ended")


#: Which units are dropped in frame 0.
DROPPED = "Array.from(player.views.get('cells').tracks[2].at(0).x).filter((x) => x >= 0).join()"


def test_it_opens_alive_and_plays_while_it_is_computed(screen: Screen) -> None:
    screen.lesson(SLUG).until("player.transport.playing && player.k > 2")
    computed(screen).do("end").committed()
    assert screen.label == "step 600 / 600"
    a, b = (float(line.split()[-1]) for line in screen.legend)
    assert 75 < a < b < 95


def test_a_dropped_unit_of_the_shown_step_is_crossed_out(screen: Screen) -> None:
    computed(screen.lesson(VIEWS["train"]))
    masks = "player.header.arrays.find((field) => field.pending === 'b.masks1')"
    for step in (3, 40):
        kept = screen.player(f"Array.from({masks}.row({step}))")
        assert set(kept) <= {0, 1}
    assert screen.player(f"Array.from({masks}.row(3))") != screen.player(f"Array.from({masks}.row(40))")
    assert screen.player(f"Array.from({masks}.row(0))") == [1] * 8


def test_a_click_drops_a_unit_and_another_takes_it_back(screen: Screen) -> None:
    screen.lesson(link(view="scaling", step=5))
    for dropped in ("2", ""):
        place = "(({ xaxis, yaxis }) => [xaxis.d2p(2), yaxis.d2p(2)])(player.views.get('cells').element._fullLayout)"
        x, y = screen.player(place)
        box = screen.page.locator(".dp-main .nsewdrag").bounding_box()
        assert box is not None
        screen.page.mouse.click(box["x"] + x, box["y"] + y)
        screen.until(f"{DROPPED} === '{dropped}'")
        assert screen.step == 0


@every
def test_it_fits_one_screen_every_tab_draws_and_it_can_be_read_in_both_themes(screen: Screen, address: str) -> None:
    computed(screen.lesson(address)).fits(".dp-bar").do("end").committed()
    titles = screen.page.locator(".dp-tabs [role=tab]").all_inner_texts()
    for title in (*titles, *titles[:1]):  # back to the one that it opened with
        screen.tab(title)
        expect(screen.page.locator(".dp-side .dp-view:visible")).to_have_count(1)
    assert faint(screen) == READABLE


@every
def test_nothing_is_wider_than_a_phone(visit: Callable[..., Screen], address: str) -> None:
    screen = computed(visit(**PHONE).lesson(address))
    assert screen.page.evaluate(OVERFLOW) == []


def test_stop_keeps_what_there_is_and_go_on_computes_the_rest(screen: Screen) -> None:
    screen.lesson(link(num_steps=2000, width=64, depth=3))
    screen.until("player.feed.ready > 3")
    screen.do("stop")
    computed(screen)
    ready = screen.player("player.feed.ready")
    assert 3 < ready < screen.player("player.header.frames")
    screen.page.locator(".dp-bar [data-do=again]").click()
    screen.until(f"player.feed.ready > {ready}")
    screen.do("stop")
    computed(screen)
