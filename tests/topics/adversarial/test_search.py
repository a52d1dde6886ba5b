"""The least ε: of linear models it is known, of trained networks every ε can be tried."""

import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import perturb
from dlcore.topics.adversarial.search import FINE, GRID, least
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from tests.topics.adversarial.given import NORMS, Function, Linear, drawn, some_digits

SETTINGS = AttackSettings(random_start=False)
FAR = 96.0
GAP = FAR / GRID / 64  # bisection ends there, below FINE


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ["fgsm", "pgd"])
def test_of_a_linear_margin_it_is_the_margin_over_the_dual_norm(name: str, norm: str) -> None:
    images = 0.5 + 0.1 * drawn(6, 1, 4, 4, seed=1).clamp(-1, 1)
    weights = drawn(1, 4, 4, seed=2)
    net = Linear(weights, bias=0.3 - float(weights.sum()) / 2)
    margins, labels = net(images)[:, 0], (net(images)[:, 0] < 0).long()
    dual = weights.abs().sum() if norm == "linf" else weights.norm()
    expected = margins.abs() / dual / LEVEL
    settings = AttackSettings(norm=norm, random_start=False, num_steps=10)
    found = least(name, net, images, labels, settings, most=64)
    assert expected.max() < 64
    assert ((found - expected >= 0) & (found - expected <= FINE)).all()


@pytest.mark.parametrize("name", ["fgsm", "pgd", "fgsm_targeted"])
def test_it_succeeds_and_a_little_less_does_not(name: str) -> None:
    images, labels = some_digits(25)
    net, targets = checkpoints.network("digits"), (labels + 1) % 10
    found = least(name, net, images, labels, SETTINGS, FAR, targets)
    rows = found.isfinite() & (found > 0)
    assert rows.sum() > (5 if name == "fgsm_targeted" else 20)

    def succeeds(epsilon: Tensor) -> Tensor:
        moved = perturb(name, net, images[rows], labels[rows], epsilon, SETTINGS, targets[rows])
        answers = net(moved).argmax(dim=1)
        return answers == targets[rows] if name.endswith("targeted") else answers != labels[rows]

    assert succeeds(found[rows]).double().mean() > 0.95  # other batches round otherwise
    assert GAP < FINE < 2 * GAP
    assert succeeds(found[rows] - GAP).double().mean() < 0.05


def test_no_point_of_the_grid_below_it_succeeds() -> None:
    images, labels = some_digits(25)
    net = checkpoints.network("digits")
    found = least("fgsm", net, images, labels, SETTINGS, FAR)
    for k in range(GRID + 1):
        epsilon = FAR * k / GRID
        lost = net(perturb("fgsm", net, images, labels, epsilon, SETTINGS)).argmax(dim=1) != labels
        assert not (lost & (epsilon < found)).any()


def test_none_up_to_most_is_infinite_and_what_is_wrong_already_needs_nothing() -> None:
    net = Linear(torch.ones(1, 1, 2))  # a margin of 1, which falls by 2 ε
    images = torch.full((2, 1, 1, 2), 0.5)
    found = least("fgsm", net, images, torch.tensor([0, 1]), SETTINGS, most=100)
    assert found.tolist() == [torch.inf, 0]


def test_a_success_between_two_points_of_the_grid_is_not_seen() -> None:
    """FGSM goes straight on: this network is fooled from 5 to 7 levels, and again from 50 on."""
    levels = lambda images: (0.5 - images[:, 0, 0, 0]) / LEVEL  # noqa: E731
    net = Function(lambda images: torch.where((levels(images) - 6).abs() < 1, -1.0, (50 - levels(images)) / 9))
    image, label = torch.full((1, 1, 1, 1), 0.5), torch.tensor([0])
    assert float(least("fgsm", net, image, label, SETTINGS, most=96)) == pytest.approx(5.125, abs=FINE)  # 6 is a point
    assert float(least("fgsm", net, image, label, SETTINGS, most=64)) == pytest.approx(50.125, abs=FINE)  # 4 and 8 are


def test_a_picture_needs_the_same_alone_and_among_others() -> None:
    images, labels = some_digits(8)
    net, settings = checkpoints.network("digits"), AttackSettings(num_steps=4)
    many = least("pgd", net, images, labels, settings, FAR)
    assert float(least("pgd", net, images[:1], labels[:1], settings, FAR)) == pytest.approx(float(many[0]), abs=FINE)
