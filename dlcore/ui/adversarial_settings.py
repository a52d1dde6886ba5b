"""What the controls of the lesson on adversarial examples mean: the picture, the attack, and the run of each view."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlcore import checkpoints
from dlcore.topics.adversarial.boundary import BoundaryConfig
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.curves import EPSILONS, CurvesConfig
from dlcore.topics.adversarial.directions import DirectionsConfig
from dlcore.topics.adversarial.fooling import FoolingConfig
from dlcore.topics.adversarial.hardening import HardeningConfig
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.topics.adversarial.linear import LinearConfig
from dlcore.topics.adversarial.path import PathConfig
from dlcore.topics.adversarial.plane import PlaneConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.adversarial.transfer import TransferConfig
from dlcore.topics.adversarial.twins import TwinsConfig
from dlcore.topics.adversarial.universal import UniversalConfig
from dlcore.ui.adversarial_rail import shown
from dlcore.ui.image_settings import picture_of

Pictured = SweepConfig | PathConfig | BoundaryConfig | TwinsConfig
Counted = CurvesConfig | TransferConfig | UniversalConfig | FoolingConfig | HardeningConfig
Config = Pictured | Counted | LinearConfig | DirectionsConfig | PlaneConfig | IllusionConfig
NUM_SETS = 100_000
#: The stages of one picture whose attack may be aimed at a class.
AIMING = ("sweep", "path")
#: What is to be seen in noise while no class is aimed at; of a network that does not know it, the first class.
SEEN_IN_NOISE = "boat"
#: The network that a perturbation for all is tried on, too.
SECOND = {"noiseless": "plain", "plain": "residual", "residual": "plain", "shortcut": "plain", "robust": "plain"}
SECOND |= {"digits": "digits_second", "digits_second": "digits", "digits_robust": "digits"}
#: The radii of the curves in L₂; those in L∞ belong to the pictures (`curves.EPSILONS`).
CURVE_L2 = (0.0, 32.0, 64.0, 128.0, 255.0, 383.0, 510.0, 765.0)


def settings_of(values: Mapping[str, Any]) -> AttackSettings:
    """How the attack works."""
    chosen = {name: values[name] for name in ("norm", "num_steps", "step_share", "random_start")}
    return AttackSettings(**chosen, seed=values["noise_seed"])


def victim_of(values: Mapping[str, Any]) -> Victim:
    """The picture, the network, and the class that is aimed at; the class that is to be lost is no aim."""
    victim = Victim(picture=picture_of(values), model=values["model"], settings=settings_of(values))
    aim = number_of(victim.classes, values["aim"])
    if aim is None or aim == victim.label:
        return victim
    return replace(victim, target=aim)


def number_of(classes: tuple[str, ...], name: str) -> int | None:
    """The number of a class of this name; None for "", and for a name that the network does not know."""
    return classes.index(name) if name in classes else None


def what_is_ignored(values: Mapping[str, Any]) -> list[str]:
    """A sentence where the class that is aimed at cannot be, or no attack of the view that is looked at has an aim."""
    stage, aim = shown(values), values["aim"]
    if not aim:
        return []
    if number_of(Victim(model=values["model"]).classes, aim) is None:
        return [f"“{aim[:30]}” is no class of this network: nothing is aimed at."]
    if stage == "boundary":
        return ["DeepFool goes to the nearest border, whichever it is: nothing is aimed at."]
    if stage in AIMING and victim_of(values).target is None:
        return [f"{aim} is what the attack is to lose: click another class to aim at it."]
    return []


def attack_of(values: Mapping[str, Any], method: str, victim: Victim) -> str:
    """The attack's key: the targeted one where a class is aimed at."""
    return method if victim.target is None else f"{method}_targeted"


def epsilon_of(values: Mapping[str, Any]) -> float:
    """The radius in the chosen norm."""
    return values["epsilon_l2"] if values["norm"] == "l2" else values["epsilon"]


def config_of(values: Mapping[str, Any]) -> Config:
    """The run of the view that is looked at. Raises: ValueError, one sentence, for what cannot be."""
    stage = shown(values)
    if stage in PICTURED:
        return PICTURED[stage](values, victim_of(values))
    return OTHERS[stage](values)


def _sweep(values: Mapping[str, Any], victim: Victim) -> SweepConfig:
    most = values["most_l2"] if values["norm"] == "l2" else values["most"]
    return SweepConfig(victim=victim, attack=attack_of(values, values["method"], victim), most=most)


