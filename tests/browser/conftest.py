"""One app and one Chromium for all tests of this folder, and a net under each of them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, WebSocket, expect

from benchmarks._browser import WAIT_MS, WINDOW, Screen, launch, serve
from tests.browser.solo import Solo

HERE = Path(__file__).parent
LOOPBACK = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)(:\d+)?/|data:|blob:|about:")
MEDIA: dict[str, Any] = {"color_scheme": "light", "reduced_motion": "no-preference"}
# On a deep link Streamlit's browser side first asks beside the page, then at the root.
PROBE = r"/\w+/_stcore/(health|host-config)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


class Net:
    """Catches what no page may do: errors in the console, uncaught errors, requests that leave the machine."""

    def __init__(self, url: str) -> None:
        self.harmless = re.compile(re.escape(url) + PROBE)
        self.offences: list[str] = []

    @contextmanager
    def under(self, page: Page) -> Iterator[None]:
        listeners = {
            "console": self._console,
            "pageerror": self._error,
            "request": self._request,
            "websocket": self._socket,
        }
        for event, listener in listeners.items():
            page.on(event, listener)  # pyright: ignore[reportArgumentType, reportCallIssue]
        yield
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def look(self, page: Page) -> None:
        """Whether the page shows a stack trace."""
        self.offences += [f"trace: {text}" for text in page.locator("[data-testid=stException]").all_inner_texts()]

    def _error(self, error: Error) -> None:
        self.offences.append(f"uncaught: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        missing = "status of 404" in message.text and self.harmless.fullmatch(message.location["url"])
        if message.type == "error" and not missing:
            self.offences.append(f"console: {message.text} {message.location['url']}")

    def _request(self, request: Request) -> None:
        if not LOOPBACK.match(request.url):
            self.offences.append(f"outside: {request.url}")

    def _socket(self, socket: WebSocket) -> None:
        if not LOOPBACK.match(socket.url):
            self.offences.append(f"outside: {socket.url}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)
    with launch() as browser:
        yield browser


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """The address of the running app."""
    with serve() as url:
        yield url


@pytest.fixture(scope="session")
def desk(chromium: Browser) -> Iterator[Page]:
    """The page that most tests use in turn: a new browser process for each would cost seconds."""
    with chromium.new_context(viewport=WINDOW) as context:
        yield context.new_page()


@pytest.fixture
def screen(visit: Callable[..., Screen]) -> Screen:
    """A reader at a desk who has not opened a page yet; nothing is left of the one before."""
    return visit()


@pytest.fixture(scope="session")
def solos() -> dict[str, Solo]:
    """Pages without a lesson, by what their browsers can: a new one would load and compile all of Plotly again."""
    return {}


@pytest.fixture
def solo(app: str, chromium: Browser, solos: dict[str, Solo], request: pytest.FixtureRequest) -> Iterator[Solo]:
    """A player of its own, and nothing that went wrong in it; CONTEXT in a module says what its browser can."""
    options = getattr(request.module, "CONTEXT", {})
    if repr(options) not in solos:
        solos[repr(options)] = Solo(chromium.new_context(**options).new_page(), app)
    solo = solos[repr(options)]
    yield solo.clear()
    errors = solo.errors.copy()
    solo.errors.clear()  # they are not the next test's
    assert errors == []


def clear(screen: Screen, options: dict[str, Any]) -> None:
    """Leaves the app and the browser as a new reader finds them."""
    screen.leave()
    screen.page.unroute_all()
    screen.page.context.clear_permissions()
    screen.page.set_viewport_size(options["viewport"])
    screen.page.mouse.move(0, 0)


@pytest.fixture(scope="session")
def left(desk: Page) -> dict[str, list[Page]]:
    """Browsers of readers who have left, by what they can: a new one would load and compile all of Streamlit again."""
    return {repr({"viewport": WINDOW}): [desk]}


@pytest.fixture
def visit(app: str, chromium: Browser, left: dict[str, list[Page]]) -> Iterator[Callable[..., Screen]]:
    """A new reader with a browser of their own: visit(**options of the context) gives their screen."""
    nets: list[Net] = []
    with ExitStack() as stack:

        def new(url: str = app, **options: Any) -> Screen:
            # What a browser that is there already can be told needs no other one.
            media = {name: options.pop(name, usual) for name, usual in MEDIA.items()}
            permissions = options.pop("permissions", [])
            options = {"viewport": WINDOW, **options}
            free = left.setdefault(repr(options), [])
            page = free.pop() if free else chromium.new_context(**options).new_page()
            page.emulate_media(**media)
            page.context.grant_permissions(permissions)
            nets.append(net := Net(url))
            stack.enter_context(net.under(page))
            screen = Screen(page, url)

            def leave() -> None:
                net.look(page)
                clear(screen, options)
                free.append(page)

            stack.callback(leave)
            return screen

        yield new
    assert [offence for net in nets for offence in net.offences] == []


@pytest.fixture
def net(app: str) -> Net:
    """A net that fails no test, to look whether it holds."""
    return Net(app)
