"""Writes a walk down: frame after frame what happens, and from which frame to which each number holds."""

from typing import Any

from dlcore.topics.walk import Gradient, Span, Value


class Scribe:
    """Begins frames, and closes what a newer number takes the place of."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.active: list[str] = []
        self.updates: list[int] = []
        self.turns: list[int] = []
        self.update = self.turn = 0
        self._spans: dict[str, list[Span[Any]]] = {"values": [], "gradients": [], "sent": []}
        self._open: dict[tuple[str, str], tuple[int, Any]] = {}

    @property
    def now(self) -> int:
        """The present frame; -1 before the first."""
        return len(self.phases) - 1

    def event(self, phase: str, active: str = "") -> None:
        """Begins a new frame."""
        self.phases.append(phase)
        self.active.append(active)
        self.updates.append(self.update)
        self.turns.append(self.turn)

    def set(self, kind: str, key: str, what: Value | Gradient | None) -> None:
        """From the present frame on this holds; None: nothing is known any more."""
        self._close(kind, key, self.now)
        if what is not None:
            self._open[kind, key] = (self.now, what)

    def _close(self, kind: str, key: str, end: int) -> None:
        if (kind, key) in self._open:
            start, what = self._open.pop((kind, key))
            if start < end:
                self._spans[kind].append(Span(key, start, end, what))

    def written(self) -> dict[str, Any]:
        """The fields of a Walk that say what happens and what holds when; whatever is open holds to the end."""
        for kind, key in list(self._open):
            self._close(kind, key, len(self.phases))
        marks = {name: tuple(getattr(self, name)) for name in ("phases", "active", "updates", "turns")}
        spans = {kind: tuple(sorted(found, key=lambda span: span.start)) for kind, found in self._spans.items()}
        return {**marks, **spans}
