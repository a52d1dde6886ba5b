"""An answerer learns from questions about pictures whose features are known: the training loop of all heads.

Knows batches, learning rate and update rule; does not know where questions come from, or who watches. A run takes the
questions that there are at each step, so that it can begin while scenes are still being drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore import require
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.mirrors import Mirror
from dlcore.topics.vqa.nets import Answerer, fresh
from dlcore.training.frames import Divergence
from dlcore.training.images import LARGEST, one_cycle

LONGEST_STEP = 5.0  # of the gradient's norm; a longer gradient is shortened to this
ASKED_AT_ONCE = 2000  # pairs
UNKNOWN = 1  # the number of any word that is not in the vocabulary


class Pairs(NamedTuple):
    """Questions about pictures, in the order of the pictures."""

    features: Tensor  # (scenes, CHANNELS, CELLS, CELLS)
    ids: Tensor  # (queries, words), int64, 0 after the last word
    scene: Tensor  # (pairs,), int64, places in features, never falling
    query: Tensor  # (pairs,), int64, places in ids
    answer: Tensor  # (pairs,), int64
    type: Tensor  # (pairs,), int64

    def about(self, scenes: Tensor) -> "Pairs":
        """The questions about some of the pictures, in the order of these places (few,)."""
        edges = torch.searchsorted(self.scene, torch.stack([scenes, scenes + 1]))
        counts = edges[1] - edges[0]
        rows = torch.arange(int(counts.sum())) + (edges[0] - counts.cumsum(0) + counts).repeat_interleave(counts)
        scene = torch.arange(len(scenes)).repeat_interleave(counts)
        return Pairs(self.features[scenes], self.ids, scene, *(part[rows] for part in self[3:]))

    def inside(self, mirror: Mirror) -> "Pairs":
        """The same in a mirror."""
        query, answer = mirror.query[self.query], mirror.answer[self.answer]
        return self._replace(features=self.features.flip(mirror.axis), query=query, answer=answer)

    def condensed(self) -> "Pairs":
        """The same without the questions that are not asked."""
        queries, query = self.query.unique(return_inverse=True)
        return self._replace(ids=self.ids[queries], query=query)


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """How an answerer learns.

    batch_size: pictures of a step, with all their questions. dropout: the chance that a number is dropped. forgotten:
    the chance that a word is taken for an unknown one, so that a network knows what little such a word says.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    fusion: str = "product"
    num_steps: int = 3000
    batch_size: int = 32
    lr: float = 5e-3  # the highest: it follows one cycle
    weight_decay: float = 1e-2
    dropout: float = 0.1
    forgotten: float = 0.02
    seed: int = 0  # of weights, batches and what is dropped

    def __post_init__(self) -> None:
        require.one_of("fusion", self.fusion, FUSIONS)
        require.whole("num_steps", self.num_steps, 1, 100_000)
        require.whole("batch_size", self.batch_size, 1, 1000)
        require.number("lr", self.lr, 1e-6, 1000)
        require.number("weight_decay", self.weight_decay, 0, 10)
        require.number("dropout", self.dropout, 0, 0.9)
        require.number("forgotten", self.forgotten, 0, 0.9)
        require.whole("seed", self.seed, 0, 2**31 - 1)


class Update(NamedTuple):
    """What is told of an update."""

    step: int  # updates that are done
    loss: float  # of this update's batch before it, in nats
    accuracy: float  # on the same batch, while numbers were dropped, 0 to 1
    diverged: Divergence | None = None  # by this update, which was taken back: the network stays as it was before


