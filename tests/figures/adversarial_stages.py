"""The stages on one attacked picture with the runs that they are made for: a digit, few steps, a coarse slice."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from dlcore.figures.adversarial import sweep_stage
from dlcore.figures.adversarial_boundary import boundary_stage
from dlcore.figures.adversarial_path import path_stage
from dlcore.figures.adversarial_sheet import Case, Delta, Look
from dlcore.figures.stage import Stage
from dlcore.topics.adversarial import boundary, path, sweep
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.pictures import Picture
from dlcore.training import Snapshot

DIGIT = Picture(kind="digit", seed=1)
LOOKED: dict[Delta, set[str]] = {
    "magnified": {"magnified"},
    "true": {"true"},
    "sign": {"sign", "size"},
    "size": {"sign", "size"},
}


class Made(NamedTuple):
    """A stage, and its run; `unused`: what the run gives for others than the stage."""

    stage: Stage
    run: Callable[[], Iterator[Snapshot]]
    unused: Sequence[str] = ()


def victim(norm: str = "linf", **more: Any) -> Victim:
    return Victim(picture=DIGIT, model="digits", settings=AttackSettings(num_steps=4, norm=norm), **more)


def case(attacked: Victim) -> Case:
    logits = attacked.logits()
    return Case(
        picture=attacked.bytes(),
        classes=attacked.classes,
        label=attacked.label,
        goal=attacked.goal,
        truth=attacked.truth,
        chances=logits.softmax(dim=0).numpy(),
        logits=logits.numpy(),
    )


def unseen(delta: Delta, prefix: str = "") -> list[str]:
    """The looks of the perturbation that another choice would show."""
    every = set().union(*LOOKED.values())
    return [f"{prefix}delta.{name}" for name in every - LOOKED[delta]]


def sweeps(attack: str = "pgd", delta: Delta = "magnified", norm: str = "linf") -> Made:
    config = sweep.SweepConfig(victim=victim(norm), attack=attack, most=96 if norm == "linf" else 600, num=12)
    stage = sweep_stage(
        case=case(config.victim), look=Look(delta=delta), epsilons=config.epsilons, attack=attack, norm=norm
    )
    noise = [*unseen(delta, "noise."), *(f"noise.{name}" for name in ("rival", "linf", "l2", "changed"))]
    return Made(stage, lambda: sweep.frames(config), [*unseen(delta), *noise, "epsilon", "changed"])


def paths(attack: str = "pgd", delta: Delta = "magnified", norm: str = "linf") -> Made:
    config = path.PathConfig(victim=victim(norm), attack=attack, epsilon=40 if norm == "linf" else 250, grid=5)
    stage = path_stage(
        case=case(config.victim),
        look=Look(delta=delta),
        epsilon=config.epsilon,
        attack=attack,
        num_steps=4,
        grid=config.grid,
        norm=norm,
    )
    return Made(stage, lambda: path.frames(config), [*unseen(delta), "rival", "changed", "answers"])


def boundaries(delta: Delta = "magnified") -> Made:
    config = boundary.BoundaryConfig(victim=victim(), num_steps=4)
    stage = boundary_stage(case=case(config.victim), look=Look(delta=delta), num_steps=4)
    return Made(stage, lambda: boundary.frames(config), [*unseen(delta), "rival", "changed", "loss"])


EVERY: dict[str, Callable[[], Made]] = {
    "sweep": sweeps,
    "targeted sweep": lambda: sweeps("fgsm_targeted", "size"),
    "sweep in L2": lambda: sweeps("fgsm", "true", "l2"),
    "path": paths,
    "targeted path": lambda: paths("pgd_targeted", "sign"),
    "path in L2": lambda: paths(norm="l2"),
    "boundary": boundaries,
}
