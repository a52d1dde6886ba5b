"""The same attacks by an independent library, on the networks that come with the app.

In double precision, because PGD goes up a network of kinks: in float32 a hundredth of its pixels differ after ten
steps, which changes no answer.
"""

import copy
import warnings
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import perturb
from dlcore.topics.adversarial.boundary import deepfool
from dlcore.topics.adversarial.held import held
from dlcore.topics.adversarial.settings import AttackSettings
from tests.topics.adversarial.given import NORMS

EPSILONS = {("plain", "linf"): 4.0, ("plain", "l2"): 150.0, ("digits", "linf"): 26.0, ("digits", "l2"): 150.0}
MODELS = pytest.mark.parametrize("model", ["plain", "digits"])


@cache
def foolbox() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports from SciPy by an old name
        import foolbox

    return foolbox


def case(model: str, count: int) -> tuple[nn.Module, Tensor, Tensor]:
    pictures = held(checkpoints.MODELS[model].data, count, seed=5)
    return copy.deepcopy(checkpoints.network(model)).double(), pictures.images.double(), pictures.labels


def theirs(attack: Any, net: nn.Module, images: Tensor, criterion: Any, epsilon: float | None) -> Tensor:
    model = foolbox().PyTorchModel(net, bounds=(0, 1), device="cpu")
    return attack(model, images, criterion, epsilons=epsilon)[1]


@MODELS
@pytest.mark.parametrize("norm", NORMS)
def test_fgsm(model: str, norm: str) -> None:
    net, images, labels = case(model, 12)
    name = {"linf": "LinfFastGradientAttack", "l2": "L2FastGradientAttack"}[norm]
    attack, epsilon = getattr(foolbox().attacks, name)(random_start=False), EPSILONS[model, norm]
    expected = theirs(attack, net, images, foolbox().criteria.Misclassification(labels), epsilon / 255)
    found = perturb("fgsm", net, images, labels, epsilon, AttackSettings(norm=norm))
    assert torch.allclose(found, expected, rtol=0, atol=1e-9)


@MODELS
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("targeted", [False, True])
def test_pgd(model: str, norm: str, targeted: bool) -> None:
    net, images, labels = case(model, 4)
    name = {"linf": "LinfProjectedGradientDescentAttack", "l2": "L2ProjectedGradientDescentAttack"}[norm]
    attack = getattr(foolbox().attacks, name)(rel_stepsize=0.25, steps=10, random_start=False)
    criteria, targets, epsilon = foolbox().criteria, (labels + 1) % 10, EPSILONS[model, norm]
    criterion = criteria.TargetedMisclassification(targets) if targeted else criteria.Misclassification(labels)
    expected = theirs(attack, net, images, criterion, epsilon / 255)
    settings = AttackSettings(norm=norm, num_steps=10, step_share=0.25, random_start=False)
    found = perturb("pgd_targeted" if targeted else "pgd", net, images, labels, epsilon, settings, targets)
    assert torch.allclose(found, expected, rtol=0, atol=1e-6)


@MODELS
def test_deepfool(model: str) -> None:
    net, images, labels = case(model, 2)
    attack = foolbox().attacks.L2DeepFoolAttack(steps=50, overshoot=0.02)
    expected = theirs(attack, net, images, foolbox().criteria.Misclassification(labels), None)
    for image, label, other in zip(images, labels.tolist(), expected, strict=True):
        *_, (found, _) = deepfool(net, image[None], label, num_steps=50, overshoot=0.02)
        assert int(net(found).argmax()) != label
        assert torch.allclose(found[0], other, rtol=0, atol=1e-6)
