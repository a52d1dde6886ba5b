"""All fusions on the same fresh scenes: accuracy of each, and how much it differs from the point-wise product.

Knows what is compared: networks trained on the same questions for as many steps, three of each fusion; does not know
what a fusion is. A difference is taken seed by seed. Three seeds leave wide intervals, which is said, not hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore import require
from dlcore.datasets.aerial import ScenesConfig
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.intervals import Interval, of_means
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import right
from dlcore.topics.vqa.heads import answers
from dlcore.topics.vqa.sets import BATCH, TESTS, batches
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.table import MOST_SCENES
from dlcore.training import Snapshot

USUAL = "product"  # with which each is compared


@dataclass(frozen=True, kw_only=True)
class ComparingConfig:
    """The scenes that all are asked about; domain: 0 is the training area. seed: of the set of scenes.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num_scenes: int = 200
    domain: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        require.whole("num_scenes", self.num_scenes, BATCH, MOST_SCENES)
        require.number("domain", self.domain, 0, 1)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def counts(self) -> tuple[int, ...]:
        """The scenes that are known at each frame; none in the first."""
        return (*range(0, self.num_scenes, BATCH), self.num_scenes)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)

    @property
    def scenes(self) -> ScenesConfig:
        """The set of them."""
        return ScenesConfig(num=self.num_scenes, seed=TESTS + self.seed, domain=self.domain)


def frames(config: ComparingConfig) -> Iterator[Snapshot]:
    """Overall accuracy in percent over the scenes so far, in the order of FUSIONS.

    accuracy.<seed>: (fusions,). mean, difference: (fusions,), over SEEDS, the latter to USUAL by seed.
    interval.<key>, difference.interval.<key>: (2,), Student's over SEEDS; of USUAL's difference to itself NaN.
    """
    known = np.empty((len(SEEDS), len(FUSIONS), 0), bool)
    yield _frame(known)
    for part in batches(config.scenes, shipped.backbone()):
        found = [[right(answers(shipped.answerer(key, seed), part), part.answer) for key in FUSIONS] for seed in SEEDS]
        known = np.concatenate([known, np.array(found)], axis=2)
        yield _frame(known)


def _frame(known: np.ndarray) -> Snapshot:
    num = known.shape[2]
    accuracy = 100 * known.mean(axis=2) if num else np.full(known.shape[:2], np.nan)
    usual = tuple(FUSIONS).index(USUAL)
    differences = accuracy - accuracy[:, [usual]]
    found: Arrays = {"count": np.float32(num)}
    found |= {f"accuracy.{seed}": accuracy[seed].astype(np.float32) for seed in SEEDS}
    found |= _told("mean", "interval", of_means(accuracy))
    found |= _told("difference", "difference.interval", of_means(differences))
    found[f"difference.interval.{USUAL}"] = np.full(2, np.nan, np.float32)
    return Snapshot(found)


def _told(mean: str, ends: str, interval: Interval) -> Arrays:
    found: Arrays = {mean: interval.mean.astype(np.float32)}
    for place, key in enumerate(FUSIONS):
        found[f"{ends}.{key}"] = np.array([interval.low[place], interval.high[place]], np.float32)
    return found
