"""What the scenes on defence say: what it keeps, what it costs, and what a defended network looks at."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore import checkpoints
from dlcore.topics.adversarial.defence import withstood
from dlcore.topics.adversarial.hardening import frames as hardening_frames
from dlcore.topics.adversarial.held import Pictures, held
from dlcore.topics.adversarial.twins import alignment
from dlcore.topics.intervals import of_means
from dlcore.training.recipes import RECIPES
from tests.topics.adversarial.claims import SETS, answer, claim, config, kept, mean_kept, near, pictures, says

MANY = 120


@claim("defended")
def test_of_a_few_pictures_it_keeps_nearly_all_and_the_other_a_fifth() -> None:
    says("defended", "on clean pictures both have more than 99 %")
    assert answer("defended") == "About 95 %"
    assert config("defended").keys == {"plain": "noiseless", "robust": "robust"}
    assert near(mean_kept("robust", "pgd", 4.0), 96, within=4)
    for robust, other in zip(kept("robust", "pgd", 4.0), kept("noiseless", "pgd", 4.0), strict=True):
        assert robust > other + 60


@pytest.mark.slow
@claim("defended")
@pytest.mark.parametrize("number", SETS)
def test_in_each_set_it_keeps_more_than_ninety_four_of_a_hundred(number: int) -> None:
    says("defended", "95 to 98 %, where the other keeps 16 to 26 %")
    data = held("objects", MANY, number)
    assert near(left(data, "robust", 4.0)[0], 96.5, within=2.5)
    assert near(left(data, "noiseless", 4.0)[0], 21, within=6.5)


@claim("defended")
def test_both_have_nearly_all_clean_pictures_right() -> None:
    data = held("objects", 500, 9)
    for key in ("robust", "noiseless"):
        assert left(data, key, 0.0, attack="noise")[0] > 99


@claim("defended")
def test_half_of_each_of_its_batches_was_attacked() -> None:
    says("defended", "In every batch PGD had changed half of the pictures, by up to ε = 8")
    against = RECIPES["robust"].against
    assert against is not None
    assert (against.epsilon, against.share) == (8, 0.5)
    assert against.num_steps > 1
    assert config("defended").trained == 8


def left(data: Pictures, key: str, *epsilons: float, attack: str = "pgd") -> list[float]:
    """How many of a hundred answers a network keeps at each ε."""
    right = withstood(attack, checkpoints.network(key), data, epsilons)
    return (100 * right.double().mean(dim=1)).tolist()


# Beyond its ε


@pytest.mark.slow
@claim("beyond")
@pytest.mark.parametrize("number", SETS)
def test_what_it_keeps_falls_beyond_its_radius(number: int) -> None:
    says("beyond", "75 to 80 % at its own ε = 8", "39 to 45 % at 12", "12 to 22 % at 16")
    found = left(held("objects", MANY, number), "robust", 8.0, 12.0, 16.0)
    assert near(found[0], 77.5, within=4)
    assert near(found[1], 42, within=5)
    assert near(found[2], 17, within=6)


@claim("beyond")
def test_so_it_does_on_a_few() -> None:
    assert answer("beyond") == "Between 10 and 25 %"
    assert config("beyond").num_images == MANY
    assert near(mean_kept("robust", "pgd", 16.0), 14, within=7)
    for within, beyond in zip(kept("robust", "pgd", 4.0), kept("robust", "pgd", 16.0), strict=True):
        assert within > beyond + 60


# What it looks at


@claim("sees")
@pytest.mark.parametrize("number", SETS)
def test_more_of_its_gradient_is_on_the_object(number: int) -> None:
    says("sees", "0.69", "0.44", "0.24 more on the same pictures", "on digits 0.19")
    assert answer("sees") == "Yes, clearly"
    for pair, data, told in ((("noiseless", "robust"), "objects", 0.24), (("digits", "digits_robust"), "digits", 0.19)):
        shares = alignment({key: checkpoints.network(key) for key in pair}, pictures(data, number))
        gain = of_means(shares[:, 1] - shares[:, 0])
        assert near(float(gain.mean), told, within=0.03)
        assert gain.low > 0.1
        assert (shares[:, 1] > shares[:, 0]).mean() > 0.9
        if data == "objects":
            assert near(shares[:, 0].mean(), 0.44, within=0.03)
            assert near(shares[:, 1].mean(), 0.69, within=0.03)


@claim("sees")
def test_so_it_is_on_the_scenes_own_pictures() -> None:
    chosen = config("sees")
    shares = alignment(chosen.networks(), held(chosen.data, chosen.num_images, chosen.seed))
    assert near(shares[:, 0].mean(), 0.44, within=0.015)
    assert near(shares[:, 1].mean(), 0.69, within=0.015)
    assert near((shares[:, 1] - shares[:, 0]).mean(), 0.24, within=0.015)


# Train one


@pytest.mark.slow
@claim("harden")
@pytest.mark.parametrize("seed", SETS)
def test_its_defence_costs_a_few_clean_digits(seed: int) -> None:
    says("harden", "about 95 % of the clean digits", "the other 96 to 99 %", "52 to 62 %, the other 6 to 12 %")
    *_, end = hardening_frames(replace(config("harden", seed=seed), test_epsilons=(0,)))
    clean, attacked = (
        [float(np.asarray(end.arrays[f"accuracy.{name}.{kind}"])) for name in ("robust", "plain")]
        for kind in ("clean", "pgd")
    )
    assert near(clean[0], 95, within=2)
    assert 95 <= clean[1] <= 100
    assert 50 <= attacked[0] <= 65
    assert 5 <= attacked[1] <= 14


@claim("harden")
def test_four_gradients_by_the_pixels_go_before_one_by_the_weights() -> None:
    says("harden", "four gradients by the pixels beside the one by the weights", "from attacked ones only", "ε = 31")
    assert answer("harden") == "A few clean digits, and time"
    chosen = config("harden")
    assert (chosen.num_steps, chosen.share, chosen.epsilon) == (4, 1, 31)
