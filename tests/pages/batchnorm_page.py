"""What the tests read off the page on batch norm, and how they write its link."""

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_config import DIRECTIONS, INPUTS, MODES, UPSTREAM
from dlcore.ui import batchnorm_rail as rail
from tests.pages.lesson_page import LessonPage
from tests.pages.stages import view_on

SLUG = "batchnorm"
TITLES: dict[str, dict[Any, str]] = {
    "view": rail.VIEWS,
    "norm": NORMS,
    "direction": DIRECTIONS,
    "mode": MODES,
    "image": INPUTS,
    "upstream": UPSTREAM,
    "activation": rail.ACTIVATIONS,
    "weights": rail.WEIGHTS,
    "sizes_weights": rail.WEIGHTS,
    "batch_size": rail.BATCHES,
    "tab": rail.TABS,
}
PAGE = LessonPage(SLUG, TITLES, rail.DEFAULTS)
opened, config_on, control, change = PAGE.opened, PAGE.config_on, PAGE.control, PAGE.change
press, controls_say, unseen = PAGE.press, PAGE.controls_say, PAGE.unseen


def table(page: AppTest, key: str) -> np.ndarray:
    """All numbers of one table of the transform, piece by piece, row by row."""
    grids = [grid for grid in view_on(page, "transform")["grids"] if grid["key"].rstrip("0123456789") == key]
    return np.concatenate([grid["values"] for grid in grids])
