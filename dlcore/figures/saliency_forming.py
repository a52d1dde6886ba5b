"""The stages on which a map forms: gradients of noisy copies that are averaged, and noise of every strength.

Knows the names of what arrives and the axes on which it is drawn, which are fixed before anything is computed.
"""

from collections.abc import Sequence

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.saliency_sheet import Display, Explained, Sheet
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tiles
from dlcore.numerals import digits

PART = Scale(quantity="share", low=0, high=1)
RANKS = Scale(quantity="rank correlation", low=-0.2, high=1)
DISTANCE = Scale(quantity="distance, relative", low=1e-3, high=10, log=True)
PERCENT = 100
MAP = "method-smoothgrad"  # what is drawn of the map in this hue


def samples_stage(
    *, explained: Explained, display: Display, counts: Sequence[int], noise: float, by_chance: float | None = None
) -> Stage:
    """Frame k: the map is the mean of the gradients of counts[k] noisy copies; frame 0: none, the plain gradient.

    noise: σ, as a share of the pixel range. by_chance: what share of a map that knows nothing is inside the object.
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(counts))
    steps = np.array(counts)
    return Stage(
        views=[_samples(sheet), *_sample_plots(sheet, steps, by_chance)],
        num_frames=len(counts),
        steps=steps,
        readouts=[
            Readout(label="σ", colour="", note=f"{digits(PERCENT * noise)} % of the pixel range"),
            Readout(label="last change of the map", colour="", values=sheet.live("change")),
            Readout(label="from the mean of many", colour="", values=sheet.live("distance")),
            *_inside_readout(sheet),
        ],
        unit="copy",
        file_name="saliency-smoothgrad",
        split=1.6,
    )


def _samples(sheet: Sheet) -> Tiles:
    inside = {"caption": "inside", "number": sheet.live("inside")} if sheet.explained.mask is not None else {}
    return sheet.tiles(
        [
            sheet.picture("noisy", "A noisy copy", "picture", lead=True, caption="chance", number=sheet.live("chance")),
            sheet.map("mean", "Mean of the gradients so far", "mean.{}", lead=True, **inside),
            sheet.original(),
            sheet.map("sample", "This copy's gradient", "sample.{}"),
            sheet.map("plain", "The plain gradient", "mean.{}", row=0, **inside),
        ],
        title="Samples",
        alt=f"A noisy copy of the picture, its gradient for {sheet.explained.name}, and the mean of all so far.",
    )


def _sample_plots(sheet: Sheet, steps: np.ndarray, by_chance: float | None) -> list[Plot]:
    change = Curve(label="change by the last copy", colour="muted", dash="dot", mean=sheet.live("change"))
    distance = Curve(label="distance from the mean of many", colour=MAP, mean=sheet.live("distance"))
    rank = Curve(label="with the map of many copies", colour=MAP, mean=sheet.live("rank"))
    chance = Curve(label="chance on this copy", colour="accent", mean=sheet.live("chance"))
    plots = [
        bands(
            [distance, change, _root(steps)],
            steps,
            DISTANCE,
            key="distance",
            title="Distance",
            caption="blue: from the mean of many · dotted: last change<br>dashed: 1/√n",
            alt="How far the mean is from that of many other copies, and how much the last copy changed it.",
            across="copies n",
        ),
        bands(
            [rank],
            steps,
            RANKS,
            key="rank",
            title="Ranks",
            caption="how alike this map and that of many rank the pixels",
            alt="Spearman's rank correlation of the map so far with the map of many other copies.",
            across="copies n",
        ),
        bands(
            [chance],
            steps,
            Scale(quantity=f"chance of {sheet.explained.classes[sheet.explained.label]}", low=0, high=1),
            key="chance",
            title="Answers",
            caption="what the network answers to each noisy copy",
            alt="The chance of the class on each noisy copy.",
            across="copy",
        ),
    ]
    return [*plots[:1], *inside_plot(sheet, steps, by_chance, across="copies n"), *plots[1:]]


def _root(steps: np.ndarray) -> Curve:
    """How errors of means fall."""
    fall = np.where(steps > 0, 1 / np.sqrt(np.maximum(steps, 1)), np.nan)
    return Curve(label="1/√n", colour="muted", dash="dash", mean=fall)


def inside_plot(sheet: Sheet, steps: np.ndarray, by_chance: float | None, *, across: str) -> list[Plot]:
    """How much of the map is on the object, where that is known, beside what pure chance would give."""
    if sheet.explained.mask is None:
        return []
    curves = [Curve(label="this map", colour=MAP, mean=sheet.live("inside"))]
    if by_chance is not None:
        curves.append(Curve(label="by chance", colour="muted", dash="dot", mean=np.full(len(steps), by_chance)))
    return [
        bands(
            curves,
            steps,
            Scale(quantity="share of the map inside the object", low=0, high=1),
            key="inside",
            title="Inside",
            caption="blue: this map" + (" · dotted: a map that knows nothing" if by_chance is not None else ""),
            alt="The share of the map that is inside the object.",
            across=across,
        )
    ]


def _inside_readout(sheet: Sheet) -> list[Readout]:
    if sheet.explained.mask is None:
        return []
    return [Readout(label="inside the object", colour="", values=sheet.live("inside"))]


def noise_stage(
    *, explained: Explained, display: Display, sigmas: Sequence[float], noise: float, num_samples: int
) -> Stage:
    """Frame k: SmoothGrad with noise of strength sigmas[k], a share of the pixel range; the first is 0, no noise.

    noise: the chosen σ. num_samples: noisy copies of each strength.
    """
    sheet = Sheet(explained=explained, display=display, num_frames=len(sigmas))
    steps = np.array([round(PERCENT * sigma) for sigma in sigmas])
    return Stage(
        views=[_strip(sheet, steps, num_samples), *_noise_plots(sheet, steps, PERCENT * noise)],
        num_frames=len(sigmas),
        steps=steps,
        readouts=[
            Readout(label="share of copies with the same answer", colour="", values=sheet.live("right")),
            Readout(label="mean chance of the class", colour="", values=sheet.live("chance")),
            *_inside_readout(sheet),
        ],
        unit="σ in %",
        file_name="saliency-noise",
        rate=1.0,
        split=1.6,
    )


def _strip(sheet: Sheet, steps: np.ndarray, num_samples: int) -> Tiles:
    """The present strength large, all of them small."""
    inside = {"caption": "inside", "number": sheet.live("inside")} if sheet.explained.mask is not None else {}
    every = [sheet.map(f"sigma{k}", f"σ = {sigma} %", row=k, **inside) for k, sigma in enumerate(steps)]
    return sheet.tiles(
        [
            sheet.picture("noisy", "One noisy copy", "picture", lead=True),
            sheet.map("map", f"Mean over {num_samples} copies", lead=True, **inside),
            *every,
        ],
        title="Noise",
        alt=f"A noisy copy of the picture, and maps for {sheet.explained.name} with noise of each strength.",
        follow=True,
        turns=True,
    )


def _noise_plots(sheet: Sheet, steps: np.ndarray, noise: float) -> list[Plot]:
    marks = [("muted", np.full(len(steps), noise))]
    answers = [
        Curve(label="copies whose answer stays", colour="accent", mean=sheet.live("right")),
        Curve(label="chance of the class, mean", colour="muted", dash="dash", mean=sheet.live("chance")),
    ]
    rank = Curve(label="with the plain gradient", colour=MAP, mean=sheet.live("rank"))
    across = "σ of the noise, % of the pixel range"
    plots = [
        bands(
            answers,
            steps,
            PART,
            key="answers",
            title="Answers",
            caption="blue: copies whose answer stays · dashed: chance<br>upright: the chosen σ",
            alt="How many noisy copies still get the same answer, and the mean chance of the class, by noise.",
            across=across,
            marks=marks,
        ),
        bands(
            [rank],
            steps,
            RANKS,
            key="rank",
            title="Ranks",
            caption="how alike this map and the plain gradient rank the pixels",
            alt="Rank correlation of the map with the plain gradient, by noise.",
            across=across,
            marks=marks,
        ),
    ]
    return [*_found_plot(sheet, steps, across, marks), *plots]


def _found_plot(sheet: Sheet, steps: np.ndarray, across: str, marks: Sequence[tuple[str, np.ndarray]]) -> list[Plot]:
    """What of the map is on the object, by noise, where that is known."""
    if sheet.explained.mask is None:
        return []
    curves = [
        Curve(label="share of the map inside", colour=MAP, mean=sheet.live("inside")),
        Curve(label="top-k precision", colour=MAP, dash="dash", mean=sheet.live("precision")),
    ]
    return [
        bands(
            curves,
            steps,
            PART,
            key="inside",
            title="Inside",
            caption="solid: share of the map · dashed: of its top k pixels<br>upright: the chosen σ",
            alt="The share of the map, and of its strongest pixels, inside the object, by noise.",
            across=across,
            marks=marks,
        )
    ]
