"""What the scenes on many pictures say: how many answers an attack takes, also with one δ, or from nothing."""

from dataclasses import replace

import numpy as np
import pytest
from torch.nn.functional import cosine_similarity

from dlcore import checkpoints
from dlcore.datasets.objects import CLASSES
from dlcore.topics.adversarial.curves import frames as curves_frames
from dlcore.topics.adversarial.fooling import AFTERWARDS
from dlcore.topics.adversarial.margins import lengths, slope
from dlcore.topics.adversarial.transfer import TransferConfig
from dlcore.topics.adversarial.transfer import frames as transfer_frames
from dlcore.topics.adversarial.universal import UniversalConfig
from dlcore.topics.adversarial.universal import frames as universal_frames
from dlcore.training.recipes import RECIPES
from tests.topics.adversarial.claims import (
    SETS,
    answer,
    claim,
    config,
    kept,
    last,
    mean_kept,
    near,
    pictures,
    run,
    says,
    shown,
)

DIGITS = ("digits", "digits_second", "digits_robust")
SEEDS = (1, 2)

# 200 pictures


def of_the_scene(key: str, number: int) -> dict[str, list[float]]:
    """The scene's run on one of its sets, at ε = 4 and 8: accuracy under each attack, in percent."""
    chosen = replace(config(key), epsilons=(0.0, 4.0, 8.0), seed=number)
    assert chosen.num_images == 200
    *_, end = curves_frames(chosen)
    return {name: np.asarray(end.arrays[f"accuracy.{name}"]).tolist() for name in chosen.attacks}


@pytest.mark.slow
@claim("count")
@pytest.mark.parametrize("number", SETS)
def test_of_200_pictures_a_fifth_is_left(number: int) -> None:
    says("count", "About 20 %", "16 to 26 % stay, at ε = 8 at most one picture", "FGSM leaves about two thirds")
    found = of_the_scene("count", number)
    assert near(found["pgd"][1], 22, within=4.5)
    assert found["pgd"][2] <= 1
    assert near(found["fgsm"][1], 67, within=6)
    assert found["noise"][2] >= found["noise"][0] - 0.5


@claim("count")
def test_of_a_few_pictures_as_many_are_left() -> None:
    says("count", "the same noise all of them")
    assert answer("count") == "About 20 %"
    assert near(mean_kept("noiseless", "pgd", 4.0), 21, within=7)
    assert max(kept("noiseless", "pgd", 8.0)) < 3
    assert near(mean_kept("noiseless", "fgsm", 4.0), 67, within=8)
    assert kept("noiseless", "noise", 4.0) == kept("noiseless", "noise", 0.0)


# Trained with noise


@pytest.mark.slow
@claim("noise-trained")
@pytest.mark.parametrize("number", SETS)
def test_of_200_pictures_the_one_that_learnt_with_noise_keeps_more(number: int) -> None:
    says("noise-trained", "38 to 41 % of its answers stay right instead of 16 to 26 %", "at ε = 8 at most 5 %")
    found = of_the_scene("noise-trained", number)
    assert near(found["pgd"][1], 39.5, within=2.5)
    assert found["pgd"][2] <= 5


@claim("noise-trained")
def test_of_a_few_it_does_so_too_and_hardly_any_at_twice_the_radius() -> None:
    assert answer("noise-trained") == "Somewhat better"
    assert config("noise-trained").model == "plain"
    for noisy, noiseless in zip(kept("plain", "pgd", 4.0), kept("noiseless", "pgd", 4.0), strict=True):
        assert noisy > noiseless + 5
    assert max(kept("plain", "pgd", 8.0)) <= 6


@claim("noise-trained")
def test_it_learnt_with_noise_of_up_to_twelve_percent() -> None:
    says("noise-trained", "noise of up to 12 %")
    assert RECIPES["plain"].fit.noise == 0.12
    assert RECIPES["plain"] == replace(RECIPES["noiseless"], fit=RECIPES["plain"].fit)
    assert replace(RECIPES["plain"].fit, noise=0) == RECIPES["noiseless"].fit


@claim("noise-trained")
@pytest.mark.parametrize("number", SETS)
def test_noise_makes_it_a_little_flatter(number: int) -> None:
    says("noise-trained", "a little flatter around its pictures")
    images, labels, _ = pictures("objects", number)
    steep = {
        key: lengths(slope(checkpoints.network(key), images, labels).gradients).mean() for key in ("plain", "noiseless")
    }
    assert 0.6 < float(steep["plain"] / steep["noiseless"]) < 0.9


# Another network


