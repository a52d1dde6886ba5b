"""The player for everyone: from the keyboard, with less motion, and as a picture to take away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen

LAST = 60  # the steps of the lesson that Screen.lesson opens


@pytest.fixture
def lesson(screen: Screen) -> Screen:
    return screen.lesson()


def test_tabs_are_walked_with_the_arrows(lesson: Screen):
    tabs = lesson.page.locator(".dp-tabs").get_by_role("tab")
    titles = tabs.all_inner_texts()
    tabs.first.focus()
    for key, title in [
        ("ArrowRight", titles[1]),
        ("ArrowLeft", titles[0]),
        ("ArrowLeft", titles[-1]),
        ("ArrowRight", titles[0]),
    ]:
        lesson.page.keyboard.press(key)
        chosen = lesson.page.locator(".dp-tabs [aria-selected=true]")
        expect(chosen).to_have_text(title)
        expect(chosen).to_be_focused()
        pane = chosen.get_attribute("aria-controls")
        expect(lesson.page.locator(f"#{pane}")).to_be_visible()
        expect(lesson.page.locator(".dp-panes > .dp-view:visible")).to_have_count(1)
    assert lesson.step == 0


def test_the_play_button_is_reached_and_pressed_from_the_keyboard(lesson: Screen):
    for _ in range(80):
        lesson.page.keyboard.press("Tab")
        if lesson.page.evaluate("document.activeElement.dataset.do") == "toggle":
            break
    expect(lesson.page.locator(".dp-bar [data-do=toggle]")).to_be_focused()
    for key in (" ", "Enter"):
        lesson.page.keyboard.press(key)
        lesson.until("player.transport.playing && player.k > 1")
        lesson.page.keyboard.press(key)
        assert not lesson.player("player.transport.playing"), key
    assert 0 < lesson.committed().step < LAST


def test_the_opening_scene_plays_by_itself(screen: Screen):
    screen.lesson("optimizers").until("player.transport.playing && player.k > 2")


def test_less_motion_shows_the_last_frame_at_once(visit: Callable[..., Screen]):
    screen = visit(reduced_motion="reduce").lesson("optimizers").committed()
    assert screen.step == screen.player("player.transport.last") > 0
    assert not screen.player("player.transport.playing")
    screen.do("reset").do("forward")
    assert screen.label.startswith("step 1 /")


def test_the_picture_is_saved(lesson: Screen):
    lesson.do("forward").committed()
    for kind, magic in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with lesson.page.expect_download() as event:
            lesson.do(kind)
        assert event.value.suggested_filename == f"optimizers-step-1.{kind}"
        assert event.value.path().read_bytes().startswith(magic)
