"""What the stages on attacks share: the looks of each attack, what is attacked, and the tiles that show it.

Knows the names under which a run's arrays arrive; does not know how any is computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from dlcore import require
from dlcore.figures.classbars import ClassBars
from dlcore.figures.looks import NamedStyle
from dlcore.figures.pending import ArrayOrPending, Pending
from dlcore.figures.stage import Area, Readout
from dlcore.figures.tiles import Tile, Tiles

Delta = Literal["true", "magnified", "sign", "size"]

COLUMNS = 3  # of pictures
NOISE = "noise"  # the same amount at random, which stands beside every attack

#: What became of the answer, by the number that a run gives.
OUTCOMES = ("holds", "shaken", "fooled", "wrong already")

#: What bounds an attack, and what the largest change of a pixel is called then.
NORMS = {"linf": "ε", "l2": "max"}

#: How a perturbation may be shown.
DELTAS: dict[Delta, str] = {
    "magnified": "as large as can be",
    "true": "as large as it is",
    "sign": "its sign",
    "size": "its size",
}
#: What stands under it, in a few words; {most} is what has the full colour.
BELOW: dict[Delta, str] = {
    "magnified": "bright +{most}, dark −{most}",
    "true": "on grey",
    "sign": "mean of channels",
    "size": "levels, mean of channels",
}


@dataclass(frozen=True)
class AttackStyle(NamedStyle):
    """How an attack is drawn, and whether it has a goal."""

    targeted: bool = False


ATTACK_STYLES: dict[str, AttackStyle] = {
    NOISE: AttackStyle("Noise", "attack-noise", "dot", "circle-open"),
    "fgsm": AttackStyle("FGSM", "attack-fgsm", "dash", "square"),
    "fgsm_targeted": AttackStyle("FGSM, targeted", "attack-fgsm-targeted", "dashdot", "square-open", targeted=True),
    "pgd": AttackStyle("PGD", "attack-pgd", "solid", "diamond"),
    "pgd_targeted": AttackStyle("PGD, targeted", "attack-pgd-targeted", "longdash", "diamond-open", targeted=True),
    "deepfool": AttackStyle("DeepFool", "attack-deepfool", "solid", "triangle-up"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A picture, what the network answers to it before any attack, and what an attack is to make of that.

    picture: uint8 (h, w, 3), or (h, w, 1) in greys. label: the class that is to be lost. goal: the one that is to be
    reached, where the attack has one. truth: what is really there, None: nobody knows. chances, logits: (classes,).

    Raises: ValueError naming the first class that there is not.
    """

    picture: np.ndarray
    classes: Sequence[str]
    label: int
    chances: np.ndarray
    logits: np.ndarray
    goal: int | None = None
    truth: int | None = None

    def __post_init__(self) -> None:
        for name in ("label", "goal", "truth"):
            if (number := getattr(self, name)) is not None:
                require.whole(name, number, 0, len(self.classes) - 1)

    @property
    def shown(self) -> np.ndarray:
        """The picture as one frame in colours, (1, h, w, 3)."""
        return np.broadcast_to(self.picture, (*self.picture.shape[:2], 3))[None]

    @property
    def name(self) -> str:
        """What the picture shows, as far as an attack is concerned."""
        return self.classes[self.label]

    @property
    def turn(self) -> str:
        """Where an attack has what it is after."""
        return f"{self.name} is lost" if self.goal is None else f"{self.classes[self.goal]} is reached"

    @property
    def rival(self) -> str:
        """The class that is to win: the goal, or whichever it may be."""
        return "strongest other class" if self.goal is None else self.classes[self.goal]

    @property
    def asked(self) -> str:
        """The class whose cross-entropy an attack makes larger, or smaller where it has a goal."""
        return self.name if self.goal is None else self.classes[self.goal]


