"""The figures of the load benchmarks, on numbers whose answer is known; one short class, for real."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._load import Tally, growth_percent, percentile

ROOT = Path(__file__).parent.parent


def test_nineteen_of_twenty() -> None:
    assert percentile(range(100), 0.95) == 95
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.95) != percentile([], 0.95)


@given(values=st.lists(st.floats(0, 1e6), min_size=1))
def test_a_share_of_all_is_at_most_the_percentile(values: list[float]) -> None:
    assert sum(value <= percentile(values, 0.95) for value in values) >= 0.95 * len(values)


def test_a_line_grows_by_its_own_slope() -> None:
    times = [float(t) for t in range(31)]
    assert growth_percent(times, [100.0 + t for t in times]) == pytest.approx(100 * 20 / 110)
    assert growth_percent(times, [250.0 if t < 9 else 100.0 for t in times]) == pytest.approx(0)


def test_an_error_is_one_readers_own() -> None:
    tally = Tally()
    with tally.timed("open"):
        raise RuntimeError("planted")
    with tally.timed("open"):
        pass
    assert tally.errors == ["open: RuntimeError: planted"]
    assert len(tally.seconds["open"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "figure"), [(["class_load", "4", "2"], "open_p95_s"), (["soak", "6", "2"], "visits")]
)
def test_a_small_class_meets_no_error(command: list[str], figure: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *command], cwd=ROOT, capture_output=True, text=True, timeout=280
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["errors"] == 0, done.stdout
    assert figures[figure] > 0
