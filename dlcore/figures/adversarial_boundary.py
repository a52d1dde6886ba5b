"""The stage on which the nearest boundary between two answers is walked to, step by step.

Knows the names of what arrives; the distances' axis is fixed before anything is computed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, Case, Look, Sheet, aimed
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.classbars import MOST_ROWS
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Plot, Readout, Stage, Track

ATTACK = "deepfool"
LABELS = 84  # pixels for the names of classes
ROW = 22  # pixels of the one that is nearest
DISTANCES = (0.1, 10_000.0)  # levels, all pixels together: 10 000 make a picture of 40 by 40 white that was black
TICKS = ("0.1", "1", "10", "100", "1000", "10 000")
LENGTH = Scale(quantity="‖δ‖<sub>2</sub>, levels", low=1, high=10_000, log=True)


def boundary_stage(*, case: Case, look: Look, num_steps: int, overshoot: float = 0.02) -> Stage:
    """Frame k: after the k-th step towards the boundary that is nearest where one stands; frame 0: the picture.

    overshoot: how much further than the boundary, as a share of the way there.
    """
    style = ATTACK_STYLES[ATTACK]
    sheet = Sheet(case=aimed(case, style), look=look, num_frames=num_steps + 1, norm="l2")
    rows = [distances(sheet)] if len(case.classes) <= MOST_ROWS else []  # a thousand rows tell nothing
    return Stage(
        views=[sheet.closeup(style.short), *rows, sheet.bars(), length(sheet, overshoot)],
        num_frames=num_steps + 1,
        readouts=[
            sheet.outcome(style.short),
            Readout(label="nearest", colour="", values=sheet.live("nearest"), words=case.classes),
            Readout(label=f"chance of {case.name}", colour="", values=sheet.live("chance")),
            Readout(label="with as much noise", colour="", values=sheet.live("noise.chance")),
            *sheet.lengths(),
        ],
        file_name="adversarial-boundary",
        rate=2.0,
        split=1.45,
    )


def distances(sheet: Sheet) -> Plot:
    """How far the boundary to each class would be if the network were linear, and which of them is nearest."""
    classes, style = sheet.case.classes, ATTACK_STYLES[ATTACK]
    across, row = (np.full(sheet.num_frames, number) for number in (DISTANCES[1] - DISTANCES[0], 0.0))
    nearest = {"color": theme.colour("grid"), "width": ROW}
    dots = {"symbol": style.symbol, "size": 11, "color": style.colour}
    data = [
        {"type": "scatter", "mode": "lines", "line": nearest, "hoverinfo": "skip"},
        {"type": "scatter", "mode": "markers", "marker": dots, "hovertemplate": "%{y}: %{x:.3g} levels<extra></extra>"},
    ]
    left = np.full(sheet.num_frames, DISTANCES[0])
    rows = np.tile(np.arange(len(classes)), (sheet.num_frames, 1))
    tracks = [
        Track(trace=0, kind="arrow", data={"ox": left, "oy": sheet.live("nearest"), "vx": across, "vy": row}),
        Track(trace=1, kind="at", data={"x": sheet.live("distances", len(classes)), "y": rows}),
    ]
    return Plot(
        key="distances",
        title="Distances",
        figure={"data": data, "layout": _layout(classes)},
        tracks=tracks,
        area="side",
        keep=f"distances-{len(classes)}",
        alt="The linearised distance to the boundary of each class, on a logarithmic axis.",
    )


def _layout(classes: Sequence[str]) -> dict[str, Any]:
    ends = [float(np.log10(end)) for end in DISTANCES]
    rows = {"tickvals": list(range(len(classes))), "ticktext": list(classes), "range": [len(classes) - 0.5, -0.5]}
    caption = "if the network were linear from here on<br>grey: the nearest boundary"
    return {
        "template": theme.template(),
        "margin": {"l": LABELS, "r": 16, "t": 56, "b": 42},
        "xaxis": {
            "type": "log",
            "range": ends,
            "tickvals": np.geomspace(*DISTANCES, len(TICKS)),
            "ticktext": TICKS,
            "title": {"text": "to the boundary, levels (L<sub>2</sub>)"},
        },
        "yaxis": {**rows, "showgrid": False, "title": {"text": ""}},
        "hovermode": "closest",
        "annotations": [{**CORNER, "text": caption, "xshift": -LABELS, "yshift": 4, "align": "left"}],
    }


def length(sheet: Sheet, overshoot: float) -> Plot:
    """How long the perturbation is by now."""
    return bands(
        [Curve(label="‖δ‖<sub>2</sub>", colour=ATTACK_STYLES[ATTACK].meaning, mean=sheet.live("l2"))],
        np.arange(sheet.num_frames),
        LENGTH,
        key="length",
        title="Length",
        caption=f"{overshoot:.0%} longer than the sum of its steps, so that it is beyond the boundary",
        alt="The length of the perturbation by step, on a logarithmic axis.",
    )
