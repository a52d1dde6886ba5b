"""One loop that trains small networks, many at once, and what is read from its frames afterwards.

Knows data, networks, losses and update rules; does not know which lesson asks, what is drawn, or who watches. A step
is so small that its overhead is its price: the process that trains should give torch one thread.
"""

from dlcore.training.config import TrainConfig
from dlcore.training.frames import Divergence, TrainFrame
from dlcore.training.grid import Grid, Maps, maps
from dlcore.training.loop import train
from dlcore.training.measures import Metrics, confusion, metrics
from dlcore.training.snapshot import Snapshot

__all__ = [
    "Divergence",
    "Grid",
    "Maps",
    "Metrics",
    "Snapshot",
    "TrainConfig",
    "TrainFrame",
    "confusion",
    "maps",
    "metrics",
    "train",
]
