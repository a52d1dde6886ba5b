"""A lattice's frames as an animated GIF, for slides: cells, numbers and the window; knows no browser and no torch."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import unescape
from importlib.util import find_spec
from itertools import accumulate, combinations, pairwise
from math import hypot
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from dlcore.figures import theme
from dlcore.figures.lattice import Grid, Lattice
from dlcore.numerals import compact, plain

MOST_FRAMES = 200
MOST_PIXELS = 1000  # of a side
REST = 2.0  # seconds that the last frame stays longer than the others
LONGEST = 30.0  # seconds of all frames
MARGIN, TITLE = 12, 20  # pixels around everything, and over it for the titles
LETTERS, SMALLEST = 13, 8  # pixels: of titles where there is room, and of the smallest numbers that are written
SHARE, FULL = 0.42, 0.88  # of a cell's height and of its width that its number has at most
BLENDS = 12  # colours between a letter's and its ground's
APART = 8  # of 256, between two colours
BORDER, BETWEEN, UNREAD = 1, 2, 3  # Grid.kinds
DASH = 3  # pixels
LINES = ("grid", "hatch", "accent")

Point = tuple[float, float]
Corners = list[Point]  # four, clockwise


def gif(lattice: Lattice, *, dark: bool = False, cell: float = 28, seconds: float = 0.4) -> bytes:
    """The lattice's frames as a GIF that plays for ever and rests at its end.

    cell: pixels of a cell's side, fewer where the picture would be larger than 1000 pixels; seconds: of each frame,
    less where the whole would take longer than half a minute. Of more than 200 frames every n-th is drawn.
    """
    numbers = chosen_frames(len(lattice.active))
    first, *others = _Sheet(lattice, _Colours(dark), cell).frames(numbers)
    lasts = [round(1000 * min(seconds, LONGEST / len(numbers)))] * len(numbers)
    lasts[-1] += round(1000 * REST)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=lasts, loop=0, optimize=True)
    return file.getvalue()


def chosen_frames(num_frames: int) -> list[int]:
    """Every n-th frame, so that there are not too many; the last one always."""
    every = -(-num_frames // MOST_FRAMES)
    return list(range((num_frames - 1) % every, num_frames, every))


class _Colours:
    """The palette of one theme, and the colours of a GIF."""

    def __init__(self, dark: bool) -> None:
        self.theme = int(dark)

    def __getitem__(self, meaning: str) -> str:
        pair = theme.mixed(theme.PALETTE["muted"], 0.4) if meaning == "hatch" else theme.PALETTE[meaning]
        return pair[self.theme]

    def under(self, value: float, full: float) -> str:
        """The ground of a cell: the larger |value| is, the stronger, up to `full`."""
        if not full or not np.isfinite(value):
            return self["ground"]
        return theme.activation_shade(round(theme.LEVELS * max(-1, min(1, value / full))))[self.theme]

    def palette(self) -> Image.Image:
        """All colours that are drawn, and those at the edges of letters: the same for every frame."""
        ground = self["ground"]
        shades = [theme.activation_shade(k)[self.theme] for k in range(-theme.LEVELS, theme.LEVELS + 1)]
        colours = [ImageColor.getrgb(name) for name in (ground, *shades, *map(self.__getitem__, LINES))]
        colours += [blend for under in (ground, *shades) for blend in _blends(under, self["ink"])]
        colours += _blends(ground, self["muted"])
        image = Image.new("P", (1, 1))
        image.putpalette([channel for colour in _apart(colours) for channel in colour])
        return image


def _blends(ground: str, ink: str) -> list[tuple[int, ...]]:
    """Colours from the ground to the ink, which is the last."""
    start, end = (np.array(ImageColor.getrgb(name)) for name in (ground, ink))
    return [tuple(map(int, np.rint(start + share * (end - start)))) for share in np.linspace(0, 1, BLENDS + 1)[1:]]


def _apart(colours: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Without those that differ too little from an earlier one: Pillow would take one for the other."""
    kept: list[tuple[int, ...]] = []
    for colour in colours:
        if all(max(abs(a - b) for a, b in zip(colour, other, strict=True)) >= APART for other in kept):
            kept.append(colour)
    return kept


