"""What the scenes on broken training loops and lost numbers say happens, and how much, from other starts as well."""

import numpy as np
import pytest

from dlcore.topics.networks import build
from tests.topics.backprop_claims import (
    SEEDS,
    answer,
    claim,
    config_of,
    gradients,
    grads,
    marked,
    says,
    trained,
    values,
    varied,
    walked,
    walks,
)

BODY = {"x1", "x2", "z1", "z2", "a1", "a2", "w1", "w2", "w3", "w4", "b1"}


@claim("no-zero-grad")
def test_without_zero_grad_the_second_turn_has_twice_the_gradient_and_the_third_three_times() -> None:
    assert answer("no-zero-grad") == "twice"
    says("no-zero-grad", "η is tiny", "The third turn would have three")
    net = build(config_of("no-zero-grad"))
    for seed in SEEDS:
        start = varied(net, seed, -1, 1)
        training = trained("no-zero-grad", 3, start)
        for turn, times in ((0, 1), (1, 2), (2, 3)):
            parameters = dict(training.states[turn].parameters)
            edits = ", ".join(f"{name}={float(w)!r}" for name, w in parameters.items())
            right = gradients(walked("no-zero-grad", fault="none", edits=edits))
            for name in ("w1", "w2", "b"):
                assert grads(training, turn)[name] / right[name] == pytest.approx(times, rel=0.005 * times)


@claim("no-zero-grad")
def test_without_zero_grad_all_of_the_second_turns_gradients_are_marked() -> None:
    says("no-zero-grad", "the gradients of w₁, w₂ and b are marked ≠")
    for walk in walks("no-zero-grad", -1, 1):
        assert marked(walk, "gradients", 0) == set()
        assert marked(walk, "gradients", 1) == {"w1", "w2", "b"}


@claim("detach")
def test_behind_detach_there_is_no_gradient_and_it_is_not_zero() -> None:
    assert answer("detach") == "None"
    says("detach", "a₁ and a₂ are plain numbers", "The left half says None, not 0")
    for walk in walks("detach", -1, 1):
        assert marked(walk, "gradients", 0) == BODY
        assert {s.what.total for s in walk.gradients if s.what.wrong} == {None}
        assert BODY.isdisjoint(gradients(walk))
        assert walk.iterations[0].grads.keys() == {"w5", "w6", "w7", "w8", "b2"}
        exact = dict(zip((node.name for node in walk.net.graph.nodes), walk.passes[0].exact, strict=True))
        assert all(exact[name] != 0 for name in BODY)  # without detach there are numbers there


@claim("detach")
def test_the_loss_hides_the_missing_half() -> None:
    says("detach", "0.2859 after one update, and 0.2858 without the fault")
    assert f"{trained('detach', 1).loss[1]:.4f}" == "0.2859"
    assert f"{trained('detach', 1, fault='none').loss[1]:.4f}" == "0.2858"
    net = build(config_of("detach"))
    for seed in SEEDS:
        start = varied(net, seed, -1, 1)
        broken, right = trained("detach", 1, start).loss, trained("detach", 1, start, fault="none").loss
        assert 0.8 < (broken[0] - broken[1]) / (right[0] - right[1]) < 1


@claim("bias-fan-in")
def test_only_the_biases_disagree_and_only_after_the_step() -> None:
    assert answer("bias-fan-in") == "b₁ and b₂ after the step"
    says("bias-fan-in", "All gradients are right", "step twice as far", "only b₁ and b₂ are marked ≠")
    for walk in walks("bias-fan-in", -1, 1):
        for turn in (0, 1):
            assert marked(walk, "gradients", turn) == set()
            assert marked(walk, "values", turn) == {"b1", "b2"}
            iteration = walk.iterations[turn]
            for name, w in iteration.before.parameters.items():
                step = w - iteration.after.parameters[name]
                assert step == pytest.approx((2 if name in ("b1", "b2") else 1) * 0.5 * iteration.grads[name], rel=1e-9)


