"""What the tests read off the page on convolution, and how they write its link."""

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.datasets.pictures import PICTURES
from dlcore.figures.convolution import LAYOUTS
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import MODES
from dlcore.topics.convolution_config import DIRECTIONS, INPUTS, UPSTREAM
from dlcore.topics.filtering import BANKS
from dlcore.topics.kernels import KERNELS
from dlcore.ui import convolution_rail as rail
from tests.pages.stages import OpenPage, hidden, view_on, written

SLUG = "convolution"
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "operation": rail.OPERATIONS,
    "direction": DIRECTIONS,
    "layout": LAYOUTS,
    "group": rail.GROUPS,
    "axes": rail.AXES,
    "padding": rail.PADDINGS,
    "mode": MODES,
    "image": INPUTS,
    "filter": {name: preset.title for name, preset in KERNELS.items()},
    "turn": rail.TURNS,
    "upstream": UPSTREAM,
    "picture": {**PICTURES, rail.OWN: "Your own"},
    "bank": {"one": "The kernel below", **{name: preset.title for name, preset in BANKS.items()}},
    "architecture": {name: known.title for name, known in ARCHITECTURES.items()},
    "tab": rail.TABS,
}


def opened(open_page: OpenPage, **values: Any) -> AppTest:
    """A reader follows a link with these values of controls."""
    return open_page(SLUG, written(TITLES, **values))


def config_on(page: AppTest) -> Any:
    """The settings of what is on screen."""
    return page.session_state[f"{SLUG}.good{page.session_state[f'{SLUG}.view']}"][0]


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


def grid(page: AppTest, key: str) -> dict[str, Any]:
    """One map of cells of the Window view, such as "ground0"."""
    return next(grid for grid in view_on(page, "window")["grids"] if grid["key"] == key)


def cells(page: AppTest, key: str) -> np.ndarray:
    """A map's numbers, (rows, columns)."""
    found = grid(page, key)
    return np.array(found["values"]).reshape(found["rows"], found["cols"])


def answers(page: AppTest) -> np.ndarray:
    """What the single filter answers in the Picture view, (rows, columns)."""
    return view_on(page, "response")["figure"]["data"][0]["z"]


def brightness(image: np.ndarray) -> np.ndarray:
    return image @ np.array([0.299, 0.587, 0.114]) / 255


def correlated(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """By scipy, with zeros around."""
    from scipy import ndimage

    return ndimage.correlate(image, weights, mode="constant")
