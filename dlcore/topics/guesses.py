"""Knows how far a guessed gradient is off, and which step of the chain rule was most likely missed."""

import math
from collections.abc import Sequence

from dlcore.numerals import bracketed, digits
from dlcore.topics.backprop import Arrival, Graph
from dlcore.topics.scalar_net import label

CLOSE = 0.02  # relative: what three digits and a pocket calculator give
ROUNDING = 1e-12  # absolute: contributions that cancel leave so much


def judge(guess: float, arrivals: Sequence[Arrival], graph: Graph) -> tuple[bool, str]:
    """Whether a guess hits the sum of these contributions (at least one), and why, in a few sentences of HTML.

    arrivals: all contributions to one node, in one pass.
    """
    total = sum(arrival.contribution for arrival in arrivals)
    truth = f"It is {digits(total)} = {_written(arrivals)}."
    if not math.isfinite(total):
        return False, truth
    if _near(guess, total):
        return True, f"Yes. {truth}"
    return False, f"Not {digits(guess)}. {_far(guess, total)} {truth} {_reason(guess, total, arrivals, graph)}"


def _near(guess: float, value: float) -> bool:
    return abs(guess - value) <= CLOSE * abs(value) + ROUNDING


def _far(guess: float, total: float) -> str:
    """By how much, as a part of what is right where that says something."""
    off = abs(guess - total)
    return f"Off by {off / abs(total):.0%}." if off < 10 * abs(total) else f"Off by {digits(off, 2)}."


def _written(arrivals: Sequence[Arrival]) -> str:
    """The products that add up, at most three of them."""
    products = [f"{bracketed(a.upstream)} · {bracketed(a.local)}" for a in arrivals[:3]]
    return " + ".join(products) + (f" + ... ({len(arrivals)} products)" if len(arrivals) > 3 else "")


def _reason(guess: float, total: float, arrivals: Sequence[Arrival], graph: Graph) -> str:
    """What a reader who types this number has most likely left out."""
    if total and _near(guess, -total):
        return "The size is right, the sign is not."
    for arrival in arrivals if len(arrivals) > 1 else ():
        if arrival.contribution and _near(guess, arrival.contribution):
            via = label(graph.nodes[arrival.source].name)
            return f"That is the share via {via} alone: over several uses, gradients add."
    if total == 0 and any(arrival.contribution for arrival in arrivals):
        return "What comes back over its uses cancels."
    if total == 0:
        return "The local derivative or what comes from above is 0, and so is their product."
    if _near(guess, sum(a.local for a in arrivals)):
        return "That is the local derivative alone: multiply it by the gradient that comes from above."
    if any(_near(abs(guess), abs(a.upstream)) for a in arrivals):
        return "That is the gradient from above alone: multiply it by the local derivative, sign and all."
    if _near(guess, 2 * total) or _near(guess, total / 2):
        return "A factor of 2 is too much or missing: the derivative of ½u² is u."
    return "Multiply what comes from above by the local derivative, and add over all uses."
