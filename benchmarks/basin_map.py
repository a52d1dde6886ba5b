"""Which minimum 10,000 starts reach in 200 steps, one optimizer at a time.

Usage: basin_map [SURFACE [OPTIMIZER ...]], by default himmelblau and every optimizer; "seconds" is momentum's, or the
first one's that is named.
"""

import json
import statistics
import time

import torch

from dlcore.topics.basins import BasinConfig, basin_map
from dlcore.topics.optimizers import OPTIMIZERS

REPEATS = 5


def measure(surface: str, optimizer: str) -> float:
    """Median seconds for one map of 100 x 100 starts and 200 steps."""
    config = BasinConfig(surface=surface, optimizer=optimizer, size=100, num_steps=200)
    arrived = (basin_map(config).index >= 0).mean()
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        basin_map(config)
        seconds.append(time.perf_counter() - begin)
    median = statistics.median(seconds)
    print(f"{surface}, {optimizer}: {median:.3f} s, {arrived:.0%} of the starts arrive")
    return median


def main(argv: list[str]) -> None:
    """Measure the optimizers named."""
    torch.set_num_threads(1)
    surface = argv[0] if argv else "himmelblau"
    chosen = argv[1:] or ["momentum", *(name for name in OPTIMIZERS if name != "momentum")]
    basin_map(BasinConfig(surface=surface, size=10, num_steps=10))  # warm-up
    seconds = {name: measure(surface, name) for name in chosen}
    print(json.dumps({"seconds": round(seconds[chosen[0]], 4), "slowest": round(max(seconds.values()), 4)}))
