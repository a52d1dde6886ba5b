"""What a classifier answers, a bar a class, each to be chosen; knows no classifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlcore import require
from dlcore.figures.notes import Area
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.theme import colour

MOST_ROWS, STRONGEST = 12, 10  # of more classes than these the strongest are shown, so many
MEANINGS = ("ink", "muted", "grid", "accent", "correct")


@dataclass(frozen=True, kw_only=True)
class ClassBars:
    """A bar for each class; a click on one says `select` with the key `class<i>`.

    values: (frames, classes), chances from 0 to 1. logits: (frames, classes), told as numbers. chosen: the class that
    is explained, or None. against: the one that it is told apart from. truth: what is really there; truths: (frames,),
    where that is another class in other frames, below 0 where nobody knows. Of more than `most` classes the `strongest`
    of the present frame are shown, and these. An array of one frame never changes. before: (frames, classes), chances
    that are compared with, each a tick across the bar, and before_as what they are called. chosen_as: the word beside
    the chosen class. ask: what a click does with a class, a verb; "": a click does nothing.
    """

    key: str
    title: str
    labels: Sequence[str]
    values: ArrayOrPending
    chosen: int | None = None
    logits: ArrayOrPending | None = None
    against: int | None = None
    truth: int | None = None
    truths: ArrayOrPending | None = None
    area: Area = "side"
    before: ArrayOrPending | None = None
    before_as: str = "before"
    chosen_as: str = "explained"
    ask: str = "Explain"
    most: int = MOST_ROWS
    strongest: int = STRONGEST


def packed_bars(view: ClassBars) -> dict[str, Any]:
    """The bars as the player takes them. Raises: ValueError naming the first part that does not fit."""
    classes = len(view.labels)
    for name in ("values", "logits", "before"):
        array = getattr(view, name)
        if array is not None and tuple(array.shape[1:]) != (classes,):
            raise ValueError(f"{name} is {tuple(array.shape)}: (frames, {classes}) is wanted, a number a label.")
    for name in ("chosen", "against", "truth"):
        number = getattr(view, name)
        if number is not None and not 0 <= number < classes:
            raise ValueError(f"{name} is {number}: it must be one of the {classes} classes.")
    if view.truths is not None and len(view.truths.shape) != 1:
        raise ValueError(f"truths is {tuple(view.truths.shape)}: (frames,) is wanted.")
    require.whole("strongest", view.strongest, 1, max(view.most, 1))
    return {**vars(view), "colours": {name: colour(name) for name in MEANINGS}}
