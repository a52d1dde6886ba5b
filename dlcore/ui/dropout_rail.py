"""The control rail of the lesson on dropout: how much is dropped, of which network, trained on which points."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.numerals import digits
from dlcore.topics.dropout_config import (
    DATA,
    MOST_DROPPED,
    MOST_LAYERS,
    WIDTHS,
    DropoutConfig,
    MasksConfig,
    ScalingConfig,
)
from dlcore.ui import seeds
from dlcore.ui.controls import Controls

OPENING = DropoutConfig()
LAYER = ScalingConfig()
VIEWS = {"train": "Train", "scaling": "Scaling", "ensemble": "Ensemble", "uncertainty": "Uncertainty"}
#: What there is to do where no scene is shown.
FREE = {
    "train": "Point at a unit to see what it answers; change p, the width or the labels; play.",
    "scaling": "Click units to drop them in frame 0, then play: mask after mask, and their mean.",
    "ensemble": "B is trained, then asked with a new mask in every frame. Change p or the width.",
    "uncertainty": "How far do the masks disagree? Play, then compare near the data and far from it.",
}
TABS = {
    "accuracy": "accuracy",
    "loss": "loss",
    "removed": "units removed",
    "correlation": "correlation",
    "matrices": "matrices",
    "mean": "mean",
    "masks": "all masks",
    "numbers": "numbers",
    "apart": "distance",
    "forgotten": "forgot eval()",
    "line": "along a line",
    "distance": "from the data",
    "refused": "refuse",
}
TRAINING = ("data", "num_train", "noise", "label_noise", "width", "depth", "p", "lr", "num_steps", "seed")
DEFAULTS: dict[str, Any] = {
    "view": "train",
    **{name: getattr(OPENING, name) for name in TRAINING},
    "num_masks": MasksConfig().num_masks,
    "units": LAYER.units,
    "mask": "",
    "step": 0,
    "tab": "accuracy",
    "below": "Why it happens",
}


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view; most are not seen.
    """
    values: dict[str, Any] = {}
    with views:
        values["view"] = c.segmented("view", "View", VIEWS, on_change=c.restart, label_visibility="collapsed")
    trained = values["view"] != "scaling"
    values["p"] = c.slider("p", "Drop a unit with probability p", 0.0, MOST_DROPPED, 0.05)
    st.caption(kept(values["p"]))
    with c.part("the-layer", not trained):
        values["units"] = c.slider("units", "Units", 2, 8, 1, on_change=c.set, kwargs={"mask": ""})
        values["mask"] = c.text("mask", "Your mask, in frame 0", max_chars=8, placeholder="1" * values["units"])
    with c.part("the-network", trained):
        _network(c, values)
    with c.part("the-data", trained):
        _points(c, values)
    with c.part("the-training", trained):
        _training(c, values)
    with c.part("the-masks", values["view"] in ("ensemble", "uncertainty")):
        values["num_masks"] = c.slider("num_masks", "Masks m", 10, 300, 10)
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    return values


def kept(p: float) -> str:
    """The same probability as the lecture says it."""
    return f"drop {digits(p, 2)} = keep {digits(1 - p, 2)}, the lecture's p"


def _network(c: Controls, values: dict[str, Any]) -> None:
    left, right = st.columns(2)
    with left:
        values["width"] = c.steps("width", "Units", {width: str(width) for width in WIDTHS})
    with right:
        values["depth"] = c.slider("depth", "Layers", 1, MOST_LAYERS, 1)


def _points(c: Controls, values: dict[str, Any]) -> None:
    values["data"] = c.choice("data", "Points", DATA)
    left, right = st.columns(2)
    with left:
        values["noise"] = c.slider("noise", "Noise", 0.0, 0.5, 0.05)
    with right:
        values["label_noise"] = c.slider("label_noise", "Wrong labels", 0.0, 0.4, 0.02)


def _training(c: Controls, values: dict[str, Any]) -> None:
    left, right = st.columns(2)
    with left:
        values["num_train"] = c.slider("num_train", "Training points", 20, 300, 20)
    with right:
        values["num_steps"] = c.slider("num_steps", "Steps", 100, 2000, 100)
    values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 0.1)


def training_of(values: Mapping[str, Any]) -> DropoutConfig:
    """Both networks. Raises: ValueError, one sentence, for what cannot be."""
    return DropoutConfig(**{name: values[name] for name in TRAINING})


def masks_of(values: Mapping[str, Any]) -> MasksConfig:
    """Network B and the masks that it is asked with. Raises: ValueError as `training_of`."""
    return MasksConfig(training=training_of(values), num_masks=values["num_masks"])


def scaling_of(values: Mapping[str, Any]) -> ScalingConfig:
    """The layer. Raises: ValueError for a mask that does not fit it."""
    return ScalingConfig(**{name: values[name] for name in ("p", "units", "mask", "seed")})
