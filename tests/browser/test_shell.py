"""The shell in a real browser: home, links, lecture mode, phone, themes, and what happens when a lesson fails."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks._browser import Screen, wait
from dlcore.lessons import discover, lessons
from tests.browser.sight import FAINT, OVERFLOW, PHONE, TEXTS

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
LESSONS = lessons(discover())
(LESSON,) = (lesson for lesson in LESSONS if lesson.slug == "optimizers")


# Home


def test_home_lists_every_lesson_with_its_promise(screen: Screen):
    screen.open()
    main = screen.page.get_by_test_id("stMain")
    assert LESSONS
    for lesson in LESSONS:
        expect(main.get_by_role("link", name=lesson.title)).to_be_visible()
        expect(main.get_by_text(lesson.promise)).to_be_visible()


def test_search_narrows_the_map(screen: Screen):
    field = screen.open().control("search", "home").get_by_role("textbox")
    card = screen.page.get_by_test_id("stMain").get_by_role("link", name=LESSON.title)
    for words, there in [("saddle MOMENTUM", True), ("saddle quantum", False), ("", True)]:
        field.fill(words)
        field.press("Enter")
        expect(card).to_have_count(int(there))
        expect(screen.page.get_by_text("No lesson speaks of")).to_have_count(int(not there))


def test_a_card_opens_its_lesson_and_home_leads_back_to_it(screen: Screen):
    main = screen.open().page.get_by_test_id("stMain")
    main.get_by_role("link", name=LESSON.title).click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text(LESSON.title)
    screen.drawn()
    assert screen.page.url == f"{screen.url}/optimizers"
    screen.do("end").committed()
    screen.page.wait_for_url(re.compile(r"optimizers\.step=150\b"))
    wait(screen.page, "localStorage.getItem('descent.last')?.includes('step=150')")
    screen.page.get_by_role("link", name="Descent").click()
    resume = screen.page.get_by_role("link", name="Continue where you were")
    expect(resume).to_contain_text(LESSON.title)
    resume.click()
    screen.page.wait_for_url(re.compile(r"/optimizers\?optimizers\.step=150"))
    screen.drawn().idle()
    assert screen.label == "step 150 / 150"


def test_a_lesson_is_reached_from_home_by_keyboard(screen: Screen):
    page = screen.open().page
    card = page.get_by_test_id("stMain").get_by_role("link", name=LESSON.title)
    press_tab_to(page, card)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(LESSON.title)
    screen.drawn()


def press_tab_to(page: Page, wanted: Any) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("60 presses of Tab do not reach it")


# Links


def numbers(screen: Screen) -> tuple[str, list[str], str]:
    """What the lesson says at the present step: label, legend, equations."""
    screen.tab("Equations")
    return screen.label, screen.legend, screen.page.locator(".dp-equations").inner_text()


def test_a_copied_link_opens_the_same_numbers(visit: Callable[..., Screen]):
    screen = visit(**CLIPBOARD).lesson()
    screen.nudge("lr").nudge("condition", "ArrowLeft")
    for _ in range(7):
        screen.page.keyboard.press("PageDown")
        screen.page.locator(".dp").focus()
    screen.committed()
    screen.page.wait_for_url(re.compile(rf"optimizers\.step={screen.step}\b"))
    screen.page.get_by_role("button", name="Copy link").click()
    expect(screen.page.get_by_text("Link copied")).to_be_visible()
    link = screen.page.evaluate("navigator.clipboard.readText()")
    assert link == screen.page.url
    other = visit().lesson(link.removeprefix(f"{screen.url}/"))
    assert screen.step > 0
    assert other.page.url == link
    assert numbers(other) == numbers(screen)


def test_the_qr_code_is_shown_with_its_link(screen: Screen):
    page = screen.lesson("optimizers?optimizers.num_steps=60&optimizers.lr=0.08").page
    page.get_by_role("button", name="QR code").click()
    dialog = page.get_by_role("dialog", name="QR code")
    expect(dialog).to_be_visible()
    expect(dialog.locator("p")).to_have_text(page.url)
    wait(page, "document.querySelector('dialog img').naturalWidth > 100")
    size = dialog.locator("img").bounding_box()
    assert size is not None
    assert size["width"] == pytest.approx(size["height"], abs=1)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


# Lecture mode


def test_lecture_mode_is_larger_and_has_no_menus(screen: Screen):
    page = screen.lesson().page
    size = "Number.parseFloat(getComputedStyle(document.querySelector('{}')).fontSize)"
    places = ("h1", ".dp-legend", ".dp-equations p, .dp-bar output", ".js-plotly-plot .xtick text", ".stMarkdown p")
    plain = [page.evaluate(size.format(place)) for place in places]
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    page.get_by_role("button", name="Lecture mode").click()
    page.wait_for_url(re.compile(r"[?&]lecture=1"))
    screen.drawn()
    assert "optimizers.num_steps=60" in page.url
    large = [page.evaluate(size.format(place)) for place in places]
    assert all(b > 1.15 * a for a, b in zip(plain, large, strict=True)), (plain, large)
    for part in ("stHeader", "stSidebar", "stToolbar"):
        expect(page.get_by_test_id(part).locator("visible=true")).to_have_count(0)
    page.get_by_role("button", name="Leave lecture").click()
    page.wait_for_url(lambda url: "lecture" not in url)
    screen.drawn()
    expect(page.get_by_test_id("stHeader")).to_be_visible()


def test_a_link_hides_controls_whose_values_hold(screen: Screen):
    link = "optimizers?optimizers.surface=Beale&optimizers.lr=0.012&optimizers.num_steps=60&optimizers.step=9"
    screen.lesson(link)
    for name in ("surface", "lr", "num_steps"):
        expect(screen.control(name)).to_be_visible()
    wanted = numbers(screen)
    screen.lesson(f"{link}&lecture=1&hide=lr,surface")
    for name in ("surface", "lr"):
        expect(screen.control(name)).to_be_hidden()
    expect(screen.control("num_steps")).to_be_visible()
    assert numbers(screen) == wanted
    screen.nudge("num_steps")
    assert screen.label.endswith("/ 70")
    assert screen.legend == wanted[1]


# A phone


def test_home_does_not_overflow_a_phone(visit: Callable[..., Screen]):
    assert visit(**PHONE).open().page.evaluate(OVERFLOW) == []


def test_a_phone_shows_player_and_controls_and_nothing_overflows(visit: Callable[..., Screen]):
    screen = visit(**PHONE).lesson()
    assert screen.page.evaluate(OVERFLOW) == []
    shown = [
        screen.control(name) for name in ("surface", "condition", "x0", "y0", "optimizers", "rates", "lr", "num_steps")
    ]
    shown += [
        screen.page.locator(f".dp-bar [data-do={name}]") for name in ("reset", "back", "toggle", "forward", "end")
    ]
    shown += [screen.page.locator(part) for part in (".dp-bar input", ".dp-bar output", ".dp-main .main-svg >> nth=0")]
    for each in shown:
        each.scroll_into_view_if_needed()
        box = each.bounding_box()
        assert box is not None, each
        assert box["width"] > 20, (each, box)
        assert box["x"] >= 0, (each, box)
        assert box["x"] + box["width"] <= 390, (each, box)
    forward = screen.page.locator(".dp-bar [data-do=forward]")
    forward.tap()
    assert screen.label == "step 1 / 60"


# Themes


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 28)")])
def test_both_themes_are_readable(visit: Callable[..., Screen], scheme: str, ground: str):
    page = visit(color_scheme=scheme).lesson().page
    for place in ("[data-testid=stApp]", ".dp-main .main-svg", ".dp-side .dp-view:not([hidden]) .main-svg"):
        expect(page.locator(place).first).to_have_css("background-color", ground)
    assert page.evaluate(FAINT, TEXTS) == []


def test_a_change_of_theme_swaps_the_colours_and_asks_for_no_data(visit: Callable[..., Screen]):
    screen = visit().lesson().do("forward").committed()
    hue = "player.views.get('contour').element.data[1].line.color"
    light, draws, data = screen.player(hue), screen.draws, screen.player("player.bytes.length")
    screen.page.emulate_media(color_scheme="dark")
    screen.drawn(draws)
    dark = screen.player(f"player.header.dark['{light}']")
    assert screen.player(hue) == dark != light
    assert screen.player("player.views.get('contour').element._fullLayout.paper_bgcolor") == "#12161c"
    assert screen.step == 1
    assert screen.player("player.bytes.length") == data
    screen.page.emulate_media(color_scheme="light")
    screen.until(f"{hue} === '{light}'")
