"""The stage on which a picture's maps arrive, one method after another, and how far they agree; knows no torch.

Made before anything is computed: what is known then is the picture, the methods, and how maps are to be shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.notes import Note, Notes
from dlcore.figures.pending import Pending
from dlcore.figures.saliency_sheet import METHOD_STYLES, Display, Explained, Sheet
from dlcore.figures.stage import Plot, Readout, Stage, Track
from dlcore.figures.tiles import Tiles

RATE = 1.0  # methods a second: each has a map to be looked at
FITTING = 10  # pixels of a correlation's type in a cell


def maps_stage(
    *,
    explained: Explained,
    display: Display,
    methods: Mapping[str, str],
    ideas: Mapping[str, Sequence[str]],
    brush: tuple[str, float] | None = None,
    by_chance: float | None = None,
) -> Stage:
    """Frame k: the map of the k-th method has been computed.

    methods: titles by name. ideas: lines of HTML by name, what each method does. brush: with what the reader paints on
    the picture, a colour and a width in pixels; None: a click selects it. by_chance: the share of a map that knows
    nothing that is on the object.
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(methods))
    return Stage(
        views=[_maps(sheet, methods, brush), *sheet.answer("answer"), _notes(methods, ideas), agreement(methods)],
        num_frames=len(methods),
        readouts=[
            Readout(label="explained", colour="", note=explained.name),
            *_chance(by_chance),
            Readout(label="milliseconds for this map", colour="", values=sheet.live("milliseconds")),
        ],
        steps=np.arange(1, len(methods) + 1),
        unit="method",
        file_name="saliency-maps",
        rate=RATE,
        split=2.4,
    )


def _chance(by_chance: float | None) -> list[Readout]:
    return [] if by_chance is None else [Readout(label="inside by chance", colour="", note=f"{by_chance:.2f}")]


def _maps(sheet: Sheet, methods: Mapping[str, str], brush: tuple[str, float] | None) -> Tiles:
    inside: dict[str, Any] = {}
    if sheet.explained.mask is not None:
        inside = {"caption": "inside", "number": sheet.live("inside")}
    painting: dict[str, Any] = {"paints": True, "brush": brush} if brush else {}
    tiles = [sheet.map(name, title, row=k, **inside) for k, (name, title) in enumerate(methods.items())]
    named = ", ".join(methods.values())
    return sheet.tiles(
        [sheet.original(**painting), *tiles],
        title="Maps",
        alt=f"The picture, and maps of what speaks for {sheet.explained.name}: {named}.",
        follow=True,
    )


def _notes(methods: Mapping[str, str], ideas: Mapping[str, Sequence[str]]) -> Notes:
    """What the present method does, or the one that is selected."""
    items = {
        name: Note(title=title, lines=[(0, len(methods), line) for line in ideas.get(name, ())])
        for name, title in methods.items()
    }
    return Notes(key="method", title="Method", items=items, active=list(methods))


def agreement(methods: Mapping[str, str]) -> Plot:
    """Spearman's rank correlation of each two maps that have been computed, as numbers and as shades."""
    count = len(methods)
    names = [METHOD_STYLES[name].short for name in methods]
    shades = [theme.activation_shade(level)[0] for level in range(-theme.LEVELS, theme.LEVELS + 1)]
    heat = {
        "type": "heatmap",
        "z": [[None] * count] * count,
        "x": list(range(count)),
        "y": list(range(count)),
        "zmin": -1,
        "zmax": 1,
        "colorscale": [[k / (len(shades) - 1), shade] for k, shade in enumerate(shades)],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "texttemplate": "%{z:.1f}",
        "textfont": {"size": FITTING, "color": theme.colour("ink")},
        "hovertemplate": "rank correlation %{z:.2f}<extra></extra>",
    }
    ticks = {"tickvals": list(range(count)), "ticktext": names, "showgrid": False, "fixedrange": True}
    layout = {
        "template": theme.template(),
        "margin": {"l": 92, "r": 8, "t": 8, "b": 78},
        "xaxis": {**ticks, "range": [-0.5, count - 0.5], "tickangle": -60, "title": {"text": ""}},
        "yaxis": {**ticks, "range": [count - 0.5, -0.5], "title": {"text": ""}},
    }
    z = Pending(name="agreement", shape=(count, count, count), dtype="float32")
    return Plot(
        key="agreement",
        title="Agreement",
        figure={"data": [heat], "layout": layout},
        tracks=[Track(trace=0, kind="at", data={"z": z})],
        area="side",
        keep=f"agreement-{'-'.join(methods)}",
        alt="How far each two methods rank the pixels alike, from −1 to 1.",
    )