class _Cell(NamedTuple):
    """One cell as it is drawn."""

    corners: Corners
    kind: int
    known: int  # the frame from which its number is shown
    fill: str
    text: str
    font: ImageFont.FreeTypeFont | None


class _Sheet:
    """The picture of a lattice, on which one frame is drawn after another."""

    def __init__(self, lattice: Lattice, colours: _Colours, cell: float) -> None:
        self.lattice, self.colours = lattice, colours
        corners = np.concatenate([_corners(grid) for grid in lattice.grids])
        extent = np.ptp(corners, axis=0)
        around = np.array([2 * MARGIN, 2 * MARGIN + TITLE])
        # Cells that are seen from the side are as large as those that are seen from the front.
        smallest = min(abs(np.linalg.det([grid.right, grid.down])) for grid in lattice.grids)
        self.scale = float(min(cell / smallest**0.5, *((MOST_PIXELS - around) / extent)))
        self.shift = np.array([MARGIN, MARGIN + TITLE]) - self.scale * corners.min(axis=0)
        self.letters = _font(round(max(SMALLEST, min(LETTERS, 0.7 * self.scale))))
        self.outlines = [self._points(_corners(grid)) for grid in lattice.grids]
        self.cells = [cell for grid in lattice.grids for cell in self._cells(grid)]
        self.image = Image.new("RGB", self._size(self.scale * extent + around), colours["ground"])
        self.pen = ImageDraw.Draw(self.image)
        for grid, (x, y) in self._titles():
            self.pen.text((x, y), _words(grid.title), colours["ink"], self.letters, anchor="ls")

    def frames(self, numbers: Iterable[int]) -> Iterator[Image.Image]:
        """The pictures of these frames, in their order."""
        palette = self.colours.palette()
        covered = any(_meet(a, b) for a, b in combinations(self.outlines, 2))
        before = -1
        for number in numbers:
            self._paint(number, -1 if covered else before)
            picture = self.image.copy()
            self._light(ImageDraw.Draw(picture), number)
            yield picture.quantize(palette=palette, dither=Image.Dither.NONE)
            before = number

    def _size(self, needed: np.ndarray) -> tuple[int, int]:
        """Room for the cells and for titles that reach out beyond them."""
        ends = [x + self.letters.getlength(_words(grid.title)) + MARGIN for grid, (x, _) in self._titles()]
        return round(min(max(needed[0], *ends), MOST_PIXELS)), round(needed[1])

    def _titles(self) -> Iterator[tuple[Grid, Point]]:
        """Every grid and where its title stands: over its upper left corner."""
        for grid, outline in zip(self.lattice.grids, self.outlines, strict=True):
            yield grid, (min(x for x, _ in outline), min(y for _, y in outline) - 6)

    def _points(self, corners: np.ndarray) -> Corners:
        return [(float(x), float(y)) for x, y in self.scale * corners + self.shift]

    def _cells(self, grid: Grid) -> Iterator[_Cell]:
        fonts = _Numbers(grid, self.scale)
        full = np.broadcast_to(grid.shade, grid.values.shape)
        for (i, j), value in np.ndenumerate(grid.values):
            text, font = fonts.written(value)
            yield _Cell(
                corners=self._points(_corners(grid, i, j, i + 1, j + 1)),
                kind=0 if grid.kinds is None else int(grid.kinds[i, j]),
                known=0 if grid.known is None else int(grid.known[i, j]),
                fill=self.colours.under(value, float(full[i, j])),
                text=text,
                font=font,
            )

    def _paint(self, number: int, before: int) -> None:
        """The cells that have become known since the frame before; where that is -1, all cells."""
        for cell in self.cells:
            if before < 0 or before < cell.known <= number:
                self._draw(cell, cell.known <= number)

    def _draw(self, cell: _Cell, is_known: bool) -> None:
        ground, muted = self.colours["ground"], self.colours["muted"]
        top_left, top_right, bottom_right, bottom_left = cell.corners
        pale = cell.kind in (BORDER, BETWEEN)
        self.pen.polygon(cell.corners, cell.fill if is_known and not pale else ground)
        if cell.kind == BORDER:
            _dashed(self.pen, cell.corners, muted)
        else:
            self.pen.line([*cell.corners, top_left], self.colours["grid"])
        if cell.kind == BETWEEN:
            self.pen.line([bottom_left, top_right], self.colours["hatch"])
        if cell.kind == UNREAD:
            self.pen.line([bottom_left, top_right], muted)
            self.pen.line([top_left, bottom_right], muted)
        if is_known and cell.font:
            middle = (top_left[0] + bottom_right[0]) / 2, (top_left[1] + bottom_right[1]) / 2
            self.pen.text(middle, cell.text, self.colours["muted" if pale else "ink"], cell.font, anchor="mm")

    def _light(self, pen: ImageDraw.ImageDraw, number: int) -> None:
        """The cells that meet in this frame's result, a frame around those of each grid, and a ring for the result."""
        active = int(self.lattice.active[number])
        if active < 0:
            return
        links = self.lattice.links
        lit = np.unique(links[links[:, 0] == active])
        sizes = [grid.values.size for grid in self.lattice.grids]
        for grid, (start, end) in zip(self.lattice.grids, pairwise(accumulate(sizes, initial=0)), strict=True):
            here = lit[(lit >= start) & (lit < end)]
            for cell in here:
                pen.line([*self.cells[cell].corners, self.cells[cell].corners[0]], self.colours["accent"])
            if here.size:
                rows, cols = np.unravel_index(here - start, grid.values.shape)
                frame = self._points(_corners(grid, rows.min(), cols.min(), rows.max() + 1, cols.max() + 1))
                pen.line([*frame, *frame[:2]], self.colours["accent"], 3, joint="curve")


