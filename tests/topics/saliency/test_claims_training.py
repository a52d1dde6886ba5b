"""What the scene on training says: the maps of a network that has learnt nothing yet."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.images.measures import grown, inside
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.retraining import BATCH, frames
from tests.topics.saliency.claims import SETS, answer, asked, claim, config, near, pictures, says, stacked

SEEDS = range(4)  # of the first weights
NAMES = ("gradient", "guided")


@claim("learn")
def test_here_guided_backpropagation_is_on_the_object_more_than_chance_before_the_first_step() -> None:
    says("learn", "0.30 of its map", "chance gives 0.18", "the gradient has 0.24")
    assert answer("learn") == "Rather: more than chance would"
    chosen = config("learn")
    first = next(iter(frames(replace(chosen, num_train=BATCH)))).arrays  # before it learns from any
    assert first["step"] == 0
    mask = chosen.subject.mask()
    assert mask is not None
    assert near(float(first["inside.guided"]), 0.30)
    assert near(float(first["inside.gradient"]), 0.24)
    assert near(float(grown(torch.from_numpy(mask)).float().mean()), 0.18)
    assert near(float(first["accuracy.test"]), 10, within=5)  # a guess among ten


@claim("learn")
@pytest.mark.parametrize("number", SETS)
def test_so_it_is_on_other_pictures_with_other_weights(number: int) -> None:
    says("learn", "on other pictures likewise")
    by_chance = float(grown(pictures(number).masks).float().mean())
    for seed in SEEDS:
        share = shares(number, seed)
        assert near(share["guided"], 0.30, within=0.03)
        assert near(share["gradient"], 0.24, within=0.03)
        assert share["guided"] > share["gradient"] + 0.02 > by_chance + 0.05


def shares(number: int, seed: int) -> dict[str, float]:
    """Of the maps by a network with first weights the share on the object, the mean over the pictures of a set."""
    net = fresh("plain", generator(100 * number + seed)).eval().requires_grad_(False)
    of = Question(net, asked(number).images, asked(number).targets, asked(number).settings)
    return {name: float(inside(stacked(ask(name, of)), pictures(number).masks).mean()) for name in NAMES}


@claim("learn")
def test_its_answers_are_guesses() -> None:
    says("learn", "The answer is still a guess")
    right = []
    for number in SETS:
        for seed in SEEDS:
            net = fresh("plain", generator(100 * number + seed)).eval().requires_grad_(False)
            right.append(float((net(pictures(number).images).argmax(dim=1) == pictures(number).labels).float().mean()))
    assert near(float(np.mean(right)), 0.1, within=0.06)
