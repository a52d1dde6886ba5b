"""What the tests read off the page on overfitting, and how they write its link."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.datasets.features import FEATURES
from dlcore.topics.overfitting_config import DATA
from dlcore.topics.overfitting_switches import SWITCHES
from dlcore.ui import live, runs
from dlcore.ui import overfitting_rail as rail
from tests.pages.stages import OpenPage, hidden, stage_on, written

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


@contextmanager
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader of their own, whose runs end with them."""
    monkeypatch.setattr(live, "_owner", lambda: "a reader")
    yield
    runs.jobs().close("a reader")


def opened(open_page: OpenPage, **values: Any) -> AppTest:
    """A reader follows a link with these values of controls."""
    return open_page(SLUG, written(TITLES, **values))


def config_on(page: AppTest) -> Any:
    """The settings of what is on screen: of two networks, or of the map."""
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


def panels_on(page: AppTest) -> list[dict[str, Any]]:
    """The networks in the picture, without their numbers, which are still to come."""
    (network,) = [view for view in stage_on(page)[1]["views"] if view["key"] == "network"]
    return network["panels"]
