"""A class opens one link: the same scene, different scenes, and thirty trainings at once, over real websockets.

Usage: class_load [READERS [SECONDS]], by default 100 readers who arrive within 60 seconds. The server's settings are
taken from the environment; DESCENT_WORKER_NICE is 19 unless it is set, as in the image.

open_p95_s: from the wish to connect until the opening scene's picture has come, which 95 of 100 stay below; the slower
of the class that opens the same scene and the one that opens different scenes. A browser draws it afterwards:
drawn_s is the longest that a real Chromium, which opens the scene over and over while the class arrives, took from the
navigation's start to the picture drawn; on one machine with the server, so it takes part of what it measures.
rerun_p95_ms: a slider's move until the script has finished, of eight readers who each have a scene of their own and
move a slider about twice a second, none in step with another, while thirty others train.
errors: pages that showed an error, runs of the script without a picture, connections that were lost.
session_mb: what the server has more in memory with the whole class inside than with its caches filled and nobody
there, by reader; of the class that opens different scenes, when it comes for the second time.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks._browser import WINDOW, Screen, launch, serve
from benchmarks._load import Tally, all_at_once, arriving, memory_mb, read_run, slugs
from benchmarks.page import WAIT_FOR_DRAW

TRAINERS = 30
MOVERS = 8
MOVES = 12
GONE_S = 10  # after which a class that has left trains nothing any more; Streamlit keeps 128 sessions for two minutes
SAME = ("optimizers", "")


def different(count: int) -> list[tuple[str, str]]:
    """Scenes of which no two are equal, from every lesson in turn."""
    names = slugs()
    return [(names[k % len(names)], f"{names[k % len(names)]}.seed={k}") for k in range(count)]


def opened(url: str, scenes: list[tuple[str, str]], seconds: float) -> tuple[Tally, float]:
    """A class arrives and leaves. Returns what it met, and the server's memory for each, in MB."""
    tally = Tally()
    before = memory_mb(url)["server"]
    with arriving(url, scenes, seconds, tally):
        inside = memory_mb(url)["server"]
    return tally, (inside - before) / len(scenes)


@contextmanager
def looking_on(url: str, slug: str) -> Iterator[list[float]]:
    """One real browser after another opens this lesson while the block lasts; seconds until each had drawn."""
    seconds: list[float] = []
    over = threading.Event()

    def look() -> None:
        with launch() as browser:
            while not over.is_set():
                with browser.new_context(viewport=WINDOW) as context:
                    page = Screen(context.new_page(), url).page
                    page.goto(f"{url}/{slug}")
                    seconds.append(page.evaluate(WAIT_FOR_DRAW, 0) / 1000)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def trained(url: str, trainers: int) -> Tally:
    """Some train, each with a seed of their own, while others move sliders."""
    tally = Tally()
    training = [("overfitting", f"overfitting.seed={k}") for k in range(trainers)]
    looking = [("optimizers", f"optimizers.seed={k}") for k in range(MOVERS)]
    with arriving(url, training, 1, tally) as running, arriving(url, looking, 1, tally) as moving:

        def read(session) -> None:
            with tally.timed("run"):
                read_run(url, session)

        def move(session) -> None:
            draw = random.Random(session.query)
            for k in range(MOVES):
                time.sleep(draw.uniform(0.2, 0.8))
                with tally.timed("rerun"):
                    session.rerun(session.move("lr", -1 - k))

        works = [lambda s=session: read(s) for session in running] + [lambda s=session: move(s) for session in moving]
        all_at_once(works)
    return tally


def main(argv: list[str]) -> None:
    """Measure one class after another, on one server."""
    readers = int(argv[0]) if argv else 100
    seconds = float(argv[1]) if len(argv) > 1 else 60.0
    os.environ.setdefault("DESCENT_WORKER_NICE", "19")
    with serve() as url:
        with looking_on(url, SAME[0]) as drawn:
            same, _ = opened(url, [SAME] * readers, seconds)
        other, _ = opened(url, different(readers), seconds)
        time.sleep(GONE_S)
        _, session_mb = opened(url, different(readers), seconds / 3)
        training = trained(url, min(TRAINERS, readers))
    tallies = {"the same scene": same, "different scenes": other, "training": training}
    for name, tally in tallies.items():
        for what, values in tally.seconds.items():
            print(
                f"{name}, {what}: {len(values)} times, 95 % within {tally.p95(what):.2f} s, at most {max(values):.2f} s"
            )
        for error in sorted(set(tally.errors)):
            print(f"{name}, {tally.errors.count(error)} times: {error}")
    figures = {
        "open_p95_s": round(max(same.p95("open"), other.p95("open")), 2),
        "open_same_p95_s": round(same.p95("open"), 2),
        "open_different_p95_s": round(other.p95("open"), 2),
        "drawn_s": round(max(drawn[1:], default=float("nan")), 2),  # the first starts the browser, too
        "rerun_p95_ms": round(1000 * training.p95("rerun"), 1),
        "errors": sum(len(tally.errors) for tally in tallies.values()),
        "session_mb": round(session_mb, 2),
    }
    print(json.dumps(figures))
