"""Tiles in a real browser: what is painted of numbers and pictures, frame by frame, and while a run goes on."""

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

from dlcore.figures.pending import Pending
from dlcore.figures.theme import PALETTE
from dlcore.figures.tiles import Tile
from tests.browser.solo import Solo
from tests.browser.tiles_screen import (
    ARRIVE,
    FRAMES,
    NAMES,
    SIZE,
    TITLES,
    box,
    cell,
    colour,
    edges,
    expected,
    framed,
    ground,
    map_tiles,
    maps,
    pictures,
    seen,
    tiles_stage,
    told,
    words,
)

GROUND = "document.documentElement.style.setProperty('--st-background-color', '{}')"
PLACES = [(0, 0), (0, SIZE - 1), (3, 7), (SIZE - 1, 2), (6, 6)]
LAST = FRAMES - 1


def percentile(values: np.ndarray, percent: float) -> float:
    return float(np.percentile(np.abs(values), percent))


# Colours


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("signed", [False, True], ids=["sizes", "signed"])
def test_cells_have_the_colours_of_their_numbers(solo: Solo, signed: bool, theme: int):
    solo.page.evaluate(GROUND.format(PALETTE["ground"][theme]))
    solo.give(tiles_stage(*map_tiles(maps()), signed=signed))
    for index, values in enumerate(maps()):
        limit = percentile(values, 99)
        for row, col in PLACES:
            painted = colour(solo, cell(solo, index, row, col))
            wanted = expected(values[row, col], limit, signed=signed, theme=theme)
            assert painted[:3] == pytest.approx(wanted, abs=3), (index, row, col)
    solo.page.evaluate(GROUND.format(PALETTE["ground"][0]))


@pytest.mark.parametrize("clip", [100, 99, 87.5, 50])
def test_the_percentile_that_is_clipped_at_is_numpys(solo: Solo, clip: float):
    solo.give(tiles_stage(*map_tiles(maps()), clip=clip))
    limits = seen(solo, "set.tiles.map((tile) => set.limit(tile, 0))")
    assert limits == pytest.approx([percentile(values, clip) for values in maps()], rel=1e-5)


def test_what_is_no_number_is_left_out_of_the_percentile_and_open(solo: Solo):
    values = maps()
    values[0, 2, 3] = np.nan
    values[0, 4, 5] = np.inf
    solo.give(tiles_stage(*map_tiles(values)))
    finite = values[0][np.isfinite(values[0])]
    assert seen(solo, "set.limit(set.tiles[0], 0)") == pytest.approx(percentile(finite, 99), rel=1e-5)
    assert colour(solo, cell(solo, 0, 2, 3)) == [0, 0, 0, 0]
    assert colour(solo, cell(solo, 0, 4, 5))[:3] == pytest.approx(expected(1, 1), abs=3)


def test_a_map_of_few_numbers_is_seen_although_most_are_nothing(solo: Solo):
    values = np.zeros((1, SIZE, SIZE), np.float32)
    solo.give(tiles_stage(Tile(key="a", title="A map", values=values), clip=90))
    assert colour(solo, cell(solo, 0, 5, 5))[:3] == ground().tolist()
    values[0, 5, 5] = 0.25
    solo.give(tiles_stage(Tile(key="a", title="A map", values=values), clip=90))
    assert colour(solo, cell(solo, 0, 5, 5))[:3] == pytest.approx(expected(1, 1), abs=3)


def test_one_scale_for_all_is_that_of_the_largest(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps()), shared=True))
    limits = seen(solo, "set.tiles.map((tile) => set.limit(tile, 0))")
    most = max(percentile(values, 99) for values in maps())
    assert limits == pytest.approx([most] * len(NAMES), rel=1e-5)


def test_without_signs_the_magnitude_is_shown_and_with_signs_the_values(solo: Solo):
    sizes = np.abs(maps(seed=1))
    for signed, shown in ((False, sizes), (True, maps())):
        solo.give(tiles_stage(*map_tiles(maps(), magnitude=sizes), signed=signed))
        painted = colour(solo, cell(solo, 2, 3, 7))
        assert painted[:3] == pytest.approx(expected(shown[2, 3, 7], percentile(shown[2], 99), signed=signed), abs=3)


