"""Knows every setting of the lesson on batch norm, and which are possible; computes nothing with them."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from dlcore import require
from dlcore.topics.batchnorm import NORMS, Sets

DIRECTIONS = {"forward": "forward", "backward": "backward"}
MODES = {"train": "training", "eval": "evaluation"}
#: What lies in the mini-batch before anything is changed by hand.
INPUTS = {
    "scales": "Features of different scale",
    "digits": "Random digits",
    "outlier": "One sample far off",
    "constant": "A feature that never changes",
}
#: ∂E/∂y, which the gradients begin with.
UPSTREAM = {"digits": "random numbers", "ones": "ones: E = Σy", "one": "E = y[0, 0] alone"}
MOST_SAMPLES, MOST_FEATURES, MOST_SEEN = 8, 6, 200
MOST_EDITS, LARGEST = 100, 1e4
EDIT = re.compile(
    r"(x|dy|gamma|beta)(\d(?:\.\d)?)\s*=\s*([-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+−]?\d+)?)", re.IGNORECASE | re.ASCII
)


class Edit(NamedTuple):
    """A number set by hand: of x or ∂E/∂y at (sample, feature), of γ or β at (feature,)."""

    letter: str  # x, dy, gamma, beta
    place: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return f"{name_of(self.letter, self.place)}={self.value:.10g}"


@dataclass(frozen=True, kw_only=True)
class TransformConfig:
    """A mini-batch and what normalises it. The defaults are the opening scene.

    seen: how often the running statistics have met this batch before. edits: numbers changed by hand, such as
    "x0.2=5, gamma1=2", indices counted from 0; those of cells that are not there are kept and do nothing.
    """

    norm: str = "batch"
    groups: int = 2
    mode: str = "train"
    direction: str = "forward"
    samples: int = 6
    features: int = 4
    image: str = "scales"
    upstream: str = "digits"
    eps: float = 1e-5
    momentum: float = 0.1  # torch's: the weight of the new batch
    seen: int = 0
    edits: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises: ValueError, one sentence, for what cannot be shown."""
        require.one_of("norm", self.norm, NORMS)
        require.one_of("mode", self.mode, MODES)
        require.one_of("direction", self.direction, DIRECTIONS)
        require.one_of("the input", self.image, INPUTS)
        require.one_of("the upstream gradient", self.upstream, UPSTREAM)
        require.whole("samples", self.samples, 1, MOST_SAMPLES)
        require.whole("features", self.features, 1, MOST_FEATURES)
        require.whole("groups", self.groups, 1, MOST_FEATURES)
        require.number("ε", self.eps, 1e-12, 10)
        require.number("momentum", self.momentum, 0, 1)
        require.whole("seen", self.seen, 0, MOST_SEEN)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        read_edits(self.edits)
        if self.norm == "group" and self.features % self.groups:
            raise ValueError(
                f"groups is {self.groups}: it must divide the number of features, {self.features}, so that all groups "
                "are alike."
            )

    @property
    def sets(self) -> Sets:
        """Which numbers share a mean."""
        return Sets(self.norm, self.samples, self.features, self.groups)

    @property
    def uses_given(self) -> bool:
        """Whether the statistics come from elsewhere: batch norm at test time. The others know no such thing."""
        return self.norm == "batch" and self.mode == "eval"


def name_of(letter: str, place: tuple[int, ...]) -> str:
    """A number's name as edits write it: x0.2, gamma1."""
    return letter + ".".join(map(str, place))


def read_edits(text: str) -> tuple[Edit, ...]:
    """Edits as typed.

    Raises: ValueError, one sentence, for what is no edit.
    """
    parts = [part.strip() for part in re.split("[,;]", text) if part.strip()]
    if len(parts) > MOST_EDITS:
        raise ValueError(f"{len(parts)} changes by hand are too many: at most {MOST_EDITS} are taken.")
    return tuple(map(_read, parts))


def with_edit(text: str, name: str, value: float) -> str:
    """The edits with one more; it takes the place of an earlier one of the same number.

    Raises: ValueError, one sentence, for a name or a number that cannot be.
    """
    (made,) = read_edits(f"{name}={value:.10g}")
    return ", ".join(map(str, [*(other for other in read_edits(text) if other[:2] != made[:2]), made]))


def without(text: str, letters: tuple[str, ...]) -> str:
    """The edits that are of none of these letters."""
    return ", ".join(str(edit) for edit in read_edits(text) if edit.letter not in letters)


def _read(part: str) -> Edit:
    match = EDIT.fullmatch(part)
    letter, index, number = match.groups() if match else ("", "", "")
    place = tuple(map(int, index.split("."))) if match else ()
    if len(place) != {"x": 2, "dy": 2}.get(letter.lower(), 1):
        raise ValueError(f"The change “{part[:40]}” is not understood: write name=number, such as x0.2=5 or gamma1=2.")
    value = float(number.replace("−", "-"))
    if not abs(value) <= LARGEST:
        raise ValueError(f"The change “{part[:40]}” is too large: from −{LARGEST:g} to {LARGEST:g} is allowed.")
    return Edit(letter.lower(), place, value)
