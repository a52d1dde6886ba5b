"""The lesson on backpropagation: one turn of the training loop, number by number, forward and back."""

from dataclasses import replace
from typing import Any

import streamlit as st

from dlcore.figures.backprop import walk_stage
from dlcore.figures.depth import depth_stage
from dlcore.figures.modules import module_stage
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics.backprop_config import WALKED, BackpropConfig
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.depth import DepthConfig, DepthTrace, measure
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import Training, train
from dlcore.topics.walk import Walk
from dlcore.ui import backprop_hands, backprop_rail, backprop_text, depth_text, lesson
from dlcore.ui.player import player

LESSON = Lesson(
    slug="backprop",
    part="foundations",
    title="Backpropagation",
    promise="Walk through one turn of the training loop: every value forward, every gradient back, checked.",
    keywords=("chain rule", "gradient", "computation graph", "autograd", "backward", "vanishing gradient", "neuron"),
)
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "level", "selected", "seed", "epochs")


@st.cache_resource(max_entries=100, show_spinner=False)
def network(config: BackpropConfig) -> Net:
    return build(config)


@st.cache_resource(max_entries=50, show_spinner=False)
def trained(config: BackpropConfig, num_updates: int) -> Training:
    return train(config, network(config), num_updates)


@st.cache_resource(max_entries=50, show_spinner=False)
def walked(config: BackpropConfig, num_updates: int) -> Walk:
    return record(config, network(config), course(config, num_updates))


@st.cache_data(max_entries=100, show_spinner=False)
def stage(config: BackpropConfig, num_updates: int, level: str) -> bytes:
    draw = module_stage if level == "modules" else walk_stage
    return deflated(draw(walked(config, num_updates), course(config, num_updates)))


@st.cache_resource(max_entries=50, show_spinner=False)
def deep(config: DepthConfig) -> DepthTrace:
    return measure(config)


@st.cache_data(max_entries=50, show_spinner=False)
def deep_stage(config: DepthConfig) -> bytes:
    return deflated(depth_stage(config, deep(config)))


def course(config: BackpropConfig, num_updates: int) -> Training:
    """Training as far as it is shown; where in it the walk begins does not matter to it."""
    return trained(replace(config, updates=0), max(num_updates, config.updates) + WALKED)


def read_config(values: dict[str, Any]) -> BackpropConfig:
    config = backprop_rail.config_of(values)
    course(config, values["trained"])  # a formula or a change by hand may not fit
    return config


def draw_stage(frame: lesson.Frame, config: BackpropConfig, values: dict[str, Any]) -> None:
    if values["view"] == "depth":
        backprop_hands.forget_guess(frame.controls)
        player("backprop.player", deep_stage(backprop_rail.depth_config_of(values)), **frame.player_settings())
        return
    walk = walked(config, values["trained"])
    level = values["level"] if walk.net.modules else "scalars"  # a formula has no layers
    player(
        "backprop.player",
        stage(config, values["trained"], level),
        **frame.player_settings(),
        **backprop_hands.listeners(frame.controls, walk, level),
    )


def render() -> None:
    free = "Click a node or an edge for its chain rule, change any number, break the loop, then step through it."
    frame = lesson.open_lesson(LESSON, backprop_rail.DEFAULTS, SCENES, looking=LOOKING, free=free)
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = backprop_rail.draw(controls, views)
        with scenes:
            frame.choose_scene(values)
        config = frame.settle(lambda: read_config(values), backprop_rail.OPENING)
        frame.attempt(lambda: draw_stage(frame, config, values))
    if values["view"] == "depth":
        deepest = backprop_rail.depth_config_of(values)
        frame.below(depth_text.parts(deepest, deep(deepest)))
    else:
        frame.below(backprop_text.parts(walked(config, values["trained"]), course(config, values["trained"])))


if __name__ == "__main__":
    render()
