"""What must not happen: requests to another host, a lesson that takes others down; and the net that would tell."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from benchmarks._browser import ROOT, Screen, serve, wait
from dlcore.lessons import discover, lessons

LESSONS = lessons(discover())
(LESSON,) = (lesson for lesson in LESSONS if lesson.slug == "optimizers")

# Does all that the net must catch.
OFFEND = """async () => {
  console.error("planted");
  setTimeout(() => { throw new Error("planted"); });
  await fetch("/descent/0/player/nothing.js");
  await fetch("http://outside.example/font.woff2", { mode: "no-cors" });
  const socket = new WebSocket("ws://0.0.0.0:9/");
  socket.onclose = () => (window.offended = true);
  document.body.insertAdjacentHTML("beforeend", "<p data-testid=stException>planted</p>");
}"""


# Nothing from outside, and the net that says so


def test_no_page_asks_another_host(visit: Callable[..., Screen]):
    screen = visit().open()
    for lesson in LESSONS:
        screen.lesson(f"{lesson.slug}?lecture=0")
        assert screen.page.evaluate("[...document.fonts].filter((font) => font.status === 'loaded').length") > 0


def test_the_net_catches_every_offence(app: str, chromium: Browser, net: Any):
    # The security policy would forbid most of them before the net could.
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.route("http://outside.example/**", lambda route: route.fulfill(body=""))
        with net.under(page):
            Screen(page, app).open("optimizers")
            assert net.offences == []
            page.evaluate(OFFEND)
            wait(page, "window.offended")
        net.look(page)
        assert [offence.partition(":")[0] for offence in net.offences].count("outside") == 2
        for sign in (
            "console: planted",
            "uncaught: planted",
            "/nothing.js",
            "http://outside",
            "ws://0.0.0.0",
            "trace: planted",
        ):
            assert any(sign in offence for offence in net.offences), sign


# A failing lesson

FAILING = {
    "import_fails": 'raise RuntimeError("planted at import")\n',
    "render_fails": '''"""A plant."""

from dlcore.lessons import Lesson

LESSON = Lesson(slug="render_fails", part="optimization", title="Render fails", promise="It will not.")


def render():
    raise RuntimeError("planted at render")


if __name__ == "__main__":
    render()
''',
}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[tuple[str, str]]:
    """An app with two lessons that fail: its address, and what its very first visitor saw behind a deep link."""
    root = tmp_path_factory.mktemp("failing")
    for folder in ("dlcore", "pages", "assets", ".streamlit"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", root)
    for slug, text in FAILING.items():
        (root / "pages" / "optimization" / f"{slug}.py").write_text(text, encoding="utf-8")
    with serve(root) as url, chromium.new_context() as context:
        first = Screen(context.new_page(), url).lesson()
        yield url, first.page.locator("body").inner_text()


def test_the_first_visitor_may_come_by_a_deep_link(failing: tuple[str, str]):
    _, text = failing
    assert LESSON.title in text
    assert LESSON.promise in text
    assert "not found" not in text.lower()


def test_a_lesson_that_cannot_be_read_has_a_card_that_says_why(visit: Callable[..., Screen], failing: tuple[str, str]):
    screen = visit(failing[0]).open()
    main = screen.page.get_by_test_id("stMain")
    expect(main.get_by_text("Import fails")).to_be_visible()
    expect(main.get_by_text("This lesson could not be opened. RuntimeError: planted at import")).to_be_visible()
    expect(main.get_by_role("link", name="Render fails")).to_be_visible()
    main.get_by_role("link", name=LESSON.title).click()
    screen.drawn()


def test_a_lesson_that_fails_says_so_and_the_others_work(visit: Callable[..., Screen], failing: tuple[str, str]):
    screen = visit(failing[0]).open("render_fails")
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text("“Render fails” met an error and stopped here.")
    expect(screen.page.get_by_text("planted at render")).to_have_count(0)
    expect(screen.page.get_by_text("Traceback")).to_have_count(0)
    screen.lesson()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text(LESSON.title)
