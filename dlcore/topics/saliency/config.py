"""What is explained: a picture, the network that looks at it, and the class that is asked about."""

from dataclasses import dataclass

from torch import Tensor

from dlcore import require
from dlcore.topics.images.shown import Shown
from dlcore.topics.images.targets import Target, score


@dataclass(frozen=True, kw_only=True)
class Subject(Shown):
    """A picture, a network's key, and the class that is asked about: None is the one that the network answers.

    against: the logit of that class is subtracted ("why this and not that"); None: none is.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    label: int | None = None
    against: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, label in (("label", self.label), ("against", self.against)):
            if label is not None:
                require.whole(name, label, 0, len(self.classes) - 1)
        if self.against is not None and self.against == self.label:
            raise ValueError(f"The class is compared with itself, {self.classes[self.against]}: choose another one.")

    def score(self) -> Tensor:
        """The number that is explained, ()."""
        return score(self.logits()[None], self.target())[0]

    def target(self) -> Target:
        """What the explanations explain. Where the answer itself is what it is compared with, the runner-up is."""
        label = int(self.logits().argmax()) if self.label is None else self.label
        if label == self.against:
            label = next(int(i) for i in self.logits().argsort(descending=True) if int(i) != self.against)
        return Target(label=label, against=self.against)
