"""The plan of a drawn aerial scene: how many things of each kind there are, and where they have room.

All is planned as in area A, where things are largest, with as many as area B has; area A then leaves the last ones
out. So a scene keeps its plan in every area, and a larger domain only adds things.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dlcore.datasets.aerial_room import MARGIN, Room, covered, hits, least_seen
from dlcore.datasets.aerial_scene import IN_AREA_B, KINDS, PLAN, SIDE, Graph, SceneConfig, Thing, fresh

MOST = {"house": 10, "building": 4, "tree": 8, "boat": 5}
# Of the scenes, in area A and B; boats: of those with water.
PRESENT = {"house": (0.53, 0.66), "building": (0.5, 0.62), "tree": (0.5, 0.6), "boat": (0.82, 0.9)}
FLAT = {"boat": 0.72}  # where many have no room, more of them are tried
MORE = 0.3  # how much the numbers lean to many in area B
WATER = ((0.0, 0.0, 0.2), (1.0, 0.0, 0.3), (0.0, 1.0, 0.3), (0.5, 0.5, 0.2))  # river, lake, and how often
SHARES = ((0.026, 0.048), (0.052, 0.098), (0.107, 0.197), (0.21, 0.34))  # of the picture
OFTEN = (0.22, 0.24, 0.25, 0.29)  # the large ones lose some of their area to others and to the border
MOST_GREEN = 0.54  # of the picture are water and forest
FOREST = 0.52  # of the scenes have one
SMALLEST_FOREST = 0.03  # of the picture, on average: none is taken for a tree
ROADS = (0.42, 0.35, 0.23)  # of the scenes have none, one, two
LEAST_SEEN = 0.72  # of each region, or else all are placed anew
ATTEMPTS = 12


def layout(config: SceneConfig) -> Graph:
    """The plan of a scene."""
    plan = _plan(config.seed)
    things = tuple(
        replace(thing, size=thing.size * config.between(1, IN_AREA_B.get(thing.kind, 1)))
        for thing in plan.things
        if thing.kind not in MOST or thing.number <= plan.number(thing.kind, config.domain)
    )
    given = tuple(max((thing.number for thing in things if thing.kind == kind), default=0) for kind in KINDS)
    return Graph(config=config, things=things, given=given)


class Plan(NamedTuple):
    """All that a scene has in any area, and for each of MOST two chances: is it there, and how many are there."""

    things: tuple[Thing, ...]
    chances: dict[str, tuple[float, float]]

    def number(self, kind: str, domain: float) -> int:
        """How many of a kind a scene shows, if there is room; it never falls with the domain."""
        return number(kind, *self.chances[kind], domain)


def number(kind: str, there: float, many: float, domain: float) -> int:
    """How many of a kind: none, or one to MOST, each as often in area A, of two chances from 0 to 1."""
    low, high = PRESENT[kind]
    if there >= low + (high - low) * domain:
        return 0
    return 1 + int(MOST[kind] * many ** ((1 - MORE * domain) * FLAT.get(kind, 1)))


@lru_cache(maxsize=512)
def _plan(seed: int) -> Plan:
    config = SceneConfig(seed=seed)
    draw, water, roads, woods = _placed(config)
    chances: dict[str, tuple[float, float]] = {kind: (draw.random(), draw.random()) for kind in MOST}
    things: list[Thing] = []
    room = Room(config, draw, [*roads, *woods], water)
    for kind in ("building", "house", "tree", "boat"):
        things += room.filled(kind, number(kind, *chances[kind], 1.0), (water if kind == "boat" else roads))
    order = sorted([*things, *water, *roads, *woods], key=lambda thing: (KINDS.index(thing.kind), thing.number))
    return Plan(tuple(order), chances)


def _placed(config: SceneConfig) -> tuple[np.random.Generator, list[Thing], list[Thing], list[Thing]]:
    """Water, roads and forests, placed anew until most of each is seen; and the generator that placed them."""
    shares = _regions(config.chances(PLAN))
    attempt = 1
    while True:
        draw = config.chances(PLAN, attempt)
        water = _water(config, draw, shares)
        roads = _roads(config, draw, water)
        woods = _woods(config, draw, shares["forest"], water + roads)
        if attempt == ATTEMPTS or least_seen(config, [*water, *roads, *woods]) >= LEAST_SEEN:
            return draw, water, roads, woods
        attempt += 1


def _regions(draw: np.random.Generator) -> dict[str, float]:
    """The share of the picture that rivers, lakes and forests are to have."""
    which, part, water, forest, there, *within = draw.random(7).tolist()
    river, lake, _ = WATER[_choice([often for _, _, often in WATER], which)]
    low, high = SHARES[_choice(OFTEN, water)]
    wet = low + (high - low) * within[0]
    low, high = SHARES[_choice(OFTEN, forest)]
    green = 1.06 * (low + (high - low) * within[1]) if there < FOREST else 0.0
    if river and lake:
        river = 0.35 + 0.3 * part
        lake = 1 - river
    wet *= bool(river or lake)
    return {"river": river * wet, "lake": lake * wet, "forest": min(green, MOST_GREEN - wet)}


def _choice(often: Sequence[float], chance: float) -> int:
    """The place that a chance from 0 to 1 falls on, each as often as it says."""
    return min(int(np.searchsorted(np.cumsum(often), chance)), len(often) - 1)


def _water(config: SceneConfig, draw: np.random.Generator, shares: dict[str, float]) -> list[Thing]:
    """A river of the width that its share needs, and one or two lakes beside it."""
    water: list[Thing] = []
    chances = draw.random(4)
    if shares["river"]:
        width = max(shares["river"] * SIDE, 2.8)
        points = _course(draw, width, bend=0.14)
        length = np.hypot(*np.diff(points, axis=0).T).sum()
        width = max(width * SIDE / length, 2.6)
        water.append(_curve("river", 1, points, width))
    if shares["lake"]:
        parts = [1.0]
        if shares["lake"] > 0.04 and chances[0] < 0.3:
            parts = [0.5 + 0.3 * chances[1], 0.5 - 0.3 * chances[1]]
        sizes = [2 * SIDE * math.sqrt(part * shares["lake"] / math.pi) for part in parts]
        water += _blobs(config, draw, "lake", sizes, water, inside=0.92)
    return water


def _roads(config: SceneConfig, draw: np.random.Generator, water: list[Thing]) -> list[Thing]:
    """No, one or two roads, of several courses those that least lie on water and on each other."""
    chance, *widths = draw.random(3).tolist()
    count = _choice(ROADS, chance)
    taken = covered(config, water).astype(np.float32)
    roads: list[Thing] = []
    for number in range(1, count + 1):
        width = 3.2 + 1.6 * widths[number - 1]
        courses = [_course(draw, width, bend=0.07) for _ in range(8)]
        cells = [(np.clip(course, 0, SIDE - 1) + MARGIN).astype(int) for course in courses]
        wet = [taken[cell[:, 1], cell[:, 0]].mean() for cell in cells]
        roads.append(_curve("road", number, courses[int(np.argmin(wet))], width))
        if number < count:
            taken += 2 * covered(config, [_curve("road", number, roads[-1].points, 5 * width)])
    return roads


def _course(draw: np.random.Generator, width: float, bend: float) -> np.ndarray:
    """A bent line from one side of the picture to another, beyond its border by its width, (points, 2)."""
    side, start, end, turn, one, two = draw.random(6).tolist()
    reach = SIDE / 2 + width + 4
    ends = np.array([[-reach, SIDE * 0.62 * (start - 0.5)], [reach, SIDE * 0.72 * (end - 0.5)]])
    if turn < 0.3:  # to a side beside the first
        ends[1] = [SIDE * 0.5 * (end - 0.3), reach if ends[0, 1] > 0 else -reach]
    along = np.linspace(0, 1, 33)[:, None]
    straight = ends[0] + (ends[1] - ends[0]) * along
    across = (ends[1] - ends[0])[::-1] * (-1, 1)
    waves = (2 * one - 1) * np.sin(math.pi * along) + 0.6 * (2 * two - 1) * np.sin(2 * math.pi * along)
    points = straight + bend * waves * across
    turned = (points, points[:, ::-1])[int(side * 2)]
    return turned + SIDE / 2


def _curve(kind: str, number: int, points: np.ndarray | tuple[tuple[float, float], ...], width: float) -> Thing:
    line = np.array(points)
    (x, y), way = line[len(line) // 2].tolist(), line[-1] - line[0]
    angle = math.degrees(math.atan2(way[1], way[0])) % 360
    corners = tuple((float(a), float(b)) for a, b in line)
    return Thing(kind=kind, number=number, x=x, y=y, size=width, angle=angle, points=corners)


def _woods(config: SceneConfig, draw: np.random.Generator, share: float, others: list[Thing]) -> list[Thing]:
    """One to three forests with that share of the picture together."""
    first, second = draw.random(2).tolist()
    count = max(1, min(1 + int(3 * first), int(share / SMALLEST_FOREST)))
    parts = np.array([1, 0.45 + 0.4 * second, 0.5][:count])
    sizes = 2 * SIDE * np.sqrt(parts / parts.sum() * share / math.pi) if share else []
    return _blobs(config, draw, "forest", [float(size) for size in sizes], others, inside=0.6)


def _blobs(
    config: SceneConfig,
    draw: np.random.Generator,
    kind: str,
    sizes: list[float],
    others: list[Thing],
    inside: float,
) -> list[Thing]:
    """Lakes or forests of these sizes, where they least lie on the others: of many places the first of the best.

    inside: how much of the radius at least is in the picture.
    """
    placed: list[Thing] = []
    taken = covered(config, others)
    for number, size in enumerate(sizes, start=1):
        low = min(inside * size / 2 + 1, SIDE / 2)
        spots = low + (SIDE - 2 * low) * draw.random((60, 2))
        reach = np.arange(-size * 0.55, size * 0.56, 3)
        cells = np.stack(np.meshgrid(reach, reach), axis=-1).reshape(-1, 2)
        cells = cells[np.hypot(*cells.T) < 0.56 * size]
        x, y = spots[int(hits(taken, spots, cells).argmin())].tolist()
        thing = replace(fresh(config, kind, number, x, y), size=size)
        placed.append(thing)
        taken |= covered(config, [thing])
    return placed
