"""Adversarial training: of every batch a part is attacked as the network stands, and the network learns what comes out.

Knows how a batch is attacked and how it is measured what a network withstands; does not know which network learns, nor
how. Training minimises over the weights what the attack maximises over δ. Sources: Madry et al., Towards deep learning
models resistant to adversarial attacks (2018), section 2; Wong, Rice, Kolter, Fast is better than free (2020), on one
step of 1.25 ε from a random start.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from dlcore.topics.adversarial.answers import answers, logits, runners_up
from dlcore.topics.adversarial.attacks import ATTACKS, at_each, perturb
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.training.image_batches import Pictures
from dlcore.training.images import Perturb
from dlcore.training.recipes import Adversary

APART = 1_000_003  # between the seeds of two runs: a prime, larger than any number of steps
MOST_SEED = 2**31


def attacked_batches(adversary: Adversary, seed: int) -> Perturb:
    """What `training.images.fit` is given as `perturb`: PGD on the first pictures of each batch, the rest stay clean.

    Batches are shuffled, so the first are any. Where noise took them out of [0, 1] they are cut to it beforehand. Every
    step of a run has random starts of its own.
    """
    settings = AttackSettings(num_steps=adversary.num_steps, step_share=adversary.step_share)

    def attacked(net: nn.Module, images: Tensor, labels: Tensor, step: int) -> Tensor:
        count = round(adversary.share * len(images))
        first = images[:count].clamp(0, 1)
        chosen = replace(settings, seed=step_seed(seed, step))
        return torch.cat([perturb("pgd", net, first, labels[:count], adversary.epsilon, chosen), images[count:]])

    return attacked


def step_seed(seed: int, step: int) -> int:
    """Of the random starts of one step of a run."""
    return (seed * APART + step) % MOST_SEED


def withstood(
    name: str, net: nn.Module, data: Pictures, epsilons: Sequence[float], settings: AttackSettings | None = None
) -> Tensor:
    """Which pictures a network in evaluation mode names rightly under an attack of ATTACKS, bool (ε, pictures).

    epsilons: in levels. A targeted attack goes for each picture's runner-up. The mean over the pictures is the accuracy
    under this attack; another one may find more.
    """
    settings = settings or AttackSettings()
    goals = runners_up(logits(net, data.images), data.labels) if ATTACKS[name].targeted else None
    made = at_each(name, net, data.images, data.labels, epsilons, settings, goals)
    return torch.stack([answers(net, images) == data.labels for images in made])
