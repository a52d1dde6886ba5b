"""The outlines of ten objects, each as coloured polygons around the origin; knows neither pixels nor places nor hues.

x runs to the right and y down; a shape is about two units across. A part's fill is a role, such as "main" or "glass",
which whoever draws it turns into a colour.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

FULL, UPRIGHT = 180.0, 14.0  # degrees that a shape may be turned to either side


class Part(NamedTuple):
    """A polygon, and the role of the colour that fills it."""

    corners: np.ndarray  # (corners, 2), x and y
    fill: str = "main"


Parts = list[Part]


class Shape(NamedTuple):
    """How an object's parts are made, from back to front, and how it may stand."""

    parts: Callable[[np.random.Generator], Parts]
    area: float  # of its outline, in square units, on average
    tilt: float = UPRIGHT


def polygon(corners: Sequence[tuple[float, float]], fill: str = "main") -> Part:
    """A part from its corners."""
    return Part(np.array(corners, dtype=float), fill)


def box(left: float, top: float, right: float, bottom: float, fill: str = "main") -> Part:
    """A rectangle."""
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)], fill)


def disc(x: float, y: float, radius: float, fill: str = "main", *, tall: float = 1.0) -> Part:
    """A circle, or an ellipse whose height is `tall` times its width."""
    return Part(np.array([x, y]) + _circle(radius) * [1, tall], fill)


def _circle(radius: float, corners: int = 28) -> np.ndarray:
    angles = np.linspace(0, 2 * math.pi, corners + 1)
    return radius * np.column_stack([np.cos(angles), np.sin(angles)])


def _triangle(chances: np.random.Generator) -> Parts:
    half, top = chances.uniform(0.78, 1.0), -chances.uniform(0.85, 1.1)
    return [polygon([(0, top), (half, 0.7), (-half, 0.7)])]


def _star(chances: np.random.Generator) -> Parts:
    radii = np.tile([1.0, chances.uniform(0.38, 0.5)], 5)
    angles = np.arange(10) * math.pi / 5 - math.pi / 2
    return [Part(radii[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]))]


def _ring(chances: np.random.Generator) -> Parts:
    hole = _circle(chances.uniform(0.46, 0.64), 40)
    return [Part(np.concatenate([_circle(1.0, 40), hole[::-1]]))]  # one closed line: around, in, and back around


