"""A lesson in a real browser: opening to the first picture, a slider's key press to the new one, the server's part.

Usage: page [SLUG [CONTROL]], by default optimizers and its slider lr; CONTROL is any slider of the lesson.

open_to_picture_s: from the navigation's start to the first picture drawn in the player, by the page's own clock. Each
reader is new: nothing is in the browser's cache. What the server has computed before is in its cache.
slider_to_picture_ms: from the key press that moves the slider to the new picture, by the page's own clock. Every move
is to a value that no reader had before.
rerun_server_ms: from sending the server such a move to its word that the script has finished, over a websocket session
of this program's own, with no browser at work.
"""

import json
import statistics

from playwright.sync_api import Browser

from benchmarks._browser import WINDOW, Screen, launch, serve
from benchmarks._session import visit

OPENINGS = 5
MOVES = 20

# Polled at every animation frame, so that the time is that of the frame in which the picture is there.
WAIT_FOR_DRAW = """(before) => new Promise((done) => {
  const look = () => ((window.__descent?.draws ?? 0) > before ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""
NOTE_KEYS = "addEventListener('keydown', (event) => (window.pressed = event.timeStamp), true)"


def openings(browser: Browser, url: str, slug: str) -> list[float]:
    """Seconds to the first picture, one new reader after another."""
    seconds = []
    for _ in range(OPENINGS + 1):
        with browser.new_context(viewport=WINDOW) as context:
            screen = Screen(context.new_page(), url)
            screen.page.goto(f"{url}/{slug}")
            seconds.append(screen.page.evaluate(WAIT_FOR_DRAW, 0) / 1000)
    return seconds[1:]  # the first reader waits for the server's caches, too


def moves(browser: Browser, url: str, slug: str, control: str) -> list[float]:
    """Milliseconds from each key press on the slider to its picture."""
    with browser.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(f"{slug}?lecture=0&{slug}.step=1")
        screen.page.evaluate(NOTE_KEYS)
        screen.control(control, slug).get_by_role("slider").focus()
        waits = []
        for _ in range(MOVES):
            before = screen.draws
            screen.page.keyboard.press("ArrowRight")
            waits.append(screen.page.evaluate(WAIT_FOR_DRAW, before) - screen.page.evaluate("window.pressed"))
            screen.idle()
    return waits


def reruns(url: str, slug: str, control: str) -> list[float]:
    """Milliseconds of the server for each move of the slider."""
    with visit(url, slug) as session:
        session.rerun()
        return [session.rerun(session.move(control, -k)) for k in range(1, MOVES + 1)]


def main(argv: list[str]) -> None:
    """Measure one lesson."""
    slug = argv[0] if argv else "optimizers"
    control = argv[1] if len(argv) > 1 else "lr"
    with serve() as url, launch() as browser:
        results = {
            "open_to_picture_s": openings(browser, url, slug),
            "slider_to_picture_ms": moves(browser, url, slug, control),
            "rerun_server_ms": reruns(url, slug, control),
        }
    for name, values in results.items():
        low, high = min(values), max(values)
        print(f"{slug}, {name}: {statistics.median(values):.3g} ({low:.3g} to {high:.3g}, {len(values)} times)")
    print(json.dumps({name: round(statistics.median(values), 3) for name, values in results.items()}))
