"""The attacks: their formulas by hand, what is known of linear models, and what each promises on trained networks."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import ATTACKS, Victims, at_each, loss_gradient, perturb
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from tests.topics.adversarial.given import NORMS, Function, Linear, drawn, some_digits

SETTINGS = AttackSettings()
STILL = AttackSettings(random_start=False)
EVERY = pytest.mark.parametrize("name", ATTACKS)
EPSILON = 26.0  # a tenth of a pixel


def losses(images: Tensor, labels: Tensor) -> Tensor:
    return cross_entropy(checkpoints.network("digits")(images), labels, reduction="none")


def attack(
    name: str, count: int = 20, epsilon: float | Tensor = EPSILON, chosen: AttackSettings = SETTINGS
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Digits, their labels, targets, and the digits under an attack."""
    images, labels = some_digits(count)
    targets = (labels + 3) % 10
    return (
        images,
        labels,
        targets,
        perturb(name, checkpoints.network("digits"), images, labels, epsilon, chosen, targets),
    )


def test_the_gradient_is_the_losses_own() -> None:
    """Of softmax regression it is w (p − 1) for the class of w·x."""
    weights, images = drawn(1, 3, 3, seed=1), torch.rand(4, 1, 3, 3, dtype=torch.float64)
    net = Linear(weights)
    chances = net(images).softmax(dim=1)[:, 0]
    found = loss_gradient(net, images, torch.zeros(4, dtype=torch.int64))
    assert torch.allclose(found, (chances - 1).view(-1, 1, 1, 1) * weights)


def test_fgsm_is_its_formula() -> None:
    images, labels, _, found = attack("fgsm")
    expected = images.clone().requires_grad_()
    losses(expected, labels).sum().backward()
    assert expected.grad is not None
    by_hand = (images + EPSILON / 255 * expected.grad.sign()).clamp(0, 1)
    assert torch.allclose(found, by_hand, rtol=0, atol=1e-6)


def test_fgsm_towards_a_class_goes_down_that_classs_loss() -> None:
    images, _, targets, found = attack("fgsm_targeted")
    expected = images.clone().requires_grad_()
    losses(expected, targets).sum().backward()
    assert expected.grad is not None
    by_hand = (images - EPSILON / 255 * expected.grad.sign()).clamp(0, 1)
    assert torch.allclose(found, by_hand, rtol=0, atol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
@settings(max_examples=20)
@given(seed=st.integers(0, 1000), epsilon=st.floats(0.1, 30))
def test_a_linear_margin_falls_by_epsilon_times_the_dual_norm_of_w(norm: str, seed: int, epsilon: float) -> None:
    weights, images = drawn(2, 4, 4, seed=seed), torch.full((1, 2, 4, 4), 0.5, dtype=torch.float64)
    net, label = Linear(weights), torch.tensor([0])
    dual = weights.abs().sum() if norm == "linf" else weights.norm()
    for name in ("fgsm", "pgd"):
        moved = perturb(name, net, images, label, epsilon, replace(STILL, norm=norm, num_steps=5))
        fall = net(images)[0, 0] - net(moved)[0, 0]
        assert float(fall) == pytest.approx(float(epsilon * LEVEL * dual), rel=1e-6)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_no_other_change_of_a_linear_margin_is_worse(seed: int) -> None:
    weights, images = drawn(1, 2, 4, seed=seed), torch.full((1, 1, 2, 4), 0.5, dtype=torch.float64)
    net, label = Linear(weights), torch.tensor([0])
    worst = net(perturb("fgsm", net, images, label, 10, SETTINGS))[0, 0]
    corners = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 8).view(
        -1, 1, 2, 4
    )  # a linear minimum is at one
    assert worst == pytest.approx(float(net(images + 10 * LEVEL * corners)[:, 0].min()), rel=1e-9)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("targeted", ["", "_targeted"])
def test_one_full_step_of_pgd_without_a_random_start_is_fgsm_bit_by_bit(norm: str, targeted: str) -> None:
    chosen = replace(STILL, norm=norm, num_steps=1, step_share=1.0)
    *_, once = attack(f"pgd{targeted}", chosen=chosen)
    *_, fgsm = attack(f"fgsm{targeted}", chosen=chosen)
    assert torch.equal(once, fgsm)


@EVERY
@pytest.mark.parametrize("norm", NORMS)
def test_epsilon_0_gives_back_the_same_pixels(name: str, norm: str) -> None:
    images, _, _, found = attack(name, epsilon=0, chosen=replace(SETTINGS, norm=norm))
    assert found.numpy().tobytes() == images.numpy().tobytes()


@EVERY
@pytest.mark.parametrize("norm", NORMS)
@settings(max_examples=20)
@given(epsilon=st.floats(0, 255), share=st.floats(0.01, 2))
def test_an_attack_stays_within_epsilon_and_between_black_and_white(
    name: str, norm: str, epsilon: float, share: float
) -> None:
    chosen = replace(SETTINGS, norm=norm, num_steps=2, step_share=share)
    images, _, _, found = attack(name, count=3, epsilon=epsilon, chosen=chosen)
    delta = (found.double() - images.double()).flatten(1)
    sizes = delta.abs().amax(dim=1) if norm == "linf" else delta.norm(dim=1)
    assert (sizes <= epsilon * LEVEL * (1 + 1e-15)).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_pgd_finds_a_larger_loss_than_fgsm_and_fgsm_a_larger_one_than_noise() -> None:
    found = {}
    for name in ("noise", "fgsm", "pgd"):
        _, labels, _, images = attack(name, count=100)
        found[name] = losses(images, labels)
    assert (found["pgd"] >= found["fgsm"]).double().mean() > 0.95
    assert (found["fgsm"] > found["noise"]).double().mean() > 0.95
    assert found["pgd"].mean() > 1.2 * found["fgsm"].mean() > 10 * found["noise"].mean()


