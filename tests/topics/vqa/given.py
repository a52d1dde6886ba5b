"""Pictures that tests ask about, chosen by what is in them, and a small picture of noise."""

from collections.abc import Callable
from functools import cache
from itertools import count

import numpy as np

from dlcore.datasets.aerial import Graph
from dlcore.topics.vqa.sight import Sight


@cache
def first(holds: Callable[[Graph], bool], domain: float = 0.0) -> Sight:
    """The first scene that is as it should be."""
    return next(sight for seed in count() if holds(graph_of(sight := Sight(seed=seed, domain=domain))))


def graph_of(sight: Sight) -> Graph:
    graph = sight.graph()
    assert graph
    return graph


def village(graph: Graph) -> bool:
    """Houses, trees and a lake, and no boat."""
    return graph.count("house") >= 2 and graph.count("tree") >= 1 and bool(graph.of("lake")) and not graph.of("boat")


def deserted(graph: Graph) -> bool:
    """Nothing that could cover a house, and no house."""
    return not any(graph.of(kind) for kind in ("house", "building", "tree", "forest"))


def noise(height: int = 96, width: int = 96) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
