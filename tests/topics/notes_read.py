"""Explanations as a reader sees them at a frame: lines, and the numbers in them."""

import re

from dlcore.topics.chain_rule import explain
from dlcore.topics.explanation import Explanation
from dlcore.topics.walk import Walk

NUMBER = re.compile(r"(?<![\w.>])−?\d+(?:\.\d+)?(?:·10<sup>−?\d+</sup>)?")
HALF = 5.1e-3  # relative: what is lost by three digits


def lines_at(note: Explanation, frame: int) -> list[str]:
    return [line.html for line in note.lines if line.start <= frame < line.end]


def told(walk: Walk, key: str, phase: str, update: int = 0, *, last: bool = True) -> list[str]:
    """A note's lines at the last frame of a phase in one turn of the loop, or at its first."""
    frames = [k for k, name in enumerate(walk.phases) if name == phase and walk.updates[k] == update]
    return lines_at(explain(walk)[key], frames[-1 if last else 0])


def numbers(html: str) -> list[float]:
    """The numbers of a line, in their order."""
    plain = re.sub(r"<sub>\d+</sub>|</?b>", "", html)
    return [float(re.sub(r"·10<sup>(.*)</sup>", r"e\1", text).replace("−", "-")) for text in NUMBER.findall(plain)]


def line_with(lines: list[str], begin: str) -> str:
    """The one line that begins so."""
    (found,) = [line for line in lines if line.startswith(begin)]
    return found
