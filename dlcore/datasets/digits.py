"""Handwritten digits, 8 × 8 pixels, that come with scikit-learn; knows how they are split, nothing of models.

Source: Alpaydin and Kaynak, Optical recognition of handwritten digits, UCI machine learning repository (1998).
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.splits import Samples, Splits, flip
from dlcore.device import generator

NUM_SAMPLES = 1797


@dataclass(frozen=True, kw_only=True)
class DigitsConfig:
    """Every setting of a split of the digits; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    label_noise: float = 0.0  # share of the training labels that are wrong
    num_train: int = 700
    num_validation: int = 300
    num_test: int = 700
    seed: int = 0

    def __post_init__(self) -> None:
        require.number("label_noise", self.label_noise, 0, 1)
        sizes = {field: getattr(self, field) for field in ("num_train", "num_validation", "num_test")}
        for field, size in sizes.items():
            require.whole(field, size, 10, NUM_SAMPLES)
        if sum(sizes.values()) > NUM_SAMPLES:
            named = ", ".join(f"{field} {size}" for field, size in sizes.items())
            raise ValueError(f"{named} are {sum(sizes.values())} digits: there are {NUM_SAMPLES} of them in all.")
        require.whole("seed", self.seed, 0, 2**31 - 1)

    @property
    def num_features(self) -> int:
        """Sixty-four pixels, row by row, from 0 (paper) to 1 (ink)."""
        return 64

    @property
    def num_classes(self) -> int:
        """Ten."""
        return 10

    def make(self) -> Splits:
        """Deals the digits in the seed's order: test first, then validation, so that num_train moves neither.

        Made once, and not to be written to.
        """
        return _make(self)


@lru_cache(maxsize=64)
def _make(config: DigitsConfig) -> Splits:
    inputs, labels = _load()
    chances = generator(config.seed)
    sizes = [config.num_test, config.num_validation, config.num_train]
    order = torch.randperm(NUM_SAMPLES, generator=chances)[: sum(sizes)]
    test, validation, train = (Samples(inputs[part], labels[part]) for part in order.split(sizes))
    wrong, flipped = flip(train.labels, config.label_noise, config.num_classes, chances)
    return Splits(train._replace(labels=wrong), validation, test, flipped)


@cache
def _load() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    pixels, digits = map(np.asarray, load_digits(return_X_y=True))
    return torch.tensor(pixels / 16, dtype=torch.float32), torch.tensor(digits, dtype=torch.int64)
