"""The stage on which a picture loses its pixels, or gains them, in the order of each method's map.

Knows the names of what arrives; the curves' axes are fixed before anything is computed.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.saliency_rows import Panel, rows
from dlcore.figures.saliency_sheet import METHOD_STYLES, Display, Explained, Sheet, with_random
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tiles

PERCENT = 100
WAYS = {"delete": "deleted", "insert": "inserted"}
#: The share of the pixels at which a short run ends: most has happened by then, and there is still something to see.
TELLING = {"delete": 0.1, "insert": 0.4}
BETTER: dict[str, Literal["high", "low"]] = {"deleted": "low", "inserted": "high"}


def deletion_stage(
    *,
    explained: Explained,
    display: Display,
    methods: Mapping[str, str],
    shares: Sequence[float],
    way: str,
    filling: str,
) -> Stage:
    """Frame k: of every picture the strongest shares[k] of the pixels are gone ("delete"), or only they are there.

    methods: titles by name, beside which a random order is shown. filling: what stands where no pixel is.
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(shares))
    named, shown = with_random(methods), WAYS[way]
    steps = PERCENT * np.array(shares)
    other = next(part for part in BETTER if part != shown)
    return Stage(
        views=[
            _pictures(sheet, named, shown, filling),
            *(_curves(sheet, named, steps, part) for part in (shown, other)),
            _areas(sheet, named, shown),
            *sheet.answer(),
        ],
        num_frames=len(shares),
        halt=int(np.searchsorted(shares, TELLING[way])),
        steps=(np.prod(explained.size) * np.array(shares)).round().astype(int),
        readouts=[
            Readout(
                label=METHOD_STYLES[name].short,
                colour=METHOD_STYLES[name].colour,
                dash=METHOD_STYLES[name].dash,
                values=sheet.live(f"{shown}.{name}"),
            )
            for name in named
        ],
        quantity=f"chance of {explained.classes[explained.label]}",
        unit="pixels",
        file_name=f"saliency-{shown}",
        split=1.4,
    )


def _pictures(sheet: Sheet, methods: Mapping[str, str], shown: str, filling: str) -> Tiles:
    """What the network is shown, method by method."""
    return sheet.tiles(
        [
            sheet.original(),
            *(
                sheet.picture(name, title, f"picture.{name}", caption="chance", number=sheet.live(f"{shown}.{name}"))
                for name, title in methods.items()
            ),
        ],
        title="Pictures",
        alt=f"The picture while its pixels are {shown}, on {filling}, the strongest of each map first: "
        f"{', '.join(methods.values())}.",
    )


def _curves(sheet: Sheet, methods: Mapping[str, str], steps: np.ndarray, part: str) -> Plot:
    curves = [
        Curve(
            label=title,
            colour=METHOD_STYLES[name].meaning,
            dash=METHOD_STYLES[name].dash,
            mean=sheet.live(f"{part}.{name}"),
        )
        for name, title in methods.items()
    ]
    falls = "the earlier it falls" if part == "deleted" else "the earlier it rises"
    return bands(
        curves,
        steps,
        Scale(quantity=f"chance of {sheet.explained.classes[sheet.explained.label]}", low=0, high=1),
        key=part,
        title=part.capitalize(),
        caption=f"{falls}, the better the map's order",
        alt=f"The chance of the class by the share of pixels {part}, a line a method.",
        across=f"pixels {part}, %",
    )


def _areas(sheet: Sheet, methods: Mapping[str, str], part: str) -> Plot:
    """The mean of each curve so far: at the last frame the area under it."""
    panel = Panel(
        array=f"{part}_area",
        title="Area",
        quantity=f"area under the curve of pixels {part}, so far",
        low=0,
        high=1,
        better=BETTER[part],
        sure=False,
    )
    return rows(
        [panel],
        methods,
        sheet.num_frames,
        key="area",
        title="Area",
        alt=f"The area under each method's curve of pixels {part}, up to the present share.",
    )
