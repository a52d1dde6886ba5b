"""The stages on why attacks work with the runs that they are made for, small: few dimensions, few pictures."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dlcore.figures.adversarial_directions import directions_stage
from dlcore.figures.adversarial_linear import linear_stage
from dlcore.figures.adversarial_plane import plane_stage
from dlcore.figures.stage import Stage
from dlcore.topics.adversarial import directions, linear, plane
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.training import Snapshot


class Made(NamedTuple):
    """A stage, and its run; `unused`: what the run gives for others than the stage."""

    stage: Stage
    run: Callable[[], Iterator[Snapshot]]
    unused: Sequence[str] = ()


def sums() -> Made:
    config = linear.LinearConfig(most_dimension=64, num_draws=5, models=("digits",), num_images=2)
    stage = linear_stage(dimensions=config.dimensions, epsilon=config.epsilon, nets=linear.sizes(config.models))
    edges = [f"net.digits.{measure}.{edge}" for measure in linear.MEASURES for edge in ("low", "high")]
    return Made(stage, lambda: linear.frames(config), ["n", *edges])


def shares() -> Made:
    config = directions.DirectionsConfig(most_dimension=64, num_draws=300, models=("digits",), num_images=2)
    stage = directions_stage(dimensions=config.dimensions, times=config.times, nets=linear.sizes(config.models))
    return Made(stage, lambda: directions.frames(config), ["n", "net.digits.attack.percent"])


def walks(attack: str = "pgd", norm: str = "linf") -> Made:
    config = plane.PlaneConfig(attack=attack, settings=AttackSettings(norm=norm, random_start=False))
    stage = plane_stage(
        ground=plane.ground(config),
        attack=config.attack,
        norm=config.norm,
        epsilons=config.epsilons,
        at=(config.x, config.y),
    )
    unused = ["epsilon", "noise.linf", "noise.l2", *(["least"] if attack != "fgsm" else [])]
    return Made(stage, lambda: plane.frames(config), unused)


EVERY: dict[str, Callable[[], Made]] = {
    "sums": sums,
    "shares": shares,
    "pgd": walks,
    "fgsm": lambda: walks("fgsm"),
    "deepfool": lambda: walks("deepfool"),
    "disc": lambda: walks("pgd", "l2"),
}
