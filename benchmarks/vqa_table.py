"""The lesson on visual question answering: the shipped networks on freshly drawn scenes, the whole table in percent.

test1: the training area. test2: another area. blind: networks that read the question only, on test 1. By type of
question, their mean AA, and OA of all questions; means over three networks. Takes the number of scenes of each test,
by default 500, and the seed of their set, by default 90.
"""

import json
import sys

import torch

from dlcore.topics.vqa.grading import ROWS
from dlcore.topics.vqa.table import TableConfig, frames

NUM_SCENES = 500
SEED = 90  # no lesson opens with it


def main(argv: list[str]) -> None:
    """Draw, ask and count."""
    torch.set_num_threads(1)
    num_scenes, seed = (int(given) for given in [*argv, *map(str, (NUM_SCENES, SEED)[len(argv) :])][:2])
    try:
        config = TableConfig(num_scenes=num_scenes, seed=seed)
    except ValueError as error:
        sys.exit(str(error))
    *_, last = frames(config)
    columns = {"test1": "accuracy.1", "test2": "accuracy.2", "blind": "blind.1"}
    print(json.dumps({told: _row(last.arrays[name].tolist()) for told, name in columns.items()}))


def _row(values: list[float]) -> dict[str, float]:
    return {row: round(value, 2) for row, value in zip(ROWS, values, strict=True)}
