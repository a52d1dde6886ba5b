"""An answerer learns while one watches: loss, and accuracy by type of question in both areas.

Knows which moments are shown; the loop is the one that the shipped networks were trained with. Training begins with the
first block of pictures, and the others come in during its first half, so that the first frame need not wait for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dlcore import require
from dlcore.datasets import rsvqa
from dlcore.datasets.aerial_questions import TYPES
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.vqa.heads import HeadConfig, HeadRun, Pairs, Update, answers, joined
from dlcore.topics.vqa.material import BLOCK, Material, drawn, published
from dlcore.training import Snapshot, sentence

DATA = {"drawn": "Drawn scenes", "rsvqa": "RSVQA"}
TYPES_OF = {"drawn": TYPES, "rsvqa": rsvqa.TYPES}
EVERY = 25  # steps between frames
SMOOTHED = 0.9  # of the loss that was told before is in that which is told


@dataclass(frozen=True, kw_only=True)
class LearningConfig:
    """How an answerer learns, and from what; num_scenes: pictures. dropout: the chance that a number is dropped.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    fusion: str = "product"
    num_scenes: int = 1000
    num_steps: int = 600
    lr: float = 5e-3
    dropout: float = 0.1
    seed: int = 0
    data: str = "drawn"

    def __post_init__(self) -> None:
        _ = self.head  # which refuses what is its own
        require.whole("num_scenes", self.num_scenes, BLOCK, 4000)
        require.whole("num_steps", self.num_steps, EVERY, 3000)
        require.one_of("data", self.data, DATA)

    @property
    def head(self) -> HeadConfig:
        """As the training loop takes it."""
        return HeadConfig(
            fusion=self.fusion, num_steps=self.num_steps, lr=self.lr, dropout=self.dropout, seed=self.seed
        )

    @property
    def types(self) -> tuple[str, ...]:
        """Of the questions."""
        return TYPES_OF[self.data]

    @property
    def steps(self) -> tuple[int, ...]:
        """The updates that are done at each frame."""
        return (*range(0, self.num_steps, EVERY), self.num_steps)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.steps)


def frames(config: LearningConfig) -> Iterator[Snapshot]:
    """Trains, and yields at `config.steps`.

    loss: of the batches, smoothed, in nats; in the first frame that of the untrained network on the first block. In
    percent: train, on the batches since the last frame, while numbers are dropped. accuracy.<type>, overall: on
    pictures that it does not learn from. other.<type>, overall.other: in another area; NaN where there is none. scenes:
    how many pictures are known.
    """
    material = (drawn if config.data == "drawn" else published)(config.num_scenes)
    head = replace(config.head, batch_size=material.batch_size)
    run = HeadRun(head, len(material.words), len(material.answers), material.mirrors)
    known = [material.block(0)]
    pairs, wanted, told = known[0], set(config.steps), _Told(run.first(known[0]))
    tests = material.tests()
    yield _moment(run, told, material, tests, len(pairs.features))
    while run.step < config.num_steps:
        if len(known) < _num_blocks(run.step, config.num_steps, material):
            known.append(material.block(len(known)))
            pairs = joined(known)
        update = run.update(pairs)
        told.add(update)
        if update.step in wanted or update.diverged:
            yield _moment(run, told, material, tests, len(pairs.features))
        if update.diverged:
            return


def _num_blocks(step: int, num_steps: int, material: Material) -> int:
    """How many are known at a step: one at first, all from the middle of the run on."""
    return 1 + min(material.num_blocks - 1, 2 * step * material.num_blocks // num_steps)


class _Told:
    """What the updates said."""

    def __init__(self, first: Update) -> None:
        self.last, self.loss, self.since = first, first.loss, [first.accuracy]

    def add(self, update: Update) -> None:
        """One more."""
        self.last = update
        if not update.diverged:
            self.loss = SMOOTHED * self.loss + (1 - SMOOTHED) * update.loss
            self.since.append(update.accuracy)


def _moment(run: HeadRun, told: _Told, material: Material, tests: tuple[Pairs, Pairs | None], scenes: int) -> Snapshot:
    found: Arrays = {
        "step": np.int32(run.step),
        "loss": np.float32(told.loss),
        "train": np.float32(100 * np.mean(told.since or [np.nan])),
        "scenes": np.float32(scenes),
    }
    told.since = []
    for names, test in zip((("accuracy", "overall"), ("other", "overall.other")), tests, strict=True):
        found |= _measured(run, material.types, test, *names)
    diverged = told.last.diverged
    return Snapshot(found, sentence(diverged, "The network") if diverged else "")


def _measured(run: HeadRun, types: tuple[str, ...], test: Pairs | None, each: str, every: str) -> Arrays:
    if test is None:
        return {name: np.float32(np.nan) for name in (every, *(f"{each}.{kind}" for kind in types))}
    hit = (answers(run.net, test) == test.answer).numpy()
    found: Arrays = {every: np.float32(100 * hit.mean())}
    for place, kind in enumerate(types):
        asked = test.type.numpy() == place
        found[f"{each}.{kind}"] = np.float32(100 * hit[asked].mean() if asked.any() else np.nan)
    return found