def _path(values: Mapping[str, Any], victim: Victim) -> PathConfig:
    return PathConfig(victim=victim, attack=attack_of(values, "pgd", victim), epsilon=epsilon_of(values))


def _boundary(_: Mapping[str, Any], victim: Victim) -> BoundaryConfig:
    return BoundaryConfig(victim=replace(victim, target=None))


def _twins(values: Mapping[str, Any], victim: Victim) -> TwinsConfig:
    data = data_of(values["model"])
    looked_at = replace(victim, target=None, settings=replace(victim.settings, norm="linf"))
    return TwinsConfig(
        victim=looked_at,
        attack=values["method"],
        epsilons=EPSILONS[data],
        num_images=values["num_images"],
        seed=values["seed"] % NUM_SETS,
    )


def data_of(model: str) -> str:
    """What a network looks at. Raises: ValueError for one of photographs, of which there is no set here."""
    if model not in checkpoints.MODELS:
        raise ValueError("Many pictures are at hand of drawn objects and of digits: choose a network for them.")
    return checkpoints.MODELS[model].data


def _curves(values: Mapping[str, Any]) -> CurvesConfig:
    euclidean = values["norm"] == "l2"
    epsilons = CURVE_L2 if euclidean else EPSILONS[data_of(values["model"])]
    wanted = epsilon_of(values)
    return CurvesConfig(
        model=values["model"],
        attacks=values["attacks"],
        epsilons=epsilons,
        epsilon=min(epsilons, key=lambda epsilon: abs(epsilon - wanted)),
        num_images=values["num_images"],
        settings=settings_of(values),
        seed=values["seed"] % NUM_SETS,
    )


def _transfer(values: Mapping[str, Any]) -> TransferConfig:
    return TransferConfig(
        data=data_of(values["model"]),
        attack=values["method"],
        epsilon=epsilon_of(values),
        num_images=values["num_images"],
        settings=settings_of(values),
        seed=values["seed"] % NUM_SETS,
    )


def _universal(values: Mapping[str, Any]) -> UniversalConfig:
    data_of(values["model"])
    return UniversalConfig(
        model=values["model"],
        other=SECOND[values["model"]],
        num_images=values["num_images"],
        epsilon=values["epsilon"],
        seed=values["seed"] % NUM_SETS,
    )


def _fooling(values: Mapping[str, Any]) -> FoolingConfig:
    classes = Victim(model=values["model"]).classes
    wanted = [number_of(classes, name) for name in (values["aim"], SEEN_IN_NOISE)]
    return FoolingConfig(
        model=values["model"],
        target=next((number for number in wanted if number is not None), 0),
        start=values["start"],
        smoothing=values["smoothing"],
        seed=values["seed"] % NUM_SETS,
    )


def _hardening(values: Mapping[str, Any]) -> HardeningConfig:
    return HardeningConfig(
        epsilon=values["fit_epsilon"],
        num_steps=values["fit_steps"],
        num_epochs=values["num_epochs"],
        seed=values["seed"] % NUM_SETS,
    )


def _linear(values: Mapping[str, Any]) -> LinearConfig:
    return LinearConfig(epsilon=values["epsilon"], seed=values["seed"] % NUM_SETS)


def _directions(values: Mapping[str, Any]) -> DirectionsConfig:
    return DirectionsConfig(times=values["times"], seed=values["seed"] % NUM_SETS)


def _plane(values: Mapping[str, Any]) -> PlaneConfig:
    return PlaneConfig(
        data=values["plane_data"],
        model=values["plane_model"],
        x=values["x"],
        y=values["y"],
        epsilon=values["plane_epsilon"],
        attack=values["plane_attack"],
        seed=values["seed"] % NUM_SETS,
    )


def _illusion(values: Mapping[str, Any]) -> IllusionConfig:
    return IllusionConfig(kind=values["illusion_kind"])


PICTURED = {"sweep": _sweep, "path": _path, "boundary": _boundary, "twins": _twins}
OTHERS = {
    "curves": _curves,
    "transfer": _transfer,
    "universal": _universal,
    "fooling": _fooling,
    "hardening": _hardening,
    "linear": _linear,
    "directions": _directions,
    "plane": _plane,
    "illusion": _illusion,
}


def classes_of(config: Config) -> tuple[str, ...]:
    """The classes of the network that a run is about; () where there is none."""
    match config:
        case SweepConfig() | PathConfig() | BoundaryConfig() | TwinsConfig():
            return config.victim.classes
        case FoolingConfig():
            return Victim(model=config.model).classes
        case _:
            return ()
