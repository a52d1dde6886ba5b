"""A picture in the mirror, and what a question and its answer become there: left is right, or above is below.

Knows the words for sides; does not know networks. A network that learns from mirrored pictures, too, has four times as
many, for nothing.
"""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore.datasets.aerial_questions import ANSWERS, parse, queries

ALONG, DOWN = 3, 2  # dimensions of a feature map (scenes, channels, rows, columns)
SIDES = {
    ALONG: (("left", "right"),),
    DOWN: (("above", "below"), ("upper", "lower"), ("top", "bottom")),
}


class Mirror(NamedTuple):
    """One of the two."""

    axis: int  # ALONG or DOWN: which dimension of a map is turned round
    query: Tensor  # (queries,), int64: what each question becomes
    answer: Tensor  # (ANSWERS,), int64: what each answer becomes


@cache
def mirrors() -> tuple[Mirror, ...]:
    """Both."""
    places = {query: place for place, query in enumerate(queries())}
    found = []
    for axis in SIDES:
        texts = [mirrored(query.text, axis) for query in queries()]
        query = torch.tensor([places[asked] for text in texts if (asked := parse(text))])
        found.append(Mirror(axis, query, torch.tensor([ANSWERS.index(mirrored(answer, axis)) for answer in ANSWERS])))
    return tuple(found)


def mirrored(text: str, axis: int) -> str:
    """The text with every word for a side of this axis replaced by the one for the other side."""
    there_and_back = dict(pair for one, other in SIDES[axis] for pair in ((one, other), (other, one)))
    return " ".join(there_and_back.get(word, word) for word in text.split(" "))
