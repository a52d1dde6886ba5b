"""Pictures that deceive people: two squares of the same grey that nobody sees as the same.

Knows where the squares are and what their pixels measure; does not know networks. Neither square is painted: in one
picture a dark tile in the light and a light tile in a shadow send the same light, as they would on a real board.
Sources: Adelson, Checkershadow illusion (1995), whose idea the first is; Chevreul, De la loi du contraste simultané des
couleurs (1839).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dlcore import require
from dlcore.topics.adversarial import checkerboard

KINDS = {"shadow": "A board in a shadow", "contrast": "On dark and on light"}
GREY = 120  # level of both squares
COVER = 233  # level of what covers all else
INK = (20, 20, 24)  # of the letters
TILES = (1, 4), (2, 2)  # column and row of A, a dark tile in the light, and of B, a light one in the shadow
GROUNDS = 44, 204  # levels around A and around B
FINE = 4  # parts along and down a pixel that a square's edge cuts
ALONG = 97  # places on the way from A to B
SIDE = 0.2  # of those squares, of the picture


@dataclass(frozen=True, kw_only=True)
class IllusionConfig:
    """Which picture, a key of KINDS, and how many pixels it is wide and high.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    kind: str = "shadow"
    size: int = 480

    def __post_init__(self) -> None:
        require.one_of("kind", self.kind, KINDS)
        require.whole("size", self.size, 64, 1024)


class Measured(NamedTuple):
    """What the pixels of a square say, in levels, and those around it."""

    mean: float
    darkest: int
    lightest: int
    around: float  # mean

    @property
    def contrast(self) -> float:
        """How much lighter the square is than what is around it; below 0: darker."""
        return self.mean - self.around


def illusion(config: IllusionConfig, *, joined: float = 0.0, covered: float = 0.0) -> np.ndarray:
    """The picture without letters, uint8 (size, size, 3).

    joined: how far, 0 to 1, a bar of the squares' grey leads from A to B. covered: how much, 0 to 1, of all else is.
    """
    shown = _scene(config)
    if covered > 0:
        other = 1 - np.sum([_covers(square, config.size) for square in squares(config)], axis=0)
        shown = shown + covered * (COVER - shown) * other[..., None]
    picture = Image.fromarray(np.rint(shown).astype(np.uint8))
    if joined > 0:
        bar = _bar(*squares(config), joined)
        ImageDraw.Draw(picture).polygon([(x, y) for x, y in bar.tolist()], fill=(GREY,) * 3)
    return np.asarray(picture)


def lettered(config: IllusionConfig, picture: np.ndarray) -> np.ndarray:
    """Such a picture with the squares' names on them."""
    named = Image.fromarray(picture)
    brush, font = ImageDraw.Draw(named), ImageFont.load_default(size=config.size / 20)
    for name, square in zip("AB", squares(config), strict=True):
        x, y = square.mean(axis=0).tolist()
        brush.text((x, y), name, fill=INK, anchor="mm", font=font)
    return np.asarray(named)


def squares(config: IllusionConfig) -> tuple[np.ndarray, np.ndarray]:
    """The corners of A and of B in pixels, x and y, all the way round: (4, 2) each."""
    if config.kind == "shadow":
        a, b = (checkerboard.corners(column, row, config.size) for column, row in TILES)
    else:
        around = SIDE / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        a, b = (config.size * (np.array([across, 0.5]) + around) for across in (0.25, 0.75))
    return a, b


def measured(config: IllusionConfig) -> dict[str, Measured]:
    """The squares "A" and "B" as they are in the picture, without their edges."""
    picture = illusion(config)[..., 0].astype(float)
    return {name: _measured(picture, square) for name, square in zip("AB", squares(config), strict=True)}


def profile(config: IllusionConfig, picture: np.ndarray) -> np.ndarray:
    """Levels of such a picture on the way from the middle of A to that of B, (ALONG,)."""
    a, b = (square.mean(axis=0) for square in squares(config))
    across, down = (a + np.linspace(0, 1, ALONG)[:, None] * (b - a)).astype(int).T
    return picture[down, across, 0].astype(np.float32)


def _measured(picture: np.ndarray, square: np.ndarray) -> Measured:
    size = len(picture)
    inner = picture[_covers(_grown(square, 0.9), size) == 1]
    ring = picture[(_covers(_grown(square, 2), size) == 1) & (_covers(_grown(square, 1.1), size) == 0)]
    return Measured(float(inner.mean()), int(inner.min()), int(inner.max()), float(ring.mean()))


def _bar(a: np.ndarray, b: np.ndarray, joined: float) -> np.ndarray:
    """The corners of a bar from the middle of A so far towards the middle of B."""
    start, way = a.mean(axis=0), joined * (b.mean(axis=0) - a.mean(axis=0))
    aside = np.array([-way[1], way[0]]) / np.linalg.norm(way) * np.ptp(a, axis=0).min() / 3.5
    return np.stack([start - aside, start + aside, start + way + aside, start + way - aside])


def _grown(square: np.ndarray, times: float) -> np.ndarray:
    middle = square.mean(axis=0)
    return middle + times * (square - middle)


def _covers(square: np.ndarray, size: int) -> np.ndarray:
    """The share of each pixel that is in a square, (size, size)."""
    drawn = Image.new("L", (FINE * size, FINE * size))
    ImageDraw.Draw(drawn).polygon([(x, y) for x, y in (FINE * square).tolist()], fill=255)
    return np.asarray(drawn.resize((size, size), Image.Resampling.BOX)) / 255


@lru_cache(maxsize=4)
def _scene(config: IllusionConfig) -> np.ndarray:
    """The picture with nothing on it, levels from 0 to 255, (size, size, 3). Not to be written to."""
    size = config.size
    if config.kind == "shadow":
        return _encoded(checkerboard.seen(size, _linear(GREY)))
    levels = np.where(np.arange(size) < size / 2, *map(float, GROUNDS))
    levels = np.broadcast_to(levels, (size, size)).copy()
    for square in squares(config):
        levels[_covers(square, size) > 0.5] = GREY
    return np.repeat(levels[..., None], 3, axis=2)


def _linear(level: float) -> float:
    """The light of a level from 0 to 255, 0 to 1. Source: IEC 61966-2-1 (sRGB)."""
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _encoded(light: np.ndarray) -> np.ndarray:
    """The other way."""
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
