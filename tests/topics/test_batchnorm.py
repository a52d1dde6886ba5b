"""Normalisation by hand against torch's own layers and autograd, and what the textbooks say of it."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from torch import nn

from dlcore.topics.batchnorm import NORMS, Sets, Statistics, backward, first_statistics, forward, moved
from tests.topics.random_batches import Case, cases, torch_module

CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-9}


@given(cases())
def test_the_way_forward_is_torchs(case: Case) -> None:
    ours = forward(case.x, case.gamma, case.beta, case.sets, eps=case.eps)
    torch.testing.assert_close(ours.y, torch_module(case)(case.x).detach(), **CLOSE)


@given(cases())
def test_the_way_back_is_autograds(case: Case) -> None:
    done = forward(case.x, case.gamma, case.beta, case.sets, eps=case.eps)
    ours = backward(done, case.grad, case.gamma, case.sets, eps=case.eps)
    module, x = torch_module(case), case.x.clone().requires_grad_()
    module(x).backward(case.grad)
    for mine, theirs in ((ours.x, x.grad), (ours.gamma, module.weight.grad), (ours.beta, module.bias.grad)):
        assert isinstance(theirs, torch.Tensor)
        torch.testing.assert_close(mine, theirs, **CLOSE)


@given(cases())
def test_gradients_on_the_way_are_those_of_each_part_alone(case: Case) -> None:
    """μ and σ² as leaves of their own: σ² moves E along x̂ only, μ along x̂ and along σ², where it comes to 0."""
    sets = case.sets
    done = forward(case.x, case.gamma, case.beta, sets, eps=case.eps)
    ours = backward(done, case.grad, case.gamma, sets, eps=case.eps)
    mean, variance = (leaf.clone().requires_grad_() for leaf in (done.mean, done.variance))
    normal = sets.table((sets.rows(case.x) - mean) / (variance + case.eps).sqrt())
    (case.gamma * normal + case.beta).backward(case.grad)
    assert ours.mean is not None
    assert ours.variance is not None
    torch.testing.assert_close(ours.mean, mean.grad, **CLOSE)
    torch.testing.assert_close(ours.variance, variance.grad, **CLOSE)


@given(cases(norms=("batch",)))
def test_with_given_statistics_it_is_torchs_evaluation_mode(case: Case) -> None:
    given_statistics = Statistics(case.beta + 1, case.gamma.square() + 0.5)
    done = forward(case.x, case.gamma, case.beta, case.sets, eps=case.eps, given=given_statistics)
    ours = backward(done, case.grad, case.gamma, case.sets, eps=case.eps, given=True)
    module, x = torch_module(case).eval(), case.x.clone().requires_grad_()
    assert isinstance(module, nn.BatchNorm1d)
    module.running_mean, module.running_var = given_statistics
    y = module(x)
    y.backward(case.grad)
    torch.testing.assert_close(done.y, y.detach(), **CLOSE)
    torch.testing.assert_close(ours.x, x.grad, **CLOSE)
    assert (ours.mean, ours.variance) == (None, None)


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.37, 1.0])
def test_running_statistics_are_torchs_after_every_batch(momentum: float) -> None:
    module = nn.BatchNorm1d(3, momentum=momentum).double()
    ours, ones = first_statistics(3), torch.ones(3, dtype=torch.float64)
    for seed in range(5):
        x = torch.randn(7, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 4 + seed
        sets = Sets("batch", 7, 3)
        ours = moved(ours, forward(x, ones, 0 * ones, sets, eps=1e-5), sets, momentum)
        module(x)
        torch.testing.assert_close(tuple(ours), (module.running_mean, module.running_var), **CLOSE)


def test_the_lectures_gamma_is_one_minus_torchs_momentum() -> None:
    """μ_t = γ μ_{t−1} + (1 − γ) μ_B with γ = 0.9, from 0 on a batch of mean 10: 1, 1.9, 2.71."""
    x = torch.tensor([[8.0], [12.0]], dtype=torch.float64)
    sets, one = Sets("batch", 2, 1), torch.ones(1, dtype=torch.float64)
    statistics, seen = first_statistics(1), []
    for _ in range(3):
        statistics = moved(statistics, forward(x, one, 0 * one, sets, eps=0), sets, momentum=1 - 0.9)
        seen.append(float(statistics.mean))
    assert seen == pytest.approx([1.0, 1.9, 2.71])


def test_the_running_variance_is_unbiased_and_the_batchs_own_is_not() -> None:
    x = torch.tensor([[1.0], [3.0]], dtype=torch.float64)  # deviations ±1: biased 1, unbiased 2
    sets, one = Sets("batch", 2, 1), torch.ones(1, dtype=torch.float64)
    done = forward(x, one, 0 * one, sets, eps=0)
    assert done.normal.flatten().tolist() == [-1, 1]
    assert float(moved(first_statistics(1), done, sets, momentum=1).variance) == 2


@given(cases())
def test_what_shares_a_mean_has_mean_0_and_a_variance_that_epsilon_makes_smaller(case: Case) -> None:
    done = forward(case.x, case.gamma, case.beta, case.sets, eps=case.eps)
    rows = case.sets.rows(done.normal)
    torch.testing.assert_close(rows.mean(dim=1), torch.zeros_like(rows[:, 0]), **CLOSE)
    expected = done.variance / (done.variance + case.eps)
    torch.testing.assert_close(rows.var(dim=1, correction=0, keepdim=True), expected, **CLOSE)
    assert float(rows.abs().max()) <= math.sqrt(case.sets.members - 1) + 1e-9


@given(cases())
def test_gradients_of_a_set_add_up_to_0_and_all_but_0_along_it(case: Case) -> None:
    done = forward(case.x, case.gamma, case.beta, case.sets, eps=0)
    rows = case.sets.rows(backward(done, case.grad, case.gamma, case.sets, eps=0).x)
    scale = float(rows.abs().max()) + 1
    along = (rows * case.sets.rows(done.normal)).sum(dim=1)
    assert float(rows.sum(dim=1).abs().max()) < 1e-9 * scale
    assert float(along.abs().max()) < 1e-9 * scale


@given(cases())
def test_weights_twice_as_large_give_the_same_and_get_half_the_gradient(case: Case) -> None:
    """A normalised layer does not see the scale of its inputs, and so of the weights before it."""
    once, twice = (forward(c * case.x, case.gamma, case.beta, case.sets, eps=0) for c in (1, 2))
    torch.testing.assert_close(once.y, twice.y, **CLOSE)
    first, second = (backward(done, case.grad, case.gamma, case.sets, eps=0).x for done in (once, twice))
    torch.testing.assert_close(first, 2 * second, **CLOSE)


def test_layer_norm_is_group_norm_with_one_group() -> None:
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gamma, beta = torch.full((6,), 2.0, dtype=torch.float64), torch.arange(6).double()
    layer, group = (forward(x, gamma, beta, Sets(norm, 4, 6, 1), eps=1e-5).y for norm in ("layer", "group"))
    torch.testing.assert_close(layer, group)


@pytest.mark.parametrize(
    ("norm", "shape", "members"), [("batch", (1, 6), 4), ("layer", (4, 1), 6), ("group", (4, 2), 3)]
)
def test_who_shares_a_mean(norm: str, shape: tuple[int, int], members: int) -> None:
    sets = Sets(norm, 4, 6, 2)
    assert (sets.shape, sets.members) == (shape, members)
    table = torch.arange(24.0).view(4, 6)
    assert torch.equal(sets.table(sets.rows(table)), table)
    first = {"batch": [0, 6, 12, 18], "layer": [0, 1, 2, 3, 4, 5], "group": [0, 1, 2]}[norm]
    assert sets.rows(table)[0].tolist() == first


def test_all_three_norms_are_tested() -> None:
    assert set(NORMS) == {"batch", "layer", "group"}
