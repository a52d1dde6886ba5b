"""What the tests read off the optimizers' page, and how they write its link."""

import dataclasses
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.topics.arrows import LAYERS
from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.ui import descent_rail, descent_text
from tests.pages.stages import view_on, written

FIELDS = [field.name for field in dataclasses.fields(RaceConfig) if field.name != "hyper"]
TITLES: dict[str, dict[Any, str]] = {
    "surface": descent_rail.SURFACE_TITLES,
    "rates": descent_rail.RATES,
    "schedule": descent_rail.SCHEDULE_TITLES,
    "batch_size": descent_rail.BATCHES,
    "optimizers": {name: rule.title for name, rule in OPTIMIZERS.items()},
    "layers": LAYERS,
}


def link(**values: Any) -> dict[str, str | list[str]]:
    """The values as the address writes them."""
    return written(TITLES, **values)


def config_on(page: AppTest) -> RaceConfig:
    return page.session_state["optimizers.good"]


def paths_on(page: AppTest) -> np.ndarray:
    """The paths that the contour draws, (frames, optimizers, 2)."""
    growing = [track["data"] for track in view_on(page, "contour")["tracks"] if track["kind"] == "grow"]
    return np.stack([np.stack([data[axis] for axis in "xy"], axis=1) for data in growing], axis=1)


def csv_of(config: RaceConfig, trace: RaceTrace) -> str:
    return descent_text.csv(config, trace)
