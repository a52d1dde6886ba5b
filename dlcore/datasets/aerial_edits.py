"""Changes of a drawn aerial scene, one thing at a time, and how they are written: "move house 3 40 52; add boat 20 30".

Knows what may be changed; knows nothing of how it looks.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dlcore import require
from dlcore.datasets.aerial_scene import CURVES, KINDS, SIDE, Graph, fresh

ACTIONS = ("move", "add", "remove")
MOST_EDITS = 40
MOST_NUMBER = 999
MOST_THINGS = 200  # in a scene
ACCEPTED = '"move house 3 40 52", "add boat 20 30" or "remove lake 1", with ";" between them'


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change.

    number: whose it is; 0 for what is added, which gets the next number of its kind.
    x, y: the new place of its middle, in pixels; 0, 0 for what is removed.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    action: str
    kind: str
    number: int = 0
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        require.one_of("action", self.action, ACTIONS)
        require.one_of("kind", self.kind, KINDS)
        if self.action != "remove" and self.kind in CURVES:
            raise ValueError(f"kind is {self.kind!r}: rivers and roads can be removed, not moved or added.")
        require.whole("number", self.number, *((0, 0) if self.action == "add" else (1, MOST_NUMBER)))
        for name, value in (("x", self.x), ("y", self.y)):
            require.number(name, value, 0, 0 if self.action == "remove" else SIDE)

    @property
    def text(self) -> str:
        """As it is written and read, for example "move house 3 40 52"."""
        words = [self.action, self.kind]
        if self.action != "add":
            words.append(str(self.number))
        if self.action != "remove":
            words += [_written(self.x), _written(self.y)]
        return " ".join(words)


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def read_edits(text: str) -> tuple[Edit, ...]:
    """The changes that a text writes, with ";" between them; none for an empty text.

    Raises: ValueError.
    """
    parts = [part.split() for part in text.split(";") if part.strip()]
    if len(parts) > MOST_EDITS:
        raise ValueError(f"There are {len(parts)} changes: at most {MOST_EDITS} are accepted.")
    return tuple(_edit(words) for words in parts)


def _edit(words: list[str]) -> Edit:
    places = {"move": 3, "add": 2, "remove": 1}
    if len(words) < 2 or len(words) - 2 != places.get(words[0]):
        raise ValueError(f"The change {' '.join(words)!r} cannot be read: write {ACCEPTED}.")
    action, kind, *values = words
    try:
        number = 0 if action == "add" else int(values.pop(0))
        x, y = (float(value) for value in values) if values else (0.0, 0.0)
    except ValueError:
        raise ValueError(f"The change {' '.join(words)!r} has no number where one is due: write {ACCEPTED}.") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f"The change {' '.join(words)!r} has no place: x and y are numbers from 0 to {SIDE}.")
    return Edit(action=action, kind=kind, number=number, x=x, y=y)


def edited(graph: Graph, edits: Iterable[Edit]) -> Graph:
    """The scene after these changes, one after another; where things lie over each other, nothing is refused.

    Raises: ValueError if a change names what is not there, or if there would be more than MOST_THINGS.
    """
    for edit in edits:
        graph = _changed(graph, edit)
    return graph


def _changed(graph: Graph, edit: Edit) -> Graph:
    if edit.action == "add":
        if len(graph.things) >= MOST_THINGS:
            raise ValueError(f"There are {len(graph.things)} things in this scene: it has room for no more.")
        number = graph.next_number(edit.kind)
        added = fresh(graph.config, edit.kind, number, edit.x, edit.y)
        things = (*graph.of(edit.kind), added)
        return _with(graph, edit.kind, things, number)
    target = graph.named(f"{edit.kind} {edit.number}")
    rest = tuple(thing for thing in graph.of(edit.kind) if thing is not target)
    if edit.action == "move":
        moved = replace(target, x=float(edit.x), y=float(edit.y))
        rest = tuple(sorted((*rest, moved), key=lambda thing: thing.number))
    return _with(graph, edit.kind, rest, graph.next_number(edit.kind) - 1)


def _with(graph: Graph, kind: str, things: tuple, last: int) -> Graph:
    """The scene with these of a kind instead of those it has."""
    every = [thing for each in KINDS for thing in (things if each == kind else graph.of(each))]
    given = tuple(last if each == kind else number for each, number in zip(KINDS, graph.given, strict=True))
    return replace(graph, things=tuple(every), given=given)
