"""Integrated gradients: the axioms, on functions whose integral is known."""

import pytest
import torch
from torch import nn

from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import Target, pairs, scores
from dlcore.topics.saliency.paths import integrated_gradients
from dlcore.topics.saliency.settings import RULES, MethodSettings
from tests.topics.saliency.small_nets import Function, SmallNet, linear, pictures

ASKED = pairs([Target(0)])
BLACK = torch.zeros(1, 1, 1, 2)


def of(net: nn.Module, pixels: list[float], **settings: object) -> list[float]:
    """What two pixels get, from black."""
    image = torch.tensor(pixels).reshape(1, 1, 1, 2)
    values = MethodSettings(**settings)  # pyright: ignore[reportArgumentType]
    return integrated_gradients(net, image, ASKED, BLACK, values).flatten().tolist()


def test_a_product_is_shared_equally() -> None:
    product = Function(lambda images: images.prod(dim=3))
    assert of(product, [3.0, 0.5]) == pytest.approx([0.75, 0.75])


def test_a_sum_of_powers_is_shared_power_by_power() -> None:
    powers = Function(lambda images: images[..., 0] ** 3 + images[..., 1] ** 2)
    assert of(powers, [2.0, 3.0], num_steps=2) == pytest.approx([8, 9], rel=1e-5)  # exact up to the third power


def test_what_is_saturated_still_gets_its_share() -> None:
    """Sundararajan's example, 1 − ReLU(1 − x): at 2 it is flat, and yet x made it rise from 0 to 1."""
    saturated = Function(lambda images: 1 - (1 - images[..., 0]).relu())
    assert gradient(saturated, torch.tensor([[[[2.0, 0.0]]]]), ASKED).abs().sum() == 0
    assert of(saturated, [2.0, 0.0], num_steps=200) == pytest.approx([1, 0], abs=0.01)


def test_a_pixel_that_does_not_count_gets_nothing() -> None:
    assert of(Function(lambda images: images[..., 0].sin()), [0.7, 0.9])[1] == 0


def test_two_networks_that_compute_the_same_are_explained_the_same() -> None:
    one = Function(lambda images: (images[..., 0] + images[..., 1]).square())
    other = Function(lambda images: images[..., 0] ** 2 + 2 * images.prod(dim=3) + images[..., 1] ** 2)
    assert of(one, [0.4, 0.9]) == pytest.approx(of(other, [0.4, 0.9]), rel=1e-5)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("num_steps", [2, 3, 50])
def test_every_rule_is_exact_for_a_linear_network(rule: str, num_steps: int) -> None:
    """Captum's trapezoid rule alone would give (n − 1)/n of it."""
    net, images = linear(3, 4, seed=1), pictures(2, 3, 4, seed=2).double()
    asked, grey = pairs([Target(0), Target(1, 2)]), torch.full_like(images, 0.5)
    found = integrated_gradients(net, images, asked, grey, MethodSettings(rule=rule, num_steps=num_steps))
    assert torch.allclose(found, (images - grey) * gradient(net, images, asked), rtol=1e-6)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_comes_closer_with_more_steps(rule: str) -> None:
    power = Function(lambda images: images[..., 0] ** 5)
    few, many = (abs(of(power, [1.0, 0.0], rule=rule, num_steps=n)[0] - 1) for n in (4, 40))
    assert many < max(few / 8, 1e-6)


def test_the_shares_of_a_network_add_up_to_its_scores_rise() -> None:
    net, images = SmallNet(channels=3, seed=1), pictures(20, 3, 64, seed=2)
    asked, grey = pairs([Target(k % 3, (k + 1) % 3) for k in range(20)]), torch.full_like(images, 0.5)
    found = integrated_gradients(net, images, asked, grey, MethodSettings(num_steps=40))
    rise = scores(net(images), asked) - scores(net(grey), asked)
    assert (found.sum(dim=(1, 2, 3)) - rise).abs().max() < 0.01 * rise.abs().max()
