"""The stage on which an answer is shared out among the pixels and the words, and what each of the two inputs adds.

Knows the names of what was computed; computes nothing but the ends of axes.
"""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.flow import Flow
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles
from dlcore.figures.vqa_sheet import Arrays, Case, bars, scene

OVERLAY = 0.6
ROOM = 0.12  # above and below a curve, as a share of its span
MAP = "method-integrated"  # what is drawn of the sum in this hue
LEFT = 96  # pixels for the names beside bars


@dataclass(frozen=True, kw_only=True)
class Shares:
    """What an answer is worth to a network with neither input, one, or both; and what each input adds, of both.

    quantity: what is shared out, such as "chance of 5".
    """

    quantity: str
    nothing: float
    picture: float
    question: float
    both: float
    from_picture: float
    from_question: float


def attribution_stage(case: Case, trace: Arrays, *, answer: int, shares: Shares | None = None) -> Stage:
    """Frame k: k points on the way from nothing to this picture and this question have been summed.

    trace: (frames, ...) by name: pixels, words, total, rise, gap, share.words; chances and blind.chances (1, answers)
    may be there, and are shown then. answer: the place of the one that is explained.
    """
    name = case.answers[answer]
    return Stage(
        views=[
            _maps(case, trace, name),
            words(case, trace, name),
            completeness(trace, name),
            *([modalities(shares)] if shares else []),
            *([bars(case, trace, chosen=answer, ask="Explain")] if "chances" in trace else []),
        ],
        num_frames=len(trace["total"]),
        readouts=[
            Readout(label="explained", colour="", note=escape(name)),
            Readout(label="Σ of pixels and words", colour=theme.colour(MAP), values=trace["total"]),
            Readout(label="must be", colour=theme.colour("ink"), dash="dot", values=trace["rise"]),
            Readout(label="words' part", colour="", values=trace["share.words"]),
        ],
        unit="point",
        file_name="vqa-attribution",
        split=1.75,
    )


def words(case: Case, trace: Arrays, name: str) -> Flow:
    """The question, each word on a ground that says how much it speaks for the answer."""
    return Flow(
        key="words",
        title="Words",
        words=case.typed,
        shades=trace["words"],
        area="head",
        alt=f"The words of the question, with how much each speaks for {name}.",
    )


def _maps(case: Case, trace: Arrays, name: str) -> Tiles:
    pixels = Tile(key="pixels", title=f"For and against {name}", values=trace["pixels"])
    return Tiles(
        key="maps",
        title="Pixels",
        tiles=[scene(case), pixels],
        signed=True,
        clip=99.5,
        overlay=OVERLAY,
        picture=case.coarse[None],
        columns=2,
        alt=f"The picture, and which of its pixels speak for {name} and which against it.",
    )


def completeness(trace: Arrays, name: str) -> Plot:
    """The sum, which must end where the score does."""
    known = np.concatenate([trace["total"], trace["rise"]])
    ends = [min(0.0, float(np.nanmin(known))), max(0.0, float(np.nanmax(known)))]
    room = ROOM * ((ends[1] - ends[0]) or 1.0)
    curves = [
        Curve(
            label="rise of the score", colour="ink", dash="dot", mean=np.full_like(trace["total"], trace["rise"][-1])
        ),
        Curve(label="Σ of pixels and words", colour=MAP, mean=trace["total"]),
    ]
    return bands(
        curves,
        np.arange(len(trace["total"])),
        Scale(quantity=f"score of {name}", low=ends[0] - room, high=ends[1] + room),
        key="completeness",
        title="Completeness",
        caption="solid: Σ so far · dotted: where it must end",
        alt="The sum of what all pixels and words get, by how many points have been summed.",
        across="points",
    )


def modalities(shares: Shares) -> Plot:
    """What the answer is worth to whom, and how the rise from nothing to both is shared out."""
    names = [
        "with neither",
        "the picture alone",
        "the question alone",
        "with both",
        "due to the picture",
        "due to the question",
    ]
    values = [
        shares.nothing,
        shares.picture,
        shares.question,
        shares.both,
        shares.from_picture,
        shares.from_question,
    ]
    hues = [theme.colour("muted")] * 4 + [theme.colour(MAP)] * 2
    data = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(names))),
        "x": values,
        "marker": {"color": hues},
        "text": [f"{round(value, 2) + 0:.2f}".replace("-", "\u2212") for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x:.3f}<extra></extra>",
    }
    return Plot(
        key="modalities",
        title="Picture or question",
        figure={"data": [data], "layout": _layout(shares, names, values)},
        area="side",
        keep="modalities",
        alt=f"The {shares.quantity} with neither input, with one, with both, and what each adds of that.",
    )


def _layout(shares: Shares, names: list[str], values: list[float]) -> dict[str, Any]:
    low, high = min(0.0, *values), max(0.0, *values)
    room = 2 * ROOM * ((high - low) or 1.0)
    rows = {"tickvals": list(range(len(names))), "ticktext": names, "range": [len(names) - 0.4, -0.6]}
    return {
        "template": theme.template(),
        "margin": {"l": LEFT + 24, "r": 16, "t": 12, "b": 42},
        "xaxis": {"range": [low - (room if low < 0 else 0), high + room], "title": {"text": shares.quantity}},
        "yaxis": {**rows, "showgrid": False, "title": {"text": ""}},
        "bargap": 0.35,
        "shapes": [_line(3.5)],
    }


def _line(y: float) -> dict[str, Any]:
    """Between what is measured and what is shared out of it."""
    look = {"color": theme.colour("muted"), "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": look}
