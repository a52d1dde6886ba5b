"""The control rail of the lesson on adversarial examples: the picture, the network, the attack, and each view's own."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.figures.adversarial_sheet import DELTAS
from dlcore.topics.adversarial import illusion, plane
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.ui import image_rail, seeds
from dlcore.ui.controls import Controls

SETTINGS = AttackSettings()
VIEWS = {
    "attack": "One picture",
    "many": "Many pictures",
    "universal": "One for all",
    "fooling": "From noise",
    "defence": "Defence",
    "why": "Why",
}
SUBVIEWS: dict[str, dict[str, str]] = {
    "attack": {"sweep": "grow ε", "path": "PGD step by step", "boundary": "nearest border"},
    "many": {"curves": "accuracy", "transfer": "transfer"},
    "defence": {"twins": "side by side", "hardening": "train one"},
    "why": {"linear": "many inputs", "directions": "directions", "plane": "in the plane", "illusion": "your eyes"},
}
GROUPS = {"picture": "picture", "attack": "attack"}
METHODS = {"fgsm": "FGSM", "pgd": "PGD"}
NORMS = {"linf": "L∞", "l2": "L₂"}
STARTS = {"noise": "noise", "grey": "grey"}
#: Radii in levels of a pixel. What fools at 64 × 64 pixels and at 8 × 8 differs by a factor of ten.
EPSILONS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 20.0, 26.0, 31.0, 38.0, 51.0, 64.0, 77.0, 96.0)
EPSILONS_L2 = (16.0, 32.0, 64.0, 128.0, 255.0, 383.0, 510.0, 765.0, 1020.0, 2040.0)
RANGES = (4.0, 8.0, 16.0, 32.0, 64.0, 96.0, 128.0)
RANGES_L2 = (64.0, 128.0, 255.0, 510.0, 1020.0, 2040.0, 4080.0)
#: What suits pictures of drawn objects, and digits.
FITTING = {False: {"epsilon": 4.0, "most": 16.0}, True: {"epsilon": 26.0, "most": 96.0}}
FITTING_L2 = {"epsilon_l2": 128.0, "most_l2": 510.0}
ONE_FOR_ALL = {"model": "digits", "kind": "digit", **FITTING[True], "epsilon": 64.0}
#: What there is to do where no scene is shown.
FREE = {
    "sweep": "Drag ε below the picture. Click a class to aim at it, and again to aim at none.",
    "path": "Play: each step asks for the gradient anew. Click a class to aim at it.",
    "boundary": "Play: straight to the nearest border, again and again.",
    "curves": "Play: picture after picture is attacked. How wide is the band after the last one?",
    "transfer": "Play: pictures that fool one network are shown to the others.",
    "universal": "Play: one perturbation is learnt on some pictures, and tried on others.",
    "fooling": "Play: nothing becomes something, for the network. Click a class to ask for it.",
    "twins": "Play: two networks, one attack. Where does the defended one fail?",
    "hardening": "Play: two networks learn, one of them from attacked pictures.",
    "linear": "Play: ever more inputs, each changed by ε. Compare aimed with random.",
    "directions": "Play: ever more dimensions. How many random directions still cross?",
    "plane": "Click anywhere: a picture of two pixels, attacked. Then play.",
    "illusion": "Which square is darker, A or B? Decide, then play.",
}
#: The side view with which a stage opens.
FIRST_TABS = {
    "sweep": "chance",
    "path": "slice",
    "boundary": "distances",
    "curves": "numbers",
    "transfer": "accuracy",
    "universal": "lost",
    "fooling": "chance",
    "twins": "maps",
    "hardening": "radii",
    "linear": "sums",
    "directions": "shares",
    "plane": "chance",
    "illusion": "levels",
}
#: Every side view of every stage; where a stage has not the one that was read last, its first is shown.
TABS = {
    key: key
    for key in (
        *("chance", "loss", "noise.classes", "pictures", "slice", "classes", "distances", "length"),
        *("numbers", *(f"flow.{name}" for name in ATTACKS), "accuracy", "low", "high", "lost"),
        *("maps", "aligned", "difference", "radii", "sums", "shares", "networks", "levels"),
    )
}
DEFAULTS: dict[str, Any] = {
    "view": "attack",
    **{view: next(iter(parts)) for view, parts in SUBVIEWS.items()},
    "group": "picture",
    "model": "noiseless",
    **image_rail.DEFAULTS,
    "method": "pgd",
    "norm": SETTINGS.norm,
    **FITTING[False],
    **FITTING_L2,
    "num_steps": SETTINGS.num_steps,
    "step_share": SETTINGS.step_share,
    "random_start": SETTINGS.random_start,
    "noise_seed": SETTINGS.seed,
    "aim": "",
    "delta": "magnified",
    "attacks": ("noise", "fgsm", "pgd"),
    "num_images": 200,
    "start": "noise",
    "smoothing": 0.0,
    "fit_epsilon": 31.0,
    "fit_steps": 4,
    "num_epochs": 10,
    "times": 2.0,
    "plane_data": "moons",
    "plane_model": "net",
    "plane_attack": "pgd",
    "plane_epsilon": 32.0,
    "x": 104.0,
    "y": 168.0,
    "illusion_kind": "shadow",
    "seed": image_rail.PICTURE.seed,
    "step": 0,
    "tab": "chance",
    "selected": "",
    "below": "Why it happens",
}
#: Views and what of the rail matters to each, beside the seed.
PICTURED = ("sweep", "path", "boundary", "twins")
ATTACKED = ("sweep", "path", "transfer", "curves", "twins")
NORMED = ("sweep", "path", "transfer", "curves")
ONE_RADIUS = ("path", "transfer", "curves", "universal", "linear")
WITHOUT_NETWORK = ("hardening", "linear", "directions", "plane", "illusion")
DELTA_SHOWN = ("sweep", "path", "boundary", "universal")


def shown(values: Mapping[str, Any]) -> str:
    """The key of the stage that is looked at."""
    return values.get(values["view"], values["view"])


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view; most are not seen.
    """
    values: dict[str, Any] = {}
    again: dict[str, Any] = {"label_visibility": "collapsed"}
    with views:
        view = values["view"] = c.segmented("view", "View", VIEWS, on_change=_another_view, args=(c,), **again)
        for name, parts in SUBVIEWS.items():
            with c.part(f"the-{name}-views", view == name, width="content"):
                values[name] = c.segmented(name, VIEWS[name], parts, on_change=_another_view, args=(c,), **again)
    stage = shown(values)
    with c.part("the-groups", stage in PICTURED):
        group = c.segmented("group", "Settings", GROUPS, **again)
    with c.part("the-network", stage not in WITHOUT_NETWORK):
        values["model"] = c.choice("model", "Network", image_rail.models(), on_change=_another_network, args=(c,))
        image_rail.missing_networks()
    with c.part("the-picture", stage in PICTURED and group == "picture"):
        image_rail.draw(c, values, on_change=c.restart, kwargs={"aim": ""})
    with c.part("the-curves", stage == "curves"):
        values["attacks"] = c.pills("attacks", "Attacks", {key: attack.title for key, attack in ATTACKS.items()})
    attack = stage not in PICTURED or group == "attack"
    with c.part("the-settings", stage in ATTACKED and attack):
        _attack(c, values, stage)
    _radius(c, values, stage, attack)
    with c.part("the-look", stage in DELTA_SHOWN and attack):
        values["delta"] = c.choice("delta", "The perturbation is shown", {**DELTAS})
    with c.part("the-count", stage in ("curves", "transfer", "universal", "twins") and attack):
        values["num_images"] = c.slider("num_images", "Pictures", 20, 400, 20)
    _single_views(c, values, stage)
    values["seed"] = seeds.row(c)
    _carried(c, values)
    return values


