"""Which of a network's answers are right, and what that is by type of question: the lecture's table in numbers.

Knows answers, types and their means; does not know which pictures were asked about.
"""

import numpy as np
from torch import Tensor

from dlcore.datasets.aerial_questions import TYPES

AVERAGE, OVERALL = "AA", "OA"  # the mean over the types, and over the questions
ROWS = (*TYPES, AVERAGE, OVERALL)
FOUR = ("count", "presence", "comparison", "area")  # the types of RSVQA


def by_type(right: np.ndarray, types: np.ndarray) -> np.ndarray:
    """In percent: accuracy by type, their mean, and that of all questions, (..., ROWS); NaN where none was asked.

    right: (..., questions), bool. types: (questions,), places in TYPES.
    """
    asked = types == np.arange(len(TYPES))[:, None]
    counts = asked.sum(axis=1)
    sums = right.astype(float) @ asked.T
    shares = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    overall = right.mean(axis=-1) if len(types) else np.full(right.shape[:-1], np.nan)
    return 100 * np.concatenate([shares, shares.mean(axis=-1)[..., None], overall[..., None]], axis=-1)


def average_of_four(rows: np.ndarray) -> np.ndarray:
    """The mean over the types that RSVQA has, too: (..., ROWS) -> (...)."""
    return rows[..., [ROWS.index(name) for name in FOUR]].mean(axis=-1)


def right(given: Tensor, true: Tensor) -> np.ndarray:
    """Which answers are the true ones, bool, of equal shape."""
    return (given == true).numpy()
