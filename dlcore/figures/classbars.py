"""What a classifier answers, a bar a class, each to be chosen; knows no classifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.figures.notes import Area
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.theme import colour

MOST_ROWS = 12  # of more classes the ten strongest are shown
MEANINGS = ("ink", "muted", "grid", "accent", "correct")


@dataclass(frozen=True, kw_only=True)
class ClassBars:
    """A bar for each class; a click on one says `select` with the key `class<i>`.

    values: (frames, classes), chances from 0 to 1. logits: (frames, classes), told as numbers. chosen: the class that
    is explained. against: the one that it is told apart from. truth: what is really there. Of more than twelve classes
    the ten strongest of the present frame are shown, and these three. An array of one frame never changes. before:
    (frames, classes), chances that are compared with, each a tick across the bar. chosen_as: the word beside the chosen
    class. ask: what a click does with a class, a verb.
    """

    key: str
    title: str
    labels: Sequence[str]
    values: ArrayOrPending
    chosen: int
    logits: ArrayOrPending | None = None
    against: int | None = None
    truth: int | None = None
    area: Area = "side"
    before: ArrayOrPending | None = None
    chosen_as: str = "explained"
    ask: str = "Explain"


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
    colours = {name: colour(name) for name in MEANINGS}
    return {**vars(view), "most": MOST_ROWS, "colours": colours}
