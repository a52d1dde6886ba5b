"""The outlines of what lies in a drawn aerial scene: what each thing covers, in pixels of the small picture.

The picture and the labels are both drawn from these, so they agree. All that is a thing's own comes from its own
generator, relative to its place: moved, it looks the same.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import ImageDraw

from dlcore.datasets.aerial_scene import SceneConfig, Thing

HOUSE_WIDTH = (0.66, 0.8)  # of its length
BUILDING_WIDTH = (0.52, 0.72)
BOAT_WIDTH = 0.42
CROWN = (2.3, 3.3)  # radius of a crown of a forest, pixels
OUTLINE = 56  # corners of a lake or a forest


class Shape(NamedTuple):
    """What a thing covers: polygons, each (corners, 2), and discs, (discs, 3): x, y and radius."""

    polygons: tuple[np.ndarray, ...]
    discs: np.ndarray


NO_DISCS = np.zeros((0, 3))


def shape(config: SceneConfig, thing: Thing) -> Shape:
    """What a thing covers."""
    if thing.kind == "tree":
        return Shape((), np.array([[thing.x, thing.y, thing.size / 2]]))
    if thing.kind == "forest":
        edge = blob(config, thing)
        middle = np.array([thing.x, thing.y])
        return Shape((middle + 0.88 * (edge - middle),), crowns(config, thing))
    return Shape((outline(config, thing),), NO_DISCS)


def outline(config: SceneConfig, thing: Thing) -> np.ndarray:
    """The corners of a thing that is one polygon, (corners, 2)."""
    if thing.kind in ("house", "building"):
        return rectangle(thing, 0, 0, thing.size, width(config, thing))
    if thing.kind == "boat":
        return placed(thing, hull(thing.size))
    if thing.kind == "lake":
        return blob(config, thing)
    return ribbon(np.array(thing.points), thing.size)


def width(config: SceneConfig, thing: Thing) -> float:
    """The short side of a house or building."""
    low, high = HOUSE_WIDTH if thing.kind == "house" else BUILDING_WIDTH
    return thing.size * (low + (high - low) * config.traits(thing.kind, thing.number)[2])


def placed(thing: Thing, corners: np.ndarray) -> np.ndarray:
    """Corners given along and across a thing, (…, 2), put where it is."""
    turn = math.radians(thing.angle)
    along = np.array([math.cos(turn), math.sin(turn)])
    across = np.array([-math.sin(turn), math.cos(turn)])
    return np.array([thing.x, thing.y]) + corners[..., :1] * along + corners[..., 1:] * across


def rectangle(thing: Thing, along: float, across: float, length: float, wide: float) -> np.ndarray:
    """A rectangle on a thing: its middle's place along and across, and its sides; (4, 2)."""
    sides = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (length / 2, wide / 2)
    return placed(thing, np.array([along, across]) + sides)


def hull(length: float) -> np.ndarray:
    """A boat's outline, bow ahead, along and across, (corners, 2); its centre of area is at 0, 0."""
    ahead = 0.058 + np.array([-0.5, -0.5, -0.1, 0.22, 0.42, 0.5, 0.42, 0.22, -0.1, -0.5])
    aside = np.array([0.0, -0.4, -0.5, -0.42, -0.18, 0.0, 0.18, 0.42, 0.5, 0.4])
    return np.stack([length * ahead, BOAT_WIDTH * length * aside], axis=1)


def blob(config: SceneConfig, thing: Thing) -> np.ndarray:
    """The wavy outline of a lake or forest, (OUTLINE, 2); its area is that of a disc of the thing's size."""
    unit = _unit_blob(config.seed, thing.kind, thing.number)
    return placed(thing, thing.size * unit)


@lru_cache(maxsize=256)
def _unit_blob(seed: int, kind: str, number: int) -> np.ndarray:
    chances = SceneConfig(seed=seed).own(kind, number, 1)
    stretch, *waves = chances.random(9).tolist()
    around = np.linspace(0, 2 * math.pi, OUTLINE, endpoint=False)
    radius = np.ones(OUTLINE)
    for turns, high in ((2, 0.1), (3, 0.1), (4, 0.05), (6, 0.03)):
        strong, start = waves.pop(), waves.pop()
        radius += high * (0.5 + strong) * np.cos(turns * around + 2 * math.pi * start)
    longer = math.sqrt(1 + 0.55 * stretch)
    corners = np.stack([longer * radius * np.cos(around), radius * np.sin(around) / longer], axis=1)
    after = np.roll(corners, -1, axis=0)
    area = 0.5 * abs((corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]).sum())
    corners *= math.sqrt(math.pi / 4 / area)
    corners.setflags(write=False)
    return corners


def crowns(config: SceneConfig, thing: Thing) -> np.ndarray:
    """The trees of a forest, in the order in which they are drawn, (trees, 3): x, y and radius."""
    local = _crowns(config.seed, thing.number, round(thing.size, 6), config.between(1, IN_AREA_B))
    return np.concatenate([placed(thing, local[:, :2]), local[:, 2:]], axis=1)


IN_AREA_B = 0.85  # times as large are a forest's crowns there


@lru_cache(maxsize=64)
def _crowns(seed: int, number: int, size: float, scale: float) -> np.ndarray:
    """A grid with gaps and disorder, as far as it lies in the outline."""
    chances = SceneConfig(seed=seed).own("forest", number, 2)
    step = scale * 1.42 * (CROWN[0] + CROWN[1]) / 2
    count = int(0.8 * size / step) + 2
    row, column = np.mgrid[-count : count + 1, -count : count + 1].reshape(2, -1)
    spots = np.stack([step * (column + 0.5 * (row % 2)), 0.87 * step * row], axis=1)
    spots = spots + chances.uniform(-0.3, 0.3, spots.shape) * step
    radii = scale * chances.uniform(*CROWN, len(spots))
    edge = size * _unit_blob(seed, "forest", number)
    bearing = np.arctan2(edge[:, 1], edge[:, 0])
    order = bearing.argsort()
    reach = np.interp(
        np.arctan2(spots[:, 1], spots[:, 0]), bearing[order], np.hypot(*edge[order].T), period=2 * math.pi
    )
    inside = np.hypot(*spots.T) + 0.55 * radii < reach
    trees = np.concatenate([spots, radii[:, None]], axis=1)[inside]
    trees = trees[chances.permutation(len(trees))]
    trees.setflags(write=False)
    return trees


def ribbon(points: np.ndarray, wide: float) -> np.ndarray:
    """The outline of a band around a curve, (2 · points, 2)."""
    along = np.gradient(points, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    return np.concatenate([points + wide / 2 * across, (points - wide / 2 * across)[::-1]])


def hulled(corners: np.ndarray) -> np.ndarray:
    """The convex hull of points, (corners, 2), by Andrew's monotone chain."""
    points = sorted(map(tuple, corners.tolist()))
    chains = []
    for run in (points, points[::-1]):
        chain: list[tuple[float, float]] = []
        for point in run:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return np.array(chains[0] + chains[1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Twice the area of a triangle; its sign says which way round it goes."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def cover(pen: ImageDraw.ImageDraw, config: SceneConfig, thing: Thing, fill: int, scale: float) -> None:
    """Fills what a thing covers, so many times as large as in the small picture."""
    polygons, discs = shape(config, thing)
    for corners in polygons:
        pen.polygon((scale * corners - 0.5).ravel().tolist(), fill=fill)
    for x, y, radius in (scale * discs).tolist():
        pen.ellipse((x - radius - 0.5, y - radius - 0.5, x + radius - 0.5, y + radius - 0.5), fill=fill)
