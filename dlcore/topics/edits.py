"""Knows changes by hand: leaves of a network set to new values before an update, as text and as edits."""

import re
from typing import NamedTuple

from dlcore.topics.backprop_config import MOST_UPDATES, WALKED
from dlcore.topics.scalar_net import Net

EDIT = re.compile(
    r"(?P<name>[a-z]\w*)\s*=\s*(?P<number>[-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+−]?\d+)?)"
    r"\s*(?:@\s*(?P<update>\d+)(?:\.(?P<turn>\d+))?)?",
    re.IGNORECASE | re.ASCII,
)
LARGEST = 1e6  # that a leaf may be set to
LAST_UPDATE = MOST_UPDATES + WALKED  # what follows the latest walk
LAST_TURN = 3  # of the largest batch
MOST_EDITS = 200
LONGEST = 300  # characters of one edit: a formula's variable may have 200


class Edit(NamedTuple):
    """A leaf set to a value before an update; an input or a target is that of the batch's `turn`-th sample."""

    name: str
    value: float
    update: int = 0
    turn: int = 0

    def __str__(self) -> str:
        at = f"@{self.update}" + (f".{self.turn}" if self.turn else "") if self.update or self.turn else ""
        return f"{self.name}={self.value:.10g}{at}"


def read_edits(text: str, net: Net) -> tuple[Edit, ...]:
    """Edits as typed, such as "w1=0.5, x2=-1@3", in the order of their updates.

    Raises: ValueError, one sentence, for what is no edit of this network.
    """
    parts = _parts(text)
    if len(parts) > MOST_EDITS:
        raise ValueError(f"{len(parts)} changes are too many: at most {MOST_EDITS} are taken.")
    return tuple(sorted((_read(part, net) for part in parts), key=lambda edit: edit.update))


def _read(part: str, net: Net) -> Edit:
    edit = _understood(part)
    if edit is None:
        raise ValueError(f"The change “{part[:40]}” is not understood: write name=number, such as w1=0.5.")
    if not abs(edit.value) <= LARGEST:
        raise ValueError(f"The change “{part[:40]}” is too large: from −{LARGEST:,.0f} to {LARGEST:,.0f} is allowed.")
    if edit.update > LAST_UPDATE:
        raise ValueError(f"The change “{part[:40]}” comes too late: the last update there can be is {LAST_UPDATE}.")
    if edit.turn > LAST_TURN:
        raise ValueError(f"The change “{part[:40]}” is of no sample: a batch's are counted from 0 to {LAST_TURN}.")
    changeable = [node.name for node in net.graph.nodes if node.role in ("input", "target", "parameter")]
    if edit.name not in changeable:
        shown = ", ".join(changeable[:12]) + (", ..." if len(changeable) > 12 else "")
        raise ValueError(f"“{edit.name[:40]}” cannot be changed: this network has {shown}.")
    if not 0 <= edit.value <= 1 and _is_probability(edit.name, net):
        raise ValueError(f"{edit.name} is {edit.value:g}: as a target of cross-entropy it must be from 0 to 1.")
    return edit


def _understood(part: str) -> Edit | None:
    """The edit that a text is, of whatever network; None if it is none."""
    match = EDIT.fullmatch(part) if len(part) <= LONGEST else None
    if match is None:
        return None
    value = float(match["number"].replace("−", "-"))
    return Edit(match["name"], value, int(match["update"] or 0), int(match["turn"] or 0))


def _is_probability(name: str, net: Net) -> bool:
    """Whether a leaf is a target that is 0 or 1, or in between."""
    index = net.graph.index[name]
    return any(node.op == "cross-entropy" and index == node.inputs[1] for node in net.graph.nodes)


def with_edit(text: str, edit: Edit) -> str:
    """The edits with one more; it takes the place of an earlier one of the same leaf before the same update."""

    def same(part: str) -> bool:
        other = _understood(part)
        return other is not None and other._replace(value=edit.value) == edit

    return ", ".join([*(part for part in _parts(text) if not same(part)), str(edit)])


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split("[,;]", text) if part.strip()]
