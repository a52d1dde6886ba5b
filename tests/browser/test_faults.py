"""What breaks while a reader looks on: a cut wire, a new server, a killed worker; nothing on screen is lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks._browser import WINDOW, Screen, serve
from benchmarks._load import server_of
from tests.relay import Relay

pytestmark = pytest.mark.slow  # all of it: servers end and begin
CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
CUT = "[data-testid=stApp]:not([data-test-connection-state=CONNECTED])"
LONG = "overfitting?overfitting.num_steps=5000&overfitting.group=training"  # longer than the test looks at it


@pytest.fixture(scope="module")
def own() -> Iterator[str]:
    """A server whose workers may be killed."""
    with serve() as url:
        yield url


@pytest.fixture
def wire(own: str, chromium: Browser) -> Iterator[tuple[Screen, Relay]]:
    """A reader at the end of a wire; what a cut wire writes into the console is no fault."""
    relay = Relay(int(own.rpartition(":")[2]))
    with chromium.new_context(viewport=WINDOW) as context:
        yield Screen(context.new_page(), relay.url), relay
    relay.close()


def seen(screen: Screen) -> tuple[str, list[str], str]:
    """The frame, the legend's numbers and the address."""
    return screen.label, screen.legend, screen.page.url.partition("/optimizers")[2]


def at_a_frame(screen: Screen) -> Screen:
    """A reader who has moved a slider and stands at a frame."""
    screen.lesson().nudge("lr")
    for _ in range(3):
        screen.do("forward")
    return screen.committed()


def after_the_cut(screen: Screen, before: tuple[str, list[str], str]) -> None:
    """All is as it was, and goes on."""
    screen.page.wait_for_selector(CONNECTED)
    screen.idle()
    assert seen(screen) == before
    screen.nudge("lr")
    assert screen.page.get_by_test_id("stException").count() == 0


def test_a_cut_wire_leaves_the_page_and_it_goes_on(wire: tuple[Screen, Relay]):
    screen, relay = wire
    before = seen(at_a_frame(screen))
    relay.cut()
    screen.page.wait_for_selector(CUT)
    screen.do("back").do("forward")  # the picture needs no server
    assert seen(screen) == before
    relay.plug()
    after_the_cut(screen, before)


def test_a_new_server_takes_over_what_is_on_screen(wire: tuple[Screen, Relay]):
    screen, relay = wire
    before = seen(at_a_frame(screen))
    with ExitStack() as stack:
        relay.cut()
        other = stack.enter_context(serve())  # it knows nothing of this reader
        assert seen(screen) == before
        relay.plug(int(other.rpartition(":")[2]))
        after_the_cut(screen, before)
        relay.cut()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def workers_of(url: str) -> list[int]:
    """The processes that compute runs: what the server's own child has forked."""
    return [worker for nursery in children(server_of(url)) for worker in children(nursery)]


def test_a_killed_worker_takes_nothing_from_the_screen_and_the_run_is_offered_again(own: str, chromium: Browser):
    with chromium.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), own).lesson(LONG).until("player.feed.ready > 20")
        for worker in workers_of(own):
            os.kill(worker, signal.SIGKILL)
        screen.until("player.feed.ended === 'failed'")
        ready = screen.player("player.feed.ready")
        assert ready > 20
        expect(screen.page.locator(".dp")).to_contain_text("has ended before its time")
        again = screen.page.get_by_role("button", name="Go on")
        expect(again).to_be_visible()
        again.click()
        screen.until(f"!player.feed.ended && player.feed.ready >= {ready} || player.feed.ended === 'done'")
        assert screen.page.get_by_test_id("stException").count() == 0


def test_a_closed_tab_opens_again_where_its_link_says(own: str, chromium: Browser):
    address = ""
    legends = []
    for _ in range(2):
        with chromium.new_context(viewport=WINDOW) as context:
            screen = Screen(context.new_page(), own)
            screen = screen.lesson(address) if address else at_a_frame(screen)
            address = screen.page.url.removeprefix(f"{own}/")
            legends.append((screen.label, screen.legend))
    assert legends[0] == legends[1]


def test_a_worker_that_takes_too_much_memory_takes_nothing_from_the_screen(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DESCENT_WORKER_MB", "256")  # torch alone takes as much
    with serve() as url, chromium.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(LONG).until("player.feed.ended === 'failed'")
        expect(screen.page.locator(".dp")).to_contain_text("took more than 0.256 GB of memory")
        expect(screen.page.get_by_role("button", name="Go on")).to_be_visible()
        screen.lesson("optimizers").nudge("lr")
        assert screen.page.get_by_test_id("stException").count() == 0
