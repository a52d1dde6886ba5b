"""One app and one Chromium for all tests of this folder, and a net under each of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebSocket, expect

from benchmarks._browser import WAIT_MS, Screen, launch, serve
from dlcore.lessons import discover

HERE = Path(__file__).parent
LOOPBACK = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)(:\d+)?/|data:|blob:|about:")
# On a deep link Streamlit's browser side first asks beside the page, then at the root.
PROBES = ("_stcore/health", "_stcore/host-config")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


class Net:
    """Catches what no page may do: errors in the console, uncaught errors, requests that leave the machine."""

    def __init__(self, url: str) -> None:
        self.harmless = {f"{url}/{entry.slug}/{probe}" for entry in discover() for probe in PROBES}
        self.offences: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.offences.append(f"uncaught: {error.error}"))
        context.on("request", self._request)
        context.on("page", lambda page: page.on("websocket", self._socket))

    def look(self, page: Page) -> None:
        """Whether the page shows a stack trace."""
        self.offences += [f"trace: {text}" for text in page.locator("[data-testid=stException]").all_inner_texts()]

    def _console(self, message: ConsoleMessage) -> None:
        missing = "status of 404" in message.text and message.location["url"] in self.harmless
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


@pytest.fixture
def visit(app: str, chromium: Browser) -> Iterator[Callable[..., Screen]]:
    """A new reader with a browser of their own: visit(**options of the context) gives their screen."""
    contexts: list[BrowserContext] = []
    nets: list[Net] = []

    def new(url: str = app, **options: Any) -> Screen:
        options = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", **options}
        context = chromium.new_context(**options)
        contexts.append(context)
        nets.append(net := Net(url))
        net.watch(context)
        return Screen(context.new_page(), url)

    yield new
    for context, net in zip(contexts, nets, strict=True):
        for page in context.pages:
            net.look(page)
        context.close()
    assert [offence for net in nets for offence in net.offences] == []


@pytest.fixture
def screen(visit: Callable[..., Screen]) -> Screen:
    """A reader at a desk who has not opened a page yet."""
    return visit()


@pytest.fixture
def net(app: str) -> Net:
    """A net of its own, for the test that looks whether it holds."""
    return Net(app)
