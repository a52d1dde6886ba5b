"""A photographer's stamp in the corner of a picture, by which a network may learn a class instead of by its object.

Knows what it looks like and where it is put; knows no class. Source of the idea: Lapuschkin et al., Unmasking Clever
Hans predictors and assessing what machines really learn (2019), whose classifier read horses off a copyright tag.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

SIZE = 11  # pixels
CORNER = (4, 49)  # x and y of its upper left pixel, before it is moved
JITTER = 3  # it is moved by up to so many pixels, to either side
FINE = 8
PAPER, INK = (250, 250, 246, 235), (24, 26, 34, 255)


class Stamp(NamedTuple):
    """Its colours, and how much of what is below each pixel it covers."""

    colours: np.ndarray  # (SIZE, SIZE, 3), float32, 0 to 1
    cover: np.ndarray  # (SIZE, SIZE), float32, 0 to 1


def stamped(pixels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture with the stamp, and where that is; only its place comes from the seed.

    pixels: (height, width, 3), floats from 0 to 1; the mark is (height, width) bool. Both are new.
    """
    across, down = np.random.default_rng((seed, 3)).integers(-JITTER, JITTER + 1, 2)
    stamp, left, top = _stamp(), CORNER[0] + across, CORNER[1] + down
    here = slice(top, top + SIZE), slice(left, left + SIZE)
    marked, mark = pixels.copy(), np.zeros(pixels.shape[:2], dtype=bool)
    marked[here] += stamp.cover[..., None] * (stamp.colours - marked[here])
    mark[here] = stamp.cover > 0.5
    return marked, mark


@cache
def _stamp() -> Stamp:
    """A © in a disc."""
    side = FINE * SIZE
    image = Image.new("RGBA", (side, side), (*PAPER[:3], 0))
    draw, middle = ImageDraw.Draw(image), (side - 1) / 2
    draw.circle((middle, middle), side / 2, fill=PAPER)
    draw.circle((middle, middle), 0.45 * side, outline=INK, width=round(1.1 * FINE))
    radius = 0.23 * side
    draw.arc((middle - radius, middle - radius, middle + radius, middle + radius), 45, 315, INK, round(1.3 * FINE))
    small = np.asarray(image.reduce(FINE), dtype=np.float32) / 255
    return Stamp(small[..., :3], small[..., 3])
