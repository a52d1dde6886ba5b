"""What a network learns to withstand is refused where it cannot be; recipes give the pictures that they name."""

from typing import Any

import pytest
import torch

from dlcore.checkpoints import MODELS
from dlcore.training.recipes import DIGITS, RECIPES, Adversary, digits, held_out


@pytest.mark.parametrize(
    "wrong",
    [{"epsilon": -1.0}, {"epsilon": 256.0}, {"num_steps": 0}, {"step_share": 0.0}, {"share": 1.1}],
)
def test_an_adversary_out_of_its_range_is_named(wrong: dict[str, Any]) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name} is {value!r}: it must be"):
        Adversary(**{"epsilon": 8.0, **wrong})


@pytest.mark.parametrize("key", RECIPES)
def test_a_recipe_fits_its_model_and_starts_from_one_of_equal_build(key: str) -> None:
    recipe = RECIPES[key]
    assert MODELS[key].file == f"{key}.safetensors"
    if recipe.start:
        assert RECIPES[recipe.start].network == recipe.network
        assert RECIPES[recipe.start].data == recipe.data
        assert list(RECIPES).index(recipe.start) < list(RECIPES).index(key)  # it is made before


def test_test_pictures_are_of_the_same_kind_and_not_learnt_from() -> None:
    drawn = held_out(RECIPES["robust"].data, 1, 5)
    assert drawn.images.shape == (5, 3, 64, 64)
    learnt, held = digits(DIGITS, "train").images, held_out(DIGITS, 1, 50)
    assert held.images.shape == (50, 1, 8, 8)
    apart = (held.images.flatten(1)[:, None] - learnt.flatten(1)[None]).abs().amax(dim=2)
    assert apart.min() > 0
    assert torch.equal(held.labels, digits(DIGITS, "test").labels[:50])
