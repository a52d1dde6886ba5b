"""Which drawn scenes are whose, and questions about them with the features of their pictures.

Knows that no two sets share a scene; does not know how a network learns or answers.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from dlcore.datasets.aerial import Graph, ScenesConfig, picture
from dlcore.datasets.aerial_questions import Questions, QuestionsConfig, graphs, queries
from dlcore.topics.vqa import vocabulary
from dlcore.topics.vqa.heads import Pairs, padded
from dlcore.topics.vqa.nets import CELLS, CHANNELS, Backbone, floats

# Seeds of sets of scenes.
TRAIN = 0  # questions are learnt about these
HELD = 1  # accuracies in the files are measured on these
SEEN = 2  # the backbone learns from these
TESTS = 10  # and all after it: fresh scenes
OTHER_AREA = 0.75  # the domain of the second test set
BATCH = 20  # scenes that are drawn at a time


@cache
def all_ids() -> Tensor:
    """The words of all questions of the grammar: (queries, words), int64."""
    known = vocabulary.shared()
    return padded([known.encode(query.text) for query in queries()])


def features(backbone: Backbone, scenes: Sequence[Graph]) -> Tensor:
    """Draws scenes and looks at them, BATCH at a time: (scenes, CHANNELS, CELLS, CELLS)."""
    seen = torch.empty(len(scenes), CHANNELS, CELLS, CELLS)
    with torch.no_grad():
        for first in range(0, len(scenes), BATCH):
            drawn = np.stack([picture(scene) for scene in scenes[first : first + BATCH]])
            seen[first : first + BATCH] = backbone(floats(torch.from_numpy(drawn)))
    return seen


def pairs(seen: Tensor, asked: Questions) -> Pairs:
    """Questions about pictures whose features are known."""
    return Pairs(seen, all_ids(), asked.scene, asked.query, asked.answer, asked.type)


def batches(scenes: ScenesConfig, backbone: Backbone) -> Iterator[Pairs]:
    """The questions about a set of scenes, balanced over all of them, BATCH scenes at a time."""
    asked, drawn = QuestionsConfig(scenes=scenes, seed=scenes.seed).make(), graphs(scenes)
    for first in range(0, scenes.num, BATCH):
        part = drawn[first : first + BATCH]
        rows = (asked.scene >= first) & (asked.scene < first + BATCH)
        scene, *rest = (values[rows] for values in asked[1:])
        yield pairs(features(backbone, part), Questions(asked.queries, scene - first, *rest))