def _attack(c: Controls, values: dict[str, Any], stage: str) -> None:
    """How the attack works, and how far it may go."""
    with c.part("the-method", stage in ("sweep", "transfer", "twins")):
        values["method"] = c.segmented("method", "Attack", METHODS)
    with c.part("the-norm", stage in NORMED):
        values["norm"] = c.segmented("norm", "ε bounds", NORMS, help="L∞: each pixel. L₂: the length of all together.")
    stepping = values["method"] == "pgd" or stage in ("path", "curves")
    with c.part("the-steps", stepping):
        left, right = st.columns(2)
        with left:
            values["num_steps"] = c.slider("num_steps", "PGD steps", 1, 40, 1)
        with right:
            values["step_share"] = c.slider("step_share", "Step size α/ε", 0.05, 1.0, 0.05)
        values["random_start"] = c.switch("random_start", "Random start")
    values["noise_seed"] = c.number("noise_seed", "Seed of the attack's draws", 0, 99_999, 1)


def _radius(c: Controls, values: dict[str, Any], stage: str, seen: bool) -> None:
    """How far the attack may go: one ε, or the largest of a sweep, in the chosen norm."""
    euclidean = values["norm"] == "l2" and stage in NORMED
    for name, label, options, wanted in (
        ("most", "Up to ε, levels of 255", RANGES, stage == "sweep" and not euclidean),
        ("most_l2", "Up to ε, levels of 255", RANGES_L2, stage == "sweep" and euclidean),
        ("epsilon", "ε, levels of 255", EPSILONS, stage in ONE_RADIUS and not euclidean),
        ("epsilon_l2", "ε, levels of 255", EPSILONS_L2, stage in ONE_RADIUS and euclidean),
    ):
        with c.part(f"the-{name}", wanted and seen):
            values[name] = c.steps(name, label, {level: f"{level:g}" for level in options})


