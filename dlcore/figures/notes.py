"""What a player shows beside a picture: notes on its parts and a program; knows neither Plotly nor the browser.

All texts are HTML that the lessons write themselves; what a reader typed is never in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Area = Literal["main", "side", "head"]


@dataclass(frozen=True, kw_only=True)
class NoteEdit:
    """A number that the reader may change: "label = [value]".

    values: (start, end, value): while start <= frame < end the number is `value`.
    """

    name: str
    label: str
    values: Sequence[tuple[int, int, float]]


@dataclass(frozen=True, kw_only=True)
class Note:
    """What there is to say about one part of a picture.

    lines: (start, end, html), shown in this order while start <= frame < end.
    ask: (start, end, reveal, name, label): while start <= frame < end the reader may predict `label`, which the frame
    `reveal` shows.
    """

    title: str
    lines: Sequence[tuple[int, int, str]] = ()
    edit: NoteEdit | None = None
    ask: Sequence[tuple[int, int, int, str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Notes:
    """The note of the part that is selected, or else of active[frame]; items maps keys (`Plot.targets`) to notes.

    otherwise: HTML, what is said where neither is.
    """

    key: str
    title: str
    items: Mapping[str, Note]
    active: Sequence[str]
    otherwise: str = ""
    area: Area = "side"


@dataclass(frozen=True, kw_only=True)
class Program:
    """Lines of code as plain text, of which active[frame] is the present one; those in `wrong` are marked as broken."""

    key: str
    title: str
    lines: Sequence[str]
    active: Sequence[int]
    wrong: Sequence[int] = ()
    area: Area = "head"
