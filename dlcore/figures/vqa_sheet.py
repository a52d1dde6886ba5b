"""What the stages on one question about one picture share: what is asked, how answers are told, the network's drawing.

Knows the names under which a run's arrays come; does not know how any is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from dlcore import require
from dlcore.figures.classbars import ClassBars
from dlcore.figures.flow import Box, Flow, Lane, Press, Rule, Strip, Word
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Area, Readout
from dlcore.figures.tiles import Tile

Arrays = Mapping[str, np.ndarray]

BEST = 5  # answers that are told
FINE = 3  # pixels of the fine picture for one of the picture that the network gets
FULL = 1.0  # what comes out of a tanh is within ±1

#: What became of an answer, by the number that a run gives.
OUTCOMES = ("right", "wrong, but logical", "wrong, not logical", "truth unknown")

#: What the answers are about, in their order: (name, how many).
GROUPS = (("y/n", 2), ("count", 11), ("area", 5), ("side", 4))


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a network's drawing differs from that of the others.

    joint: what joins the two vectors; rule: how, where each number comes of two. joined: the symbol of the result.
    """

    joint: Box | None = None
    rule: Rule = ""
    joined: str = ""
    sees: bool = True
    reads: bool = True
    attends: bool = False


DESIGNS: dict[str, Design] = {
    "add": Design(joint=Box(title="+", note="number by number"), rule="add", joined="v + q"),
    "concatenate": Design(joint=Box(title="[v, q]", note="one behind the other"), joined="[v, q]"),
    "product": Design(joint=Box(title="∘", note="number by number"), rule="multiply", joined="v ∘ q"),
    "mcb": Design(joint=Box(title="Ψ(v) ∗ Ψ(q)", note="count sketches, FFT"), joined="Ψ(vqᵀ)"),
    "mutan": Design(joint=Box(title="Σᵣ Mᵣv ∘ Nᵣq", note="low rank"), joined="z"),
    "attention": Design(joint=Box(title="∘", note="number by number"), rule="multiply", joined="v ∘ q", attends=True),
    "blind": Design(sees=False),
    "deaf": Design(reads=False),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A picture and a question to one network.

    picture: uint8 (h, w, 3), fine. words: the question's, as they were typed. unknown: the places of those that the
    network has never met; nearest: by word, known ones that are like it. answers: all that it can give. truth: which of
    them is right, None: nobody knows. model: a key of DESIGNS.

    Raises: ValueError naming the first part that does not fit.
    """

    picture: np.ndarray
    question: str
    words: Sequence[str]
    answers: Sequence[str]
    model: str = "product"
    truth: int | None = None
    unknown: Sequence[int] = ()
    nearest: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require.one_of("model", self.model, DESIGNS)
        shape = self.picture.shape
        if len(shape) != 3 or shape[2] != 3 or shape[0] % FINE or shape[1] % FINE:
            raise ValueError(f"picture is {shape}: (h, w, 3) is wanted, h and w multiples of {FINE}.")
        for place in self.unknown:
            require.whole("unknown", place, 0, len(self.words) - 1)
        if self.truth is not None:
            require.whole("truth", self.truth, 0, len(self.answers) - 1)

    @property
    def design(self) -> Design:
        """How the network is drawn."""
        return DESIGNS[self.model]

    @property
    def coarse(self) -> np.ndarray:
        """The picture as the network gets it, uint8 (h / FINE, w / FINE, 3)."""
        h, w, channels = self.picture.shape
        blocks = self.picture.reshape(h // FINE, FINE, w // FINE, FINE, channels)
        return blocks.mean(axis=(1, 3)).round().astype(np.uint8)

    @property
    def typed(self) -> tuple[Word, ...]:
        """The words, those that are not known with others like them."""
        return tuple(
            Word(text=text, known=place not in self.unknown, nearest=tuple(self.nearest.get(text, ())))
            for place, text in enumerate(self.words)
        )

    @property
    def told_truth(self) -> str:
        """The right answer in HTML, or that nobody knows it."""
        return "nobody knows" if self.truth is None else escape(self.answers[self.truth])


def scene(case: Case, **more: Any) -> Tile:
    """The picture, as large as can be."""
    given = {"key": "scene", "title": "The picture", "values": case.picture[None], **more}
    return Tile(kind="picture", **given)


def bars(case: Case, arrays: Arrays, *, area: Area = "side", **more: Any) -> ClassBars:
    """The best answers, and a tick on each bar for what the question alone would make likely."""
    blind = {} if case.model == "blind" else {"before": arrays["blind.chances"], "before_as": "blind"}
    given = {"truth": case.truth, "ask": "", **blind, **more}
    return ClassBars(
        key="answers",
        title="Answers",
        labels=case.answers,
        values=arrays["chances"],
        most=BEST,
        strongest=BEST,
        area=area,
        **given,
    )


def likeliest(label: str, case: Case, chances: np.ndarray) -> Readout:
    """The answer by frame, as a word."""
    return Readout(label=label, colour="", values=chances.argmax(axis=1), words=[escape(a) for a in case.answers])


def outcome(label: str, values: np.ndarray) -> Readout:
    """Whether an answer is right, by frame."""
    return Readout(label=label, colour="", values=values, words=OUTCOMES)


def flow(case: Case, arrays: Arrays, *, press: Press = "go", area: Area = "main") -> Flow:
    """The network's drawing with the vectors of each frame; frame k: k words have been read."""
    design, frames = case.design, len(arrays["chances"])
    question = Lane(rows=_reading(arrays, design), out=_vector("q", "the question", arrays)) if design.reads else None
    sight = Lane(rows=_seeing(design), out=_vector("v", "the picture", arrays)) if design.sees else None
    joins = design.joint is not None
    return Flow(
        key="flow",
        title="Network",
        words=case.typed,
        read=np.minimum(np.arange(frames), len(case.words)),
        press=press,
        picture=case.coarse[None],
        question=question,
        sight=sight,
        asks=design.attends,
        joint=design.joint,
        rule=design.rule,
        joined=_strip("fused", design.joined, "both joined", arrays["fused"]) if joins else None,
        head=Box(title="classifier", note="FC + ReLU, FC"),
        scores=Strip(
            key="scores",
            title="scores",
            told="the scores of the answers",
            values=arrays["logits"],
            names=case.answers,
            groups=GROUPS if sum(many for _, many in GROUPS) == len(case.answers) else (),
        ),
        chances=arrays["chances"],
        best=BEST,
        area=area,
        alt=_alt(case),
    )


def _reading(arrays: Arrays, design: Design) -> list[list[Box | Strip]]:
    state = _strip("hidden", "h", "the GRU's state", arrays["hidden"], FULL)
    return [[Box(title="GRU", note=f"{state.values.shape[1]}"), state], [Box(title="FC + tanh")]]


def _seeing(design: Design) -> list[list[Box | Strip]]:
    attention = [[Box(title="attention", note="2 glimpses")]] if design.attends else []
    rows: list[list[Box]] = [[Box(title="CNN", note="frozen")], *attention, [Box(title="FC + tanh")]]
    return [list(row) for row in rows]


def _vector(name: str, of: str, arrays: Arrays) -> Strip:
    return _strip(name, name, f"the vector of {of}", arrays[name], FULL)


def _strip(key: str, title: str, told: str, values: ArrayOrPending, limit: float | None = None) -> Strip:
    return Strip(key=key, title=title, told=told, values=values, limit=limit)


def _alt(case: Case) -> str:
    design = case.design
    if not design.sees:
        return "The network drawn: the question's words, a GRU, a layer, its vector, a classifier, the answers."
    if not design.reads:
        return "The network drawn: the picture, a CNN, a layer, its vector, a classifier, the answers."
    return (
        "The network drawn: a GRU reads the question, a CNN sees the picture, their vectors are joined and classified."
    )
