"""What the reader's hand does in the picture of the lesson on overfitting: units, layers, weights, points."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.figures.capacity import cell_at
from dlcore.topics.capacity import CapacityConfig
from dlcore.topics.overfitting_config import MOST_LAYERS, MOST_UNITS, OverfittingConfig
from dlcore.training import edits_text, read_edits
from dlcore.ui.controls import Controls
from dlcore.ui.overfitting_points import with_point

#: Widths that one press of ± goes through: every number is a choice where few are, doubling where many are.
WIDTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, MOST_UNITS)
FIRST_WIDTH = 8  # of a layer where there was none
#: How the networks of the map are trained, which have no regulariser.
PLAIN = {"optimizer": "adam", "batch_size": 0, "l1": 0.0, "l2": 0.0, "dropout": 0.0, "input_noise": 0.0, "augment": 0.0}
ACT = re.compile(r"(layer|units)([+-])(\d*)")


def listeners(c: Controls, config: OverfittingConfig, steps: np.ndarray) -> dict[str, Any]:
    """What the player calls; steps: of the frames that it shows."""

    def act(name: str) -> None:
        """Another network has none of the weights that were changed by hand in this one."""
        changed = reshaped(config.hidden, name)
        if changed != config.hidden:
            c.restart(hidden=", ".join(map(str, changed)) or "0", edits="")

    def edit(name: str, value: float, k: int) -> None:
        """The change holds from the update on that is shown; the run begins anew, and comes to it."""
        step = int(steps[min(max(k, 0), len(steps) - 1)])
        try:
            c.set(edits=with_change(c.present("edits"), name, value, step))
        except ValueError as error:
            st.toast(str(error))  # what was there stays

    hands: dict[str, Any] = {"on_act": act, "on_edit": edit}
    return {**hands, "on_pick": painter(c)} if config.data == "points" else hands


def painter(c: Controls) -> Callable[[float, float], None]:
    """A click on the plane is a point of the class that is chosen."""

    def paint(x: float, y: float) -> None:
        try:
            c.restart(points=with_point(c.present("points"), x, y, int(c.present("paint"))), edits="")
        except ValueError as error:
            st.toast(str(error))  # what was there stays

    return paint


def opener(c: Controls, config: CapacityConfig) -> Callable[[float, float], None]:
    """A click on a cell of the map opens the playground with such networks as A, and nothing that differs from them."""

    def look(x: float, y: float) -> None:
        cell = cell_at(config, x, y)
        if cell is not None:
            width, size = cell
            hidden = ", ".join([str(width)] * config.depth)
            c.restart(view="", hidden=hidden, num_train=size, switch="none", edits="", **PLAIN)

    return look


def undo_edits(c: Controls) -> None:
    """The way back from changes by hand, where there are any."""
    if c.present("edits"):
        st.button("Undo edits", key=c.key("undo"), on_click=c.restart, kwargs={"edits": ""})


def reshaped(hidden: tuple[int, ...], name: str) -> tuple[int, ...]:
    """The widths after a button of the picture: "layer+", "layer-", "units+2", "units-2"; the same at a limit."""
    match = ACT.fullmatch(name)
    if match is None:
        return hidden
    what, sign, number = match.groups()
    if what == "layer":
        longer = (*hidden, hidden[-1] if hidden else FIRST_WIDTH)
        return longer[:MOST_LAYERS] if sign == "+" else hidden[:-1]
    layer = int(number or 0) - 1
    if not 0 <= layer < len(hidden):
        return hidden
    return (*hidden[:layer], next_width(hidden[layer], up=sign == "+"), *hidden[layer + 1 :])


def next_width(width: int, *, up: bool) -> int:
    """The nearest wider, or narrower, width of the row; the same at its ends."""
    if up:
        return next((other for other in WIDTHS if other > width), width)
    return next((other for other in reversed(WIDTHS) if other < width), width)


def with_change(edits: str, name: str, value: float, step: int) -> str:
    """The changes by hand with one more; it takes the place of an earlier one of the same number at the same step."""
    column, parameter = name[:1], name[1:]
    made = f"{name}={value:.6g}@{step}"
    own, others = [], []
    for part in filter(None, (part.strip() for part in re.split("[;,]", edits))):
        (own if part.startswith(column) else others).append(part)
    kept = [edit for edit in read_edits("; ".join(part[1:] for part in own)) if edit[:2] != (step, parameter)]
    return "; ".join([*others, *(f"{column}{edits_text([edit])}" for edit in kept), made])
