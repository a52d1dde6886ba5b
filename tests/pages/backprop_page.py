"""What the tests read off the page on backpropagation, and how they write its link."""

import re
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from dlcore.topics.backprop_config import FAULTS, LOSSES, NETWORKS, WALKED, BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train
from dlcore.topics.walk import Walk
from dlcore.ui import backprop_rail
from dlcore.ui.controls import log_grid, number_text
from tests.pages.stages import OpenPage, hidden, view_on, written

TITLES: dict[str, dict[Any, str]] = {
    "network": NETWORKS,
    "loss": LOSSES,
    "fault": FAULTS,
    "view": backprop_rail.VIEWS,
    "level": backprop_rail.LEVELS,
    "tab": backprop_rail.TABS,
    "lr": {rate: number_text(rate) for rate in log_grid(1e-4, 10.0)},
}


def opened(open_page: OpenPage, **values: Any) -> AppTest:
    """A reader follows a link with these values of controls."""
    return open_page("backprop", written(TITLES, **values))


def config_on(page: AppTest) -> BackpropConfig:
    return page.session_state["backprop.good"]


def walk_of(config: BackpropConfig) -> Walk:
    """The walk of these settings, made without the page."""
    net = build(config)
    return record(config, net, train(config, net, config.updates + WALKED))


def frames_of(config: BackpropConfig, phase: str) -> list[int]:
    """The frames of a phase in the walk of these settings."""
    return [k for k, now in enumerate(walk_of(config).phases) if now == phase]


def control(page: AppTest, name: str) -> Any:
    """A control by its name, of whatever kind it is."""
    return page.get_by_key(f"backprop.{name}")


def press(page: AppTest, name: str) -> AppTest:
    return page.button(key=f"backprop.{name}").click().run()


def controls_say(page: AppTest) -> dict[str, Any]:
    """Every control's value."""
    return {name: page.session_state[f"backprop.{name}"] for name in backprop_rail.DEFAULTS}


def unseen(page: AppTest) -> set[str]:
    """The parts of the rail that do not matter now."""
    return {name.removeprefix("backprop-") for name in hidden(page)}


def training_on(page: AppTest) -> tuple[int, int]:
    """After how many updates the walk begins, and how many the curve of training shows."""
    view = view_on(page, "training")
    return int(np.ravel(view["tracks"][0]["data"]["x"])[0]), len(view["figure"]["data"][0]["x"]) - 1


def numbers_on(page: AppTest, k: int, where: str) -> dict[str, str]:
    """What is written in the boxes ("middle"), or below them ("bottom"), at frame k: node -> text."""
    graph = view_on(page, "graph")
    nodes = {_place(*at): key for key, at in graph["targets"].items() if len(at) == 2}
    shown = {}
    for track in graph["tracks"]:
        look, data = graph["figure"]["data"][track["trace"]], track["data"]
        if look.get("textposition") == f"{where} center":
            rows = zip(*(data[name] for name in ("x", "y", "start", "end", "text")), strict=True)
            now = [(_place(x, y), text) for x, y, start, end, text in rows if start <= k < end]
            shown |= {nodes[place]: re.sub(r"</?b>", "", text) for place, text in now if place in nodes}
    return shown


def _place(x: Any, y: Any) -> tuple[float, float]:
    """Where something stands, as far as float32 has it."""
    return float(np.float32(np.ravel(x)[0])), float(np.float32(np.ravel(y)[0]))


def number_at(page: AppTest, k: int, node: str) -> float:
    """The value in a node's box at frame k."""
    return number(numbers_on(page, k, "middle")[node])


def number(text: str) -> float:
    """A number as the picture writes it."""
    return float(text.replace("−", "-"))
