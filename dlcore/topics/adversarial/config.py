"""What is attacked: a picture, the network that looks at it, and the class that is to be lost or reached."""

from dataclasses import dataclass, field

from dlcore import require
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.shown import Shown


@dataclass(frozen=True, kw_only=True)
class Victim(Shown):
    """A picture and a network's key; target: the class that a targeted attack is to reach, None: the runner-up.

    Raises: ValueError naming the first field out of its range, its value and the rule; and where the target is what
    is to be lost.
    """

    model: str = "noiseless"
    target: int | None = None
    settings: AttackSettings = field(default_factory=AttackSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target is not None:
            require.whole("target", self.target, 0, len(self.classes) - 1)
            if self.target == self.label:
                raise ValueError(f"The target is {self.classes[self.label]}, what the picture shows: choose another.")

    @property
    def answer(self) -> int:
        """The class that the network answers to the clean picture."""
        return int(self.logits().argmax())

    @property
    def label(self) -> int:
        """The class that an attack is to make the network lose: the true one, or else the network's own answer."""
        return self.answer if self.truth is None else self.truth

    @property
    def goal(self) -> int:
        """The class that a targeted attack is to reach."""
        if self.target is not None:
            return self.target
        return next(int(i) for i in self.logits().argsort(descending=True) if int(i) != self.label)
