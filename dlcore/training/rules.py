"""Knows how rows of parameters are updated, one model a row, as torch.optim updates each; does not know the loss.

A rule turns the gradient of all rows into a step Δ, so that params ← params + Δ:

    rule(g, state, lr, t) -> Δ

    g      (models, params)
    state  its buffers, (models, params) each, zero at first; they are written into
    lr     η of each model, (models, 1)
    t      1 for the first update; (models, 1), float64, where the models did not begin at once
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

MU = 0.9
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An update rule and the names of its buffers; decoupled: weight decay shrinks w itself, past the rule."""

    update: Callable[[Tensor, Mapping[str, Tensor], Tensor, int | Tensor], Tensor]
    state: tuple[str, ...] = ()
    decoupled: bool = False


def sgd(g: Tensor, state: Mapping[str, Tensor], lr: Tensor, t: int | Tensor) -> Tensor:
    """Δ = −η g."""
    return -lr * g


def momentum(g: Tensor, state: Mapping[str, Tensor], lr: Tensor, t: int | Tensor) -> Tensor:
    """v ← μv + g;  Δ = −η v (Polyak, 1964)."""
    return -lr * state["v"].mul_(MU).add_(g)


def adam(g: Tensor, state: Mapping[str, Tensor], lr: Tensor, t: int | Tensor) -> Tensor:
    """m, v: averages of g and g², corrected for their start at zero;  Δ = −η m̂/(√v̂ + ε) (Kingma and Ba, 2015)."""
    m = state["m"].lerp_(g, 1 - BETA1)
    v = state["v"].mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
    rate, spread = lr / _weight(BETA1, t, lr), _weight(BETA2, t, lr) ** 0.5
    return (-rate * m).div_(v.sqrt().div_(spread).add_(EPS))


def _weight(beta: float, t: int | Tensor, like: Tensor) -> float | Tensor:
    """1 − βᵗ, what the t gradients that there were weigh in the average; taken exactly and then rounded."""
    weight = 1 - beta**t
    return weight.to(like.dtype) if isinstance(weight, Tensor) else weight


RULES: dict[str, Rule] = {
    "sgd": Rule(update=sgd),
    "momentum": Rule(update=momentum, state=("v",)),
    "adam": Rule(update=adam, state=("m", "v")),
    "adamw": Rule(update=adam, state=("m", "v"), decoupled=True),
}