@pytest.mark.parametrize("signed", [False, True], ids=["sizes", "signed"])
def test_a_picture_under_a_map_is_seen_where_the_map_is_small(solo: Solo, signed: bool):
    values, picture = maps(), pictures()
    solo.give(tiles_stage(*map_tiles(values), overlay=0.5, picture=picture, signed=signed))
    limit = percentile(values[0], 99)
    grey = picture[0] @ np.array([0.299, 0.587, 0.114])
    for row, col in PLACES:
        size = min(1, abs(values[0, row, col]) / limit)
        shade = expected(values[0, row, col], limit, signed=signed)
        wanted = np.clip(shade + 0.5 * (1 - size) * (grey[row, col] - ground()), 0, 255)
        assert colour(solo, cell(solo, 0, row, col))[:3] == pytest.approx(wanted, abs=3)


def test_pictures_have_their_own_colours(solo: Solo):
    solo.give(tiles_stage(Tile(key="picture", title="Picture", values=pictures(), kind="picture")))
    for row, col in PLACES:
        assert colour(solo, cell(solo, 0, row, col))[:3] == pictures()[0, row, col].tolist()
    assert [text for text in words(solo) if text] == ["Picture"]  # no key to colours that there are not


def test_cells_of_small_pictures_are_sharp_and_equally_wide(solo: Solo):
    checks = (255 * (np.indices((8, 8)).sum(axis=0) % 2)).astype(np.uint8)
    picture = np.repeat(checks[None, ..., None], 3, axis=3)
    solo.give(tiles_stage(*[Tile(key=f"{i}", title="Digit", values=picture, kind="picture") for i in range(7)]))
    left, top, width, _ = box(solo, 3)
    assert width % 8 == 0
    row = [colour(solo, (left + x + 0.5, top + 3))[0] for x in range(round(width))]
    assert row == [255 * (x // (round(width) // 8) % 2) for x in range(round(width))]


# Frames


def test_tiles_without_a_row_follow_the_frame(solo: Solo):
    values = maps()[:FRAMES]
    picture = pictures(FRAMES)
    tiles = [
        Tile(key="picture", title="Noisy", values=picture, kind="picture"),
        Tile(key="a", title="A", values=values),
    ]
    solo.give(tiles_stage(*tiles))
    for k in (0, 2, LAST, 1):
        solo.go(k)
        assert colour(solo, cell(solo, 0, 3, 7))[:3] == picture[k, 3, 7].tolist()
        wanted = expected(values[k, 3, 7], percentile(values[k], 99))
        assert colour(solo, cell(solo, 1, 3, 7))[:3] == pytest.approx(wanted, abs=3)


def test_the_tile_of_the_present_frame_has_a_frame(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps()), frames=6, follow=True))
    for k in (0, 4, 2):
        assert framed(solo.go(k)) == [k]
    assert framed(solo.give(tiles_stage(*map_tiles(maps()), frames=6))) == []


def test_a_number_stands_beside_its_caption_of_its_own_row_or_of_the_frame(solo: Solo):
    shares = np.array([0.5, 0.25, np.nan, 0.75, 0.875, 0.0625])
    follower = Tile(key="x", title="Frame", values=maps()[:1], caption="distance", number=np.arange(6.0))
    solo.give(tiles_stage(*map_tiles(maps(), caption="inside", number=shares), follower, frames=6), step=4)
    assert words(solo, ".dp-tile-words")[::2] == ["inside"] * 6 + ["distance"]
    assert words(solo, ".dp-tile-words")[1::2] == ["0.5", "0.25", "", "0.75", "0.875", "0.0625", "4"]


# Live


def live(name: str, array: np.ndarray) -> Pending:
    return Pending(name=name, shape=array.shape, dtype=array.dtype.name)


def arrive(solo: Solo, name: str, array: np.ndarray, start: int, count: int = 1) -> None:
    solo.page.evaluate(ARRIVE, [name, array[start : start + count].ravel().tolist(), start, count])


def waiting(solo: Solo) -> list[bool]:
    """Which tiles hold a place for what has not come."""
    return solo.page.locator(".dp-tile-empty").evaluate_all("(all) => all.map((one) => one.style.display !== 'none')")


@pytest.fixture
def running(solo: Solo) -> Solo:
    """A run that computes a map a frame, of which none has come."""
    shares = np.zeros(len(NAMES), np.float32)
    tiles = map_tiles(live("signed", maps()), number=live("inside", shares), caption="inside")
    solo.give(tiles_stage(*tiles, frames=len(NAMES), follow=True))
    solo.page.evaluate(
        "window.__descent.player.header.arrays.forEach((field) => (field.ready = field.pending ? 0 : Infinity))"
    )
    solo.player("player.show(0, true)")
    return solo


