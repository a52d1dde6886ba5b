"""In a real browser no page asks for what the content security policy forbids, and strangers cannot frame it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from benchmarks._browser import Screen, serve, wait
from dlcore.lessons import discover, lessons
from dlcore.ui.address import css_class

pytestmark = pytest.mark.slow  # all of it
LESSONS = lessons(discover())
NOTE = """addEventListener("securitypolicyviolation",
  ({ violatedDirective, blockedURI }) => (window.violations ??= []).push(`${violatedDirective} ${blockedURI}`), true)"""
VIOLATIONS = "window.violations ?? []"


def below(screen: Screen, slug: str) -> list[str]:
    """Opens everything that lies below the fold, one after another; gives the names."""
    buttons = screen.page.locator(f".{css_class(f'{slug}.below')} button")
    names = buttons.all_inner_texts()
    for k in range(len(names)):
        buttons.nth(k).evaluate("button => button.click()")  # whatever moves on the page meanwhile
        screen.idle()
    return names


def noting(visit: Callable[..., Screen]) -> Screen:
    screen = visit()
    screen.page.add_init_script(NOTE)
    return screen


@pytest.mark.parametrize("slug", [lesson.slug for lesson in LESSONS])
def test_no_page_asks_for_what_the_policy_forbids(visit: Callable[..., Screen], slug: str):
    screen = noting(visit).lesson(f"{slug}?lecture=0")
    assert len(below(screen, slug)) >= 3
    assert screen.page.evaluate(VIOLATIONS) == []


def test_the_map_a_code_and_a_picture_in_depth_need_no_more(visit: Callable[..., Screen]):
    screen = noting(visit).open()
    screen.lesson("optimizers?optimizers.num_steps=60&lecture=0")
    tabs = screen.page.locator(".dp [role=tab]")
    for k in range(tabs.count()):  # WebGL among them
        tabs.nth(k).click()
    screen.page.get_by_role("button", name="QR code").click()
    wait(screen.page, "document.querySelector('dialog img').naturalWidth > 100")
    assert tabs.count() >= 3
    assert screen.page.evaluate(VIOLATIONS) == []


@pytest.mark.parametrize(
    ("planted", "directive"),
    [
        ("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))", "script"),
        ("document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:9/x.png>')", "img"),
        ("document.body.insertAdjacentHTML('beforeend', '<iframe src=http://127.0.0.1:9/></iframe>')", "frame"),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "connect"),
        ("import('data:text/javascript,window.ran=1').catch(() => 0)", "script"),
    ],
)
def test_what_is_planted_is_forbidden(app: str, desk: Page, planted: str, directive: str):
    screen = Screen(desk, app).open()
    screen.page.evaluate(f"() => {{ {NOTE}; {planted}; }}")
    wait(screen.page, "window.violations?.length")
    assert screen.page.evaluate("window.violations[0]").startswith(directive)
    assert screen.page.evaluate("window.ran ?? 0") == 0
    screen.leave()


# In a frame


class Course(BaseHTTPRequestHandler):
    """A page of another site with the app in a frame; the frame's address is in its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<iframe width=1400 height=800 src='{self.path[2:]}'></iframe>".encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def course() -> Iterator[str]:
    """The address of another site: its host has another name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Course) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}"
        site.shutdown()


FRAMED = "[data-testid=stApp][data-test-script-state=notRunning]"


def test_another_site_cannot_show_the_app_in_a_frame(app: str, course: str, desk: Page):
    refused: list[str] = []
    desk.on("console", lambda message: refused.append(message.text) if "frame-ancestors" in message.text else None)
    desk.goto(f"{course}/?{app}/?embed=true")
    desk.wait_for_timeout(1000)
    assert refused
    assert desk.frame_locator("iframe").locator(FRAMED).count() == 0


def test_a_site_that_the_host_names_can(course: str, desk: Page, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DESCENT_FRAME_ANCESTORS", f"'self' {course}")
    with serve() as url:
        desk.goto(f"{course}/?{url}/?embed=true")
        desk.frame_locator("iframe").locator(FRAMED).wait_for()
        assert "Deep learning you can touch" in desk.frame_locator("iframe").locator("body").inner_text()
        Screen(desk, url).leave()
