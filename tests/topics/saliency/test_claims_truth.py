"""What the scenes on truth say: pixels that a map calls important go or come first, on one picture and on many."""

from math import sqrt

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore.topics.saliency.deletion import class_chances, deleted, inserted
from dlcore.topics.saliency.study import StudyConfig
from tests.topics.saliency.claims import (
    RANDOM,
    SETS,
    OfSet,
    answer,
    asked,
    claim,
    config,
    deletion,
    each,
    gains,
    insertion,
    mean,
    near,
    on_object,
    order_of,
    says,
    shown,
    strongest_on_object,
)

METHODS = ("gradient", "input", "smoothgrad", "integrated", "gradcam", "guided")  # those that the scenes compare


@claim("delete")
def test_here_two_per_cent_in_the_best_order_break_the_answer_and_at_random_43() -> None:
    says("delete", "Here 2 % in the best order, Grad-CAM's, 12 % in the gradient's, 43 % at random")
    assert answer("delete") == "About 2 %"
    assert config("delete").methods == METHODS
    broken = {name: first_broken(name) for name in (*METHODS, RANDOM)}
    assert min(broken, key=lambda name: broken[name]) == "gradcam"
    for name, told in (("gradcam", 0.02), ("gradient", 0.12), (RANDOM, 0.43)):
        assert near(broken[name], told)


def first_broken(name: str) -> float:
    """The share of pixels whose loss makes the answer less likely than not."""
    return float(shown("delete", "share")[np.argmax(shown("delete", f"deleted.{name}") < 0.5)])


@claim("delete")
def test_on_other_pictures_two_nine_and_60_per_cent_are_typical() -> None:
    """Of half of the pictures a little less is enough, of the other half a little more."""
    says("delete", "on other pictures typically 2, 9 and 60 %")
    assert share_broken(METHODS, 0.01) < 0.5 < share_broken(METHODS, 0.03)
    assert share_broken(("gradient",), 0.06) < 0.5 < share_broken(("gradient",), 0.13)
    assert share_broken((RANDOM,), 0.5) < 0.5 < share_broken((RANDOM,), 0.68)


def share_broken(names: tuple[str, ...], share: float) -> float:
    """On how many pictures of all sets the answer breaks by the loss of so many pixels in one of these orders."""
    return float(torch.cat([broken(names, number, share) for number in SETS]).float().mean())


def broken(names: tuple[str, ...], number: int, share: float) -> Tensor:
    """Whether it does, for each picture of a set, bool (pictures,)."""
    of = asked(number)
    left = [deleted(of.images, of.baselines, order_of(name, number), share) for name in names]
    return torch.stack([class_chances(of.net, images, of.asked[:, 0]) < 0.5 for images in left]).any(dim=0)


@claim("insert")
def test_deletion_tells_smoothgrad_from_the_gradient_and_insertion_does_not() -> None:
    says("insert", "about 0.88 for both", "0.17 against 0.20")
    assert answer("insert") == "No"
    assert config("insert").way == "insert"
    for measure, smooth, plain in ((insertion, 0.88, 0.88), (deletion, 0.17, 0.20)):
        assert near(mean(measure, "smoothgrad"), smooth, within=0.04)
        assert near(mean(measure, "gradient"), plain, within=0.04)
    assert near(float(gains(deletion, "smoothgrad").mean()), 0.17 - 0.20, within=0.015)
    assert near(float(gains(insertion, "smoothgrad").mean()), 0, within=0.01)
    assert abs(effect(insertion, "smoothgrad")) < 0.3
    assert effect(deletion, "smoothgrad") < -0.5


def effect(measure: OfSet, name: str) -> float:
    """The mean gain over the gradient, in standard deviations of the gain."""
    found = gains(measure, name)
    return float(found.mean() / found.std())


@claim("insert")
@pytest.mark.parametrize("number", SETS)
def test_and_so_in_every_set(number: int) -> None:
    says("insert", "and so in every set of pictures")
    assert abs(insertion("smoothgrad", number).mean() - insertion("gradient", number).mean()) < 0.02
    assert deletion("smoothgrad", number).mean() < deletion("gradient", number).mean() - 0.015
    assert deletion(RANDOM, number).mean() > deletion("gradient", number).mean() + 0.25
    assert insertion(RANDOM, number).mean() < insertion("gradient", number).mean() - 0.2


@claim("insert")
@pytest.mark.parametrize("name", ["gradient", "smoothgrad"])
def test_a_tenth_of_the_pixels_brings_half_of_the_answers_back(name: str) -> None:
    says("insert", "A tenth of the pixels brings half of the answers back")
    back = []
    for number in SETS:
        of = asked(number)
        images = inserted(of.images, of.baselines, order_of(name, number), 0.1)
        back.append(class_chances(of.net, images, of.asked[:, 0]) > 0.5)
    assert near(float(torch.cat(back).float().mean()), 0.5, within=0.12)


# Many pictures


@claim("study")
def test_smoothgrad_is_better_than_the_gradient_and_the_intervals_leave_out_nothing() -> None:
    says("study", "(+0.10)", "(+0.07)", "(−0.03)")
    assert answer("study") == "SmoothGrad"
    assert config("study") == StudyConfig(methods=METHODS)
    assert config("study").num_images == 120
    for measure, told in ((on_object, 0.10), (strongest_on_object, 0.07), (deletion, -0.03)):
        found = gains(measure, "smoothgrad")
        assert near(float(found.mean()), told, within=0.015)
        assert abs(float(found.mean())) > 2 * float(found.std()) / sqrt(len(found))


@claim("study")
@pytest.mark.parametrize("number", SETS)
def test_it_is_in_every_set_and_times_the_input_is_not(number: int) -> None:
    says("study", "Times the input gains 0.02 at most")
    for measure, least in ((on_object, 0.07), (strongest_on_object, 0.03)):
        assert measure("smoothgrad", number).mean() > measure("gradient", number).mean() + least
        assert measure("input", number).mean() < measure("gradient", number).mean() + 0.03
    assert deletion("input", number).mean() > deletion("gradient", number).mean() - 0.01


@claim("study")
def test_over_all_sets_times_the_input_gains_two_hundredths_at_most() -> None:
    assert gains(on_object, "input").mean() < 0.02
    assert gains(strongest_on_object, "input").mean() < 0.02
    assert gains(deletion, "input").mean() > -0.02


@claim("study")
def test_guided_backpropagation_has_the_most_on_the_object_in_every_set() -> None:
    says("study", "Guided backpropagation has the most on the object")
    guided = np.array(each(on_object, "guided"))
    for name in METHODS[:-1]:
        assert (guided > np.array(each(on_object, name)) + 0.05).all()
