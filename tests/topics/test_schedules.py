"""Schedules against torch.optim.lr_scheduler, and against what the textbook says of each."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from dlcore.topics.schedules import SCHEDULES, factor

NUM_STEPS = 200


def torch_factors(make: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler], num_steps: int) -> list[float]:
    """What torch multiplies a learning rate of 1 by, at every step of a loop."""
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    scheduler = make(optimizer)
    factors = []
    for _ in range(num_steps):
        factors.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return factors


@pytest.mark.parametrize("decay", [0.003, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("period", [1, 7, 50, 300])
def test_equals_torch(decay: float, period: int) -> None:
    twins: dict[str, Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]] = {
        "constant": lambda o: lr_scheduler.ConstantLR(o, factor=1.0),
        "step": lambda o: lr_scheduler.StepLR(o, step_size=period, gamma=decay),
        "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=math.exp(-decay)),
        "time-based": lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + decay * t)),
        "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=NUM_STEPS),
        "warm-restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=period),
    }
    assert twins.keys() == SCHEDULES.keys()
    for name, make in twins.items():
        ours = [factor(name, t, decay=decay, period=period, num_steps=NUM_STEPS) for t in range(NUM_STEPS)]
        assert ours == pytest.approx(torch_factors(make, NUM_STEPS), abs=1e-12), name


@given(
    name=st.sampled_from(sorted(SCHEDULES)),
    t=st.integers(0, 1000),
    decay=st.floats(0, 1),
    period=st.integers(1, 1000),
    num_steps=st.integers(1, 1000),
)
def test_starts_at_one_and_never_leaves_zero_to_one(
    name: str, t: int, decay: float, period: int, num_steps: int
) -> None:
    assert factor(name, 0, decay=decay, period=period, num_steps=num_steps) == 1
    assert 0 <= factor(name, t, decay=decay, period=period, num_steps=num_steps) <= 1


def test_time_based_has_halved_after_one_over_kappa_steps() -> None:
    assert factor("time-based", 100, decay=0.01, period=1, num_steps=1) == pytest.approx(0.5)


def test_step_waits_and_drops() -> None:
    factors = [factor("step", t, decay=0.1, period=3, num_steps=9) for t in range(7)]
    assert factors == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01])


def test_cosine_is_half_way_at_half_time_and_nothing_at_the_end() -> None:
    assert factor("cosine", 50, decay=0, period=1, num_steps=100) == pytest.approx(0.5)
    assert factor("cosine", 100, decay=0, period=1, num_steps=100) == 0


def test_warm_restarts_return_to_the_full_rate() -> None:
    factors = [factor("warm-restarts", t, decay=0, period=10, num_steps=100) for t in range(40)]
    assert [t for t, value in enumerate(factors) if value == 1] == [0, 10, 20, 30]
    assert all(later < earlier for earlier, later in itertools.pairwise(factors[:10]))


def test_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"schedule is 'linear': it must be one of constant, step"):
        factor("linear", 0, decay=0.1, period=1, num_steps=1)
