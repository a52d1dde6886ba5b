"""What the network looks at: a drawn aerial scene, perhaps changed by hand or made grey, or the reader's own picture.

Knows how each becomes pixels, a scene graph and features; knows no question.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dlcore import require
from dlcore.datasets import aerial
from dlcore.datasets.aerial import FINE, SIDE, Graph, SceneConfig
from dlcore.topics.images.pictures import fitted
from dlcore.topics.vqa import shipped

GREY = 128  # every pixel of a picture that shows nothing
KEPT = 64  # pictures, of which a reader looks at a few at a time


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One picture of SIDE × SIDE pixels; equal sights have equal pixels.

    seed, domain: which scene, in which area. edits: what was changed in it, "move house 3 40 52; remove lake 1".
    grey: nothing is seen; what is true of the scene stays true. pixels: the reader's own picture, red, green and blue,
    for which nobody knows what is in it.

    Raises: ValueError naming the first field out of its range, its value and the rule; one sentence for edits that
    cannot be.
    """

    seed: int = 0
    domain: float = 0.0
    edits: str = ""
    grey: bool = False
    pixels: bytes = b""

    def __post_init__(self) -> None:
        require.whole("seed", self.seed, 0, aerial.SINGLE - 1)
        require.number("domain", self.domain, 0, 1)
        if self.pixels and len(self.pixels) != 3 * SIDE**2:
            raise ValueError(f"pixels are {len(self.pixels)}: {SIDE} × {SIDE} pixels have three each.")
        if self.pixels and self.edits:
            raise ValueError("Nothing can be moved in a picture of your own: only a drawn scene knows what is in it.")
        if self.edits:
            _graph(self.seed, self.domain, self.edits)

    def graph(self) -> Graph | None:
        """All that is on the ground; None: nobody knows."""
        return None if self.pixels else _graph(self.seed, self.domain, self.edits)

    def picture(self) -> np.ndarray:
        """As the network sees it, uint8 (SIDE, SIDE, 3)."""
        if self.grey:
            return np.full((SIDE, SIDE, 3), GREY, np.uint8)
        return _picture(self).copy()

    def fine(self) -> np.ndarray:
        """The same before it was made smaller, uint8 (FINE · SIDE, FINE · SIDE, 3); an own picture has larger cells."""
        if self.grey or self.pixels:
            return self.picture().repeat(FINE, axis=0).repeat(FINE, axis=1)
        return _fine(self).copy()

    def features(self) -> Tensor:
        """What the frozen network for pictures makes of it, (1, CHANNELS, CELLS, CELLS): shared, not to be changed."""
        return _features(self)


def own(pixels: np.ndarray) -> Sight:
    """The reader's picture, bytes (height, width, 3): its middle square, at SIDE pixels."""
    small = fitted(Image.fromarray(np.ascontiguousarray(pixels)), SIDE, SIDE)
    return Sight(pixels=np.asarray(small.convert("RGB")).tobytes())


@lru_cache(maxsize=KEPT)
def _graph(seed: int, domain: float, edits: str) -> Graph:
    graph = aerial.layout(SceneConfig(seed=seed, domain=domain))
    return aerial.edited(graph, aerial.read_edits(edits)) if edits else graph


@lru_cache(maxsize=KEPT)
def _picture(sight: Sight) -> np.ndarray:
    graph = sight.graph()
    if graph is None:
        return np.frombuffer(sight.pixels, np.uint8).reshape(SIDE, SIDE, 3)
    return aerial.picture(graph)


@lru_cache(maxsize=KEPT)
def _fine(sight: Sight) -> np.ndarray:
    graph = sight.graph()
    assert graph
    return aerial.picture(graph, fine=True)


@lru_cache(maxsize=KEPT)
def _features(sight: Sight) -> Tensor:
    return shipped.features(torch.from_numpy(sight.picture())[None])
