"""A log of changes in a real browser: what it tells in signs and words, and how it leads to a frame."""

from playwright.sync_api import Locator, expect

from dlcore.figures.log import Entry, Log
from dlcore.figures.stage import Stage
from tests.browser.solo import Solo
from tests.browser.tiles_screen import map_tiles, maps, tiles_stage

ENTRIES = (
    Entry(text="asked “is <i>there</i> a lake”", truth="yes", answer="yes", chance=0.9, flipped=False),
    Entry(text="lake 1 removed", truth="no", answer="yes", chance=0.6, flipped=False),
    Entry(text="a boat added at 20, 30", truth=None, answer="no", chance=0.8, flipped=True),
)


def log_stage(*entries: Entry, said: str = "") -> Stage:
    view = Log(key="log", title="Changes", entries=entries, said=said)
    return Stage(views=[*tiles_stage(*map_tiles(maps())).views, view], num_frames=len(entries))


def rows(solo: Solo) -> Locator:
    return solo.page.locator(".dp-log button")


def test_right_and_wrong_and_flipped_are_told_by_signs_and_words(solo: Solo):
    solo.give(log_stage(*ENTRIES))
    solo.go(2)
    assert rows(solo).locator("i").all_text_contents() == ["✓", "✗", ""]
    assert ["flipped" in text for text in rows(solo).all_inner_texts()] == [False, False, True]
    expect(rows(solo).nth(1)).to_have_accessible_name("1: lake 1 removed: yes, 60.0 %, wrong, true is no")
    expect(rows(solo).nth(2)).to_have_accessible_name("2: a boat added at 20, 30: no, 80.0 %, nobody knows, flipped")


def test_what_came_of_a_later_change_is_not_told(solo: Solo):
    solo.give(log_stage(*ENTRIES))
    expect(rows(solo).nth(1)).to_have_accessible_name("1: lake 1 removed")
    expect(rows(solo).nth(1).locator(".dp-log-answer")).to_be_hidden()
    solo.go(1)
    expect(rows(solo).nth(1).locator(".dp-log-answer")).to_be_visible()


def test_what_a_reader_typed_stays_text(solo: Solo):
    solo.give(log_stage(*ENTRIES))
    assert "<i>there</i>" in rows(solo).nth(0).inner_text()


def test_a_click_goes_to_the_frame_and_the_frame_marks_its_row(solo: Solo):
    solo.give(log_stage(*ENTRIES))
    rows(solo).nth(2).click()
    assert solo.player("player.k") == 2
    current = solo.page.locator(".dp-log [aria-current]")
    expect(current).to_have_count(1)
    assert "boat" in current.inner_text()
    solo.go(0)
    assert "asked" in current.inner_text()
    expect(solo.page.locator(".dp-log-later")).to_have_count(2)


def test_up_and_down_go_from_row_to_row_and_left_and_right_are_the_bars(solo: Solo):
    solo.give(log_stage(*ENTRIES))
    rows(solo).nth(0).focus()
    solo.page.keyboard.press("ArrowDown")
    assert "lake 1" in solo.page.evaluate("document.activeElement.innerText")
    solo.page.keyboard.press("Enter")
    assert solo.player("player.k") == 1
    solo.page.keyboard.press("ArrowRight")
    assert solo.player("player.k") == 2


def test_before_anything_is_changed_it_says_what_can_be_done(solo: Solo):
    solo.give(log_stage(ENTRIES[0], said="Drag a ring."))
    assert "Drag a ring." in solo.page.locator(".dp-log").inner_text()
    solo.give(log_stage(*ENTRIES, said="Drag a ring."))
    assert "Drag a ring." not in solo.page.locator(".dp-log").inner_text()
