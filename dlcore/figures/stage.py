"""What a player shows: linked views over the same frames, and how they travel as bytes; knows no browser.

The container is one binary message, because a hundred frames of seven paths as JSON would be
ten times larger: 4 bytes with the header's length, the header (JSON), then every distinct array,
each aligned to 8 bytes. In the header an array is `{"$": i}`, the i-th entry of `arrays`.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from dlcore.figures.classbars import ClassBars, packed_bars
from dlcore.figures.flow import Flow, packed_flow
from dlcore.figures.lattice import Lattice, Working, packable
from dlcore.figures.log import Log, packed_log
from dlcore.figures.marks import Mark, packed_mark
from dlcore.figures.network import Network, packed
from dlcore.figures.notes import Area, Note, NoteEdit, Notes, Program
from dlcore.figures.pending import Pending
from dlcore.figures.theme import dark_partners
from dlcore.figures.tiles import Tiles, packed_tiles

Kind = Literal["grow", "at", "arrow", "ellipse", "while"]

#: Shorter arrays are cheaper as JSON than as a reference with padding.
INLINE_LENGTH = 8


@dataclass(frozen=True, kw_only=True)
class Track:
    """One trace of a figure that changes with the frame.

    kind "grow": each value (frames,), revealed up to the present frame.
    kind "at": each value (frames, ...), the present frame's row is shown.
    kind "arrow": ox, oy, vx, vy (frames,): a line from (ox, oy) along `scale` * (vx, vy).
    kind "ellipse": ox, oy, rx, ry (frames,): centre and radii.
    kind "while": start, end (items,) and x, y (items,) or (items, points), NaN where a line has fewer points: the items
    with start <= frame < end are shown. `text` (items,) is written at each item's first point.
    """

    trace: int
    kind: Kind
    data: Mapping[str, np.ndarray | Pending | Sequence[str]]
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A figure, {"data": [...], "layout": {...}} as Plotly.js takes it, on the template, and the traces that move.

    `keep` names what the reader's zoom and camera belong to: as long as it is the same, they stay.
    `log_height` = (f*, offset) draws trace 0's z as log10(z − f* + offset), so one array serves every view.
    `pick`: whether a click reports its place, and what comes of it is played at once or not.
    `targets`: what a click selects: key -> (x, y) of a node, or (x0, y0, x1, y1, ...) of a line.
    `rings`: the traces (marker, line) that are put on the selected node or line; a node is as large as its ring.
    `turn`: on a narrow screen x and y change places, so that what runs from left to right runs from top to bottom.
    """

    key: str
    title: str
    figure: Mapping[str, Any]
    tracks: Sequence[Track] = ()
    area: Area = "main"
    alt: str = ""
    keep: str = ""
    pick: Literal["", "play", "stay"] = ""
    log_height: tuple[float, float] | None = None
    targets: Mapping[str, Sequence[float]] = field(default_factory=dict)
    rings: tuple[int, int] | None = None
    turn: bool = False


@dataclass(frozen=True, kw_only=True)
class Equations:
    """A table of formulas whose {names} are replaced by the present frame's numbers.

    rows: (label, colour, templates); values[i] maps the i-th row's names to (frames,) or (frames, 2) arrays.
    """

    key: str
    title: str
    rows: Sequence[tuple[str, str, Sequence[str]]]
    values: Sequence[Mapping[str, np.ndarray]]
    area: Area = "side"
    note: str = ""


#: How the other kinds of view are called in the header, and what of them is in it.
PARTS: dict[type, tuple[str, Callable[[Any], Mapping[str, Any]]]] = {
    Notes: ("notes", vars),
    Program: ("program", vars),
    Lattice: ("lattice", packable),
    Working: ("working", vars),
    Network: ("network", packed),
    Tiles: ("tiles", packed_tiles),
    ClassBars: ("classbars", packed_bars),
    Flow: ("flow", packed_flow),
    Log: ("log", packed_log),
}
View = Plot | Equations | Notes | Program | Lattice | Working | Network | Tiles | ClassBars | Flow | Log