@claim("bias-fan-in")
def test_with_steps_that_are_too_long_for_the_biases_the_error_even_falls_faster() -> None:
    says("bias-fan-in", "it even falls faster", "0.281 instead of 0.286")
    assert f"{trained('bias-fan-in', 1).loss[1]:.3f}" == "0.281"
    assert f"{trained('bias-fan-in', 1, fault='none').loss[1]:.3f}" == "0.286"
    net = build(config_of("bias-fan-in"))
    for seed in SEEDS:
        start = varied(net, seed, -1, 1)
        for number in (1, 100):
            broken, right = (trained("bias-fan-in", number, start, fault=f).loss for f in ("bias-fan-in", "none"))
            assert broken[-1] < right[-1] < right[0]


@claim("wrong-sign")
def test_with_the_wrong_sign_the_error_rises_at_every_update_and_not_above_0981() -> None:
    says("wrong-sign", "0.298", "After 100", "can never pass 0.981", "E rises at every update")
    assert answer("wrong-sign") == "0.487"
    loss = trained("wrong-sign", 100).loss
    assert (f"{loss[0]:.3f}", f"{loss[100]:.3f}") == ("0.298", "0.487")
    net = build(config_of("wrong-sign"))
    bound = 2 * 0.5 * max(0.99, 1 - 0.99, 1 - 0.01) ** 2  # both outputs at the wrong end of (0, 1)
    assert 0.98 <= bound < 0.981
    for seed in SEEDS:
        loss = trained("wrong-sign", 300, varied(net, seed, -1, 1)).loss
        assert (np.diff(loss) > 0).all()
        assert 1.2 * loss[0] < loss[100] < loss[-1] < bound


@claim("wrong-sign")
def test_with_the_right_sign_no_rate_makes_the_error_rise_at_every_update() -> None:
    says("wrong-sign", "With the right sign no η does that here")
    net = build(config_of("wrong-sign"))
    for lr in np.geomspace(1e-4, 100, 25):
        for start in (net, *(varied(net, seed, -1, 1) for seed in range(4))):
            rises = np.diff(trained("wrong-sign", 100, start, fault="none", lr=float(lr)).loss) > 0
            assert rises.sum() <= 10


@claim("not-a-number")
def test_the_logarithms_slope_throws_x_out_of_its_domain() -> None:
    says("not-a-number", "x = 0.5", "η = 0.3", "1/x = 2", "0.5 − 0.3 · 2 = −0.1")
    assert answer("not-a-number") == "not a number"
    walk = walked("not-a-number")
    assert (values(walk)["x"], gradients(walk)["x"]) == (0.5, 2)
    assert [round(w, 2) for w in (np.log(0.5), np.log(0.3))] == [-0.69, -1.2]  # the wrong answers are numbers
    assert walk.iterations[0].after.parameters["x"] == pytest.approx(-0.1)
    assert walk.problem.startswith("f has no value where x = ")
    assert (walk.updates[-1], walk.phases[-1]) == (1, "loss")  # there the walk ends
    net = build(config_of("not-a-number"))
    for seed in SEEDS:
        walk = walked("not-a-number", varied(net, seed, 0.02, 0.54))  # below the root of η one step is enough
        assert walk.iterations[0].after.parameters["x"] < 0
        assert "f has no value" in walk.problem


@claim("not-a-number")
@pytest.mark.parametrize("lr", [0.001, 0.003, 0.01, 0.03, 0.1, 0.25])
def test_a_smaller_rate_gets_there_later(lr: float) -> None:
    says("not-a-number", "A smaller η only takes longer to get there")
    net = build(config_of("not-a-number"))
    for start in (net, *(varied(net, seed, 0.3, 0.7) for seed in range(5))):
        training = trained("not-a-number", 2000, start, lr=lr)
        assert "f has no value" in training.problem or "f is infinite" in training.problem  # the log of exactly 0
        x = start.start["x"]
        # dx/dt = −η/x: x² falls by 2η an update until it is used up.
        assert len(training.states) - 1 == pytest.approx(x * x / (2 * lr), rel=0.3, abs=3)


@claim("not-a-number")
def test_what_follows_from_nan_is_nan() -> None:
    net = build(config_of("not-a-number", formula="log(x) * 2 + 1"))
    assert np.isnan(net.graph.forward({"2": 2.0, "1": 1.0, "x": -0.1})[1 + net.graph.index["x"] :][-1])