class _Numbers:
    """How the numbers of a grid are written: as large as all of them fit."""

    def __init__(self, grid: Grid, scale: float) -> None:
        self.room = scale * abs(grid.right[0])
        height = SHARE * scale * min(1, abs(grid.down[1]))
        texts = {_text(value) for value in np.unique(grid.values[np.isfinite(grid.values)]).tolist()}
        widest = max((_font(100).getlength(text) / 100 for text in texts), default=1)
        size = int(min(height, FULL * self.room / widest))
        self.font = _font(max(size, SMALLEST)) if grid.written and height >= SMALLEST else None

    def written(self, value: float) -> tuple[str, ImageFont.FreeTypeFont | None]:
        """A number with as many digits as there is room for, at most three; none where not even one would be."""
        if self.font is None or np.isnan(value):
            return "", None
        texts = [_text(value, digits) for digits in (3, 2, 1)]
        fits = (text for text in texts if self.font.getlength(text) < self.room - 1)
        return next(fits, ""), self.font


def _text(value: float, digits: int = 3) -> str:
    return plain(compact(value, digits))


def _words(title: str) -> str:
    """HTML as plain text."""
    return unescape(re.sub(r"<[^>]+>", "", plain(title)))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which has the letters of formulas; matplotlib brings it."""
    matplotlib = find_spec("matplotlib")  # not imported, for that takes longer than to draw
    assert matplotlib is not None
    assert matplotlib.origin is not None
    return ImageFont.truetype(Path(matplotlib.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf", size)


def _corners(
    grid: Grid, top: int = 0, left: int = 0, bottom: int | None = None, right: int | None = None
) -> np.ndarray:
    """Around these rows and columns, the last ones not included, or all, in cells: (4, 2), clockwise."""
    bottom, right = (
        (grid.values.shape[0] if bottom is None else bottom),
        (grid.values.shape[1] if right is None else right),
    )
    places = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return np.array(grid.origin) + places @ np.array([grid.right, grid.down])


def _meet(a: Sequence[Point], b: Sequence[Point]) -> bool:
    """Whether the boxes around two grids have cells in common."""
    (low_a, high_a), (low_b, high_b) = ((np.min(points, axis=0), np.max(points, axis=0)) for points in (a, b))
    return bool((low_a + 1 < high_b).all() and (low_b + 1 < high_a).all())


def _dashed(pen: ImageDraw.ImageDraw, corners: Corners, colour: str) -> None:
    for (x, y), (to_x, to_y) in pairwise([*corners, corners[0]]):
        count = max(1, round(hypot(to_x - x, to_y - y) / (2 * DASH)))
        for k in range(count):
            start, end = (k + 0.25) / count, (k + 0.75) / count
            ends = [(x + share * (to_x - x), y + share * (to_y - y)) for share in (start, end)]
            pen.line(ends, colour)
