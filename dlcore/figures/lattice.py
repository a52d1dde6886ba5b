"""Maps of cells and which of them meet: a picture to point at; knows neither Plotly nor what the cells mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures.notes import Area
from dlcore.figures.theme import LEVELS, activation_shade, colour
from dlcore.numerals import compact

LONGEST = 5  # characters of a number in a cell, if that leaves a digit


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A map of cells. Lengths are in cells of a flat grid.

    title: what stands above it; `ended`: once all of its values are known. role: the column of the lattice's links in
    which its cells stand. values: (rows, cols), NaN: nothing is written. origin: where the first cell's corner lies, on
    a phone `narrow`; right and down: how columns and rows run. kinds: (rows, cols), 0 a cell, 1 of the border, 2 a zero
    between cells, 3 never read. known: (rows, cols), the frame from which a value is shown. names: what a cell is
    called, plain text. edits: the name that is sent when a cell is changed, "" where it cannot be. shade: the |value|
    that gets the full colour, of all cells or of each (rows, cols); 0: none does.
    """

    key: str
    title: str
    role: str
    values: np.ndarray
    origin: tuple[float, float]
    right: tuple[float, float] = (1, 0)
    down: tuple[float, float] = (0, 1)
    narrow: tuple[float, float] | None = None
    ended: str = ""
    kinds: np.ndarray | None = None
    known: np.ndarray | None = None
    names: Sequence[Sequence[str]] | None = None
    edits: Sequence[Sequence[str]] | None = None
    shade: float | np.ndarray = 1.0
    written: bool = True


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Maps whose cells are linked: pointing at a cell shows all that it meets.

    links: (n, roles), cells that meet, counted through all grids in order, row by row; −1: none in this role. The first
    role is the result's. products: (n,). starts: what the results' sums start from. kind: what a result is of its
    products, "sum", "mean" (of weighted products, so a sum) or "max". active: (frames,), the result that is computed in
    this frame, −1: none.
    """

    key: str
    title: str
    grids: Sequence[Grid]
    roles: tuple[str, ...]
    links: np.ndarray
    products: np.ndarray
    active: np.ndarray
    starts: np.ndarray | None = None
    kind: str = "sum"
    area: Area = "main"
    alt: str = ""
    keep: str = ""


@dataclass(frozen=True, kw_only=True)
class Working:
    """The arithmetic of the cell that is pointed at, or else of the active one, written out.

    lattice: the key of its picture.
    """

    key: str
    title: str
    lattice: str
    area: Area = "side"


def packable(lattice: Lattice) -> dict[str, Any]:
    """The lattice as the player takes it: every cell with its text and its shade, from 0 (strongest negative) on."""
    return {
        **vars(lattice),
        "grids": [_packable(grid) for grid in lattice.grids],
        "shades": [activation_shade(level)[0] for level in range(-LEVELS, LEVELS + 1)],
        "colours": {name: colour(name) for name in ("ground", "ink", "muted", "grid", "accent", "wrong")},
    }


def _packable(grid: Grid) -> dict[str, Any]:
    flat = grid.values.ravel()
    count = flat.size
    return {
        **{
            name: getattr(grid, name)
            for name in ("key", "title", "role", "origin", "right", "down", "narrow", "ended", "written")
        },
        "rows": grid.values.shape[0],
        "cols": grid.values.shape[1],
        "values": np.nan_to_num(flat, nan=0.0, posinf=0.0, neginf=0.0).tolist(),
        "texts": [cell_text(value) for value in flat.tolist()],
        "levels": _levels(flat, np.ravel(grid.shade)).tolist(),
        "kinds": [0] * count if grid.kinds is None else grid.kinds.ravel().tolist(),
        "known": [0] * count if grid.known is None else grid.known.ravel().tolist(),
        "names": [""] * count if grid.names is None else [name for row in grid.names for name in row],
        "edits": None if grid.edits is None else [name for row in grid.edits for name in row],
    }


def cell_text(value: float) -> str:
    """A number as short as it can be told in a cell; "" for none."""
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "−∞" if value < 0 else "∞"
    texts = [compact(value, count) for count in (3, 2, 1)]
    return next((text for text in texts if len(text) <= LONGEST), texts[-1])


def _levels(values: np.ndarray, shade: float | np.ndarray) -> np.ndarray:
    """Which shade every cell has: the middle one for zero, and for what has no number."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    full = np.broadcast_to(np.where(np.equal(shade, 0), np.inf, shade), values.shape)
    strength = np.ceil(LEVELS * np.minimum(np.abs(finite) / full, 1) - 1e-9)
    return (LEVELS + np.sign(finite) * strength).astype(int)
