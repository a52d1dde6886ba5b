"""Intervals against SciPy, and how often they hold what they promise."""

import numpy as np
import pytest

from dlcore.topics.intervals import LEVEL, of_means, of_shares


def test_the_interval_of_a_mean_is_scipys() -> None:
    from scipy import stats

    values = np.random.default_rng(0).normal(3, 2, (25, 4))
    found = of_means(values)
    low, high = stats.t.interval(LEVEL, 24, loc=values.mean(axis=0), scale=stats.sem(values))
    assert found.mean == pytest.approx(values.mean(axis=0))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_what_is_not_known_is_left_out() -> None:
    values = np.array([[1.0, np.nan], [2.0, 5.0], [4.0, np.nan], [np.nan, np.nan]])
    found, alone = of_means(values), of_means(np.array([[1.0], [2.0], [4.0]]))
    assert (found.mean[0], found.low[0], found.high[0]) == (alone.mean[0], alone.low[0], alone.high[0])
    assert found.mean[1] == 5.0
    assert np.isnan(found.low[1])
    assert np.isnan(of_means(np.empty((0, 2))).mean).all()


@pytest.mark.parametrize("hits", [0, 1, 60, 119, 120])
def test_the_interval_of_a_share_is_scipys(hits: int) -> None:
    from scipy import stats

    values = (np.arange(120) < hits).astype(float)
    expected = stats.binomtest(hits, 120).proportion_ci(LEVEL, method="wilson")
    found = of_shares(values[:, None])
    assert found.mean.item() == pytest.approx(hits / 120)
    assert (found.low.item(), found.high.item()) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_of_no_samples_no_share_is_known() -> None:
    assert all(np.isnan(edge).all() for edge in of_shares(np.empty((0, 3))))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_intervals_hold_about_as_often_as_they_promise(share: float) -> None:
    values = (np.random.default_rng(4).random((120, 3000)) < share).astype(float)
    for found in (of_shares(values), of_means(values)):
        held = ((found.low <= share) & (share <= found.high)).mean()
        assert held == pytest.approx(LEVEL, abs=0.025)
