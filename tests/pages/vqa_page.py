"""What the tests read off the page on questions about pictures, how they write its link, and every stage of it."""

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.datasets.aerial import Graph
from dlcore.topics.vqa.changes import ChangesConfig, after
from dlcore.topics.vqa.learning import DATA
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.training import Snapshot
from dlcore.ui import runs
from dlcore.ui import vqa_rail as rail
from dlcore.ui.vqa_settings import asked_of
from tests.pages.lesson_page import LessonPage
from tests.pages.stages import stage_on, view_on

SLUG = "vqa"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    **rail.SUBVIEWS,
    "picture": rail.PICTURES,
    "look": rail.LOOKS,
    "fusion": rail.titles(),
    "training": {str(seed): str(seed + 1) for seed in SEEDS},
    "add": rail.ADDED,
    "data": DATA,
    "tab": rail.TABS,
}
#: Every stage of the lesson: the controls that lead there.
STAGES: dict[str, dict[str, Any]] = {
    **{name: {"view": view, view: name} for view, parts in rail.SUBVIEWS.items() for name in parts},
    **{name: {"view": name} for name in rail.VIEWS if name not in rail.SUBVIEWS},
}
#: Settings with which the run of a stage takes a moment.
QUICK: dict[str, dict[str, Any]] = {
    **{name: {"num_scenes": 20} for name in ("table", "shift", "fusions", "data")},
    "train": {"train_scenes": 200, "num_steps": 200},
}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, control, change, press, unseen = PAGE.opened, PAGE.control, PAGE.change, PAGE.press, PAGE.unseen
controls_say = PAGE.controls_say


def shown(page: AppTest) -> str:
    """The stage that the controls say."""
    return rail.shown(controls_say(page))


def config_on(page: AppTest) -> Any:
    """The settings of what is on screen."""
    return page.session_state[f"{SLUG}.good{shown(page)}"]


def changed(page: AppTest) -> dict[str, Any]:
    """The controls that are not as the opening scene has them."""
    return {name: value for name, value in controls_say(page).items() if value != rail.DEFAULTS[name]}


def run_on(page: AppTest) -> list[Snapshot]:
    """The run that is on screen, which is computed now."""
    job = runs.jobs().find(stage_on(page)[0]["stream"].rpartition("/")[2])
    assert job is not None
    return list(job.frames())


def scene(changes: str = "", **values: Any) -> Graph:
    """What there is in the drawn scene of these controls after these changes."""
    graph = after(asked_of({**rail.DEFAULTS, "upload": None, **values}), changes).sight.graph()
    assert graph is not None
    return graph


def states_on(page: AppTest) -> ChangesConfig:
    """What was changed, and of what."""
    config = config_on(page)
    assert isinstance(config, ChangesConfig)
    return config


def log_on(page: AppTest) -> list[dict[str, Any]]:
    """The rows of the log: text, truth, answer, chance, flipped."""
    return view_on(page, "log")["entries"]


def chances_on(page: AppTest) -> np.ndarray:
    """The chance of each answer in each frame."""
    return np.asarray(view_on(page, "answers")["values"])


def picture_on(page: AppTest, frame: int = 0) -> np.ndarray:
    """The pixels of the picture that is asked about, (height, width, 3)."""
    key = {"read": "sight", "parts": "maps", "change": "sight"}[shown(page)]
    (tile,) = [tile for tile in view_on(page, key)["tiles"] if tile["key"] == "scene"]
    values = np.asarray(tile["values"])
    if tile["alike"]:  # each but the first travels as what differs from the one before
        values = values.cumsum(axis=0, dtype=np.uint8)
    return values[frame]
