"""Vectors on their way through a network that has two inputs, words and a picture: its parts drawn, and the numbers
that pass between them as strips. Knows neither the network nor how a number was computed.

From top to bottom: the words; two lanes of boxes, the words' on the left, the picture's on the right; a vector of
each; what joins them; and what is made of that. What a network lacks is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dlcore import require
from dlcore.figures.notes import Area
from dlcore.figures.pending import ArrayOrPending, Pending
from dlcore.figures.theme import colour, signed_scale

MEANINGS = ("ground", "ink", "muted", "grid", "accent")
CLIP = 99  # percentile of a strip's sizes, over all frames, that has the full colour where no limit is given
MOST_WORDS = 40

Rule = Literal["", "multiply", "add"]
Press = Literal["", "go", "select"]


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word as it was typed; nearest: words that are known and like it, told where it is not."""

    text: str
    known: bool = True
    nearest: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Box:
    """A part that computes; note: a few words beside its title, in small type."""

    title: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A vector, each number a cell in a colour with a sign.

    title: a symbol beside it. told: what it is, in words. values: (frames, n). limit: the size that has the full
    colour; None: the 99th percentile of all that there is. names: what each number belongs to, instead of its index.
    groups: (name, how many of them), written below.
    """

    key: str
    title: str
    told: str
    values: ArrayOrPending
    limit: float | None = None
    names: Sequence[str] = ()
    groups: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What one of the inputs goes through: rows of boxes, and strips on the way, and the vector that comes of it."""

    rows: Sequence[Sequence[Box | Strip]] = ()
    out: Strip | None = None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The network's drawing, with words to be read one after the other.

    read: (frames,), how many words have been read; None: all. shades: (frames, words), numbers with a sign that are
    the words' grounds and stand below them; their largest size, over all frames, has the full colour. press: a press
    on a word goes to the frame that has read it, or says `select` with the key `word<i>`. picture: (frames, h, w, 3)
    uint8, seen small at the head of its lane. An input without a lane is drawn as one that is not used; where neither
    has one, only the words are. asks: an arrow goes from the words' last box to the box beside it. rule: how the lanes'
    vectors make the joined one, number by number, "" for other ways. chances: (frames, n) of the scores' names, of
    which the `best` likeliest are written below.
    """

    key: str
    title: str
    words: Sequence[Word]
    read: np.ndarray | None = None
    shades: ArrayOrPending | None = None
    press: Press = ""
    picture: ArrayOrPending | None = None
    question: Lane | None = None
    sight: Lane | None = None
    asks: bool = False
    joint: Box | None = None
    rule: Rule = ""
    joined: Strip | None = None
    head: Box | None = None
    scores: Strip | None = None
    chances: ArrayOrPending | None = None
    best: int = 5
    area: Area = "main"
    alt: str = ""


def packed_flow(view: Flow) -> dict[str, Any]:
    """The drawing as the player takes it. Raises: ValueError naming the first part that does not fit."""
    require.whole("words", len(view.words), 0, MOST_WORDS)
    require.whole("best", view.best, 0, len(view.scores.names) if view.scores else view.best)
    for name, array, wanted in _arrays(view):
        if array is not None and tuple(array.shape[1:]) != wanted:
            raise ValueError(f"{name} is {tuple(array.shape)}: (frames, {', '.join(map(str, wanted))}) is wanted.")
    keys = [strip.key for strip in strips(view)]
    if len(set(keys)) < len(keys):
        raise ValueError(f"strips are {', '.join(keys)}: each needs a key of its own.")
    return {
        **vars(view),
        "words": [dict(vars(word)) for word in view.words],
        "shadeLimit": _limit(view.shades, 100) if view.shades is not None else 1,
        "question": _lane(view.question),
        "sight": _lane(view.sight),
        **{name: _box(getattr(view, name)) for name in ("joint", "head")},
        **{name: _strip(getattr(view, name)) for name in ("joined", "scores")},
        "colours": {name: colour(name) for name in MEANINGS},
        "scale": signed_scale(),
    }


def strips(view: Flow) -> Iterator[Strip]:
    """All of a drawing, from top to bottom."""
    lanes = [lane for lane in (view.question, view.sight) if lane]
    yield from (part for lane in lanes for row in lane.rows for part in row if isinstance(part, Strip))
    yield from (lane.out for lane in lanes if lane.out)
    yield from (strip for strip in (view.joined, view.scores) if strip)


def _arrays(view: Flow) -> Iterator[tuple[str, ArrayOrPending | None, tuple[int, ...]]]:
    """Name, array and the sizes that it must have behind the frames."""
    yield "read", view.read, ()
    yield "shades", view.shades, (len(view.words),)
    if view.chances is not None:
        yield "chances", view.chances, (len(view.scores.names) if view.scores else 0,)
    for strip in strips(view):
        if len(strip.values.shape) != 2:
            raise ValueError(f"{strip.key}: values is {tuple(strip.values.shape)}: (frames, n) is wanted.")
        count = strip.values.shape[1]
        if strip.names and len(strip.names) != count:
            raise ValueError(f"{strip.key}: there are {len(strip.names)} names for {count} numbers.")
        if strip.groups and sum(many for _, many in strip.groups) != count:
            raise ValueError(f"{strip.key}: groups hold {sum(many for _, many in strip.groups)} of {count} numbers.")


def _lane(lane: Lane | None) -> dict[str, Any] | None:
    if lane is None:
        return None
    rows = [[_strip(part) if isinstance(part, Strip) else _box(part) for part in row] for row in lane.rows]
    return {"rows": rows, "out": _strip(lane.out)}


def _box(box: Box | None) -> dict[str, Any] | None:
    return box and dict(vars(box))


def _strip(strip: Strip | None) -> dict[str, Any] | None:
    if strip is None:
        return None
    return {
        **vars(strip),
        "count": strip.values.shape[1],
        "limit": _limit(strip.values, CLIP) if strip.limit is None else strip.limit,
    }


def _limit(values: ArrayOrPending, percent: float) -> float:
    """The size that has the full colour. Raises: ValueError for numbers that are not there yet."""
    if isinstance(values, Pending):
        raise ValueError(f"{values.name}: limit is None, and nothing is there to measure it on: give one.")
    sizes = np.abs(values[np.isfinite(values)])
    found = float(np.percentile(sizes, percent)) if sizes.size else 0.0
    return found or (float(sizes.max()) if sizes.size else 0.0) or 1.0
