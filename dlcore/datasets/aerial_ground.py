"""The fields of a drawn aerial scene: patches with crop rows, hedges between them, and what is scattered there."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from dlcore.datasets.aerial_scene import FINE, GROUND, SIDE, SceneConfig

WHOLE = FINE * SIDE
# Colours of the same crops in area A and B, as sRGB bytes.
CROPS = (
    ((122, 158, 72), (176, 160, 96)),
    ((112, 152, 72), (152, 142, 78)),
    ((160, 178, 88), (208, 190, 132)),
    ((192, 174, 108), (214, 196, 158)),
    ((150, 122, 82), (188, 138, 98)),
    ((174, 188, 104), (168, 148, 118)),
    ((100, 140, 66), (140, 146, 72)),
)
HEDGE = ((70, 104, 48), (222, 208, 176))
SPECK = ((212, 196, 120), (112, 112, 62))  # hay bales, and dry shrubs


class Patch(NamedTuple):
    """A field: its corners, (4, 2), fine pixels, the direction of its rows, and the chances for its looks."""

    corners: np.ndarray
    angle: float
    chances: list[float]


def mixed(ends: tuple[tuple[int, ...], tuple[int, ...]], domain: float) -> np.ndarray:
    """A colour between that of area A and that of area B, (3,), 0 to 255."""
    first, second = np.array(ends[0], dtype=np.float32), np.array(ends[1], dtype=np.float32)
    return first + (second - first) * np.float32(domain)


def lit(canvas: Image.Image, light: np.ndarray) -> np.ndarray:
    """A canvas under light, which is near 1 and below 2 at each pixel."""
    strong = (128 * light).astype(np.uint16)[..., None]  # so that 16 bits hold the product, which is quick
    pixels = np.asarray(canvas) * strong
    pixels >>= 7
    return np.minimum(pixels, 255, out=pixels).astype(np.uint8)


def ground(config: SceneConfig) -> tuple[np.ndarray, np.ndarray]:
    """The fields, (WHOLE, WHOLE, 3) uint8, and the light on them and on all else, (WHOLE, WHOLE) float32 near 1."""
    chances = config.chances(GROUND)
    patches = _patches(chances)
    which = Image.new("L", (WHOLE, WHOLE))
    pen = ImageDraw.Draw(which)
    for number, patch in enumerate(patches):
        pen.polygon(patch.corners.ravel().tolist(), fill=number)
    place = np.asarray(which)
    light = _light(chances)
    which.putpalette(_colours(config, patches).ravel().tolist())
    canvas = Image.fromarray(lit(which.convert("RGB"), light * _rows(config, patches, place)))
    _borders(canvas, config, patches, chances)
    _specks(canvas, config, chances)
    return np.asarray(canvas), light


def _patches(chances: np.random.Generator) -> list[Patch]:
    """A turned square around the picture, cut again and again into fields."""
    turn = math.pi * chances.random()
    reach = 0.72 * WHOLE
    boxes, cut = [(-reach, -reach, reach, reach)], []
    smallest = WHOLE**2 * chances.uniform(0.1, 0.5)
    while boxes:
        left, top, right, bottom = box = boxes.pop()
        share, chance = chances.uniform(0.32, 0.68), chances.random()
        if (right - left) * (bottom - top) < smallest * (0.6 + 0.8 * chance):
            cut.append(box)
        elif right - left > bottom - top:
            middle = left + share * (right - left)
            boxes += [(left, top, middle, bottom), (middle, top, right, bottom)]
        else:
            middle = top + share * (bottom - top)
            boxes += [(left, top, right, middle), (left, middle, right, bottom)]
    axes = np.array([(math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))])
    patches = []
    for left, top, right, bottom in cut:
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ axes + WHOLE / 2
        looks = chances.random(6).tolist()
        patches.append(Patch(corners, turn + math.pi / 2 * (looks[0] < 0.5), looks))
    return patches


def _light(chances: np.random.Generator) -> np.ndarray:
    """Brightness that changes over the picture, slowly, over a few pixels, and from pixel to pixel."""
    light = 1 + 0.08 * (chances.random((SIDE, SIDE), dtype=np.float32) - 0.5)
    for cells, strong in ((5, 0.13), (26, 0.1)):
        coarse = Image.fromarray(chances.random((cells, cells), dtype=np.float32) - 0.5)
        light += strong * np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    return np.asarray(Image.fromarray(light).resize((WHOLE, WHOLE), Image.Resampling.BILINEAR))


def _colours(config: SceneConfig, patches: list[Patch]) -> np.ndarray:
    """The colour of each patch, (patches, 3) uint8."""
    colours = []
    for patch in patches:
        _, crop, red, green, blue, bright = patch.chances
        colour = mixed(CROPS[int(crop * len(CROPS))], config.domain)
        tint = 1 + 0.1 * (np.array([red, green, blue], dtype=np.float32) - 0.5)
        colours.append(colour * tint * (0.93 + 0.14 * bright))
    return np.array(colours).clip(0, 255).astype(np.uint8)


def _rows(config: SceneConfig, patches: list[Patch], place: np.ndarray) -> np.ndarray:
    """Crop rows: brightness as a wave across each field, (WHOLE, WHOLE)."""
    angles = np.array([patch.angle for patch in patches])
    periods = FINE * np.array([2.1 + 1.9 * patch.chances[3] for patch in patches])
    strong = np.array([max(patch.chances[4] - 0.15, 0) for patch in patches]) * config.between(0.12, 0.09)
    waves = (2 * math.pi / periods * np.stack([np.cos(angles), np.sin(angles)])).astype(np.float32)
    line = np.arange(WHOLE, dtype=np.float32)
    where = place.astype(np.intp)
    phase = waves[0].take(where) * line + waves[1].take(where) * line[:, None]
    np.sin(phase, out=phase)
    phase *= strong.astype(np.float32).take(where)
    phase += 1
    return phase


def _borders(canvas: Image.Image, config: SceneConfig, patches: list[Patch], chances: np.random.Generator) -> None:
    """A hedge or a path around some of the fields."""
    pen = ImageDraw.Draw(canvas, "RGBA")
    fill = (*mixed(HEDGE, config.domain).astype(int).tolist(), 110)
    for patch, chance in zip(patches, chances.random(len(patches)), strict=True):
        if chance < 0.6:
            loop = [*map(tuple, patch.corners.tolist()), tuple(patch.corners[0].tolist())]
            pen.line(loop, fill=fill, width=2 + (chance < 0.25))


def _specks(canvas: Image.Image, config: SceneConfig, chances: np.random.Generator) -> None:
    """Small dots in the fields, more of them in area B; much smaller than a tree."""
    pen = ImageDraw.Draw(canvas, "RGBA")
    spots = (WHOLE * chances.random((26, 2))).tolist()
    often = chances.random() * config.between(0.45, 1.0)
    fill = (*mixed(SPECK, config.domain).astype(int).tolist(), 150)
    for x, y in spots[: int(len(spots) * often)]:
        pen.ellipse((x - 2, y - 2, x + 1, y + 1), fill=fill)
