"""The picture that is explained: drawn, a digit, a photograph, the reader's own, and what was painted on it.

Knows how each becomes pixels of the size that a network wants; knows no network.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from dlcore import require
from dlcore.datasets import digits, objects, pictures

KINDS = {
    "drawn": "A drawn object",
    "digit": "A digit",
    "photo": "A photograph",
    "grey": "Blank grey",
    "own": "Your own",
}
PHOTOS = {name: pictures.PICTURES[name] for name in ("china", "flower")}
NUM_SINGLE = 1_000_000  # seeds of single pictures; from here on they belong to sets that are trained or tested on
INKED = 0.25  # from 0 (paper) to 1 (ink), where a digit begins
FINE = 4  # strokes are drawn so many times as large, and made smaller, which makes their edges smooth
#: What one can paint with.
COLOURS = {
    "grey": "#808080",
    "black": "#000000",
    "white": "#ffffff",
    "red": "#d62f2f",
    "green": "#2f9e44",
    "blue": "#2f6fd6",
    "yellow": "#e8c31c",
}
THICKEST = 64.0  # pixels
MOST_STROKES, MOST_POINTS = 60, 400
MOST_LETTERS = 20_000  # of all strokes: what is painted stands in the address
Shape = tuple[int, int, int]  # (channels, height, width)


class Stroke(NamedTuple):
    """A line of the brush: its colour, its radius and the points (x, y) that it goes through, in pixels."""

    colour: str
    radius: float
    points: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        return f"{self.colour} {self.radius:g}: " + " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a network is shown; equal pictures have equal pixels.

    label, shift, mark: of a drawn object, which has a watermark if `mark`. seed: which drawing, or which digit.
    photo: a key of PHOTOS. pixels, height, width: the reader's own, red, green and blue. strokes: "grey 3: 12,30 15,31;
    red 2: ...", painted on it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    kind: str = "drawn"
    label: int = objects.CLASSES.index("heart")
    seed: int = 0
    shift: float = 0.0
    mark: bool = False
    photo: str = "china"
    pixels: bytes = b""
    height: int = 0
    width: int = 0
    strokes: str = ""

    def __post_init__(self) -> None:
        require.one_of("kind", self.kind, KINDS)
        require.whole("label", self.label, 0, len(objects.CLASSES) - 1)
        require.whole("seed", self.seed, 0, NUM_SINGLE - 1)
        require.number("shift", self.shift, 0, 1)
        require.one_of("photo", self.photo, PHOTOS)
        if self.kind == "own" and not self.pixels:
            raise ValueError("There is no picture of yours yet: upload one.")
        if len(self.pixels) != 3 * self.height * self.width:
            raise ValueError(f"pixels are {len(self.pixels)}: {self.height} × {self.width} pixels have three each.")
        read_strokes(self.strokes)

    def bytes(self, shape: Shape) -> np.ndarray:
        """The picture as bytes (height, width, channels), with what was painted on it."""
        channels, height, width = shape
        base = fitted(self._base(), height, width)
        for stroke in read_strokes(self.strokes):
            base = _painted(base, stroke)
        return np.asarray(base.convert("L" if channels == 1 else "RGB")).reshape(height, width, channels).copy()

    def mask(self, height: int, width: int) -> np.ndarray | None:
        """Where the object is, bool (height, width): the true shape of a drawn one, a digit's ink; None: unknown."""
        match self.kind:
            case "drawn":
                known = self._drawn().mask
            case "digit":
                known = _digit(self.seed)[0] > INKED
            case _:
                return None
        return np.asarray(fitted(Image.fromarray(known), height, width)) > 0

    def _drawn(self) -> objects.Drawn:
        return objects.draw(
            objects.ObjectConfig(label=self.label, seed=self.seed, shift=self.shift, shortcut=self.mark)
        )

    def _base(self) -> Image.Image:
        match self.kind:
            case "drawn":
                return Image.fromarray(self._drawn().image)
            case "digit":
                return Image.fromarray(np.round(255 * _digit(self.seed)[0]).astype(np.uint8))
            case "photo":
                return Image.fromarray(pictures.picture(self.photo))
            case "own":
                return Image.fromarray(np.frombuffer(self.pixels, np.uint8).reshape(self.height, self.width, 3))
            case _:
                return Image.new("RGB", (64, 64), COLOURS["grey"])


