"""What the reader's hand does in the pictures of the lesson on convolution: pin a cell, change it, look closer."""

import re
from typing import Any

import streamlit as st

from dlcore.topics.convolution_config import Edit, read_edits, read_name, with_edit
from dlcore.ui.controls import Controls
from dlcore.ui.convolution_settings import place_of

CLOSE = 16  # cells of the input when a place of the picture is looked at


def choosing(c: Controls) -> dict[str, Any]:
    """A cell or a layer that was chosen stays chosen, and stands in the address."""
    return {"on_select": lambda key: c.set(selected=key)}


def listeners(c: Controls) -> dict[str, Any]:
    """What the player calls in the Window view."""

    def edit(name: str, value: float, _: int) -> None:
        try:
            (made,) = read_edits(str(Edit(*read_name(name), value)))
            c.set(edits=with_edit(c.present("edits"), made))
        except ValueError as error:
            st.toast(str(error))  # what was there stays

    return {**choosing(c), "on_edit": edit}


def without(edits: str, letters: str) -> str:
    """The changes that are of none of these tensors; what is not understood stays as it was typed."""
    parts = [part.strip() for part in re.split("[,;]", edits)]
    return ", ".join(part for part in parts if part and part[0].lower() not in letters)


def crop_of(at: str) -> tuple[float, float, float] | None:
    """Row and column of the middle of the cells that were looked at last, and how many there are along a side."""
    place = place_of(at)
    return (place[0] - 0.5, place[1] - 0.5, CLOSE) if place else None


def closer(c: Controls, height: int, width: int) -> dict[str, Any]:
    """A click on a picture of this size opens the cells around it under the same kernel, with that place's sum."""

    def look(x: float, y: float) -> None:
        row, column = (min(max(round(place), 0), n - 1) for place, n in ((y, height), (x, width)))
        others = {"operation": "convolution", "direction": "forward", "layout": "flat", "axes": "2", "differ": False}
        others |= {"in_channels": 1, "out_channels": 1, "groups": 1, "bias": 0.0, "padding": "same", "mode": "zeros"}
        others |= {"edits": without(c.present("edits"), "x"), "size": CLOSE}
        others["selected"] = f"result0.{CLOSE // 2}.{CLOSE // 2}" if c.present("stride") == 1 else ""
        c.restart(view="window", image="patch", at=f"{row}, {column}", **others)

    return {"on_pick": look}
