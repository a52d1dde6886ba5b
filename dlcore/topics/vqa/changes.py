"""What a reader changes, one thing after another, and what the network answers each time.

Knows changes as text that fits into an address, "move house 3 40 52; ask are there no boats; grey", and which answers
they flip; does not know how a scene is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dlcore.datasets import aerial_questions
from dlcore.datasets.aerial import Edit, Thing, read_edits
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import vocabulary
from dlcore.topics.vqa.asked import RIGHT, UNKNOWN, Asked
from dlcore.training import Snapshot

MOST_CHANGES = 20
MOST_LETTERS = 2000  # of all changes: they stand in the address
ASK, GREY, COLOUR = "ask", "grey", "colour"
ACCEPTED = (
    "a change is like “move house 3 40 52”, “add boat 20 30”, “remove lake 1”, “ask are there no boats”, “grey” or "
    "“colour”."
)


class Change(NamedTuple):
    """One change: of the scene, where there is an edit; of the question, where there is one; or of the colours."""

    action: str  # "move", "add", "remove", ASK, GREY or COLOUR
    edit: Edit | None = None
    question: str = ""

    @property
    def text(self) -> str:
        """As it is written, and read again."""
        return self.edit.text if self.edit else f"{ASK} {self.question}" if self.action == ASK else self.action

    @property
    def said(self) -> str:
        """What was done, in words."""
        if self.edit:
            thing, place = f"{self.edit.kind} {self.edit.number}", f"{self.edit.x:g}, {self.edit.y:g}"
            added = f"a {self.edit.kind} added at {place}"
            return {"move": f"{thing} moved to {place}", "remove": f"{thing} removed"}.get(self.action, added)
        return {GREY: "the picture made grey", COLOUR: "the picture shown again"}.get(
            self.action, f"asked “{self.question}”"
        )


class Line(NamedTuple):
    """What came of a change."""

    text: str  # what was done, in words
    truth: str | None  # None: nobody knows
    answer: str
    chance: float  # of that answer
    flipped: bool  # it is another answer than before the change
    right: bool | None  # None: nobody knows


@dataclass(frozen=True, kw_only=True)
class ChangesConfig:
    """A question about a picture, and the changes made to either, in their order.

    Raises: ValueError, one sentence that names the first change that cannot be.
    """

    asked: Asked = field(default_factory=Asked)
    changes: str = ""

    def __post_init__(self) -> None:
        states(self.asked, self.changes)

    @property
    def num_frames(self) -> int:
        """One before the first change, and one after each."""
        return len(read_changes(self.changes)) + 1


def read_changes(text: str) -> tuple[Change, ...]:
    """Changes from "move house 3 40 52; ask are there no boats; grey".

    Raises: ValueError, one sentence, for what is no change, and for too many.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"The changes have {len(text)} letters: at most {MOST_LETTERS} fit into a link.")
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) > MOST_CHANGES:
        raise ValueError(f"changes are {len(parts)}: at most {MOST_CHANGES} can be made.")
    return tuple(_change(part) for part in parts)


def asking(question: str) -> str:
    """The change that asks another question; what ends a change is left out of it."""
    return f"{ASK} {' '.join(question.replace(';', ' ').split())}"


def with_change(text: str, change: str) -> str:
    """The changes with one more.

    Raises: ValueError, one sentence, where there would be too many.
    """
    joined = f"{text}; {change}" if text.strip() else change
    read_changes(joined)
    return joined


def after(asked: Asked, text: str) -> Asked:
    """What is asked once all changes are made.

    Raises: ValueError, one sentence that names the first change that cannot be.
    """
    return states(asked, text)[-1]


def things(asked: Asked, text: str) -> tuple[Thing, ...]:
    """All that is in the scene once all changes are made; nothing in a picture of the reader's own.

    Raises: ValueError, as `after`.
    """
    graph = after(asked, text).sight.graph()
    return () if graph is None else graph.things


@lru_cache(maxsize=64)
def states(asked: Asked, text: str) -> tuple[Asked, ...]:
    """What is asked before the first change and after each.

    Raises: ValueError, one sentence that names the first change that cannot be.
    """
    found = [asked]
    for change in read_changes(text):
        try:
            found.append(_changed(found[-1], change))
        except ValueError as fault:
            raise ValueError(f"“{change.text[:60]}” cannot be done: {fault}") from fault
    return tuple(found)


