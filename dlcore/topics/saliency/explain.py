"""All methods on one picture, one after another: each frame is one method's map, and how it compares with those before.

Knows neither how a method works nor how a map is coloured. What was computed is kept, so that another look at the same
picture costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.topics.images.measures import inside
from dlcore.topics.saliency.agreement import correlations
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS, Attribution, answer
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot


@dataclass(frozen=True, kw_only=True)
class MapsConfig:
    """Which methods explain what. Raises: ValueError for a method that is none, or that is named twice."""

    subject: Subject = field(default_factory=Subject)
    methods: tuple[str, ...] = tuple(METHODS)
    settings: MethodSettings = field(default_factory=MethodSettings)

    def __post_init__(self) -> None:
        require.some_of("methods", self.methods, METHODS)

    @property
    def num_frames(self) -> int:
        """One a method."""
        return len(self.methods)


class Explained(NamedTuple):
    """One method's answer, and how long it took, which is next to nothing where another had done its work."""

    attribution: Attribution
    seconds: float


def methods_for(subject: Subject) -> tuple[str, ...]:
    """The methods that can explain this network, in the lesson's order."""
    net = subject.network()
    return tuple(name for name, method in METHODS.items() if not method.lacks(net))


def frames(config: MapsConfig) -> Iterator[Snapshot]:
    """Frame k has the k-th method's map, and the agreement of all maps up to it, NaN for those to come."""
    count, known = len(config.methods), config.subject.mask()
    mask = None if known is None else torch.from_numpy(known)
    maps: list[Tensor] = []
    for name in config.methods:
        attribution, seconds = explained(config.subject, name, config.settings)
        maps.append(attribution.magnitude)
        agreement = np.full((count, count), np.nan, np.float32)
        agreement[: len(maps), : len(maps)] = correlations(torch.stack(maps)).numpy()
        yield Snapshot(
            {
                "signed": attribution.signed.numpy(),
                "magnitude": attribution.magnitude.numpy(),
                "agreement": agreement,
                "inside": np.float32(np.nan if mask is None else inside(attribution.magnitude, mask)),
                "milliseconds": np.float32(1000 * seconds),
            }
        )


@lru_cache(maxsize=64)
def explained(subject: Subject, name: str, settings: MethodSettings) -> Explained:
    """What one method says of the subject. Raises: ValueError as `attribute`."""
    started = perf_counter()
    (found,) = answer(name, _question(subject, settings))
    return Explained(found, perf_counter() - started)


@lru_cache(maxsize=16)
def _question(subject: Subject, settings: MethodSettings) -> Question:
    return Question(subject.network(), subject.image()[None], [subject.target()], settings)
