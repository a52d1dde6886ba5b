"""What the scenes on maps say: how far methods agree, what a wrong answer rests on, why this class and not that."""

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES
from dlcore.topics.images.measures import grown, inside
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.agreement import correlations
from dlcore.topics.saliency.completeness import points
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import explained
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.claims import (
    SETS,
    answer,
    answered,
    asked,
    claim,
    config,
    label_of,
    near,
    pictures,
    question,
    run,
    says,
    shown,
    stacked,
    subject_of,
)

NAMES = tuple(METHODS)
BY_REGIONS = ("lime", "shap")
SPOT = (46, 41)  # x and y, between the sticks and the dark square


def agreement(images: Tensor) -> np.ndarray:
    """Spearman's ρ of every pair of methods, the mean over the images, (methods, methods)."""
    of = question(images)
    found = torch.stack([stacked(ask(name, of)) for name in NAMES], dim=1)
    return torch.stack([correlations(maps) for maps in found]).mean(dim=0).numpy()


def extremes(agreement: np.ndarray) -> tuple[set[str], set[str]]:
    """The two methods that agree most, and the two that agree least."""
    apart = agreement + np.diag(np.full(len(NAMES), np.nan))
    most, least = (np.unravel_index(place, apart.shape) for place in (np.nanargmax(apart), np.nanargmin(apart)))
    return {NAMES[k] for k in most}, {NAMES[k] for k in least}


@claim("opening")
def test_on_this_picture_two_methods_agree_nearly_wholly_and_two_hardly() -> None:
    says("opening", "0.997 (SmoothGrad² and VarGrad", "to 0.26 (the gradient and SHAP")
    assert answer("opening") == "Some pairs do, others hardly"
    assert config("opening").methods == NAMES
    assert len(NAMES) == 11
    last = shown("opening", "agreement")[-1]
    assert extremes(last) == ({"smoothgrad_squared", "vargrad"}, {"gradient", "shap"})
    assert near(last[NAMES.index("smoothgrad_squared"), NAMES.index("vargrad")], 0.997, within=0.002)
    assert near(last.min(), 0.26, within=0.01)


@claim("opening")
@pytest.mark.parametrize("number", SETS)
def test_on_other_pictures_the_same_formulas_agree_and_methods_that_know_regions_stand_apart(number: int) -> None:
    found = agreement(pictures(number).images[:2])
    most, least = extremes(found)
    assert most == {"smoothgrad_squared", "vargrad"}
    assert least & {*BY_REGIONS}
    assert found.max() > 0.99
    assert found.min() < 0.3
    pixels = [k for k, name in enumerate(NAMES) if name not in BY_REGIONS]
    assert found[np.ix_(pixels, pixels)].min() > found.min() + 0.1


# A mistake


@claim("mistake")
def test_the_house_is_called_a_cross_and_the_maps_are_hardly_more_on_it_than_by_chance() -> None:
    says("mistake", "A house in an unfamiliar style is called a cross", "0.1 to 0.3", "chance gives 0.16")
    assert answer("mistake") == "The clutter beside the house"
    subject, mask = subject_of("mistake"), house()
    assert answered(subject) == "cross"
    assert subject.picture.shift == 0.5
    assert near(float(grown(mask).float().mean()), 0.16)
    share = shown("mistake", "inside")
    assert 0.08 <= share.min() <= share.max() <= 0.31


@claim("mistake")
def test_most_maps_point_at_the_same_spot_beside_the_house() -> None:
    says("mistake", "Most point between the sticks and the dark square")
    peaks = [
        np.unravel_index(frame.arrays["magnitude"].argmax(), frame.arrays["magnitude"].shape)
        for frame in run("mistake")
    ]
    there = [np.hypot(x - SPOT[0], y - SPOT[1]) <= 8 for y, x in peaks]
    assert sum(there) >= 7
    assert not grown(house())[SPOT[1], SPOT[0]]


@claim("mistake")
def test_grey_on_that_spot_and_nowhere_else_takes_the_answer_away() -> None:
    says("mistake", "paint that spot grey, and “cross” is gone")
    assert answered(painted(*SPOT)) != "cross"
    assert chance_of_cross(*SPOT) < 0.5 * float(subject_of("mistake").logits().softmax(dim=0)[label_of("cross")])
    for x, y in ((12, 12), (45, 12), (55, 20), (15, 45), (55, 55), (30, 50)):
        assert answered(painted(x, y)) == "cross"
        assert chance_of_cross(x, y) > 0.6


