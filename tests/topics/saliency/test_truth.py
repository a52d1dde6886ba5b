"""What is said about the methods holds for the networks that come with the lesson, on pictures new to them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES, Objects, ObjectsConfig
from dlcore.device import generator
from dlcore.topics.saliency.cascade import CascadeConfig
from dlcore.topics.saliency.cascade import frames as cascade
from dlcore.topics.saliency.completeness import RULES, PathConfig, path, points
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.deletion import area, curves, places, shares
from dlcore.topics.saliency.forming import NOISES, NoiseConfig, noises
from dlcore.topics.saliency.gradients import gradient, moments
from dlcore.topics.saliency.measures import inside, pointing, precision, random_maps
from dlcore.topics.saliency.methods import answer, magnitude
from dlcore.topics.saliency.pictures import Picture
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.study import StudyConfig, held
from dlcore.topics.saliency.targets import Target, pairs
from dlcore.training.recipes import MARKED
from tests.topics.saliency.given import values

HEART = Subject(picture=Picture(label=CLASSES.index("heart"), seed=0))
SETS = (1, 2)


@cache
def pictures(seed: int, count: int = 10) -> Objects:
    return ObjectsConfig(num=count, seed=5000 + seed).make()


def asked(model: str, images: Tensor) -> Question:
    """Why the network answers what it does."""
    net = checkpoints.network(model)
    labels = net(images).argmax(dim=1).tolist()
    return Question(net, images, [Target(label) for label in labels], MethodSettings())


@cache
def maps(seed: int, name: str) -> Tensor:
    return torch.stack([found.magnitude for found in answer(name, _question(seed))])


@cache
def _question(seed: int) -> Question:
    return asked("plain", pictures(seed).images)


def mean_of(measure: str, seed: int, name: str) -> float:
    found = {"inside": inside, "precision": precision}[measure](maps(seed, name), pictures(seed).masks)
    return float(found.mean())


@cache
def areas(seed: int, name: str) -> tuple[float, float]:
    """Of deletion and of insertion."""
    question, at = _question(seed), shares(10)
    strengths = (
        random_maps(tuple(pictures(seed).masks.shape), generator(seed)) if name == "random" else maps(seed, name)
    )
    labels = question.asked[:, 0]
    found = curves(question.net, question.images, question.baselines, places(strengths, generator(seed)), labels, at)
    return float(area(found.deleted, at).mean()), float(area(found.inserted, at).mean())


@pytest.mark.parametrize("seed", SETS)
def test_smoothgrad_is_better_than_the_gradient_in_mass_and_precision(seed: int) -> None:
    assert mean_of("inside", seed, "smoothgrad") > mean_of("inside", seed, "gradient") + 0.05
    assert mean_of("precision", seed, "smoothgrad") > mean_of("precision", seed, "gradient") + 0.02


def test_and_it_is_on_nearly_every_picture() -> None:
    gains = [
        inside(maps(s, "smoothgrad"), pictures(s).masks) > inside(maps(s, "gradient"), pictures(s).masks) for s in SETS
    ]
    assert torch.cat(gains).float().mean() > 0.9


@pytest.mark.parametrize("seed", SETS)
def test_guided_backpropagation_has_the_most_mass_of_the_gradients(seed: int) -> None:
    assert mean_of("inside", seed, "guided") > mean_of("inside", seed, "smoothgrad") + 0.1


def test_deletion_tells_smoothgrad_from_the_gradient_and_insertion_does_not() -> None:
    rows = np.array([[areas(s, name) for name in ("gradient", "smoothgrad", "random")] for s in SETS]).mean(axis=0)
    (lost, gained), (lost_smooth, gained_smooth), (lost_random, gained_random) = rows
    assert lost_smooth < lost - 0.01
    assert abs(gained_smooth - gained) < 0.03
    assert lost_random > lost + 0.25
    assert gained_random < gained - 0.2


def test_a_tenth_is_near_the_best_noise_for_the_mass_and_much_noise_is_worse_than_none() -> None:
    net, images, masks = checkpoints.network("plain"), pictures(1).images, pictures(1).masks
    settings = MethodSettings(num_samples=20)
    found = {
        sigma: float(
            inside(
                magnitude(moments(net, images, _question(1).asked, replace(settings, noise=sigma)).mean), masks
            ).mean()
        )
        for sigma in (0.0, 0.02, 0.1, 0.4)
    }
    assert found[0.1] == max(found.values())
    assert found[0.4] < found[0.0] < found[0.02]


def test_the_gain_ends_where_the_answers_break() -> None:
    """On the opening picture: all copies keep their answer up to σ = 0.2, none does from 0.3 on."""
    found = list(noises(NoiseConfig(subject=HEART)))
    right, mass = (dict(zip(NOISES, values(found, name).tolist(), strict=True)) for name in ("right", "inside"))
    assert right[0.1] == right[0.2] == 1
    assert right[0.3] < 0.1
    assert mass[0.1] > mass[0.0] + 0.1
    assert mass[0.4] < mass[0.0]


def test_with_fifty_steps_every_rule_is_complete_to_three_per_cent() -> None:
    images = pictures(2).images[:2]
    net = checkpoints.network("plain")
    for image, label in zip(images, _question(2).asked[:, 0].tolist(), strict=False):
        way, pair = image - 0.5, pairs([Target(label)])
        rise = float(net(image[None])[0, label] - net(torch.full_like(image, 0.5)[None])[0, label])
        for rule in RULES:
            alphas, weights = points(rule, 50)
            on_path = 0.5 + alphas.float()[:, None, None, None] * way
            slopes = (gradient(net, on_path, pair.expand(50, -1)) * way).sum(dim=(1, 2, 3)).double()
            assert float((weights * slopes).sum()) == pytest.approx(rise, rel=0.03)


def test_at_the_opening_picture_the_score_no_longer_rises_and_yet_it_has_risen() -> None:
    found = list(path(PathConfig(subject=HEART)))
    slope, rise = values(found, "slope"), float(values(found, "difference")[0])
    assert slope.max() > 2 * rise
    assert slope[-1] < 0.05 * rise
    assert values(found, "total")[-1] == pytest.approx(rise, rel=0.01)


def test_guided_backpropagation_hardly_changes_while_half_of_the_network_is_destroyed() -> None:
    ranks = {}
    for seed in (0, 1):
        subject = Subject(picture=Picture(label=5 * seed, seed=seed))
        config = CascadeConfig(subject=subject, methods=("gradient", "gradcam", "guided"), seed=seed, num_draws=2)
        found = list(cascade(config))
        ranks[seed] = {name: values(found, f"rank.{name}.mean") for name in config.methods}
    for found in ranks.values():
        assert found["guided"][1] > 0.9
        assert found["guided"][4] > 0.7
        assert found["gradient"][4] < 0.6
        assert found["gradcam"][4] < found["guided"][4] - 0.2


def test_the_shortcut_is_found_by_all_that_use_pixels_gradients_and_grad_cam_points_beside_it() -> None:
    marked = held(StudyConfig(model="shortcut", marked=True, num_images=10, seed=7))
    question = asked("shortcut", marked.images)
    assert (question.asked[:, 0] == MARKED).float().mean() > 0.9
    share = float(marked.marks.float().mean())
    for name in ("gradient", "input", "smoothgrad", "smoothgrad_squared", "vargrad", "integrated", "guided"):
        strengths = torch.stack([found.magnitude for found in answer(name, question)])
        assert pointing(strengths, marked.marks).float().mean() > 0.9
        assert pointing(strengths, marked.masks).float().mean() < 0.2
        assert inside(strengths, marked.marks).mean() > 8 * share
    coarse = torch.stack([found.magnitude for found in answer("gradcam", question)])
    assert pointing(coarse, marked.marks).float().mean() < 0.5


@pytest.mark.parametrize(
    ("name", "seed", "stroke"), [("heart", 0, "grey 7: 9,57"), ("boat", 6, "grey 7: 6,55"), ("fish", 0, "grey 7: 9,57")]
)
def test_painting_over_the_watermark_gives_the_right_answer_back(name: str, seed: int, stroke: str) -> None:
    label = CLASSES.index(name)
    marked = Picture(label=label, seed=seed, mark=True)
    assert Subject(picture=marked, model="shortcut").target().label == MARKED
    assert Subject(picture=replace(marked, strokes=stroke), model="shortcut").target().label == label
    assert Subject(picture=Picture(label=label, seed=seed), model="shortcut").target().label == label


def test_a_wrong_answer_is_explained_by_what_lies_beside_the_object() -> None:
    house = Subject(picture=Picture(label=CLASSES.index("house"), seed=3, shift=0.5))
    mask = house.mask()
    assert mask is not None
    assert CLASSES[house.target().label] == "cross"
    net, images = house.network(), house.image()[None]
    for name in ("smoothgrad", "gradcam", "occlusion"):
        why_cross, why_house = (
            float(
                inside(
                    answer(name, Question(net, images, [Target(CLASSES.index(what))], MethodSettings()))[0].magnitude,
                    torch.from_numpy(mask),
                )
            )
            for what in ("cross", "house")
        )
        assert why_house > why_cross + 0.08
