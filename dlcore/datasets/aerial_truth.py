"""What is true of an aerial scene: the right answer to a question, by its scene graph and by what is seen of it.

Knows what counts as left of, in a half, and too close to say; does not know which questions are worth asking.

Things are where their centres are. A lake or forest is where the centre of what is seen of it is. A river has sides
where it crosses the whole picture: a thing is above it when it is above the river's middle in its own column, and left
of it likewise. Nothing is said where a thing lies within 3 pixels of the picture's middle line, or within 6 of the line
that a relation is about.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from dlcore.datasets.aerial import KINDS, SIDE, THINGS, Graph, labels
from dlcore.datasets.aerial_grammar import AREAS, MOST_COUNTED, REGIONS, Query

MIDDLE = SIDE / 2
CLOSE_TO_MIDDLE = 3  # pixels
CLOSE = 6  # pixels
EDGE = 4  # pixels: what comes as close to an edge of the picture reaches it
BOUNDS = (0.05, 0.1, 0.2)  # of the picture, between AREAS but the first
AS_LARGE = 0.02  # of the picture: no area is called larger by less

#: An answer, and why: of two ways to come to the same answer False is the plainer one, such as that nothing is there.
Reply = tuple[str, bool] | None


class Facts(NamedTuple):
    """Of a scene, what answers are made of."""

    counts: dict[str, int]  # by kind
    centres: dict[str, np.ndarray]  # by kind of thing: (things, 2), x and y in pixels
    regions: dict[str, np.ndarray]  # (2,): the lake, and the forest, where there is one of it
    shares: dict[str, float]  # of the picture, by surface
    river: tuple[np.ndarray | None, np.ndarray | None]  # its x at every y, its y at every x, where it crosses


def facts(graph: Graph) -> Facts:
    """What is there and where, by the graph; areas, and where places are, by what is seen. 0.5 ms and the drawing."""
    seen = labels(graph)
    pixels = np.bincount(seen.ravel(), minlength=len(KINDS) + 1)[1:] / seen.size
    shares: dict[str, float] = {kind: float(pixels[place]) for place, kind in enumerate(KINDS)}
    shares["water"] = shares["lake"] + shares["river"]
    counts: dict[str, int] = {kind: graph.count(kind) for kind in KINDS}
    centres = {kind: np.array([(thing.x, thing.y) for thing in graph.of(kind)]).reshape(-1, 2) for kind in THINGS}
    regions = {kind: _centre(seen, kind) for kind in REGIONS if counts[kind] == 1 and shares[kind]}
    river = seen == 1 + KINDS.index("river") if counts["river"] == 1 else np.zeros_like(seen, dtype=bool)
    return Facts(counts, centres, regions, shares, (_middle(river), _middle(river.T)))


def _centre(seen: np.ndarray, kind: str) -> np.ndarray:
    rows, columns = np.nonzero(seen == 1 + KINDS.index(kind))
    return np.array([columns.mean(), rows.mean()]) + 0.5


def _middle(mask: np.ndarray) -> np.ndarray | None:
    """Of each row the middle of what is True in it, (rows,), where that goes from the first row to the last."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows) or rows[0] > EDGE or rows[-1] < SIDE - 1 - EDGE:
        return None
    middle = (mask[rows] * (np.arange(SIDE) + 0.5)).sum(axis=1) / mask[rows].sum(axis=1)
    return np.interp(np.arange(SIDE), rows, middle)


def answer(query: Query, graph: Graph) -> str | None:
    """The right answer, one of ANSWERS, or None where the scene has none: what is asked of is not there, or too close.

    Who asks much of the same scene gives `facts` to `reply`.
    """
    found = reply(query, facts(graph))
    return found and found[0]


def reply(query: Query, scene: Facts) -> Reply:
    """The right answer, and which of two reasons it has, where that makes another question of it."""
    return _REPLIES[query.form](query, scene)


def replies(asked: Iterable[Query], graph: Graph) -> list[Reply]:
    """To each query in turn."""
    scene = facts(graph)
    return [reply(query, scene) for query in asked]


def _yes(true: bool | np.bool_) -> str:
    return "yes" if true else "no"


def _count(query: Query, scene: Facts) -> Reply:
    return str(min(scene.counts[query.first], MOST_COUNTED)), True


