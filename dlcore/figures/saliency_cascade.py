"""The stage on which a network's weights are drawn anew, layer by layer: a map that hardly changes does not show them.

Knows the names of what arrives; axes are fixed before anything is computed.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.notes import Program
from dlcore.figures.saliency_sheet import METHOD_STYLES, Display, Explained, Sheet
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tiles

RANKS = Scale(quantity="rank correlation with the trained map", low=-0.4, high=1)
FEW = 4
TILTED = -40  # degrees: names of layers are long


def cascade_stage(
    *,
    explained: Explained,
    display: Display,
    methods: Mapping[str, str],
    layers: Sequence[str],
    independent: bool,
    num_draws: int,
) -> Stage:
    """Frame k: layers[1], ..., layers[k] have random weights, or layers[k] alone if independent; frame 0: none.

    methods: titles by name. num_draws: how many random networks the bands are of.
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(layers))
    readouts = [
        Readout(
            label=METHOD_STYLES[name].short,
            colour=METHOD_STYLES[name].colour,
            dash=METHOD_STYLES[name].dash,
            values=sheet.live(f"rank.{name}.mean"),
        )
        for name in methods
    ]
    return Stage(
        views=[
            _pairs(sheet, methods),
            ranks(methods, layers, independent, num_draws),
            Program(
                key="layers",
                title="Layers",
                lines=_told(layers, independent),
                active=list(range(len(layers))),
                area="side",
            ),
            sheet.bars(sheet.live("chances", len(explained.classes)), area="side"),
        ],
        num_frames=len(layers),
        readouts=readouts,
        quantity="rank correlation",
        unit="layer",
        file_name="saliency-sanity",
        rate=1.0,
        split=1.5,
        halt=len(layers) // 2,
    )


def _told(layers: Sequence[str], independent: bool) -> list[str]:
    """What has been drawn anew, frame by frame."""
    first, *others = layers[1:]
    more = [f"{name} drawn anew" if independent else f"and {name}" for name in others]
    return ["all weights as trained", f"{first} drawn anew", *more]


def _pairs(sheet: Sheet, methods: Mapping[str, str]) -> Tiles:
    """Of each method the map of the trained network, and beside it that of the present one.

    The floor is how alike maps are of pictures that have nothing in common: what is no higher has kept nothing.
    """
    tiles = []
    for name in methods:
        arrays, short = f"{{}}.{name}", METHOD_STYLES[name].short
        low = {"caption": "floor", "number": sheet.live(f"floor.{name}")}
        tiles.append(sheet.map(f"{name}.trained", f"{short}, trained", arrays, row=0, **low))
        tiles.append(sheet.map(name, f"{short}, now", arrays, caption="ρ", number=sheet.live(f"rank.{name}.mean")))
    named = ", ".join(methods.values())
    return sheet.tiles(
        tiles,
        title="Maps",
        alt=f"Maps for {sheet.explained.name} of the trained network and of the present one: {named}.",
        columns=4 if len(methods) <= FEW else 6,  # so that no pair is torn apart
    )


def ranks(methods: Mapping[str, str], layers: Sequence[str], independent: bool, num_draws: int) -> Plot:
    """How alike each method ranks the pixels before and after, layer by layer: near 1, the weights do not matter."""
    steps = np.arange(len(layers))
    across = "drawn anew, this one only" if independent else "drawn anew, down to"
    curves = [
        Curve.pending(
            f"rank.{name}",
            len(layers),
            label=title,
            colour=METHOD_STYLES[name].meaning,
            dash=METHOD_STYLES[name].dash,
        )
        for name, title in methods.items()
    ]
    return bands(
        curves,
        steps,
        RANKS,
        key="ranks",
        title="Ranks",
        caption=f"mean and extremes of {num_draws} draws<br>floor: ρ with the trained network's maps of other pictures",
        alt="The rank correlation of each method's map with that of the trained network, layer by layer.",
        across=across,
        xaxis={
            "tickvals": steps,
            "ticktext": list(layers),
            "tickangle": TILTED,
            "title": {"text": across, "standoff": 0},
        },
        bottom=96,
    )
