"""What the tests read off the page on saliency, how they write its link, and settings whose runs take a moment."""

from typing import Any

from streamlit.testing.v1 import AppTest

from dlcore.datasets.objects import CLASSES
from dlcore.topics.images.pictures import KINDS, PHOTOS
from dlcore.topics.saliency.completeness import RULES
from dlcore.topics.saliency.methods import METHODS
from dlcore.training import Snapshot
from dlcore.ui import image_rail, runs
from dlcore.ui import saliency_rail as rail
from tests.pages.lesson_page import LessonPage
from tests.pages.stages import stage_on, view_on

SLUG = "saliency"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "forming": rail.FORMING,
    "truth": rail.TRUTH,
    "group": rail.GROUPS,
    "model": image_rail.models(),
    "kind": KINDS,
    "shape": {name: name for name in CLASSES},
    "photo": PHOTOS,
    "brush": rail.BRUSHES,
    "clicks": rail.CLICKS,
    "methods": {name: method.title for name, method in METHODS.items()},
    "rule": RULES,
    "baseline": rail.BASES,
    "filling": rail.BASES,
    "way": {"delete": "deleted", "insert": "inserted"},
    "signs": rail.SIGNS,
    "tab": rail.TABS,
}
#: Every stage of the lesson: the controls that lead there.
STAGES: dict[str, dict[str, Any]] = {
    "maps": {},
    **{name: {"view": "forming", "forming": name} for name in rail.FORMING},
    **{name: {"view": "truth", "truth": name} for name in rail.TRUTH},
    "watermarks": {"view": "truth", "truth": "study", "mark": True, "model": "shortcut"},
    "sanity": {"view": "sanity"},
    "training": {"view": "training"},
}
DIGIT: dict[str, Any] = {"model": "digits", "kind": "digit", "window": 3, "stride": 1}
#: Settings of methods with which a run takes a moment.
QUICK: dict[str, Any] = {"num_samples": 5, "num_steps": 10, "num_masks": 50, "num_regions": 10}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, config_on, control, change = PAGE.opened, PAGE.config_on, PAGE.control, PAGE.change
press, unseen = PAGE.press, PAGE.unseen


def controls_say(page: AppTest) -> dict[str, Any]:
    """Every control's value, as `DEFAULTS` has it."""
    said = PAGE.controls_say(page)
    return {**said, "methods": tuple(said["methods"])}


def stream_on(page: AppTest) -> str:
    """Where the run that is on screen is read."""
    return stage_on(page)[0]["stream"]


def run_on(page: AppTest) -> list[Snapshot]:
    """The run that is on screen, which is computed now."""
    job = runs.jobs().find(stream_on(page).rpartition("/")[2])
    assert job is not None
    return list(job.frames())


def answer_on(page: AppTest) -> tuple[str, str | None, list[float]]:
    """The class that is explained, the one that it is told apart from, and the chance of every class."""
    bars = view_on(page, "answer")
    against = bars["against"]
    return bars["labels"][bars["chosen"]], None if against is None else bars["labels"][against], bars["values"][0]


def picture_on(page: AppTest) -> Any:
    """The pixels of the picture that is explained, (height, width, 3)."""
    (original,) = [tile for tile in view_on(page, "tiles")["tiles"] if tile["key"] == "picture"]
    return original["values"][0]
