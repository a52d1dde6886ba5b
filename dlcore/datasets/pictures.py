"""Pictures for filters to look at: two photographs, and drawings with edges, waves and letters.

Knows how each is made; knows nothing of filters. The photographs come with scikit-learn: china.jpg by danielbuechele
and flower.jpg by vultilion, both from Flickr under the licence CC BY 2.0.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dlcore import require
from dlcore.uploads import LONGEST

WIDTH, HEIGHT = 256, 192  # of what is drawn
FINE = 4  # what is drawn is drawn so many times as large, and made smaller, which makes its edges smooth
PAPER, INK = "#f4f1ea", "#20262e"
HUES = ("#c8553d", "#2f6690", "#e0a83e", "#3a7d64", "#7a5c99")
WORDS = (
    "Convolution",
    "slides a window over",
    "the picture and takes,",
    "at every place, the",
    "sum of products.",
)
WAVELENGTHS = (3, 4, 5, 6, 8, 12)  # pixels
Point = tuple[float, float]


class Source(NamedTuple):
    """A picture's title, and the function that makes it from a seed; a photograph needs none."""

    title: str
    make: Callable[[int], np.ndarray]


def picture(name: str, seed: int = 0) -> np.ndarray:
    """A picture as bytes (height, width, 3), red, green and blue; its longer side has 256 pixels. A copy of its own.

    Raises: ValueError for an unknown name or a seed that is none.
    """
    require.one_of("the picture", name, SOURCES)
    require.whole("seed", seed, 0, 2**31 - 1)
    return SOURCES[name].make(seed).copy()


@cache
def _photograph(name: str) -> np.ndarray:
    from sklearn.datasets import load_sample_image

    image = Image.fromarray(load_sample_image(f"{name}.jpg"))
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.asarray(image)


class Sheet:
    """Paper of 256 × 192 pixels, on which places and widths are counted in pixels and may lie between them."""

    def __init__(self, paper: str) -> None:
        self.image = Image.new("RGB", (FINE * WIDTH, FINE * HEIGHT), paper)
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, corners: list[Point], hue: str) -> None:
        self.draw.polygon([(FINE * x, FINE * y) for x, y in corners], fill=hue)

    def line(self, ends: list[Point], width: float, hue: str) -> None:
        """A stroke with round ends."""
        self.draw.line([(FINE * x, FINE * y) for x, y in ends], fill=hue, width=round(FINE * width), joint="curve")
        for x, y in ends:
            self.disc((x, y), width / 2, hue)

    def disc(self, middle: Point, radius: float, hue: str) -> None:
        self.draw.circle((FINE * middle[0], FINE * middle[1]), FINE * radius, fill=hue)

    def text(self, corner: Point, words: str, size: float, hue: str) -> None:
        font = ImageFont.load_default(FINE * size)
        self.draw.text((FINE * corner[0], FINE * corner[1]), words, fill=hue, font=font)

    def pixels(self) -> np.ndarray:
        return np.asarray(self.image.reduce(FINE))


def _shapes(seed: int) -> np.ndarray:
    """Edges and corners: a fan of lines, and shapes that the seed turns."""
    sheet = Sheet(PAPER)
    generator = np.random.default_rng(seed)
    turns = generator.uniform(0, 2 * math.pi, 4)
    sheet.polygon([(0, 0), (96, 0), (0, 96)], "#dfe6ea")
    sheet.polygon([(256, 118), (256, 192), (128, 192)], "#d9d2c3")
    for angle in np.linspace(0, math.pi, 9):
        sheet.line([(66, 92), (66 + 58 * math.cos(angle), 92 - 58 * math.sin(angle))], 2.2, INK)
    sheet.disc((66, 92), 6, INK)
    sheet.disc((190, 58), 42, HUES[1])
    sheet.disc((190, 58), 24, PAPER)
    sheet.disc((190, 58), 11, HUES[0])
    sheet.polygon(_regular((46, 148), 31, 3, turns[0]), HUES[0])
    sheet.polygon(_regular((112, 146), 29, 4, turns[1]), HUES[2])
    sheet.polygon(_star((172, 148), 31, 5, turns[2]), HUES[3])
    sheet.polygon(_regular((224, 142), 22, 6, turns[3]), HUES[4])
    return sheet.pixels()


def _regular(middle: Point, radius: float, corners: int, turn: float) -> list[Point]:
    return list(_around(middle, [radius] * corners, turn))


def _star(middle: Point, radius: float, tips: int, turn: float) -> list[Point]:
    return list(_around(middle, [radius, 0.42 * radius] * tips, turn))


def _around(middle: Point, radii: list[float], turn: float) -> Iterator[Point]:
    for number, radius in enumerate(radii):
        angle = turn + 2 * math.pi * number / len(radii)
        yield middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)


def _text(_: int) -> np.ndarray:
    """Strokes of letters, thick and thin."""
    sheet = Sheet(PAPER)
    sheet.text((12, 10), WORDS[0], 38, INK)
    for line, words in enumerate(WORDS[1:]):
        sheet.text((13, 68 + 28 * line), words, 20, INK if line < 3 else HUES[0])
    return sheet.pixels()


def _stripes(_: int) -> np.ndarray:
    """Discs of waves: from left to right eight directions, 22.5° apart; from top to bottom six wavelengths."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    across, down = x % 32 - 15.5, y % 32 - 15.5
    angle = math.pi / 8 * (x // 32)
    wavelength = np.array(WAVELENGTHS)[(y // 32).astype(int)]
    waves = np.cos(2 * math.pi * (across * np.cos(angle) + down * np.sin(angle)) / wavelength)
    inside = np.clip((15.5 - np.hypot(across, down)) / 3, 0, 1)
    return _grey(0.5 + 0.5 * waves * inside**2 * (3 - 2 * inside))


def _rings(_: int) -> np.ndarray:
    """A zone plate: waves in all directions, the shorter the farther out, 4 pixels long at the left and right edge."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    squared = (x - (WIDTH - 1) / 2) ** 2 + (y - (HEIGHT - 1) / 2) ** 2
    # The phase's slope is 2π/wavelength: 2πr/(4·128) at the distance r.
    return _grey(0.5 + 0.5 * np.cos(math.pi * squared / (4 * WIDTH / 2)))


def _chessboard(_: int) -> np.ndarray:
    """Fields of 32 pixels: nothing but vertical and horizontal edges, and corners."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return _grey(0.08 + 0.84 * ((x // 32 + y // 32) % 2 == 0))


def _grey(brightness: np.ndarray) -> np.ndarray:
    """From 0 to 1 to bytes."""
    return np.repeat(np.round(255 * brightness).astype(np.uint8)[:, :, None], 3, axis=2)


SOURCES: dict[str, Source] = {
    "china": Source("A temple", lambda _: _photograph("china")),
    "flower": Source("A flower", lambda _: _photograph("flower")),
    "shapes": Source("Shapes", _shapes),
    "text": Source("Text", _text),
    "stripes": Source("Stripes", _stripes),
    "rings": Source("Rings", _rings),
    "chessboard": Source("A chessboard", _chessboard),
}
#: The menu: name -> title.
PICTURES: dict[str, str] = {name: source.title for name, source in SOURCES.items()}