def own(pixels: np.ndarray, strokes: str = "") -> Picture:
    """The reader's picture, bytes (height, width, 3): its middle square, at most 256 pixels wide."""
    height, width, _ = pixels.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    return Picture(kind="own", pixels=square.tobytes(), height=side, width=side, strokes=strokes)


def fitted(image: Image.Image, height: int, width: int) -> Image.Image:
    """The middle of a picture at this size; what grows keeps its cells, what shrinks is averaged."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    if square.size == (width, height):
        return square
    if square.mode == "1":  # a mask
        return square.resize((width, height), Image.Resampling.NEAREST)
    grows = side < min(height, width)
    square = square.convert("RGB")
    return square.resize((width, height), Image.Resampling.NEAREST if grows else Image.Resampling.LANCZOS)


def digit_label(seed: int) -> int:
    """What the digit of this number is."""
    return _digit(seed)[1]


def read_strokes(text: str) -> tuple[Stroke, ...]:
    """Strokes from "grey 3: 12,30 15,31; red 2: 5,5".

    Raises: ValueError, one sentence, for what is no stroke.
    """
    strokes = tuple(_stroke(part) for part in text.split(";") if part.strip())
    if len(strokes) > MOST_STROKES:
        raise ValueError(f"strokes are {len(strokes)}: at most {MOST_STROKES} can be painted.")
    if len(text) > MOST_LETTERS:
        raise ValueError(f"The strokes have {len(text)} letters: at most {MOST_LETTERS} fit into a link.")
    return strokes


def with_stroke(text: str, stroke: Stroke) -> str:
    """The strokes with one more.

    Raises: ValueError, one sentence, where there would be too many.
    """
    joined = f"{text}; {stroke}" if text.strip() else str(stroke)
    read_strokes(joined)
    return joined


def thinned(colour: str, radius: float, points: list[tuple[float, float]]) -> Stroke:
    """A stroke through so many of these points that it looks the same: those at least half a radius apart."""
    kept = points[:1]
    for point in points[1:]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= radius / 2:
            kept.append(point)
    return Stroke(colour, radius, tuple((round(x, 1), round(y, 1)) for x, y in kept[:MOST_POINTS]))


def _stroke(text: str) -> Stroke:
    rule = "it must be like “grey 3: 12,30 15,31”: a colour, a radius in pixels, and points."
    number = r"-?\d{1,4}(?:\.\d{1,3})?"
    found = re.fullmatch(rf"\s*([a-z]+) (\d{{1,2}}(?:\.\d+)?):((?: {number},{number})+)\s*", text)
    if not found:
        raise ValueError(f"The stroke is {text.strip()[:40]!r}: {rule}")
    colour, radius = found[1], float(found[2])
    require.one_of("The colour of a stroke", colour, COLOURS)
    require.number("The radius of a stroke", radius, 0.1, THICKEST)
    points = tuple(_points(found[3]))
    if len(points) > MOST_POINTS:
        raise ValueError(f"A stroke has {len(points)} points: at most {MOST_POINTS} are possible.")
    return Stroke(colour, radius, points)


def _points(text: str) -> Iterator[tuple[float, float]]:
    for pair in text.split():
        x, y = pair.split(",")
        yield float(x), float(y)


def _painted(image: Image.Image, stroke: Stroke) -> Image.Image:
    """The picture under one more stroke, whose ends are round."""
    image = image.convert("RGB")
    cover = Image.new("L", (FINE * image.width, FINE * image.height))
    brush, radius = ImageDraw.Draw(cover), FINE * stroke.radius
    path = [(FINE * x, FINE * y) for x, y in stroke.points]
    if len(path) > 1:
        brush.line(path, fill=255, width=round(2 * radius), joint="curve")
    for x, y in path:
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    image.paste(COLOURS[stroke.colour], (0, 0), cover.resize(image.size, Image.Resampling.BOX))
    return image


def _digit(seed: int) -> tuple[np.ndarray, int]:
    """A digit of the held out ones, (8, 8) from 0 to 1, and what it is."""
    held = digits.DigitsConfig(num_train=700, num_validation=10, num_test=700, seed=0).make().test
    number = seed % len(held.labels)
    return held.inputs[number].reshape(8, 8).numpy(), int(held.labels[number])
