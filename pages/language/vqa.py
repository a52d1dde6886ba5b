"""The lesson on visual question answering: a picture, a question, an answer; how often it is right, and why."""

from typing import Any

import streamlit as st

from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics.vqa.scenes import SCENES
from dlcore.ui import lesson, live, vqa_changes_rail, vqa_hands, vqa_rail, vqa_settings, vqa_stages, vqa_text
from dlcore.ui.player import player
from dlcore.ui.vqa_settings import Config

LESSON = Lesson(
    slug="vqa",
    part="language",
    title="Ask the picture",
    promise="Type a question about an aerial scene, watch it being read and answered, then move a house and ask again.",
    order=1,
    keywords=(
        *("visual question answering", "VQA", "RSVQA", "remote sensing", "GRU", "LSTM", "fusion", "bilinear", "MCB"),
        *("MUTAN", "attention", "language bias", "counterfactual", "tokeniser", "vocabulary", "domain shift"),
    ),
)
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "selected", "look", "add", "explain")


@st.cache_data(max_entries=50, show_spinner=False)
def message(config: Config, look: str, adding: str) -> bytes:
    return deflated(vqa_stages.stage_of(config, look, adding))


def show(frame: lesson.Frame, config: Config, values: dict[str, Any]) -> live.Run | None:
    """Raises: ValueError where the server has no place for the run."""
    stage = message(config, values["look"], values["add"])
    hands = vqa_hands.listeners(frame.controls, config)
    if type(config) in vqa_stages.AT_ONCE:
        player("vqa.player", stage, **frame.player_settings(), **hands)
        return None
    run = live.run(frame.controls, vqa_stages.FRAMES[type(config)], config)
    player("vqa.player", stage, **frame.player_settings(), **hands, **run.settings)
    return run


def render() -> None:
    frame = lesson.open_lesson(LESSON, vqa_rail.DEFAULTS, SCENES, looking=LOOKING, kept=("below",))
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            changing = st.container()
            values = vqa_rail.draw(controls, views)
            with changing:
                vqa_changes_rail.draw_unknown(controls, values)
                for sentence in vqa_settings.how_far(values):
                    st.caption(sentence)
                values["changes"] = vqa_changes_rail.draw(controls, values)
        stage = vqa_rail.shown(values)
        frame.free = vqa_rail.FREE[stage]
        with scenes:
            frame.choose_scene(values)
        opening = vqa_settings.config_of(vqa_rail.opening(values))
        config = frame.settle(lambda: vqa_settings.config_of(values), opening, stage)
        runs: list[live.Run | None] = [None]  # where there is no place for it
        frame.attempt(lambda: runs.append(show(frame, config, values)))
    frame.below(vqa_text.parts(config, values, runs[-1]))


if __name__ == "__main__":
    render()
