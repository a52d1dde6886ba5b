"""Many readers at once, without browsers: each a websocket session of its own. Measures and asserts nothing itself."""

import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from benchmarks._browser import ROOT
from benchmarks._session import Session, visit

#: Lessons with a slider whose every move makes another picture.
SLIDERS = {"optimizers": "lr", "backprop": "lr", "dropout": "p"}


def slugs() -> list[str]:
    """Every lesson, by its file: nothing of it is imported here."""
    return [path.stem for path in sorted((ROOT / "pages").glob("*/[!_]*.py"))]


@dataclass
class Tally:
    """What many readers met: seconds by what they did, and the sentences of what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Notes how long the block takes; what fails in it is an error of this reader, and ends no other one."""
        begin = time.perf_counter()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            with self.lock:
                self.errors.append(f"{what}: {type(error).__name__}: {error}")
            return
        with self.lock:
            self.seconds.setdefault(what, []).append(time.perf_counter() - begin)

    def p95(self, what: str) -> float:
        """What 95 of 100 stayed below, in seconds; NaN where nobody got so far."""
        return percentile(self.seconds.get(what, []), 0.95)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def open_scene(session: Session) -> None:
    """Opens the session's scene. Raises: RuntimeError where the page shows an error, or no picture."""
    session.rerun()
    if session.complaints:
        raise RuntimeError("; ".join(session.complaints))


def read_run(url: str, session: Session) -> int:
    """Reads the frames of the session's run to its end; gives their bytes."""
    with urlopen(f"{url}/{session.settings['stream']}", timeout=600) as answer:
        return len(answer.read())


@contextmanager
def arriving(url: str, scenes: Sequence[tuple[str, str]], seconds: float, tally: Tally) -> Iterator[list[Session]]:
    """Readers of these scenes (slug, query), who arrive one after another within this time and stay for the block."""
    with ExitStack() as stack, ThreadPoolExecutor(len(scenes)) as pool:
        sessions: list[Session] = []

        def come(k: int, slug: str, query: str) -> None:
            time.sleep(seconds * k / len(scenes))
            with tally.timed("open"):
                session = stack.enter_context(visit(url, slug, query))
                open_scene(session)
                sessions.append(session)

        wait([pool.submit(come, k, *scene) for k, scene in enumerate(scenes)])
        yield sessions


def all_at_once(works: Sequence[Callable[[], object]]) -> None:
    """Each in a thread of its own, until all are done."""
    with ThreadPoolExecutor(len(works)) as pool:
        wait([pool.submit(work) for work in works])


def server_of(url: str) -> int:
    """The process that serves this address. Raises: RuntimeError where there is none."""
    port = f"--server.port={url.rpartition(':')[2]}"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if port in path.read_text().split("\0"):
            return int(path.parent.name)
    raise RuntimeError(f"No process serves {url}.")


def memory_mb(url: str) -> dict[str, float]:
    """MB of the server and of its workers, as it says itself on this machine."""
    with urlopen(f"{url}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    parts = [line.removeprefix("descent_memory_bytes") for line in lines if line.startswith("descent_memory_bytes{")]
    return {part.split('"')[1]: float(part.split()[1]) / 1e6 for part in parts}


def growth_percent(times: Sequence[float], values: Sequence[float]) -> float:
    """How much the straight line through the last two thirds rises, as a share of where it begins there."""
    first = times[0] + (times[-1] - times[0]) / 3
    late = [(t, v) for t, v in zip(times, values, strict=True) if t >= first]
    slope, base = statistics.linear_regression(*zip(*late, strict=True))
    begin, end = base + slope * late[0][0], base + slope * late[-1][0]
    return 100 * (end - begin) / begin


def mixed_use(url: str, lessons: Sequence[str], until: float, tally: Tally, draw: random.Random) -> None:
    """One reader after another: opens a scene, moves a slider, trains, looks elsewhere, closes the tab."""
    while time.monotonic() < until:
        slug = draw.choice(lessons)
        query = f"{slug}.seed={draw.randrange(50)}" if draw.random() < 0.5 else ""
        with tally.timed("visit"), visit(url, slug, query) as session:
            with tally.timed("open"):
                open_scene(session)
            for k in range(draw.randrange(4)):
                if slug in SLIDERS:
                    with tally.timed("rerun"):
                        session.rerun(session.move(SLIDERS[slug], -1 - k))
                time.sleep(draw.uniform(0.2, 1.5))
            if "stream" in session.settings and draw.random() < 0.5:
                with tally.timed("run"):
                    read_run(url, session)
