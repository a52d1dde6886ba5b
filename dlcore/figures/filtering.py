"""A picture, and what filters answer to it, side by side; a bank of filters is stepped through, one a frame.

Knows what stands where; knows neither torch nor how the answers were computed.
"""

import base64
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Literal

import numpy as np
from PIL import Image

from dlcore.figures import theme
from dlcore.figures.answers import FRAMED, HIDDEN, PERCENT, Answers, picture_axes, signed_scale
from dlcore.figures.filter_tiles import all_filters
from dlcore.figures.stage import Plot, Readout, Stage, Track
from dlcore.figures.strongest import strongest_filters
from dlcore.numerals import compact

STRIP = 0.22  # of the height, below the picture: the kernel on the left, the key to the colours on the right
GAP = 0.03
MOST_CELLS = 11  # of a kernel's row that are drawn apart
MOST_WRITTEN = 20  # characters of a kernel's row that can be read
TABS = 33  # pixels that the tabs take from what stands below them
PENDING = np.zeros((1, 1))  # in the place of what a track puts there before it is drawn
HINT = "Click the picture to see its cells under the window."


def response_stage(
    picture: np.ndarray,
    responses: np.ndarray,
    titles: Sequence[str],
    *,
    kernels: np.ndarray,
    strongest: np.ndarray | None = None,
    grey: bool = False,
    crop: tuple[float, float, float] | None = None,
    pick: Literal["", "play", "stay"] = "stay",
) -> Stage:
    """The picture (height, width, 3) in bytes, and the answers (filters, rows, columns) of as many filters as titles.

    kernels: (filters, rows, columns), as they lay on the picture. strongest: (rows, columns), the number of the filter
    that answers most; None: not shown. grey: the answers are pictures themselves, from 0 to 1. crop: (row, column,
    side) of the square that the reader has chosen last, by its middle.
    """
    answers = Answers(responses=responses, titles=titles, kernels=np.asarray(kernels, float), grey=grey)
    views = [_picture(picture, answers, crop, pick), _response(answers)]
    if len(titles) > 1:
        views.append(all_filters(answers))
    if len(titles) > 1 and strongest is not None:
        views.append(strongest_filters(answers, strongest))
    return Stage(
        views=views,
        num_frames=len(titles),
        readouts=_readouts(answers),
        unit="filter",
        steps=np.arange(1, len(titles) + 1),
        file_name="filter",
        note=HINT if pick else "",
        rate=1.5,
        split=1,
    )


def _picture(
    picture: np.ndarray, answers: Answers, crop: tuple[float, float, float] | None, pick: Literal["", "play", "stay"]
) -> Plot:
    """The picture above the kernel of the filter whose turn it is."""
    height, width, _ = picture.shape
    image = {"type": "image", "source": _png(picture), "hovertemplate": "row %{y}, column %{x}<extra></extra>"}
    kernel, tracks = _kernel(answers)
    layout = {**_layout(height, width, *answers.kernels.shape[1:]), **_crop(crop)}
    for axis in ("xaxis2", "yaxis2"):
        layout[axis] = {**layout[axis], **FRAMED, "visible": True}
    if len(answers.titles) > 1:  # as high as the answer, which has the tabs above it
        layout["margin"] = {**layout["margin"], "t": layout["margin"]["t"] + TABS}
    return Plot(
        key="picture",
        title="Picture",
        figure={"data": [image, kernel], "layout": layout},
        tracks=tracks,
        keep=f"picture-{height}-{width}",
        pick=pick,
        alt="The picture, and below it the kernel that slides over it." + (f" {HINT}" if pick else ""),
    )


def _response(answers: Answers) -> Plot:
    """What the filter answers at every place, and below it what the colours mean."""
    count, rows, cols = answers.responses.shape
    low, high = answers.range()
    heat: dict[str, Any] = {"type": "heatmap", "colorscale": answers.scale(), "colorbar": _colour_bar(answers)}
    place = "row %{y}, column %{x}: "
    if count == 1:
        heat |= {"z": answers.responses[0], "zmin": low, "zmax": high}
        heat["hovertemplate"] = place + "%{z:.4g}<extra></extra>"
        tracks = []
    else:
        heat |= {name: PERCENT * end / answers.largest for name, end in (("zmin", low), ("zmax", high))}
        heat |= {"z": PENDING, "hovertemplate": place + "%{z}% of the strongest answer<extra></extra>"}
        tracks = [Track(trace=0, kind="at", data={"z": answers.percents})]
    name, title = _title(answers.titles)
    return Plot(
        key="response",
        title="Answer",
        figure={"data": [heat, name], "layout": _layout(rows, cols, 1, 1)},
        tracks=[*tracks, title],
        area="side",
        keep=f"response-{rows}-{cols}",
        alt="What the filter answers at every place of the picture.",
    )


