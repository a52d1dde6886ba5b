"""Every stage on saliency with the run that it is made for, small: a digit, few samples, few steps."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from dlcore.figures.saliency import maps_stage
from dlcore.figures.saliency_cascade import cascade_stage
from dlcore.figures.saliency_deletion import deletion_stage
from dlcore.figures.saliency_forming import noise_stage, samples_stage
from dlcore.figures.saliency_path import errors_stage, path_stage
from dlcore.figures.saliency_sheet import Display, Explained
from dlcore.figures.saliency_study import study_stage
from dlcore.figures.saliency_training import training_stage
from dlcore.figures.stage import Stage
from dlcore.topics.images.pictures import Picture
from dlcore.topics.saliency import cascade, completeness, deletion, explain, forming, retraining, study
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot

SUBJECT = Subject(picture=Picture(kind="digit", seed=1), model="digits")
UNMASKED = Subject(picture=Picture(kind="grey"), model="digits")
SETTINGS = MethodSettings(num_samples=6, num_steps=8, num_masks=30, window=2, stride=1, num_regions=9)
MEANING = ("signed", "magnitude")


class Made(NamedTuple):
    """A stage, and its run; `unused`: what the run gives for others than the stage."""

    stage: Stage
    run: Callable[[], Iterator[Snapshot]]
    unused: Sequence[str] = ()


def titled(methods: Sequence[str]) -> dict[str, str]:
    return {name: METHODS[name].title for name in methods}


def explained(subject: Subject = SUBJECT) -> Explained:
    target, logits = subject.target(), subject.logits()
    return Explained(
        picture=subject.bytes(),
        classes=subject.classes,
        label=target.label,
        against=target.against,
        truth=1,
        mask=subject.mask(),
        chances=logits.softmax(dim=0).numpy(),
        logits=logits.numpy(),
    )


def along(subject: Subject = SUBJECT) -> np.ndarray:
    """α and F(α) − F(0)."""
    return completeness.profile(completeness.PathConfig(subject=subject, settings=SETTINGS))


def maps(subject: Subject = SUBJECT, display: Display | None = None, **more: Any) -> Made:
    config = explain.MapsConfig(subject=subject, settings=SETTINGS)
    ideas = {name: [method.idea] for name, method in METHODS.items()}
    stage = maps_stage(
        explained=explained(subject),
        display=display or Display(),
        methods=titled(config.methods),
        ideas=ideas,
        **more,
    )
    return Made(stage, lambda: explain.frames(config))


def samples(subject: Subject = SUBJECT, by_chance: float | None = 0.3) -> Made:
    config = forming.SamplesConfig(subject=subject, settings=SETTINGS)
    stage = samples_stage(
        explained=explained(subject), display=Display(), counts=config.counts, noise=0.1, by_chance=by_chance
    )
    return Made(stage, lambda: forming.samples(config))


def noises(subject: Subject = SUBJECT) -> Made:
    config = forming.NoiseConfig(subject=subject, settings=SETTINGS)
    stage = noise_stage(
        explained=explained(subject), display=Display(), sigmas=forming.NOISES, noise=0.1, num_samples=6
    )
    return Made(stage, lambda: forming.noises(config), ["sigma"])


def paths(subject: Subject = SUBJECT) -> Made:
    config = completeness.PathConfig(subject=subject, settings=SETTINGS)
    stage = path_stage(
        explained=explained(subject),
        display=Display(),
        counts=config.counts,
        along=along(subject),
        baseline="grey",
    )
    return Made(stage, lambda: completeness.path(config))


def errors() -> Made:
    config = completeness.ErrorsConfig(subject=SUBJECT, settings=SETTINGS)
    stage = errors_stage(rules=completeness.RULES, steps=completeness.STEPS, num_steps=50)
    return Made(stage, lambda: completeness.errors(config), ["steps"])


def deletions(way: str = "delete") -> Made:
    config = deletion.DeletionConfig(subject=SUBJECT, settings=SETTINGS, way=way, num_steps=8)
    stage = deletion_stage(
        explained=explained(),
        display=Display(),
        methods=titled(config.methods),
        shares=deletion.shares(8).tolist(),
        way=way,
        filling="grey",
    )
    other = "inserted" if way == "delete" else "deleted"
    return Made(stage, lambda: deletion.frames(config), ["share", *(f"{other}_area.{name}" for name in config.names)])


def studies(marked: bool = False) -> Made:
    config = study.StudyConfig(
        settings=MethodSettings(num_samples=2), methods=("gradient", "smoothgrad"), num_images=10, marked=marked
    )
    stage = study_stage(methods=titled(config.methods), counts=config.counts, size=(64, 64), measures=config.measures)
    unused = [f"difference.inserted.{name}.{part}" for name in config.names for part in ("mean", "interval")]
    return Made(stage, lambda: study.frames(config), unused)


def cascades(independent: bool = False) -> Made:
    config = cascade.CascadeConfig(
        subject=SUBJECT, settings=SETTINGS, methods=("gradient", "guided"), independent=independent, num_draws=2
    )
    stage = cascade_stage(
        explained=explained(),
        display=Display(),
        methods=titled(config.methods),
        layers=config.layers(),
        independent=independent,
        num_draws=2,
    )
    return Made(stage, lambda: cascade.frames(config), ["chance"])


def trainings(subject: Subject = SUBJECT) -> Made:
    config = retraining.RetrainingConfig(subject=subject, settings=SETTINGS, num_train=128, num_epochs=1)
    stage = training_stage(
        explained=explained(subject),
        display=Display(),
        methods=titled(retraining.METHODS),
        steps=config.steps,
    )
    return Made(stage, lambda: retraining.frames(config), ["step"])


EVERY: dict[str, Callable[[], Made]] = {
    "maps": maps,
    "samples": samples,
    "noise": noises,
    "path": paths,
    "errors": errors,
    "deletion": deletions,
    "study": studies,
    "cascade": cascades,
    "training": trainings,
}
