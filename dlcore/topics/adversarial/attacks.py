"""The attacks: small changes δ of a picture, at most ε, that make a network lose a class or reach one.

Knows networks as functions of pixels in [0, 1], in evaluation mode, that have gradients; does not know where pictures
come from, nor how often an attack succeeds. ε is in levels of a pixel: x/255.
Sources: Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples (2015), section 4; Kurakin,
Goodfellow, Bengio, Adversarial examples in the physical world (2017); Madry et al., Towards deep learning models
resistant to adversarial attacks (2018), section 2.1.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlcore import require
from dlcore.topics.adversarial.ball import Epsilon, along, radius, random_directions, random_points, steepest, within
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.images.chunks import backward_chunk, in_chunks


class Victims(NamedTuple):
    """Pictures that are attacked together, though none of them depends on another."""

    images: Tensor  # (batch, channels, height, width)
    classes: Tensor  # (batch,): what each is to lose, or to reach
    reach: bool
    chance: Tensor  # as the images: what was drawn for each, a direction of noise, or where PGD starts, in units of ε

    def rows(self, index: Tensor) -> "Victims":
        """Some of them, in this order, and as often as they are named."""
        return self._replace(images=self.images[index], classes=self.classes[index], chance=self.chance[index])


def loss_gradient(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """∂ L / ∂ pixel of the cross-entropy with each picture's label, as the images (batch, channels, height, width).

    Neither the images nor the network keep a trace of it. Where the label is ahead of the others by more than about 16,
    float32 rounds the loss itself, and so its gradient.
    """
    parts = in_chunks(backward_chunk(images), images, labels)
    return torch.cat([_in_one_pass(net, *part) for part in parts])


def _in_one_pass(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    with torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        loss = cross_entropy(net(inputs), labels, reduction="sum")  # so that no picture depends on the others
        (gradient,) = torch.autograd.grad(loss, inputs)
    return gradient


def ascent(net: nn.Module, moved: Tensor, victims: Victims, norm: str) -> Tensor:
    """The step of length 1 that an attack takes from where the pictures are now: L grows, or falls towards a target."""
    gradient = loss_gradient(net, moved, victims.classes)
    return steepest(-gradient if victims.reach else gradient, norm)


def noise(net: nn.Module, victims: Victims, norm: str) -> Tensor:
    """As much as an attack may change, at random: what any attack has to be compared with. Asks the network nothing."""
    return victims.chance


def fgsm(net: nn.Module, victims: Victims, norm: str) -> Tensor:
    """sign ∇ₓL(x, y), the fast gradient sign method: one gradient, which serves every ε; in L₂ not its signs."""
    return ascent(net, victims.images, victims, norm)


def pgd(net: nn.Module, victims: Victims, epsilon: Epsilon, settings: AttackSettings) -> Iterator[Tensor]:
    """x ← Π(x + α sign ∇ₓL(x, y)), projected gradient descent on −L: its start, then the pictures after each step.

    Π goes back into the ball of radius ε, and into [0, 1]; α = step_share · ε. Without a random start and with one step
    of α = ε it is FGSM.
    """
    images, norm = victims.images, settings.norm
    alpha = settings.step_share * radius(epsilon, images)
    moved = along(images, victims.chance, epsilon, norm)
    yield moved
    for _ in range(settings.num_steps):
        moved = within(moved + alpha * ascent(net, moved, victims, norm), images, epsilon, norm)
        yield moved


class Attack(NamedTuple):
    """A way to change pictures, and how it is explained."""

    title: str
    idea: str
    formula: str  # TeX
    targeted: bool  # whether it is to reach a class, not to lose one
    direction: Callable[[nn.Module, Victims, str], Tensor] | None  # of its one step, whatever ε; None: PGD's many


ATTACKS: dict[str, Attack] = {
    "noise": Attack(
        "Random noise",
        "The same amount, in a direction that knows nothing of the network.",
        r"x' = \mathrm{clip}(x + \varepsilon\, r), \quad r_i = \pm 1 \text{ at random}",
        False,
        noise,
    ),
    "fgsm": Attack(
        "FGSM",
        "One step: every pixel a little, the way that makes the loss grow.",
        r"x' = \mathrm{clip}\left(x + \varepsilon\, \mathrm{sign}\, \nabla_x L(x, y)\right)",
        False,
        fgsm,
    ),
    "fgsm_targeted": Attack(
        "FGSM, targeted",
        "One step: every pixel a little, the way that makes the loss of another class fall.",
        r"x' = \mathrm{clip}\left(x - \varepsilon\, \mathrm{sign}\, \nabla_x L(x, t)\right)",
        True,
        fgsm,
    ),
    "pgd": Attack(
        "PGD",
        "Many small steps, each with a gradient of its own, and each time back into the ball of radius ε.",
        r"x_{k+1} = \Pi_\varepsilon\left(x_k + \alpha\, \mathrm{sign}\, \nabla_x L(x_k, y)\right)",
        False,
        None,
    ),
    "pgd_targeted": Attack(
        "PGD, targeted",
        "Many small steps towards another class, each time back into the ball of radius ε.",
        r"x_{k+1} = \Pi_\varepsilon\left(x_k - \alpha\, \mathrm{sign}\, \nabla_x L(x_k, t)\right)",
        True,
        None,
    ),
}


def perturb(
    name: str,
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epsilon: Epsilon,
    settings: AttackSettings,
    targets: Tensor | None = None,
) -> Tensor:
    """The pictures (batch, channels, height, width) under an attack of ATTACKS, in [0, 1] and at most ε away.

    labels: what is to be lost, (batch,). targets: what a targeted attack is to reach, (batch,). epsilon: in levels, for
    all or for each picture, (batch,). Random is settings.seed alone: the k-th picture of a batch gets its k-th draw, so
    one picture is attacked alike whatever stands beside it; where batches follow each other, give each its own seed.

    Raises: ValueError for an unknown attack, an ε below 0, and a targeted attack without targets.
    """
    return next(at_each(name, net, images, labels, [epsilon], settings, targets))


def at_each(
    name: str,
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epsilons: Sequence[Epsilon],
    settings: AttackSettings,
    targets: Tensor | None = None,
) -> Iterator[Tensor]:
    """The pictures as `perturb` gives them, at one ε after another: where an attack has one step, from one gradient."""
    for epsilon in epsilons:
        _check(epsilon)
    yield from attempts(name, net, victims(name, images, labels, settings, targets), epsilons, settings)


def victims(
    name: str, images: Tensor, labels: Tensor, settings: AttackSettings, targets: Tensor | None = None
) -> Victims:
    """The pictures, with what this attack is to make of them, and what chance gives it. Raises as `perturb`."""
    require.one_of("attack", name, ATTACKS)
    attack = ATTACKS[name]
    if attack.targeted and targets is None:
        raise ValueError(f"The attack {name} has no targets: it must have a class to reach for each picture.")
    classes = targets if attack.targeted and targets is not None else labels
    return Victims(images.detach(), classes, attack.targeted, _chance(name, images, settings))


def attempts(
    name: str, net: nn.Module, victims: Victims, epsilons: Sequence[Epsilon], settings: AttackSettings
) -> Iterator[Tensor]:
    """The pictures of an attack at one ε after another; each ε may be one number for each of the victims."""
    direction = ATTACKS[name].direction
    if direction is None:
        for epsilon in epsilons:
            *_, last = pgd(net, victims, epsilon, settings)
            yield last
    else:
        step = direction(net, victims, settings.norm)
        for epsilon in epsilons:
            yield along(victims.images, step, epsilon, settings.norm)


def _chance(name: str, images: Tensor, settings: AttackSettings) -> Tensor:
    if name == "noise":
        return random_directions(images, settings.norm, settings.seed)
    if ATTACKS[name].direction is None and settings.random_start:
        return random_points(images, settings.norm, settings.seed)
    return torch.zeros_like(images)


def _check(epsilon: Epsilon) -> None:
    least = float(torch.as_tensor(epsilon).min())
    if not least >= 0:
        raise ValueError(f"epsilon is {least:g}: it must be 0 or more.")