@claim("transfer")
@pytest.mark.parametrize("number", SETS)
def test_more_than_half_of_the_digits_fool_the_other_too(number: int) -> None:
    says(
        "transfer",
        "nearly all answers of its own network",
        "55 to 70 % of the other's",
        "under 10 %",
        "noise about 10 %",
    )
    assert answer("transfer") == "More than half"
    chosen = config("transfer", seed=number)
    assert (chosen.epsilon, chosen.attack, chosen.num_images, chosen.columns) == (38, "pgd", 100, DIGITS)
    made = last("transfer", "fooled", seed=number)
    own, noise = np.diag(made[:2, :2]), made[-1, :2]
    assert own.min() > 97
    assert 53 <= min(made[0, 1], made[1, 0]) <= max(made[0, 1], made[1, 0]) <= 72
    assert made[:2, 2].max() < 10
    assert near(float(noise.mean()), 10, within=4)


@claim("transfer")
def test_on_drawn_objects_it_is_weaker() -> None:
    says("transfer", "On the drawn objects, at ε = 8, 5 to 50 %")
    *_, end = transfer_frames(TransferConfig(epsilon=8, num_images=40))
    names = ("noiseless", "plain", "residual")
    places = [TransferConfig().columns.index(name) for name in names]
    made = np.asarray(end.arrays["fooled"])[np.ix_(places, places)]
    others = made[~np.eye(len(names), dtype=bool)]
    assert 2 <= others.min() < 15
    assert 35 < others.max() <= 60
    assert np.diag(made).min() > 90
    assert np.asarray(end.arrays["fooled"])[-1].max() <= 5  # noise


@claim("transfer")
@pytest.mark.parametrize("number", SETS)
def test_gradients_of_two_networks_are_alike_and_those_of_two_pictures_are_not(number: int) -> None:
    images, labels, _ = pictures("digits", number)
    own, other = (slope(checkpoints.network(key), images, labels).gradients.flatten(1) for key in DIGITS[:2])
    assert 0.2 < float(cosine_similarity(own, other).mean()) < 0.4
    assert abs(float(cosine_similarity(own, other.roll(1, 0)).mean())) < 0.06


# One for all


@claim("universal")
def test_here_half_of_the_digits_fall_and_of_another_network_and_to_noise_fewer() -> None:
    says("universal", "Here 59 % of the answers are lost", "38 % of a second network's", "25 % to random signs")
    assert answer("universal") == "About half"
    chosen = config("universal")
    assert (chosen.epsilon, chosen.num_images, chosen.num_tests, chosen.other) == (51, 200, 300, "digits_second")
    for name, told in (("test", 59), ("other", 38), ("noise", 25)):
        assert near(last("universal", f"fooled.{name}.mean"), told, within=2.5)


@claim("universal")
@pytest.mark.parametrize("seed", range(4))
def test_with_other_digits_between_45_and_76_of_a_hundred(seed: int) -> None:
    says("universal", "with other digits 45 to 76 %")
    lost = {name: float(last("universal", f"fooled.{name}.mean", seed=seed)) for name in ("test", "other", "noise")}
    assert 43 <= lost["test"] <= 78
    assert lost["test"] > lost["other"] > lost["noise"] > 15


@claim("universal")
def test_made_for_each_digit_anew_it_takes_all() -> None:
    says("universal", "for each digit anew, PGD takes all")
    assert max(kept("digits", "pgd", 51.0)) <= 1


@claim("universal")
def test_on_drawn_objects_one_for_all_takes_none() -> None:
    says("universal", "On the drawn objects ε = 8 takes none")
    assert max(kept("noiseless", "pgd", 8.0)) < 3
    chosen = UniversalConfig(model="noiseless", epsilon=8, num_images=100, num_tests=50, num_epochs=5)
    *_, end = universal_frames(chosen)
    assert float(np.asarray(end.arrays["fooled.test.mean"])) < 3


# A boat of noise


@claim("nothing")
def test_four_steps_and_it_is_sure() -> None:
    says("nothing", "4 steps", "99 % sure")
    assert answer("nothing") == "About 5"
    assert sure_after(CLASSES.index("boat"), "noise", 0) == 4
    assert config("nothing").confidence == 0.99
    assert config("nothing").shown.classes == CLASSES


@claim("nothing")
@pytest.mark.parametrize(("start", "fewest", "most"), [("noise", 1, 37), ("grey", 4, 8)])
def test_all_classes_can_be_had(start: str, fewest: int, most: int) -> None:
    says("nothing", "The other classes take 1 to 37 from noise, 4 to 8 from grey")
    steps = [sure_after(label, start, 0) for label in range(len(CLASSES))]
    assert near(min(steps), fewest, within=1)
    assert near(max(steps), most, within=1)


@claim("nothing")
@pytest.mark.parametrize("seed", SEEDS)
def test_from_other_noise_too(seed: int) -> None:
    assert sure_after(CLASSES.index("boat"), "noise", seed) <= 10
    assert max(sure_after(label, "noise", seed) for label in range(len(CLASSES))) <= 55


def sure_after(label: int, start: str, seed: int) -> int:
    """The first step at which the network is sure of the class; the run goes on a little."""
    chances = shown("nothing", "chance", aim=CLASSES[label], start=start, seed=seed)
    assert len(run("nothing", aim=CLASSES[label], start=start, seed=seed)) > AFTERWARDS
    return int(np.argmax(chances > 0.99))
