"""What the scenes on neurons and perceptrons say happens, and how much, whatever the numbers they do not name."""

import numpy as np
import pytest
import torch

from dlcore.numerals import digits
from dlcore.topics.chain_rule import explain
from dlcore.topics.networks import build
from tests.topics.backprop_claims import (
    SEEDS,
    answer,
    claim,
    config_of,
    gradients,
    grads,
    says,
    shares,
    trained,
    values,
    varied,
    walked,
    walks,
)


@claim("opening")
def test_the_gradients_are_to_each_other_as_the_inputs_whatever_the_weights() -> None:
    says("opening", "1 for w₁, −2 for w₂", "twice that size")
    assert answer("opening") == "w₂ has the larger input"
    sizes = set()
    for walk in walks("opening", -2, 2):
        found, numbers = gradients(walk), values(walk)
        assert (numbers["x1"], numbers["x2"]) == (1, -2)
        assert found["w2"] == pytest.approx(-2 * found["w1"], rel=1e-12)
        assert found["m1"] == found["m2"] == found["z"] != 0
        sizes.add(abs(numbers["w2"]) > abs(numbers["w1"]))
    assert sizes == {True, False}  # either weight was the larger one at times
    net = build(config_of("opening"))
    for seed, x2 in enumerate(np.linspace(-3, 3, 20)):
        found = gradients(walked("opening", varied(net, seed, -1, 1, x2=float(x2))))
        assert found["w2"] == pytest.approx(x2 * found["w1"], rel=1e-12)


@claim("opening")
def test_the_weights_gradients_come_last_and_are_those_that_are_quoted() -> None:
    says("opening", "∂E/∂w₁ = −0.649", "∂E/∂w₂ = 1.30")
    walk = walked("opening")
    assert (digits(gradients(walk)["w1"]), digits(gradients(walk)["w2"])) == ("−0.649", "1.30")
    assert {edge[:2] for edge in walk.active[walk.passes[0].start : walk.phases.index("step")][-4:]} == {
        "w1",
        "w2",
        "x1",
        "x2",
    }
    assert walk.net.start["w1"] > walk.net.start["w2"]


@claim("textbook")
def test_one_update_of_the_textbooks_network_lowers_the_error_from_0298_to_0286() -> None:
    says("textbook", "0.298", "η = 0.5", "0.5 · 0.025 = 0.0125", "only 0.1", "In the second turn E is 0.286")
    assert answer("textbook") == "0.286, hardly less"
    walk = walked("textbook")
    assert [digits(values(walk, turn)["E"]) for turn in (0, 1)] == ["0.298", "0.286"]
    slopes = np.array([gradients(walk)[name] for name in walk.net.start])
    assert (digits(float(slopes @ slopes), 2), digits(0.5 * float(slopes @ slopes))) == ("0.025", "0.0125")
    assert digits(float(np.abs(slopes).max())) == "0.100"


@claim("textbook")
def test_at_first_the_error_falls_by_eta_times_the_sum_of_all_squared_gradients() -> None:
    for walk in walks("textbook", -1, 1):
        slopes = np.array([gradients(walk)[name] for name in walk.net.start])
        fall = values(walk)["E"] - values(walk, 1)["E"]
        assert fall == pytest.approx(0.5 * slopes @ slopes, rel=0.03)
        assert 0.005 < fall / values(walk)["E"] < 0.08  # hardly less


@claim("textbook")
def test_near_the_input_the_gradient_is_a_hundred_times_smaller() -> None:
    says("textbook", "w₅'s gradient, 0.082", "w₁'s, 0.0004", "one layer more", "an input of 0.05")
    found = gradients(walked("textbook"))
    assert (f"{found['w5']:.3f}", f"{found['w1']:.4f}") == ("0.082", "0.0004")
    for walk in walks("textbook", -1, 1):
        found, numbers = gradients(walk), values(walk)
        # The layer more: a slope of at most 1/4. And the input of 0.05.
        assert found["w1"] == pytest.approx(found["a1"] * numbers["a1"] * (1 - numbers["a1"]) * 0.05, rel=1e-9)
        assert numbers["a1"] * (1 - numbers["a1"]) <= 0.25
        assert abs(found["w1"]) < 0.1 * abs(found["w5"])


