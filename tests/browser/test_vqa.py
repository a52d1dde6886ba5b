"""The lesson on questions about pictures in a real browser: one types a question, and has the scene in one's hand."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import Screen, wait
from dlcore.datasets.aerial import FINE, SIDE, THINGS, Thing
from dlcore.ui import vqa_rail as rail
from tests.browser.sight import OVERFLOW, PHONE, READABLE, faint
from tests.pages.stages import written
from tests.pages.vqa_page import QUICK, SLUG, STAGES, TITLES, scene


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    text = {f"{SLUG}.{name}": value for name, value in written(TITLES, **values).items()}
    return f"{SLUG}?" + urlencode(text, doseq=True)


#: As unlike one another as stages are here.
DIFFERENT = {
    "read": link(fusion="attention"),
    "parts": link(**STAGES["parts"]),
    "change": link(**STAGES["change"], changes="grey; colour; ask is there a lake"),
    "table": link(**STAGES["table"], **QUICK["table"]),
    "data": link(**STAGES["data"], **QUICK["data"]),
}
#: Of the pictures' place: the answers of the network as they are written.
BARS = ".dp-bars b"


def computed(screen: Screen) -> Screen:
    """Waits until the run has ended and all of its frames are there."""
    return screen.until("!player.header.stream || player.feed.ended")


def said(screen: Screen, name: str) -> str | None:
    """What the address says of a control."""
    return screen.page.evaluate("(name) => new URL(location).searchParams.get(name)", f"{SLUG}.{name}")


def made(screen: Screen, text: str) -> list[str]:
    """Waits until the address ends with this change; all changes that it has."""
    name = f"{SLUG}.changes"
    wait(screen.page, "new URL(location).searchParams.get(arg[0])?.split('; ').pop().startsWith(arg[1])", [name, text])
    return (said(screen, "changes") or "").split("; ")


def choose(screen: Screen, name: str, title: str) -> None:
    """Presses one of a few options side by side, and waits for the new picture."""
    before = screen.draws
    screen.control(name, SLUG).get_by_role("radio", name=title, exact=True).click()
    screen.drawn(before)


def ask(screen: Screen, question: str) -> None:
    """Types a question and presses Enter."""
    before = screen.draws
    field = screen.control("asked", SLUG).get_by_role("textbox")
    field.fill(question)
    field.press("Enter")
    screen.drawn(before)


def spot(screen: Screen, x: float, y: float) -> tuple[float, float]:
    """A place of the scene, in its own pixels, on the page."""
    found = screen.page.locator(".dp-tile-buttons button").first.bounding_box()
    assert found is not None
    return found["x"] + x * found["width"] / SIDE, found["y"] + y * found["height"] / SIDE


def ring(screen: Screen, key: str) -> Locator:
    return screen.page.locator(f".dp-handles button[data-key='{key}']")


def rows(screen: Screen) -> list[str]:
    """The lines of the log."""
    return screen.page.locator(".dp-log button").all_inner_texts()


def drag(screen: Screen, thing: Thing, x: float, y: float) -> None:
    before = screen.draws
    screen.page.mouse.move(*spot(screen, thing.x, thing.y))
    screen.page.mouse.down()
    screen.page.mouse.move(*spot(screen, x, y), steps=5)
    screen.page.mouse.up()
    screen.drawn(before)


def test_it_opens_alive_and_a_typed_question_is_answered(screen: Screen) -> None:
    screen.lesson(SLUG).until("player.transport.playing || player.k > 0")
    screen.do("end").committed()
    words = len(rail.DEFAULTS["asked"].split())
    assert screen.label == f"word {words} / {words}"
    answers = screen.page.locator(BARS).all_inner_texts()
    ask(screen, "is there a lake")
    screen.committed()
    assert said(screen, "asked") == "is there a lake"
    assert screen.page.locator(BARS).all_inner_texts() != answers
    # Word by word: nothing is asked of the server.
    screen.do("reset").committed()
    before = len(screen.sent)
    seen = [screen.player("player.k")]
    for _ in range(4):
        screen.page.keyboard.press("ArrowRight")
        seen.append(screen.player("player.k"))
    assert seen == [0, 1, 2, 3, 4]
    assert screen.label == "word 4 / 4"
    screen.committed()
    assert len(screen.sent) <= before + 2  # where the reader stands, which the address keeps
    ask(screen, "how many hoses are there")
    rail_of = screen.page.locator(f".st-key-{SLUG}-rail")
    expect(rail_of).to_contain_text("“hoses” was in no training question")
    before = screen.idle().draws  # a button that is just being drawn anew may lose a click
    rail_of.get_by_role("button", name="houses", exact=True).click()
    screen.drawn(before)
    assert screen.page.locator(BARS).all_inner_texts() == answers


def test_things_are_dragged_removed_and_added_and_the_log_says_what_came_of_it(screen: Screen) -> None:
    screen.lesson(link(**STAGES["change"]))
    assert len(rows(screen)) == 1
    thing, other = [thing for thing in scene().things if thing.kind in THINGS][:2]
    drag(screen, thing, 48, 80)
    (moved,) = made(screen, f"move {thing.name} ")
    assert [float(number) for number in moved.split()[-2:]] == pytest.approx((48, 80), abs=1)
    assert len(rows(screen)) == 2
    assert f"{thing.name} moved" in rows(screen)[1]
    assert screen.step == 1  # what was just made is seen
    before = screen.draws
    ring(screen, thing.name).focus()
    screen.page.keyboard.press("Delete")
    screen.drawn(before)
    assert made(screen, f"remove {thing.name}") == [moved, f"remove {thing.name}"]
    expect(ring(screen, thing.name)).to_be_hidden()
    assert screen.step == 2
    # A change at an earlier frame: what came after it is undone, and the reader sees what they made.
    screen.page.locator(".dp-log button").nth(1).click()
    screen.until("player.k === 1")
    drag(screen, other, 20, 70)
    assert len(rows(screen)) == 3
    assert screen.step == 2
    assert made(screen, f"move {other.name} ")[:-1] == [moved]
    screen.committed()


def test_a_click_beside_all_rings_adds_a_thing(screen: Screen) -> None:
    screen.lesson(link(**STAGES["change"], add="boat"))
    before, free = screen.draws, ground()
    screen.page.mouse.click(*spot(screen, *free))
    screen.drawn(before)
    (added,) = made(screen, "add boat ")
    assert [float(number) for number in added.split()[-2:]] == pytest.approx(free, abs=1)
    assert screen.step == 1
    screen.committed()


def ground() -> tuple[float, float]:
    """A place that is far from all things."""
    places = [(x, y) for x in range(8, SIDE - 8, 4) for y in range(8, SIDE - 8, 4)]
    room = max(50 / FINE, *(thing.size for thing in scene().things))
    return max(
        places, key=lambda at: min(max(abs(at[0] - one.x), abs(at[1] - one.y), room / 9) for one in scene().things)
    )


@pytest.mark.parametrize("address", DIFFERENT.values(), ids=DIFFERENT)
def test_it_fits_one_screen_every_tab_draws_and_all_can_be_read_in_both_themes(screen: Screen, address: str) -> None:
    computed(screen.lesson(address)).do("end").committed()
    screen.fits(".dp-bar")
    assert screen.page.evaluate(OVERFLOW) == []
    head = screen.player("player.header.views.filter((view) => view.area === 'head').length")
    for title in screen.page.locator(".dp-tabs [role=tab]").all_inner_texts():
        screen.tab(title)
        expect(screen.page.locator(".dp-side .dp-view:visible")).to_have_count(1 + head)
    assert faint(screen) == READABLE


def test_on_a_phone_one_finger_leads_through_all_stages_and_nothing_is_wider(visit: Callable[..., Screen]) -> None:
    few = {name: value for settings in QUICK.values() for name, value in settings.items()}
    screen = visit(**PHONE).lesson(link(**few))
    seen = [screen.page.evaluate(OVERFLOW)]
    for view, title in rail.VIEWS.items():
        if view != rail.DEFAULTS["view"]:
            choose(screen, "view", title)
            seen.append(screen.page.evaluate(OVERFLOW))
        for part in list(rail.SUBVIEWS.get(view, {}).values())[1:]:
            choose(screen, view, part)
            seen.append(screen.page.evaluate(OVERFLOW))
    assert seen == [[]] * len(STAGES)


def test_in_a_lecture_the_pictures_fit_a_small_projector_too(screen: Screen) -> None:
    screen.page.set_viewport_size({"width": 1366, "height": 768})
    for name in ("read", "change"):
        screen.lesson(link(**STAGES[name], seed=0) + "&lecture=1").fits(".dp-bar")
        assert screen.page.evaluate(OVERFLOW) == [], name
