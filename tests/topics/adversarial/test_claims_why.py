"""What the scenes on why it happens say: sums of many terms, right angles, and squares that eyes see as different."""

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.topics.adversarial.directions import flat, of_network
from dlcore.topics.adversarial.illusion import COVER, KINDS, IllusionConfig, illusion, measured
from dlcore.topics.adversarial.linear import of_network as network_sums
from tests.topics.adversarial.claims import SETS, answer, claim, config, kept, near, says, shown


@claim("add-up")
@pytest.mark.parametrize("seed", SETS)
def test_aimed_is_about_a_hundred_times_ahead(seed: int) -> None:
    says("add-up", "With 16,384 inputs", "128 times here", "the sum grows like √n", "it does not grow")
    assert answer("add-up") == "About 100 times"
    sizes, ratios = shown("add-up", "n", seed=seed), shown("add-up", "ratio", seed=seed)
    aimed, by_chance = (shown("add-up", f"{name}.mean", seed=seed) for name in ("attack", "noise"))
    assert sizes[-1] == 16_384
    assert near(ratios[-1], 128, within=22 if seed else 1)
    many = sizes >= 64
    assert np.allclose(aimed[many] / np.sqrt(sizes[many]), aimed[-1] / 128, rtol=0.02)
    assert np.ptp(by_chance[many]) < 0.3 * by_chance[many].mean()


@claim("add-up")
@pytest.mark.parametrize("number", SETS)
def test_four_levels_come_to_the_border_of_drawn_objects_and_stay_far_off_that_of_digits(number: int) -> None:
    """How far the attack goes on the slope, of the way to the border: 64 inputs add up to a part of it."""
    says(
        "add-up", "With ε = 4 the objects' network (12,288 inputs) comes to its border, the digits' (64) stays far off"
    )
    assert config("add-up").models == ("digits", "plain")
    shares = {}
    for key, inputs in (("digits", 64), ("plain", 12_288), ("noiseless", 12_288)):
        assert np.prod(checkpoints.MODELS[key].shape) == inputs
        found = network_sums(key, 4.0, 20, number)
        shares[key] = float(np.median(found["attack"] / found["distance"]))
    assert shares["digits"] < 0.35
    assert 0.9 < shares["plain"] < shares["noiseless"]


@claim("add-up")
def test_so_it_is_where_they_are_attacked() -> None:
    assert min(kept("digits", "pgd", 4.0)) > 90
    assert max(kept("noiseless", "pgd", 4.0)) < 30


# Right angles


@claim("thousands")
def test_hardly_any_random_direction_is_across_in_many_dimensions() -> None:
    says("thousands", "In 2 dimensions a third", "in 16 dimensions 2 %", "in 64 fewer than one in ten thousand")
    assert answer("thousands") == "Nearly never"
    assert config("thousands").times == 2
    two, sixteen, many = flat(np.array([2, 16, 64]), 2)
    assert near(two, 1 / 3, within=1e-6)
    assert near(sixteen, 0.02, within=0.001)
    assert many < 1e-4


@claim("thousands")
@pytest.mark.parametrize("seed", SETS)
def test_that_is_what_is_drawn(seed: int) -> None:
    dimensions, across = shown("thousands", "n", seed=seed), shown("thousands", "percent.mean", seed=seed)
    assert np.allclose(across, 100 * flat(dimensions, 2), atol=3)
    assert across[dimensions >= 64].max() < 0.1
    along = shown("thousands", "along", seed=seed)
    assert along[dimensions >= 1024].std() < 0.1


@claim("thousands")
@pytest.mark.parametrize("key", ["digits", "noiseless"])
def test_on_networks_the_attack_is_across_and_noise_of_twice_its_length_is_not(key: str) -> None:
    says("thousands", "The attack is across in any dimension")
    by_chance, attacked = of_network(key, 8, 0)
    assert attacked.mean[1] > 0.95
    assert by_chance.mean[1] < 0.02


@claim("thousands")
def test_nearly_all_directions_are_nearly_at_right_angles() -> None:
    says("thousands", "nearly all directions are nearly at right angles")
    drawn = torch.randn(500, 12_288, generator=torch.Generator().manual_seed(0))
    angles = torch.rad2deg(torch.acos(drawn[:, 0] / drawn.norm(dim=1)))
    assert (angles - 90).abs().max() < 3


# Eyes


@claim("eyes")
def test_both_squares_are_of_the_same_grey() -> None:
    says("eyes", "level 120", "Around A it is light (187), around B dark (99)", "B lies in a shadow")
    assert answer("eyes") == "Neither"
    assert config("eyes").kind == "shadow"
    a, b = (measured(config("eyes"))[name] for name in "AB")
    assert (a.darkest, a.lightest, b.darkest, b.lightest) == (120,) * 4
    assert near(a.around, 187, within=1)
    assert near(b.around, 99, within=1)


@claim("eyes")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [240, 480, 960])
def test_so_they_are_in_every_size_and_on_plain_grounds(kind: str, size: int) -> None:
    a, b = (measured(IllusionConfig(kind=kind, size=size))[name] for name in "AB")
    assert a.mean == b.mean == 120
    assert a.contrast * b.contrast < 0


@claim("eyes")
def test_each_step_covers_more() -> None:
    says("eyes", "Step on: all else is covered")
    chosen = config("eyes")
    levels = [illusion(chosen, covered=share) for share in (0, 0.5, 1)]
    inside = levels[0] == levels[-1]
    assert (levels[-1][~inside] == COVER).mean() > 0.99  # the rest are edges
    assert inside.mean() < 0.2
