"""How far a mean over a sample of pictures may be from the mean over all: intervals that hold in 95 of 100 samples.

Knows numbers; does not know what was measured. Sources: Wilson, Probable inference (1927), for shares; Student, The
probable error of a mean (1908), for means.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean and the ends of its interval, of equal shape; NaN where too few numbers are known."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def of_means(values: np.ndarray) -> Interval:
    """Student's interval of the mean over the first axis, (samples, ...) -> (...); NaN among the values is left out."""
    from scipy.special import stdtrit

    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
    freedom = np.maximum(count - 1, 1)
    half = stdtrit(freedom, (1 + LEVEL) / 2) * np.sqrt(squares / freedom / np.maximum(count, 1))
    half = np.where(count > 1, half, np.nan)
    return Interval(mean, mean - half, mean + half)


def of_shares(values: np.ndarray) -> Interval:
    """Wilson's interval of the share of ones over the first axis, (samples, ...) of 0 and 1 -> (...)."""
    count = len(values)
    if count == 0:
        nothing = np.full(values.shape[1:], np.nan)
        return Interval(nothing, nothing, nothing)
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = values.mean(axis=0)
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return Interval(share, middle - half, middle + half)
