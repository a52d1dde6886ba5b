"""What the scene on sanity says: whose map changes when layers forget what they learnt, from the head down."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from dlcore.device import generator
from dlcore.nets import ConvNet
from dlcore.topics.images.measures import rank_correlation
from dlcore.topics.saliency.cascade import destroyed, frames
from dlcore.topics.saliency.methods import answer as ask
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.claims import SETS, answer, asked, claim, config, maps, near, says, shown, stacked
from tests.topics.saliency.given import values

CHEAP = ("gradient", "input", "gradcam", "guided")
HEAD, HALF = 1, 4  # so many layers are random
NUM_DRAWS = 2


def alike(number: int, draw: int, num_random: int) -> dict[str, float]:
    """Spearman's ρ with the trained network's maps by method: the mean over the pictures of a set."""
    of = asked(number)
    assert isinstance(of.net, ConvNet)
    nets = destroyed(of.net, False, generator(10 * number + draw))
    again = Question(next(islice(nets, num_random - 1, None)), of.images, of.targets, of.settings)
    ranks = {name: rank_correlation(stacked(ask(name, again)), maps(name, number)) for name in CHEAP}
    return {name: float(rank.nanmean()) for name, rank in ranks.items()}


@claim("forget")
def test_here_guided_backpropagation_hardly_notices_that_half_of_the_layers_are_random() -> None:
    says("forget", "about 0.83", "0.95", "0.3 or 0.4", "0.1 or 0.2")
    assert answer("forget") == "Guided backpropagation's"
    assert config("forget").num_frames == 1 + 2 * HALF
    ranks = {name: shown("forget", f"rank.{name}.mean", methods=CHEAP) for name in CHEAP}
    assert near(ranks["guided"][HALF], 0.83, within=0.02)
    assert near(ranks["guided"][HEAD], 0.95, within=0.02)
    assert near(ranks["gradient"][HALF], 0.3, within=0.04)
    assert near(ranks["gradcam"][HALF], 0.1, within=0.05)


@claim("forget")
def test_its_curve_is_on_top_of_all() -> None:
    says("forget", "The curve on top")
    few = MethodSettings(num_samples=20, num_steps=20)
    found = list(frames(replace(config("forget"), num_draws=1, settings=few)))
    ranks = {name: values(found, f"rank.{name}.mean")[1 : HALF + 1] for name in config("forget").methods}
    guided = ranks.pop("guided")
    assert all((guided > other + 0.1).all() for other in ranks.values())


@claim("forget")
@pytest.mark.parametrize("number", SETS)
def test_nor_on_other_pictures_whatever_is_drawn(number: int) -> None:
    half = [alike(number, draw, HALF) for draw in range(NUM_DRAWS)]
    for ranks in half:
        assert near(ranks["guided"], 0.83, within=0.03)
        assert near(ranks["gradient"], 0.4, within=0.06)
        assert ranks["gradcam"] < 0.3
    assert near(float(np.mean([ranks["gradcam"] for ranks in half])), 0.15, within=0.1)
    assert near(alike(number, 0, HEAD)["guided"], 0.95, within=0.04)


@claim("forget")
def test_in_the_end_when_all_is_random_it_does_notice() -> None:
    """So it is not blind to the network: to what the upper layers learnt it is."""
    ranks = shown("forget", "rank.guided.mean", methods=CHEAP)
    assert ranks[-1] < 0.5 < 0.8 < ranks[HALF]
