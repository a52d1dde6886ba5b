"""How the things of a drawn aerial scene look, and their shadows; knows nothing of where they come from.

A thing's own details come from its own generator, so no other thing changes them.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dlcore.datasets.aerial_ground import mixed
from dlcore.datasets.aerial_scene import FINE, Graph, SceneConfig, Thing
from dlcore.datasets.aerial_shapes import blob, crowns, hull, hulled, outline, placed, rectangle, ribbon, width

Colour = np.ndarray  # (3,), 0 to 255
Bytes = int | tuple[int, ...]
Ends = tuple[tuple[int, ...], tuple[int, ...]]
# Colours in area A and in area B.
ROOFS: tuple[Ends, ...] = (
    ((206, 72, 44), (236, 228, 214)),
    ((186, 58, 46), (216, 190, 160)),
    ((222, 96, 56), (206, 116, 78)),
    ((166, 74, 60), (122, 132, 146)),
    ((196, 84, 70), (246, 240, 232)),
)
FLATS: tuple[Ends, ...] = (
    ((214, 214, 212), (150, 104, 84)),
    ((178, 180, 184), (232, 226, 214)),
    ((232, 228, 222), (176, 176, 178)),
    ((196, 204, 216), (212, 196, 172)),
)
WATER: Ends = ((44, 92, 138), (52, 140, 142))
SHORE: Ends = ((196, 190, 128), (228, 214, 170))
ASPHALT: Ends = ((128, 126, 128), (168, 148, 124))
VERGE: Ends = ((176, 172, 156), (222, 208, 180))
LEAVES: Ends = ((44, 96, 42), (98, 116, 58))
HULLS = ((248, 248, 246), (250, 244, 228), (238, 240, 246))
DECKS = ((206, 60, 44), (44, 76, 140), (240, 176, 60), (150, 104, 66))
SHADOW = (16, 20, 34)
SUN = np.array([0.62, 0.78])  # the way a shadow falls, per pixel of height
HEIGHT = {"house": 1.5, "building": 3.0, "tree": 1.8, "boat": 0.6, "forest": 2.4}


class Pen:
    """Draws in the units of the small picture on a canvas FINE times as large."""

    def __init__(self, canvas: Image.Image, see_through: bool = False):
        self.draw = ImageDraw.Draw(canvas, "RGBA" if see_through else None)

    def polygon(self, corners: np.ndarray, fill: "Colour | Bytes", cover: int | None = None) -> None:
        """Fills a polygon, (corners, 2)."""
        self.draw.polygon((FINE * corners - 0.5).ravel().tolist(), fill=_fill(fill, cover))

    def disc(self, x: float, y: float, radius: float, fill: "Colour | Bytes", cover: int | None = None) -> None:
        """Fills a disc."""
        x, y, radius = FINE * x - 0.5, FINE * y - 0.5, FINE * radius
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_fill(fill, cover))

    def line(self, points: np.ndarray, fill: "Colour | Bytes", wide: float, cover: int | None = None) -> None:
        """Draws a line through points, (points, 2)."""
        path = (FINE * points - 0.5).ravel().tolist()
        self.draw.line(path, fill=_fill(fill, cover), width=max(1, round(FINE * wide)))


def _fill(fill: "Colour | Bytes", cover: int | None) -> Bytes:
    if isinstance(fill, int | tuple):
        return fill
    red, green, blue = (min(max(int(part), 0), 255) for part in fill.tolist())
    return (red, green, blue) if cover is None else (red, green, blue, cover)


def painted(canvas: Image.Image, graph: Graph) -> None:
    """Draws all things on the fields, from the water up to the roofs."""
    for kinds in LAYERS:
        things = [thing for kind in kinds for thing in graph.of(kind)]
        if things and kinds[0] in HEIGHT:
            _shadows(canvas, graph.config, things)
        for thing in things:
            PAINTERS[thing.kind](canvas, graph.config, thing)


LAYERS = (("river", "lake"), ("road",), ("boat",), ("forest",), ("building", "house", "tree"))


def _shadows(canvas: Image.Image, config: SceneConfig, things: list[Thing]) -> None:
    """The shadows of things, all at once, so that two of them are no darker than one."""
    depth = Image.new("L", canvas.size)
    pen = Pen(depth)
    for thing in things:
        away = HEIGHT[thing.kind] * SUN * config.between(1, 0.85)
        if thing.kind == "tree":
            for step in (0.5, 1.0):
                pen.disc(thing.x + step * away[0], thing.y + step * away[1], thing.size / 2, 255)
        elif thing.kind == "forest":
            for x, y, radius in crowns(config, thing).tolist():
                pen.disc(x + away[0], y + away[1], radius, 255)
        else:
            corners = outline(config, thing)
            pen.polygon(hulled(np.concatenate([corners, corners + away])), 255)
    left, top, right, bottom = depth.getbbox() or (0, 0, 1, 1)
    box = (max(left - 2, 0), max(top - 2, 0), min(right + 2, depth.width), min(bottom + 2, depth.height))
    soft = depth.crop(box).filter(ImageFilter.BoxBlur(1))
    strong = config.between(0.5, 0.56)
    canvas.paste(SHADOW, box, soft.point([round(strong * value) for value in range(256)]))


def _house(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """A gabled roof: a light and a dark half, a ridge, a chimney."""
    kind, bright, chimney, mirror = config.traits("house", thing.number)[3:7]
    roof = mixed(ROOFS[int(kind * len(ROOFS))], config.domain) * (0.9 + 0.2 * bright)
    long, wide = thing.size, width(config, thing)
    pen = Pen(canvas)
    turn = math.radians(thing.angle)
    facing = float(np.array([-math.sin(turn), math.cos(turn)]) @ SUN)  # of the half that lies across
    light, dark = (roof * 1.14 + 8, roof * 0.74) if facing > 0 else (roof * 0.74, roof * 1.14 + 8)
    pen.polygon(rectangle(thing, 0, -wide / 4, long, wide / 2), light)
    pen.polygon(rectangle(thing, 0, wide / 4, long, wide / 2), dark)
    for row in (-0.36, -0.18, 0.18, 0.36):
        ends = np.array([(-long / 2, row * wide), (long / 2, row * wide)])
        Pen(canvas, see_through=True).line(placed(thing, ends), roof * 0.5, 0.3, 70)
    pen.line(placed(thing, np.array([(-long / 2, 0.0), (long / 2, 0.0)])), roof * 1.25 + 16, 0.34)
    side = 1 if mirror < 0.5 else -1
    pen.polygon(rectangle(thing, (0.3 - 0.5 * chimney) * long, side * 0.2 * wide, 1.0, 0.9), roof * 0.42)


def _building(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """A flat roof with a parapet, and machines and skylights on it."""
    kind, bright, lights, *units = config.traits("building", thing.number)[3:18]
    roof = mixed(FLATS[int(kind * len(FLATS))], config.domain) * (0.92 + 0.14 * bright)
    long, wide = thing.size, width(config, thing)
    pen = Pen(canvas)
    pen.polygon(outline(config, thing), roof * 1.1 + 12)
    pen.polygon(rectangle(thing, 0, 0, long - 1.3, wide - 1.3), roof * 0.8)
    pen.polygon(rectangle(thing, 0.15, 0.15, long - 1.7, wide - 1.7), roof)
    if lights < 0.45:
        for column in np.linspace(-0.36, 0.36, 5):
            pen.polygon(rectangle(thing, column * long, -0.18 * wide, 0.07 * long, 0.42 * wide), roof * 0.72)
    for along, across, size in np.reshape(units, (4, 3)).tolist()[: 2 + int(3 * lights)]:
        spot = (0.72 * (along - 0.5) * long, 0.62 * (across - 0.5) * wide)
        side = 1.3 + 1.1 * size
        pen.polygon(rectangle(thing, *spot, side, side) + 0.5 * SUN, roof * 0.5)
        pen.polygon(rectangle(thing, *spot, side, side), roof * 0.86 if size > 0.5 else roof * 1.15 + 10)


def _tree(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """A round crown, lumpy and lighter where the sun is."""
    own = config.traits("tree", thing.number)
    leaves = _leaves(config, own[3:7])
    pen, radius = Pen(canvas), thing.size / 2
    pen.disc(thing.x, thing.y, radius, leaves * 0.66)
    for bearing, far, size, bright in np.reshape(own[7:35], (7, 4)).tolist():
        away = 0.52 * radius * math.sqrt(far)
        x = thing.x + away * math.cos(2 * math.pi * bearing) - 0.1 * radius
        y = thing.y + away * math.sin(2 * math.pi * bearing) - 0.14 * radius
        lit = 1 - 0.18 * ((x - thing.x) + (y - thing.y)) / radius
        pen.disc(x, y, radius * (0.24 + 0.2 * size), leaves * (0.82 + 0.34 * bright) * lit)


def _leaves(config: SceneConfig, chances: tuple[float, ...]) -> Colour:
    tint = 1 + 0.2 * (np.array(chances[:3]) - 0.5)
    return mixed(LEAVES, config.domain) * tint * (0.9 + 0.3 * chances[3])


def _forest(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """Crown beside crown, each with a dark rim below and a light spot above."""
    draw = config.own("forest", thing.number, 3)
    leaves = _leaves(config, config.traits("forest", thing.number)[3:7])
    trees = crowns(config, thing)
    pen = Pen(canvas)
    edge, middle = blob(config, thing), np.array([thing.x, thing.y])
    pen.polygon(middle + 0.88 * (edge - middle), leaves * 0.42)
    shades = 0.8 + 0.42 * draw.random(len(trees))
    tints = 1 + 0.12 * (draw.random((len(trees), 3)) - 0.5)
    fills = shades[:, None] * tints * leaves
    rim, crown, spot = ([tuple(row) for row in (fills * part).astype(int).tolist()] for part in (0.58, 0.94, 1.3))
    for number, (x, y, radius) in enumerate(trees.tolist()):
        pen.disc(x, y, radius, rim[number])
        pen.disc(x - 0.16 * radius, y - 0.2 * radius, 0.76 * radius, crown[number])
        pen.disc(x - 0.34 * radius, y - 0.4 * radius, 0.36 * radius, spot[number])


def _boat(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """A white hull with a deck and a cabin."""
    body, deck, bright = config.traits("boat", thing.number)[3:6]
    white = np.array(HULLS[int(body * len(HULLS))], dtype=np.float32) * (0.95 + 0.05 * bright)
    pen = Pen(canvas)
    pen.polygon(placed(thing, hull(thing.size)), white)
    inner = hull(thing.size) * (0.68, 0.52)
    pen.polygon(placed(thing, inner), np.array(DECKS[int(deck * len(DECKS))], dtype=np.float32))
    pen.polygon(rectangle(thing, -0.06 * thing.size, 0, 0.26 * thing.size, 0.22 * thing.size), white * 0.98)


def _lake(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """A sandy shore, shallow water and deep water."""
    water = _water(config, thing)
    pen = Pen(canvas)
    edge, middle = blob(config, thing), np.array([thing.x, thing.y])
    away = edge - middle
    out = away / np.hypot(*away.T)[:, None]
    pen.polygon(edge + 0.9 * out, mixed(SHORE, config.domain))
    pen.polygon(edge, water * 1.16 + 10)
    for inset, bright in ((0.7, 1.06), (1.9, 1.0), (4.0, 0.94), (7.0, 0.9)):
        if thing.size > 3.2 * inset:
            pen.polygon(edge - inset * out, water * bright)
    glints = config.own("lake", thing.number, 4).random((int(thing.size / 2.2), 3))
    spots = np.stack([np.cos(2 * math.pi * glints[:, 0]), np.sin(2 * math.pi * glints[:, 0])], axis=1)
    spots = middle + 0.36 * thing.size * np.sqrt(glints[:, 1:2]) * spots
    _glints(canvas, spots, glints[:, 2], water)


def _glints(canvas: Image.Image, spots: np.ndarray, lengths: np.ndarray, water: Colour) -> None:
    pen = Pen(canvas, see_through=True)
    for spot, length in zip(spots, lengths.tolist(), strict=True):
        pen.line(spot + np.array([(0, 0), (1 + 1.6 * length, 0.2)]), water * 1.3 + 30, 0.34, 110)


def _water(config: SceneConfig, thing: Thing) -> Colour:
    tint = 1 + 0.24 * (np.array(config.traits(thing.kind, thing.number)[3:6]) - 0.5)
    return mixed(WATER, config.domain) * tint


def _river(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """Two banks, and water that is deeper in the middle."""
    water = _water(config, thing)
    points = np.array(thing.points)
    pen = Pen(canvas)
    pen.polygon(ribbon(points, thing.size + 1.6), mixed(SHORE, config.domain))
    pen.polygon(ribbon(points, thing.size), water * 1.14 + 8)
    for inset, bright in ((1.2, 1.05), (3.0, 1.0), (6.5, 0.95)):
        if thing.size > 1.5 * inset:
            pen.polygon(ribbon(points, thing.size - inset), water * bright)
    glints = config.own("river", thing.number, 4).random((int(2 * thing.size), 3))
    aside = (glints[:, 1:2] - 0.5) * thing.size * 0.7
    spots = points[(glints[:, 0] * len(points)).astype(int)] + aside
    _glints(canvas, spots, glints[:, 2], water)


def _road(canvas: Image.Image, config: SceneConfig, thing: Thing) -> None:
    """Verges, asphalt and a dashed line, which fade in area B, where wheels have left two tracks."""
    tint = 1 + 0.1 * (np.array(config.traits("road", thing.number)[3:6]) - 0.5)
    stone = mixed(ASPHALT, config.domain) * tint
    points = np.array(thing.points)
    pen = Pen(canvas)
    pen.polygon(ribbon(points, thing.size), mixed(VERGE, config.domain) * tint)
    pen.polygon(ribbon(points, thing.size - 0.9), stone)
    clear = Pen(canvas, see_through=True)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    for start in np.arange(1.0, along[-1], 5.0):
        ends = np.array([start, start + 2.4])
        dash = np.stack([np.interp(ends, along, points[:, 0]), np.interp(ends, along, points[:, 1])], axis=1)
        clear.line(dash, np.array([246.0, 244.0, 236.0]), 0.5, round(config.between(200, 20)))
    for side in (-1, 1):
        rut = ribbon(points, side * 0.42 * thing.size)[: len(points)]
        clear.line(rut, stone * 0.8, 0.5, round(config.between(40, 150)))


PAINTERS: dict[str, Callable[[Image.Image, SceneConfig, Thing], None]] = {
    "house": _house,
    "building": _building,
    "tree": _tree,
    "boat": _boat,
    "forest": _forest,
    "lake": _lake,
    "river": _river,
    "road": _road,
}
