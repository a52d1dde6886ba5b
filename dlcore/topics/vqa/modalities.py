"""How much of an answer comes from the picture, and how much from the question.

Knows four answers: with both, with either, with neither; does not know how a network joins them. A game of two players
has an exact Shapley value: what a player adds, averaged over who comes first. Source: Shapley, A value for n-person
games (1953).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.asked import Asked

VALUES = {"chance": "its probability", "logit": "its logit"}


@dataclass(frozen=True, kw_only=True)
class ModalitiesConfig:
    """Whose answer is shared out.

    answer: one of ANSWERS; empty: what the network answers. value: a key of VALUES, what of it is shared out.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    asked: Asked = field(default_factory=Asked)
    answer: str = ""
    value: str = "chance"

    def __post_init__(self) -> None:
        require.one_of("value", self.value, VALUES)
        if self.answer:
            require.one_of("answer", self.answer, ANSWERS)

    @property
    def place(self) -> int:
        """Of the answer in ANSWERS."""
        return ANSWERS.index(self.answer or self.asked.answer)


class Modalities(NamedTuple):
    """The value of an answer to a network that knows nothing, one of both, or both."""

    nothing: float
    picture: float  # without a word
    question: float  # of the mean picture
    both: float

    @property
    def from_picture(self) -> float:
        """The picture's Shapley value: ½ [(both − question) + (picture − nothing)]."""
        return ((self.both - self.question) + (self.picture - self.nothing)) / 2

    @property
    def from_question(self) -> float:
        """The question's: ½ [(both − picture) + (question − nothing)]; with the picture's it makes both − nothing."""
        return ((self.both - self.picture) + (self.question - self.nothing)) / 2


def modalities(config: ModalitiesConfig) -> Modalities:
    """The four values.

    Without a picture the features are their mean over the training scenes, which is 0: they are standardised.
    """
    asked = config.asked
    features, ids = asked.sight.features(), asked.ids
    no_features, no_ids = torch.zeros_like(features), torch.zeros_like(ids)
    with torch.no_grad():
        logits = asked.network()(
            torch.cat([no_features, features, no_features, features]), torch.cat([no_ids, no_ids, ids, ids])
        )
    return Modalities(*_of_value(logits, config.value)[:, config.place].tolist())


def _of_value(logits: Tensor, value: str) -> Tensor:
    return logits.double().softmax(dim=1) if value == "chance" else logits.double()
