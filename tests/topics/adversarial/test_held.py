"""The pictures that attacks are counted on: none was learnt from, none is in two sets."""

import pytest
import torch

from dlcore.datasets.objects import ObjectsConfig
from dlcore.topics.adversarial.held import batches, check, held, labels, networks
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.training.recipes import DIGITS, RECIPES, digits


def test_drawings_come_from_sets_that_no_network_was_trained_on() -> None:
    pictures = held("objects", 10, seed=3)
    assert torch.equal(pictures.images, ObjectsConfig(num=10, seed=1003).make().images)
    trained = {recipe.data.seed for recipe in RECIPES.values() if isinstance(recipe.data, ObjectsConfig)}
    assert max(trained) < 1000


def test_digits_are_test_digits_and_sets_follow_each_other() -> None:
    images, _ = digits(DIGITS, "test")
    sets = [held("digits", 200, seed) for seed in range(4)]
    assert torch.equal(torch.cat([part.images for part in sets])[:700], images)
    assert torch.equal(sets[3].images[100:], images[:100])  # there are no more: the first come again


@pytest.mark.parametrize("data", ["objects", "digits"])
def test_labels_are_known_without_drawing(data: str) -> None:
    assert labels(data, 20, seed=2) == tuple(held(data, 20, seed=2).labels.tolist())


@pytest.mark.parametrize("data", ["objects", "digits"])
def test_masks_are_where_the_object_is(data: str) -> None:
    pictures = held(data, 10, seed=0)
    shares = pictures.masks.float().mean(dim=(1, 2))
    assert pictures.masks.shape == (10, *pictures.images.shape[2:])
    assert 0.02 < shares.min() < shares.max() < 0.8


def test_each_batch_has_draws_of_its_own() -> None:
    pictures = held("digits", 45, seed=0)
    parts = list(batches(pictures, 20, AttackSettings(seed=2**31 - 1)))
    assert [count for count, _, _ in parts] == [20, 40, 45]
    assert torch.equal(torch.cat([part.images for _, part, _ in parts]), pictures.images)
    assert len({settings.seed for _, _, settings in parts}) == 3


def test_networks_look_at_what_they_were_trained_on() -> None:
    assert {"plain", "residual", "shortcut"} <= set(networks("objects"))
    assert "digits" in networks("digits")
    assert not set(networks("digits")) & set(networks("objects"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("photos", 10, 0), "data"), (("digits", 701, 0), "num_images"), (("objects", 10, -1), "seed")],
)
def test_sets_that_there_are_not_are_refused(arguments: tuple[str, int, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        check(*arguments)
