"""Least squares and logistic regression of two parameters, against independent solvers and plain sums."""

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore.datasets.points import breast_cancer, diabetes
from dlcore.topics.landscape import gradient, hessian
from dlcore.topics.surfaces import make_surface

both = pytest.mark.parametrize("name", ["least-squares", "logistic"])


def random_points(rows: int, seed: int = 0) -> Tensor:
    return 2 * torch.randn(rows, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_least_squares_minimum_is_numpys() -> None:
    points = diabetes()
    features = np.stack([points.inputs.numpy(), np.ones(len(points))], axis=1)
    expected, (squares,), _, _ = np.linalg.lstsq(features, points.targets.numpy())
    surface = make_surface("least-squares")
    assert surface.minima == (pytest.approx(expected, abs=1e-12),)
    lowest = gradient(surface, torch.tensor(surface.minima, dtype=torch.float64))[0].item()
    assert lowest == pytest.approx(squares / 2 / len(points), rel=1e-12)


def test_on_standardised_data_the_slope_is_the_correlation_and_the_bowl_is_round() -> None:
    points = diabetes()
    ((slope, intercept),) = make_surface("least-squares").minima
    assert slope == pytest.approx(np.corrcoef(points.inputs, points.targets)[0, 1], abs=1e-12)
    assert intercept == pytest.approx(0, abs=1e-12)
    curvature = hessian(make_surface("least-squares"), random_points(2))
    torch.testing.assert_close(curvature, torch.eye(2, dtype=torch.float64).expand(2, 2, 2), rtol=1e-12, atol=1e-12)


def test_the_logistic_minimum_is_scikit_learns() -> None:
    from sklearn.linear_model import LogisticRegression

    points = breast_cancer()
    model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-12, max_iter=1000)
    expected = model.fit(points.inputs.numpy(), points.targets.numpy()).coef_[0]
    surface = make_surface("logistic")
    assert surface.minima == (pytest.approx(expected, abs=1e-5),)
    assert gradient(surface, torch.tensor(surface.minima, dtype=torch.float64))[1].abs().max() < 1e-14


def test_the_logistic_loss_is_the_mean_cross_entropy() -> None:
    points = breast_cancer()
    w = random_points(4)
    logits = w @ points.inputs.T
    labels = (points.targets > 0).double().expand(4, -1)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(dim=1)
    torch.testing.assert_close(make_surface("logistic").loss(w[:, 0], w[:, 1]), expected, rtol=1e-12, atol=1e-12)


def test_the_least_squares_loss_is_half_the_mean_squared_error() -> None:
    points = diabetes()
    w = random_points(4)
    residuals = w[:, :1] * points.inputs + w[:, 1:] - points.targets
    expected = (residuals**2).mean(dim=1) / 2
    torch.testing.assert_close(make_surface("least-squares").loss(w[:, 0], w[:, 1]), expected, rtol=1e-12, atol=1e-12)


def test_the_logistic_surface_is_convex() -> None:
    assert torch.linalg.eigvalsh(hessian(make_surface("logistic"), random_points(50))).min() > 0


@both
def test_the_batches_of_an_epoch_average_to_the_whole(name: str) -> None:
    surface = make_surface(name)
    w = random_points(3)
    order = torch.randperm(surface.num_samples, generator=torch.Generator().manual_seed(1))
    whole, g = gradient(surface, w)
    batches = order.split(32)
    shares = torch.tensor([len(batch) for batch in batches], dtype=torch.float64) / surface.num_samples
    parts = [gradient(surface, w, batch) for batch in batches]
    torch.testing.assert_close(shares @ torch.stack([loss for loss, _ in parts]), whole, rtol=1e-12, atol=1e-12)
    mean = torch.einsum("b,brk->rk", shares, torch.stack([part for _, part in parts]))
    torch.testing.assert_close(mean, g, rtol=1e-10, atol=1e-12)


@both
def test_the_mean_of_single_sample_gradients_is_the_gradient_and_their_spread_is_not_zero(name: str) -> None:
    surface = make_surface(name)
    w = torch.tensor(surface.minima, dtype=torch.float64)
    singles = torch.cat([gradient(surface, w, torch.tensor([i]))[1] for i in range(surface.num_samples)])
    assert singles.mean(dim=0).abs().max() < 1e-12  # at the minimum they cancel
    assert singles.std(dim=0).min() > 0.1  # one by one they do not: the sampling noise


@both
def test_a_sample_drawn_twice_counts_twice(name: str) -> None:
    surface = make_surface(name)
    x, y = random_points(2).unbind(dim=1)
    twice = surface.loss(x, y, torch.tensor([0, 0, 5]))
    once = (2 * surface.loss(x, y, torch.tensor([0])) + surface.loss(x, y, torch.tensor([5]))) / 3
    torch.testing.assert_close(twice, once, rtol=1e-13, atol=1e-13)
