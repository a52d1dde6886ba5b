"""What the reader's hand does in the pictures of the lesson on convolution: pin a cell, change it, look closer."""

from typing import Any

from dlcore.topics.convolution_config import Edit, read_name, with_edit
from dlcore.ui.controls import Controls
from dlcore.ui.convolution_settings import place_of

CLOSE = 16  # cells of the input when a place of the picture is looked at


def choosing(c: Controls) -> dict[str, Any]:
    """A cell or a layer that was chosen stays chosen, and stands in the address."""
    return {"on_select": lambda key: c.set(selected=key)}


def listeners(c: Controls) -> dict[str, Any]:
    """What the player calls in the Window view."""

    def edit(name: str, value: float, _: int) -> None:
        letter, index = read_name(name)
        c.set(edits=with_edit(c.present("edits"), Edit(letter, index, value)))

    return {**choosing(c), "on_edit": edit}


def crop_of(at: str) -> tuple[float, float, float] | None:
    """Row and column of the place that was looked at last, and the side of the square around it, if there is one."""
    place = place_of(at)
    return (*place, CLOSE) if place else None


def closer(c: Controls) -> dict[str, Any]:
    """A click on the picture opens the cells around it under the window."""

    def look(x: float, y: float) -> None:
        others = {"operation": "convolution", "direction": "forward", "axes": "2", "differ": False, "in_channels": 1}
        others |= {"out_channels": 1, "groups": 1, "size": CLOSE, "layout": "flat", "selected": ""}
        c.restart(view="window", image="patch", at=f"{round(y)}, {round(x)}", **others)

    return {"on_pick": look}
