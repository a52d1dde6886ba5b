"""Knows what an explanation is: lines of HTML that come and go with the frames; does not know what they say."""

from dataclasses import dataclass, field
from typing import NamedTuple

UNKNOWN = "<i>not yet known</i>"


class Line(NamedTuple):
    """HTML that holds while start <= frame < end."""

    start: int
    end: int
    html: str


class Question(NamedTuple):
    """While start <= frame < end the gradient of `name` can be asked for; it is known at frame `end`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Explanation:
    """What is said of a part of the network: title, lines, the leaves that can be set there, and what can be asked."""

    title: str
    lines: list[Line] = field(default_factory=list)
    leaves: tuple[str, ...] = ()
    questions: list[Question] = field(default_factory=list)


def wrong(html: str) -> str:
    """What a right training loop would not do."""
    return f'<span class="dp-wrong">≠ {html}</span>'
