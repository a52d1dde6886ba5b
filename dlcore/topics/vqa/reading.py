"""The network reads the question word by word: what each vector holds, and what it would answer so far.

Knows the vectors after each word; does not know how they are drawn. Frame k shows the network that has read the first
k words and nothing more; in frame 0 it has seen the picture only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from dlcore.datasets import aerial
from dlcore.datasets.aerial import SIDE, Graph
from dlcore.datasets.aerial_questions import Query, asked_kinds
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.nets import Parts
from dlcore.training import Snapshot

FEWEST = 4  # pixels of a thing in a cell make it one of the thing's cells


@dataclass(frozen=True, kw_only=True)
class ReadingConfig:
    """Whom to watch while they read."""

    asked: Asked = field(default_factory=Asked)

    @property
    def num_words(self) -> int:
        """Of the question."""
        return len(self.asked.reading.ids)

    @property
    def num_frames(self) -> int:
        """One before the first word, and one after each."""
        return self.num_words + 1


def frames(config: ReadingConfig) -> Iterator[Snapshot]:
    """The rows of `trace`."""
    arrays = trace(config)
    for k in range(config.num_frames):
        yield Snapshot({name: values[k] for name, values in arrays.items()})


def trace(config: ReadingConfig) -> dict[str, np.ndarray]:
    """What is known after each word, (frames, ...); a network without a picture, or without words, has no such vector.

    hidden, v, q, fused, logits: the vectors; chances and blind.chances: of ANSWERS. attention.0, attention.1
    (SIDE, SIDE): of networks that attend, where 1 is an even share. mass and mass.chance: the share of the attention,
    and of the picture, in the cells of what is asked about; NaN where there is none. outcome, blind.outcome: of the
    likeliest answer, as in `Asked.outcome`.
    """
    asked = config.asked
    parts, blind = _prefixes(asked), _prefixes(asked.blind)
    chances, guesses = (of.logits.softmax(dim=1).numpy() for of in (parts, blind))
    found: dict[str, np.ndarray] = {
        "logits": parts.logits.numpy(),
        "chances": chances,
        "blind.chances": guesses,
        "outcome": _outcomes(asked, chances),
        "blind.outcome": _outcomes(asked, guesses),
    }
    vectors = {"v": parts.v, "q": parts.q, "fused": parts.fused, "hidden": _last_states(parts.hidden)}
    found |= {name: values.numpy() for name, values in vectors.items() if values is not None and values.numel()}
    return found | _attention(asked, parts.attention, config.num_frames)


def _prefixes(asked: Asked) -> Parts:
    """What becomes of the question's first 0, 1, 2, ... words, row by row."""
    count = asked.ids.shape[1]
    read = torch.ones(count + 1, count, dtype=torch.int64).tril(diagonal=-1)  # row k: the first k are read
    features = asked.sight.features()
    with torch.no_grad():
        return asked.network().parts(features.expand(count + 1, -1, -1, -1), asked.ids * read)


def _last_states(hidden: Tensor | None) -> Tensor | None:
    """The recurrent state after the last word of each row, (rows, units): zeros before the first."""
    if hidden is None:
        return None
    rows = torch.arange(1, len(hidden))
    return torch.cat([torch.zeros_like(hidden[:1, 0]), hidden[rows, rows - 1]])


def _outcomes(asked: Asked, chances: np.ndarray) -> np.ndarray:
    return np.array([asked.outcome(place) for place in chances.argmax(axis=1).tolist()], np.float32)


def _attention(asked: Asked, attention: Tensor | None, count: int) -> dict[str, np.ndarray]:
    """Maps of attention (frames, glimpses, rows, columns) in pixels, and how much of it is on what is asked about."""
    unknown = np.full(count, np.nan, np.float32)
    if attention is None:
        return {"mass": unknown, "mass.chance": unknown}
    shares = attention.numpy()
    num_glimpses, rows, columns = shares.shape[1:]
    maps = (rows * columns * shares).repeat(SIDE // rows, axis=2).repeat(SIDE // columns, axis=3)
    found: dict[str, np.ndarray] = {f"attention.{number}": maps[:, number] for number in range(num_glimpses)}
    cells = asked_cells(asked, rows)
    if cells is None:
        return {**found, "mass": unknown, "mass.chance": unknown}
    return {
        **found,
        "mass": shares.mean(axis=1)[:, cells].sum(axis=1),
        "mass.chance": np.full(count, cells.mean(), np.float32),
    }


def asked_cells(asked: Asked, rows: int = 6) -> np.ndarray | None:
    """In which cells of (rows, rows) there is some of what is asked about, bool; None: in none, or nobody knows."""
    graph, query = asked.sight.graph(), asked.query
    if graph is None or query is None or asked.sight.grey:
        return None
    cells = _covered(graph, query, rows)
    return cells if cells.any() else None


def _covered(graph: Graph, query: Query, rows: int) -> np.ndarray:
    seen = np.zeros((SIDE, SIDE), bool)
    for kind in asked_kinds(query):
        seen |= aerial.mask(graph, kind)
    pixels = seen.reshape(rows, SIDE // rows, rows, SIDE // rows).sum(axis=(1, 3))
    return pixels >= FEWEST
