"""The lecture's table: accuracy by type of question on fresh scenes of the training area, and of another area.

Knows what is counted, and that three networks were trained alike; does not know how a network answers. Every frame adds
scenes of both areas.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore import require
from dlcore.datasets.aerial import ScenesConfig
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.fusions import BLIND, FUSIONS
from dlcore.topics.vqa.grading import ROWS, average_of_four, by_type, right
from dlcore.topics.vqa.heads import Pairs, answers
from dlcore.topics.vqa.sets import BATCH, OTHER_AREA, TESTS, batches
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.training import Snapshot

AREAS = ("1", "2")  # the tests: the training area, and another
MOST_SCENES = 1000


@dataclass(frozen=True, kw_only=True)
class TableConfig:
    """Whose answers are counted, and on which scenes.

    num_scenes: of each test. domain: of test 2, where 0 is the training area. seed: of the set of scenes.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    fusion: str = "product"
    num_scenes: int = 200
    domain: float = OTHER_AREA
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("fusion", self.fusion, FUSIONS)
        require.whole("num_scenes", self.num_scenes, BATCH, MOST_SCENES)
        require.number("domain", self.domain, 0, 1)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def counts(self) -> tuple[int, ...]:
        """The scenes of each test that are known at each frame; none in the first."""
        return (*range(0, self.num_scenes, BATCH), self.num_scenes)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)

    def scenes(self, test: str) -> ScenesConfig:
        """The scenes of a test; both have the same plans."""
        domain = self.domain if test == "2" else 0.0
        return ScenesConfig(num=self.num_scenes, seed=TESTS + self.seed, domain=domain)


def frames(config: TableConfig) -> Iterator[Snapshot]:
    """In percent, over the scenes so far, arrays of ROWS for tests 1 and 2.

    accuracy.1, spread.1: mean and standard deviation over SEEDS. blind.1: of the blind networks, mean. majority.1: of
    always giving the answer that was commonest for the type in training. average4.1: the mean over RSVQA's four types.
    pair.<row>: accuracy.1 and accuracy.2 of a row. loss, loss.spread: what test 2 costs, mean and standard deviation.
    """
    marks = {test: Marks(config.fusion) for test in AREAS}
    yield _frame(marks)
    tests = [batches(config.scenes(test), shipped.backbone()) for test in AREAS]
    for parts in zip(*tests, strict=True):
        for test, part in zip(AREAS, parts, strict=True):
            marks[test].add(part)
        yield _frame(marks)


class Marks:
    """Which answers of the networks were right, so far."""

    def __init__(self, fusion: str) -> None:
        self.types = np.empty(0, np.int64)
        self.given = {"network": np.empty((len(SEEDS), 0), bool), "blind": np.empty((len(SEEDS), 0), bool)}
        self.given["majority"] = np.empty((1, 0), bool)
        self.keys = {"network": fusion, "blind": BLIND}

    def add(self, part: Pairs) -> None:
        """Asks all of them about more scenes."""
        found = {
            name: np.stack([right(answers(shipped.answerer(key, seed), part), part.answer) for seed in SEEDS])
            for name, key in self.keys.items()
        }
        found["majority"] = (majority()[part.type.numpy()] == part.answer.numpy())[None]
        self.given = {name: np.concatenate([self.given[name], found[name]], axis=1) for name in self.given}
        self.types = np.concatenate([self.types, part.type.numpy()])

    def rows(self, name: str) -> np.ndarray:
        """Percent right of each network, (networks, ROWS)."""
        return by_type(self.given[name], self.types)


def majority() -> np.ndarray:
    """The answer that was right most often in training, to each of TYPES, as its place in ANSWERS."""
    return np.array([ANSWERS.index(each) for each in shipped.facts(BLIND)["majority"]])


def _frame(marks: dict[str, Marks]) -> Snapshot:
    rows = {test: marks[test].rows("network") for test in AREAS}
    found: Arrays = {"count": np.float32(len(marks["1"].types) + len(marks["2"].types))}
    for test in AREAS:
        found |= {
            f"accuracy.{test}": rows[test].mean(axis=0),
            f"spread.{test}": rows[test].std(axis=0, ddof=1),
            f"blind.{test}": marks[test].rows("blind").mean(axis=0),
            f"majority.{test}": marks[test].rows("majority")[0],
            f"average4.{test}": average_of_four(rows[test].mean(axis=0)),
        }
    lost = rows["1"] - rows["2"]
    found |= {"loss": lost.mean(axis=0), "loss.spread": lost.std(axis=0, ddof=1)}
    pairs = np.stack([rows[test].mean(axis=0) for test in AREAS], axis=1)
    found |= {f"pair.{row}": pair for row, pair in zip(ROWS, pairs, strict=True)}
    return Snapshot({name: np.float32(values) for name, values in found.items()})