class HeadRun:
    """A training, one update after the other; each batch is seen in each mirror with a chance of a half."""

    def __init__(self, config: HeadConfig, num_words: int, num_answers: int, mirrors: tuple[Mirror, ...] = ()) -> None:
        self.config, self.step = config, 0  # updates done
        self.mirrors = mirrors
        self.net: Answerer = fresh(config.fusion, num_words, num_answers, config.seed, config.dropout).eval()
        self.chances = torch.Generator().manual_seed(config.seed)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=config.lr, weight_decay=config.weight_decay)

    def first(self, pairs: Pairs) -> Update:
        """What is told before any update, of all these questions."""
        with torch.no_grad():
            logits = self.net.pairs(*pairs[:4])
        return Update(self.step, F.cross_entropy(logits, pairs.answer).item(), _share(logits, pairs.answer))

    def update(self, pairs: Pairs) -> Update:
        """Learns from a batch of these pictures; the network is in evaluation mode afterwards."""
        batch = self._batch(pairs)
        before = [value.clone() for value in self.net.state_dict().values()]
        self.net.train()
        logits = self.net.pairs(batch.features, self._forgetting(batch.ids), batch.scene, batch.query)
        loss = F.cross_entropy(logits, batch.answer)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), LONGEST_STEP)
        self.optimizer.param_groups[0]["lr"] = self.config.lr * one_cycle(self.step, self.config.num_steps)
        self.optimizer.step()
        self.net.eval()
        diverged = self._divergence(loss, norm)
        if diverged:
            for value, finite in zip(self.net.state_dict().values(), before, strict=True):
                value.copy_(finite)
        else:
            self.step += 1
        return Update(self.step, loss.item(), _share(logits, batch.answer), diverged)

    def _batch(self, pairs: Pairs) -> Pairs:
        batch = pairs.about(torch.randperm(len(pairs.features), generator=self.chances)[: self.config.batch_size])
        for mirror in self.mirrors:
            if torch.rand((), generator=self.chances) < 0.5:
                batch = batch.inside(mirror)
        return batch.condensed()

    def _forgetting(self, ids: Tensor) -> Tensor:
        """The questions with a few of their words unknown."""
        lost = torch.rand(ids.shape, generator=self.chances) < self.config.forgotten
        return torch.where(lost & (ids != 0), UNKNOWN, ids)

    def _divergence(self, loss: Tensor, norm: Tensor) -> Divergence | None:
        """What of this update left the finite numbers first."""
        largest = nn.utils.get_total_norm(self.net.parameters(), math.inf)
        limits = {"loss": (loss, math.inf), "gradient": (norm, math.inf), "weights": (largest, LARGEST)}
        left = [name for name, (value, limit) in limits.items() if not value.abs() < limit]
        return Divergence(self.step + 1, left[0]) if left else None


def _share(logits: Tensor, true: Tensor) -> float:
    return (logits.argmax(dim=1) == true).double().mean().item()


def answers(net: Answerer, pairs: Pairs) -> Tensor:
    """What a network in evaluation mode answers to each question: (pairs,) places among the answers."""
    with torch.no_grad():
        parts = zip(pairs.scene.split(ASKED_AT_ONCE), pairs.query.split(ASKED_AT_ONCE), strict=True)
        logits = [net.pairs(pairs.features, pairs.ids, scene, query) for scene, query in parts]
    return torch.cat(logits).argmax(dim=1) if logits else pairs.answer


def joined(parts: Sequence[Pairs]) -> Pairs:
    """The questions of several sets, about the pictures of all; the same ids must be in each."""
    firsts = torch.tensor([0, *(len(part.features) for part in parts[:-1])]).cumsum(0)
    scene = [part.scene + first for part, first in zip(parts, firsts, strict=True)]
    features = torch.cat([part.features for part in parts])
    query, answer, kind = (torch.cat(values) for values in zip(*(part[3:] for part in parts), strict=True))
    return Pairs(features, parts[0].ids, torch.cat(scene), query, answer, kind)


def padded(ids: Sequence[Sequence[int]]) -> Tensor:
    """Questions of different lengths as one tensor, (queries, words of the longest), with 0 behind the shorter ones."""
    longest = max(map(len, ids), default=0)
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids], dtype=torch.int64)
