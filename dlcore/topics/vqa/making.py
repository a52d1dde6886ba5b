"""All networks of this lesson are made: the backbone first, then an answerer of every fusion and seed.

Knows the order, the settings and the files; does not know how a network learns (`pretraining`, `heads`). A file that
was made by the same settings is kept, so that a run that was ended goes on where it was.
"""

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from dlcore import checkpoints, manifest, require
from dlcore.datasets.aerial import ScenesConfig, layout
from dlcore.datasets.aerial_questions import ANSWERS, TYPES, Questions, QuestionsConfig, graphs, queries
from dlcore.topics.vqa import distance, vocabulary
from dlcore.topics.vqa.fusions import BLIND, FUSIONS
from dlcore.topics.vqa.grading import ROWS, by_type, right
from dlcore.topics.vqa.heads import HeadConfig, HeadRun, Pairs, answers
from dlcore.topics.vqa.mirrors import mirrors
from dlcore.topics.vqa.nets import Answerer, Backbone
from dlcore.topics.vqa.pretraining import PretrainingConfig, Views, learn, view
from dlcore.topics.vqa.sets import HELD, SEEN, TRAIN, features, pairs
from dlcore.topics.vqa.shipped import BACKBONE, DISTANCE, SEEDS, name
from dlcore.training import sentence

