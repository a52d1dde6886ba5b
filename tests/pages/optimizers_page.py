"""What the tests read off the optimizers' page, and how they write its link."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.topics.arrows import LAYERS
from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.ui import descent_rail, descent_text

OpenPage = Callable[..., AppTest]
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

    def text(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return TITLES[name][value] if name in TITLES else str(value)

    return {
        name: [text(name, item) for item in value] if isinstance(value, tuple) else text(name, value)
        for name, value in values.items()
    }


def config_on(page: AppTest) -> RaceConfig:
    return page.session_state["optimizers.good"]


def toasts(page: AppTest) -> list[str]:
    return [toast.value for toast in page.toast]


def message_on(page: AppTest) -> bytes:
    """The bytes that the player got."""
    (component,) = [part for part in page.get("bidi_component") if part.proto.component_name.endswith("player")]
    return component.proto.bytes


def header(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def stage_on(page: AppTest) -> tuple[dict[str, Any], dict[str, Any], list[np.ndarray]]:
    """The player's settings, the stage, and its arrays."""
    settings, rest = header(message_on(page))
    stage, body = header(rest)
    arrays = [
        np.frombuffer(body, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
        for entry in stage["arrays"]
        if "pending" not in entry
    ]
    return settings, stage, arrays


def paths_on(page: AppTest) -> np.ndarray:
    """The paths that the contour draws, (frames, optimizers, 2)."""
    _, stage, arrays = stage_on(page)
    contour = next(view for view in stage["views"] if view["key"] == "contour")
    growing = [track["data"] for track in contour["tracks"] if track["kind"] == "grow"]
    return np.stack([np.stack([arrays[data[axis]["$"]] for axis in "xy"], axis=1) for data in growing], axis=1)


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert [error.value for error in page.error] == []
    return page


def csv_of(config: RaceConfig, trace: RaceTrace) -> str:
    return descent_text.csv(config, trace)
