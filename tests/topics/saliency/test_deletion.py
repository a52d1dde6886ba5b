"""Deletion and insertion: the order of pixels, the curves of networks that need known pixels, and what frames show."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlcore.device import generator
from dlcore.topics.saliency.deletion import (
    DeletionConfig,
    area,
    class_chances,
    curves,
    deleted,
    frames,
    inserted,
    places,
    shares,
)
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot
from tests.topics.saliency.given import SIDE, Given, Scored, drawn, quarter, values

PIXELS = SIDE * SIDE
SETTINGS = MethodSettings(baseline="black", window=2, stride=1)


class Whole(nn.Module):
    """Sure of class 0 while all of the quarter is there, of class 1 when a pixel of it is black."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        there = (images.amin(dim=1)[:, torch.from_numpy(quarter())] > 0).all(dim=1).float()
        return 20 * torch.stack([there, 1 - there], dim=1)


def maps_of(count: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, SIDE, SIDE, generator=generator(seed))


def test_pixels_go_in_the_order_of_their_strength() -> None:
    maps = maps_of()
    found = places(maps, generator(0)).flatten(1)
    for strengths, place in zip(maps.flatten(1).tolist(), found.tolist(), strict=True):
        expected = sorted(range(PIXELS), key=lambda i: -strengths[i])
        assert sorted(range(PIXELS), key=lambda i: place[i]) == expected


def test_between_equal_pixels_chance_decides_and_not_their_place() -> None:
    flat = torch.zeros(1, SIDE, SIDE)
    one, same, other = (places(flat, generator(seed)).flatten().tolist() for seed in (0, 0, 1))
    assert sorted(one) == list(range(PIXELS))
    assert one == same != other
    assert abs(np.corrcoef(one, range(PIXELS))[0, 1]) < 0.3


@given(st.integers(0, PIXELS))
def test_what_is_deleted_and_what_is_inserted_make_the_picture(count: int) -> None:
    image, filling = drawn(channels=3)[None], torch.full((1, 3, SIDE, SIDE), 9.0)
    order, share = places(maps_of(1), generator(0)), count / PIXELS
    lost, gained = deleted(image, filling, order, share), inserted(image, filling, order, share)
    assert int((lost[:, 0] == 9).sum()) == count
    assert int((gained[:, 0] == 9).sum()) == PIXELS - count
    assert torch.equal(torch.minimum(lost, gained), image)


def test_shares_go_from_nothing_to_all_and_are_finer_at_first() -> None:
    found = shares(16)
    assert (found[0], found[-1], len(found)) == (0, 1, 17)
    assert (found.diff().diff() > 0).all()


def test_area_is_the_curves_mean_height() -> None:
    at = shares(20)
    assert float(area(at, at)) == pytest.approx(0.5)
    assert float(area(torch.full((21,), 0.3), at)) == pytest.approx(0.3)
    assert float(area(torch.tensor([0.7]), at[:1])) == pytest.approx(0.7)
    heights = torch.rand(21, generator=generator(3))
    assert float(area(heights, at)) == pytest.approx(float(np.trapezoid(heights.numpy(), at.numpy())), abs=1e-6)