@dataclass(frozen=True, kw_only=True)
class Readout:
    """One entry of the legend: a label, its colour ("" draws no line) and dash, a number that follows the frame.

    counts: the number counts things, so it is written out. words: the number k is told as the k-th of them.
    """

    label: str
    colour: str
    dash: str = "solid"
    values: np.ndarray | Pending | None = None
    note: str = ""
    counts: bool = False
    words: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything a player needs: views, legend, frames.

    rate: frames a second at speed 1; 0 lets a run of any length take about as long. split: width of main to side.
    halt: the frame at which a short run ends; 0: the last one. told: whether it is said before the last frame
    is reached how many there are. marks: places on the scrubber that mean something, one or two.
    """

    views: Sequence[View]
    num_frames: int = 1
    readouts: Sequence[Readout] = ()
    quantity: str = ""  # what the readouts' numbers are
    unit: str = "step"
    steps: np.ndarray | None = None
    file_name: str = "descent"
    note: str = ""
    note_from: int = 0  # the frame from which the note is true
    rate: float = 0
    split: float = 1.45
    halt: int = 0
    told: bool = True
    marks: Sequence[Mark] = ()


class _Packer:
    """Collects arrays, each distinct one once, and leaves references in their place."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.blobs: list[bytes] = []
        self.size = 0
        self._seen: dict[tuple[str, tuple[int, ...], bytes] | Pending, int] = {}

    def encode(self, value: Any) -> Any:
        """`value` with every array replaced by a reference; NaN and infinity become null outside arrays."""
        match value:
            case Pending():
                return {"$": self._announce(value)}
            case np.ndarray() if value.dtype.kind in "fiu" and value.size >= INLINE_LENGTH:
                return {"$": self._add(value)}
            case np.ndarray():
                return self.encode(value.tolist())
            case Mapping():
                return {key: self.encode(item) for key, item in value.items()}
            case list() | tuple():
                return [self.encode(item) for item in value]
            case Note() | NoteEdit():
                return self.encode(vars(value))
            case np.generic():
                return self.encode(value.item())
            case float() if not np.isfinite(value):
                return None
            case _:
                return value

    def _announce(self, pending: Pending) -> int:
        if pending not in self._seen:
            self._seen[pending] = len(self.entries)
            entry = {"dtype": pending.dtype, "shape": list(pending.shape), "pending": pending.name}
            self.entries.append(entry)
        return self._seen[pending]

    def _add(self, array: np.ndarray) -> int:
        # float32 has seven digits, two more than any figure or table shows, at half the size.
        small = array
        if array.dtype.kind == "f" and array.dtype != np.float32:
            with np.errstate(over="ignore"):  # what is too large for it is drawn as infinite, that is, not at all
                small = array.astype(np.float32)
        if small.dtype.itemsize == 8:
            small = small.astype(np.int32)
        blob = np.ascontiguousarray(small).tobytes()
        identity = (small.dtype.name, small.shape, hashlib.sha1(blob, usedforsecurity=False).digest())
        if identity not in self._seen:
            self._seen[identity] = len(self.entries)
            entry = {"dtype": small.dtype.name, "shape": list(small.shape), "offset": self.size}
            self.entries.append(entry)
            padded = blob + b"\0" * (-len(blob) % 8)
            self.blobs.append(padded)
            self.size += len(padded)
        return self._seen[identity]


def pack(stage: Stage) -> bytes:
    """The stage as one binary message."""
    packer = _Packer()
    header = {
        "views": [_view(packer, view) for view in stage.views],
        "frames": stage.num_frames,
        "unit": stage.unit,
        "steps": packer.encode(stage.steps),
        "quantity": stage.quantity,
        "readouts": [packer.encode(vars(readout)) for readout in stage.readouts],
        "file": stage.file_name,
        "note": stage.note,
        "noteFrom": stage.note_from,
        "rate": stage.rate,
        "split": stage.split,
        "halt": stage.halt,
        "told": stage.told,
        "marks": [packer.encode(packed_mark(mark)) for mark in stage.marks],
        "dark": dark_partners(),
    }
    return _container(packer, header)


def deflated(stage: Stage) -> bytes:
    """The same message for the wire, at a fifth of the size; its first byte, 0x78, tells it from a packed one.

    (A packed message begins with a length that leaves 4 when divided by 8.)
    """
    return zlib.compress(pack(stage), level=1)


def pack_chunk(start: int, arrays: Mapping[str, np.ndarray], **words: str) -> bytes:
    """Frames `start`, start + 1, ... of the pending arrays, behind 4 bytes with the message's length.

    words: `said`, what stands in the note from the first of these frames on; `ended`, how the run ended.
    """
    packer = _Packer()
    refs = {name: {"$": packer._add(np.atleast_1d(array))} for name, array in arrays.items()}
    count = min((len(array) for array in arrays.values()), default=0)
    body = _container(packer, {"start": start, "count": count, "pending": refs, **words})
    return len(body).to_bytes(4, "little") + body


def _container(packer: _Packer, header: dict[str, Any]) -> bytes:
    text = json.dumps({**header, "arrays": packer.entries}, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return len(text).to_bytes(4, "little") + text + b"".join(packer.blobs)


def _view(packer: _Packer, view: View) -> dict[str, Any]:
    match view:
        case Plot():
            return _plot(packer, view)
        case Equations():
            values = [_used(row[2], given) for row, given in zip(view.rows, view.values, strict=True)]
            return {**packer.encode({**vars(view), "values": values}), "type": "equations"}
        case _:
            name, parts = PARTS[type(view)]
            return {**packer.encode(parts(view)), "type": name}


def _plot(packer: _Packer, view: Plot) -> dict[str, Any]:
    names = ("key", "title", "area", "alt", "keep", "pick", "rings", "turn")
    return {
        **{name: getattr(view, name) for name in names},
        "type": "plot",
        "figure": packer.encode(view.figure),
        "tracks": [packer.encode(vars(track)) for track in view.tracks],
        "targets": {key: [float(number) for number in line] for key, line in view.targets.items()},
        "logHeight": view.log_height,
    }


def _used(templates: Sequence[str], values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The values that the templates name; one that never changes travels as a single number."""
    names = {name for template in templates for name in re.findall(r"{(\w+)}", template)}
    constant = {name: np.ptp(values[name]) == 0 and values[name].ndim == 1 for name in names}
    return {name: values[name][0] if constant[name] else values[name] for name in sorted(names)}
