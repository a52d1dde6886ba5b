"""The lesson's self-checks for the present picture, question and network: each number by a second way.

Knows what must be equal; does not know how either side is computed.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import torch

from dlcore.datasets import aerial
from dlcore.datasets.aerial import KINDS, THINGS, Graph, Thing
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import NUM_STEPS, AttributionConfig, Way, trace
from dlcore.topics.vqa.fusions import Compact, convolved, sketch

CLOSE = 1e-5  # float32, after some hundred sums
ALIKE = 3e-3  # float32, where slopes are summed that change quickly
COMPLETE = 0.05  # of all that is shared out, whatever its sign: 32 midpoints of a function with kinks
STEEP = {"mcb": 3}  # times as much for a network with a signed root, which is steep around 0
REACH = 0.75  # of a thing's size: no corner is farther from its middle
GAP = 1.5  # pixels between two things, so that they do not touch


class Fact(NamedTuple):
    """What was found, in a sentence, and whether it is as it should be."""

    sentence: str
    good: bool


def facts(asked: Asked) -> list[Fact]:
    """All that can be checked for this."""
    config, steep = AttributionConfig(asked=asked), STEEP.get(asked.model, 1)
    total, rise, missing = completeness(config)
    off, apart, sketched = abs(float(asked.chances().sum()) - 1), against_captum(config), against_outer_product(asked)
    found = [
        Fact(f"The chances of all answers add up to 1, to within {off:.0e}.", off < CLOSE),
        Fact(
            f"What pixels and words get adds up to {total:.4g}, and the answer's logit rises by {rise:.4g}: "
            f"{missing:.1%} of all that is shared out is missing.",
            missing < steep * COMPLETE,
        ),
        Fact(f"captum's integrated gradients are the same, to {apart:.0e} of the largest.", apart < steep * ALIKE),
        Fact(
            f"MCB's convolution by FFT is the count sketch of the outer product, to {sketched:.0e} of the largest.",
            sketched < CLOSE,
        ),
    ]
    graph = asked.sight.graph()
    return found if graph is None else [*found, _counted(graph)]


def completeness(config: AttributionConfig) -> tuple[float, float, float]:
    """What pixels and words get in all, by how much the logit rises, and the difference as a share of their sizes."""
    last = {name: values[-1] for name, values in trace(config).items()}
    total, rise = float(last["total"]), float(last["rise"])
    shared = sum(float(np.abs(last[name]).sum()) for name in ("pixels", "words"))
    return total, rise, abs(total - rise) / max(shared, 1e-12)


def against_captum(config: AttributionConfig) -> float:
    """The largest difference from captum's integrated gradients, relative to the largest value of the pixels or words.

    Both ask the network's own gradients at the same midpoints; only what is done with them is computed twice.
    """
    from captum.attr import IntegratedGradients

    way, arrays = Way(config), trace(config)
    inputs, starts = [way.image], [way.start]
    if way.words.shape[2]:
        inputs, starts = [*inputs, way.words], [*starts, torch.zeros_like(way.words)]

    def score(images: torch.Tensor, *words: torch.Tensor) -> torch.Tensor:
        read = words[0] if words else way.words.expand(len(images), -1, -1)
        # captum wants a gradient by every input, and a blind network has none by the picture
        return way.score(images, read) + 0 * images.sum(dim=(1, 2, 3))

    pixels, *words = IntegratedGradients(score).attribute(
        tuple(inputs), tuple(starts), n_steps=NUM_STEPS, method="riemann_middle", internal_batch_size=NUM_STEPS
    )
    pairs = [(pixels[0].sum(dim=0), arrays["pixels"][-1]), *((by[0].sum(dim=1), arrays["words"][-1]) for by in words)]
    apart = [np.abs(theirs.detach().numpy() - ours).max() / max(np.abs(ours).max(), 1e-12) for theirs, ours in pairs]
    return float(max(apart))


def against_outer_product(asked: Asked) -> float:
    """Of this picture and question, MCB's convolved sketches against the count sketch of all products vᵢ qⱼ.

    The largest difference, relative to the largest number.
    """
    net = shipped.answerer("mcb", asked.seed)
    compact = net.fusion
    assert isinstance(compact, Compact)
    with torch.no_grad():
        parts = net.parts(asked.sight.features(), asked.ids)
        v, q = parts.v.double(), parts.q.double()
        found = convolved(*compact.sketches(v, q))
        (h_v, h_q), (s_v, s_q) = compact.places, compact.signs.double()
        outer = (v[:, :, None] * q[:, None, :]).flatten(1)
        places = ((h_v[:, None] + h_q) % compact.size).flatten()
        expected = sketch(outer, places, (s_v[:, None] * s_q).flatten(), compact.size)
    return float((found - expected).abs().max() / expected.abs().max())


def recounts(graph: Graph) -> dict[str, int]:
    """How many separate patches of each of THINGS are seen; kinds whose things lie at or under others are left out."""
    seen = aerial.labels(graph)
    touching = {kind for pair in combinations(graph.things, 2) if _near(*pair) for kind in (pair[0].kind, pair[1].kind)}
    return {kind: _num_patches(seen == 1 + KINDS.index(kind)) for kind in THINGS if kind not in touching}


def _num_patches(where: np.ndarray) -> int:
    """How many there are, bool (rows, columns), where corners touch, too."""
    from scipy.ndimage import label

    numbers = np.zeros(where.shape, np.int32)
    label(where, np.ones((3, 3)), output=numbers)
    return int(numbers.max())


def _counted(graph: Graph) -> Fact:
    found = recounts(graph)
    counted = ", ".join(f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in found.items())
    left_out = "" if len(found) == len(THINGS) else "; kinds that touch others are left out"
    return Fact(
        f"Separate patches on the scene's label map: {counted or 'none'}. The scene graph has as many{left_out}.",
        all(number == graph.count(kind) for kind, number in found.items()),
    )


def _near(one: Thing, other: Thing) -> bool:
    """Whether two things that are counted may touch, or one may hide the other."""
    if one.kind not in THINGS or other.kind not in THINGS:
        return False
    apart = np.hypot(one.x - other.x, one.y - other.y)
    return bool(apart < REACH * (one.size + other.size) + GAP)
