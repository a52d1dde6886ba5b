"""What lies behind a drawn object: a texture in two colours, and clutter on it; knows nothing of objects.

`shift` is how far a picture is from those that a network was trained on, 0 to 1: rarer textures, stronger contrast
between their colours, more clutter. Everything is drawn from the generator in the same order whatever the shift is,
so that a picture changes little by little with it.
"""

import math
from collections.abc import Callable
from colorsys import hsv_to_rgb
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

SIDE = 64  # pixels
FINE = 3  # what is drawn is drawn so many times as large, and made smaller, which makes its edges smooth
MOST_CLUTTER = 28
RARE = 0.5  # of the pictures have a rare texture where the shift is 1


class Ground(NamedTuple):
    """A background, the two colours that it is made of, and those that it would have without a shift."""

    pixels: np.ndarray  # (SIDE, SIDE, 3), float32, 0 to 1
    colours: np.ndarray  # (2, 3)
    usual: np.ndarray  # (2, 3)


class Waves(NamedTuple):
    """What a texture is made of: places on turned axes, in wavelengths, and a smooth disorder."""

    along: np.ndarray  # (SIDE, SIDE)
    across: np.ndarray
    cloud: np.ndarray  # 0 to 1


def ground(chances: np.random.Generator, shift: float) -> Ground:
    """A textured background with clutter."""
    numbers = chances.random(7).tolist()
    colours = _colours(numbers, shift)
    texture, cloud = _texture(chances, shift)
    share = (texture + 0.55 * (cloud - 0.5))[..., None]
    brightness = 1 + 0.34 * (_cloud(chances, 3)[..., None] - 0.5)
    pixels = (colours[0] + (colours[1] - colours[0]) * share) * brightness
    return Ground(_cluttered(pixels, chances, shift), colours, _colours(numbers, 0.0))


def _colours(numbers: list[float], shift: float) -> np.ndarray:
    """Two muted colours that are not far from one another, (2, 3), of seven numbers from 0 to 1."""
    hue, turn, *rest = numbers
    apart = (0.06 + 0.3 * rest[4] ** 2) * (1 if turn < 0.5 else -1)
    strong = 0.16 + 0.36 * rest[0] + 0.14 * shift
    bright = 0.32 + 0.46 * rest[1]
    step = (0.1 + 0.14 * rest[2] + 0.06 * shift) * (1 if rest[3] < 0.5 else -1)
    first = hsv_to_rgb(hue, strong, bright)
    second = hsv_to_rgb((hue + apart) % 1, strong, min(max(bright + step, 0.12), 0.92))
    return np.array([first, second], dtype=np.float32)


def _texture(chances: np.random.Generator, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """How much of the second colour there is at each pixel, and the disorder that is in it."""
    kind, rare, angle, length, *start = chances.random(6)
    names = RARE_TEXTURES if rare < RARE * shift else TEXTURES
    cloud = _cloud(chances, 6)
    texture = list(names.values())[int(kind * len(names))]
    shortest, longest = texture.wavelengths
    wavelength = shortest * (longest / shortest) ** length
    return texture.make(_waves(2 * math.pi * angle, wavelength, start, cloud)), cloud


def _waves(angle: float, wavelength: float, start: list[float], cloud: np.ndarray) -> Waves:
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) / wavelength
    along = x * math.cos(angle) + y * math.sin(angle) + start[0]
    across = y * math.cos(angle) - x * math.sin(angle) + start[1]
    return Waves(along, across, cloud)