DRAWN_AT_ONCE = 100  # scenes
FEATURES = "vqa_features.part"  # of the scenes that heads learn from and are measured on, until all are made
QUESTIONS = ("scene", "query", "answer", "type")  # the parts of a set of them
MOST_BYTES_KEPT = 2**31
LONG = ("recipe", "vocabulary", "answers", "majority", "by_question")  # facts that are in the files alone


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that the files depend on.

    num_scenes: that the heads learn from. num_held: that they are measured on.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    pretraining: PretrainingConfig = field(default_factory=PretrainingConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    num_scenes: int = 8000
    num_held: int = 500

    def __post_init__(self) -> None:
        require.whole("num_scenes", self.num_scenes, 10, 100_000)
        require.whole("num_held", self.num_held, 10, 100_000)

    def with_changes(self, *, num_epochs: int | None, num_images: int | None) -> "Plan":
        """The plan with other numbers: epochs of the backbone, and scenes of both parts; None leaves one as it is.

        Raises: ValueError for a number out of its range.
        """
        plan = self
        if num_epochs is not None:
            plan = replace(plan, pretraining=replace(plan.pretraining, num_epochs=num_epochs))
        if num_images is not None:
            seen = replace(plan.pretraining, num_scenes=num_images)
            plan = replace(plan, pretraining=seen, num_scenes=num_images, num_held=min(plan.num_held, num_images))
        return plan

    def head_of(self, key: str, seed: int) -> HeadConfig:
        """How one answerer learns: all alike but for the fusion and the seed."""
        return replace(self.head, fusion=key, seed=seed)


class Progress(NamedTuple):
    """How far one of the tasks is."""

    task: str
    done: int
    total: int


class Made(NamedTuple):
    """A file, and what it says of itself."""

    path: Path
    facts: dict[str, Any]


def make(plan: Plan, folder: Path) -> Iterator[Progress | Made]:
    """Makes what is missing of the files in this folder, one after the other.

    Raises: ValueError for a run that diverged.
    """
    path = folder / BACKBONE
    if not _kept(path, plan.pretraining):
        yield from _make_backbone(plan.pretraining, path)
    backbone, checksum = Backbone(), manifest.checksum(path)
    checkpoints.fill(backbone, checkpoints.read(path)[1], path.name)
    yield Made(path, checkpoints.read(path)[0])
    path = folder / DISTANCE
    if not _kept(path, checksum):
        yield Progress("usual distances", 0, 1)
        checkpoints.write(path, floats_of(distance.measured(backbone)), {"recipe": repr(checksum)})
    yield Made(path, checkpoints.read(path)[0])
    sets: tuple[Pairs, Pairs] | None = None
    for key in FUSIONS:
        for seed in SEEDS:
            path = folder / name(key, seed)
            recipe = plan.head_of(key, seed), plan.num_scenes, plan.num_held, checksum
            if not _kept(path, recipe):
                if sets is None:  # where all is there nothing is drawn
                    sets = yield from _pairs(plan, backbone, checksum, folder / FEATURES)
                yield from _make_head(recipe[0], *sets, path, repr(recipe))
            yield Made(path, checkpoints.read(path)[0])
    (folder / FEATURES).unlink(missing_ok=True)


def _kept(path: Path, recipe: object) -> bool:
    """Whether the file is there, and was made by the same settings."""
    try:
        return checkpoints.read(path, MOST_BYTES_KEPT)[0].get("recipe") == repr(recipe)
    except ValueError:
        return False


def _make_backbone(config: PretrainingConfig, path: Path) -> Iterator[Progress]:
    began = time.process_time()
    views = yield from _views(config.num_scenes)
    loss = 0.0
    for moment, backbone in learn(views, config):
        yield Progress("backbone", moment.step, moment.num_steps)
        loss = moment.loss if moment.step == 1 else 0.98 * loss + 0.02 * moment.loss
        if moment.step == moment.num_steps:
            facts = {"num_scenes": config.num_scenes, "num_epochs": config.num_epochs, "seed": config.seed}
            measured = {"loss": round(loss, 4), "cpu_seconds": round(time.process_time() - began)}
            checkpoints.write(path, halved(backbone), {"recipe": repr(config), **facts, **measured})


def _views(num: int) -> Generator[Progress, None, Views]:
    """Draws the scenes that the backbone learns from; returns them."""
    scenes, parts = ScenesConfig(num=num, seed=SEEN), []
    for first in range(0, num, DRAWN_AT_ONCE):
        last = min(first + DRAWN_AT_ONCE, num)
        parts.append(view([layout(scenes.scene(number)) for number in range(first, last)]))
        yield Progress("scenes to see", last, num)
    return Views(*(torch.cat(values) for values in zip(*parts, strict=True)))


def _pairs(plan: Plan, backbone: Backbone, checksum: str, path: Path) -> Generator[Progress, None, tuple[Pairs, Pairs]]:
    """The questions that heads learn from and are measured on, from the file where they are kept, or drawn."""
    recipe = plan.num_scenes, plan.num_held, checksum
    sets = {"train": ScenesConfig(num=plan.num_scenes, seed=TRAIN), "held": ScenesConfig(num=plan.num_held, seed=HELD)}
    if not _kept(path, recipe):
        kept: dict[str, Tensor] = {}
        for part, scenes in sets.items():
            seen = yield from _features(scenes, backbone, f"scenes to {part}")
            asked = QuestionsConfig(scenes=scenes, seed=scenes.seed).make()
            kept |= {f"{part}.features": seen}
            kept |= {f"{part}.{name}": getattr(asked, name).contiguous() for name in QUESTIONS}
        checkpoints.write(path, kept, {"recipe": repr(recipe)})
    _, kept = checkpoints.read(path, MOST_BYTES_KEPT)
    train, held = (
        pairs(kept[f"{part}.features"], Questions(queries(), *(kept[f"{part}.{name}"] for name in QUESTIONS)))
        for part in sets
    )
    return train, held


def _features(scenes: ScenesConfig, backbone: Backbone, task: str) -> Generator[Progress, None, Tensor]:
    drawn, parts = graphs(scenes), []
    for first in range(0, scenes.num, DRAWN_AT_ONCE):
        parts.append(features(backbone, drawn[first : first + DRAWN_AT_ONCE]))
        yield Progress(task, min(first + DRAWN_AT_ONCE, scenes.num), scenes.num)
    return torch.cat(parts)


def _make_head(config: HeadConfig, train: Pairs, held: Pairs, path: Path, recipe: str) -> Iterator[Progress]:
    """Trains an answerer, and measures it as it is in the file, in half precision.

    Raises: ValueError for a run that diverged.
    """
    words, began = vocabulary.shared().words, time.process_time()
    run = HeadRun(config, len(words), len(ANSWERS), mirrors())
    while run.step < config.num_steps:
        update = run.update(train)
        if update.diverged:
            raise ValueError(f"{sentence(update.diverged, path.stem)} Lower the rate.")
        yield Progress(path.stem, run.step, config.num_steps)
    told = {
        "fusion": config.fusion,
        "seed": config.seed,
        "num_steps": config.num_steps,
        "num_scenes": len(train.features),
    }
    net = Answerer(config.fusion, len(words), len(ANSWERS))
    checkpoints.fill(net, halved(run.net), path.name)
    measured = {"accuracy": accuracy(net, held), "cpu_seconds": round(time.process_time() - began)}
    facts = {"recipe": recipe, **told, **measured, "vocabulary": words, "answers": ANSWERS}
    if config.fusion == BLIND:
        facts |= commonest(train)
    checkpoints.write(path, halved(run.net), facts)


def accuracy(net: Answerer, held: Pairs) -> dict[str, float]:
    """In percent, by row of the table."""
    rows = by_type(right(answers(net, held), held.answer), held.type.numpy())
    return {row: round(share, 2) for row, share in zip(ROWS, rows.tolist(), strict=True)}


def commonest(train: Pairs) -> dict[str, list[str]]:
    """The answer that was right most often, to each type of TYPES and to each question of the grammar."""
    found = {}
    for told, rows, num in (("majority", train.type, len(TYPES)), ("by_question", train.query, len(train.ids))):
        tally = torch.bincount(rows * len(ANSWERS) + train.answer, minlength=num * len(ANSWERS))
        found[told] = [ANSWERS[place] for place in tally.view(num, -1).argmax(dim=1).tolist()]
    return found


def floats_of(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors in single precision."""
    return {name: value.float().contiguous() for name, value in tensors.items()}


def halved(net: nn.Module) -> Mapping[str, Tensor]:
    """The numbers of a network in half precision."""
    values = net.state_dict().items()
    return {name: (value.half() if value.is_floating_point() else value).contiguous() for name, value in values}
