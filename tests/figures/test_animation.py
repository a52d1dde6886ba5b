"""The GIF shows what the lattice shows: every frame, the window where it stands, and numbers as they become known."""

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageColor

from dlcore.figures import theme
from dlcore.figures.animation import MOST_FRAMES, MOST_PIXELS, chosen_frames, gif
from dlcore.figures.lattice import Grid, Lattice

CELL = 28
LINE = 2  # pixels by which a line reaches beyond the cells it surrounds
Box = tuple[int, int, int, int]  # left, top, right, bottom


def lattice(size: int = 4, kernel: int = 2, sheared: bool = False) -> Lattice:
    """A window that slides over a square with a border behind and below: ground at the left, result at the right."""
    padded = size + kernel - 1
    ground, kinds = np.zeros((padded, padded)), np.ones((padded, padded), dtype=np.uint8)
    ground[:size, :size] = np.arange(1.0, size**2 + 1).reshape(size, size)
    kinds[:size, :size] = 0
    weights = np.where(np.indices((kernel, kernel)).sum(axis=0) % 2, -1.0, 0.5)
    i, j, k, m = np.indices((size, size, kernel, kernel)).reshape(4, -1)
    made, read, used = i * size + j, (i + k) * padded + j + m, k * kernel + m
    products = ground.ravel()[read] * weights.ravel()[used]
    result = np.bincount(made, products).reshape(size, size)
    known = np.arange(1, size**2 + 1).reshape(size, size)
    down = (0.5, 0.6) if sheared else (0.0, 1.0)
    apart, first = padded + 3, ground.size + weights.size
    grids = [
        Grid(key="x", title="x", role="ground", values=ground, kinds=kinds, origin=(0, 0), down=down, shade=size**2),
        Grid(key="w", title="w<sub>12</sub>", role="window", values=weights, origin=(apart, 0), down=down),
        Grid(key="y", title="y", role="result", values=result, known=known, origin=(2 * apart, 0), down=down, shade=9),
    ]
    return Lattice(
        key="window",
        title="Window",
        grids=grids,
        roles=("result", "ground", "window"),
        links=np.stack([made + first, read, used + ground.size], axis=1).astype(np.int32),
        products=products,
        active=np.concatenate([[-1], first + np.arange(size**2)]),
    )


