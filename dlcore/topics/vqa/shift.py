"""From the training area to another, step by step: accuracy by type of question at every domain.

Knows which scenes are asked about; does not know what a domain changes in them. At every domain the scenes have the
same plans, and the questions are balanced anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcore import require
from dlcore.datasets.aerial import ScenesConfig
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.intervals import of_shares
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.fusions import BLIND, FUSIONS
from dlcore.topics.vqa.grading import ROWS, by_type, right
from dlcore.topics.vqa.heads import answers
from dlcore.topics.vqa.sets import BATCH, TESTS, batches
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.table import MOST_SCENES
from dlcore.training import Snapshot

MOST_DOMAINS = 11


@dataclass(frozen=True, kw_only=True)
class ShiftConfig:
    """Whose answers are counted, and where; num_scenes: of each domain. seed: of the set of scenes.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    fusion: str = "product"
    num_scenes: int = 60
    domains: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("fusion", self.fusion, FUSIONS)
        require.whole("num_scenes", self.num_scenes, BATCH, MOST_SCENES)
        require.whole("The number of domains", len(self.domains), 1, MOST_DOMAINS)
        for domain in self.domains:
            require.number("domains", domain, 0, 1)
        require.whole("seed", self.seed, 0, 99_999)

    @property
    def counts(self) -> tuple[int, ...]:
        """The scenes of each domain that are known at each frame; none in the first."""
        return (*range(0, self.num_scenes, BATCH), self.num_scenes)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)

    def scenes(self, domain: float) -> ScenesConfig:
        """The scenes at a domain."""
        return ScenesConfig(num=self.num_scenes, seed=TESTS + self.seed, domain=domain)


def frames(config: ShiftConfig) -> Iterator[Snapshot]:
    """In percent, over the scenes so far, for each row of ROWS an array of the domains.

    accuracy.<row>: mean over SEEDS. low.<row>, high.<row>: its Wilson interval, with every question counted once. Of AA
    they are from the types' intervals, which are independent. blind.<row>: of the blind networks.
    """
    known = [_Known() for _ in config.domains]
    yield _frame(known)
    runs = [batches(config.scenes(domain), shipped.backbone()) for domain in config.domains]
    for parts in zip(*runs, strict=True):
        for at, part in zip(known, parts, strict=True):
            for of, key in (("network", config.fusion), ("blind", BLIND)):
                found = np.stack([right(answers(shipped.answerer(key, seed), part), part.answer) for seed in SEEDS])
                at.given[of] = np.concatenate([at.given[of], found], axis=1)
            at.types = np.concatenate([at.types, part.type.numpy()])
        yield _frame(known)


class _Known:
    """What is known at one domain."""

    def __init__(self) -> None:
        self.types = np.empty(0, np.int64)
        self.given = {name: np.empty((len(SEEDS), 0), bool) for name in ("network", "blind")}

    def accuracy(self, name: str) -> np.ndarray:
        """(ROWS,)"""
        return by_type(self.given[name], self.types).mean(axis=0)

    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Both ends, (ROWS,) each, in percent."""
        share = self.given["network"].mean(axis=0)  # of the networks, by question
        edges = [of_shares(share[self.types == place]) for place in range(len(ROWS) - 2)]
        low, high = (np.array([getattr(edge, name) for edge in edges]) for name in ("low", "high"))
        mean = np.array([edge.mean for edge in edges])
        spread = [np.sqrt(((mean - end) ** 2).sum()) / len(mean) for end in (low, high)]
        overall = of_shares(share)
        ends = zip(
            (low, high), (mean.mean() - spread[0], mean.mean() + spread[1]), (overall.low, overall.high), strict=True
        )
        first, last = (100 * np.append(of_types, [average, of_all]) for of_types, average, of_all in ends)
        return first, last


def _frame(known: list[_Known]) -> Snapshot:
    intervals = [at.interval() for at in known]
    columns = {
        "accuracy": [at.accuracy("network") for at in known],
        "low": [low for low, _ in intervals],
        "high": [high for _, high in intervals],
        "blind": [at.accuracy("blind") for at in known],
    }
    found: Arrays = {"count": np.float32(sum(len(at.types) for at in known))}
    for name, values in columns.items():
        for row, over_domains in zip(ROWS, np.stack(values, axis=1), strict=True):
            found[f"{name}.{row}"] = over_domains.astype(np.float32)
    return Snapshot(found)