@pytest.mark.parametrize("name", ["fgsm_targeted", "pgd_targeted"])
def test_a_targeted_attack_raises_its_targets_chance(name: str) -> None:
    images, _, targets, found = attack(name, count=100)
    before, after = losses(images, targets), losses(found, targets)
    assert (after < before).double().mean() > 0.97
    assert after.mean() < 0.8 * before.mean()


def test_fgsm_changes_every_pixel_that_has_a_gradient_however_sure_the_network_is() -> None:
    """Its answer is sure to one part in 10¹³, and so its gradient is nearly 0; not so the sign."""
    net = Function(lambda images: 30 + images.sum(dim=(1, 2, 3)) - 2 * images[:, 0, 0, 0])
    images, label = torch.full((1, 1, 3, 3), 0.5, dtype=torch.float64), torch.tensor([0])
    assert 0 < loss_gradient(net, images, label).abs().max() < 1e-13
    delta = perturb("fgsm", net, images, label, 4, SETTINGS) - images
    assert (255 * delta).flatten().tolist() == pytest.approx([4] + [-4] * 8)


@EVERY
def test_a_picture_is_attacked_alike_whatever_stands_beside_it(name: str) -> None:
    *_, many = attack(name, count=40)
    *_, few = attack(name, count=3)
    assert torch.allclose(many[:3], few, rtol=0, atol=1e-6)
    images, labels = some_digits(3)
    backwards = perturb(name, checkpoints.network("digits"), images.flip(0), labels.flip(0), EPSILON, STILL, labels)
    if name.startswith("fgsm_"):
        return  # its targets are in another order
    if name.startswith("fgsm"):
        assert torch.allclose(backwards.flip(0), few, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "same"), [("noise", False), ("fgsm", True), ("pgd", False)])
def test_chance_is_the_seed_alone(name: str, same: bool) -> None:
    *_, one = attack(name)
    *_, again = attack(name)
    *_, other = attack(name, chosen=replace(SETTINGS, seed=1))
    assert torch.equal(one, again)
    assert torch.equal(one, other) == same


@EVERY
def test_at_each_epsilon_it_is_the_attack_of_that_epsilon(name: str) -> None:
    images, labels = some_digits(6)
    targets, net, epsilons = (labels + 1) % 10, checkpoints.network("digits"), (0.0, 10.0, 40.0)
    found = list(at_each(name, net, images, labels, epsilons, SETTINGS, targets))
    alone = [perturb(name, net, images, labels, epsilon, SETTINGS, targets) for epsilon in epsilons]
    assert all(torch.equal(one, other) for one, other in zip(found, alone, strict=True))
    together = perturb(name, net, images[:3], labels[:3], torch.tensor(epsilons), SETTINGS, targets[:3])
    for number, one in enumerate(alone):
        assert torch.allclose(together[number], one[number], rtol=0, atol=1e-6)


def test_one_gradient_serves_a_whole_sweep_of_fgsm() -> None:
    asked = []

    def counted(images: Tensor) -> Tensor:
        asked.append(len(images))
        return images.square().sum(dim=(1, 2, 3))

    images = torch.rand(2, 1, 4, 4)
    list(at_each("fgsm", Function(counted), images, torch.tensor([0, 1]), range(20), SETTINGS))
    assert asked == [2]


@EVERY
@pytest.mark.parametrize("norm", NORMS)
def test_no_pictures_are_attacked_as_well(name: str, norm: str) -> None:
    *_, found = attack(name, count=0, chosen=replace(SETTINGS, norm=norm))
    assert found.shape == (0, 1, 8, 8)


def test_rows_of_victims_may_be_named_twice() -> None:
    victims = Victims(torch.rand(3, 1, 2, 2), torch.tensor([4, 5, 6]), False, torch.rand(3, 1, 2, 2))
    rows = victims.rows(torch.tensor([2, 0, 2]))
    assert rows.classes.tolist() == [6, 4, 6]
    assert torch.equal(rows.images[0], victims.images[2])
    assert torch.equal(rows.chance[1], victims.chance[0])


def test_neither_network_nor_pictures_keep_a_trace() -> None:
    net = checkpoints.network("digits")
    before = {name: value.clone() for name, value in net.state_dict().items()}
    images, _, _, found = attack("pgd")
    assert not images.requires_grad
    assert not found.requires_grad
    assert all(weight.grad is None and not weight.requires_grad for weight in net.parameters())
    assert not net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize(
    ("name", "epsilon", "says"),
    [("magic", 1, "attack is 'magic'"), ("fgsm", -1, "epsilon is -1"), ("fgsm", float("nan"), "epsilon is nan")],
)
def test_what_cannot_be_is_refused(name: str, epsilon: float, says: str) -> None:
    images, labels = some_digits(2)
    with pytest.raises(ValueError, match=says):
        perturb(name, checkpoints.network("digits"), images, labels, epsilon, SETTINGS)


@pytest.mark.parametrize("name", ["fgsm_targeted", "pgd_targeted"])
def test_a_targeted_attack_needs_targets(name: str) -> None:
    images, labels = some_digits(2)
    with pytest.raises(ValueError, match="has no targets"):
        perturb(name, checkpoints.network("digits"), images, labels, 4, SETTINGS)
