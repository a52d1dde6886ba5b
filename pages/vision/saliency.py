"""The lesson on saliency: what in a picture a network's answer rests on, by many methods, and whether that is true."""

from typing import Any

import streamlit as st

from dlcore.figures.saliency_sheet import Display
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics.saliency.scenes import SCENES
from dlcore.ui import lesson, live, saliency_hands, saliency_rail, saliency_settings, saliency_stages, saliency_text
from dlcore.ui.player import player
from dlcore.ui.saliency_settings import Config

LESSON = Lesson(
    slug="saliency",
    part="vision",
    title="Saliency",
    promise="What did the network look at? Eleven methods side by side, and every one put to the test.",
    order=1,
    keywords=(
        *("attribution", "explanation", "gradient", "SmoothGrad", "integrated gradients", "Grad-CAM", "occlusion"),
        *("guided backpropagation", "LIME", "SHAP", "sanity check", "shortcut", "Clever Hans"),
    ),
)
#: Controls that do not leave a scene.
LOOKING = (
    "step",
    "below",
    "tab",
    "selected",
    "seed",
    "group",
    "signs",
    "clip",
    "overlay",
    "outline",
    "peak",
    "brush",
    "radius",
    "clicks",
)
Brush = tuple[str, float] | None


@st.cache_data(max_entries=50, show_spinner=False)
def message(config: Config, display: Display, brush: Brush) -> bytes:
    return deflated(saliency_stages.stage_of(config, display, brush))


def show(frame: lesson.Frame, config: Config, values: dict[str, Any]) -> live.Run:
    """Raises: ValueError where the server has no place for the run."""
    run = live.run(frame.controls, saliency_stages.FRAMES[type(config)], config)
    stage = message(config, saliency_settings.display_of(values), saliency_rail.brush_of(values))
    hands = saliency_hands.listeners(frame.controls, saliency_settings.explained_by(config))
    player("saliency.player", stage, **frame.player_settings(), **hands, **run.settings)
    return run


def render() -> None:
    frame = lesson.open_lesson(LESSON, saliency_rail.DEFAULTS, SCENES, looking=LOOKING, kept=("below",))
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = saliency_rail.draw(controls, views)
            controls.tell(saliency_settings.unknown_classes(values))
        frame.free = saliency_rail.FREE[values["view"]]
        with scenes:
            frame.choose_scene(values)
        opening = saliency_settings.config_of({**saliency_rail.DEFAULTS, "view": values["view"], "upload": None})
        config = frame.settle(lambda: saliency_settings.config_of(values), opening, values["view"])
        runs: list[live.Run] = []  # none where there is no place for it
        frame.attempt(lambda: runs.append(show(frame, config, values)))
    names = saliency_rail.methods_to_read(values)
    frame.below(saliency_text.parts(config, values["view"], runs[0] if runs else None, names))


if __name__ == "__main__":
    render()
