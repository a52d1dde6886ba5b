"""Knows changes by hand: a parameter or the learning rate set to a value at some step, as text and as edits."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dlcore.training.network import NAME, Architecture

LARGEST = 1e6  # that a parameter may be set to
LEAST_LR, LARGEST_LR = 1e-8, 1000
LATEST = 100_000  # steps
MOST_EDITS = 200
LONGEST = 80  # characters of one edit
EDIT = re.compile(
    r"([a-z][\w.]*)\s*=\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(?:@\s*(\d{1,9}))?", re.IGNORECASE | re.ASCII
)


class Edit(NamedTuple):
    """A number set to a value after `step` updates, 0 being the first weights; training goes on from there."""

    step: int
    name: str  # "lr", or a parameter as `Architecture.place_of` names it: "w1.0.2", "b1.0"
    value: float

    def __str__(self) -> str:
        return f"{self.name}={self.value:.10g}@{self.step}"


def read_edits(text: str) -> tuple[Edit, ...]:
    """Edits as typed, such as "w1.0.2=0.5@120; lr=0.03@200", in the order of their steps; step 0 need not be written.

    Raises: ValueError, one sentence, for what is no edit of any network.
    """
    parts = [part.strip() for part in re.split("[;,]", text.replace("−", "-")) if part.strip()]
    check_count(parts)
    edits = [_read(part) for part in parts]
    for edit in edits:
        check_edit(edit)
    return tuple(sorted(edits, key=lambda edit: edit.step))


def edits_text(edits: Iterable[Edit]) -> str:
    """Edits as `read_edits` takes them."""
    return "; ".join(map(str, edits))


def with_edit(edits: Iterable[Edit], edit: Edit) -> tuple[Edit, ...]:
    """The edits with one more, by step; it takes the place of an earlier one of the same number at the same step."""
    others = [other for other in edits if other[:2] != edit[:2]]
    return tuple(sorted([*others, edit], key=lambda each: each.step))


def check_edits(edits: Sequence[Edit], architecture: Architecture) -> None:
    """Refuse what cannot be set in this network.

    Raises: ValueError naming the first edit that cannot be, and the rule.
    """
    check_count(edits)
    for edit in edits:
        check_edit(edit)
        if edit.name != "lr":
            architecture.place_of(edit.name)


def check_count(edits: Sequence[object]) -> None:
    """Refuse more than are taken.

    Raises: ValueError.
    """
    if len(edits) > MOST_EDITS:
        raise ValueError(f"{len(edits)} changes are too many: at most {MOST_EDITS} are taken.")


def check_edit(edit: Edit) -> None:
    """Refuse what cannot be set in any network.

    Raises: ValueError.
    """
    if edit.name != "lr" and not NAME.fullmatch(edit.name):
        raise ValueError(f"“{edit.name[:40]}” cannot be changed: write lr, a weight such as w1.0.2, or a bias, b1.0.")
    low, high = (LEAST_LR, LARGEST_LR) if edit.name == "lr" else (-LARGEST, LARGEST)
    if not (math.isfinite(edit.value) and low <= edit.value <= high):
        raise ValueError(f"The change “{edit}” is out of range: {edit.name} must be from {low:g} to {high:g}.")
    if not 0 <= edit.step <= LATEST:
        raise ValueError(f"The change “{edit}” is at no step: they are counted from 0 to {LATEST}.")


def _read(part: str) -> Edit:
    match = EDIT.fullmatch(part) if len(part) <= LONGEST else None
    if match is None:
        raise ValueError(f"The change “{part[:40]}” is not understood: write name=number@step, such as lr=0.03@200.")
    return Edit(int(match[3] or 0), match[1], float(match[2]))