def _single_views(c: Controls, values: dict[str, Any], stage: str) -> None:
    """What only one view wants."""
    with c.part("the-fooling", stage == "fooling"):
        values["start"] = c.segmented("start", "Begin with", STARTS)
        values["smoothing"] = c.slider("smoothing", "Smoothing", 0.0, 2.0, 0.1)
    with c.part("the-hardening", stage == "hardening"):
        values["fit_epsilon"] = c.steps("fit_epsilon", "Train against ε", {e: f"{e:g}" for e in EPSILONS[6:]})
        values["fit_steps"] = c.slider("fit_steps", "PGD steps in training", 1, 10, 1)
        values["num_epochs"] = c.slider("num_epochs", "Epochs", 2, 30, 1)
    with c.part("the-directions", stage == "directions"):
        values["times"] = c.slider("times", "ε, in distances to the border", 1.0, 8.0, 0.5)
    with c.part("the-plane", stage == "plane"):
        values["plane_data"] = c.choice("plane_data", "Points", plane.TITLES)
        values["plane_model"] = c.segmented("plane_model", "Classifier", plane.MODEL_TITLES)
        values["plane_attack"] = c.choice("plane_attack", "Attack", METHODS | {"deepfool": "DeepFool"})
        values["plane_epsilon"] = c.slider("plane_epsilon", "Up to ε, levels of 255", 4.0, 96.0, 4.0)
        left, right = st.columns(2)
        with left:
            values["x"] = c.number("x", "Pixel x₁", 0.0, 255.0, 5.0)
        with right:
            values["y"] = c.number("y", "Pixel x₂", 0.0, 255.0, 5.0)
    with c.part("the-illusion", stage == "illusion"):
        values["illusion_kind"] = c.choice("illusion_kind", "Illusion", illusion.KINDS)


def _carried(c: Controls, values: dict[str, Any]) -> None:
    """What the reader's hand sets in the picture, and the player's own."""
    values["aim"] = c.text("aim", "Aim at")
    c.unseen.append("aim")
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")


def _another_view(c: Controls) -> None:
    """One perturbation for all works on digits, and is weak on drawn objects: it begins with digits."""
    view = c.present("view")
    digits_wanted = view == "universal" and not image_rail.sees_digits(c.present("model"))
    stage = c.present(view) if view in SUBVIEWS else view
    c.restart(selected="", aim="", tab=FIRST_TABS[stage], **(ONE_FOR_ALL if digits_wanted else {}))


def _another_network(c: Controls) -> None:
    """Another network knows other classes, and pictures of another size, which bear other radii."""
    model = c.present("model")
    changed = {**image_rail.fitting_kind(model, c.present("kind")), **FITTING[image_rail.sees_digits(model)]}
    c.restart(aim="", selected="", **changed)


def opening(values: Mapping[str, Any]) -> dict[str, Any]:
    """The controls of the opening scene, in the view that is looked at."""
    places = {name: values[name] for name in ("view", *SUBVIEWS)}
    return DEFAULTS | places | (ONE_FOR_ALL if values["view"] == "universal" else {})
