"""One loop that trains small networks, many at once, and what is read from its frames afterwards.

Knows data, networks, losses and update rules; does not know which lesson asks, what is drawn, or who watches. A step
is so small that its overhead is its price: the process that trains should give torch one thread.
"""

from dlcore.training.against_torch import check_against_torch
from dlcore.training.config import TrainConfig
from dlcore.training.edits import Edit, edits_text, read_edits, with_edit
from dlcore.training.frames import Divergence, TrainFrame, sentence
from dlcore.training.grid import Grid, Maps, input_maps, maps
from dlcore.training.loop import in_worker, train
from dlcore.training.masks import mask_rows, masks_seen
from dlcore.training.measures import Metrics, best_so_far, confusion, metrics
from dlcore.training.snapshot import Snapshot, stacked
from dlcore.training.training_mode import logits_in_training_mode

__all__ = [
    "Divergence",
    "Edit",
    "Grid",
    "Maps",
    "Metrics",
    "Snapshot",
    "TrainConfig",
    "TrainFrame",
    "best_so_far",
    "check_against_torch",
    "confusion",
    "edits_text",
    "in_worker",
    "input_maps",
    "logits_in_training_mode",
    "maps",
    "mask_rows",
    "masks_seen",
    "metrics",
    "read_edits",
    "sentence",
    "stacked",
    "train",
    "with_edit",
]
