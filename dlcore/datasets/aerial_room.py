"""Where there is still room in a drawn aerial scene: places for things, and what is taken."""

import math
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from dlcore.datasets.aerial_scene import SIDE, SceneConfig, Thing, fresh
from dlcore.datasets.aerial_shapes import BOAT_WIDTH, cover, placed, width

ONE_SIDED = 0.55  # of the kinds of things keep to one side
EDGE = 3.2  # pixels that things keep from the border, so that their shadows are in the picture
GAP = 1.7  # pixels that they keep from each other
BOAT_GAP = 0.8
MARGIN = 40  # pixels around the picture: no thing reaches farther
SPOTS = 500  # places that are tried for each kind


def covered(config: SceneConfig, things: list[Thing]) -> np.ndarray:
    """Where these things are, bool, in the picture and MARGIN pixels around it, where nothing is."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    for thing in things:
        cover(pen, config, thing, 1, 1)
    taken = np.zeros((SIDE + 2 * MARGIN, SIDE + 2 * MARGIN), dtype=bool)
    taken[MARGIN:-MARGIN, MARGIN:-MARGIN] = canvas
    return taken


def least_seen(config: SceneConfig, things: list[Thing]) -> float:
    """Each thing lies on those before it: the smallest part of one that is still seen, 1 for none."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    whole = []
    for fill, thing in enumerate(things, start=1):
        cover(pen, config, thing, fill, 1)
        whole.append(canvas.histogram()[fill])
    seen = canvas.histogram()[1 : len(things) + 1]
    return min((part / max(all_of_it, 1) for part, all_of_it in zip(seen, whole, strict=True)), default=1.0)


def hits(taken: np.ndarray, spots: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """How many of a thing's cells are taken at each of these places, (spots,)."""
    x, y = (spots[:, None, axis] + (cells[:, axis] + MARGIN) for axis in (0, 1))
    return taken.ravel()[y.astype(int) * len(taken) + x.astype(int)].sum(axis=1)


class Room:
    """The land and the water that are still free."""

    def __init__(self, config: SceneConfig, draw: np.random.Generator, regions: list[Thing], water: list[Thing]):
        self.config, self.draw = config, draw
        wet, land = covered(config, water), covered(config, regions)
        self.taken = {"land": wet | land, "water": ~wet | land}
        for taken in self.taken.values():
            edge = MARGIN + math.ceil(EDGE)
            taken[:edge] = taken[-edge:] = True
            taken[:, :edge] = taken[:, -edge:] = True

    def filled(self, kind: str, most: int, along: list[Thing]) -> list[Thing]:
        """Puts up to that many things of a kind where there is room for them; houses and boats lie along curves."""
        things: list[Thing] = []
        spots, liking = self._spots(kind, [thing for thing in along if thing.points])
        order = spots[liking.argsort()]
        for number in range(1, most + 1):
            thing = fresh(self.config, kind, number, 0, 0)
            found = self._moored(thing, order, along) if kind == "boat" else self._place(aligned(thing, along), order)
            if found is None:
                break
            things.append(found)
        return things

    def _spots(self, kind: str, curves: list[Thing]) -> tuple[np.ndarray, np.ndarray]:
        """Places to try, (SPOTS, 2), and how far each is from being liked."""
        spots = EDGE + (SIDE - 2 * EDGE) * self.draw.random((SPOTS, 2))
        liking = self.draw.random(SPOTS)
        one_sided, side, close, *middle = self.draw.random(5).tolist()
        if one_sided < ONE_SIDED:
            across = spots[:, int(2 * side)] / SIDE
            liking += 3 * np.maximum((across if int(4 * side) % 2 else 1 - across) - 0.42, 0) ** 0.5
        if close < 0.5 and kind == "house":
            target = np.concatenate([curve.points[::4] for curve in curves]) if curves else SIDE * np.array([middle])
            liking += 0.07 * np.linalg.norm(spots[:, None] - target, axis=2).min(axis=1)
        return spots, liking

    def _moored(self, thing: Thing, spots: np.ndarray, water: list[Thing]) -> Thing | None:
        """As `_place`, for a boat, which on a river looks up or down it."""
        for spot in spots[hits(self.taken["water"], spots, WITHIN) == 0]:
            found = self._place(heading(thing, spot, water), spot[None])
            if found is not None:
                return found
        return None

    def _place(self, thing: Thing, spots: np.ndarray) -> Thing | None:
        """The thing at the first of these places that is free, which it then takes; None if there is none."""
        taken = self.taken["water" if thing.kind == "boat" else "land"]
        cells = _cells(self.config, thing, BOAT_GAP if thing.kind == "boat" else GAP, 1.6)
        for start in range(0, len(spots), 25):
            free = hits(taken, spots[start : start + 25], cells) == 0
            if free.any():
                x, y = spots[start + int(free.argmax())].tolist()
                found = replace(thing, x=x, y=y)
                exact = (np.array([x, y]) + MARGIN + _cells(self.config, thing, 1.0, 1.0)).astype(int)
                taken[exact[:, 1], exact[:, 0]] = True
                return found
        return None


def aligned(thing: Thing, roads: list[Thing]) -> Thing:
    """A house or building that lies nearly along or across the first road, if there is one."""
    if not roads:
        return thing
    quarter, rest = divmod(thing.angle, 90)
    return replace(thing, angle=(roads[0].angle + 90 * quarter + 0.4 * (rest - 45)) % 180)


def heading(boat: Thing, spot: np.ndarray, water: list[Thing]) -> Thing:
    """A boat that looks up or down the river that it is on, if it is on one."""
    for river in (thing for thing in water if thing.points):
        line = np.array(river.points)
        away = np.hypot(*(line - spot).T)
        nearest = int(away[1:-1].argmin()) + 1
        if away[nearest] < 0.7 * river.size + 2:
            across, down = line[nearest + 1] - line[nearest - 1]
            way = math.degrees(math.atan2(down, across))
            half, rest = divmod(boat.angle, 180)
            return replace(boat, angle=(way + 180 * half + 0.12 * (rest - 90)) % 360)
    return boat


def _cells(config: SceneConfig, thing: Thing, gap: float, step: float) -> np.ndarray:
    """Points so many pixels apart that fill a thing at 0, 0 and a gap around it, (cells, 2)."""
    wide = width(config, thing) if thing.kind in ("house", "building") else thing.size * WIDTH[thing.kind]
    long, wide = thing.size + 2 * gap, wide + 2 * gap
    columns, rows = math.ceil(long / step) + 1, math.ceil(wide / step) + 1
    across, along = np.divmod(np.arange(columns * rows), columns)
    grid = np.stack([(along / (columns - 1) - 0.5) * long, (across / (rows - 1) - 0.5) * wide], axis=1)
    return placed(replace(thing, x=0.0, y=0.0), grid)


WITHIN = np.array([(0, 0), (1.9, 0), (-1.9, 0), (0, 1.9), (0, -1.9)])  # of a boat, however it is turned
WIDTH = {"tree": 1.0, "boat": BOAT_WIDTH}  # of the length
