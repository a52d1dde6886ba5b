"""The stage of a network that is trained anew while maps show what it looks at; knows no torch, and trains nothing.

Made from the settings alone: every number and every map comes with the run.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import ACCURACY, LOSS, Curve, Scale, bands
from dlcore.figures.saliency_sheet import METHOD_STYLES, Display, Explained, Sheet
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tiles

INSIDE = Scale(quantity="share of the map inside the object", low=0, high=1)
SPLITS = {"train": "training pictures", "test": "other pictures"}
DASHES = {"train": "solid", "test": "dash"}


def training_stage(
    *, explained: Explained, display: Display, methods: Mapping[str, str], steps: Sequence[int]
) -> Stage:
    """Frame k: after steps[k] updates. methods: titles by name."""
    sheet = Sheet(explained=explained, display=display, num_frames=len(steps))
    at = np.array(steps)
    answers = [sheet.live(name, len(explained.classes)) for name in ("chances", "logits")]
    readouts = [
        Readout(
            label=f"% right of {title}",
            colour=theme.colour(split),
            dash=DASHES[split],
            values=sheet.live(f"accuracy.{split}"),
        )
        for split, title in SPLITS.items()
    ]
    return Stage(
        views=[
            _maps(sheet, methods),
            sheet.bars(answers[0], answers[1]),
            _accuracy(sheet, at),
            _loss(sheet, at),
            *_inside(sheet, at, methods),
        ],
        num_frames=len(steps),
        steps=at,
        readouts=readouts,
        unit="update",
        file_name="saliency-training",
        split=1.5,
    )


def _maps(sheet: Sheet, methods: Mapping[str, str]) -> Tiles:
    """The picture, and the present network's maps."""
    known = sheet.explained.mask is not None
    tiles = [
        sheet.map(
            name,
            title,
            f"{{}}.{name}",
            caption="inside" if known else "",
            number=sheet.live(f"inside.{name}") if known else None,
        )
        for name, title in methods.items()
    ]
    return sheet.tiles(
        [sheet.original(), *tiles],
        title="Maps",
        alt=f"The picture, and maps for {sheet.explained.name} while the network is trained: "
        f"{', '.join(methods.values())}.",
    )


def _accuracy(sheet: Sheet, steps: np.ndarray) -> Plot:
    curves = [
        Curve(label=title, colour=split, dash=DASHES[split], mean=sheet.live(f"accuracy.{split}"))
        for split, title in SPLITS.items()
    ]
    return bands(
        curves,
        steps,
        ACCURACY,
        key="accuracy",
        title="Accuracy",
        caption="blue: the pictures it learns from · dashed: others",
        alt="Accuracy on the pictures that the network learns from and on others, by update.",
        across="update",
    )


def _loss(sheet: Sheet, steps: np.ndarray) -> Plot:
    return bands(
        [Curve(label="training loss", colour="train", mean=sheet.live("loss"))],
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption="on the pictures that it learns from",
        alt="Training loss by update, on a logarithmic axis.",
        across="update",
    )


def _inside(sheet: Sheet, steps: np.ndarray, methods: Mapping[str, str]) -> list[Plot]:
    """How much of each map is on the object, where that is known."""
    if sheet.explained.mask is None:
        return []
    curves = [
        Curve(
            label=title,
            colour=METHOD_STYLES[name].meaning,
            dash=METHOD_STYLES[name].dash,
            mean=sheet.live(f"inside.{name}"),
        )
        for name, title in methods.items()
    ]
    named = " · ".join(f"{METHOD_STYLES[name].short}: {METHOD_STYLES[name].dash}" for name in methods)
    return [
        bands(
            curves,
            steps,
            INSIDE,
            key="inside",
            title="Inside",
            caption=named,
            alt="The share of each map inside the object, by update.",
            across="update",
        )
    ]
