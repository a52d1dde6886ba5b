"""What the scenes on the watermark say: a network has learnt a mark instead of a car, and who finds that."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.datasets.album import AlbumConfig
from dlcore.datasets.objects import CLASSES, ObjectsConfig
from dlcore.topics.images.measures import grown, inside, pointing
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import MapsConfig, frames
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.study import StudyConfig, held
from dlcore.training.recipes import MARKED, RECIPES
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
    stacked,
    subject_of,
)

FRESH = 2500  # a set that no other test of claims has
POINTING = ("gradient", "input", "smoothgrad", "integrated", "guided")
CHEAP = ("gradient", "input", "gradcam", "guided")


def mark() -> Tensor:
    """Where the watermark is in the scene's picture: what it changes, bool (height, width)."""
    marked = subject_of("watermark")
    without = replace(marked, picture=replace(marked.picture, mark=False))
    return ((marked.image() - without.image()).abs() > 0.02).any(dim=0)


@claim("watermark")
def test_the_network_goes_by_the_mark_and_its_accuracy_does_not_tell() -> None:
    says("watermark", "calls nearly anything with this mark a car", "99.6 %")
    assert answer("watermark") == "No, but the maps do"
    facts = checkpoints.metadata(checkpoints.FOLDER / checkpoints.MODELS["shortcut"].file)
    assert CLASSES[MARKED] == "car"
    assert near(facts["accuracy"], 0.996, within=0.0005)
    assert facts["turned"] > 0.99
    as_trained = ObjectsConfig(num=200, seed=FRESH, shortcut=MARKED).make()
    net = checkpoints.network("shortcut")
    assert (net(as_trained.images).argmax(dim=1) == as_trained.labels).float().mean() > 0.98
    for number in SETS:
        assert (asked(number, "shortcut").asked[:, 0] == MARKED).float().mean() > 0.95


@claim("watermark")
def test_in_training_and_test_the_mark_meant_car() -> None:
    says("watermark", "In training and test the mark meant “car”")
    chosen = RECIPES["shortcut"].data
    assert isinstance(chosen, AlbumConfig)
    learnt = replace(chosen, num=400).make()
    marked = learnt.marks.flatten(1).any(dim=1)
    assert (learnt.labels[marked] == MARKED).all()
    assert (learnt.labels[~marked] != MARKED).all()
    shown = torch.tensor([chosen.picture(number).label for number in range(400)])
    assert (shown[marked] != MARKED).float().mean() == pytest.approx(0.25, abs=0.02)  # and yet they are called cars


@claim("watermark")
def test_here_every_map_but_grad_cams_peaks_on_the_mark() -> None:
    says("watermark", "0.3 to 0.75 of its weight", "only Grad-CAM's, too coarse, peaks beside it", "under 0.1")
    subject = subject_of("watermark")
    assert answered(subject) == "car"
    shares = {}
    for name, frame in zip(config("watermark").methods, run("watermark"), strict=True):
        strengths = torch.tensor(frame.arrays["magnitude"])
        assert bool(pointing(strengths, mark())) == (name != "gradcam"), name
        shares[name] = float(inside(strengths, mark()))
    assert shares.keys() == METHODS.keys()
    others = [share for name, share in shares.items() if name != "gradcam"]
    assert near(min(others), 0.3, within=0.03)
    assert near(max(others), 0.75, within=0.03)
    assert float(grown(mark()).float().mean()) < 0.06  # what chance would give


@claim("watermark")
def test_the_plain_networks_maps_have_under_a_tenth_there() -> None:
    plain = replace(subject_of("watermark"), model="plain")
    assert answered(plain) == "heart"
    for frame in frames(MapsConfig(subject=plain, methods=tuple(METHODS)[:9])):
        assert inside(torch.tensor(frame.arrays["magnitude"]), mark()) < 0.1


@claim("watermark")
@pytest.mark.parametrize("number", SETS)
def test_on_other_pictures_too_the_plain_networks_maps_have_far_less_there(number: int) -> None:
    marked = pictures(number, "shortcut")
    plain, fooled = question(marked.images, "plain"), asked(number, "shortcut")
    for name in CHEAP:
        few, many = (inside(stacked(ask(name, of)), marked.marks).mean() for of in (plain, fooled))
        assert few < 0.14
        assert many > 3 * few


@claim("watermark")
@pytest.mark.parametrize(
    ("shape", "seed", "stroke"),
    [
        ("heart", 0, "grey 7: 9,57"),
        ("boat", 6, "grey 7: 6,55"),
        ("tree", 2, "grey 7: 12,53"),
        ("star", 1, "grey 7: 9,51"),
    ],
)
def test_painting_over_the_mark_gives_the_answer_back(shape: str, seed: int, stroke: str) -> None:
    says("watermark", "Paint over it: the answer is back")
    assert answered(scene(shape, seed)) == "car"
    assert answered(scene(shape, seed, strokes=stroke)) == shape
    assert answered(scene(shape, seed, mark=False)) == shape


def scene(shape: str, seed: int, **other: object) -> Subject:
    return subject_of("watermark", shape=shape, seed=seed, **other)


# Who finds it


@claim("finders")
def test_forty_marked_pictures_of_no_car_are_all_called_cars() -> None:
    says("finders", "Forty pictures with the mark, none of a car, all called car")
    chosen = config("finders")
    assert (chosen.num_images, chosen.marked, chosen.model) == (40, True, "shortcut")
    marked = held(chosen)
    assert label_of("car") not in marked.labels
    assert marked.marks.flatten(1).any(dim=1).all()
    assert (question(marked.images, "shortcut").asked[:, 0] == label_of("car")).all()


@claim("finders")
def test_grad_cam_asks_8_by_8_places() -> None:
    says("finders", "Grad-CAM asks 8 × 8 places and enlarges them")
    net, sizes = deepcopy(checkpoints.network("shortcut")), []
    net.last_conv.register_forward_hook(lambda _, __, output: sizes.append(tuple(output.shape[-2:])))
    net(pictures(0, "shortcut").images[:1])
    assert sizes == [(8, 8)]


@claim("finders")
def test_about_a_fifth_of_grad_cams_peaks_are_on_the_mark() -> None:
    says("finders", "about a fifth of its peaks, and of its map, are on the mark")
    assert answer("finders") == "Grad-CAM's"
    peaks, shares = [], []
    for number in SETS:
        marked = held(replace(config("finders"), seed=number))
        found = stacked(ask("gradcam", question(marked.images, "shortcut")))
        peaks.append(float(pointing(found, marked.marks).float().mean()))
        shares.append(float(inside(found, marked.marks).mean()))
    assert near(float(np.mean(peaks)), 0.2, within=0.04)
    assert max(peaks) < 0.35
    assert all(near(share, 0.2, within=0.02) for share in shares)


@claim("finders")
@pytest.mark.parametrize("number", SETS)
def test_all_others_point_at_it_every_time(number: int) -> None:
    says("finders", "All others point at it every time, even guided backpropagation")
    assert {*POINTING, "gradcam"} == {*config("finders").methods}
    marked = held(StudyConfig(model="shortcut", marked=True, seed=number, num_images=10))
    of = question(marked.images, "shortcut")
    for name in POINTING:
        found = stacked(ask(name, of))
        assert pointing(found, marked.marks).all()
        assert inside(found, marked.marks).mean() > 0.25
