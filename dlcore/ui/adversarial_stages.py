"""Which stage each run of the lesson on adversarial examples is shown on, and which generator computes it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dlcore import checkpoints
from dlcore.figures.adversarial import sweep_stage
from dlcore.figures.adversarial_boundary import boundary_stage
from dlcore.figures.adversarial_curves import curves_stage
from dlcore.figures.adversarial_directions import directions_stage
from dlcore.figures.adversarial_fooling import fooling_stage
from dlcore.figures.adversarial_hardening import hardening_stage
from dlcore.figures.adversarial_illusion import illusion_stage
from dlcore.figures.adversarial_linear import linear_stage
from dlcore.figures.adversarial_path import path_stage
from dlcore.figures.adversarial_plane import plane_stage
from dlcore.figures.adversarial_sheet import Case, Look
from dlcore.figures.adversarial_transfer import transfer_stage
from dlcore.figures.adversarial_twins import twins_stage
from dlcore.figures.adversarial_universal import universal_stage
from dlcore.figures.gallery import gallery
from dlcore.figures.stage import Stage
from dlcore.topics.adversarial import (
    boundary,
    curves,
    directions,
    fooling,
    hardening,
    linear,
    path,
    plane,
    sweep,
    transfer,
    twins,
    universal,
)
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.training import Snapshot
from dlcore.ui.adversarial_settings import Config
from dlcore.ui.image_settings import choices

FRAMES: dict[type, Callable[[Any], Iterator[Snapshot]]] = {
    sweep.SweepConfig: sweep.frames,
    path.PathConfig: path.frames,
    boundary.BoundaryConfig: boundary.frames,
    curves.CurvesConfig: curves.frames,
    transfer.TransferConfig: transfer.frames,
    universal.UniversalConfig: universal.frames,
    fooling.FoolingConfig: fooling.frames,
    twins.TwinsConfig: twins.frames,
    hardening.HardeningConfig: hardening.frames,
    linear.LinearConfig: linear.frames,
    directions.DirectionsConfig: directions.frames,
    plane.PlaneConfig: plane.frames,
}


def stage_of(config: Config, look: Look) -> Stage:
    """The stage, made before anything is computed."""
    return STAGES[type(config)](config, look)


def case_of(victim: Victim) -> Case:
    """The picture, and what the network answers to it."""
    logits = victim.logits()
    return Case(
        picture=victim.bytes(),
        classes=victim.classes,
        label=victim.label,
        goal=victim.goal,
        truth=victim.truth,
        chances=np.asarray(logits.softmax(0)),
        logits=np.asarray(logits),
    )


def titles(names: tuple[str, ...]) -> dict[str, str]:
    """The attacks by name."""
    return {name: ATTACKS[name].title for name in names}


def networks(names: tuple[str, ...]) -> dict[str, str]:
    """The networks by name; what is none of them is noise."""
    return {name: checkpoints.MODELS[name].title if name in checkpoints.MODELS else "Noise" for name in names}


def _sweep(config: sweep.SweepConfig, look: Look) -> Stage:
    norm = config.victim.settings.norm
    case = case_of(config.victim)
    stage = sweep_stage(case=case, look=look, epsilons=config.epsilons, attack=config.attack, norm=norm)
    if config.victim.shape[0] == 1:  # digits are chosen by their number
        return stage
    return replace(stage, views=[*stage.views, gallery(choices(config.victim.picture))])


def _path(config: path.PathConfig, look: Look) -> Stage:
    settings = config.victim.settings
    return path_stage(
        case=case_of(config.victim),
        look=look,
        epsilon=config.epsilon,
        attack=config.attack,
        num_steps=settings.num_steps,
        grid=config.grid,
        norm=settings.norm,
    )


def _boundary(config: boundary.BoundaryConfig, look: Look) -> Stage:
    case = case_of(config.victim)
    return boundary_stage(case=case, look=look, num_steps=config.num_steps, overshoot=config.overshoot)


def _curves(config: curves.CurvesConfig, _: Look) -> Stage:
    model = checkpoints.MODELS[config.model]
    return curves_stage(
        attacks=titles(config.attacks),
        epsilons=config.epsilons,
        epsilon=config.epsilon,
        classes=model.classes,
        counts=config.counts,
        size=model.shape[1:],
    )


def _transfer(config: transfer.TransferConfig, _: Look) -> Stage:
    return transfer_stage(
        made=networks(config.rows),
        asked=networks(config.columns),
        attack=ATTACKS[config.attack].title,
        epsilon=config.epsilon,
        num_images=config.num_images,
    )


def _universal(config: universal.UniversalConfig, look: Look) -> Stage:
    model = checkpoints.MODELS[config.model]
    other = None if config.other is None else checkpoints.MODELS[config.other].title
    return universal_stage(
        look=look,
        steps=config.steps,
        size=model.shape[1:],
        epsilon=config.epsilon,
        truths=[model.classes[label] for label in config.truths()],
        classes=model.classes,
        other=other,
        norm=config.settings.norm,
    )


def _fooling(config: fooling.FoolingConfig, _: Look) -> Stage:
    victim = Victim(model=config.model)
    return fooling_stage(
        classes=victim.classes,
        target=config.target,
        start=config.start,
        size=victim.shape[1:],
        num_frames=config.num_frames,
        confidence=config.confidence,
    )


def _twins(config: twins.TwinsConfig, _: Look) -> Stage:
    return twins_stage(
        case=case_of(config.victim),
        nets=config.titles,
        attack=config.attack,
        epsilons=config.epsilons,
        trained=config.trained,
        counts=config.counts,
        mask=config.victim.mask(),
    )


def _hardening(config: hardening.HardeningConfig, _: Look) -> Stage:
    return hardening_stage(
        steps=config.steps, epsilon=config.epsilon, epsilons=config.test_epsilons, nets=hardening.TITLES
    )


def _linear(config: linear.LinearConfig, _: Look) -> Stage:
    return linear_stage(dimensions=config.dimensions, epsilon=config.epsilon, nets=linear.sizes(config.models))


def _directions(config: directions.DirectionsConfig, _: Look) -> Stage:
    return directions_stage(dimensions=config.dimensions, times=config.times, nets=linear.sizes(config.models))


def _plane(config: plane.PlaneConfig, _: Look) -> Stage:
    return plane_stage(
        ground=plane.ground(config),
        attack=config.attack,
        norm=config.norm,
        epsilons=config.epsilons,
        at=(config.x, config.y),
    )


def _illusion(config: IllusionConfig, _: Look) -> Stage:
    return illusion_stage(kind=config.kind, size=config.size)


STAGES: Mapping[type, Callable[[Any, Look], Stage]] = {
    sweep.SweepConfig: _sweep,
    path.PathConfig: _path,
    boundary.BoundaryConfig: _boundary,
    curves.CurvesConfig: _curves,
    transfer.TransferConfig: _transfer,
    universal.UniversalConfig: _universal,
    fooling.FoolingConfig: _fooling,
    twins.TwinsConfig: _twins,
    hardening.HardeningConfig: _hardening,
    linear.LinearConfig: _linear,
    directions.DirectionsConfig: _directions,
    plane.PlaneConfig: _plane,
    IllusionConfig: _illusion,
}
