"""The picture that goes into a stack of layers, and on it what the middle unit of each layer sees; knows no torch."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from dlcore.figures import theme
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Plot, Track
from dlcore.topics.layer_stack import Row, size_text

LONGEST = 256  # pixels of the picture as it travels
QUALITY = 88  # of its JPEG
AROUND = 0.1  # room around the picture, as a share of its longer side
CAPTION = "— seen by the middle unit · ⋯ by its neighbour · - - with padding"

Boxes = tuple[np.ndarray, np.ndarray]  # the corners' x and y, (frames, 5)


def field_on_picture(rows: Sequence[Row], image: np.ndarray) -> Plot:
    """The receptive field of the middle unit, a layer a frame, and dotted its neighbour's, a jump to the right.

    image: (height, width, 3) uint8 of any size; its middle is shown as the input.
    """
    channels, height, width = rows[0].shape
    accent, ground = theme.colour("accent"), theme.colour("ground")
    whole, neighbour = boxes(rows), boxes(rows, 1)
    seen = np.clip(whole[0], 0, width), np.clip(whole[1], 0, height)
    lines = (  # those in the ground's colour lie under others, so that they are seen on any picture
        (neighbour, {"color": ground, "width": 4}),
        (neighbour, {"color": accent, "width": 2, "dash": "dot"}),
        (whole, {"color": theme.colour("muted"), "width": 1.5, "dash": "dash"}),
        (seen, {"color": ground, "width": 7}),
        (seen, {"color": accent, "width": 3.5}),
    )
    heading, track = _headings(rows, (width / 2, -0.02 * max(height, width)), len(lines))
    tracks = [Track(trace=i, kind="at", data={"x": x, "y": y}) for i, ((x, y), _) in enumerate(lines)]
    return Plot(
        key="field",
        title="Receptive field",
        figure={
            "data": [*(outline(x[0], y[0], line) for (x, y), line in lines), heading],
            "layout": _layout(fitted(image, channels, height, width), height, width),
        },
        tracks=[*tracks, track],
        keep=f"stack {height}x{width}",
        alt="The picture, with a rectangle around the pixels that the middle unit of the present layer depends on.",
    )


def boxes(rows: Sequence[Row], further: int = 0) -> Boxes:
    """The field of every layer's middle unit, or of one `further` units to its right; NaN where there is none."""
    corners = []
    for row in rows:
        (top, bottom), across = row.fields[0].middle, row.fields[1]
        there = across.units // 2 + further < across.units
        left, right = (end + further * across.jump if there else np.nan for end in across.middle)
        corners.append(([left, right, right, left, left], [top, top, bottom, bottom, top]))
    x, y = np.array(corners, float).transpose(1, 0, 2)
    return x, y


def fitted(image: np.ndarray, channels: int, height: int, width: int) -> Image.Image:
    """The middle of the picture as the input has it, grey where that has one channel.

    A small input has its pixels repeated, so that each is seen; a large one travels with at most `LONGEST` a side.
    """
    shrink = min(1.0, LONGEST / max(height, width))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    picture = ImageOps.fit(Image.fromarray(image), size, Image.Resampling.LANCZOS)
    if channels == 1:
        picture = picture.convert("L")
    times = LONGEST // max(size)
    return picture.resize((times * size[0], times * size[1]), Image.Resampling.NEAREST)


def title_of(row: Row) -> str:
    """A layer's number and text, and the branch it is in."""
    return f"{row.index} · {row.text}" + (f" (branch {row.branch})" if row.branch else "")


def outline(x: np.ndarray, y: np.ndarray, line: dict[str, Any]) -> dict[str, Any]:
    """A trace that draws a line through these points."""
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _headings(rows: Sequence[Row], place: tuple[float, float], trace: int) -> tuple[dict[str, Any], Track]:
    """Over the picture: which layer, and what comes out of it."""
    frames = np.arange(len(rows), dtype=np.int32)
    text = [f"<b>{row.index} · {row.text}</b> → {size_text(row.shape)}" for row in rows]
    font = {"size": 16, "color": theme.colour("ink")}
    words = {"type": "scatter", "mode": "text", "text": text[:1], "textfont": font, "textposition": "top center"}
    x, y = np.repeat([place], len(rows), axis=0).T
    data = {"x": x, "y": y, "start": frames, "end": frames + 1, "text": text}
    return {**words, "x": x[:1], "y": y[:1], "hoverinfo": "skip"}, Track(trace=trace, kind="while", data=data)


def _layout(picture: Image.Image, height: int, width: int) -> dict[str, Any]:
    room = AROUND * max(height, width)
    place = {"xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": width, "sizey": height, "sizing": "stretch"}
    return {
        "template": theme.template(),
        "margin": {"l": 6, "r": 6, "t": 6, "b": 26},
        "xaxis": {"visible": False, "range": [-room, width + room]},
        "yaxis": {"visible": False, "range": [height + room, -room], "scaleanchor": "x"},
        "images": [{"source": _data(picture), "layer": "below", **place}],
        "annotations": [{**CORNER, "y": 0, "yanchor": "top", "text": CAPTION}],
        "hovermode": False,
        "dragmode": "pan",
    }


def _data(picture: Image.Image) -> str:
    """The picture as an address that holds it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
