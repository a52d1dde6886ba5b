"""What the tests read off the page on overfitting, and how they write its link."""

from typing import Any

from streamlit.testing.v1 import AppTest

from dlcore.datasets.features import FEATURES
from dlcore.topics.overfitting_config import DATA
from dlcore.topics.overfitting_switches import SWITCHES
from dlcore.ui import overfitting_rail as rail
from tests.pages.lesson_page import LessonPage
from tests.pages.stages import stage_on

SLUG = "overfitting"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "switch": {key: switch.title for key, switch in SWITCHES.items()},
    "group": rail.GROUPS,
    "data": DATA,
    "features": {key: feature.title for key, feature in FEATURES.items()},
    "activation": rail.ACTIVATIONS,
    "optimizer": rail.OPTIMIZERS,
    "batch_size": rail.BATCHES,
    "tab": rail.TABS,
}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, config_on, control, change = PAGE.opened, PAGE.config_on, PAGE.control, PAGE.change
press, controls_say, unseen = PAGE.press, PAGE.controls_say, PAGE.unseen


def panels_on(page: AppTest) -> list[dict[str, Any]]:
    """The networks in the picture, without their numbers, which are still to come."""
    (network,) = [view for view in stage_on(page)[1]["views"] if view["key"] == "network"]
    return network["panels"]
