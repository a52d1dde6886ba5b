"""Mixed use for half an hour: readers come, open scenes, move sliders, train and leave. Does the memory grow?

Usage: soak [SECONDS [READERS]], by default 1800 seconds and 12 readers at a time.

growth_percent: how much the straight line through the memory of server and workers rises over the last two thirds of
the time, as a share of where it stands after the first third. A short soak mostly sees caches fill.
"""

import json
import random
import threading
import time

from benchmarks._browser import serve
from benchmarks._load import Tally, growth_percent, memory_mb, mixed_use, slugs

SAMPLES = 200


def main(argv: list[str]) -> None:
    """Keep a server busy, and watch its memory."""
    seconds = float(argv[0]) if argv else 1800.0
    readers = int(argv[1]) if len(argv) > 1 else 12
    tally = Tally()
    times, values = [], []
    with serve() as url:
        until = time.monotonic() + seconds
        works = [
            threading.Thread(target=mixed_use, args=(url, slugs(), until, tally, random.Random(k)))
            for k in range(readers)
        ]
        for work in works:
            work.start()
        while time.monotonic() < until:
            time.sleep(seconds / SAMPLES)
            memory = memory_mb(url)
            times.append(time.monotonic())
            values.append(sum(memory.values()))
            if len(values) % (SAMPLES // 10) == 0:
                print(f"{seconds + times[-1] - until:5.0f} s: {memory}", flush=True)
        for work in works:
            work.join()
    for error in sorted(set(tally.errors)):
        print(f"{tally.errors.count(error)} times: {error}")
    figures = {
        "growth_percent": round(growth_percent(times, values), 2),
        "begin_mb": round(values[0]),
        "end_mb": round(values[-1]),
        "visits": len(tally.seconds.get("visit", [])),
        "open_p95_s": round(tally.p95("open"), 2),
        "rerun_p95_ms": round(1000 * tally.p95("rerun"), 1),
        "errors": len(tally.errors),
    }
    print(json.dumps(figures))
