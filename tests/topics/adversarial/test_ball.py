"""The ball around a picture: nothing leaves it, not even by rounding, and what is drawn in it is drawn evenly."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.device import generator
from dlcore.topics.adversarial.ball import (
    along,
    amounts,
    random_directions,
    random_points,
    steepest,
    within,
)
from dlcore.topics.adversarial.settings import LEVEL
from tests.topics.adversarial.given import NORMS, drawn

EPSILONS = st.floats(0, 300) | st.sampled_from([0.0, 1e-9, 1.0, 255.0])


def pixels(seed: int, count: int = 2) -> torch.Tensor:
    """Bytes, and so many black and white ones among them."""
    values = torch.randint(0, 256, (count, 3, 5, 4), generator=generator(seed)) / 255
    edges = torch.rand(values.shape, generator=generator(seed + 1))
    return values.where(edges > 0.1, 0).where(edges < 0.9, 1)


def length(delta: torch.Tensor, norm: str) -> torch.Tensor:
    """Without a rounding: float32 differences of pixels are exact in double precision."""
    flat = delta.double().flatten(1)
    return flat.abs().amax(dim=1) if norm == "linf" else flat.square().sum(dim=1).sqrt()


@given(st.integers(0, 10_000), EPSILONS, st.sampled_from(NORMS), st.floats(0, 5))
def test_nothing_leaves_the_ball_nor_the_colours_there_are(seed: int, epsilon: float, norm: str, far: float) -> None:
    images = pixels(seed)
    moved = within(images + far * drawn(*images.shape, seed=seed).float(), images, epsilon, norm)
    assert (length(moved.double() - images.double(), norm) <= epsilon * LEVEL).all()
    assert moved.min() >= 0
    assert moved.max() <= 1


@given(st.integers(0, 10_000), st.sampled_from(NORMS))
def test_a_ball_of_radius_0_is_the_picture_bit_by_bit(seed: int, norm: str) -> None:
    images = pixels(seed)
    moved = within(images + drawn(*images.shape, seed=seed).float(), images, 0, norm)
    assert moved.numpy().tobytes() == images.numpy().tobytes()


@pytest.mark.parametrize("norm", NORMS)
def test_what_is_inside_stays_where_it_is(norm: str) -> None:
    images = 0.3 + 0.4 * torch.rand(2, 1, 4, 4, generator=generator(0))
    moved = images + 0.001 * drawn(2, 1, 4, 4).float()
    assert torch.allclose(within(moved, images, 20, norm), moved, rtol=0, atol=1e-7)


def test_what_is_outside_goes_to_the_nearest_point_of_the_ball() -> None:
    images, moved = torch.full((1, 1, 1, 2), 0.5), torch.tensor([[[[0.5 + 0.3, 0.5 - 0.04]]]])
    corner = within(moved, images, 25.5, "linf") - images  # 0.1 of a pixel
    assert corner.flatten().tolist() == pytest.approx([0.1, -0.04], abs=1e-6)
    edge = within(moved, images, 25.5, "l2") - images
    size = (0.3**2 + 0.04**2) ** 0.5
    assert edge.flatten().tolist() == pytest.approx([0.1 * 0.3 / size, -0.1 * 0.04 / size], abs=1e-6)


def test_each_picture_has_its_own_epsilon() -> None:
    images = torch.full((3, 1, 4, 4), 0.5)
    moved = along(images, torch.ones_like(images), torch.tensor([0.0, 4.0, 16.0]), "linf")
    assert amounts(moved - images)[0].tolist() == pytest.approx([0, 4, 16], rel=1e-4)


def test_the_steepest_step_is_the_sign_or_the_gradient_itself() -> None:
    gradient = torch.tensor([[[[3.0, -4.0], [0.0, 0.0]]], [[[0.0, 0.0], [0.0, 0.0]]]])
    assert steepest(gradient, "linf").flatten().tolist() == [1, -1, 0, 0, 0, 0, 0, 0]
    assert steepest(gradient, "l2").flatten().tolist() == pytest.approx([0.6, -0.8, 0, 0, 0, 0, 0, 0])


def test_a_tiny_gradient_still_has_a_direction() -> None:
    gradient = 1e-30 * torch.tensor([[[[3.0, -4.0]]]])  # its squares are 0 in float32
    assert steepest(gradient, "l2").flatten().tolist() == pytest.approx([0.6, -0.8])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("draw", [random_directions, random_points])
def test_the_kth_picture_has_the_kth_draw_whatever_stands_behind_it(draw, norm: str) -> None:
    many, few = torch.zeros(5, 3, 4, 4), torch.zeros(2, 3, 4, 4)
    assert torch.equal(draw(many, norm, 7)[:2], draw(few, norm, 7))
    assert not torch.equal(draw(many, norm, 7)[0], draw(many, norm, 7)[1])
    assert not torch.equal(draw(few, norm, 7), draw(few, norm, 8))
    assert draw(many[:0], norm, 7).shape == (0, 3, 4, 4)


def test_random_directions_have_length_1() -> None:
    images = torch.zeros(200, 1, 8, 8)
    signs = random_directions(images, "linf", 0)
    assert set(signs.unique().tolist()) == {-1, 1}
    assert abs(float(signs.mean())) < 0.04
    assert length(random_directions(images, "l2", 0), "l2").tolist() == pytest.approx([1] * 200, rel=1e-5)


@pytest.mark.parametrize(("norm", "dimensions"), [("linf", 1), ("linf", 4), ("l2", 1), ("l2", 4)])
def test_random_points_fill_the_ball_evenly(norm: str, dimensions: int) -> None:
    """Of a ball in n dimensions the share r^n lies within r of the middle: r^n is spread evenly from 0 to 1."""
    found = random_points(torch.zeros(4000, 1, 1, dimensions), norm, 0)
    shares = length(found, norm) ** dimensions
    assert shares.max() <= 1
    assert torch.histc(shares, bins=4, min=0, max=1).tolist() == pytest.approx([1000] * 4, abs=120)
    assert float(found.mean()) == pytest.approx(0, abs=0.03)


def test_amounts_are_in_levels() -> None:
    delta = torch.tensor([[[[3.0, -4.0]]]]) * LEVEL
    linf, l2 = amounts(delta)
    assert float(linf) == pytest.approx(4)
    assert float(l2) == pytest.approx(5)
