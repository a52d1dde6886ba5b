"""A training as a reader sees it: pictures a second while it is computed, Stop, and what the server has to do for it.

updates_per_s: frames of the run drawn a second in the real browser, from its first frame until it is whole, while the
player plays; frames_per_s: what the browser itself draws meanwhile, at most 60. stop_ms: from the click on Stop until
the run has ended in the browser, median. first_frame_ms: from the click on "New seed", which begins another run, until
its first frame is drawn. server_cpu_percent: of one core, by the server without its workers, while a run is computed.
"""

import json
import os
import statistics
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks._browser import WINDOW, Screen, launch, serve, wait
from benchmarks._load import server_of

LESSON = "overfitting"
LONG = f"{LESSON}?{LESSON}.num_steps=5000"
STOPS = 5
RUNS = 3

# Watches the run that begins next: when frames come, when they are drawn, how often the browser draws.
WATCH = """() => {
  const { player } = window.__descent;
  const seen = (window.seen = { begin: performance.now(), first: null, last: null, drawn: 0, frames: 0, ended: null });
  const { stream } = player.feed;
  let shown = -1;
  const look = (now) => {
    if (player.feed.stream !== stream && player.feed.ready) {
      seen.first ??= now;
      if (!seen.ended) {
        seen.frames += 1;
        seen.drawn += player.k !== shown;
        seen.last = now;
      }
      if (player.feed.ended) seen.ended ??= now;
    }
    shown = player.k;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
STOP = """() => new Promise((done) => {
  const { player } = window.__descent;
  const begin = performance.now();
  const look = () => (player.feed.ended ? done(performance.now() - begin) : setTimeout(look, 2));
  document.querySelector(".dp-bar [data-do=stop]").click();
  look();
})"""


def new_run(screen: Screen) -> None:
    """Begins the same training with another seed."""
    screen.control("new-seed", LESSON).get_by_role("button").click()


def watched(screen: Screen, server: int) -> dict[str, float]:
    """One run from its first frame to its last."""
    screen.page.evaluate(WATCH)
    used, begin = cpu_seconds(server), time.monotonic()
    new_run(screen)
    wait(screen.page, "window.seen.ended", milliseconds=120_000)
    share = (cpu_seconds(server) - used) / (time.monotonic() - begin)
    seen = screen.page.evaluate("window.seen")
    seconds = (seen["last"] - seen["first"]) / 1000
    return {
        "updates_per_s": seen["drawn"] / seconds,
        "frames_per_s": seen["frames"] / seconds,
        "first_frame_ms": seen["first"] - seen["begin"],
        "server_cpu_percent": 100 * share,
    }


def stopped(page: Page, screen: Screen) -> float:
    """Milliseconds from the click on Stop to the end of a run that was under way."""
    new_run(screen)
    wait(page, "(({ feed }) => !feed.ended && feed.ready > 3)(window.__descent.player)")
    return page.evaluate(STOP)


def cpu_seconds(process: int) -> float:
    """What this process has used of the processor, without the processes that it started."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(argv: list[str]) -> None:
    """Measure the lesson on overfitting while it trains."""
    with serve() as url, launch() as browser, browser.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(LESSON)
        screen.until("player.feed.ended")
        runs = [watched(screen, server_of(url)) for _ in range(RUNS)]
        screen.lesson(LONG)
        stops = [stopped(screen.page, screen) for _ in range(STOPS)]
    figures = {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}
    figures["stop_ms"] = round(statistics.median(stops), 1)
    print(f"{RUNS} runs watched, {STOPS} stopped (slowest {max(stops):.0f} ms)")
    print(json.dumps(figures))
