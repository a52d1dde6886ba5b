"""The lesson on overfitting: two networks that differ in one thing, trained side by side on the same data."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.datasets.points_given import FEWEST, REACH, read_points_text
from dlcore.figures import capacity
from dlcore.figures.canvas import canvas_stage
from dlcore.figures.overfitting import overfitting_stage
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics import overfitting
from dlcore.topics.capacity import CapacityConfig
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_scenes import SCENES
from dlcore.ui import (
    capacity_text,
    lesson,
    live,
    overfitting_hands,
    overfitting_points,
    overfitting_rail,
    overfitting_text,
)
from dlcore.ui.player import player

Sections = dict[str, Callable[[], object]]
LESSON = Lesson(
    slug="overfitting",
    part="regularization",
    title="Overfitting",
    promise="Train two networks that differ in one thing: see which one learns the rule, and which one the noise.",
    order=0,
    keywords=(
        *("generalisation", "regularization", "weight decay", "L1", "L2", "early stopping", "augmentation"),
        *("label noise", "capacity", "dropout", "bias and variance", "playground"),
    ),
)
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "seed", "group", "paint", "points", "edits")


@st.cache_data(max_entries=100, show_spinner=False)
def stage(config: OverfittingConfig) -> bytes:
    return deflated(overfitting_stage(config))


@st.cache_data(max_entries=50, show_spinner=False)
def map_stage(config: CapacityConfig) -> bytes:
    return deflated(capacity.capacity_stage(config))


def draw_stage(frame: lesson.Frame, config: OverfittingConfig) -> live.Run:
    run = live.run(frame.controls, overfitting.frames, config)
    hands = overfitting_hands.listeners(frame.controls, config, overfitting.shown_steps(config))
    player("overfitting.player", stage(config), **frame.player_settings(), **run.settings, **hands)
    return run


def draw_canvas(frame: lesson.Frame, painted: str) -> None:
    """Where there are too few points to be learned, more are painted."""
    points = read_points_text(painted)
    message = deflated(canvas_stage(points, REACH, FEWEST))
    player("overfitting.player", message, on_pick=overfitting_hands.painter(frame.controls), **frame.player_settings())


def draw_map(frame: lesson.Frame, config: CapacityConfig) -> live.Run:
    run = live.run(frame.controls, capacity.frames, config)
    hands = {"on_pick": overfitting_hands.opener(frame.controls, config)}
    player("overfitting.player", map_stage(config), **{**frame.player_settings(), **run.settings, **hands})
    return run


def show_map(frame: lesson.Frame, values: dict[str, Any]) -> Sections:
    """The map of widths and sizes, and what lies below it."""
    config = frame.settle(lambda: overfitting_rail.capacity_config_of(values), overfitting_rail.MAPPED, kind="capacity")
    runs: list[live.Run] = []
    frame.attempt(lambda: runs.append(draw_map(frame, config)))
    return capacity_text.parts(config, runs[0] if runs else None)


def show(frame: lesson.Frame, values: dict[str, Any]) -> Sections:
    """The two networks, and what lies below them; a plane to paint on where there is nothing to be learned yet."""
    if values["data"] == "points" and values["given"] is None and overfitting_points.few(values["points"]):
        draw_canvas(frame, values["points"])
        return overfitting_text.parts(overfitting_rail.OPENING, None)
    config = frame.settle(lambda: overfitting_rail.config_of(values), overfitting_rail.OPENING)
    runs: list[live.Run] = []
    frame.attempt(lambda: runs.append(draw_stage(frame, config)))
    return overfitting_text.parts(config, runs[0] if runs else None)


def render() -> None:
    free = "Change the network in the picture, or in what B differs, and see both of them learn."
    scenes = overfitting_rail.scenes_of(SCENES)
    frame = lesson.open_lesson(LESSON, overfitting_rail.DEFAULTS, scenes, looking=LOOKING, free=free)
    with frame.stage():
        with frame.rail() as controls:
            values = overfitting_rail.draw(controls)
            overfitting_hands.undo_edits(controls)
        frame.choose_scene(values)
        sections = show(frame, values) if values["view"] == "" else show_map(frame, values)
    frame.below(sections)


if __name__ == "__main__":
    render()
