"""Starts the app and a real Chromium, and reads the screen as a reader does; measures and asserts nothing itself."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Error, Page, ViewportSize, WebSocket, sync_playwright

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WINDOW: ViewportSize = {"width": 1440, "height": 900}
# The step in the address is the player's; 0 is left out. A script that stands still may just not have begun.
WRITTEN = """Number(new URL(location).searchParams.get(`${location.pathname.split("/").pop()}.step`) ?? 0)
  === window.__descent.player.k"""
# Playwright's own wait_for_function writes its condition as text for later, which the app's security policy forbids.
POLL = """([arg, most]) => new Promise((done, fail) => {
  const end = performance.now() + most;
  const look = () => {
    try {
      if (CONDITION) done();
      else if (performance.now() > end) fail(new Error(`It has not come about in ${most} ms.`));
      else setTimeout(look, 10);
    } catch (error) {
      fail(error);
    }
  };
  look();
})"""
START_S = 180
WAIT_MS = 40_000


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def serve(root: Path = ROOT, port: int = 0) -> Iterator[str]:
    """The app in `root` as `streamlit run app.py` starts it; gives its address, stops it at the end.

    port: 0 for a free one. Raises: RuntimeError with the end of the server's log where it does not come up.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += [f"--server.address={HOST}", "--server.headless=true"]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, cwd=root, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://{HOST}:{port}"
            _await(server, f"{url}/_stcore/health", log)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _await(server: subprocess.Popen, url: str, log: Any) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"The app did not start:\n{log.read()[-3000:]}")


def chromium_path() -> str:
    """The browser that $CHROMIUM names, or else the one on the path. Raises: RuntimeError if there is none."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("No Chromium found: name its program in the environment variable CHROMIUM.")


@contextmanager
def launch() -> Iterator[Browser]:
    """A headless Chromium that draws WebGL in software and calls no one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def wait(page: Page, condition: str, arg: Any = None, milliseconds: int = WAIT_MS) -> None:
    """Waits until a JavaScript expression holds on the page, in which `arg` is what is given.

    Raises: Error where it does not come about, or cannot be computed.
    """
    script = POLL.replace("CONDITION", condition)
    try:
        page.evaluate(script, [arg, milliseconds])
    except Error as error:
        if "context was destroyed" not in error.message:
            raise
        page.wait_for_load_state()  # it has gone to another address meanwhile
        page.evaluate(script, [arg, milliseconds])


class Screen:
    """One page of the app, and what is to be seen and done there; `sent` holds every websocket message it sent."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.sent: list[str | bytes] = []
        page.set_default_timeout(WAIT_MS)
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda message: self.sent.append(message))

    def open(self, address: str = "") -> "Screen":
        """Goes to an address of the app and waits until its script has run."""
        self.page.goto(f"{self.url}/{address}")
        return self.idle()

    def leave(self) -> None:
        """Leaves the app, and nothing of this reader in the browser."""
        # A page of the server without a script: a lesson still writes while it is left.
        self.page.goto(f"{self.url}/_stcore/health")
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.page.remove_listener("websocket", self._listen)

    def idle(self) -> "Screen":
        """Waits until the app's script stands still."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        return self

    def lesson(self, address: str = "optimizers?optimizers.num_steps=60") -> "Screen":
        """Opens a lesson and waits for its picture. A link that names a setting does not play by itself."""
        self.open(address)
        return self.drawn()

    def drawn(self, after: int = 0) -> "Screen":
        """Waits until more than `after` stages were drawn, and for the script behind them."""
        wait(self.page, "(window.__descent?.draws ?? 0) > arg", after)
        return self.idle()

    def player(self, expression: str) -> Any:
        """The value of a JavaScript expression in which `player` is the page's player."""
        return self.page.evaluate(f"(() => {{ const player = window.__descent.player; return {expression}; }})()")

    def until(self, condition: str) -> "Screen":
        """Waits until a JavaScript expression over `player` holds."""
        wait(self.page, f"(() => {{ const player = window.__descent.player; return {condition}; }})()")
        return self

    def fits(self, *parts: str) -> "Screen":
        """Waits until these parts, by their selectors, end inside the window: what stands above them may come late."""
        for part in parts:
            wait(self.page, "document.querySelector(arg)?.getBoundingClientRect().bottom <= innerHeight", part)
        return self

    @property
    def step(self) -> int:
        """The frame on screen."""
        return self.player("player.k")

    @property
    def draws(self) -> int:
        """How many stages the page has drawn."""
        return self.page.evaluate("window.__descent?.draws ?? 0")

    @property
    def label(self) -> str:
        """What the transport bar says, such as "step 57 / 150"."""
        return self.page.locator(".dp-bar output").inner_text()

    @property
    def legend(self) -> list[str]:
        """Each line of the legend: a runner and its number."""
        return self.page.locator(".dp-legend [role=listitem]:has(b)").all_inner_texts()

    def do(self, name: str) -> "Screen":
        """Presses a button of the transport bar: reset, back, toggle, forward, end, png, svg."""
        self.page.locator(f".dp-bar [data-do={name}]").click()
        return self

    def committed(self) -> "Screen":
        """Waits until the player rests and the server knows its step, which it then has written into the address."""
        self.until("!player.transport.playing && player.committed === player.k")
        wait(self.page, WRITTEN)
        return self.idle()

    def tab(self, title: str) -> "Screen":
        """Opens one of the player's tabs and waits until it is drawn."""
        self.page.locator(".dp-tabs").get_by_role("tab", name=title, exact=True).click()
        return self.until("!player.views.get(player.tab).pendingSpec")

    def control(self, name: str, slug: str = "optimizers"):
        """The element of the control of this name."""
        return self.page.locator(f".st-key-{slug}-{name}")

    def nudge(self, name: str, key: str = "ArrowRight") -> "Screen":
        """Moves a slider by one key press and waits for the new picture."""
        before = self.draws
        self.control(name).get_by_role("slider").focus()
        self.page.keyboard.press(key)
        return self.drawn(before)
