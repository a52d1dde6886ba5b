"""Runs that join and leave at any step, and whose frames are fetched in any order, are each the run alone.

In float64 they agree to 1e-9; in float32 and over some dozen steps to 1e-4, since sums are added in another order.
Where Adam meets ReLU and batch norm, one unit in the last place grows to 1e-2 within 20 steps: float64 is what counts.
"""

import dataclasses
import itertools
from collections.abc import Generator, Iterator, Sequence

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.topics import overfitting
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.training import TrainConfig, TrainFrame, in_worker, loop, together, train
from dlcore.training.edits import Edit
from dlcore.training.stack import Stack
from dlcore.training.together import Company
from tests.training.cases import CASES, PLAIN, but, neighbours

FIELDS = ("params", "running")


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a worker: all that train do it together."""
    monkeypatch.setattr(loop, "_COMPANY", [])
    in_worker()


def alone(configs: Sequence[TrainConfig], dtype: torch.dtype = torch.float64) -> list[TrainFrame]:
    return list(Company().frames(configs, iter(range(1, configs[0].num_steps + 1)), dtype))


def assert_equal(frames: Sequence[TrainFrame], expected: Sequence[TrainFrame], tolerance: float = 1e-9) -> None:
    assert [frame.step for frame in frames] == [frame.step for frame in expected]
    assert [frame.diverged for frame in frames] == [frame.diverged for frame in expected]
    for field in FIELDS:
        both = ([getattr(frame, field) for frame in each] for each in (frames, expected))
        np.testing.assert_allclose(*both, rtol=0, atol=tolerance)


def in_any_order(runs: list[Iterator[TrainFrame]], seed: int) -> list[list[TrainFrame]]:
    """All frames, a few of this run and a few of that; the later runs come when others are in their midst."""
    chances = np.random.default_rng(seed)
    found: list[list[TrainFrame]] = [[] for _ in runs]
    going = list(range(len(runs)))
    while going:
        latest = min(len(going), 1 + sum(map(len, found)) // 12)
        number = going[chances.integers(latest)]
        fetched = list(itertools.islice(runs[number], int(chances.integers(1, 7))))
        found[number] += fetched
        if not fetched:
            going.remove(number)
    return found


@pytest.mark.parametrize(
    ("name", "dtype", "tolerance"),
    [
        *((name, torch.float64, 1e-9) for name in CASES),
        *((name, torch.float32, 1e-4) for name in CASES if name != "all at once"),
    ],
)
def test_runs_that_join_at_any_step_are_each_the_run_alone(name: str, dtype: torch.dtype, tolerance: float) -> None:
    pairs = [neighbours(but(CASES[name], seed=seed, num_steps=40 - seed))[:2] for seed in range(5)]
    found = in_any_order([train(pair, dtype=dtype) for pair in pairs], seed=1)
    for pair, frames in zip(pairs, found, strict=True):
        assert_equal(frames, alone(pair, dtype), tolerance)


def test_one_step_of_the_stack_is_one_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    update = Stack.update
    monkeypatch.setattr(Stack, "update", lambda stack: counted.append(len(stack.rows)) or update(stack))
    runs = [train([but(PLAIN, seed=seed)]) for seed in range(6)]
    for frames in zip(*runs, strict=True):
        assert len({frame.step for frame in frames}) == 1
    assert counted == [6] * PLAIN.num_steps


def test_runs_of_other_shapes_are_left_alone() -> None:
    configs = [PLAIN, but(PLAIN, hidden=(7, 6)), but(PLAIN, optimizer="sgd"), but(PLAIN, batch_size=10)]
    configs += [but(PLAIN, dropout=0.3), but(PLAIN, data=dataclasses.replace(PLAIN.data, num_train=60))]
    found = in_any_order([train([config], dtype=torch.float64) for config in configs], seed=2)
    for config, frames in zip(configs, found, strict=True):
        for frame, other in zip(frames, alone([config]), strict=True):
            np.testing.assert_array_equal(frame.params, other.params)


def test_who_leaves_at_any_step_leaves_the_others_alone() -> None:
    stays, goes = [but(PLAIN, seed=1)], [but(PLAIN, seed=2)]
    going, staying = train(goes, dtype=torch.float64), train(stays, dtype=torch.float64)
    frames = [next(staying), next(staying)]
    fetched = list(itertools.islice(going, 9))
    frames += itertools.islice(staying, 12)
    assert isinstance(going, Generator)
    going.close()
    frames += staying
    assert_equal(frames, alone(stays))
    assert_equal(fetched, alone(goes)[:9])


def test_who_does_not_fetch_is_waited_for_by_nobody_and_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_AHEAD", 8)
    slow, fast = (train([but(PLAIN, seed=seed)], dtype=torch.float64) for seed in range(2))
    frames = [next(slow), next(slow)]
    assert len(list(fast)) == PLAIN.num_steps + 1
    (table,) = loop._COMPANY[0]._tables.values()
    assert len(table.seats[0].ahead) == 8
    assert_equal([*frames, *slow], alone([but(PLAIN, seed=0)]))
    assert not loop._COMPANY[0]._tables


def test_frames_are_at_the_steps_that_each_has_asked_for() -> None:
    runs = [
        train([but(PLAIN, seed=seed)], steps=steps) for seed, steps in enumerate([[0, 7, 9, 33], [3], [], range(41)])
    ]
    steps = [[frame.step for frame in frames] for frames in in_any_order(runs, seed=3)]
    assert steps == [[0, 7, 9, 33], [0, 3], [0], list(range(41))]


def test_changes_by_hand_are_made_at_the_runs_own_steps() -> None:
    edits = (Edit(0, "b1.0", 2.0), Edit(6, "w1.0.1", -3.0), Edit(6, "lr", 0.5), Edit(20, "lr", 0.001))
    edited = [but(PLAIN, seed=1, edits=edits), but(PLAIN, seed=2)]
    runs = [train([but(PLAIN, seed=8)], dtype=torch.float64), train(edited, dtype=torch.float64)]
    first = list(itertools.islice(runs[0], 5))
    second, rest = in_any_order([runs[1], runs[0]], seed=4)
    assert_equal(second, alone(edited))
    assert_equal([*first, *rest], alone([but(PLAIN, seed=8)]))


def test_a_run_that_diverges_among_others_ends_as_it_would_alone() -> None:
    wild = but(PLAIN, optimizer="sgd", lr=10.0, l2=1.0, activation="relu")  # each step multiplies the weights by −9
    tame = but(wild, lr=0.01, l2=0.01, seed=4)
    groups = [[tame], [wild, tame], [wild], [but(tame, seed=5)]]
    found = in_any_order([train(group, dtype=torch.float64) for group in groups], seed=5)
    for group, frames in zip(groups, found, strict=True):
        expected = alone(group)
        assert [frame.step for frame in frames] == [frame.step for frame in expected]
        assert frames[-1].diverged == expected[-1].diverged
        quiet = [row for row, config in enumerate(group) if config is not wild]
        for row in quiet:
            both = ([frame.params[row] for frame in each] for each in (frames, expected))
            np.testing.assert_allclose(*both, rtol=0, atol=1e-9)
    assert found[1][-1].diverged
    assert found[2][-1].step < wild.num_steps


def test_a_fault_in_a_step_is_told_to_all_who_took_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [train([but(PLAIN, seed=seed)]) for seed in range(2)]
    other = train([but(PLAIN, hidden=(3,))])
    for run in (*runs, other, *runs):
        next(run)

    def fails(stack: Stack) -> None:
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(Stack, "update", fails)
        with pytest.raises(RuntimeError, match="out of memory"):
            list(runs[0])
    with pytest.raises(RuntimeError, match="out of memory"):
        list(runs[1])
    assert next(other).step == 1


def test_many_large_runs_are_not_one_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    update = Stack.update
    monkeypatch.setattr(Stack, "update", lambda stack: counted.append(len(stack.rows)) or update(stack))
    large = but(PLAIN, data=PlaneConfig(num_train=1000), hidden=(64, 64), num_steps=3)
    for _ in zip(*(train([but(large, seed=seed)]) for seed in range(4)), strict=True):
        pass
    assert max(counted) == 2  # 1000 samples through 131 units are half of what a step takes


def test_a_lesson_shows_what_it_shows_alone() -> None:
    config = OverfittingConfig(num_seeds=2, num_steps=30, hidden=(8,), num_train=40)
    other = dataclasses.replace(config, seed=50, switch="l2")
    runs = [overfitting.frames(config), overfitting.frames(other)]
    both = [list(moments) for moments in zip(*zip(*runs, strict=True), strict=True)]
    loop._COMPANY.clear()
    for each, frames in zip((config, other), both, strict=True):
        expected = list(overfitting.frames(each))
        assert [frame.said for frame in frames] == [frame.said for frame in expected]
        for name in ("a.loss.test.mean", "b.loss.train.high", "a.drawn.accuracy.test"):
            values = ([float(frame.arrays[name]) for frame in each] for each in (frames, expected))
            np.testing.assert_allclose(*values, rtol=0, atol=1e-3)