@claim("three-uses")
def test_the_shares_of_three_uses_add_up() -> None:
    says("three-uses", "3, 0.5 and 0.5", "add up to 4, which is 2x + 3", "0.5 would be left")
    assert answer("three-uses") == "4, all three added"
    walk = walked("three-uses")
    assert shares(walk, "x") == [3, 0.5, 0.5]
    assert gradients(walk)["x"] == 4
    assert np.prod(shares(walk, "x")) == 0.75  # the wrong answer
    for walk in walks("three-uses", -3, 3):
        x = values(walk)["x"]
        assert shares(walk, "x") == [3, x, x]
        assert gradients(walk)["x"] == pytest.approx(2 * x + 3, rel=1e-12)


@claim("three-uses")
def test_the_chain_rule_of_x_counts_its_shares() -> None:
    says("three-uses", "three lines “via …”", "“so far 3”, “so far 3.5”")
    walk = walked("three-uses")
    lines = explain(walk)["x"].lines
    last = walk.phases.index("step")
    assert sum(line.html.startswith("via") for line in lines if line.start <= last < line.end) == 3
    so_far = [line for line in lines if "so far" in line.html and line.end <= last]
    assert [line.html.split("so far ")[1].split(",")[0] for line in so_far] == ["3", "3.5"]


@claim("saturated")
def test_in_saturation_the_slope_lets_almost_nothing_through() -> None:
    says("saturated", "a = 0.99996", "∂E/∂a is 1", "a(1 − a) is 0.00004", "fell by 10⁻⁹")
    assert answer("saturated") == "about 0.00004"
    walk = walked("saturated")
    found, numbers = gradients(walk), values(walk)
    slope = numbers["a"] * (1 - numbers["a"])
    assert [f"{x:.5f}" for x in (numbers["a"], slope, found["z"])] == ["0.99996", "0.00004", "0.00004"]
    assert found["a"] == pytest.approx(1, abs=1e-4)
    assert f"{numbers['E'] - values(walk, 1)['E']:.0e}" == "1e-09"
    assert walk.active[9] == "z→a"


@claim("saturated")
def test_every_saturated_sigmoid_learns_as_little() -> None:
    for seed in SEEDS:
        w1, w2 = np.random.default_rng(seed).uniform(-5, 5, 2).tolist()
        walk = walked("saturated", edits=f"w1={w1}, w2={w2}, b={8 + seed / 4 - w1 + 2 * w2}, y=0")
        found, numbers = gradients(walk), values(walk)
        assert numbers["z"] == pytest.approx(8 + seed / 4)
        assert found["a"] > 0.999
        assert abs(found["z"]) < 4e-4
        assert 0 <= numbers["E"] - values(walk, 1)["E"] < 1e-6


@claim("cross-entropy")
@pytest.mark.parametrize("seed", SEEDS)
def test_cross_entropy_sends_the_whole_mistake_back_where_squared_error_sends_almost_nothing(seed: int) -> None:
    says("cross-entropy", "p = 0.9997", "1/(1 − p) = 2980", "0.000335", "p − y", "squared error: ∂E/∂z is 0.0003")
    assert answer("cross-entropy") == "about 1"
    walk = walked("cross-entropy", seed=seed)
    found, numbers = gradients(walk), values(walk)
    p = numbers["p"]
    assert (numbers["y"], f"{p:.4f}", f"{p * (1 - p):.6f}") == (0, "0.9997", "0.000335")
    assert digits(found["p"]) == digits(1 / (1 - p)) == "2980"
    assert found["z"] == pytest.approx(p, rel=1e-9)  # p − y
    squared = gradients(walked("cross-entropy", seed=seed, loss="half-square"))
    assert f"{squared['z']:.4f}" == "0.0003"
    assert found["z"] / squared["z"] == pytest.approx(1 / (p * (1 - p)), rel=1e-9)
    assert found["p"] * p * (1 - p) == pytest.approx(found["z"])


@claim("cross-entropy")
@pytest.mark.parametrize("bias", [-8, -3, 0, 3, 8, 12])
def test_cross_entropy_is_never_flat_where_it_is_wrong(bias: int) -> None:
    for y in (0, 1):
        walk = walked("cross-entropy", edits=f"o1=0, o2=0, b={bias}, y={y}")
        p = values(walk)["p"]
        assert gradients(walk)["z"] == pytest.approx(p - y, rel=1e-6)
        assert {"p→E", "z→p"} <= set(walk.active)


