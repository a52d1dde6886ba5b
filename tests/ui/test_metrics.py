"""Counts and times, and how they are written."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.ui.metrics import BOUNDS, Count, Family, Times, text


def samples(family: Family) -> dict[tuple[str, str], float]:
    return {(suffix, labels.get("le", labels["page"])): value for suffix, labels, value in family.samples}


@given(seconds=st.lists(st.floats(0, 20), min_size=1, max_size=40))
def test_a_histogram_counts_what_is_at_most_its_bound(seconds: list[float]) -> None:
    times = Times("t", "Times.")
    for each in seconds:
        times.note("a", each)
    found = samples(times.family())
    for bound in BOUNDS:
        assert found["_bucket", f"{bound:g}"] == sum(each <= bound for each in seconds)
    assert found["_bucket", "+Inf"] == found["_count", "a"] == len(seconds)
    assert found["_sum", "a"] == pytest.approx(sum(seconds))


def test_what_fails_is_timed_too() -> None:
    times = Times("t", "Times.")
    with pytest.raises(KeyError), times.taken("a", time.perf_counter() - 1):
        raise KeyError
    count, mean, _ = times.slowest()["a"]
    assert count == 1
    assert mean == pytest.approx(1, abs=0.5), "what was waited before counts"


def test_nineteen_of_twenty_are_below_the_bound_that_is_shown() -> None:
    times = Times("t", "Times.")
    for _ in range(95):
        times.note("a", 0.03)
    for _ in range(5):
        times.note("a", 60)
    assert times.slowest()["a"][2] == 0.05
    times.note("a", 60)
    assert times.slowest()["a"][2] == float("inf")


def test_no_count_is_lost_among_threads() -> None:
    count = Count("c", "Counts.")
    threads = [threading.Thread(target=lambda: [count.note("a") for _ in range(2000)]) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert count.family().samples == [("", {"page": "a"}, 16_000)]


def test_a_label_cannot_end_its_line() -> None:
    count = Count("c", "Counts\nof things.")
    count.note('a"} 1\nb \\')
    assert text([count.family()]) == ('# HELP c Counts\\nof things.\n# TYPE c counter\nc{page="a\\"} 1\\nb \\\\"} 1\n')