def aimed(case: Case, style: AttackStyle) -> Case:
    """The case as an attack takes it: without a goal where the attack only makes the network lose the label.

    Raises: ValueError for a targeted attack without a goal.
    """
    if style.targeted and case.goal is None:
        raise ValueError(f"{style.short} has no goal: it must have a class to reach.")
    return case if style.targeted else replace(case, goal=None)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a perturbation is shown, a key of DELTAS; "sign" and "size" are of the same arrays."""

    delta: Delta = "magnified"

    def __post_init__(self) -> None:
        require.one_of("delta", self.delta, DELTAS)

    @property
    def is_map(self) -> bool:
        """Whether numbers are shown in colours, instead of a picture."""
        return self.delta in ("sign", "size")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The tiles, bars and readouts of one run, whose arrays arrive while it is computed.

    norm: what bounds the attack, a key of NORMS; only in L∞ is ε what a pixel may change by.
    """

    case: Case
    num_frames: int
    look: Look = field(default_factory=Look)
    norm: str = "linf"

    def __post_init__(self) -> None:
        require.one_of("norm", self.norm, NORMS)

    def live(self, name: str, *shape: int, dtype: str = "float32") -> Pending:
        """What comes of a name with every frame: a number, or an array of this shape."""
        return Pending(name=name, shape=(self.num_frames, *shape), dtype=dtype)

    def original(self, key: str = "picture", **more: Any) -> Tile:
        """The picture as it is, and what the network says to it."""
        return self._told(key, "The picture", self.case.shown, self.case.chances[None], **more)

    def attacked(self, title: str, prefix: str = "", **more: Any) -> Tile:
        """The picture with its perturbation, and what the network says to that; prefix: "noise." for another one."""
        pixels = self.live(f"{prefix}picture", *self.case.shown.shape[1:], dtype="uint8")
        return self._told(f"{prefix}attacked", title, pixels, self.chances(prefix), **more)

    def _told(self, key: str, title: str, pixels: ArrayOrPending, chances: ArrayOrPending, **more: Any) -> Tile:
        return Tile(
            key=key,
            title=title,
            values=pixels,
            kind="picture",
            answers=chances,
            words=self.case.classes,
            **more,
        )

    def delta(self, title: str, prefix: str = "", **more: Any) -> Tile:
        """The perturbation alone, as the look has it."""
        key, shape = f"{prefix}delta", self.case.shown.shape[1:]
        given = {"caption": BELOW[self.look.delta].format(most=NORMS[self.norm]), **more}
        if self.look.is_map:
            sign, size = (self.live(f"{key}.{part}", *shape[:2]) for part in ("sign", "size"))
            return Tile(key=key, title=title, values=sign, magnitude=size, **given)
        pixels = self.live(f"{key}.{self.look.delta}", *shape, dtype="uint8")
        return Tile(key=key, title=title, values=pixels, kind="picture", **given)

    def tiles(self, tiles: Sequence[Tile], *, alt: str, **more: Any) -> Tiles:
        """The large view of a stage. Maps have one scale, on which the largest number has the full colour."""
        signed = self.look.delta == "sign"
        return Tiles(key="tiles", title="Pictures", tiles=tiles, signed=signed, clip=100, shared=True, alt=alt, **more)

    def closeup(self, attack: str) -> Tiles:
        """The attacked picture, large, and beside it the picture and what is added to it."""
        tiles = [self.attacked("Attacked", lead=True), self.original(), self.delta("+ δ")]
        alt = f"The picture of {self.case.name} as {attack} has it, as it was, and the difference."
        return self.tiles(tiles, alt=alt, columns=COLUMNS)

    def chances(self, prefix: str = "") -> Pending:
        """(frames, classes)."""
        return self.live(f"{prefix}chances", len(self.case.classes))

    def bars(self, title: str = "Classes", prefix: str = "", area: Area = "side") -> ClassBars:
        """What the network answers now, and a tick on each bar for what it answered to the picture as it is."""
        case = self.case
        return ClassBars(
            key=f"{prefix}classes",
            title=title,
            labels=case.classes,
            values=self.chances(prefix),
            logits=self.live(f"{prefix}logits", len(case.classes)),
            before=case.chances[None],
            chosen=case.label if case.goal is None else case.goal,
            chosen_as="to be lost" if case.goal is None else "goal",
            ask="Aim at",
            truth=case.truth,
            area=area,
        )

    def outcome(self, label: str, prefix: str = "") -> Readout:
        """What became of the answer, in a word."""
        return Readout(label=label, colour="", values=self.live(f"{prefix}outcome"), words=OUTCOMES)

    def lengths(self) -> list[Readout]:
        """How large the perturbation is, in levels of a pixel."""
        return [
            Readout(label="‖δ‖<sub>∞</sub>, levels", colour="", values=self.live("linf")),
            Readout(label="‖δ‖<sub>2</sub>, levels", colour="", values=self.live("l2")),
        ]
