"""Normalisation by hand, forward and back, for batch, layer and group norm; knows no autograd, draws nothing.

The three differ in one thing: which numbers share a mean and a variance. Laid out with such a set in every row, they
are the same few lines (Ioffe and Szegedy, 2015, algorithm 1 and section 3; Ba et al., 2016; Wu and He, 2018).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

NORMS = {"batch": "batch norm", "layer": "layer norm", "group": "group norm"}
MODULES = {"batch": "BatchNorm1d", "layer": "LayerNorm", "group": "GroupNorm"}


class Sets(NamedTuple):
    """Which numbers of (samples, features) share a mean: a feature's, a sample's, or those of a sample's groups."""

    norm: str
    samples: int
    features: int
    groups: int = 1  # of features, for group norm

    @property
    def shape(self) -> tuple[int, int]:
        """How the sets lie in the table: (rows, columns) of them."""
        return {"batch": (1, self.features), "layer": (self.samples, 1), "group": (self.samples, self.groups)}[
            self.norm
        ]

    @property
    def members(self) -> int:
        """m: so many numbers share a mean."""
        rows, columns = self.shape
        return self.samples * self.features // (rows * columns)

    def rows(self, table: Tensor) -> Tensor:
        """(samples, features) with a set in every row: (sets, members)."""
        return table.T if self.norm == "batch" else table.reshape(-1, self.members)

    def table(self, rows: Tensor) -> Tensor:
        """The way back: (sets, members), or one number a set (sets, 1), as (samples, features)."""
        rows = rows.expand(-1, self.members)
        return rows.T if self.norm == "batch" else rows.reshape(self.samples, self.features)


class Forward(NamedTuple):
    """Everything on the way from x to y."""

    x: Tensor  # (samples, features)
    mean: Tensor  # μ, (sets, 1)
    variance: Tensor  # σ², (sets, 1): biased, divided by m
    normal: Tensor  # x̂, (samples, features)
    y: Tensor  # (samples, features)


class Backward(NamedTuple):
    """∂E/∂ of everything on the way back; μ and σ² have none where they are given."""

    gamma: Tensor  # (features,)
    beta: Tensor  # (features,)
    normal: Tensor  # (samples, features)
    variance: Tensor | None  # (sets, 1)
    mean: Tensor | None  # (sets, 1)
    x: Tensor  # (samples, features)


class Statistics(NamedTuple):
    """Means and variances of the features, (features,) each, that a batch does not have to supply."""

    mean: Tensor
    variance: Tensor


def forward(
    x: Tensor, gamma: Tensor, beta: Tensor, sets: Sets, *, eps: float, given: Statistics | None = None
) -> Forward:
    """y = γ x̂ + β; given: the statistics of batch norm at test time, instead of the batch's own.

    x: (samples, features); gamma, beta: (features,).
    """
    rows = sets.rows(x)
    mean = rows.mean(dim=1, keepdim=True) if given is None else given.mean[:, None]
    variance = ((rows - mean) ** 2).mean(dim=1, keepdim=True) if given is None else given.variance[:, None]
    normal = sets.table((rows - mean) / (variance + eps).sqrt())
    return Forward(x, mean, variance, normal, gamma * normal + beta)


def backward(done: Forward, grad: Tensor, gamma: Tensor, sets: Sets, *, eps: float, given: bool = False) -> Backward:
    """The chain rule, from grad = ∂E/∂y (samples, features) back to ∂E/∂x; given: μ and σ² do not depend on x.

    Along x̂ = (x − μ)/√(σ² + ε), x moves E on three ways: by itself, through σ², and through μ.
    """
    normal = gamma * grad
    centred, spread = sets.rows(done.x) - done.mean, (done.variance + eps).sqrt()
    rows = sets.rows(normal)
    variance = (rows * centred).sum(dim=1, keepdim=True) * -0.5 * spread**-3
    mean = -rows.sum(dim=1, keepdim=True) / spread  # through σ² comes nothing: Σ(x − μ) = 0
    direct = rows / spread
    x = direct if given else direct + variance * 2 * centred / sets.members + mean / sets.members
    return Backward(
        gamma=(grad * done.normal).sum(dim=0),
        beta=grad.sum(dim=0),
        normal=normal,
        variance=None if given else variance,
        mean=None if given else mean,
        x=sets.table(x),
    )


def moved(before: Statistics, done: Forward, sets: Sets, momentum: float) -> Statistics:
    """The running statistics after one more batch, in torch's convention: momentum is the weight of the new batch.

    The variance that goes in is unbiased, divided by m − 1, whereas x̂ is made with the biased one.
    """
    unbiased = done.variance[:, 0] * sets.members / (sets.members - 1)
    return Statistics(before.mean.lerp(done.mean[:, 0], momentum), before.variance.lerp(unbiased, momentum))


def first_statistics(features: int) -> Statistics:
    """What torch's running statistics are before any batch."""
    return Statistics(torch.zeros(features, dtype=torch.float64), torch.ones(features, dtype=torch.float64))


def module_of(sets: Sets, gamma: Tensor, beta: Tensor, *, eps: float, momentum: float) -> nn.Module:
    """torch's own layer with these parameters, in float64."""
    make = {
        "batch": lambda: nn.BatchNorm1d(sets.features, eps=eps, momentum=momentum),
        "layer": lambda: nn.LayerNorm(sets.features, eps=eps),
        "group": lambda: nn.GroupNorm(sets.groups, sets.features, eps=eps),
    }
    module = make[sets.norm]().double()
    with torch.no_grad():
        module.weight.copy_(gamma)
        module.bias.copy_(beta)
    return module
