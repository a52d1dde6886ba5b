"""What the tests read off the page on dropout, and how they write its link."""

from typing import Any

from dlcore.topics.dropout_config import DATA, WIDTHS
from dlcore.ui import dropout_rail as rail
from tests.pages.lesson_page import LessonPage

SLUG = "dropout"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "data": DATA,
    "width": {width: str(width) for width in WIDTHS},
    "tab": rail.TABS,
}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, config_on, control, change = PAGE.opened, PAGE.config_on, PAGE.control, PAGE.change
press, controls_say, unseen = PAGE.press, PAGE.controls_say, PAGE.unseen
