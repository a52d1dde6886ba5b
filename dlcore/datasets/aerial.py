"""Drawn aerial scenes, 96 × 96 pixels, of which everything is known: what is where, and what is seen at each pixel.

Fields, roads, rivers, lakes, forests, trees, houses, large buildings and boats. A scene is drawn from a list of
things, which may be changed by hand (`edited`): what lies elsewhere then stays the same to the bit. Knows no question
about a scene and no model.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from dlcore import require
from dlcore.datasets.aerial_edits import Edit, edited, read_edits
from dlcore.datasets.aerial_ground import ground
from dlcore.datasets.aerial_layout import layout
from dlcore.datasets.aerial_paint import LAYERS, painted
from dlcore.datasets.aerial_scene import (
    FINE,
    KINDS,
    MOST_SCENES,
    MOST_SETS,
    PLACES,
    SIDE,
    SINGLE,
    THINGS,
    Graph,
    SceneConfig,
    Thing,
)
from dlcore.datasets.aerial_shapes import cover

__all__ = [
    "FINE",
    "KINDS",
    "PLACES",
    "SIDE",
    "SINGLE",
    "THINGS",
    "Edit",
    "Graph",
    "SceneConfig",
    "ScenesConfig",
    "Thing",
    "edited",
    "labels",
    "layout",
    "mask",
    "picture",
    "read_edits",
    "shares",
]


@dataclass(frozen=True, kw_only=True)
class ScenesConfig:
    """A set of scenes.

    Scene i of set s has the seed SINGLE + s · MOST_SCENES + i: sets with different seeds share no scene, whatever
    their other settings, and single scenes with seeds below SINGLE are in no set. A larger set begins with the
    smaller one's scenes.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num: int
    seed: int
    domain: float = 0.0

    def __post_init__(self) -> None:
        require.whole("num", self.num, 1, MOST_SCENES)
        require.whole("seed", self.seed, 0, MOST_SETS - 1)
        require.number("domain", self.domain, 0, 1)

    def scene(self, number: int) -> SceneConfig:
        """The scene of that number, 0 to num − 1.

        Raises: ValueError.
        """
        require.whole("number", number, 0, self.num - 1)
        return SceneConfig(seed=SINGLE + self.seed * MOST_SCENES + number, domain=self.domain)


def picture(graph: Graph, fine: bool = False) -> np.ndarray:
    """The scene as it looks, (SIDE, SIDE, 3) uint8; fine: FINE times as large, from which the small one is made."""
    fields, light = ground(graph.config)
    canvas = Image.fromarray(fields)
    painted(canvas, graph)
    # The light is already on the fields; a little of it on all things makes them part of the same picture.
    glow = Image.fromarray((255 * (0.57 + 0.4 * light)).clip(0, 255).astype(np.uint8))
    whole = ImageChops.multiply(canvas, Image.merge("RGB", [glow] * 3))
    return np.asarray(whole if fine else whole.reduce(FINE))


def labels(graph: Graph) -> np.ndarray:
    """What is seen at each pixel, (SIDE, SIDE) uint8: 0 field, else the place in KINDS from 1; shadows are not seen."""
    kinds = np.array([0, *(1 + KINDS.index(thing.kind) for thing in graph.things)], dtype=np.uint8)
    return kinds[_seen(graph)]


def mask(graph: Graph, which: str) -> np.ndarray:
    """Where a thing or a whole kind is seen, (SIDE, SIDE) bool; which: "house 3" or "house".

    Raises: ValueError.
    """
    if which in KINDS:
        return labels(graph) == 1 + KINDS.index(which)
    return _seen(graph) == 1 + graph.things.index(graph.named(which))


def shares(graph: Graph) -> dict[str, float]:
    """The share of the picture that each kind covers, "field" for what is left, and "water", lakes and rivers."""
    counts = np.bincount(labels(graph).ravel(), minlength=1 + len(KINDS)) / SIDE**2
    named = dict(zip(("field", *KINDS), counts.tolist(), strict=True))
    return {**named, "water": named["lake"] + named["river"]}


def _seen(graph: Graph) -> np.ndarray:
    """The place in the scene's things, from 1, of what is seen at each pixel, or 0; (SIDE, SIDE) uint8."""
    canvas = Image.new("L", (FINE * SIDE, FINE * SIDE))
    pen = ImageDraw.Draw(canvas)
    places = {thing.name: place for place, thing in enumerate(graph.things, start=1)}
    for kinds in LAYERS:
        for thing in (thing for kind in kinds for thing in graph.of(kind)):
            cover(pen, graph.config, thing, places[thing.name], FINE)
    return np.asarray(canvas)[FINE // 2 :: FINE, FINE // 2 :: FINE]
