"""Small pictures and maps side by side, all of one place: what a network sees and what its answer rests on. Knows
neither the network nor how a map was computed.

Maps travel as the numbers that they are: how strong a colour is, which sign is shown and what lies under a map are
settled in the browser, so that a change of these asks for nothing anew. The first row of an array is the top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dlcore import require
from dlcore.figures.notes import Area
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.theme import colour, magnitude_scale, signed_scale

MOST_COLUMNS = 24
MEANINGS = ("ground", "ink", "muted", "grid", "accent")


@dataclass(frozen=True, kw_only=True)
class Handle:
    """A ring in a tile by which a thing in it is moved with the mouse, a finger or the keyboard.

    A move says `drag` {key, x, y, step}, Delete or a drag out of the tile `remove` {key, step}, a click `select` {key};
    x, y in cells, from the tile's left upper corner. title: what the thing is called. places: (frames, 2), x and y in
    cells, NaN where there is none; of one frame where it never changes. size: the ring's width, in cells. moves: the
    thing can be moved; otherwise only be removed.
    """

    key: str
    title: str
    places: np.ndarray
    size: float = 12.0
    moves: bool = True


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One picture, or one map.

    values: a picture's (frames, h, w, 3) uint8; a map's (frames, h, w), with its signs; an array of one frame never
    changes. magnitude: what is shown of a map without signs; None: |values|. row: this row is shown as soon as it is
    there, whatever the frame; None: the present frame's. caption: plain text below. number: (frames,), beside it, of
    the same row. outline: bool (h, w), whose edge is drawn. mark: whether a ring is around the strongest place. lead:
    it is four times as large as others. paints: a hand draws on it in `brush`: a colour and a width in cells. words:
    the number k is told as the k-th of them. answers: (frames, words), chances, instead of a number: the likeliest of
    the words is told, with its chance. alike: most of a picture is as in the frame before, so only what differs
    travels. handles: rings by which things in it are moved. placing: what a click does
    beside them, such as "Add a house"; it says `place` {x, y, step}, in cells.
    """

    key: str
    title: str
    values: ArrayOrPending
    magnitude: ArrayOrPending | None = None
    kind: Literal["picture", "map"] = "map"
    row: int | None = None
    caption: str = ""
    number: ArrayOrPending | None = None
    outline: np.ndarray | None = None
    mark: bool = False
    lead: bool = False
    paints: bool = False
    brush: tuple[str, float] = ("#808080", 4.0)
    answers: ArrayOrPending | None = None
    words: Sequence[str] = ()
    alike: bool = False
    handles: Sequence[Handle] = ()
    placing: str = ""


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """Tiles side by side, on a phone two or three in a row; pointing at a place of one shows it in all of its size.

    signed: whether a map's sign is shown, or only its size. clip: the percentile, 0 to 100, of a map's sizes that has
    the full colour. shared: one scale for all maps, that of the largest. full: the size that has the full colour in
    every frame instead, 0: none. unit: what a size is, beside the shared scale. overlay: how much, 0 to 1, of `picture`
    (frames, h, w, 3) is seen where a map is small. follow: the tile whose row is the present frame has a frame in the
    accent's colour, unless another is selected. A click selects a tile by its key, or lets it go again. turns: a tile
    with a row is not seen before that frame. columns: so many tiles in a row, on a phone two where that is even; 0: as
    many as make them largest, and none leads where that would leave the others small.
    """

    key: str
    title: str
    tiles: Sequence[Tile]
    area: Area = "main"
    signed: bool = False
    clip: float = 99.0
    shared: bool = False
    full: float = 0.0
    unit: str = ""
    overlay: float = 0.0
    picture: ArrayOrPending | None = None
    follow: bool = False
    columns: int = 0
    turns: bool = False
    alt: str = ""


def packed_tiles(view: Tiles) -> dict[str, Any]:
    """The tiles as the player takes them. Raises: ValueError naming the first part that does not fit."""
    require.number("clip", view.clip, 0, 100)
    require.number("overlay", view.overlay, 0, 1)
    require.whole("columns", view.columns, 0, MOST_COLUMNS)
    keys = [tile.key for tile in view.tiles]
    if not keys or len(set(keys)) < len(keys):
        raise ValueError(f"tiles are {', '.join(keys) or 'none'}: at least one is wanted, each with a key of its own.")
    if view.picture is not None:
        _check("picture", view.picture, 4)
    return {
        **vars(view),
        "tiles": [_tile(tile) for tile in view.tiles],
        "colours": {name: colour(name) for name in MEANINGS},
        "scale": signed_scale() if view.signed else magnitude_scale(),
    }


def _tile(tile: Tile) -> dict[str, Any]:
    for name, array, axes in _arrays(tile):
        _check(f"{tile.key}: {name}", array, axes)
        if tile.row is not None and not 0 <= tile.row < array.shape[0]:
            raise ValueError(f"{tile.key}: row is {tile.row}, and {name} has {array.shape[0]} of them.")
    h, w = tile.values.shape[1:3]
    if tile.outline is not None and tile.outline.shape != (h, w):
        raise ValueError(f"{tile.key}: outline is {tile.outline.shape}, and the tile is {(h, w)}.")
    if tile.answers is not None and tile.answers.shape[1] != len(tile.words):
        raise ValueError(f"{tile.key}: answers is {tuple(tile.answers.shape)}, and there are {len(tile.words)} words.")
    outline = None if tile.outline is None else tile.outline.astype(np.uint8)
    handles = [_handle(tile, handle) for handle in tile.handles]
    values = _differences(tile) if tile.alike else tile.values
    return {**vars(tile), "values": values, "outline": outline, "handles": handles, "height": h, "width": w}


def _differences(tile: Tile) -> np.ndarray:
    """Of each frame's bytes from those of the frame before, modulo 256: mostly 0, which costs nothing on the wire."""
    if tile.kind != "picture" or not isinstance(tile.values, np.ndarray):
        raise ValueError(f"{tile.key}: alike is for pictures that are there already.")
    return np.concatenate([tile.values[:1], tile.values[1:] - tile.values[:-1]])


def _handle(tile: Tile, handle: Handle) -> dict[str, Any]:
    if handle.places.ndim != 2 or handle.places.shape[1] != 2:
        raise ValueError(f"{tile.key}: places of {handle.key} is {handle.places.shape}: (frames, 2) is wanted.")
    if [other.key for other in tile.handles].count(handle.key) > 1:
        raise ValueError(f"{tile.key}: two handles are {handle.key}: each needs a key of its own.")
    return {**vars(handle), "places": handle.places.astype(np.float32)}


def _arrays(tile: Tile) -> Iterator[tuple[str, ArrayOrPending, int]]:
    """The arrays of a tile that are there, and how many axes each has."""
    axes = 4 if tile.kind == "picture" else 3
    for name, array, wanted in (
        ("values", tile.values, axes),
        ("magnitude", tile.magnitude, axes),
        ("number", tile.number, 1),
        ("answers", tile.answers, 2),
    ):
        if array is not None:
            yield name, array, wanted


def _check(name: str, array: ArrayOrPending, axes: int) -> None:
    shape = tuple(array.shape)
    if len(shape) != axes or (axes == 4 and (shape[-1] != 3 or np.dtype(array.dtype) != np.uint8)):
        wanted = {1: "(frames,)", 2: "(frames, words)", 3: "(frames, h, w)", 4: "(frames, h, w, 3) uint8"}[axes]
        raise ValueError(f"{name} is {shape} {np.dtype(array.dtype)}: {wanted} is wanted.")
