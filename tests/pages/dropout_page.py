"""What the tests read off the page on dropout, and how they write its link."""

from typing import Any

from streamlit.testing.v1 import AppTest

from dlcore.topics.dropout_config import DATA, WIDTHS
from dlcore.ui import dropout_rail as rail
from tests.pages.stages import OpenPage, hidden, written

SLUG = "dropout"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "data": DATA,
    "width": {width: str(width) for width in WIDTHS},
    "tab": rail.TABS,
}


def opened(open_page: OpenPage, **values: Any) -> AppTest:
    """A reader follows a link with these values of controls."""
    return open_page(SLUG, written(TITLES, **values))


def config_on(page: AppTest) -> Any:
    """The settings of what is on screen."""
    return page.session_state[f"{SLUG}.good{page.session_state[f'{SLUG}.view']}"]


def control(page: AppTest, name: str) -> Any:
    """A control by its name, of whatever kind it is."""
    return page.get_by_key(f"{SLUG}.{name}")


def change(page: AppTest, name: str, value: Any) -> AppTest:
    return control(page, name).set_value(value).run()


def press(page: AppTest, name: str) -> AppTest:
    return page.button(key=f"{SLUG}.{name}").click().run()


def controls_say(page: AppTest) -> dict[str, Any]:
    """Every control's value."""
    return {name: page.session_state[f"{SLUG}.{name}"] for name in rail.DEFAULTS}


def unseen(page: AppTest) -> set[str]:
    """The parts of the rail that do not matter now."""
    return {name.removeprefix(f"{SLUG}-") for name in hidden(page)}