def frames_of(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as animation:
        found = []
        for number in range(getattr(animation, "n_frames", 1)):
            animation.seek(number)
            found.append(animation.convert("RGB"))
        return found


def lasts(data: bytes) -> list[int]:
    """Milliseconds of every frame."""
    with Image.open(io.BytesIO(data)) as animation:
        found = []
        for number in range(getattr(animation, "n_frames", 1)):
            animation.seek(number)
            found.append(animation.info["duration"])
        return found


def coloured(image: Image.Image, meaning: str, dark: bool = False) -> np.ndarray:
    """Where the picture has exactly the palette's colour, (height, width)."""
    return (np.asarray(image) == ImageColor.getrgb(theme.PALETTE[meaning][dark])).all(axis=-1)


def lit(image: Image.Image, dark: bool = False) -> list[Box]:
    """Around what is drawn in the accent colour, from left to right: in the ground, in the window, in the result."""
    rows, columns = np.nonzero(coloured(image, "accent", dark))
    parts = np.split(np.unique(columns), np.nonzero(np.diff(np.unique(columns)) > CELL)[0] + 1)
    found = []
    for part in parts:
        here = rows[np.isin(columns, part)]
        found.append((int(part.min()), int(here.min()), int(part.max()), int(here.max())))
    return found


def test_there_is_a_picture_for_every_frame_and_the_last_one_rests() -> None:
    data = gif(lattice(4), seconds=0.3)
    assert data.startswith(b"GIF89a")
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in data  # for ever
    assert len(frames_of(data)) == 17
    *moving, last = lasts(data)
    assert set(moving) == {300}
    assert last > 1000


@pytest.mark.parametrize("dark", [False, True])
def test_the_window_slides_cell_by_cell_and_row_by_row(dark: bool) -> None:
    size, kernel = 4, 2
    nothing, *moving = frames_of(gif(lattice(size, kernel), dark=dark, cell=CELL))
    assert not coloured(nothing, "accent", dark).any()
    (left, top, right, bottom), window, (at, above, *_) = lit(moving[0], dark)
    assert right - left == pytest.approx(kernel * CELL, abs=LINE)
    assert bottom - top == pytest.approx(kernel * CELL, abs=LINE)
    for number, image in enumerate(moving):
        row, column = divmod(number, size)
        ground, same, result = lit(image, dark)
        assert ground == (left + column * CELL, top + row * CELL, right + column * CELL, bottom + row * CELL)
        assert same == window
        assert result[:2] == (at + column * CELL, above + row * CELL)
        assert result[2] - result[0] == pytest.approx(CELL, abs=LINE)


def test_a_result_is_written_in_its_own_frame_and_stays() -> None:
    images = frames_of(gif(lattice(3), cell=CELL))
    for before, image in pairwise(images):
        left, top, right, bottom = lit(image)[2]
        inside = (left + 4, top + 4, right - 4, bottom - 4)
        assert len(before.crop(inside).getcolors() or []) == 1
        written = image.crop(inside)
        assert len(written.getcolors() or []) > 2
        assert images[-1].crop(inside).tobytes() == written.tobytes()


def test_the_last_frame_is_whole() -> None:
    animated = lattice(4)
    *others, result = animated.grids
    still = replace(animated, grids=[*others, replace(result, known=None)], active=animated.active[-1:])
    (image,) = frames_of(gif(still))
    assert frames_of(gif(animated))[-1].tobytes() == image.tobytes()


@pytest.mark.parametrize("dark", [False, True])
def test_values_have_the_colours_of_the_palette(dark: bool) -> None:
    image = frames_of(gif(lattice(4), dark=dark))[0]
    colours = {colour for _, colour in image.getcolors(maxcolors=1 << 16) or []}
    for pair in (theme.PALETTE["ground"], theme.PALETTE["ink"], *map(theme.activation_shade, (-4, 1, 2, 3, 4))):
        assert ImageColor.getrgb(pair[dark]) in colours
        assert ImageColor.getrgb(pair[not dark]) not in colours


def test_the_border_is_dashed_and_pale() -> None:
    bordered = lattice(4)
    plain = replace(bordered, grids=[replace(grid, kinds=None) for grid in bordered.grids])
    with_border, without = (coloured(frames_of(gif(each))[0], "muted").sum() for each in (bordered, plain))
    assert with_border > 100
    assert without < 10


@pytest.mark.parametrize("kind", [2, 3])
def test_zeros_in_between_and_cells_never_read_are_told_without_colour(kind: int) -> None:
    cell = Grid(key="x", title="", role="ground", values=np.array([[np.nan]]), origin=(0, 0))
    one = Lattice(
        key="one",
        title="",
        grids=[cell],
        roles=("x",),
        links=np.zeros((0, 1)),
        products=np.zeros(0),
        active=np.array([-1]),
    )
    (plain,) = frames_of(gif(one))
    (marked,) = frames_of(gif(replace(one, grids=[replace(cell, kinds=np.array([[kind]]))])))
    different = (np.asarray(marked) != np.asarray(plain)).any(axis=-1).sum()
    assert different > (kind - 1) * CELL / 2


def test_a_number_that_is_none_is_not_written() -> None:
    given = lattice(3)
    ground, *others = given.grids
    empty = replace(given, grids=[replace(ground, values=np.full_like(ground.values, np.nan)), *others])
    with_numbers, without = (coloured(frames_of(gif(each))[0], "ink").sum() for each in (given, empty))
    assert with_numbers > without


@pytest.mark.parametrize("size", [3, 30])
def test_the_picture_is_never_larger_than_its_limit(size: int) -> None:
    one = replace(lattice(size), active=np.array([-1]))
    (image,) = frames_of(gif(one, cell=60))
    assert max(image.size) <= MOST_PIXELS
    assert max(image.size) > MOST_PIXELS / 2


def test_long_runs_are_thinned_out_and_end_with_the_whole_result() -> None:
    images = frames_of(gif(lattice(15)))
    assert 100 < len(images) <= MOST_FRAMES
    (*_, (left, _, right, _)), (*_, (last, *_)) = lit(images[0]), lit(images[-1])
    assert last - left == pytest.approx(14 * (right - left), rel=0.15)


def test_a_long_run_does_not_take_minutes() -> None:
    assert sum(lasts(gif(lattice(13)))) < 40_000


@pytest.mark.parametrize("count", [1, 2, 65, 199, 200, 201, 400, 401, 1000])
def test_frames_are_evenly_chosen_up_to_the_last(count: int) -> None:
    chosen = chosen_frames(count)
    assert len(chosen) <= MOST_FRAMES
    assert chosen[-1] == count - 1
    assert len(set(np.diff(chosen))) <= 1
    assert 0 <= chosen[0] < max(1, -(-count // MOST_FRAMES))


def test_maps_that_lie_behind_others_stay_behind_them() -> None:
    given = lattice(3)
    *others, result = given.grids
    assert result.known is not None
    front = replace(
        result, key="front", known=None, values=np.full((3, 3), -9.0), origin=np.add(result.origin, (0.3, 0.3))
    )
    both = replace(given, grids=[*others, result, front])
    images = frames_of(gif(both, cell=CELL))
    negative = np.array(
        [(np.asarray(image) == ImageColor.getrgb(theme.activation_shade(-4)[0])).all(-1).sum() for image in images]
    )
    assert negative.min() > 0.9 * negative[0]


def test_maps_in_space_are_drawn_as_they_lie() -> None:
    first = frames_of(gif(lattice(4, sheared=True), cell=CELL))[1]
    (left, top, right, bottom), *_ = lit(first)
    assert (right - left) / (bottom - top) == pytest.approx((2 + 2 * 0.5) / (2 * 0.6), rel=0.05)
