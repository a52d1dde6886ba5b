"""Integrated gradients of an answer by the pixels and by the words at once, step by step.

Knows the way from nothing to this picture and this question, and what is summed on it; does not know how it is drawn.
What all pixels and all words get adds up to the rise of the answer's logit (completeness), as exactly as 32 midpoints
compute an integral. Sources: Sundararajan, Taly, Yan, Axiomatic attribution for deep networks (2017), sections 3 and 5;
Mudrakarta et al., Did the model understand the question? (2018), who ask the same of words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets import aerial
from dlcore.datasets.aerial import ScenesConfig
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.images.arrays import Arrays, scalar
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.nets import Answerer, floats
from dlcore.training import Snapshot

NUM_STEPS = 32
AT_ONCE = 8  # points in one pass: the first frames are soon there
BASELINES = {"grey": "a grey picture", "mean": "the mean of many scenes"}
MEAN_OF = ScenesConfig(num=60, seed=5)  # in no set that a network was trained or tested on


@dataclass(frozen=True, kw_only=True)
class AttributionConfig:
    """Whose answer is explained.

    answer: one of ANSWERS; empty: what the network answers. baseline: the picture where the way begins, a key of
    BASELINES; the words begin as <pad>, whose embedding is 0.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    asked: Asked = field(default_factory=Asked)
    answer: str = ""
    baseline: str = "grey"
    num_frames = NUM_STEPS + 1

    def __post_init__(self) -> None:
        require.one_of("baseline", self.baseline, BASELINES)
        if self.answer:
            require.one_of("answer", self.answer, ANSWERS)

    @property
    def place(self) -> int:
        """Of the answer in ANSWERS."""
        return ANSWERS.index(self.answer or self.asked.answer)


class Slopes(NamedTuple):
    """At some points of the way: the score, and its gradient times the way."""

    scores: Tensor  # (points,)
    pixels: Tensor  # (points, 3, SIDE, SIDE)
    words: Tensor  # (points, words, dimensions of a word)


class Way:
    """The straight line from nothing, x', to a picture and a question's embedded words, x, together."""

    def __init__(self, config: AttributionConfig) -> None:
        asked = config.asked
        self.backbone, self.net, self.place = shipped.backbone(), asked.network(), config.place
        self.image = as_image(asked.sight.picture())
        self.start = baseline(config.baseline)
        self.words = embedded(self.net, asked.ids)
        self.lengths = torch.tensor([asked.ids.shape[1]])

    def score(self, images: Tensor, words: Tensor) -> Tensor:
        """The answer's logit, (batch,); images (batch, 3, SIDE, SIDE), words (batch, words, dimensions)."""
        return self.net.parts_of(self.backbone(images), words, self.lengths.expand(len(words))).logits[:, self.place]

    def slopes(self, alphas: Tensor) -> Slopes:
        """At x' + α (x − x'), for each α."""
        images = self.start + alphas.view(-1, 1, 1, 1) * (self.image - self.start)
        words = alphas.view(-1, 1, 1) * self.words
        with torch.enable_grad():
            inputs = images.requires_grad_(), words.requires_grad_()
            scores = self.score(*inputs)
            # A network that sees only one of the two has no gradient by the other.
            by = torch.autograd.grad(scores.sum(), inputs, allow_unused=True, materialize_grads=True)
        return Slopes(scores.detach(), by[0] * (self.image - self.start), by[1] * self.words)

    def rise(self) -> Tensor:
        """F(x) − F(x')."""
        with torch.no_grad():
            ends = self.score(torch.cat([self.start, self.image]), torch.cat([0 * self.words, self.words]))
        return ends[1].double() - ends[0].double()


def frames(config: AttributionConfig) -> Iterator[Snapshot]:
    """The sums after each of NUM_STEPS steps; none in frame 0.

    pixels (SIDE, SIDE): summed over red, green and blue; words (words,): over the dimensions of a word. total,
    total.pixels, total.words: sums of these. rise: what total should be at the end; gap: total − rise. share.words:
    |total.words| of |total.words| + |total.pixels|, NaN in frame 0. alpha: where on the way; score: the logit there.
    """
    way = Way(config)
    rise = way.rise()
    pixels, words = torch.zeros(aerial.SIDE, aerial.SIDE).double(), torch.zeros(way.words.shape[1]).double()
    first = way.slopes(torch.zeros(1))
    yield _frame(pixels, words, rise, torch.tensor(0.0), first.scores[0])
    for alphas in midpoints().split(AT_ONCE):
        for alpha, score, by_pixel, by_word in zip(alphas, *way.slopes(alphas), strict=True):
            pixels = pixels + by_pixel.double().sum(dim=0) / NUM_STEPS
            words = words + by_word.double().sum(dim=1) / NUM_STEPS
            yield _frame(pixels, words, rise, alpha, score)


def trace(config: AttributionConfig) -> dict[str, np.ndarray]:
    """All frames, stacked: (frames, ...)."""
    rows = [frame.arrays for frame in frames(config)]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def midpoints() -> Tensor:
    """The middle of each of NUM_STEPS equal steps from 0 to 1."""
    return (torch.arange(NUM_STEPS) + 0.5) / NUM_STEPS


def baseline(name: str) -> Tensor:
    """The picture of a key of BASELINES, (1, 3, SIDE, SIDE)."""
    return _mean_scene() if name == "mean" else torch.full((1, 3, aerial.SIDE, aerial.SIDE), 0.5)


def as_image(picture: np.ndarray) -> Tensor:
    """Bytes (SIDE, SIDE, 3) as what a network takes, (1, 3, SIDE, SIDE) from 0 to 1."""
    return floats(torch.from_numpy(picture.copy())[None])


def embedded(net: Answerer, ids: Tensor) -> Tensor:
    """The vectors of the words, (1, words, dimensions): none for a network that does not read."""
    return net.embedding(ids).detach() if net.embedding else torch.zeros(*ids.shape, 0)


@cache
def _mean_scene() -> Tensor:
    scenes = (aerial.picture(aerial.layout(MEAN_OF.scene(number))) for number in range(MEAN_OF.num))
    return torch.stack([as_image(scene)[0] for scene in scenes]).mean(dim=0, keepdim=True)


def _frame(pixels: Tensor, words: Tensor, rise: Tensor, alpha: Tensor, score: Tensor) -> Snapshot:
    seen, read = pixels.sum(), words.sum()
    arrays: Arrays = {
        "pixels": pixels.float().numpy().copy(),
        "words": words.float().numpy().copy(),
        "total": scalar(seen + read),
        "total.pixels": scalar(seen),
        "total.words": scalar(read),
        "rise": scalar(rise),
        "gap": scalar(seen + read - rise),
        "share.words": scalar(read.abs() / (read.abs() + seen.abs())),
        "alpha": scalar(alpha),
        "score": scalar(score),
    }
    return Snapshot(arrays)
