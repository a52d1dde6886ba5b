"""The self-check finds true gradients true and false ones false."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore.topics.checks import gradient_error
from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.landscape import Surface
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.surfaces import SURFACES, make_surface

BOWL = make_surface("quadratic")


class Tilted(torch.autograd.Function):
    """x², whose backward pass is wrong by a given share."""

    @staticmethod
    def forward(ctx, x: Tensor, share: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.share = share
        return x * x

    @staticmethod
    def backward(ctx, *grads: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return grads[0] * 2 * x * (1 + ctx.share), None


def tilted(share: float) -> Surface:
    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return torch.as_tensor(Tilted.apply(x, share)) + y * y

    return dataclasses.replace(BOWL, loss=loss)


@pytest.mark.parametrize("share", [1e-5, 1e-3, 0.1, 1.0])
def test_a_gradient_that_is_off_by_a_share_is_found_off_by_that_share(share: float) -> None:
    far = np.array([[1000.0, 0.0], [0.0, 3.0]])
    assert gradient_error(tilted(share), far) == pytest.approx(share / (1 + share), rel=0.02, abs=1e-9)


def test_small_gradients_are_judged_by_their_absolute_error() -> None:
    assert gradient_error(tilted(0.5), np.array([[1e-3, 0.0]])) == pytest.approx(1e-3, rel=0.01)  # 2x · 0.5


@pytest.mark.parametrize("surface", SURFACES)
def test_the_gradients_of_every_surface_are_right_all_over_the_picture(surface: str) -> None:
    subject = RaceConfig(surface=surface).make_surface()
    x_min, x_max, y_min, y_max = subject.bounds
    points = np.random.default_rng(0).uniform((x_min, y_min), (x_max, y_max), (300, 2))
    if surface == "cliff":  # on its edges, 5 thousandths wide, a finite difference is too coarse
        points = points[(np.abs(points[:, 0] - 0.8) > 0.03) & (np.abs(points[:, 0] - 1.2) > 0.03)]
    assert 1e-14 < gradient_error(subject, points) < 1e-7


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_the_badge_is_good_in_every_scene(scene) -> None:
    fields = {field.name for field in dataclasses.fields(RaceConfig)}
    config = RaceConfig(**{name: value for name, value in scene.values if name in fields})
    assert gradient_error(config.make_surface(), race(config).w) < 1e-6


def test_points_that_are_not_finite_are_left_out() -> None:
    good = np.array([[[1.0, 2.0]], [[3.0, -1.0]]])
    bad = np.concatenate([good, [[[np.nan, 1.0]], [[np.inf, 0.0]], [[0.0, -np.inf]]]])
    assert gradient_error(BOWL, bad) == gradient_error(BOWL, good) < 1e-9
    assert np.isnan(gradient_error(BOWL, bad[2:]))
