"""The lesson on dropout: masks on a network while it trains, what is scaled when, the ensemble, the uncertainty."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.figures.dropout import training_stage
from dlcore.figures.dropout_masks import ensemble_stage, uncertainty_stage
from dlcore.figures.dropout_scaling import scaling_stage
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics import dropout_runs, dropout_scaling, subnetworks
from dlcore.topics.dropout_config import DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_scenes import SCENES
from dlcore.ui import dropout_hands, dropout_rail, dropout_text, lesson, live
from dlcore.ui.player import player

LESSON = Lesson(
    slug="dropout",
    part="regularization",
    title="Dropout",
    promise="Drop units at random while it trains: masks drawn live, both scalings checked, the ensemble measured.",
    order=1,
    keywords=("mask", "inverted dropout", "ensemble", "co-adaptation", "eval", "uncertainty", "Monte Carlo dropout"),
)
Trained = DropoutConfig | MasksConfig
Config = Trained | ScalingConfig
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "seed")


@st.cache_data(max_entries=100, show_spinner=False)
def training_message(config: DropoutConfig) -> bytes:
    return deflated(training_stage(config))


@st.cache_data(max_entries=50, show_spinner=False)
def masks_message(config: MasksConfig, view: str) -> bytes:
    return deflated(ensemble_stage(config) if view == "ensemble" else uncertainty_stage(config))


@st.cache_resource(max_entries=50, show_spinner=False)
def traced(config: ScalingConfig) -> dropout_scaling.ScalingTrace:
    return dropout_scaling.trace(config)


@st.cache_data(max_entries=50, show_spinner=False)
def scaling_message(config: ScalingConfig) -> bytes:
    return deflated(scaling_stage(config, traced(config)))


def read(values: dict[str, Any]) -> Config:
    """What is to be shown in the chosen view. Raises: ValueError, one sentence, for what cannot be."""
    match values["view"]:
        case "scaling":
            return dropout_rail.scaling_of(values)
        case "train":
            return dropout_rail.training_of(values)
        case _:
            return dropout_rail.masks_of(values)


def show_layer(frame: lesson.Frame, config: ScalingConfig) -> None:
    hands = dropout_hands.listeners(frame.controls, config)
    player("dropout.player", scaling_message(config), **frame.player_settings(), **hands)


def show_run(frame: lesson.Frame, config: Trained, view: str) -> live.Run:
    """Raises: ValueError where the server has no place for the run."""
    if isinstance(config, MasksConfig):
        message, run = masks_message(config, view), live.run(frame.controls, subnetworks.frames, config)
    else:
        message, run = training_message(config), live.run(frame.controls, dropout_runs.frames, config)
    hands = dropout_hands.shaping(frame.controls) | run.settings
    player("dropout.player", message, **frame.player_settings(), **hands)
    return run


def show(frame: lesson.Frame, config: Config, view: str) -> dict[str, Callable[[], object]]:
    """Draws the picture; returns what lies below the fold."""
    if isinstance(config, ScalingConfig):
        show_layer(frame, config)
        return dropout_text.layer_parts(config, traced(config))
    runs: list[live.Run] = []  # none where there is no place for it
    frame.attempt(lambda: runs.append(show_run(frame, config, view)))
    return dropout_text.parts(config, runs[0] if runs else None, view)


def render() -> None:
    frame = lesson.open_lesson(LESSON, dropout_rail.DEFAULTS, SCENES, looking=LOOKING)
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = dropout_rail.draw(controls, views)
        frame.free = dropout_rail.FREE[values["view"]]
        with scenes:
            frame.choose_scene(values)
        opening = read({**dropout_rail.DEFAULTS, "view": values["view"]})
        config = frame.settle(lambda: read(values), opening, values["view"])
        below = show(frame, config, values["view"])
    frame.below(below)


if __name__ == "__main__":
    render()
