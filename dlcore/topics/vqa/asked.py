"""A picture, a question about it, and the network that is asked: what it answers, and what is true.

Knows the answer and whether it is right; does not know how the network came to it.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets import aerial_questions
from dlcore.datasets.aerial_questions import ANSWERS, Query
from dlcore.topics.vqa import shipped, vocabulary
from dlcore.topics.vqa.fusions import BLIND, FUSIONS
from dlcore.topics.vqa.nets import Answerer
from dlcore.topics.vqa.sight import Sight
from dlcore.topics.vqa.vocabulary import Reading

RIGHT, LOGICAL, ILLOGICAL, UNKNOWN = range(4)  # what an answer is: right, wrong but possible, impossible, nobody knows


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question about a picture, to one network: a key of FUSIONS, and which of those that were trained.

    Raises: ValueError naming the first field out of its range, its value and the rule; one sentence for a question that
    is empty or too long.
    """

    sight: Sight = field(default_factory=Sight)
    question: str = "how many houses are there"
    model: str = "product"
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("model", self.model, FUSIONS)
        if self.seed not in shipped.SEEDS:
            named = ", ".join(map(str, shipped.SEEDS))
            raise ValueError(f"seed is {self.seed!r}: networks were trained with the seeds {named}.")
        vocabulary.read(self.question)

    @property
    def reading(self) -> Reading:
        """The question's words, and which of them the network has never met."""
        return vocabulary.read(self.question)

    @property
    def query(self) -> Query | None:
        """What is asked; None: no question that the scene graph understands."""
        return aerial_questions.parse(" ".join(self.reading.tokens))

    @property
    def truth(self) -> str | None:
        """The right answer, from the scene graph; None: nobody knows."""
        graph, query = self.sight.graph(), self.query
        return None if graph is None or query is None else aerial_questions.answer(query, graph)

    @property
    def blind(self) -> "Asked":
        """The same to a network that sees only the question."""
        return replace(self, model=BLIND)

    @property
    def answer(self) -> str:
        """What the network answers."""
        return ANSWERS[int(self.chances().argmax())]

    @property
    def ids(self) -> Tensor:
        """The words as numbers, int64 (1, words)."""
        return torch.tensor([self.reading.ids])

    def network(self) -> Answerer:
        """The trained network, which all share: not to be changed."""
        return shipped.answerer(self.model, self.seed)

    def chances(self) -> np.ndarray:
        """The softmax probability of each of ANSWERS, float32 (answers,)."""
        return _chances(self).copy()

    def outcome(self, place: int) -> int:
        """What the answer at that place of ANSWERS is: RIGHT, LOGICAL, ILLOGICAL or UNKNOWN."""
        query, truth = self.query, self.truth
        if query is None or truth is None:
            return UNKNOWN
        given = ANSWERS[place]
        return RIGHT if given == truth else LOGICAL if given in query.answers else ILLOGICAL


@lru_cache(maxsize=256)
def _chances(asked: Asked) -> np.ndarray:
    with torch.no_grad():
        return asked.network()(asked.sight.features(), asked.ids)[0].softmax(dim=0).numpy()
