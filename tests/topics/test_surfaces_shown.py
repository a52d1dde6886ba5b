"""What each surface is there to show, seen by plain gradient descent."""

import math

import pytest
import torch
from torch import Tensor

from dlcore.topics.landscape import Surface, gradient, hessian
from dlcore.topics.surfaces import SURFACES, SurfaceSettings, make_surface


def points(*rows: tuple[float, float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


@pytest.mark.parametrize("name", [name for name in SURFACES if name != "cliff"])
def test_plain_gradient_descent_goes_down_from_the_start_at_the_learning_rate(name: str) -> None:
    surface = make_surface(name)
    values = surface.loss(*descend(surface, surface.start, surface.lr, 150).T)
    assert values.isfinite().all()
    assert values[-1] < values[0]


def descend(surface: Surface, start: tuple[float, float], lr: float, num_steps: int, clip: float = math.inf) -> Tensor:
    """The path of plain gradient descent: (num_steps + 1, 2)."""
    path = [points(start)]
    for _ in range(num_steps):
        g = gradient(surface, path[-1])[1]
        path.append(path[-1] - lr * g * min(1.0, clip / g.norm().item()))
    return torch.cat(path)


@pytest.mark.parametrize("condition", [1, 2.5, 20, 1000])
def test_the_quadratics_curvatures_are_one_and_its_condition_number(condition: float) -> None:
    surface = make_surface("quadratic", SurfaceSettings(condition=condition))
    curvature = torch.linalg.eigvalsh(hessian(surface, points((0, 0), (3, -2))))
    assert curvature.tolist() == [pytest.approx([1, condition])] * 2
    assert surface.lr < 2 / condition


def test_the_saddle_falls_to_either_side() -> None:
    saddle = make_surface("saddle")
    assert gradient(saddle, points((0, 0)))[1].abs().max() == 0
    assert hessian(saddle, points((0, 0)))[0].tolist() == [[1, 0], [0, -1]]
    # On the ridge, y = 0, descent ends in the saddle; the start lies just beside the ridge.
    assert descend(saddle, (-3.0, 0.0), 0.1, 300)[-1].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert descend(saddle, saddle.start, 0.1, 300)[-1].tolist() == pytest.approx(saddle.minima[0], abs=1e-6)


@pytest.mark.parametrize("x0", [2.0, 2.5, 3.0])
@pytest.mark.parametrize("lr", [0.1, 0.2])
def test_the_cliff_throws_descent_out_of_the_picture_and_clipping_saves_it(x0: float, lr: float) -> None:
    cliff = make_surface("cliff")
    slopes = gradient(cliff, points((1.0, 0.0), (2.0, 0.0), (0.0, 0.0)))[1].norm(dim=1)
    assert slopes[0] > 250
    assert (slopes[1:] < 1).all()
    thrown = descend(cliff, (x0, 1.5), lr, 150)
    assert thrown[:, 0].min() < -20
    assert torch.dist(thrown[-1], points(cliff.minima[0])[0]) > 10
    saved = descend(cliff, (x0, 1.5), lr, 150, clip=1.0)
    assert saved[:, 0].min() > -3
    assert saved[-1].tolist() == pytest.approx(cliff.minima[0], abs=1e-3)


def test_far_out_the_plateau_has_height_and_no_slope() -> None:
    plateau = make_surface("plateau")
    loss, g = gradient(plateau, points(plateau.start, (0, 1.0)))
    assert loss[0] > 0.99
    assert g[0].norm() < 0.02
    assert g[1].norm() > 0.5
    path = descend(plateau, plateau.start, plateau.lr, 150)
    assert torch.dist(path[0], path[-1]) < 1
