"""Which stage each run of the lesson on saliency is shown on, and which generator computes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from dlcore.figures.gallery import gallery
from dlcore.figures.saliency import maps_stage
from dlcore.figures.saliency_cascade import cascade_stage
from dlcore.figures.saliency_deletion import deletion_stage
from dlcore.figures.saliency_forming import noise_stage, samples_stage
from dlcore.figures.saliency_path import errors_stage, path_stage
from dlcore.figures.saliency_sheet import Display, Explained
from dlcore.figures.saliency_study import study_stage
from dlcore.figures.saliency_training import training_stage
from dlcore.figures.stage import Stage
from dlcore.topics.images.measures import grown
from dlcore.topics.saliency import cascade, completeness, deletion, explain, forming, retraining, study
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS
from dlcore.training import Snapshot
from dlcore.ui.image_settings import choices
from dlcore.ui.saliency_settings import Config, explained_of

FRAMES: dict[type, Callable[[Any], Iterator[Snapshot]]] = {
    explain.MapsConfig: explain.frames,
    forming.SamplesConfig: forming.samples,
    forming.NoiseConfig: forming.noises,
    completeness.PathConfig: completeness.path,
    completeness.ErrorsConfig: completeness.errors,
    deletion.DeletionConfig: deletion.frames,
    study.StudyConfig: study.frames,
    cascade.CascadeConfig: cascade.frames,
    retraining.RetrainingConfig: retraining.frames,
}
Brush = tuple[str, float] | None


def stage_of(config: Config, display: Display, brush: Brush = None) -> Stage:
    """The stage, made before anything is computed. brush: colour and width in pixels of what paints on the picture."""
    if isinstance(config, study.StudyConfig):
        shape = Subject(model=config.model).shape
        return study_stage(
            methods=titles(config.methods), counts=config.counts, size=shape[1:], measures=config.measures
        )
    if isinstance(config, completeness.ErrorsConfig):
        return errors_stage(rules=completeness.RULES, steps=completeness.STEPS, num_steps=config.settings.num_steps)
    look: dict[str, Any] = {"explained": explained_of(config.subject), "display": display}
    if isinstance(config, explain.MapsConfig):
        ideas = {name: [f"<p>{METHODS[name].idea}</p>", f"<p>{METHODS[name].formula}</p>"] for name in config.methods}
        more: dict[str, Any] = {"brush": brush, "by_chance": share_of(config.subject.mask())}
        stage = maps_stage(**look, methods=titles(config.methods), ideas=ideas, **more)
        return replace(stage, views=[*stage.views, gallery(choices(config.subject.picture))])
    return _over_time(config, look)


def _over_time(config: Config, look: Mapping[str, Any]) -> Stage:
    """The stage of a run whose maps change with the frame."""
    explained: Explained = look["explained"]
    match config:
        case forming.SamplesConfig():
            noise = config.settings.noise
            return samples_stage(**look, counts=config.counts, noise=noise, by_chance=share_of(explained.mask))
        case forming.NoiseConfig(settings=settings):
            chosen = {"noise": settings.noise, "num_samples": settings.num_samples}
            return noise_stage(**look, sigmas=forming.NOISES, **chosen)
        case completeness.PathConfig():
            along = completeness.profile(config)
            return path_stage(**look, counts=config.counts, along=along, baseline=config.settings.baseline)
        case deletion.DeletionConfig():
            shares = deletion.shares(config.num_steps).tolist()
            return deletion_stage(
                **look, methods=titles(config.methods), shares=shares, way=config.way, filling=config.filling
            )
        case cascade.CascadeConfig():
            chosen = {"independent": config.independent, "num_draws": config.num_draws}
            return cascade_stage(**look, methods=titles(config.methods), layers=config.layers(), **chosen)
        case retraining.RetrainingConfig():
            return training_stage(**look, methods=titles(retraining.METHODS), steps=config.steps)
        case _:
            raise AssertionError(config)


def titles(names: Sequence[str]) -> dict[str, str]:
    """The methods by name."""
    return {name: METHODS[name].title for name in names}


def share_of(mask: np.ndarray | None) -> float | None:
    """The share of a map that knows nothing that is on the object, or near it."""
    return None if mask is None else float(grown(torch.from_numpy(mask)).float().mean())
