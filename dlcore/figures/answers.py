"""What filters answer to a picture, as colours, and the frame in which a picture is seen; knows no views."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dlcore.figures import theme

PERCENT = 100
SEEN = 0.995  # of all answers are told apart by their colours; a few stronger ones look like these
#: Black and white in both themes: a picture is not inverted in the dark.
GREY_SCALE: list[list[float | str]] = [[0, "#010101"], [1, "#fefefe"]]
HIDDEN: dict[str, Any] = {"visible": False, "fixedrange": True}
#: Axes without numbers, in a hairline.
FRAMED: dict[str, Any] = {
    "showgrid": False,
    "showticklabels": False,
    "showline": True,
    "mirror": True,
    "linecolor": theme.colour("grid"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What filters answer, (filters, rows, columns), with their titles and kernels (filters, rows, columns).

    grey: the answers are pictures themselves, with 0 for black and 1 for white.
    """

    responses: np.ndarray
    titles: Sequence[str]
    kernels: np.ndarray
    grey: bool = False

    @cached_property
    def largest(self) -> float:
        """The size of the strongest answer of all; 1 where there is none."""
        return float(np.abs(self.responses).max()) or 1.0

    @cached_property
    def limit(self) -> float:
        """The size of an answer that gets the full colour."""
        return float(np.quantile(np.abs(self.responses), SEEN)) or self.largest

    @property
    def percents(self) -> np.ndarray:
        """The answers in percent of the strongest one: a byte each, for a bank's many."""
        return np.rint(PERCENT * self.responses / self.largest).astype(np.int8)

    @property
    def kernel_percents(self) -> np.ndarray:
        """The weights in percent of the largest one of each kernel."""
        largest = np.abs(self.kernels).max(axis=(1, 2), keepdims=True)
        return np.rint(PERCENT * self.kernels / np.where(largest > 0, largest, 1)).astype(np.int8)

    def range(self) -> tuple[float, float]:
        """The answers with the colours at the ends."""
        return (0.0, 1.0) if self.grey else (-self.limit, self.limit)

    def scale(self) -> list[list[float | str]]:
        """The colours, as Plotly wants them."""
        return GREY_SCALE if self.grey else signed_scale()


def signed_scale(role: str = "weight") -> list[list[float | str]]:
    """From the strongest negative value over nothing to the strongest positive one; "activation": to be written on."""
    names = (f"{role}-negative", "ground", f"{role}-positive")
    return [[place, theme.colour(name)] for place, name in zip((0, 0.5, 1), names, strict=True)]


def picture_axes(rows: int, cols: int, bottom: float) -> dict[str, Any]:
    """The axes of a picture, as large as fits above the share `bottom` of the height, in a hairline."""
    inside = [{"minallowed": -0.5, "maxallowed": n - 0.5} for n in (cols, rows)]
    return {
        "xaxis": {**FRAMED, **inside[0], "range": [-0.5, cols - 0.5], "constrain": "domain"},
        "yaxis": {
            **FRAMED,
            **inside[1],
            "range": [rows - 0.5, -0.5],
            "domain": [bottom, 1],
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    }