def _count_in(query: Query, scene: Facts) -> Reply:
    beyond = _in_half(query, scene)
    if (np.abs(beyond) < CLOSE_TO_MIDDLE).any():
        return None
    return str(min(int((beyond > 0).sum()), MOST_COUNTED)), len(beyond) > 0


def _presence(query: Query, scene: Facts) -> Reply:
    return _yes(scene.counts[query.first] > 0), True


def _presence_in(query: Query, scene: Facts) -> Reply:
    return _some(_in_half(query, scene), CLOSE_TO_MIDDLE)


def _absence(found: Callable[[Query, Facts], Reply]) -> Callable[[Query, Facts], Reply]:
    def opposite(query: Query, scene: Facts) -> Reply:
        said = found(query, scene)
        return said and (_yes(said[0] == "no"), said[1])

    return opposite


def _in_half(query: Query, scene: Facts) -> np.ndarray:
    """How far each thing lies in the half, in pixels; negative in the other one."""
    return _beyond(scene.centres[query.first], query.place, np.array([MIDDLE, MIDDLE]))


def _beyond(points: np.ndarray, place: str, line: np.ndarray) -> np.ndarray:
    """How far to that side of `line`, (..., 2), x and y, these points are, (..., 2): (...,)."""
    axis = 0 if place.startswith(("left", "right")) else 1
    further = points[..., axis] - line[..., axis]
    return further if place in ("right", "lower", "right of", "below") else -further


def _some(beyond: np.ndarray, close: float) -> Reply:
    """Whether any is beyond; it is another matter when there are some, and all elsewhere."""
    if (beyond >= close).any():
        return "yes", True
    if (beyond > -close).any():
        return None
    return "no", len(beyond) > 0


def _comparison(query: Query, scene: Facts) -> Reply:
    first, second = scene.counts[query.first], scene.counts[query.second]
    true = {"more": first > second, "fewer": first < second, "as many": first == second}[query.form]
    return _yes(true), first > 0 and second > 0


def _larger(query: Query, scene: Facts) -> Reply:
    first, second = scene.shares[query.first], scene.shares[query.second]
    return None if abs(first - second) < AS_LARGE else (_yes(first > second), first > 0 and second > 0)


def _area(query: Query, scene: Facts) -> Reply:
    share = scene.shares[query.first]
    return AREAS[1 + sum(share >= bound for bound in BOUNDS) if share else 0], True


def _where(kind: str, scene: Facts) -> np.ndarray | None:
    """The centre of the only one, (2,)."""
    if kind in REGIONS:
        return scene.regions.get(kind)
    return scene.centres[kind][0] if scene.counts[kind] == 1 else None


def _side(query: Query, scene: Facts) -> Reply:
    """The side that it is furthest to, if that is clear."""
    centre = _where(query.first, scene)
    if centre is None:
        return None
    right, down = centre - MIDDLE
    if abs(abs(right) - abs(down)) < CLOSE:
        return None
    if abs(right) > abs(down):
        return ("right" if right > 0 else "left"), True
    return ("bottom" if down > 0 else "top"), True


def _one(query: Query, scene: Facts) -> Reply:
    first, second = (_where(kind, scene) for kind in (query.first, query.second))
    if first is None or second is None:
        return None
    beyond = float(_beyond(first, query.place, second))
    return None if abs(beyond) < CLOSE else (_yes(beyond > 0), True)


def _some_beside(query: Query, scene: Facts) -> Reply:
    points = scene.centres[query.first]
    if query.second != "river":
        line = scene.regions.get(query.second)
        return None if line is None else _some(_beyond(points, query.place, line), CLOSE)
    at_rows, at_columns = scene.river
    middle, along = (at_rows, 1) if query.place in ("left of", "right of") else (at_columns, 0)
    if middle is None:
        return None
    at = middle[points[:, along].astype(int).clip(0, SIDE - 1)]
    return _some(_beyond(points, query.place, np.stack([at, at], axis=-1)), CLOSE)


_REPLIES: dict[str, Callable[[Query, Facts], Reply]] = {
    "how many": _count,
    "number": _count,
    "how many in": _count_in,
    "is there": _presence,
    "is there no": _absence(_presence),
    "any": _presence,
    "no": _absence(_presence),
    "is there in": _presence_in,
    "is there no in": _absence(_presence_in),
    "more": _comparison,
    "fewer": _comparison,
    "as many": _comparison,
    "larger": _larger,
    "how much": _area,
    "share": _area,
    "side": _side,
    "one": _one,
    "some": _some_beside,
}
