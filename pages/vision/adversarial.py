"""The lesson on adversarial examples: a network is fooled, it is counted how often, and why, and what helps."""

from typing import Any

import streamlit as st

from dlcore.figures.adversarial_sheet import Look
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.ui import (
    adversarial_hands,
    adversarial_rail,
    adversarial_settings,
    adversarial_stages,
    adversarial_text,
    lesson,
    live,
)
from dlcore.ui.adversarial_settings import Config
from dlcore.ui.player import player

LESSON = Lesson(
    slug="adversarial",
    part="vision",
    title="Adversarial examples",
    promise="Fool a network with a change that nobody sees, beside as much noise, and measure how often it works.",
    order=2,
    keywords=(
        *("attack", "FGSM", "PGD", "targeted", "DeepFool", "universal perturbation", "transfer", "robustness"),
        *("adversarial training", "fooling image", "epsilon", "defence", "linear explanation", "illusion"),
    ),
)
#: Controls that do not leave a scene.
LOOKING = ("step", "below", "tab", "selected", "seed", "group", "delta")


@st.cache_data(max_entries=50, show_spinner=False)
def message(config: Config, look: Look) -> bytes:
    return deflated(adversarial_stages.stage_of(config, look))


def show(frame: lesson.Frame, config: Config, values: dict[str, Any]) -> live.Run | None:
    """Raises: ValueError where the server has no place for the run."""
    stage = message(config, Look(delta=values["delta"]))
    hands = adversarial_hands.listeners(frame.controls, adversarial_settings.classes_of(config))
    if isinstance(config, IllusionConfig):
        player("adversarial.player", stage, **frame.player_settings(), **hands)
        return None
    run = live.run(frame.controls, adversarial_stages.FRAMES[type(config)], config)
    player("adversarial.player", stage, **frame.player_settings(), **hands, **run.settings)
    return run


def render() -> None:
    frame = lesson.open_lesson(LESSON, adversarial_rail.DEFAULTS, SCENES, looking=LOOKING, kept=("below",))
    with frame.stage():
        scenes, views = st.container(), frame.controls.views_row()
        with frame.rail() as controls:
            values = adversarial_rail.draw(controls, views)
            controls.tell(adversarial_settings.what_is_ignored(values))
        frame.free = adversarial_rail.FREE[adversarial_rail.shown(values)]
        with scenes:
            frame.choose_scene(values)
        opening = adversarial_settings.config_of({**adversarial_rail.opening(values), "upload": None})
        config = frame.settle(lambda: adversarial_settings.config_of(values), opening, adversarial_rail.shown(values))
        runs: list[live.Run | None] = [None]  # where there is no place for it
        frame.attempt(lambda: runs.append(show(frame, config, values)))
    frame.below(adversarial_text.parts(config, values, runs[-1]))


if __name__ == "__main__":
    render()
