"""The lesson on batch norm: the transform number by number, and deep networks trained with it and without."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.figures.batchnorm import transform_stage
from dlcore.figures.batchnorm_deep import deep_stage
from dlcore.figures.batchnorm_sweeps import rates_stage, sizes_stage
from dlcore.figures.stage import Stage, deflated
from dlcore.lessons import Lesson
from dlcore.topics import batchnorm_programs, batchnorm_runs
from dlcore.topics.batchnorm_config import TransformConfig
from dlcore.topics.batchnorm_runs import DeepConfig, NetConfig, RatesConfig, SizesConfig
from dlcore.topics.batchnorm_scenes import SCENES
from dlcore.topics.batchnorm_walk import Walk, walk
from dlcore.ui import batchnorm_hands, batchnorm_net_text, batchnorm_rail, batchnorm_text, lesson, live
from dlcore.ui.player import player

LESSON = Lesson(
    slug="batchnorm",
    part="regularization",
    title="Batch norm",
    promise="Normalise a mini-batch by hand, then see what it does to deep networks, to their rates and their batches.",
    order=2,
    keywords=("batch normalization", "layer norm", "group norm", "running statistics", "learning rate", "batch size"),
)
Sections = dict[str, Callable[[], object]]
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "selected", "seed")
STAGES: dict[type, Callable[[Any], Stage]] = {
    DeepConfig: deep_stage,
    RatesConfig: rates_stage,
    SizesConfig: sizes_stage,
}
FRAMES: dict[type, Callable[[Any], Any]] = {
    DeepConfig: batchnorm_runs.deep_frames,
    RatesConfig: batchnorm_runs.rates_frames,
    SizesConfig: batchnorm_runs.sizes_frames,
}


@st.cache_resource(max_entries=100, show_spinner=False)
def walked(config: TransformConfig) -> Walk:
    return walk(config)


@st.cache_data(max_entries=100, show_spinner=False)
def transform_message(config: TransformConfig) -> bytes:
    return deflated(transform_stage(walked(config), *batchnorm_programs.lines(config)))


@st.cache_data(max_entries=100, show_spinner=False)
def run_message(config: NetConfig) -> bytes:
    return deflated(STAGES[type(config)](config))


def read(values: dict[str, Any]) -> TransformConfig | NetConfig:
    """What is to be shown in the chosen view. Raises: ValueError, one sentence, for what cannot be."""
    if values["view"] == "transform":
        return batchnorm_rail.transform_config_of(values)
    return batchnorm_rail.run_config_of(values)


def draw_transform(frame: lesson.Frame, config: TransformConfig) -> Sections:
    """The picture of the transform; gives what lies below it."""
    hands = batchnorm_hands.listeners(frame.controls)
    player("batchnorm.player", transform_message(config), **frame.player_settings(), **hands)
    return batchnorm_text.parts(walked(config))


def draw_run(frame: lesson.Frame, config: NetConfig) -> Sections:
    """The picture of a live view; gives what lies below it."""
    runs: list[live.Run] = []
    frame.attempt(lambda: runs.append(live.run(frame.controls, FRAMES[type(config)], config)))
    for run in runs:  # there may be no place for it on the server
        player("batchnorm.player", run_message(config), **frame.player_settings(), **run.settings)
    return batchnorm_net_text.parts(config, runs[0] if runs else None)


def render() -> None:
    frame = lesson.open_lesson(LESSON, batchnorm_rail.DEFAULTS, SCENES, looking=LOOKING)
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = batchnorm_rail.draw(controls, views)
        frame.free = batchnorm_rail.FREE[values["view"]]
        with scenes:
            frame.choose_scene(values)
        opening = read({**batchnorm_rail.DEFAULTS, "view": values["view"]})
        config = frame.settle(lambda: read(values), opening, values["view"])
        sections = draw_transform(frame, config) if isinstance(config, TransformConfig) else draw_run(frame, config)
    frame.below(sections)


if __name__ == "__main__":
    render()
