"""What the tests read off the page on adversarial examples, how they write its link, and every stage of it."""

from typing import Any

from streamlit.testing.v1 import AppTest

from dlcore.datasets.objects import CLASSES
from dlcore.figures.adversarial_sheet import DELTAS
from dlcore.topics.adversarial import illusion, plane
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.images.pictures import KINDS, PHOTOS
from dlcore.training import Snapshot
from dlcore.ui import adversarial_rail as rail
from dlcore.ui import image_rail, runs
from tests.pages.lesson_page import LessonPage
from tests.pages.stages import stage_on, view_on

SLUG = "adversarial"


def levels(options: tuple[float, ...]) -> dict[Any, str]:
    """How a slider over radii writes them."""
    return {level: f"{level:g}" for level in options}


TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    **rail.SUBVIEWS,
    "group": rail.GROUPS,
    "model": image_rail.models(),
    "kind": KINDS,
    "shape": {name: name for name in CLASSES},
    "photo": PHOTOS,
    "method": rail.METHODS,
    "norm": rail.NORMS,
    "most": levels(rail.RANGES),
    "most_l2": levels(rail.RANGES_L2),
    "epsilon": levels(rail.EPSILONS),
    "epsilon_l2": levels(rail.EPSILONS_L2),
    "fit_epsilon": levels(rail.EPSILONS[6:]),
    "delta": {**DELTAS},
    "attacks": {name: attack.title for name, attack in ATTACKS.items()},
    "start": rail.STARTS,
    "plane_data": plane.TITLES,
    "plane_model": plane.MODEL_TITLES,
    "plane_attack": rail.METHODS | {"deepfool": "DeepFool"},
    "illusion_kind": illusion.KINDS,
    "tab": rail.TABS,
}
#: Every stage of the lesson: the controls that lead there.
STAGES: dict[str, dict[str, Any]] = {
    **{name: {"view": view, view: name} for view, parts in rail.SUBVIEWS.items() for name in parts},
    "universal": {"view": "universal"},
    "fooling": {"view": "fooling"},
}
DIGIT: dict[str, Any] = {"model": "digits", "kind": "digit", **rail.FITTING[True]}
#: Settings with which the run of a stage takes a moment.
QUICK: dict[str, dict[str, Any]] = {
    **{name: {**DIGIT, "num_steps": 2} for name in ("sweep", "path", "boundary", "fooling")},
    **{name: {**DIGIT, "num_steps": 2, "num_images": 20} for name in ("curves", "transfer", "universal", "twins")},
    "hardening": {"num_epochs": 2, "fit_steps": 1},
}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, control, change, press, unseen = PAGE.opened, PAGE.control, PAGE.change, PAGE.press, PAGE.unseen


def shown(page: AppTest) -> str:
    """The stage that the controls say."""
    return rail.shown(PAGE.controls_say(page))


def config_on(page: AppTest) -> Any:
    """The settings of what is on screen."""
    return page.session_state[f"{SLUG}.good{shown(page)}"]


def controls_say(page: AppTest) -> dict[str, Any]:
    """Every control's value, as `DEFAULTS` has it."""
    said = PAGE.controls_say(page)
    return {**said, "attacks": tuple(said["attacks"])}


def changed(page: AppTest) -> dict[str, Any]:
    """The controls that are not as the opening scene has them."""
    return {name: value for name, value in controls_say(page).items() if value != rail.DEFAULTS[name]}


def stream_on(page: AppTest) -> str:
    """Where the run that is on screen is read."""
    return stage_on(page)[0]["stream"]


def run_on(page: AppTest) -> list[Snapshot]:
    """The run that is on screen, which is computed now."""
    job = runs.jobs().find(stream_on(page).rpartition("/")[2])
    assert job is not None
    return list(job.frames())


def picture_on(page: AppTest) -> Any:
    """The pixels of the picture that is attacked, (height, width, 3)."""
    (original,) = [tile for tile in view_on(page, "tiles")["tiles"] if tile["key"] == "picture"]
    return original["values"][0]
