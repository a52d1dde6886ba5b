"""What can be asked of any surface: its map, its derivatives, the nearest of its minima."""

import numpy as np
import pytest
import torch

from dlcore.topics.landscape import gradient, height_map, hessian, nearest_minimum
from dlcore.topics.surfaces import SurfaceSettings, make_surface


def test_the_height_map_has_y_in_its_rows_and_x_in_its_columns() -> None:
    surface = make_surface("camel")
    x, y, z = height_map(surface, 11)
    assert x.shape == y.shape == (11,)
    assert z.shape == (11, 11)
    assert z.dtype == np.float64
    assert (x[0], x[-1], y[0], y[-1]) == pytest.approx(surface.bounds)
    assert z[3, 7] == pytest.approx(surface.loss(x[7], y[3]), rel=1e-12)


def test_a_height_map_needs_two_points_a_side() -> None:
    assert height_map(make_surface("quadratic"), 2)[2].shape == (2, 2)
    with pytest.raises(ValueError, match=r"^size is 1: "):
        height_map(make_surface("quadratic"), 1)


def test_the_nearest_minimum_of_points_in_any_shape() -> None:
    himmelblau = make_surface("himmelblau")
    w = np.array(himmelblau.minima)[[[2, 0], [1, 3]]] + [0.3, -0.4]
    distance, index = nearest_minimum(himmelblau, w)
    assert distance == pytest.approx(np.full((2, 2), 0.5))
    assert index.tolist() == [[2, 0], [1, 3]]
    distance, index = nearest_minimum(himmelblau, np.array([3.0, 2.0]))
    assert distance == pytest.approx(0, abs=1e-12)
    assert index == 0


def test_what_is_not_finite_is_near_to_nothing() -> None:
    w = np.array([[np.nan, 0], [np.inf, 0], [1, 1], [0, -np.inf]])
    distance, index = nearest_minimum(make_surface("rosenbrock"), w)
    assert np.isnan(distance).tolist() == [True, True, False, True]
    assert index.tolist() == [-1, -1, 0, -1]


def test_without_minima_nothing_is_near() -> None:
    plane = make_surface("formula", SurfaceSettings(formula="x + y"))
    distance, index = nearest_minimum(plane, np.zeros((2, 3, 2)))
    assert plane.minima == ()
    assert distance.shape == index.shape == (2, 3)
    assert np.isnan(distance).all()
    assert (index == -1).all()


def test_gradients_do_not_depend_on_the_callers_mode_nor_touch_the_callers_tensor() -> None:
    surface = make_surface("camel")
    w = torch.tensor([[0.3, 0.1], [-1.0, 0.5], [1.7, -0.8]], dtype=torch.float64)
    before = gradient(surface, w)[1]
    with torch.no_grad():
        assert torch.equal(gradient(surface, w)[1], before)
        assert hessian(surface, w).isfinite().all()
    assert not w.requires_grad


def test_a_planes_curvature_is_zero_though_its_slope_is_constant() -> None:
    plane = make_surface("formula", SurfaceSettings(formula="2*x - 3*y"))
    w = torch.zeros(2, 2, dtype=torch.float64)
    assert gradient(plane, w)[1].tolist() == [[2, -3], [2, -3]]
    assert hessian(plane, w).tolist() == [[[0, 0], [0, 0]]] * 2