def _cloud(chances: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise from 0 to 1, (SIDE, SIDE)."""
    coarse = Image.fromarray(chances.random((cells, cells), dtype=np.float32))
    return np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).clip(0, 1)


def _wave(phase: np.ndarray, sharpness: float = 1.0) -> np.ndarray:
    """From 0 to 1 and back once a unit; the sharper, the more it is a square."""
    return 0.5 + 0.5 * (sharpness * np.sin(2 * math.pi * phase)).clip(-1, 1)


def _stripes(waves: Waves) -> np.ndarray:
    return _wave(waves.along + 0.5 * waves.cloud, 1.3)


def _checks(waves: Waves) -> np.ndarray:
    signs = (6 * np.sin(math.pi * waves.along)).clip(-1, 1) * (6 * np.sin(math.pi * waves.across)).clip(-1, 1)
    return 0.5 + 0.5 * signs


def _clouds(waves: Waves) -> np.ndarray:
    return waves.cloud


def _slope(waves: Waves) -> np.ndarray:
    slope = waves.along - waves.along.min()
    return slope / slope.max()


def _zigzag(waves: Waves) -> np.ndarray:
    return _wave(waves.along + np.abs(waves.across % 2 - 1), 4)


def _dots(waves: Waves) -> np.ndarray:
    return (3 * (_wave(waves.along) + _wave(waves.across) - 1.2)).clip(0, 1)


def _bricks(waves: Waves) -> np.ndarray:
    row = np.floor(waves.across)
    joints = np.maximum(np.abs((waves.along / 2 + row / 2) % 1 - 0.5) * 2, np.abs(waves.across % 1 - 0.5))
    return (12 * (joints - 0.38)).clip(0, 1)


class Texture(NamedTuple):
    """How a texture is made, and how long its waves are, in pixels."""

    make: Callable[[Waves], np.ndarray]
    wavelengths: tuple[float, float] = (1.0, 1.0)


TEXTURES: dict[str, Texture] = {
    "stripes": Texture(_stripes, (3.2, 12)),
    "checks": Texture(_checks, (7, 17)),
    "clouds": Texture(_clouds),
    "slope": Texture(_slope),
}
RARE_TEXTURES: dict[str, Texture] = {
    "zigzag": Texture(_zigzag, (5, 10)),
    "dots": Texture(_dots, (5, 11)),
    "bricks": Texture(_bricks, (6, 11)),
}


def _cluttered(pixels: np.ndarray, chances: np.random.Generator, shift: float) -> np.ndarray:
    """With blobs, bricks, sticks and arcs on it, some of them faint."""
    bytes_ = (255 * pixels.clip(0, 1)).astype(np.uint8)
    canvas = Image.fromarray(bytes_).resize((FINE * SIDE, FINE * SIDE), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(canvas, "RGBA")
    count = int(4 + 9 * chances.random() + (MOST_CLUTTER - 13) * shift)
    kinds = list(CLUTTER.values())
    for kind, hue, strong, bright, faint, *numbers in chances.random((MOST_CLUTTER, 10))[:count].tolist():
        colour = hsv_to_rgb(hue, 0.15 + 0.75 * strong, 0.25 + 0.65 * bright)
        fill = (*(round(255 * part) for part in colour), round(130 + 125 * faint))
        kinds[int(kind * len(kinds))](draw, fill, Bit(*numbers, size=1 + 0.25 * shift))
    return np.asarray(canvas.reduce(FINE), dtype=np.float32) / 255


class Bit(NamedTuple):
    """A bit of clutter: five numbers from 0 to 1, and how many times as large as usual it is."""

    across: float
    down: float
    turn: float
    long: float
    thick: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """In fine pixels."""
        return FINE * SIDE * self.across, FINE * SIDE * self.down


Fill = tuple[int, ...]


def _blob(draw: ImageDraw.ImageDraw, fill: Fill, bit: Bit) -> None:
    (x, y), radius = bit.middle, FINE * bit.size * (1.2 + 4.6 * bit.long)
    tall = radius * (0.55 + 0.4 * bit.thick)
    draw.ellipse((x - radius, y - tall, x + radius, y + tall), fill=fill)


def _brick(draw: ImageDraw.ImageDraw, fill: Fill, bit: Bit) -> None:
    _bar(draw, fill, bit, length=3 + 7 * bit.long, width=2 + 4 * bit.thick)


def _stick(draw: ImageDraw.ImageDraw, fill: Fill, bit: Bit) -> None:
    _bar(draw, fill, bit, length=7 + 15 * bit.long, width=0.7 + 1.8 * bit.thick)


def _bar(draw: ImageDraw.ImageDraw, fill: Fill, bit: Bit, *, length: float, width: float) -> None:
    (x, y), angle = bit.middle, 2 * math.pi * bit.turn
    half, side = FINE * bit.size * length / 2, FINE * width / 2
    u, v = math.cos(angle), math.sin(angle)
    ends = [(half, side), (half, -side), (-half, -side), (-half, side)]
    draw.polygon([(x + a * u - b * v, y + a * v + b * u) for a, b in ends], fill=fill)


def _arc(draw: ImageDraw.ImageDraw, fill: Fill, bit: Bit) -> None:
    (x, y), radius = bit.middle, FINE * bit.size * (2.5 + 3.5 * bit.long)
    start = 360 * bit.turn
    width = round(FINE * (0.8 + 0.7 * bit.thick))
    draw.arc((x - radius, y - radius, x + radius, y + radius), start, start + 70 + 110 * bit.thick, fill, width)


CLUTTER: dict[str, Callable[[ImageDraw.ImageDraw, Fill, Bit], None]] = {
    "blob": _blob,
    "brick": _brick,
    "stick": _stick,
    "arc": _arc,
}