def test_a_network_that_needs_the_quarter_falls_at_once_and_rises_when_it_is_whole() -> None:
    images = torch.ones(2, 1, SIDE, SIDE)
    maps = torch.stack([torch.from_numpy(quarter()).float(), 1 - torch.from_numpy(quarter()).float()])
    at = torch.linspace(0, 1, PIXELS + 1)
    order, labels = places(maps, generator(0)), torch.zeros(2, dtype=torch.int64)
    found = curves(Whole().eval(), images, torch.zeros_like(images), order, labels, at)
    right, wrong = ((chances > 0.5).long() for chances in (found.deleted, found.inserted))
    assert right.argmin(dim=1).tolist() == [1, PIXELS - PIXELS // 4 + 1]
    assert wrong.argmax(dim=1).tolist() == [PIXELS // 4, PIXELS]


def test_chances_are_those_of_each_pictures_own_label() -> None:
    net = Scored(lambda images: images.sum(dim=(1, 2, 3)))
    images = torch.stack([drawn(0), drawn(1)])
    up = images.sum(dim=(1, 2, 3)).sigmoid()
    found = class_chances(net, images, torch.tensor([0, 1]))
    assert found.tolist() == pytest.approx([float(up[0]), float(1 - up[1])])


def config_of(**changes: object) -> DeletionConfig:
    """F = 10 · (the mean of the quarter) − 2, of a picture that is nowhere black."""
    mask = torch.from_numpy(quarter())
    subject = Given(function=lambda images: 10 * images[:, 0, mask].mean(dim=1) - 2, given=(1 + drawn()) / 2)
    config = DeletionConfig(subject=subject, settings=SETTINGS, methods=("gradient", "occlusion"), filling="black")
    return replace(config, **changes)


def last(found: list[Snapshot], name: str) -> float:
    return float(values(found, name)[-1])


@pytest.mark.parametrize("way", ["delete", "insert"])
def test_the_pictures_go_from_one_end_to_the_other(way: str) -> None:
    config = config_of(way=way)
    found = list(frames(config))
    assert len(found) == config.num_frames
    whole = np.repeat((255 * config.subject.image()).round().byte().permute(1, 2, 0).numpy(), 3, axis=2)
    ends = (whole, np.zeros_like(whole))
    for name in config.names:
        first, end = found[0].arrays[f"picture.{name}"], found[-1].arrays[f"picture.{name}"]
        expected = ends if way == "delete" else ends[::-1]
        assert np.array_equal(first, expected[0])
        assert np.array_equal(end, expected[1])


def test_what_the_network_asks_falls_earlier_than_chance_and_areas_are_the_means_so_far() -> None:
    found = list(frames(config_of()))
    for name in ("gradient", "occlusion"):
        assert last(found, f"deleted_area.{name}") < last(found, "deleted_area.random") - 0.1
        assert last(found, f"inserted_area.{name}") > last(found, "inserted_area.random") + 0.1
    at, heights = values(found, "share"), values(found, "deleted.gradient")
    for count in (2, 10, len(found)):
        expected = np.trapezoid(heights[:count], at[:count]) / at[count - 1]
        assert found[count - 1].arrays["deleted_area.gradient"] == pytest.approx(expected, abs=1e-5)


def test_both_ways_have_the_same_curves() -> None:
    one, other = (list(frames(config_of(way=way))) for way in ("delete", "insert"))
    for a, b in zip(one, other, strict=True):
        curves_of = [name for name, value in a.arrays.items() if value.ndim == 0]
        assert [a.arrays[name] for name in curves_of] == [b.arrays[name] for name in curves_of]


def test_a_frames_curve_is_the_probability_of_its_picture() -> None:
    """Of the order of the method's own map, with the pictures made here pixel by pixel."""
    config = config_of()
    subject, net = config.subject, config.subject.network()
    found = list(frames(config))
    order = attribute("occlusion", net, subject.image(), subject.target(), SETTINGS).magnitude.flatten().argsort()
    for frame in found[:20]:
        image = subject.image().flatten().clone()
        image[order.flip(0)[: round(float(frame.arrays["share"]) * PIXELS)]] = 0
        expected = net(image.view(1, 1, SIDE, SIDE)).softmax(dim=1)[0, 0]
        if float(frame.arrays["share"]) < 0.25:  # beyond, all that is left is equally unimportant
            assert frame.arrays["deleted.occlusion"] == pytest.approx(float(expected), abs=1e-3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"methods": ()}, "methods is empty"),
        ({"methods": ("gradient", "magic")}, "'magic'"),
        ({"filling": "pink"}, "filling is 'pink'"),
        ({"way": "sideways"}, "way is 'sideways'"),
        ({"num_steps": 1}, "num_steps is 1"),
    ],
)
def test_bad_settings_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        config_of(**change)