def _cross(chances: np.random.Generator) -> Parts:
    arm = chances.uniform(0.26, 0.38)
    corner = np.array([(-arm, -1), (arm, -1), (arm, -arm)])  # and three more, each a quarter turn on
    turns = [np.array([[c, s], [-s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return [Part(np.concatenate([corner @ turn for turn in turns]))]


def _heart(chances: np.random.Generator) -> Parts:
    t = np.linspace(0, 2 * math.pi, 44)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [Part(np.column_stack([x * chances.uniform(0.9, 1.1), y + 2.5]) / 15.5)]


def _house(chances: np.random.Generator) -> Parts:
    wall, eaves, ridge = chances.uniform(0.66, 0.82), chances.uniform(-0.2, 0), -chances.uniform(0.85, 1.05)
    door, pane = chances.uniform(0.15, 0.21), chances.uniform(0.14, 0.19)
    left = -chances.uniform(0.25, 0.45) * wall / 0.75
    return [
        box(0.34, ridge + 0.08, 0.56, eaves, "dark"),
        box(-wall, eaves - 0.05, wall, 0.9),
        polygon([(0, ridge), (wall + 0.25, eaves), (-wall - 0.25, eaves)], "second"),
        box(left - door, 0.25, left + door, 0.9, "ink"),
        box(0.38 - pane, 0.2, 0.38 + pane, 0.2 + 2 * pane, "glow"),
    ]


def _tree(chances: np.random.Generator) -> Parts:
    around = chances.uniform(0, 2 * math.pi) + np.arange(5) * 2 * math.pi / 5
    crown = [
        disc(0.42 * math.cos(a), -0.34 + 0.36 * math.sin(a), size, "leaf")
        for a, size in zip(around, chances.uniform(0.4, 0.52, 5), strict=True)
    ]
    trunk = chances.uniform(0.13, 0.19)
    return [
        polygon([(-trunk, 0), (trunk, 0), (1.3 * trunk, 1.0), (-1.3 * trunk, 1.0)], "wood"),
        *crown,
        disc(0, -0.34, 0.5, "leaf"),
        disc(-0.2, -0.52, 0.27, "leaf light"),
    ]


def _boat(chances: np.random.Generator) -> Parts:
    mast, top = chances.uniform(-0.08, 0.12), -chances.uniform(0.95, 1.1)
    bow, keel = chances.uniform(0.9, 1.05), chances.uniform(0.55, 0.68)
    return [
        box(mast - 0.05, top, mast + 0.05, 0.45, "wood"),
        polygon([(mast - 0.09, top + 0.06), (mast - 0.09, 0.3), (mast - chances.uniform(0.72, 0.88), 0.3)], "white"),
        polygon([(mast + 0.1, top + 0.25), (mast + 0.1, 0.3), (mast + chances.uniform(0.55, 0.7), 0.3)], "second"),
        polygon([(-bow, 0.4), (bow, 0.4), (keel, 0.88), (-keel - 0.05, 0.88)]),
        polygon([(-bow, 0.4), (bow, 0.4), (bow - 0.09, 0.52), (-bow + 0.09, 0.52)], "dark"),
    ]


def _car(chances: np.random.Generator) -> Parts:
    roof, front, back = -chances.uniform(0.5, 0.6), chances.uniform(0.34, 0.46), -chances.uniform(0.42, 0.56)
    wheel = chances.uniform(0.22, 0.26)
    glass = roof + 0.1
    return [
        polygon([(back, roof), (front, roof), (front + 0.26, 0), (back - 0.18, 0)]),
        polygon([(-1, -0.08), (0.9, -0.08), (1.02, 0.06), (1.02, 0.4), (-1.04, 0.4), (-1.04, 0.02)]),
        polygon([(back + 0.05, glass), (-0.07, glass), (-0.07, -0.08), (back - 0.08, -0.08)], "glass"),
        polygon([(0.05, glass), (front - 0.03, glass), (front + 0.14, -0.08), (0.05, -0.08)], "glass"),
        box(-1.04, 0.25, 1.02, 0.4, "dark"),
        box(0.9, 0.02, 1.02, 0.16, "glow"),
        *(disc(x, 0.4, wheel, "ink") for x in (-0.55, 0.55)),
        *(disc(x, 0.4, 0.45 * wheel, "white") for x in (-0.55, 0.55)),
    ]


def _fish(chances: np.random.Generator) -> Parts:
    tall, tail = chances.uniform(0.56, 0.7), chances.uniform(0.38, 0.5)
    return [
        polygon([(0.5, 0), (1.15, -tail), (0.98, 0), (1.15, tail)], "dark"),
        polygon([(-0.28, -0.7 * tall), (0.12, -0.78 * tall - 0.32), (0.35, -0.4 * tall)], "dark"),
        polygon([(-0.15, 0.6 * tall), (0.15, 0.7 * tall + 0.25), (0.28, 0.4 * tall)], "dark"),
        disc(-0.12, 0, 0.8, tall=tall),
        polygon([(-0.12, -0.02), (0.25, -0.16), (0.3, 0.14)], "dark"),
        disc(-0.54, -0.14, 0.17, "white"),
        disc(-0.56, -0.14, 0.09, "ink"),
    ]


SHAPES: dict[str, Shape] = {
    "triangle": Shape(_triangle, 1.5, FULL),
    "star": Shape(_star, 1.3, FULL),
    "ring": Shape(_ring, 2.13, FULL),
    "cross": Shape(_cross, 2.17, FULL),
    "heart": Shape(_heart, 2.34, 40),
    "house": Shape(_house, 2.38),
    "tree": Shape(_tree, 2.22),
    "boat": Shape(_boat, 1.63),
    "car": Shape(_car, 1.65),
    "fish": Shape(_fish, 1.55, 24),
}
