"""Tiles alone on a page, and what one sees of them: their cells' colours, words, marks."""

import re
from typing import Any

import numpy as np

from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.stage import Stage
from dlcore.figures.theme import MAGNITUDE_SCALE, PALETTE, SIGNED_SCALE
from dlcore.figures.tiles import Tile, Tiles
from tests.browser.network_screen import channels
from tests.browser.solo import Solo

FRAMES, SIZE = 4, 12
NAMES = ("gradient", "input", "smoothgrad", "integrated", "gradcam", "occlusion")
TITLES = ("Gradient", "Gradient × input", "SmoothGrad", "Integrated gradients", "Grad-CAM", "Occlusion")
SCALES = {False: MAGNITUDE_SCALE, True: SIGNED_SCALE}
VIEW = "window.__descent.player.views.get('maps')"

# Colour of the canvas at a point of the page: [r, g, b, a].
COLOUR = """([x, y]) => {
  const canvas = document.querySelector(".dp-tiles canvas");
  const { left, top, width } = canvas.getBoundingClientRect();
  const scale = canvas.width / width;
  return [...canvas.getContext("2d").getImageData((x - left) * scale, (y - top) * scale, 1, 1).data];
}"""
ARRIVE = """([name, values, start, count]) => {
  const { player } = window.__descent;
  const field = player.header.arrays.find(({ pending }) => pending === name);
  field.data.set(values, start * field.rowSize);
  field.ready = start + count;
  player.arrived(start, count);
}"""


def maps(seed: int = 0, size: int = SIZE) -> np.ndarray:
    """One map a name, each of another scale; no two cells are equally strong."""
    rng = np.random.default_rng(seed)
    scales = 10.0 ** rng.integers(-3, 2, len(NAMES))
    return (scales[:, None, None] * rng.normal(size=(len(NAMES), size, size))).astype(np.float32)


def pictures(frames: int = 1, size: int = SIZE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (frames, size, size, 3)).astype(np.uint8)


def map_tiles(values: ArrayOrPending, **more: Any) -> list[Tile]:
    """A tile for every row."""
    return [
        Tile(key=key, title=title, values=values, row=row, **more)
        for row, (key, title) in enumerate(zip(NAMES, TITLES, strict=True))
    ]


def tiles_stage(*tiles: Tile, frames: int = FRAMES, **more: Any) -> Stage:
    view = Tiles(key="maps", title="Maps", tiles=tiles, alt="Six maps.", **more)
    return Stage(views=[view], num_frames=frames, rate=4, file_name="maps")


def seen(solo: Solo, expression: str) -> Any:
    """The value of a JavaScript expression over the view and its places."""
    return solo.page.evaluate(
        f"(() => {{ const view = {VIEW}; const {{ place, set }} = view; return {expression}; }})()"
    )


def box(solo: Solo, index: int) -> tuple[float, float, float, float]:
    """Left, top, width and height of a tile's cells on the page."""
    given = solo.page.locator(".dp-tile-buttons button").nth(index).bounding_box()
    assert given is not None
    return given["x"], given["y"], given["width"], given["height"]


def cell(solo: Solo, index: int, row: int, col: int, size: int = SIZE) -> tuple[float, float]:
    """The middle of a tile's cell on the page."""
    left, top, width, height = box(solo, index)
    return left + (col + 0.5) * width / size, top + (row + 0.5) * height / size


def colour(solo: Solo, at: tuple[float, float]) -> list[int]:
    return solo.page.evaluate(COLOUR, at)


def expected(value: float, limit: float, *, signed: bool = False, theme: int = 0) -> np.ndarray:
    """The colour of a number: between the scale's colours, `limit` having the last."""
    scale = SCALES[signed]
    share = value / limit
    at = np.clip(0.5 + 0.5 * share if signed else abs(share), 0, 1)
    stops = np.array([channels(pair[theme]) for _, pair in scale])
    return np.array([np.interp(at, [position for position, _ in scale], stops[:, c]) for c in range(3)])


def ground(theme: int = 0) -> np.ndarray:
    return channels(PALETTE["ground"][theme])


def told(text: str) -> float:
    """A number as it is written in the picture: −1.2·10⁻³."""
    plain = text.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789"))
    mantissa, *power = plain.split("·10")
    return float(mantissa) * 10.0 ** int(power[0] if power else 0)


def words(solo: Solo, part: str = "") -> list[str]:
    """All that is written in these parts of the picture, and seen."""
    texts = solo.page.locator(f".dp-tiles svg {part} text")
    return texts.evaluate_all("(all) => all.filter((one) => one.getClientRects().length).map((one) => one.textContent)")


def values(solo: Solo) -> list[float]:
    """The numbers below tiles at the place that is looked at."""
    return [told(text) for text in words(solo, ".dp-tile-value")]


def framed(solo: Solo) -> list[int]:
    """The tiles that have a frame."""
    shown = solo.page.locator(".dp-tile-frame").evaluate_all("(all) => all.map((one) => one.style.display !== 'none')")
    return [index for index, is_shown in enumerate(shown) if is_shown]


def edges(path: str) -> set[tuple[int, int, int, int]]:
    """The unit edges that a path of level and upright lines consists of."""
    found: set[tuple[int, int, int, int]] = set()
    for x, y, way, end in re.findall(r"M(\d+),(\d+)([HV])(\d+)", path):
        a, b = int(x), int(y)
        for k in range(int(end) - (a if way == "H" else b)):
            found.add((a + k, b, a + k + 1, b) if way == "H" else (a, b + k, a, b + k + 1))
    return found
