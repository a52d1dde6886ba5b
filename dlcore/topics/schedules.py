"""Knows how a learning rate changes with the step; does not know what is being optimized, or by whom.

A schedule is a factor: the learning rate of update t is `lr * factor(name, t, ...)`, where t = 0 is the first update.
All schedules take the same three settings and use those they need:
decay (κ) is how strongly the rate falls, period how long a stage or a cycle lasts (updates), num_steps the whole run.
"""

import math
from collections.abc import Callable


def constant(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """1: the learning rate stays as it is."""
    return 1.0


def step(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """κ^⌊t/s⌋: multiplied by κ after every stage of s updates; torch calls it StepLR."""
    return decay ** (t // period)


def exponential(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """e^(−κt): the same fraction lost at every update; torch's ExponentialLR with gamma = e^(−κ)."""
    return math.exp(-decay * t)


def time_based(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """1/(1 + κt): the classical decay of Robbins and Monro (1951), whose sum over all steps is infinite."""
    return 1 / (1 + decay * t)


def cosine(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """(1 + cos(πt/T))/2: half a cosine from 1 to 0 over the whole run (Loshchilov and Hutter, 2017, eq. 5)."""
    return (1 + math.cos(math.pi * t / num_steps)) / 2


def warm_restarts(t: int, *, decay: float, period: int, num_steps: int) -> float:
    """The cosine over one period, started again and again (SGDR: Loshchilov and Hutter, 2017, with T_mult = 1)."""
    return (1 + math.cos(math.pi * (t % period) / period)) / 2


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "step": step,
    "exponential": exponential,
    "time-based": time_based,
    "cosine": cosine,
    "warm-restarts": warm_restarts,
}


def factor(name: str, t: int, *, decay: float, period: int, num_steps: int) -> float:
    """What the learning rate of update t is multiplied by.

    t: 0 for the first update; decay: κ, at least 0; period and num_steps: updates, at least 1.

    Raises: ValueError for a name that is not in SCHEDULES.
    """
    if name not in SCHEDULES:
        raise ValueError(f"schedule is {name!r}: it must be one of {', '.join(SCHEDULES)}.")
    return SCHEDULES[name](t, decay=decay, period=period, num_steps=num_steps)
