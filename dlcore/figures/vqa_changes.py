"""The stage on which a reader changes the scene or the question, and sees which answers flip.

Knows what came of each change; does not know how a change is made.
"""

from collections.abc import Sequence
from html import escape

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.log import Entry, Log
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Handle, Tiles
from dlcore.figures.vqa_sheet import Arrays, Case, bars, likeliest, scene

RIGHT = ("wrong", "right")
UNTOUCHED = "Drag a ring, press Delete on it, or click beside all rings; every change has a row here."
HINT = "drag a ring · Delete removes it"
CHANCE = Scale(quantity="chance", low=0, high=1)
RATE = 1.0  # changes a second


def changes_stage(
    case: Case,
    trace: Arrays,
    entries: Sequence[Entry],
    *,
    handles: Sequence[Handle] = (),
    placing: str = "",
    questions: Sequence[str] = (),
) -> Stage:
    """Frame k: after k changes; frame 0: the picture and the question as they were.

    trace: (frames, ...) by name: picture uint8 (frames, h, w, 3), chances, blind.chances, truth (places in the case's
    answers, −1: nobody knows), right (1, 0, NaN: nobody knows). entries: one a frame. handles: rings on what can be
    moved, in cells of the picture. placing: what a click beside them does, "": nothing. questions: what is asked in
    each frame, where that changes.
    """
    hints = [HINT] if handles else []
    hints += [f"click: {placing[0].lower()}{placing[1:]}"] if placing else []
    tile = scene(case, values=trace["picture"], alike=True, handles=handles, placing=placing, caption=" · ".join(hints))
    return Stage(
        views=[
            Tiles(
                key="sight", title="Picture", tiles=[tile], alt="The picture, with a ring on all that can be changed."
            ),
            bars(case, trace, truth=None, truths=trace["truth"], area="main"),
            Log(key="log", title="Changes", entries=entries, said=UNTOUCHED if handles else ""),
            *([_chances(case, trace)] if len(entries) > 1 else []),
        ],
        num_frames=len(trace["chances"]),
        readouts=_readouts(case, trace, questions),
        unit="change",
        file_name="vqa-changes",
        rate=RATE,
        split=1.9,
    )


def _readouts(case: Case, trace: Arrays, questions: Sequence[str]) -> list[Readout]:
    asked = list(dict.fromkeys(questions)) or [case.question]
    places = np.array([asked.index(text) for text in questions] or [0] * len(trace["chances"]))
    return [
        Readout(label="asked", colour="", values=places, words=[escape(text) for text in asked]),
        likeliest("answer", case, trace["chances"]),
        Readout(label="verdict", colour="", values=trace["right"], words=RIGHT, note="nobody knows"),
        likeliest("blind", case, trace["blind.chances"]),
    ]


def _chances(case: Case, trace: Arrays) -> Plot:
    """The chances of what was answered first and of what is answered in the end, change by change."""
    first, last = (int(trace["chances"][k].argmax()) for k in (0, -1))
    told = [(first, "first answer", "accent", "solid"), (last, "last answer", "gradient", "dash")]
    curves = [
        Curve(label=f"{case.answers[place]}, the {what}", colour=hue, dash=dash, mean=trace["chances"][:, place])
        for place, what, hue, dash in told[: 1 if first == last else 2]
    ]
    return bands(
        curves,
        np.arange(len(trace["chances"])),
        CHANCE,
        key="chances",
        title="Chances",
        caption="<br>".join(f"{curve.dash}: {escape(curve.label)}" for curve in curves),
        alt="The chances of the first and of the last answer after each change.",
        across="changes",
    )
