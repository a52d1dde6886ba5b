"""How a batch is attacked for training, and what it means to withstand an attack."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlcore.device import generator
from dlcore.nets import ConvNet, fresh
from dlcore.topics.adversarial.defence import attacked_batches, step_seed, withstood
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.training.image_batches import Labelled
from dlcore.training.images import FitConfig, fit, score
from dlcore.training.recipes import DIGITS, Adversary, digits

DATA = digits(DIGITS, "train")
SOME = Labelled(DATA.images[:30], DATA.labels[:30])


@pytest.fixture(scope="module")
def net() -> ConvNet:
    """A network that has learnt a little."""
    net = fresh("digits", generator(0))
    *_, _ = fit(net, DATA, FitConfig(num_epochs=2, flip=False))
    return net


@pytest.mark.parametrize("num_steps", [1, 3])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_first_share_of_a_batch_is_attacked_within_epsilon_and_the_rest_stays(
    net: ConvNet, share: float, num_steps: int
) -> None:
    adversary = Adversary(epsilon=20, num_steps=num_steps, share=share)
    found = attacked_batches(adversary, 0)(net, *SOME, 4)
    count = round(share * 30)
    moved = (found - SOME.images).flatten(1).abs().amax(dim=1)
    assert torch.equal(found[count:], SOME.images[count:])
    assert (moved[:count] > 0).all()
    assert (moved <= 20 * LEVEL).all()
    assert 0 <= found.min() <= found.max() <= 1


def test_the_attack_raises_the_loss_and_leaves_no_trace(net: ConvNet) -> None:
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.zero_grad()
    found = attacked_batches(Adversary(epsilon=20, share=1), 0)(net, *SOME, 0)
    with torch.no_grad():
        clean, attacked = (cross_entropy(net(images), SOME.labels) for images in (SOME.images, found))
    assert attacked > 1.1 * clean
    assert not found.requires_grad
    assert all(weight.grad is None for weight in net.parameters())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_every_step_has_starts_of_its_own_which_it_has_again(net: ConvNet) -> None:
    attacked = attacked_batches(Adversary(epsilon=20, share=1), 3)
    first, again, later = (attacked(net, *SOME, step) for step in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert not torch.equal(first, attacked_batches(Adversary(epsilon=20, share=1), 4)(net, *SOME, 5))


@given(st.integers(0, 2**31 - 1), st.integers(0, 100_000), st.integers(0, 100_000))
def test_seeds_of_steps_are_seeds_and_differ(seed: int, step: int, other: int) -> None:
    assert 0 <= step_seed(seed, step) < 2**31
    assert (step_seed(seed, step) == step_seed(seed, other)) == (step == other)


def test_noise_beyond_black_and_white_is_cut_off_before_the_attack(net: ConvNet) -> None:
    noisy = SOME.images + 0.5 * torch.randn(SOME.images.shape, generator=generator(0))
    found = attacked_batches(Adversary(epsilon=20, share=1), 0)(net, noisy, SOME.labels, 0)
    assert ((found - noisy.clamp(0, 1)).abs() <= 20 * LEVEL).all()


def test_to_learn_against_an_adversary_that_may_change_nothing_is_to_learn_as_usual() -> None:
    config = FitConfig(num_epochs=1, flip=False, shift=1)
    one, other = (fresh("digits", generator(0)) for _ in range(2))
    usual = list(fit(one, DATA, config))
    assert list(fit(other, DATA, config, attacked_batches(Adversary(epsilon=0, share=1), 0))) == usual


class Halfplane(nn.Module):
    """Two classes on either side of w·x = b."""

    def __init__(self, weights: Tensor, bias: float) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self.weights: Tensor
        self.bias = bias

    def forward(self, images: Tensor) -> Tensor:
        score = images.flatten(1) @ self.weights - self.bias
        return torch.stack([torch.zeros_like(score), score], dim=1)


@pytest.mark.parametrize(("norm", "dual"), [("linf", 1), ("l2", 2)])
@pytest.mark.parametrize("name", ["fgsm", "pgd"])
def test_a_linear_network_withstands_where_its_margin_is_larger_than_epsilon_times_the_dual_norm(
    name: str, norm: str, dual: int
) -> None:
    """|w·x − b| > ε‖w‖₁ in L∞, and > ε‖w‖₂ in L₂; no pixel is near black or white."""
    weights = torch.randn(64, generator=generator(1))
    images = 0.5 + 0.1 * (torch.rand(80, 1, 8, 8, generator=generator(2)) - 0.5)
    plane = Halfplane(weights, float(0.5 * weights.sum()))
    margin = plane(images)[:, 1]
    epsilons = [0.3, 1.0] if norm == "linf" else [2.0, 7.0]
    right = (margin > 0).long()
    found = withstood(name, plane, Labelled(images, right), epsilons, AttackSettings(norm=norm, num_steps=30))
    for epsilon, held in zip(epsilons, found, strict=True):
        needed = epsilon * LEVEL * weights.norm(dual)
        clear = (margin.abs() - needed).abs() > 1e-3 * needed  # of rounding
        assert torch.equal(held[clear], (margin.abs() > needed)[clear])
        assert 5 < held.sum() < 75


def test_where_nothing_may_change_what_is_withstood_is_the_accuracy(net: ConvNet) -> None:
    (found,) = withstood("pgd", net, DATA, [0])
    assert found.double().mean().item() == pytest.approx(score(net, DATA).accuracy)


def test_a_targeted_attack_can_be_withstood_too(net: ConvNet) -> None:
    none, some = withstood("pgd_targeted", net, SOME, [0, 77])
    assert some.sum() < none.sum()