def test_what_has_not_come_has_its_place_and_is_seen_as_soon_as_it_has(running: Solo):
    before = [box(running, index) for index in range(len(NAMES))]
    assert waiting(running) == [True] * 6
    assert colour(running, cell(running, 1, 3, 7)) == [0, 0, 0, 0]
    running.page.mouse.move(*cell(running, 1, 3, 7))  # pointing at what is not there
    running.page.mouse.move(0, 0)
    for row in range(3):
        arrive(running, "signed", maps(), row)  # the frame that is shown is still the first
        assert waiting(running) == [index > row for index in range(6)]
        wanted = expected(maps()[row, 3, 7], percentile(maps()[row], 99))
        assert colour(running, cell(running, row, 3, 7))[:3] == pytest.approx(wanted, abs=3)
    assert running.player("player.k") == 0
    assert [box(running, index) for index in range(len(NAMES))] == before


def test_a_number_comes_with_its_row(running: Solo):
    arrive(running, "inside", np.full(6, 0.5, np.float32), 0, count=2)
    assert words(running, ".dp-tile-words")[1::2] == ["0.5", "0.5", "", "", "", ""]


def test_a_tile_says_that_it_is_not_there_yet(running: Solo):
    arrive(running, "inside", np.full(6, 0.5, np.float32), 0)
    arrive(running, "signed", maps(), 0)
    buttons = running.page.locator(".dp-tile-buttons button")
    said = buttons.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    assert said == ["Gradient, inside 0.5", *(f"{title}, inside, not computed yet" for title in TITLES[1:])]


# Marks


def outlined(solo: Solo, mask: np.ndarray) -> list[str]:
    """The paths around what is inside."""
    values = np.zeros((1, *mask.shape), np.float32)
    solo.give(tiles_stage(Tile(key="a", title="A", values=values, outline=mask)))
    return solo.page.locator(".dp-tile-outline").evaluate_all("(all) => all.map((one) => one.getAttribute('d'))")


def sides(mask: np.ndarray) -> set[tuple[int, int, int, int]]:
    """The unit sides (x0, y0, x1, y1) between a cell inside and one outside."""
    padded = np.pad(mask, 1).astype(int)
    level = {(c, r, c + 1, r) for r, c in np.argwhere(np.diff(padded, axis=0)[:, 1:-1]).tolist()}
    return level | {(c, r, c, r + 1) for r, c in np.argwhere(np.diff(padded, axis=1)[1:-1]).tolist()}


def test_the_edge_of_the_object_runs_between_cells_inside_and_outside(solo: Solo):
    mask = np.zeros((SIZE, SIZE), bool)
    mask[3:9, 4:12] = True
    mask[5, 6] = False
    light, dark = outlined(solo, mask)
    assert edges(light) == edges(dark) == sides(mask)


def test_among_many_cells_the_edge_joins_the_middles_of_their_sides(solo: Solo):
    y, x = np.mgrid[:40, :40]
    mask = (np.hypot(x - 22, y - 17) < 14) & (np.hypot(x - 22, y - 17) > 5)
    mask[0, 39] = mask[1, 38] = True  # two cells that touch at a corner, one in the corner of the picture
    path, _ = outlined(solo, mask)
    ends = Counter((float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+),([\d.]+)", path))
    assert ends == Counter({((a + c) / 2, (b + d) / 2): 2 for a, b, c, d in sides(mask)})  # a closed line: two at each


def test_a_ring_is_around_the_strongest_place(solo: Solo):
    solo.give(tiles_stage(*map_tiles(maps(), mark=True)))
    for index, values in enumerate(maps()):
        row, col = np.unravel_index(np.abs(values).argmax(), values.shape)
        ring: Any = solo.page.locator(f"[data-tile='{index}'] .dp-tile-ring").first.bounding_box()
        middle = (ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
        assert middle == pytest.approx(cell(solo, index, int(row), int(col)), abs=1.5)


# The key


def test_the_key_tells_what_the_ends_of_the_colours_are(solo: Solo):
    def key(**more: Any) -> list[str]:
        return words(solo.give(tiles_stage(*map_tiles(maps()), **more)), ".dp-key")

    assert key() == ["0", "99th percentile of each map"]
    assert key(clip=100) == ["0", "largest size of each map"]
    assert key(signed=True, clip=92) == ["negative", "positive, up to the 92nd percentile of each map"]
    low, high = key(shared=True, signed=True)
    assert told(low) == -told(high.removesuffix(" in all maps"))
    assert told(high.split()[0]) == pytest.approx(max(percentile(values, 99) for values in maps()), rel=0.06)


def test_the_key_tells_what_else_is_drawn(solo: Solo):
    mask = np.ones((SIZE, SIZE), bool)
    solo.give(tiles_stage(*map_tiles(maps(), outline=mask, mark=True)))
    assert set(words(solo, ".dp-key")[2:]) == {"edge of the object", "strongest place"}
