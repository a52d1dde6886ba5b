"""Tiles on their way to the player: numbers as they are, shared arrays once, colours; what does not fit together."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.figures.pending import Pending
from dlcore.figures.stage import Stage, pack, pack_chunk
from dlcore.figures.theme import PALETTE, dark_partners
from dlcore.figures.tiles import Handle, Tile, Tiles
from tests.figures.test_stage import read

FRAMES, HEIGHT, WIDTH = 3, 4, 5
RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(FRAMES, HEIGHT, WIDTH)).astype(np.float32)
PICTURE = RANDOM.integers(0, 256, (1, HEIGHT, WIDTH, 3)).astype(np.uint8)
MASK = RANDOM.uniform(size=(HEIGHT, WIDTH)) > 0.5
TILE = Tile(key="gradient", title="Gradient", values=MAPS)


def stage(*tiles: Tile, **more: Any) -> Stage:
    return Stage(views=[Tiles(key="maps", title="Maps", tiles=tiles, alt="Maps.", **more)], num_frames=FRAMES)


def sent(*tiles: Tile, **more: Any) -> dict[str, Any]:
    """A view of tiles as the player reads it."""
    return read(pack(stage(*tiles, **more)))["views"][0]


def test_tiles_travel_with_what_is_told_of_them():
    seen = Tile(
        key="picture", title="Picture", values=PICTURE, kind="picture", caption="a star", lead=True, paints=True
    )
    view = sent(seen, replace(TILE, row=2, mark=True), signed=True, clip=98.5, shared=True, overlay=0.25, follow=True)
    assert (view["type"], view["key"], view["area"], view["alt"]) == ("tiles", "maps", "main", "Maps.")
    assert [view[name] for name in ("signed", "clip", "shared", "overlay", "follow")] == [True, 98.5, True, 0.25, True]
    picture, gradient = view["tiles"]
    assert [picture[name] for name in ("kind", "caption", "lead", "paints", "row")] == [
        "picture",
        "a star",
        True,
        True,
        None,
    ]
    assert [gradient[name] for name in ("title", "kind", "row", "mark", "width", "height")] == [
        "Gradient",
        "map",
        2,
        True,
        WIDTH,
        HEIGHT,
    ]


def test_maps_travel_as_the_numbers_that_they_are():
    (tile,) = sent(replace(TILE, magnitude=np.abs(MAPS), outline=MASK))["tiles"]
    assert np.array_equal(tile["values"], MAPS)
    assert np.array_equal(tile["magnitude"], np.abs(MAPS))
    assert np.array_equal(tile["outline"], MASK)
    assert np.array_equal(sent(replace(TILE, values=PICTURE, kind="picture"))["tiles"][0]["values"], PICTURE)


def test_a_number_that_is_none_is_null():
    (tile,) = sent(replace(TILE, number=np.array([0.5, np.nan, 2])))["tiles"]
    assert tile["number"] == [0.5, None, 2]


def test_a_run_with_many_maps_is_announced_once():
    live = Pending(name="signed", shape=(FRAMES, HEIGHT, WIDTH), dtype="float32")
    numbers = Pending(name="inside", shape=(FRAMES,), dtype="float32")
    tiles = [Tile(key=f"{row}", title="A map", values=live, number=numbers, row=row) for row in range(FRAMES)]
    arrays = read(pack(stage(*tiles)))["arrays"]
    assert arrays == [
        {"dtype": "float32", "shape": [FRAMES, HEIGHT, WIDTH], "pending": "signed"},
        {"dtype": "float32", "shape": [FRAMES], "pending": "inside"},
    ]
    chunk = read(pack_chunk(1, {"signed": MAPS[1:2], "inside": np.ones(1)})[4:])
    assert np.array_equal(chunk["pending"]["signed"], MAPS[1:2])


def test_an_outline_that_tiles_share_travels_once():
    mask = RANDOM.uniform(size=(HEIGHT, WIDTH)) > 0.5
    tiles = [replace(TILE, key=f"{number}", outline=mask) for number in range(11)]
    assert len(read(pack(stage(*tiles)))["arrays"]) == 2


def test_rings_travel_with_their_places_and_what_a_click_does():
    places = np.array([[1.0, 2.0], [np.nan, np.nan]])
    handle = Handle(key="house 1", title="house 1", places=places, size=4.0, moves=False)
    (tile,) = sent(replace(TILE, handles=[handle], placing="Add a house"))["tiles"]
    assert tile["placing"] == "Add a house"
    assert tile["handles"] == [
        {"key": "house 1", "title": "house 1", "places": [[1, 2], [None, None]], "size": 4, "moves": False}
    ]


def test_of_pictures_that_are_alike_only_what_differs_travels():
    pictures = RANDOM.integers(0, 256, (FRAMES, HEIGHT, WIDTH, 3)).astype(np.uint8)
    pictures[1:] = pictures[0]
    pictures[2, 1, 2] += 200  # beyond 255 it goes on from 0
    (tile,) = sent(replace(TILE, values=pictures, kind="picture", alike=True))["tiles"]
    assert not tile["values"][1].any()
    assert np.count_nonzero(tile["values"][2]) == 3
    assert np.array_equal(tile["values"].cumsum(axis=0, dtype=np.uint8), pictures)


@pytest.mark.parametrize("signed", [False, True])
def test_the_colours_are_the_palettes_and_have_dark_partners(signed: bool):
    view = sent(TILE, signed=signed)
    ends = [hue for _, hue in view["scale"]]
    assert {*ends, *view["colours"].values()} <= set(dark_partners())
    assert PALETTE["ground"][0] in ends
    meant = {"weight-positive", "weight-negative"} if signed else {"gradient"}
    assert {PALETTE[name][0] for name in meant} <= set(ends)


@pytest.mark.parametrize(
    ("tile", "said"),
    [
        (replace(TILE, values=MAPS[0]), r"gradient: values is \(4, 5\) float32: \(frames, h, w\) is wanted"),
        (replace(TILE, magnitude=MAPS[0]), r"gradient: magnitude is \(4, 5\)"),
        (replace(TILE, kind="picture"), r"gradient: values is .*\(frames, h, w, 3\) uint8 is wanted"),
        (replace(TILE, kind="picture", values=PICTURE / 255), "float64"),
        (replace(TILE, number=MAPS), r"gradient: number is \(3, 4, 5\) float32: \(frames,\) is wanted"),
        (replace(TILE, row=3), "gradient: row is 3, and values has 3 of them"),
        (replace(TILE, row=2, number=np.ones(2)), "row is 2, and number has 2"),
        (replace(TILE, handles=[Handle(key="a", title="a", places=np.ones(2))]), r"gradient: places of a is \(2,\)"),
        (replace(TILE, handles=[Handle(key="a", title="a", places=np.ones((1, 2)))] * 2), "two handles are a"),
        (replace(TILE, alike=True), "gradient: alike is for pictures"),
        (replace(TILE, outline=MASK.T), r"outline is \(5, 4\), and the tile is \(4, 5\)"),
    ],
)
def test_a_tile_that_does_not_fit_is_named(tile: Tile, said: str):
    with pytest.raises(ValueError, match=said):
        sent(tile)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"clip": 101}, "clip is 101"),
        ({"overlay": -0.1}, "overlay is -0.1"),
        ({"columns": -1}, "columns is -1"),
        ({"picture": MAPS}, r"picture is \(3, 4, 5\)"),
    ],
)
def test_a_display_that_cannot_be_is_refused(more: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        sent(TILE, **more)


def test_two_tiles_of_one_key_are_refused():
    with pytest.raises(ValueError, match="tiles are gradient, gradient"):
        sent(TILE, TILE)


def test_no_tiles_are_refused():
    with pytest.raises(ValueError, match="tiles are none"):
        sent()
