"""The control rail of the lesson on overfitting: the data, the two networks' training, and in what B differs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dlcore import device
from dlcore.datasets.features import FEATURES
from dlcore.datasets.planes import PLANES
from dlcore.datasets.points_given import MOST_CLASSES, read_points_text
from dlcore.lessons import Scene
from dlcore.topics.capacity import CapacityConfig
from dlcore.topics.overfitting_config import DATA, MOST_STEPS, OverfittingConfig, read_hidden
from dlcore.topics.overfitting_switches import SWITCHES, Switch, switches_for
from dlcore.ui import overfitting_points, seeds
from dlcore.ui.controls import Controls, log_grid, number_text

OPENING = OverfittingConfig()
MAPPED = CapacityConfig()
VIEWS = {"": "Playground", "capacity": "Capacity"}
GROUPS = {"data": "data", "training": "training", "both": "both"}
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid", "linear": "linear"}
OPTIMIZERS = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam", "adamw": "AdamW"}
BATCHES = {0: "all", **{size: str(size) for size in (1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 256, 512)}}
TABS = {
    "loss": "loss",
    "accuracy": "accuracy",
    "gap": "gap",
    "norms": "weights",
    "confusion": "confusion",
}
#: λ of a penalty that both have; 0 is none.
PENALTIES = {0.0: "0", **{size: number_text(size) for size in log_grid(1e-5, 1.0)}}
#: What a control of both is called: name -> (label, lowest, highest, step).
LINEAR = {
    "dropout": ("Dropout p", 0.0, 0.9, 0.05),
    "input_noise": ("Input noise σ", 0.0, 1.0, 0.05),
    "augment": ("Digits shifted by, pixels", 0.0, 4.0, 0.5),
}
STARTER = "-1.5,-1,0; -1,-1.5,0; -1,1.2,1; -1.6,0.9,1; 1.2,1,0; 0.9,1.5,0; 1,-1.3,1; 1.5,-0.8,1"
DEFAULTS: dict[str, Any] = {
    "view": "",
    "switch": OPENING.switch,
    **{f"{key}_strength": switch.default for key, switch in SWITCHES.items() if switch.has_strength},
    "group": "data",
    "data": OPENING.data,
    "noise": OPENING.noise,
    "label_noise": OPENING.label_noise,
    "num_classes": OPENING.num_classes,
    "num_train": OPENING.num_train,
    "features": OPENING.features,
    "paint": "0",
    "points": "",
    "hidden": ", ".join(map(str, OPENING.hidden)),
    "activation": OPENING.activation,
    "optimizer": OPENING.optimizer,
    "lr": OPENING.lr,
    "batch_size": OPENING.batch_size,
    "num_steps": OPENING.num_steps,
    "depth": MAPPED.depth,
    "edits": OPENING.edits,
    "l1": OPENING.l1,
    "l2": OPENING.l2,
    **{name: getattr(OPENING, name) for name in LINEAR},
    "seed": OPENING.seed,
    "step": 0,
    "tab": "loss",
    "below": "Why it happens",
}


def whole_grid(low: float, high: float) -> dict[int, str]:
    """The whole numbers of two significant digits, or fewer: value -> text."""
    return {int(value): f"{int(value)}" for value in log_grid(low, high) if value == int(value)}


def draw(c: Controls) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another group; most are not seen.
    """
    values: dict[str, Any] = {}
    values["view"] = c.segmented("view", "View", VIEWS, on_change=c.restart, label_visibility="collapsed")
    playing = values["view"] == ""
    top = st.container(key=c.key("top"))
    with c.part("the-group", playing):
        group = c.segmented("group", "Settings", GROUPS, label_visibility="collapsed")
    with c.part("the-data", group == "data" or not playing):
        _data(c, values, playing)
    with c.part("the-training", group == "training" or not playing):
        _training(c, values, playing)
    with c.part("the-both", playing and group == "both"):
        _both(c, values)
    with top, c.part("the-switch", playing):
        _switch(c, values)
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    return values


def _switch(c: Controls, values: dict[str, Any]) -> None:
    """The one thing that B has otherwise, and how much of it."""
    titles = {key: SWITCHES[key].title for key in switches_for(values["data"])}
    chosen = values["switch"] = c.choice("switch", "B differs by", titles)
    for key, switch in SWITCHES.items():
        if switch.has_strength:
            with c.part(f"of-b-{key}", key == chosen):
                values[f"{key}_strength"] = _strength(c, key, switch)


def _strength(c: Controls, key: str, switch: Switch) -> float:
    name = f"{key}_strength"
    label = f"B: {switch.title} {switch.symbol}".strip()
    if switch.log and switch.whole:
        return c.steps(name, label, whole_grid(switch.low, switch.high), help=switch.means)
    if switch.log:
        return c.log_slider(name, label, switch.low, switch.high, help=switch.means)
    return c.slider(name, label, switch.low, float(switch.high), 0.05, help=switch.means)


def _data(c: Controls, values: dict[str, Any], playing: bool) -> None:
    data = values["data"] = c.choice("data", "Data", DATA, on_change=_choose_data, args=(c,))
    plane = data in PLANES
    with c.part("the-noise", plane):
        values["noise"] = c.slider("noise", "Noise σ of the points", 0.0, 1.0, 0.05)
    values["label_noise"] = c.slider("label_noise", "Wrong training labels, share", 0.0, 0.5, 0.01)
    with c.part("the-classes", plane and PLANES[data].most_classes > 2):
        values["num_classes"] = c.slider("num_classes", "Classes", 2, 5, 1)
    with c.part("the-size", playing and data != "points"):
        values["num_train"] = c.steps("num_train", "Training samples n", whole_grid(10, 2000))
    with c.part("the-features", data != "digits"):
        titles = {key: feature.title for key, feature in FEATURES.items()}
        values["features"] = c.pills("features", "Inputs", titles)
    with c.part("the-points", playing and data == "points"):
        _points(c, values, data == "points")


