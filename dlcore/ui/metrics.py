"""Counts and times of this server in Prometheus' text format; knows numbers and pages, and no reader."""

import bisect
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Family:
    """Samples of one name: (suffix of the name, labels, value)."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    samples: list[tuple[str, Mapping[str, str], float]]

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it."""
        yield f"# HELP {self.name} {_escaped(self.meaning)}"
        yield f"# TYPE {self.name} {self.kind}"
        for suffix, labels, value in self.samples:
            inside = ",".join(f'{name}="{_escaped(text, quotes=True)}"' for name, text in labels.items())
            yield f"{self.name}{suffix}{f'{{{inside}}}' if inside else ''} {value:.15g}"


def gauge(name: str, meaning: str, value: float) -> Family:
    """A number as it is now."""
    return Family(name, "gauge", meaning, [("", {}, value)])


def gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Family:
    """Numbers as they are now, one for each value of a label."""
    return Family(name, "gauge", meaning, [("", {label: each}, value) for each, value in values.items()])


def count(name: str, meaning: str, value: float) -> Family:
    """A number that only grows, since the server began."""
    return Family(name, "counter", meaning, [("", {}, value)])


def counts(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Family:
    """Numbers that only grow, one for each value of a label."""
    return Family(name, "counter", meaning, [("", {label: each}, value) for each, value in values.items()])


class Count:
    """What has happened since the server began, by page."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name, self.meaning = name, meaning
        self._lock = threading.Lock()
        self._counts: dict[str, int] = defaultdict(int)

    def note(self, page: str) -> None:
        """Once more on this page."""
        with self._lock:
            self._counts[page] += 1

    def family(self) -> Family:
        """As it stands."""
        with self._lock:
            return counts(self.name, self.meaning, "page", self._counts)


class Times:
    """How long something took, by page."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name, self.meaning = name, meaning
        self._lock = threading.Lock()
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._sums: dict[str, float] = defaultdict(float)

    def note(self, page: str, seconds: float) -> None:
        """It took so long on this page."""
        with self._lock:
            self._counts[page][bisect.bisect_left(BOUNDS, seconds)] += 1
            self._sums[page] += seconds

    @contextmanager
    def taken(self, page: str, since: float) -> Iterator[None]:
        """Notes how long it has taken since then (by `time.perf_counter`) until the block is left, however it is."""
        try:
            yield
        finally:
            self.note(page, time.perf_counter() - since)

    def family(self) -> Family:
        """As it stands, in cumulative buckets."""
        samples: list[tuple[str, Mapping[str, str], float]] = []
        with self._lock:
            for page, counts in self._counts.items():
                for bound, total in zip((*BOUNDS, float("inf")), accumulate(counts), strict=True):
                    samples.append(("_bucket", {"page": page, "le": _bound(bound)}, total))
                samples.append(("_sum", {"page": page}, self._sums[page]))
                samples.append(("_count", {"page": page}, sum(counts)))
        return Family(self.name, "histogram", self.meaning, samples)

    def slowest(self) -> dict[str, tuple[int, float, float]]:
        """By page: how often, the mean in seconds, and the bound that 95 % stay below (infinite beyond the last)."""
        with self._lock:
            return {page: (sum(c), self._sums[page] / sum(c), _quantile(c, 0.95)) for page, c in self._counts.items()}


#: How long a page's script took, from a reader's click to its last word, its wait for its turn included.
SCRIPTS = Times("descent_script_seconds", "Runs of a page's script, by their time in seconds.")
FAILURES = Count("descent_page_failures_total", "Runs of a page's script that ended in an error.")


def text(families: list[Family]) -> str:
    """All of them, as Prometheus reads them."""
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _quantile(counts: list[int], share: float) -> float:
    for bound, total in zip((*BOUNDS, float("inf")), accumulate(counts), strict=True):
        if total >= share * sum(counts):
            return bound
    return float("inf")


def _bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else f"{bound:g}"


def _escaped(text: str, quotes: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text
