"""Why small changes add up: textbook means of ‖w‖₁ and of random sums, and the networks that are compared with them."""

import itertools
import math

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.device import generator
from dlcore.topics.adversarial import linear
from dlcore.topics.adversarial.linear import LinearConfig, aimed, by_chance, drawn, frames, of_network, sizes
from dlcore.topics.adversarial.margins import answered
from dlcore.topics.adversarial.settings import LEVEL
from tests.topics.adversarial.flat_nets import flat

SMALL = LinearConfig(most_dimension=256, models=("digits",), num_images=5)


def run(config: LinearConfig) -> list[dict[str, np.ndarray]]:
    return [{name: np.asarray(value) for name, value in frame.arrays.items()} for frame in frames(config)]


def mean_of_l1(n: int) -> float:
    """E‖w‖₁ where w is anywhere on the unit sphere alike: n Γ(n/2) / (√π Γ((n + 1)/2))."""
    return n * math.exp(math.lgamma(n / 2) - math.lgamma((n + 1) / 2)) / math.sqrt(math.pi)


# Sums


def test_an_aimed_change_moves_the_score_by_the_sum_of_sizes() -> None:
    assert aimed(torch.tensor([[3.0, -4.0], [0.0, 0.5]]), 2.0).tolist() == [14.0, 1.0]


@pytest.mark.parametrize("seed", range(3))
def test_no_other_signs_move_it_further(seed: int) -> None:
    weights, _ = drawn(1, 8, generator(seed))
    every = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=8)))
    torch.testing.assert_close((3.0 * every @ weights[0]).max(), aimed(weights, 3.0)[0])
    torch.testing.assert_close((3.0 * every @ weights[0]).square().mean(), torch.tensor(9.0))  # by chance: ε, squared


@pytest.mark.parametrize("n", [1, 2, 3, 64, 4096])
def test_the_mean_over_all_scores_is_the_textbooks(n: int) -> None:
    weights, signs = drawn(1000, n, generator(1))
    torch.testing.assert_close(weights.square().sum(dim=1), torch.ones(1000))
    found = aimed(weights, 4.0)
    assert float(found.mean()) == pytest.approx(4 * mean_of_l1(n), abs=4.5 * float(found.std()) / 1000**0.5 + 1e-4)
    noise = by_chance(weights, signs, 4.0)
    assert float(noise.square().mean()) == pytest.approx(16, rel=0.25 if n > 1 else 1e-5)


def test_with_one_input_chance_does_as_much_as_aim() -> None:
    weights, signs = drawn(20, 1, generator(0))
    assert torch.equal(aimed(weights, 4.0), by_chance(weights, signs, 4.0))


# The run


def test_four_times_as_many_inputs_double_what_is_aimed_and_leave_chance_alone() -> None:
    found = run(LinearConfig(most_dimension=4096, models=("digits",), num_images=2))
    attack, noise = (np.array([arrays[f"{name}.mean"] for arrays in found]) for name in ("attack", "noise"))
    assert attack[8:] / attack[6:-2] == pytest.approx(2, rel=0.03)
    assert noise[4:] == pytest.approx(4 * math.sqrt(2 / math.pi), rel=0.25)
    ratio = np.array([arrays["ratio"] for arrays in found])
    assert ratio == pytest.approx(np.sqrt([arrays["n"] for arrays in found]), rel=0.25)


def test_a_network_appears_with_as_many_inputs_as_it_has() -> None:
    found = run(SMALL)
    assert len(found) == SMALL.num_frames == 9
    assert [int(arrays["n"]) for arrays in found] == list(SMALL.dimensions) == [2**power for power in range(9)]
    known = [bool(np.isfinite(arrays["net.digits.attack.mean"])) for arrays in found]
    assert known == [False] * 6 + [True] * 3
    assert sizes(("digits", "plain")) == {
        "digits": (checkpoints.MODELS["digits"].title, 64),
        "plain": (checkpoints.MODELS["plain"].title, 12_288),
    }


def test_the_sums_end_where_their_score_does_and_lines_do_not_run_into_one_another() -> None:
    *_, last = run(SMALL)
    assert last["sum.attack"][0] == 0
    assert np.all(np.diff(last["sum.attack"]) >= 0)
    walks = last["sum.noise"].reshape(linear.WALKS, -1)
    assert np.isnan(walks[:, -1]).all()
    assert (walks[:, 0] == 0).all()
    assert np.isfinite(walks[:, :-1]).all()
    assert np.abs(walks[:, -2]).max() < last["sum.attack"][-1]


def test_the_seed_is_all_that_is_random() -> None:
    one, same, other = (run(config)[-1] for config in (SMALL, SMALL, LinearConfig(**{**vars(SMALL), "seed": 1})))
    assert all(np.array_equal(one[name], same[name], equal_nan=True) for name in one)
    assert one["attack.mean"] != other["attack.mean"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epsilon": 0}, "epsilon is 0"),
        ({"most_dimension": 1}, "most_dimension is 1"),
        ({"models": ()}, "models is empty"),
        ({"num_draws": 3}, "num_draws is 3"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LinearConfig(**wrong)


# Networks


def test_a_flat_network_does_what_its_slope_says(monkeypatch: pytest.MonkeyPatch) -> None:
    net = flat(bias=-0.1)
    images = torch.rand(6, 1, 8, 8, generator=generator(3))
    labels = net(images).argmax(dim=1)
    monkeypatch.setattr(checkpoints, "network", lambda _: net)
    monkeypatch.setattr(linear, "answered", lambda *_: (images, labels, None))
    found = of_network("digits", 5.0, 6, 0)
    weights = net.get_buffer("weights")
    assert found["attack"] == pytest.approx(5 * float(weights.abs().sum() / weights.norm()), rel=1e-5)
    assert found["real"] == pytest.approx(found["attack"], rel=1e-4)
    score = (images.flatten(1) @ weights - 0.1).abs() / weights.norm() / LEVEL
    assert found["distance"] == pytest.approx(score.numpy(), rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("key", "times"), [("digits", 4), ("plain", 20)])
def test_trained_networks_lose_many_times_more_to_aim_than_to_chance(key: str, times: float, seed: int) -> None:
    found = of_network(key, 4.0, 10, seed)
    assert found["real"].mean() > times * found["noise"].mean()
    n = sizes((key,))[key][1]
    assert 0.6 < found["attack"].mean() / (4 * math.sqrt(2 * n / math.pi)) < 1.05


def test_the_larger_pictures_lie_nearer_to_their_boundary_as_aim_counts() -> None:
    """ε that a straight network would need: its distance by what an attack of one level gains."""
    needed = {}
    for key in ("digits", "plain"):
        found = of_network(key, 1.0, 20, 0)
        needed[key] = float(np.mean(found["distance"] / found["attack"]))
    assert needed["plain"] < 6 < 12 < needed["digits"]


def test_measuring_leaves_pictures_and_network_alone() -> None:
    images, _, _ = answered("digits", 3, 0)
    before = images.clone()
    of_network("digits", 4.0, 3, 0)
    assert torch.equal(images, before)
    assert not any(parameter.requires_grad for parameter in checkpoints.network("digits").parameters())