def _points(c: Controls, values: dict[str, Any], seen: bool) -> None:
    """A reader's own: painted, typed, or of a file, which is not in the address."""
    classes = {str(number): str(number) for number in range(MOST_CLASSES)}
    hint = "Half of the points are for training; the picture's “test” shows the others, which judge the networks"
    values["paint"] = c.segmented("paint", "A click paints a point of class", classes, help=hint)
    with st.container(horizontal=True, gap="small"):
        with st.popover("Type or upload"):
            hint = "x,y,class; … in the picture, from −3 to 3"
            values["points"] = c.text("points", "Points", max_chars=4000, help=hint)
            given = overfitting_points.upload(c)
        st.button("Clear", key=c.key("clear"), on_click=c.restart, kwargs={"points": "", "edits": ""})
    values["given"] = given if seen else None


def _training(c: Controls, values: dict[str, Any], playing: bool) -> None:
    """The network and how it is trained; a map has networks of many widths, all trained with Adam on all samples."""
    with c.part("the-depth", not playing):
        values["depth"] = c.slider("depth", "Hidden layers", 1, 3, 1)
    with c.part("the-hidden", playing):
        hint = "Widths of 0 to 6 layers of 1 to 256 units; 0: none, a linear model. Also ± in the picture"
        values["hidden"] = c.text(
            "hidden", "Hidden layers", max_chars=40, help=hint, on_change=c.restart, kwargs={"edits": ""}
        )
    values["activation"] = c.choice("activation", "Activation", ACTIVATIONS)
    with c.part("the-optimizer", playing):
        left, right = st.columns(2)
        with left:
            values["optimizer"] = c.choice("optimizer", "Optimizer", OPTIMIZERS)
        with right:
            values["batch_size"] = c.steps("batch_size", "Batch size", BATCHES)
    values["lr"] = c.log_slider("lr", "Learning rate η", 1e-5, 10.0)
    values["num_steps"] = c.steps("num_steps", "Steps", whole_grid(10, MOST_STEPS))
    with c.part("the-edits", playing):
        hint = "Click a link of the picture and type its weight, or write it here: aw1.0.2=0.5@120, blr=0.03@200"
        values["edits"] = c.text("edits", "Changed by hand", max_chars=4000, help=hint, placeholder="alr=0.03@200")


def _both(c: Controls, values: dict[str, Any]) -> None:
    """What neither A nor B is without."""
    for name, (label, low, high, step) in LINEAR.items():
        with c.part(f"the-{name}", name != "augment" or values["data"] == "digits"):
            values[name] = c.slider(name, label, low, high, step)
    values["l1"] = c.steps("l1", "L1 penalty λ", PENALTIES)
    values["l2"] = c.steps("l2", "Weight decay (L2) λ", PENALTIES)


def _choose_data(c: Controls) -> None:
    """Other data: what they do not know goes back to what they do, and what was changed by hand is forgotten."""
    data = c.present("data")
    most = PLANES[data].most_classes if data in PLANES else MOST_CLASSES
    c.restart(
        edits="",
        num_classes=min(c.present("num_classes"), most),
        num_train=min(c.present("num_train"), 790 if data == "digits" else 2000),
        switch=c.present("switch") if c.present("switch") in switches_for(data) else "dropout",
        points=c.present("points") or (STARTER if data == "points" else ""),
        label_noise=0.0 if data == "points" else c.present("label_noise"),  # whoever paints means what they paint
    )


def config_of(values: Mapping[str, Any]) -> OverfittingConfig:
    """What the controls describe. Raises: ValueError where they describe nothing."""
    names = ("data", "label_noise", "num_classes", "noise", "num_train", "features", "activation", "optimizer", "lr")
    names += ("batch_size", "num_steps", "l1", "l2", "edits", "switch", "seed", "dropout", "input_noise")
    points: dict[str, Any] = {}
    if values["data"] == "points":
        given = values.get("given")
        points = {"points": read_points_text(values["points"])} if given is None else given._asdict()
        points.pop("said", None)
    return OverfittingConfig(
        **{name: values[name] for name in names},
        **points,
        hidden=read_hidden(values["hidden"]),
        augment=values["augment"] if values["data"] == "digits" else 0.0,
        device=device.for_small(),
        strength=values.get(f"{values['switch']}_strength"),
    )


def capacity_config_of(values: Mapping[str, Any]) -> CapacityConfig:
    """The map that the controls describe. Raises: ValueError where they describe none."""
    names = (
        "data",
        "num_classes",
        "noise",
        "label_noise",
        "features",
        "depth",
        "activation",
        "lr",
        "num_steps",
        "seed",
    )
    return CapacityConfig(**{name: values[name] for name in names}, device=device.for_small())


def scene_of(scene: Scene) -> Scene:
    """A scene with the strength of its switch under that switch's own control."""
    values = dict(scene.values)
    own = f"{values.get('switch', DEFAULTS['switch'])}_strength"
    renamed = {own if name == "strength" else name: value for name, value in values.items()}
    tries = tuple(own if name == "strength" else name for name in scene.tries)
    return replace(scene, values=tuple(renamed.items()), tries=tries)


def scenes_of(scenes: Sequence[Scene]) -> tuple[Scene, ...]:
    """All scenes as the controls have them."""
    return tuple(scene_of(scene) for scene in scenes)
