"""What was done, one thing after another, and what came of each: a table whose rows are frames; knows no browser.

Its texts are plain: what a reader typed may be in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.figures.notes import Area


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What came of one thing that was done.

    truth: None where nobody knows it. chance: of the answer, 0 to 1. flipped: the answer is another one than before.
    """

    text: str
    truth: str | None
    answer: str
    chance: float
    flipped: bool


@dataclass(frozen=True, kw_only=True)
class Log:
    """An entry for each frame; a click on one goes there, and frames that have not come yet are pale.

    said: what stands there while only the first is.
    """

    key: str
    title: str
    entries: Sequence[Entry]
    area: Area = "side"
    said: str = ""


def packed_log(view: Log) -> dict[str, Any]:
    """The log as the player takes it. Raises: ValueError for one without entries, and for a chance that is none."""
    if not view.entries:
        raise ValueError("entries are none: what there is before anything is done is the first.")
    for entry in view.entries:
        if not 0 <= entry.chance <= 1:
            raise ValueError(f"{entry.text}: chance is {entry.chance}: it must be from 0 to 1.")
    return {**vars(view), "entries": [dict(vars(entry)) for entry in view.entries]}
