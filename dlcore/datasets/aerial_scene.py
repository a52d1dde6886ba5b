"""What stands where in a drawn aerial scene: settings, things, and the list of them; knows nothing of how it looks.

Places are pixels of the small picture, x to the right and y down, from 0 to SIDE.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from dlcore import require

SIDE = 96  # pixels
FINE = 3  # what is drawn is drawn so many times as large, and made smaller, which makes its edges smooth
THINGS = ("house", "building", "tree", "boat")  # they are counted
PLACES = ("forest", "lake", "river", "road")  # they have an area
KINDS = THINGS + PLACES
CURVES = ("river", "road")  # they cross the picture, and have points
MOST_SCENES = 100_000  # of a set
SINGLE = 1_000_000  # scenes with smaller seeds are in no set
MOST_SETS = 2**31
TRAITS = 40
GROUND, PLAN = 0, 1  # what a scene draws numbers for, apart from each thing's own


@dataclass(frozen=True, kw_only=True)
class SceneConfig:
    """One scene: the same seed gives the same plan in every area.

    domain: 0 is area A, 1 is area B, and what lies between is a mixture: more things, smaller houses, other colours.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    seed: int
    domain: float = 0.0

    def __post_init__(self) -> None:
        require.whole("seed", self.seed, 0, SINGLE + MOST_SETS * MOST_SCENES - 1)
        require.number("domain", self.domain, 0, 1)

    def chances(self, *part: int) -> np.random.Generator:
        """The generator of a part of the scene, which no other part uses; the same in every area."""
        return np.random.default_rng((self.seed, *part))

    def own(self, kind: str, number: int, part: int = 0) -> np.random.Generator:
        """The generator of one thing, which stays the same whatever happens to the others."""
        return self.chances(2 + KINDS.index(kind), number, part)

    def traits(self, kind: str, number: int) -> tuple[float, ...]:
        """TRAITS numbers from 0 to 1 that are a thing's own, too: the first is its size, then angle, then width."""
        return _traits(self.seed, kind, number)

    def between(self, a: float, b: float) -> float:
        """A value that is a in area A and b in area B."""
        return a + (b - a) * self.domain


@lru_cache(maxsize=2048)
def _traits(seed: int, kind: str, number: int) -> tuple[float, ...]:
    return tuple(SceneConfig(seed=seed).own(kind, number).random(TRAITS).tolist())


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing, or one region.

    size: the long side of a house or building, the diameter of a tree, the length of a boat, the diameter of a disc
    as large as a forest or lake, the width of a river or road; in pixels.
    angle: degrees from the x axis towards the y axis.
    points: the middle line of a river or road.
    """

    kind: str
    number: int  # from 1 within its kind, never given twice
    x: float
    y: float
    size: float
    angle: float
    points: tuple[tuple[float, float], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """As it is called in edits, for example "house 3"."""
        return f"{self.kind} {self.number}"


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A scene: its settings and all that is on the ground, in the order of KINDS.

    given: for each of KINDS the last number that was given, so that a removed thing's number stays its own.
    """

    config: SceneConfig
    things: tuple[Thing, ...]
    given: tuple[int, ...] = (0,) * len(KINDS)

    def of(self, kind: str) -> tuple[Thing, ...]:
        """All of a kind.

        Raises: ValueError.
        """
        require.one_of("kind", kind, KINDS)
        return tuple(thing for thing in self.things if thing.kind == kind)

    def count(self, kind: str) -> int:
        """How many of a kind there are.

        Raises: ValueError.
        """
        return len(self.of(kind))

    def named(self, name: str) -> Thing:
        """The thing of that name.

        Raises: ValueError.
        """
        for thing in self.things:
            if thing.name == name:
                return thing
        names = ", ".join(thing.name for thing in self.things) or "nothing"
        raise ValueError(f"There is no {name!r} in this scene: it has {names}.")

    def next_number(self, kind: str) -> int:
        """The number of the next thing of a kind."""
        return max([self.given[KINDS.index(kind)], *(thing.number for thing in self.of(kind))]) + 1


def fresh(config: SceneConfig, kind: str, number: int, x: float, y: float) -> Thing:
    """A thing with the size and angle that are its own, at a place; no river or road, whose sizes the plan gives."""
    size, angle = config.traits(kind, number)[:2]
    low, high = SIZES[kind]
    size = low + (high - low) * size
    turn = 180 if kind in ("house", "building") else 360
    return Thing(
        kind=kind, number=number, x=x, y=y, size=size * config.between(1, IN_AREA_B.get(kind, 1)), angle=turn * angle
    )


# Pixels, in area A.
SIZES = {
    "house": (6.4, 8.2),
    "building": (13.5, 19.0),
    "tree": (5.0, 6.8),
    "boat": (5.6, 7.0),
    "forest": (20.0, 30.0),
    "lake": (18.0, 30.0),
}
IN_AREA_B = {"house": 0.76, "building": 0.92, "tree": 0.88, "forest": 0.92}  # times as large as in area A
