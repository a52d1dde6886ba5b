"""Knows which lessons there are: their parts, promises and scenes; knows nothing of how they are shown."""

import importlib.util
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

#: The course's parts in teaching order: folder under pages/ -> heading.
PARTS: dict[str, str] = {
    "foundations": "Foundations",
    "optimization": "Optimization",
    "regularization": "Regularization",
    "vision": "Vision",
    "language": "Language",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the course map says of a lesson; `order` sorts within its part."""

    slug: str
    part: str
    title: str
    promise: str
    order: int = 0
    keywords: tuple[str, ...] = ()

    def matches(self, query: str) -> bool:
        """Whether every word of `query` occurs in the lesson's title, promise or keywords."""
        text = " ".join((self.title, self.promise, PARTS[self.part], *self.keywords)).lower()
        return all(word in text for word in query.lower().split())


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A named setting with a question to answer before playing, what to look at, and why it happens.

    `values` are the controls that differ from the lesson's opening scene; `lead` says what to do first. `short`: the
    answer can be seen before the run is over, so a run that an answer starts halts there (`Stage.halt`). `tries`:
    controls that the scene invites to change; it stays the scene. `waits`: a run
    that is computed live stands at its first frame until the reader has answered, or plays it.
    """

    key: str
    title: str
    question: str
    choices: tuple[str, ...]
    answer: int
    look: str
    why: str
    values: tuple[tuple[str, Any], ...] = ()
    lead: str = "Predict, then play."
    short: bool = False
    waits: bool = False
    tries: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A lesson's file and what came of reading it: the lesson, or the sentence that says why not."""

    path: Path
    slug: str
    part: str
    lesson: Lesson | None = None
    error: str = ""


@cache
def discover(root: Path = ROOT) -> tuple[Entry, ...]:
    """Every `pages/<part>/<slug>.py` under `root`, in the order of the course.

    A file that fails to import becomes an entry with an error: the others must go on working.
    """
    parts = list(PARTS)
    paths = [path for part in parts for path in sorted((root / "pages" / part).glob("[!_]*.py"))]
    entries = [_read(path) for path in paths]
    return tuple(sorted(entries, key=lambda e: (parts.index(e.part), e.lesson.order if e.lesson else 99, e.slug)))


def lessons(entries: Sequence[Entry]) -> list[Lesson]:
    """The lessons that could be read."""
    return [entry.lesson for entry in entries if entry.lesson is not None]


def _read(path: Path) -> Entry:
    slug, part = path.stem, path.parent.name
    name = f"descent_lesson_{part}_{slug}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        lesson = module.LESSON
        if (lesson.slug, lesson.part) != (slug, part):
            raise ValueError(f"LESSON says {lesson.part}/{lesson.slug}, its file is {part}/{slug}.py")
    except Exception as error:  # a lesson may fail in any way; that must stay its own affair
        log.exception("lesson %s/%s could not be read", part, slug)
        sys.modules.pop(name, None)
        return Entry(path=path, slug=slug, part=part, error=f"{type(error).__name__}: {error}")
    return Entry(path=path, slug=slug, part=part, lesson=lesson)
