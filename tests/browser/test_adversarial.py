"""The lesson on adversarial examples in a real browser: ε grows under the hand, classes are aimed at, all views fit."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen
from dlcore.datasets.objects import CLASSES
from dlcore.ui import adversarial_rail as rail
from tests.browser.sight import OVERFLOW, PHONE, READABLE, faint
from tests.pages.adversarial_page import DIGIT, QUICK, SLUG, STAGES, TITLES
from tests.pages.stages import written


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    text = {f"{SLUG}.{name}": value for name, value in written(TITLES, **values).items()}
    return f"{SLUG}?" + urlencode(text, doseq=True)


#: Settings with which the run of any stage takes a moment.
SMALL: dict[str, Any] = {**DIGIT, "num_steps": 2, "num_images": 20, "num_epochs": 2, "fit_steps": 1}
#: As unlike one another as stages are here.
DIFFERENT = ("sweep", "path", "curves", "transfer", "twins", "plane")
VIEWS = {name: link(**{**STAGES[name], **QUICK.get(name, {})}) for name in DIFFERENT}

#: Drags the scrubber to these frames without letting go: what the classes' bars and the attacked picture are there.
DRAGGED = """async (frames) => {
  const { player } = window.__descent, found = [];
  const range = document.querySelector(".dp-bar input[type=range]");
  for (const k of frames) {
    range.value = k;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const bars = [...document.querySelectorAll(".dp-bars b")].map((one) => one.textContent).join();
    const canvas = document.querySelector(".dp-tiles canvas");
    found.push({ k: player.k, bars, picture: canvas.toDataURL() });
  }
  return found;
}"""


def computed(screen: Screen) -> Screen:
    """Waits until the run has ended and all of its frames are there."""
    return screen.until("!player.header.stream || player.feed.ended")


def begun(screen: Screen) -> Screen:
    """Waits until there is something to see of the run."""
    return screen.until("!player.header.stream || player.feed.ready > 0")


def said(screen: Screen, name: str) -> str | None:
    """What the address says of a control."""
    return screen.page.evaluate("(name) => new URL(location).searchParams.get(name)", f"{SLUG}.{name}")


def choose(screen: Screen, name: str, title: str) -> None:
    """Presses one of a few options side by side, and waits for the new picture."""
    before = screen.draws
    screen.control(name, SLUG).get_by_role("radio", name=title, exact=True).click()
    screen.drawn(before)


def frame_of_mark(screen: Screen) -> int:
    """The first frame that is not before the mark."""
    expect(screen.page.locator(".dp-mark")).to_be_visible()
    least = float(screen.page.locator(".dp-mark span").inner_text().rpartition(" ")[2])
    steps: list[float] = screen.player("Array.from(player.transport.steps)")
    return next(k for k, step in enumerate(steps) if step >= least)


def test_it_opens_alive_and_the_strength_is_in_the_readers_hand(screen: Screen) -> None:
    screen.lesson(SLUG).until("player.transport.playing || player.k > 0")
    computed(screen).do("end").committed()
    assert screen.label == "ε 16 / 16"
    # Every ε is there: nothing is asked of the server.
    before = len(screen.sent)
    shown = screen.page.evaluate(DRAGGED, [0, 8, 20])
    assert len(screen.sent) == before
    assert [one["k"] for one in shown] == [0, 8, 20]
    assert len({one["bars"] for one in shown}) == 3
    assert len({one["picture"] for one in shown}) == 3
    # The mark goes to where the answer is lost, and a key a step further.
    wanted = frame_of_mark(screen)
    screen.page.locator(".dp-mark").click()
    assert screen.step == wanted
    screen.page.keyboard.press("ArrowRight")
    screen.committed()
    assert screen.step == wanted + 1
    assert said(screen, "step") == str(wanted + 1)
    outcomes = "player.header.arrays.find((field) => field.pending === 'outcome')"
    assert [screen.player(f"{outcomes}.data[{k}]") for k in (0, wanted)] == [0, 2]


def test_a_click_on_a_class_aims_at_it_and_another_lets_go(screen: Screen) -> None:
    computed(screen.lesson(link(most=8.0)))
    run, free = screen.player("player.feed.stream"), frame_of_mark(screen)
    boat = CLASSES.index("boat")
    for aim in ("boat", None):
        before = screen.draws
        screen.page.locator(".dp-head .dp-bars button").nth(boat).click()
        computed(screen.drawn(before)).do("end").committed()
        assert said(screen, "aim") == aim
        assert screen.player("player.feed.stream") != run
        run = screen.player("player.feed.stream")
        assert (frame_of_mark(screen) > free) == (aim is not None)


def test_a_click_in_the_plane_attacks_the_point_there(screen: Screen) -> None:
    computed(screen.lesson(VIEWS["plane"]))
    before = screen.draws
    box = screen.page.locator(".dp-main .nsewdrag").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    computed(screen.drawn(before)).do("end").committed()
    assert float(said(screen, "x") or "nan") == pytest.approx(0.25 * 255, abs=4)
    assert float(said(screen, "y") or "nan") == pytest.approx(0.75 * 255, abs=4)


@pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS)
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
    screen = begun(visit(**PHONE).lesson(link(**SMALL)))
    seen = [screen.page.evaluate(OVERFLOW)]
    for view, title in rail.VIEWS.items():
        if view != "attack":
            choose(screen, "view", title)
            seen.append(begun(screen).page.evaluate(OVERFLOW))
        for part in list(rail.SUBVIEWS.get(view, {}).values())[1:]:
            choose(screen, view, part)
            seen.append(begun(screen).page.evaluate(OVERFLOW))
    assert seen == [[]] * len(STAGES)


def test_in_a_lecture_the_pictures_fit_one_screen_too(screen: Screen) -> None:
    computed(screen.lesson(link(**QUICK["sweep"]) + "&lecture=1")).fits(".dp-bar")
    assert screen.page.evaluate(OVERFLOW) == []
