"""The stages on many pictures and on networks beside one another, with the runs that they are made for, on digits."""

from collections.abc import Callable, Sequence
from typing import Any

from dlcore import checkpoints
from dlcore.figures.adversarial_curves import curves_stage
from dlcore.figures.adversarial_fooling import fooling_stage
from dlcore.figures.adversarial_hardening import hardening_stage
from dlcore.figures.adversarial_sheet import Delta, Look
from dlcore.figures.adversarial_transfer import transfer_stage
from dlcore.figures.adversarial_twins import twins_stage
from dlcore.figures.adversarial_universal import universal_stage
from dlcore.topics.adversarial import curves, fooling, hardening, transfer, twins, universal
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.pictures import Picture
from tests.figures.adversarial_stages import DIGIT, Made, case

SETTINGS = AttackSettings(num_steps=2)
SIZE = (8, 8)
DIGITS = tuple(str(digit) for digit in range(10))


def titled(attacks: Sequence[str]) -> dict[str, str]:
    return {name: ATTACKS[name].title for name in attacks}


def networks(keys: Sequence[str]) -> dict[str, str]:
    return {key: "Random noise" if key == transfer.NOISE else checkpoints.MODELS[key].title for key in keys}


def curve(attacks: Sequence[str] = ("noise", "fgsm", "pgd"), **more: Any) -> Made:
    given = {"model": "digits", "epsilons": (0, 26, 51), "epsilon": 26, "num_images": 30, **more}
    config = curves.CurvesConfig(attacks=tuple(attacks), settings=SETTINGS, **given)
    stage = curves_stage(
        attacks=titled(config.attacks),
        epsilons=config.epsilons,
        epsilon=config.epsilon,
        classes=DIGITS,
        counts=config.counts,
        size=SIZE,
    )
    return Made(stage, lambda: curves.frames(config))


def transferred() -> Made:
    config = transfer.TransferConfig(data="digits", epsilon=26, num_images=20, settings=SETTINGS)
    stage = transfer_stage(
        made=networks(config.rows),
        asked=networks(config.columns),
        attack=ATTACKS[config.attack].title,
        epsilon=config.epsilon,
        num_images=config.num_images,
    )
    return Made(stage, lambda: transfer.frames(config))


def everyone(delta: Delta = "magnified", other: str | None = "digits_second") -> Made:
    config = universal.UniversalConfig(model="digits", other=other, num_images=60, num_tests=20, num_epochs=2)
    stage = universal_stage(
        look=Look(delta=delta),
        steps=config.steps,
        size=SIZE,
        epsilon=config.epsilon,
        truths=[DIGITS[label] for label in config.truths()],
        classes=DIGITS,
        other=checkpoints.MODELS[other].title if other else None,
    )
    return Made(stage, lambda: universal.frames(config), ["delta.size"])


def fooled(start: str = "noise") -> Made:
    config = fooling.FoolingConfig(model="digits", start=start, most_steps=5)
    stage = fooling_stage(
        classes=DIGITS, target=config.target, start=start, size=SIZE, num_frames=config.num_frames, confidence=0.99
    )
    return Made(stage, lambda: fooling.frames(config))


def twin(picture: Picture = DIGIT, signed: bool = False, marked: bool = True) -> Made:
    victim = Victim(picture=picture, model="digits", settings=SETTINGS)
    config = twins.TwinsConfig(victim=victim, epsilons=(0, 26, 51), num_images=20)
    stage = twins_stage(
        case=case(victim),
        nets=config.titles,
        attack=config.attack,
        epsilons=config.epsilons,
        trained=config.trained if marked else None,
        counts=config.counts,
        mask=victim.mask(),
        signed=signed,
    )
    unused = [] if victim.mask() is not None else ["inside.plain", "inside.robust"]
    return Made(stage, lambda: twins.frames(config), unused)


def hardened() -> Made:
    config = hardening.HardeningConfig(
        num_steps=1, num_epochs=1, num_train=128, test_epsilons=(0, 30.6, 51), num_test=10
    )
    stage = hardening_stage(
        steps=config.steps, epsilon=config.epsilon, epsilons=config.test_epsilons, nets=hardening.TITLES
    )
    return Made(stage, lambda: hardening.frames(config), ["step"])


EVERY: dict[str, Callable[[], Made]] = {
    "curves": curve,
    "transfer": transferred,
    "universal": everyone,
    "fooling": fooled,
    "twins": twin,
    "hardening": hardened,
}
