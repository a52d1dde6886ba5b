"""The lesson on batch norm in a real browser: cells that are pointed at and changed, and runs that come live."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import Screen
from tests.browser.sight import OVERFLOW, PHONE, READABLE, TEXTS, faint
from tests.pages.batchnorm_page import SLUG, TITLES
from tests.pages.stages import written

# A cell of the picture: [piece's key, row, column] -> [number of the cell, text that is seen].
CELL = """([key, row, col]) => {
  const view = window.__descent.player.views.get("transform");
  const at = view.spec.grids.findIndex((grid) => grid.key === key);
  const cell = view.cells.firsts[at] + row * view.spec.grids[at].cols + col;
  const text = document.querySelectorAll(".dp-numbers text")[cell];
  return [cell, getComputedStyle(text).display === "none" ? "" : text.textContent];
}"""
SHORT = {"updates": 60, "depth": 2}
WHOLE = "player.feed.ended === 'done'"


def link(**values: object) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    texts = written(TITLES, **values)
    return f"{SLUG}?" + urlencode({f"{SLUG}.{name}": text for name, text in texts.items()}, doseq=True)


VIEWS = {
    "forward": link(step=4),
    "backward": link(direction="backward", norm="group", step=6),
    "deep": link(view="deep", **SHORT),
    "rates": link(view="rates", **SHORT),
    "sizes": link(view="sizes", norm="layer", updates=20, depth=1),
}
every = pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS)


def cell(screen: Screen, key: str, row: int, col: int) -> Locator:
    number, _ = screen.page.evaluate(CELL, [key, row, col])
    return screen.page.locator(f".dp-boxes [data-c='{number}']")


def number(screen: Screen, key: str, row: int, col: int) -> str:
    """What is written in a cell; "" while it is not known."""
    return screen.page.evaluate(CELL, [key, row, col])[1]


def note(screen: Screen) -> str:
    """What is written about the present step or cell, on one line."""
    return " ".join(screen.page.locator(".dp-notes .dp-lines, .dp-notes h4").all_inner_texts())


def says(screen: Screen, **wanted: str) -> None:
    """Waits until the address has these texts of controls."""
    for name, text in wanted.items():
        part = urlencode({f"{SLUG}.{name}": text})
        screen.page.wait_for_url(lambda url, part=part: part in url)


# The transform


def test_it_opens_alive_and_plays_to_its_end(screen: Screen):
    screen.lesson(SLUG).until("player.transport.playing && player.k > 0")
    screen.do("end").committed()
    assert screen.label == "step 5 / 5"
    assert number(screen, "running_mean0", 0, 0) == "−0.08"


def test_a_step_computes_one_table_and_writes_its_first_number(screen: Screen):
    screen.lesson(link(step=0, mode="train"))
    assert number(screen, "mean0", 0, 0) == ""
    screen.do("forward")
    assert number(screen, "mean0", 0, 0) == "−0.75"
    assert number(screen, "variance0", 0, 0) == ""
    assert note(screen).startswith("1. The mean")
    assert "= −0.75" in note(screen)


def test_a_cell_that_is_clicked_tells_how_it_comes_about_and_the_address_keeps_it(screen: Screen):
    screen.lesson(link(direction="backward", step=6))
    cell(screen, "dx0", 0, 0).click(force=True)
    expect(screen.page.locator(".dp-notes h4")).to_have_text("∂E/∂x[0, 0]")
    assert "through σ²" in note(screen)
    says(screen, selected="dx0.0.0")


def test_a_number_typed_into_a_cell_changes_all_that_shares_its_mean(screen: Screen):
    screen.lesson(link(step=5))
    others = [number(screen, "normal0", row, 0) for row in range(6)]
    elsewhere = [number(screen, "normal1", row, 0) for row in range(6)]
    before = screen.draws
    cell(screen, "x0", 0, 0).click(force=True)
    field = screen.page.locator(".dp-cell-form input")
    field.fill("500")
    field.press("Enter")
    screen.drawn(before)
    changed = [number(screen, "normal0", row, 0) for row in range(6)]
    assert all(now != was for now, was in zip(changed, others, strict=True))
    assert [number(screen, "normal1", row, 0) for row in range(6)] == elsewhere
    assert changed[0] == "2.24"  # √(6 − 1)
    says(screen, edits="x0.0=500")


def test_another_norm_shares_other_means(screen: Screen):
    screen.lesson(link(step=4))
    before = screen.draws
    screen.control("norm", SLUG).get_by_role("radio", name="layer norm", exact=True).click()
    screen.drawn(before)
    screen.until("player.views.get('transform').spec.grids.filter(({ key }) => /^mean/.test(key)).length === 6")


def test_torchs_refusal_is_said_under_a_batch_of_one(screen: Screen):
    screen.lesson(link(samples=1, step=3))
    expect(screen.page.locator(".dp-note")).to_contain_text("Expected more than 1 value per channel when training")
    assert number(screen, "normal0", 0, 0) == "0"


# The live views


def test_a_deep_network_trains_before_the_readers_eyes(screen: Screen):
    screen.lesson(link(view="deep", **SHORT))
    screen.until(WHOLE).do("end").committed()
    assert screen.label == "update 60 / 60"
    values = {line.split("\n")[0]: float(line.split()[-1]) for line in screen.legend}
    assert values["B: batch norm"] > 85
    for title in ("Loss", "Spread", "Gradients"):
        screen.tab(title)


def test_a_sweep_shows_all_points_of_its_curves(screen: Screen):
    screen.lesson(link(view="rates", **SHORT))
    screen.until(WHOLE).do("end").committed()
    shown = screen.player("Array.from(player.views.get('rates').element.data[5].y)")
    assert len(shown) == 7
    assert max(shown) > 85


def test_other_settings_begin_another_run(screen: Screen):
    screen.lesson(link(view="deep", **SHORT))
    before = screen.draws
    screen.control("activation", SLUG).get_by_role("radio", name="sigmoid", exact=True).click()
    screen.drawn(before)
    says(screen, activation="sigmoid")
    screen.until(WHOLE).do("end").committed()
    assert screen.label == "update 60 / 60"


# For everyone


@every
def test_all_of_it_is_on_one_screen_and_readable_in_both_themes(screen: Screen, address: str):
    screen.lesson(address).fits(".dp-bar", f".st-key-{SLUG}-rail")
    assert screen.page.evaluate(OVERFLOW) == []
    assert faint(screen, f"{TEXTS}, .dp-notes *, .dp-program *, .stRadio *") == READABLE


@every
def test_nothing_is_wider_than_a_phone(visit: Callable[..., Screen], address: str):
    screen = visit(**PHONE).lesson(address)
    assert screen.page.evaluate(OVERFLOW) == []


@every
def test_lecture_mode_fits_one_screen_too(screen: Screen, address: str):
    screen.lesson(f"{address}&lecture=1").fits(".dp-bar")


@pytest.mark.parametrize("view", ["forward", "deep", "rates"])
def test_the_picture_is_saved(screen: Screen, view: str):
    screen.lesson(VIEWS[view]).idle()
    for kind, magic in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with screen.page.expect_download() as event:
            screen.do(kind)
        assert event.value.path().read_bytes().startswith(magic), kind
