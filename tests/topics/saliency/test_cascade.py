"""Weights drawn anew, layer by layer: what changes, what stays, and what a frame says of it."""

import copy
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch

from dlcore.checkpoints import MODELS
from dlcore.device import generator
from dlcore.nets import ConvNet, fresh
from dlcore.topics.images.measures import rank_correlation
from dlcore.topics.images.pictures import Picture
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.cascade import CascadeConfig, begin_anew, destroyed, frames, others
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.given import Given, bent, values

SETTINGS = MethodSettings(num_samples=4, num_steps=4)


def trained(seed: int = 0) -> ConvNet:
    """Stands for a trained one: its batch norm, too, is not as new."""
    net, draws = fresh("digits", generator(seed)), generator(seed + 1)
    with torch.no_grad():
        for _ in range(3):
            net(torch.rand(20, 1, 8, 8, generator=draws))
        for name, values in net.named_parameters():
            if "norm" in name:
                values.add_(torch.rand(values.shape, generator=draws))
    return net.eval().requires_grad_(False)


NET = trained()


@dataclass(frozen=True, kw_only=True)
class Digit(Subject):
    """A digit, asked about class 3, by the network above."""

    picture: Picture = field(default_factory=lambda: Picture(kind="digit", seed=5))
    model: str = "digits"

    def network(self) -> ConvNet:
        return NET

    def target(self) -> Target:
        return Target(label=3)


CONFIG = CascadeConfig(subject=Digit(), settings=SETTINGS, methods=("gradient", "gradcam", "guided"), num_draws=3)


def same(layer: torch.nn.Module, other: torch.nn.Module) -> bool:
    pairs = zip(layer.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def changed(net: ConvNet) -> list[bool]:
    """Of each layer from the head down whether any of its numbers differs from the trained one's."""
    return [not same(a, b) for (_, a), (_, b) in zip(net.layers(), NET.layers(), strict=True)]


def test_layer_by_layer_from_the_head_down() -> None:
    steps = [changed(net) for net in destroyed(NET, False, generator(0))]
    assert steps == [[number <= k for number in range(4)] for k in range(4)]


def test_or_one_layer_alone() -> None:
    steps = [changed(net) for net in destroyed(NET, True, generator(0))]
    assert steps == [[number == k for number in range(4)] for k in range(4)]


def test_a_layer_drawn_anew_keeps_its_draw_further_down() -> None:
    *_, before, last = destroyed(NET, False, generator(0))
    for (_, a), (_, b) in zip(before.layers()[:3], last.layers()[:3], strict=True):
        assert same(a, b)


def test_one_layer_alone_gets_the_draw_that_it_has_in_the_cascade() -> None:
    *_, all_drawn = destroyed(NET, False, generator(0))
    for number, net in enumerate(destroyed(NET, True, generator(0))):
        assert same(net.layers()[number][1], all_drawn.layers()[number][1])


def test_in_the_end_nothing_is_left_that_was_learnt() -> None:
    *_, last = destroyed(NET, False, generator(0))
    assert all(changed(last))
    for module in last.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            fresh_one = torch.nn.BatchNorm2d(module.num_features)
            assert same(module, fresh_one)
    weights = last.get_parameter("stages.1.conv.weight")
    assert float(weights.std()) == pytest.approx((2 / (16 * 9)) ** 0.5, rel=0.05)


def test_neither_the_shared_network_nor_the_global_generator_is_touched() -> None:
    before, state = copy.deepcopy(NET), torch.get_rng_state()
    list(frames(CONFIG))
    begin_anew(copy.deepcopy(NET), generator(1))
    assert same(before, NET)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_first_frame_is_the_trained_network() -> None:
    first = next(frames(CONFIG)).arrays
    for name in CONFIG.methods:
        assert [first[f"rank.{name}.{edge}"] for edge in ("mean", "low", "high")] == [1, 1, 1]
    chances = NET(CONFIG.subject.image()[None]).softmax(dim=1)[0]
    assert first["chances"] == pytest.approx(chances.numpy())
    assert first["chance"] == pytest.approx(float(chances[3]))


@pytest.mark.parametrize("independent", [False, True])
def test_a_frame_says_how_alike_its_map_is_to_the_first(independent: bool) -> None:
    found = list(frames(replace(CONFIG, independent=independent, num_draws=1)))
    assert len(found) == CONFIG.num_frames == len(CONFIG.layers())
    first = torch.from_numpy(found[0].arrays["magnitude.gradient"])
    for frame in found[1:]:
        rank = float(rank_correlation(torch.from_numpy(frame.arrays["magnitude.gradient"]), first))
        assert frame.arrays["rank.gradient.mean"] == pytest.approx(rank, abs=1e-6)


def test_mean_and_edges_are_over_draws_with_seeds_in_a_row() -> None:
    alone = [list(frames(replace(CONFIG, seed=seed, num_draws=1))) for seed in range(3)]
    together = list(frames(CONFIG))
    ranks = np.array([values(run, "rank.guided.mean") for run in alone])
    assert values(together, "rank.guided.mean") == pytest.approx(ranks.mean(axis=0))
    assert values(together, "rank.guided.low") == pytest.approx(ranks.min(axis=0))
    assert values(together, "rank.guided.high") == pytest.approx(ranks.max(axis=0))
    assert np.array_equal(values(together, "signed.guided"), values(alone[0], "signed.guided"))


def test_the_floor_is_how_alike_maps_of_other_pictures_are() -> None:
    found = list(frames(replace(CONFIG, num_draws=1)))
    first = torch.from_numpy(values(found, "magnitude.gradient")[0])
    ranks = []
    for image in others("digits"):
        label = int(NET(image[None]).argmax())
        other = attribute("gradient", NET, image, Target(label), SETTINGS).magnitude
        ranks.append(float(rank_correlation(other, first)))
    assert values(found, "floor.gradient") == pytest.approx(np.full(len(found), np.mean(ranks)), abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_other_pictures_are_of_the_models_kind(model: str) -> None:
    assert others(model).shape[1:] == MODELS[model].shape


def test_layers_are_named_in_the_order_in_which_they_go() -> None:
    assert CONFIG.layers() == ("nothing", "classifier", "convolution 3", "convolution 2", "convolution 1")


def test_a_network_without_a_list_of_its_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="layers of this network"):
        CascadeConfig(subject=Given(function=bent())).layers()


@pytest.mark.parametrize(("field", "value"), [("methods", ()), ("seed", -1), ("num_draws", 0)])
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
