"""What a test reads off the page of any lesson whose link has titles for its options, and how it uses its controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.stages import OpenPage, hidden, written


@dataclass(frozen=True)
class LessonPage:
    """One lesson's page; titles: those of the options, by control; defaults: all controls of the opening scene."""

    slug: str
    titles: Mapping[str, Mapping[Any, str]]
    defaults: Mapping[str, Any]

    def opened(self, open_page: OpenPage, **values: Any) -> AppTest:
        """A reader follows a link with these values of controls."""
        return open_page(self.slug, written(self.titles, **values))

    def config_on(self, page: AppTest) -> Any:
        """The settings of what is on screen in the present view."""
        return page.session_state[f"{self.slug}.good{page.session_state[f'{self.slug}.view']}"]

    def control(self, page: AppTest, name: str) -> Any:
        """A control by its name, of whatever kind it is."""
        return page.get_by_key(f"{self.slug}.{name}")

    def change(self, page: AppTest, name: str, value: Any) -> AppTest:
        return self.control(page, name).set_value(value).run()

    def press(self, page: AppTest, name: str) -> AppTest:
        return page.button(key=f"{self.slug}.{name}").click().run()

    def controls_say(self, page: AppTest) -> dict[str, Any]:
        """Every control's value."""
        return {name: page.session_state[f"{self.slug}.{name}"] for name in self.defaults}

    def unseen(self, page: AppTest) -> set[str]:
        """The parts of the rail that do not matter now."""
        return {name.removeprefix(f"{self.slug}-") for name in hidden(page)}
