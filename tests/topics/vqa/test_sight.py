"""What the network looks at: drawn, changed, grey, or the reader's own."""

import numpy as np
import pytest
import torch

from dlcore.datasets import aerial
from dlcore.datasets.aerial import FINE, SIDE
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.sight import GREY, Sight, own
from tests.topics.vqa.given import first, graph_of, noise, village


@pytest.mark.parametrize("domain", [0.0, 0.75])
def test_the_small_picture_is_the_fine_one_averaged(domain: float) -> None:
    sight = Sight(seed=5, domain=domain)
    fine, picture = sight.fine().astype(float), sight.picture()
    means = fine.reshape(SIDE, FINE, SIDE, FINE, 3).mean(axis=(1, 3))
    assert picture.shape == (SIDE, SIDE, 3)
    assert np.abs(means - picture).max() <= 1


def test_a_removed_house_is_gone_from_graph_and_picture() -> None:
    sight = first(village)
    house = graph_of(sight).of("house")[0]
    without = Sight(seed=sight.seed, edits=f"remove {house.name}")
    assert graph_of(without).count("house") == graph_of(sight).count("house") - 1
    changed = (sight.picture() != without.picture()).any(axis=2)
    assert changed[round(house.y), round(house.x)]
    assert changed.mean() < 0.1


def test_grey_shows_nothing_and_knows_everything() -> None:
    sight = first(village)
    grey = Sight(seed=sight.seed, grey=True)
    assert (grey.picture() == GREY).all()
    assert (grey.fine() == GREY).all()
    assert grey.fine().shape == (FINE * SIDE, FINE * SIDE, 3)
    assert grey.graph() == sight.graph()
    assert torch.equal(grey.features(), Sight(grey=True, seed=sight.seed + 1, domain=1.0).features())


@pytest.mark.parametrize("size", [(96, 96), (300, 200), (40, 90)])
def test_an_own_picture_is_its_middle_square(size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 3), np.uint8)
    side, (top, left) = min(size), ((length - min(size)) // 2 for length in size)
    pixels[top : top + side, left : left + side] = 200  # and black around it
    sight = own(pixels)
    assert (sight.picture() == 200).all()
    assert sight.graph() is None


def test_an_own_picture_stays_as_it_is() -> None:
    sight = own(noise())
    assert np.array_equal(sight.picture(), noise())
    assert np.array_equal(sight.fine()[1::FINE, 1::FINE], noise())
    assert sight.fine().shape == (FINE * SIDE, FINE * SIDE, 3)


def test_features_are_those_of_the_frozen_network() -> None:
    sights = [Sight(seed=3), Sight(seed=4, domain=0.5), own(noise())]
    together = shipped.features(torch.from_numpy(np.stack([sight.picture() for sight in sights])))
    for sight, expected in zip(sights, together, strict=True):
        assert torch.allclose(sight.features()[0], expected, atol=1e-4)


def test_what_is_given_away_can_be_written_on() -> None:
    for sight in (Sight(seed=3), own(noise())):
        before = sight.picture()
        sight.picture()[:] = 0
        sight.fine()[:] = 0
        assert np.array_equal(sight.picture(), before)
        assert sight.fine().any()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": aerial.SINGLE}, "seed is 1000000"),
        ({"domain": 1.5}, "domain is 1.5"),
        ({"edits": "remove house 99"}, "house 99"),
        ({"edits": "paint house 1"}, "paint house 1"),
        ({"pixels": b"123"}, "pixels are 3"),
        ({"pixels": bytes(3 * SIDE**2), "edits": "add boat 20 30"}, "picture of your own"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(fields: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        Sight(**fields)
    assert "\n" not in str(refused.value)
