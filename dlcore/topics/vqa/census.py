"""The questions themselves: how often each answer is right, and how far one gets without looking at a picture.

Knows what is counted over more and more scenes; no network is asked. What is commonest is learnt on half of the scenes
so far and tested on the other half, since on a few questions anything can be learnt by heart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore import require
from dlcore.datasets.aerial import ScenesConfig, layout, picture
from dlcore.datasets.aerial_questions import ANSWERS_OF, TYPES, Statistics, choose, queries, statistics, table
from dlcore.topics.images.arrays import Arrays
from dlcore.training import Snapshot

BATCH = 20  # scenes that a frame adds
FEWEST, MOST = 20, 1000  # scenes
MOST_SETS = 2**31


@dataclass(frozen=True, kw_only=True)
class CensusConfig:
    """How many scenes, where they lie, and which set of scenes they are.

    domain: 0 is area A, 1 is area B, and what lies between is a mixture.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num_scenes: int = 200
    domain: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        require.whole("num_scenes", self.num_scenes, FEWEST, MOST)
        require.number("domain", self.domain, 0, 1)
        require.whole("seed", self.seed, 0, MOST_SETS - 1)

    @property
    def counts(self) -> tuple[int, ...]:
        """The scenes that each frame has asked about; none in the first."""
        return (*range(0, self.num_scenes, BATCH), self.num_scenes)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)


def frames(config: CensusConfig) -> Iterator[Snapshot]:
    """In percent, over the scenes so far, and not a number before there are any.

    shares.<type>: of the type's answers, (answers of the type,); majority and by_question: accuracy by type, (types,),
    of always giving the type's commonest answer, and the question's. count: questions. picture: the newest scene.
    """
    scenes = ScenesConfig(num=config.num_scenes, seed=config.seed, domain=config.domain)
    true, newest = np.empty((0, len(queries())), dtype=np.int64), layout(scenes.scene(0))
    for count in config.counts:
        drawn = [layout(scenes.scene(number)) for number in range(len(true), count)]
        true, newest = np.concatenate([true, table(drawn)]), [newest, *drawn][-1]
        yield Snapshot(_counted(true, config.seed) | {"picture": picture(newest, fine=True)})


def _counted(true: np.ndarray, seed: int) -> Arrays:
    if not len(true):
        sizes = {"majority": len(TYPES), "by_question": len(TYPES)}
        sizes |= {f"shares.{kind}": len(ANSWERS_OF[kind]) for kind in TYPES}
        unknown: Arrays = {name: np.full(size, np.nan, np.float32) for name, size in sizes.items()}
        return unknown | {"count": np.float32(0)}
    every, learnt, tested = (choose(rows, seed=seed) for rows in (true, true[::2], true[1::2]))
    found, blind = statistics(every), statistics(tested, learnt)
    counted: Arrays = {f"shares.{kind}": (100 * found.shares[kind]).astype(np.float32) for kind in TYPES}
    return counted | _blind(blind) | {"count": np.float32(len(every.scene))}


def _blind(blind: Statistics) -> Arrays:
    rows = {"majority": blind.majority, "by_question": blind.by_question}
    return {name: np.array([100 * row[kind] for kind in TYPES], dtype=np.float32) for name, row in rows.items()}
