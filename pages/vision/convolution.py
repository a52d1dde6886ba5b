"""The lesson on convolution: a window that slides, filters on a picture, and stacks of layers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.datasets.pictures import picture
from dlcore.figures.convolution import window_stage
from dlcore.figures.filtering import response_stage
from dlcore.figures.layer_stack import stack_stage
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics import window
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.filtering import keeps_brightness, strongest
from dlcore.topics.layer_stack import Row, Stack, trace
from dlcore.topics.sliding import Slide
from dlcore.ui import (
    convolution_hands,
    convolution_rail,
    convolution_settings,
    convolution_text,
    lesson,
    picture_text,
    stack_text,
)
from dlcore.ui.player import player

LESSON = Lesson(
    slug="convolution",
    part="vision",
    title="Convolution",
    promise="Slide a window over cells you can touch: every product, every gradient, every size, checked.",
    keywords=("kernel", "filter", "stride", "padding", "dilation", "transposed", "pooling", "receptive field", "Gabor"),
)
Shown = WindowConfig | FilterConfig | Stack
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "selected", "seed", "group", "at")


@st.cache_resource(max_entries=100, show_spinner=False)
def slid(config: WindowConfig) -> Slide:
    return window.slid(config)


@st.cache_data(max_entries=100, show_spinner=False)
def window_message(config: WindowConfig, layout: str) -> bytes:
    return deflated(window_stage(config, slid(config), layout, window.lines(config)))


@st.cache_resource(max_entries=10, show_spinner=False)
def pictured(name: str, seed: int) -> np.ndarray:
    return picture(name, seed)


@st.cache_resource(max_entries=30, show_spinner=False)
def answered(image: np.ndarray, config: FilterConfig) -> np.ndarray:
    return config.answers(image)


@st.cache_data(max_entries=30, show_spinner=False)
def filter_message(image: np.ndarray, config: FilterConfig, at: str) -> bytes:
    bank, answers = config.filters(), answered(image, config)
    look = {"grey": keeps_brightness(bank.kernels), "crop": convolution_hands.crop_of(at)}
    most = strongest(answers) if len(answers) > 1 else None
    return deflated(response_stage(image, answers, bank.titles, kernels=bank.kernels.numpy(), strongest=most, **look))


@st.cache_resource(max_entries=30, show_spinner=False)
def traced(stack: Stack) -> list[Row]:
    return trace(stack)


@st.cache_data(max_entries=30, show_spinner=False)
def stack_message(stack: Stack, image: np.ndarray) -> bytes:
    return deflated(stack_stage(traced(stack), image))


def image_of(values: dict[str, Any]) -> np.ndarray:
    """The reader's own picture or that of the menu, (height, width, 3); where none is seen a blank one, at once."""
    if values["upload"] is not None:
        return values["upload"]
    seen = values["view"] != "window" or values["image"] == "patch"
    return pictured(values["picture"], values["seed"]) if seen else np.zeros((1, 1, 3), np.uint8)


def read_config(values: dict[str, Any], image: np.ndarray) -> Shown:
    """What is shown in the chosen view. Raises: ValueError, one sentence, for what cannot be."""
    if values["view"] == "picture":
        return convolution_settings.filter_config_of(values)
    if values["view"] == "stack":
        return convolution_settings.stack_of(values)
    return convolution_settings.window_config_of(values, convolution_settings.patch_of(image, values["at"]))


def draw_stage(frame: lesson.Frame, config: Shown, image: np.ndarray, values: dict[str, Any]) -> None:
    match config:
        case WindowConfig():
            message, hands = window_message(config, values["layout"]), convolution_hands.listeners(frame.controls)
        case FilterConfig():
            message, hands = filter_message(image, config, values["at"]), convolution_hands.closer(frame.controls)
        case Stack():
            message, hands = stack_message(config, image), convolution_hands.choosing(frame.controls)
    player("convolution.player", message, **frame.player_settings(), **hands)


def below(config: Shown, image: np.ndarray, values: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """What lies below the fold of each view."""
    match config:
        case WindowConfig():
            return convolution_text.parts(config, slid(config), values["layout"])
        case FilterConfig():
            name = values["picture"] if values["upload"] is None else ""
            return picture_text.parts(config, name, image, answered(image, config))
        case Stack():
            return stack_text.parts(config, traced(config))


def render() -> None:
    free = "Point at any cell, click it to keep it and change its number, then play."
    frame = lesson.open_lesson(LESSON, convolution_rail.DEFAULTS, SCENES, looking=LOOKING, free=free)
    with frame.stage():
        scenes, views = st.container(), convolution_rail.views_row(frame.controls)
        with frame.rail() as controls:
            values = convolution_rail.draw(controls, views)
        with scenes:
            frame.choose_scene(values)
        image = image_of(values)
        config = frame.settle(lambda: read_config(values, image), convolution_rail.OPENING)
        frame.attempt(lambda: draw_stage(frame, config, image, values))
    frame.below(below(config, image, values))


if __name__ == "__main__":
    render()
