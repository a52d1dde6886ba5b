"""The lesson on convolution: a window that slides, filters on a picture, and stacks of layers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.datasets.pictures import PICTURES, picture
from dlcore.figures.convolution import matrix_of, window_stage
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
Config = WindowConfig | FilterConfig | Stack
#: What is on screen: the settings, the picture that they look at, and the values of all controls.
Shown = tuple[Config, np.ndarray, dict[str, Any]]
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "selected", "seed", "group", "layout", "at")


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


def picture_name(values: dict[str, Any]) -> str:
    """The picture of the menu, or the first one while the reader's own is not there; "" for the reader's own."""
    if values["upload"] is not None:
        return ""
    return values["picture"] if values["picture"] in PICTURES else convolution_rail.DEFAULTS["picture"]


def image_of(values: dict[str, Any]) -> np.ndarray:
    """The picture, (height, width, 3); where none is seen a blank one, at once."""
    if values["view"] == "window" and values["image"] != "patch":
        return np.zeros((1, 1, 3), np.uint8)
    name = picture_name(values)
    return pictured(name, values["seed"]) if name else values["upload"]


def read(values: dict[str, Any]) -> Shown:
    """What is to be shown in the chosen view. Raises: ValueError, one sentence, for what cannot be."""
    image = image_of(values)
    if values["view"] == "picture":
        return convolution_settings.filter_config_of(values), image, values
    if values["view"] == "stack":
        return convolution_settings.stack_of(values), image, values
    config = convolution_settings.window_config_of(values, convolution_settings.patch_of(image, values["at"]))
    if values["layout"] == "matrix":
        matrix_of(config.layer, slid(config))  # there may be none
    return config, image, values


def draw_stage(frame: lesson.Frame, config: Config, image: np.ndarray, values: dict[str, Any]) -> None:
    match config:
        case WindowConfig():
            message, hands = window_message(config, values["layout"]), convolution_hands.listeners(frame.controls)
        case FilterConfig():
            message = filter_message(image, config, values["at"])
            hands = convolution_hands.closer(frame.controls, *image.shape[:2])
        case Stack():
            message, hands = stack_message(config, image), convolution_hands.choosing(frame.controls)
    player("convolution.player", message, **frame.player_settings(), **hands)


def below(config: Config, image: np.ndarray, values: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """What lies below the fold of each view."""
    match config:
        case WindowConfig():
            return convolution_text.parts(config, slid(config), values["layout"])
        case FilterConfig():
            return picture_text.parts(config, picture_name(values), image, answered(image, config))
        case Stack():
            return stack_text.parts(config, traced(config))


def render() -> None:
    frame = lesson.open_lesson(LESSON, convolution_rail.DEFAULTS, SCENES, looking=LOOKING)
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = convolution_rail.draw(controls, views)
        frame.free = convolution_rail.FREE[values["view"]]
        with scenes:
            frame.choose_scene(values)
        opening = read({**convolution_rail.DEFAULTS, "view": values["view"], "upload": None})
        shown = frame.settle(lambda: read(values), opening, values["view"])
        draw_stage(frame, *shown)
    frame.below(below(*shown))


if __name__ == "__main__":
    render()
