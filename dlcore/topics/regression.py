"""Losses of two parameters fitted to real points: least squares and logistic regression, with their exact minima.

Knows the losses, over all samples or over a mini-batch; knows neither where the points come from nor who fits them.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from dlcore.datasets.points import PointSet
from dlcore.topics.landscape import Surface, derivatives


def least_squares(points: PointSet) -> Surface:
    """A straight line through the points: slope w and intercept b, the mean of half the squared errors.

    points: one standardised input, so that the Hessian is the identity: the bowl is round, and what bends a path is
    the sampling noise alone.
    """
    inputs, targets = points.inputs, points.targets
    # Normal equations: A w = c with A = Σ φφᵀ/n, c = Σ φt/n, φ = (input, 1).
    features = torch.stack([inputs, torch.ones_like(inputs)], dim=1)
    (a, b), (_, d) = curvature = (features.T @ features / len(points)).tolist()
    solution = torch.linalg.solve(torch.tensor(curvature, dtype=inputs.dtype), features.T @ targets / len(points))
    slope, intercept = solution.tolist()
    lowest = (0.5 * (features @ solution - targets) ** 2).mean().item()

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        if samples is None:  # the same parabola, written around its minimum: no sum over samples
            u, v = x - slope, y - intercept
            return lowest + 0.5 * (a * u**2 + 2 * b * u * v + d * v**2)
        residuals = x[:, None] * inputs[samples] + y[:, None] - targets[samples]  # (rows, batch)
        return (0.5 * residuals**2).mean(dim=-1)

    return Surface(
        name="least-squares",
        title="Least squares on real points",
        latex=r"f(w, b) = \frac{1}{n} \sum_{i=1}^{n} \tfrac{1}{2}\left(w\,x_i + b - t_i\right)^2",
        code="(0.5 * (x * inputs[batch] + y - targets[batch])**2).mean()",
        setup=points.setup,
        loss=loss,
        bounds=(-2.0, 2.0, -2.0, 2.0),
        minima=((slope, intercept),),
        start=(-1.5, 1.5),
        lr=0.1,
        log_colour=False,
        num_samples=len(points),
        axis_names=("w", "b"),
    )


def logistic(points: PointSet) -> Surface:
    """A line through the origin that parts two classes: one weight a feature, the mean cross-entropy.

    points: two standardised inputs and targets −1 and +1. The minimum is Newton's, to the last digits.
    """
    signed = points.targets[:, None] * points.inputs  # (samples, 2): tφ, since the loss needs the margin t·wᵀφ only

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        chosen = signed if samples is None else signed[samples]
        return softplus(-(torch.stack([x, y], dim=-1) @ chosen.T)).mean(dim=-1)  # −ln σ(t·wᵀφ)

    w = torch.zeros(1, 2, dtype=signed.dtype)
    for _ in range(20):  # convex, and from w = 0 Newton's plain steps arrive in 8
        _, g, curvature = derivatives(loss, w)
        w = w - torch.linalg.solve(curvature, g)
    return Surface(
        name="logistic",
        title="Logistic regression on real points",
        latex=r"f(w_1, w_2) = \frac{1}{n} \sum_{i=1}^{n} \ln\left(1 + e^{-t_i (w_1 x_{i1} + w_2 x_{i2})}\right)",
        code="torch.nn.functional.softplus(-targets[batch] * (x * inputs[batch, 0] + y * inputs[batch, 1])).mean()",
        setup=points.setup,
        loss=loss,
        bounds=(-3.0, 9.0, -5.0, 6.0),
        minima=((w[0, 0].item(), w[0, 1].item()),),
        start=(-2.0, 4.0),
        lr=1.0,
        log_colour=False,
        num_samples=len(points),
        axis_names=("w₁", "w₂"),
    )
