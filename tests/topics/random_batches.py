"""Mini-batches drawn at random, with a normalisation for each, and torch's own module with the same parameters."""

from typing import NamedTuple

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.batchnorm import NORMS, Sets


class Case(NamedTuple):
    """A batch, its normalisation and what comes back from behind, in float64."""

    sets: Sets
    x: Tensor
    gamma: Tensor
    beta: Tensor
    grad: Tensor
    eps: float


@st.composite
def cases(draw: st.DrawFn, norms: tuple[str, ...] = tuple(NORMS)) -> Case:
    """At least two numbers share a mean: torch refuses one."""
    norm = draw(st.sampled_from(norms))
    samples, groups, width = draw(st.integers(2, 9)), draw(st.integers(1, 3)), draw(st.integers(2, 4))
    sets = Sets(norm, samples, groups * width, groups)
    chances = generator(draw(st.integers(0, 2**31 - 1)))
    spread = 10.0 ** draw(st.integers(-1, 2))
    x, grad = torch.randn(2, samples, sets.features, generator=chances, dtype=torch.float64)
    gamma, beta = torch.randn(2, sets.features, generator=chances, dtype=torch.float64)
    return Case(sets, spread * x + spread, gamma, beta, grad, 10.0 ** draw(st.integers(-7, 0)))


def torch_module(case: Case) -> nn.Module:
    """torch's layer in float64, in training mode."""
    sets, eps = case.sets, case.eps
    module = {
        "batch": nn.BatchNorm1d(sets.features, eps=eps),
        "layer": nn.LayerNorm(sets.features, eps=eps),
        "group": nn.GroupNorm(sets.groups, sets.features, eps=eps),
    }[sets.norm].double()
    with torch.no_grad():
        module.weight.copy_(case.gamma)
        module.bias.copy_(case.beta)
    return module