def painted(x: int, y: int) -> Subject:
    return subject_of("mistake", strokes=f"grey 5: {x},{y}")


def chance_of_cross(x: int, y: int) -> float:
    return float(painted(x, y).logits().softmax(dim=0)[label_of("cross")])


@claim("mistake")
@pytest.mark.parametrize("name", ["gradcam", "occlusion"])
def test_asked_for_the_house_they_go_to_the_house(name: str) -> None:
    says("mistake", "Ask for “house”, and Grad-CAM and occlusion go to the house")
    asked_for = subject_of("mistake", label="house")
    why_house = inside(explained(asked_for, name, MethodSettings()).attribution.magnitude, house())
    why_cross = shown("mistake", "inside")[NAMES.index(name)]
    assert why_house >= 0.5 - 0.02
    assert why_house > why_cross + 0.3


def house() -> Tensor:
    mask = subject_of("mistake").mask()
    assert mask is not None
    return torch.from_numpy(mask)


# One class against another

LINEAR = ("gradient", "smoothgrad", "integrated")


def off(name: str, images: Tensor, labels: list[int], others: list[int]) -> Tensor:
    """|map of a − map of b − map of a against b| / |map of a against b|, (pictures,)."""
    net, settings = checkpoints.network("plain"), MethodSettings(num_samples=10, num_steps=10)
    this, that, against = (
        torch.stack([found.values.double() for found in ask(name, Question(net, images, targets, settings))])
        for targets in (
            [*map(Target, labels)],
            [*map(Target, others)],
            [Target(*pair) for pair in zip(labels, others, strict=True)],
        )
    )
    return (this - that - against).flatten(1).norm(dim=1) / against.flatten(1).norm(dim=1)


@claim("versus")
def test_of_heart_against_star_only_guided_backpropagations_map_is_no_difference() -> None:
    says("versus", "Why heart and not star?", "every sum and mean of gradients")
    assert answer("versus") == "Guided backpropagation's"
    subject = subject_of("versus")
    heart, star = label_of("heart"), label_of("star")
    assert subject.target() == Target(heart, star)
    found = {name: float(off(name, subject.image()[None], [heart], [star])) for name in (*LINEAR, "guided")}
    assert max(found[name] for name in LINEAR) < 1e-4
    assert found["guided"] > 0.3


@claim("versus")
@pytest.mark.parametrize("number", SETS)
def test_so_it_is_with_any_answer_and_its_runner_up(number: int) -> None:
    images = asked(number).images[:6]
    best = asked(number).net(images).topk(2).indices
    labels, others = best[:, 0].tolist(), best[:, 1].tolist()
    assert off("gradient", images, labels, others).max() < 1e-4
    assert off("guided", images, labels, others).min() > 0.2


@claim("versus")
def test_round_a_loop_gradients_add_up_to_nothing_and_guided_backpropagation_does_not() -> None:
    """What does not is the gradient of no function whatever."""
    says("versus", "so it is the gradient of nothing")
    gradient, guided = (np.array([loops(name, number) for number in SETS]) for name in ("gradient", "guided"))
    assert np.sqrt((gradient**2).mean()) < 0.3
    assert np.sqrt((guided**2).mean()) > 2


def loops(name: str, number: int) -> list[float]:
    """∮ map · dx round each triangle of four pictures."""
    corners = pictures(number).images[:4]
    sides = {(j, k): along(name, corners[j], corners[k]) for j, k in combinations(range(4), 2)}
    return [sides[i, j] + sides[j, k] - sides[i, k] for i, j, k in combinations(range(4), 3)]


def along(name: str, start: Tensor, end: Tensor, num_steps: int = 32) -> float:
    """∫ map · dx on the straight line from one picture to another, of the score of a heart."""
    alphas, weights = points("riemann_middle", num_steps)
    images = start + alphas.float()[:, None, None, None] * (end - start)
    net = checkpoints.network("plain")
    of = Question(net, images, [Target(CLASSES.index("heart"))] * num_steps, MethodSettings())
    steps = torch.stack([found.values for found in ask(name, of)]) * (end - start)
    return float(steps.double().sum(dim=(1, 2, 3)) @ weights)
