"""The stages of numbers on questions about pictures, as a page would have them made before anything is known."""

from collections.abc import Callable, Iterator
from typing import Any

from dlcore.datasets.aerial_questions import ANSWERS_OF, TYPES, title
from dlcore.figures.stage import Pending, Stage
from dlcore.figures.vqa_census import census_stage
from dlcore.figures.vqa_comparing import comparing_stage
from dlcore.figures.vqa_learning import learning_stage
from dlcore.figures.vqa_shift import shift_stage
from dlcore.figures.vqa_table import table_stage
from dlcore.topics.vqa.fusions import FUSIONS
from tests.figures.test_adversarial import plot_of

COUNTS = (0, 20, 40)
KINDS = {kind: kind for kind in TYPES}
ANSWERS = {kind: [title(answer) for answer in ANSWERS_OF[kind]] for kind in TYPES}
JOINED = {key: fusion.title for key, fusion in FUSIONS.items()}


def tabled(**more: Any) -> Stage:
    return table_stage(**{"types": KINDS, "counts": COUNTS, "fusion": "Product", "domain": 0.75, **more})


def shifted(**more: Any) -> Stage:
    return shift_stage(**{"types": KINDS, "domains": (0, 0.5, 1), "counts": COUNTS, "fusion": "Product", **more})


def compared(**more: Any) -> Stage:
    return comparing_stage(**{"fusions": JOINED, "seeds": (0, 1, 2), "counts": COUNTS, **more})


def learnt(**more: Any) -> Stage:
    return learning_stage(**{"types": KINDS, "steps": (0, 25, 50), "fusion": "Product", **more})


def counted(**more: Any) -> Stage:
    return census_stage(**{"types": KINDS, "answers": ANSWERS, "counts": COUNTS, "domain": 0, **more})


def drawn(stage: Stage, key: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The traces of a plot from below to above, with what comes with the run."""
    plot, figure = plot_of(stage, key)
    moved = {track.trace: dict(track.data) for track in plot.tracks}
    for number, trace in enumerate(figure.data):
        yield trace, moved.get(number, {})


def awaiting(stage: Stage, key: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """By what is awaited: the last trace that shows it."""
    found = {}
    for trace, data in drawn(stage, key):
        for value in data.values():
            if isinstance(value, Pending):
                found[value.name] = (trace, data)
    return found


EVERY: dict[str, Callable[[], Stage]] = {
    "table": tabled,
    "shift": shifted,
    "comparing": compared,
    "learning": learnt,
    "census": counted,
}