@claim("softmax")
@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_true_classs_logit_gets_a_negative_gradient_and_the_three_sum_to_zero(seed: int) -> None:
    assert answer("softmax") == "one, the true class's"
    says("softmax", "∂E/∂z = p − y", "p − 1 for the true one", "sum to 0")
    true = seed % 3
    net = varied(build(config_of("softmax")), seed, -4, 4, **{f"y{i + 1}": float(i == true) for i in range(3)})
    found = gradients(walked("softmax", net))
    slopes = np.array([found[f"z{i}"] for i in (1, 2, 3)])
    assert np.flatnonzero(slopes < 0).tolist() == [true]
    assert slopes.sum() == pytest.approx(0, abs=1e-12)
    p = torch.tensor([net.start[f"z{i}"] for i in (1, 2, 3)], dtype=torch.float64).softmax(dim=0).numpy()
    np.testing.assert_allclose(slopes, p - (np.arange(3) == true), rtol=1e-9)


@claim("softmax")
def test_the_logits_gradients_are_those_that_are_quoted() -> None:
    says("softmax", "0.705, −0.741, 0.0351", "p − y is beside it")
    walk = walked("softmax")
    assert values(walk)["y2"] == 1
    assert ", ".join(digits(gradients(walk)[f"z{i}"]) for i in (1, 2, 3)) == "0.705, −0.741, 0.0351"
    for i in (1, 2, 3):
        assert any("the same" in line.html and "− y" in line.html for line in explain(walk)[f"z{i}"].lines)


@claim("dead")
def test_a_dead_relu_never_recovers() -> None:
    says("dead", "z = −2.8", "exactly 0", "w₁, w₂ or b")
    assert answer("dead") == "it never does"
    walk = walked("dead")
    assert (digits(values(walk)["z"]), values(walk)["a"], values(walk)["y"]) == ("−2.8", 0, 1)
    sent = {str(span.key): span.what.number for span in walk.sent}
    assert sent.pop("a→E") == -1
    assert "z→a" in sent
    assert set(sent.values()) == {0}
    net = build(config_of("dead"))
    for seed in SEEDS:
        x1, x2, y = np.random.default_rng(seed).uniform(-2, 2, 3).tolist()
        training = trained("dead", 200, varied(net, seed, -0.5, 0.5, x1=x1, x2=x2, y=y))
        assert all(state.parameters == training.states[0].parameters for state in training.states)
        assert [set(grads(training, update).values()) for update in range(200)] == [{0.0}] * 200
        assert set(training.loss) == {0.5 * y * y}


@claim("dead")
def test_another_input_wakes_it() -> None:
    awake = gradients(walked("dead", edits="b=-3, x1=10"))
    assert all(awake[name] != 0 for name in ("w1", "w2", "b"))


@claim("twins")
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_equal_beginnings_stay_equal_and_others_do_not(activation: str) -> None:
    assert answer("twins") == "not at all"
    says("twins", "after 100 updates", "the loss still falls")
    for seed in SEEDS:
        training = trained("twins", 100, seed=seed, activation=activation)
        for state in training.states:
            w = state.parameters
            assert [w[f"u1{j}"] for j in "12"] + [w["b11"], w["o1"]] == [w[f"u2{j}"] for j in "12"] + [
                w["b12"],
                w["o2"],
            ]
        assert training.loss[-1] < (0.1 if activation == "tanh" else 0.3) * training.loss[0]
        assert training.states[-1].parameters["u11"] > 2 * training.states[0].parameters["u11"]  # they did learn
        other = trained("twins", 100, seed=seed, activation=activation, edits="").states[-1].parameters
        assert abs(other["u11"] - other["u21"]) > 1e-3


@claim("twins")
def test_the_upper_and_the_lower_path_have_the_same_numbers() -> None:
    walk = walked("twins")
    assert walk.updates[0] == 100
    for number in range(2):
        found, numbers = gradients(walk, number), values(walk, number)
        for upper, lower in (
            ("z11", "z12"),
            ("a11", "a12"),
            ("u11", "u21"),
            ("u12", "u22"),
            ("b11", "b12"),
            ("o1", "o2"),
        ):
            assert numbers[upper] == numbers[lower] != 0
            assert found[upper] == found[lower] != 0