def trace(config: ChangesConfig) -> dict[str, np.ndarray]:
    """What is seen, true and answered after each change, (frames, ...).

    picture: uint8 (FINE · SIDE, FINE · SIDE, 3). chances, blind.chances: of ANSWERS. truth: its place there, −1 where
    nobody knows. answer: its place; flipped: 1 where it is another one than before. right: 1 or 0, NaN where nobody
    knows.
    """
    made = states(config.asked, config.changes)
    chances = np.stack([asked.chances() for asked in made])
    answers = chances.argmax(axis=1)
    outcomes = np.array([asked.outcome(place) for asked, place in zip(made, answers.tolist(), strict=True)])
    return {
        "picture": np.stack([asked.sight.fine() for asked in made]),
        "chances": chances,
        "blind.chances": np.stack([asked.blind.chances() for asked in made]),
        "truth": np.array([_place(asked.truth) for asked in made], np.float32),
        "answer": answers.astype(np.float32),
        "flipped": np.diff(answers, prepend=answers[0]).astype(bool).astype(np.float32),
        "right": np.where(outcomes == UNKNOWN, np.nan, outcomes == RIGHT).astype(np.float32),
    }


def frames(config: ChangesConfig) -> Iterator[Snapshot]:
    """The rows of `trace`."""
    arrays = trace(config)
    for k in range(config.num_frames):
        yield Snapshot({name: values[k] for name, values in arrays.items()})


def log(config: ChangesConfig) -> tuple[Line, ...]:
    """A line for the question as it was, and one for each change."""
    made = states(config.asked, config.changes)
    said = [f"asked “{config.asked.question}”", *(change.said for change in read_changes(config.changes))]
    lines: list[Line] = []
    for text, asked in zip(said, made, strict=True):
        answer, truth = asked.answer, asked.truth
        flipped = bool(lines) and answer != lines[-1].answer
        right = None if truth is None else answer == truth
        lines.append(Line(text, truth, answer, float(asked.chances().max()), flipped, right))
    return tuple(lines)


def negated(question: str) -> str | None:
    """The question that asks for the opposite; None: the grammar has none."""
    query = aerial_questions.parse(" ".join(vocabulary.tokens(question)))
    opposite = query.opposite if query else None
    return opposite.text if opposite else None


def swaps(question: str) -> dict[int, tuple[str, ...]]:
    """By the place of a word: other words that can stand there, and it is still a question of the grammar."""
    words = vocabulary.tokens(question)
    found: dict[int, list[str]] = {}
    for query in aerial_questions.queries():
        other = query.text.split()
        if len(other) != len(words):
            continue
        places = [place for place, pair in enumerate(zip(words, other, strict=True)) if pair[0] != pair[1]]
        if len(places) == 1:
            found.setdefault(places[0], []).append(other[places[0]])
    return {place: tuple(found[place]) for place in sorted(found)}


def _change(text: str) -> Change:
    action, _, rest = text.partition(" ")
    if text in (GREY, COLOUR):
        return Change(text)
    if action == ASK:
        if not rest.strip():
            raise ValueError(f"The change is {text[:40]!r}: {ACCEPTED}")
        return Change(ASK, question=" ".join(rest.split()))
    if action not in ("move", "add", "remove"):
        raise ValueError(f"The change is {text[:40]!r}: {ACCEPTED}")
    try:
        (edit,) = read_edits(text)
    except ValueError as fault:
        raise ValueError(f"The change {text[:40]!r} cannot be: {fault}") from fault
    return Change(action, edit)


def _changed(asked: Asked, change: Change) -> Asked:
    """Raises: ValueError, one sentence, where that cannot be."""
    if change.action == ASK:
        return replace(asked, question=change.question)
    sight = asked.sight
    if change.edit is None:
        return replace(asked, sight=replace(sight, grey=change.action == GREY))
    edits = f"{sight.edits}; {change.text}" if sight.edits else change.text
    return replace(asked, sight=replace(sight, edits=edits))


def _place(truth: str | None) -> int:
    return -1 if truth is None else ANSWERS.index(truth)
