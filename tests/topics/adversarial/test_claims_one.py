"""What the scenes on one picture say: which ε an attack needs, where noise does nothing, and how an attack walks."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES
from dlcore.topics.adversarial.answers import logits
from dlcore.topics.adversarial.attacks import loss_gradient, perturb
from dlcore.topics.adversarial.boundary import deepfool
from dlcore.topics.adversarial.held import held
from dlcore.topics.adversarial.margins import answered
from dlcore.topics.adversarial.search import least
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.topics.adversarial.trial import FOOLED, HELD
from tests.topics.adversarial.claims import SETS, answer, at, claim, config, kept, last, mean_kept, near, says, shown

NAMES = CLASSES
OTHERS = tuple(name for name in CLASSES if name != "heart")
FEW = 10  # pictures of a set where each is attacked for itself, one of each class


# Noise and attack


@claim("opening")
def test_the_attack_makes_it_say_triangle_and_the_noise_nothing() -> None:
    says("opening", "triangle from ε = 3.25 on", "93 % at ε = 4", "does nothing, even at ε = 16")
    assert answer("opening") == "The attack"
    assert config("opening").victim.answer == config("opening").victim.label == NAMES.index("heart")
    assert near(shown("opening", "least")[0], 3.25, within=1 / 8)
    enough = shown("opening", "epsilon") >= 3.5
    assert (shown("opening", "chances")[enough].argmax(axis=1) == NAMES.index("triangle")).all()
    assert (shown("opening", "outcome")[enough] == FOOLED).all()
    assert near(shown("opening", "chances")[at("opening", 4), NAMES.index("triangle")], 0.93, within=0.02)
    assert (shown("opening", "noise.outcome") == HELD).all()
    assert shown("opening", "epsilon")[-1] == 16


@claim("opening")
@pytest.mark.parametrize("seed", range(1, 6))
def test_so_does_noise_that_is_drawn_anew(seed: int) -> None:
    victim, settings = config("opening").victim, AttackSettings(seed=seed)
    net, images, labels = victim.network(), victim.image()[None], torch.tensor([victim.label])
    noisy, attacked = (perturb(name, net, images, labels, e, settings) for name, e in (("noise", 16.0), ("pgd", 4.0)))
    assert logits(net, noisy).softmax(dim=1)[0, victim.label] > 0.99
    assert int(logits(net, attacked).argmax()) == NAMES.index("triangle")


@claim("opening")
def test_on_fresh_pictures_too_the_direction_counts_and_not_the_amount() -> None:
    says("opening", "not the amount but the direction")
    for with_noise, clean in zip(kept("noiseless", "noise", 16.0), kept("noiseless", "noise", 0.0), strict=True):
        assert with_noise >= clean - 3
    assert max(kept("noiseless", "pgd", 8.0)) < 5


@claim("one-step")
def test_here_one_step_needs_about_twice_as_much() -> None:
    says("one-step", "needed ε = 3.25", "7.6.", "About twice")
    assert answer("one-step") == "About twice as much"
    assert config("one-step").attack == "fgsm"
    assert near(shown("one-step", "least")[0], 7.6, within=1 / 8)
    assert near(shown("one-step", "least")[0] / shown("opening", "least")[0], 2, within=0.5)


@claim("one-step")
def test_the_loss_is_no_plane_for_one_step() -> None:
    """The gain that the gradient promises for the one step, ε‖∇L‖₁, is far from what the step gains."""
    says("one-step", "believes that the loss is a plane; ten steps follow its bends")
    assert config("opening").victim.settings.num_steps == 10
    victim = config("one-step").victim
    slope = loss_gradient(victim.network(), victim.image()[None], torch.tensor([victim.label]))
    promised = 8 * LEVEL * float(slope.abs().sum())
    losses = shown("one-step", "loss")
    gained = losses[at("one-step", 8)] - losses[0]
    assert promised < 0.1 * gained


@claim("one-step")
def test_fgsm_takes_a_third_and_pgd_four_fifths() -> None:
    says("one-step", "with ε = 4 takes about a third of the answers, PGD four fifths")
    assert near(mean_kept("noiseless", "fgsm", 4.0), 66, within=8)
    assert near(mean_kept("noiseless", "pgd", 4.0), 20, within=7)


@claim("one-step")
@pytest.mark.parametrize("epsilon", [2.0, 4.0, 8.0])
def test_pgd_is_ahead_in_every_set(epsilon: float) -> None:
    says("one-step", "PGD is ahead at every ε")
    for one_step, ten_steps in zip(kept("noiseless", "fgsm", epsilon), kept("noiseless", "pgd", epsilon), strict=True):
        assert ten_steps < one_step
    assert max(kept("noiseless", "pgd", 8.0)) < min(kept("noiseless", "fgsm", 16.0))  # and so beyond


# Aimed


@claim("aim")
def test_boat_needs_six_and_one_step_does_not_reach_it() -> None:
    says("aim", "3.25, as before", "5.9:", "FGSM does not reach boat at all up to 16")
    assert answer("aim") == "About 6"
    assert config("aim").attack == "pgd_targeted"
    assert config("aim").victim.goal == NAMES.index("boat")
    assert near(shown("aim", "least")[0], 5.9, within=1 / 8)
    assert np.isnan(shown("aim", "least", method="fgsm")[0])
    assert config("aim", method="fgsm").most == 16


@claim("aim")
def test_all_others_are_reached_on_the_way_there() -> None:
    says("aim", "All other classes can be reached, too, between 3.1 and 5.9", "nearest border was triangle's")
    victim = config("aim").victim
    goals = torch.tensor([NAMES.index(name) for name in OTHERS])
    net, many = victim.network(), len(OTHERS)
    images, labels = victim.image().expand(many, -1, -1, -1), torch.full((many,), victim.label)
    found = least("pgd_targeted", net, images, labels, victim.settings, 16, goals).tolist()
    by_name = dict(zip(OTHERS, found, strict=True))
    assert min(by_name, key=lambda name: by_name[name]) == "triangle"
    assert max(by_name, key=lambda name: by_name[name]) == "boat"
    assert near(min(found), 3.1, within=0.3)
    assert near(max(found), 5.9, within=0.3)


@claim("aim")
@pytest.mark.parametrize("number", SETS)
def test_on_other_pictures_too_a_given_class_needs_more_than_any_class(number: int) -> None:
    says("aim", "it has to climb over every other class")
    net, (images, labels, _) = checkpoints.network("noiseless"), held("objects", FEW, number)
    goals = (labels + 3) % len(NAMES)
    left, aimed = (perturb(name, net, images, labels, 4.0, AttackSettings(), goals) for name in ("pgd", "pgd_targeted"))
    lost, reached = logits(net, left).argmax(dim=1) != labels, logits(net, aimed).argmax(dim=1) == goals
    assert not (reached & ~lost).any()
    assert reached.sum() < lost.sum()


# Step by step


@claim("steps")
def test_the_loss_climbs_along_the_attack_and_is_flat_aside() -> None:
    says("steps", "from 0 to 2.7 along the attack", "less than 0.01 along the random direction")
    assert answer("steps") == "Nearly flat"
    assert config("steps").epsilon == 4
    climb = shown("steps", "loss")
    assert climb[0] < 0.005
    assert near(climb[-1], 2.7, within=0.15)
    assert (np.diff(climb) > 0).all()
    ground, middle = last("steps", "slice"), config("steps").grid // 2
    assert ground[middle, -1] - ground[middle, middle] > 2
    assert np.ptp(ground[:, middle]) < 0.01


@claim("steps")
def test_the_slices_lines_run_across_the_attack() -> None:
    says("steps", "all lines run the same way")
    down, along = np.gradient(last("steps", "margin"))
    assert np.abs(along).mean() > 4 * np.abs(down).mean()


@claim("steps")
@pytest.mark.parametrize("number", SETS)
def test_a_random_direction_gains_nothing_on_other_pictures_either(number: int) -> None:
    net, (images, labels, _) = checkpoints.network("noiseless"), held("objects", FEW, number)
    for name, some in (("noise", False), ("pgd", True)):
        moved = perturb(name, net, images, labels, 4.0, AttackSettings(seed=number))
        gained = cross_entropy(logits(net, moved), labels) - cross_entropy(logits(net, images), labels)
        assert gained > 0.8 if some else abs(gained) < 0.01


# The nearest border


@claim("nearest")
def test_here_four_steps_cross_and_the_way_is_not_the_shortest() -> None:
    says("nearest", "4 here", "237 levels", "PGD bounded in L₂ needs 190")
    assert answer("nearest") == "At most 6"
    *before, end = shown("nearest", "outcome")
    assert len(before) == 4
    assert FOOLED not in before
    assert end == FOOLED
    assert near(last("nearest", "l2"), 237, within=3)
    assert near(shown("opening", "least", norm="l2")[0], 190, within=3)


@claim("nearest")
@pytest.mark.parametrize("number", SETS)
def test_on_other_objects_six_steps_are_enough(number: int) -> None:
    says("nearest", "at most 6 on other objects", "near the picture the network is nearly linear")
    net = checkpoints.network("noiseless")
    images, labels, _ = answered("noiseless", FEW, number)
    for image, label in zip(images, labels, strict=True):
        steps = [moved for moved, _ in deepfool(net, image[None], int(label), num_steps=20, overshoot=0.02)]
        assert int(logits(net, steps[-1]).argmax()) != label
        assert len(steps) - 1 <= 6
        lengths = [float((moved - image).norm()) for moved in steps]
        assert lengths[1] > 0.5 * lengths[-1]  # the first step, as if it were linear, goes most of the way
