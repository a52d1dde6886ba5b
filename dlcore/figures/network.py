"""A network of fully connected layers as a picture to point at: small maps of its units, its weights as links, and what
it answers large beside them. Knows neither how it was trained nor what its inputs are.

Every array begins with the axis of frames; one with fewer frames than the stage keeps its last row. What a live run
computes is `Pending`. Maps are bytes: 128 is nothing, 255 and 1 the largest value of either sign, 0 means that there is
no number. Maps over a plane begin with the lowest y, pictures (8 × 8 weights) with their top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures.notes import Area
from dlcore.figures.pending import ArrayOrPending
from dlcore.figures.theme import colour

CLASSES = ("class-a", "class-b", "class-c", "class-d", "class-e")
MEANINGS = (
    *("ground", "ink", "muted", "grid", "accent", "correct", "wrong"),
    *("weight-positive", "weight-negative", "activation-positive", "activation-negative"),
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer of `width` units, of which the first `shown` are drawn; eight have room below one another.

    weights: (frames, shown, shown of the layer before) float32; None: its links are drawn without strength or sign.
    biases: (frames, shown) float32. maps: (frames, shown, size, size) uint8, of a size of its own. scales: (frames,
    shown) float32, the value that 255 stands for; without it that is 1. masks: (frames, shown) uint8, 0: the unit is
    dropped in this frame, crossed out, and its links are gone. shares: (frames, shown) uint8, 255 for all: a bar under
    the unit, such as the share of steps in which it was kept. name: what is said instead of "16 units". holds: what the
    maps show.
    """

    width: int
    shown: int
    weights: ArrayOrPending | None
    biases: ArrayOrPending | None = None
    maps: ArrayOrPending | None = None
    scales: ArrayOrPending | None = None
    masks: ArrayOrPending | None = None
    shares: ArrayOrPending | None = None
    name: str = ""
    holds: str = "activation"


@dataclass(frozen=True, kw_only=True)
class Points:
    """Samples of a plane: at (n, 2), labels (n,), kinds (n,): 0 train, 1 test, 2 train with a wrong label."""

    at: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Small pictures and what the network takes them for.

    images: (n, rows, cols) uint8, 255 is ink. labels: (n,), what they are. answers: (frames, n) uint8.
    """

    images: np.ndarray
    labels: np.ndarray
    answers: ArrayOrPending


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One network.

    layers: the hidden ones. output: its width is 1 for two classes (the chance of the second), else one unit a class.
    surface: (frames, outputs, n, n) uint8, 255 · probability over the square from −reach to reach, lowest y first.
    pictures: shown instead of a surface, twenty-five fit well. input_maps: (inputs, size, size) uint8, coded as units'
    maps are, but 255 is ink where there are pictures. input_scales: the values that 255 stands for, to be told.
    edits: whether weights and biases can be typed over. A change is sent as `<key>w<layer>.<to>.<from>` or
    `<key>b<layer>.<to>`: layers from 1, the output last; units from 0. shapes: whether its buttons say "layer+",
    "layer-", "units+<layer>", "units-<layer>". paints: whether a click on the surface says where it was.
    """

    title: str
    inputs: Sequence[str]
    layers: Sequence[Layer]
    output: Layer
    class_names: Sequence[str]
    key: str = ""
    input_maps: np.ndarray | None = None
    input_scales: Sequence[float] = ()
    surface: ArrayOrPending | None = None
    reach: float = 1.0
    points: Points | None = None
    pictures: Pictures | None = None
    edits: bool = False
    shapes: bool = False
    paints: bool = False


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network, or two side by side, one below the other on a phone."""

    key: str
    title: str
    panels: Sequence[Panel]
    area: Area = "main"
    alt: str = ""
    keep: str = ""


def packed(network: Network) -> dict[str, Any]:
    """The network as the player takes it. Raises: ValueError naming the first array that does not fit its layer."""
    return {
        **vars(network),
        "panels": [_panel(panel) for panel in network.panels],
        "classes": [colour(name) for name in CLASSES],
        "colours": {name: colour(name) for name in MEANINGS},
    }


def _panel(panel: Panel) -> dict[str, Any]:
    before = len(panel.inputs)
    for number, layer in enumerate([*panel.layers, panel.output], start=1):
        for name, array, rest in _arrays(layer, before):
            if array is not None and tuple(array.shape[1 : 1 + len(rest)]) != rest:
                raise ValueError(f"{panel.title}, layer {number}: {name} is {array.shape}, not (frames, {rest}).")
        before = layer.shown
    return {
        **vars(panel),
        "layers": [vars(layer) for layer in panel.layers],
        "output": vars(panel.output),
        "points": panel.points and vars(panel.points),
        "pictures": panel.pictures and vars(panel.pictures),
    }


def _arrays(layer: Layer, before: int) -> Iterator[tuple[str, ArrayOrPending | None, tuple[int, ...]]]:
    """The arrays of a layer, and what must follow their frames."""
    yield "weights", layer.weights, (layer.shown, before)
    for name in ("biases", "maps", "scales", "masks", "shares"):
        yield name, getattr(layer, name), (layer.shown,)