def _kernel(answers: Answers) -> tuple[dict[str, Any], list[Track]]:
    """The weights by colour; those of a single small kernel are written, too."""
    count, rows, cols = answers.kernels.shape
    heat = {"type": "heatmap", "xaxis": "x2", "yaxis": "y2", "colorscale": signed_scale(), "showscale": False}
    heat |= {"xgap": 1, "ygap": 1} if max(rows, cols) <= MOST_CELLS else {}
    if count > 1:
        look = {"z": PENDING, "zmin": -PERCENT, "zmax": PERCENT, "hoverinfo": "skip"}
        return {**heat, **look}, [Track(trace=1, kind="at", data={"z": answers.kernel_percents})]
    weights = answers.kernels[0]
    end = float(np.abs(weights).max()) or 1.0
    heat |= {"z": weights, "zmin": -end, "zmax": end, "hovertemplate": "weight %{z:.4g}<extra></extra>"}
    text = [[compact(weight) for weight in row] for row in weights]
    if max(rows, cols) * max(len(number) for row in text for number in row) <= MOST_WRITTEN:
        ink = {"color": theme.colour("ink")}
        heat |= {"text": text, "texttemplate": "%{text}", "textfont": ink, "colorscale": signed_scale("activation")}
    return heat, []


def _title(titles: Sequence[str]) -> tuple[dict[str, Any], Track]:
    """The name of the filter whose turn it is, over the key to the colours."""
    place = np.full(len(titles), 0.0)
    numbers = np.arange(len(titles), dtype=np.int16)
    words = {"type": "scatter", "mode": "text", "x": [0], "y": [0], "xaxis": "x2", "yaxis": "y2", "cliponaxis": False}
    words |= {"text": [titles[0]], "textposition": "middle center", "hoverinfo": "skip"}
    data = {"x": place, "y": place - 0.4, "start": numbers, "end": numbers + 1, "text": list(titles)}
    return words, Track(trace=1, kind="while", data=data)


def _colour_bar(answers: Answers) -> dict[str, Any]:
    low, high = answers.range()
    ends = ["0: black", "1: white"] if answers.grey else [_end(answers, low), "0", _end(answers, high)]
    ticks = [low, high] if answers.grey else [low, 0, high]
    if len(answers.titles) > 1:
        ticks = [PERCENT * tick / answers.largest for tick in ticks]
    return {
        "orientation": "h",
        "x": 0.5,
        "xanchor": "center",
        "y": 0.08,
        "yanchor": "middle",
        "len": 0.72,
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": ends,
    }


def _end(answers: Answers, value: float) -> str:
    """The answer at an end of the colours, and whether there are stronger ones."""
    beyond = "" if answers.largest == answers.limit else ("≥ " if value > 0 else "≤ ")
    return beyond + compact(value)


def _readouts(answers: Answers) -> list[Readout]:
    """How strongly each filter answers."""
    sizes = np.abs(answers.responses)
    return [
        Readout(label="strongest answer |y|", colour="", values=sizes.max(axis=(1, 2))),
        Readout(label="mean |y|", colour="", values=sizes.mean(axis=(1, 2), dtype=np.float64)),
    ]


def _layout(rows: int, cols: int, kernel_rows: int, kernel_cols: int) -> dict[str, Any]:
    """A picture above a strip that is as large as the kernel's picture."""
    return {
        "template": theme.template(),
        "margin": {"l": 2, "r": 2, "t": 4, "b": 4},
        **picture_axes(rows, cols, STRIP + GAP),
        "xaxis2": {**HIDDEN, "range": [-0.5, kernel_cols - 0.5], "anchor": "y2", "constrain": "domain"},
        "yaxis2": {
            **HIDDEN,
            "range": [kernel_rows - 0.5, -0.5],
            "domain": [0, STRIP],
            "anchor": "x2",
            "scaleanchor": "x2",
            "constrain": "domain",
        },
        "dragmode": "pan",
        "hovermode": "closest",
    }


def _crop(crop: tuple[float, float, float] | None) -> dict[str, Any]:
    """A square in the picture, light and dark so that it is seen on any ground."""
    if crop is None:
        return {}
    row, column, side = crop
    box = {"type": "rect", "x0": column - side / 2, "x1": column + side / 2, "y0": row - side / 2, "y1": row + side / 2}
    lines = [{"color": "#010101", "width": 4}, {"color": "#fefefe", "width": 2}]
    return {"shapes": [{**box, "line": line} for line in lines]}


def _png(picture: np.ndarray) -> str:
    """The picture as an address that holds it; grey ones take a third."""
    grey = (picture == picture[:, :, :1]).all()
    out = BytesIO()
    Image.fromarray(picture[:, :, 0] if grey else picture).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
