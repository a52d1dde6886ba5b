"""What an answerer can learn from while one waits: drawn scenes, or RSVQA's pictures where the host has them.

Knows where pictures and questions come from, block by block, with the features that the frozen backbone sees in them;
does not know how a network learns. Blocks are kept, so that a second run need not draw them again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from dlcore.datasets import aerial_questions, rsvqa
from dlcore.datasets.aerial import ScenesConfig, layout
from dlcore.datasets.aerial_questions import ask
from dlcore.topics.vqa import sets, shipped, vocabulary
from dlcore.topics.vqa.heads import Pairs, padded
from dlcore.topics.vqa.mirrors import Mirror, mirrors

BLOCK = 50  # pictures
NUM_TEST = 60  # drawn scenes of each test
MOST_TEST = 100  # of RSVQA's pictures


@dataclass(frozen=True)
class Material:
    """Questions, and what is needed to read them; `test` gives the two tests, of which the second may be missing."""

    words: tuple[str, ...]
    answers: tuple[str, ...]
    types: tuple[str, ...]
    num_scenes: int
    batch_size: int  # pictures of a step
    block: Callable[[int], Pairs]  # by its number: questions about BLOCK pictures, the last block may have fewer
    tests: Callable[[], tuple[Pairs, Pairs | None]]
    mirrors: tuple[Mirror, ...] = ()  # in which pictures may be seen, too

    @property
    def num_blocks(self) -> int:
        """Of the pictures to learn from."""
        return -(-self.num_scenes // BLOCK)


def drawn(num_scenes: int) -> Material:
    """The first scenes of the training set, and fresh ones of both areas."""
    return Material(
        words=vocabulary.shared().words,
        answers=aerial_questions.ANSWERS,
        types=aerial_questions.TYPES,
        num_scenes=num_scenes,
        batch_size=32,
        block=lambda number: _drawn(sets.TRAIN, 0.0, number * BLOCK, min((number + 1) * BLOCK, num_scenes)),
        tests=lambda: (_drawn(sets.HELD, 0.0, 0, NUM_TEST), _drawn(sets.HELD, sets.OTHER_AREA, 0, NUM_TEST)),
        mirrors=mirrors(),
    )


@lru_cache(maxsize=128)
def _drawn(seed: int, domain: float, first: int, last: int) -> Pairs:
    scenes = ScenesConfig(num=last, seed=seed, domain=domain)
    graphs = [layout(scenes.scene(number)) for number in range(first, last)]
    return sets.pairs(sets.features(shipped.backbone(), graphs), ask(graphs, seed=first))


def published(num_scenes: int) -> Material:
    """RSVQA's pictures: the first of its training split, and of its test split.

    Raises: ValueError: one sentence on what is missing or damaged.
    """
    train, test = _split("train", num_scenes), _split("test", MOST_TEST)
    known = vocabulary.build(train.texts)
    ids = padded([known.encode(text) for text in train.texts])
    return Material(
        words=known.words,
        answers=rsvqa.ANSWERS,
        types=rsvqa.TYPES,
        num_scenes=len(train.images),
        batch_size=8,  # each picture has a hundred questions
        block=lambda number: _published(train, ids, number * BLOCK, (number + 1) * BLOCK),
        tests=lambda: (_published(test, padded([known.encode(text) for text in test.texts]), 0, MOST_TEST), None),
    )


def _split(name: str, num: int) -> rsvqa.Rsvqa:
    return rsvqa.load(name, num)


def _published(split: rsvqa.Rsvqa, ids: Tensor, first: int, last: int) -> Pairs:
    """The questions about some of a split's pictures."""
    rows = (split.scene >= first) & (split.scene < last)
    images = split.images[first:last]
    seen = torch.cat([_seen(number) for number in images])
    scene, query, answer, kind = (values[rows] for values in (split.scene, split.query, split.answer, split.type))
    return Pairs(seen, ids, scene - first, query, answer, kind)


@lru_cache(maxsize=1000)
def _seen(number: int) -> Tensor:
    (pixels,) = rsvqa.pictures([number])
    return shipped.features(torch.from_numpy(np.array(pixels))[None])
