"""What is said beside a gradient: shares, p − y, what .grad held, the step, faults, and when one may guess."""

import re
from itertools import product
from typing import Any

import pytest

from dlcore.topics.backprop_config import FAULTS
from dlcore.topics.chain_rule import explain
from dlcore.topics.explanation import UNKNOWN
from dlcore.topics.walk import Walk
from tests.topics.notes_read import HALF, line_with, lines_at, numbers, told
from tests.topics.walks import EVERY, at, every, last_frames, walked


def plain(html: str) -> str:
    return re.sub(r"</?(sub|b)>", "", html)


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if "dp-wrong" in line]


# Shares


def test_several_uses_come_in_one_after_another() -> None:
    walk = walked(network="formula", formula="x*x + 3*x")
    note = explain(walk)["x"]
    said = [[plain(line) for line in lines_at(note, frame)] for frame in range(walk.phases.index("step") + 1)]
    changes = [lines for before, lines in zip([[], *said], said, strict=False) if lines != before]
    assert changes[0] == [
        "x = 0.5",
        "∂f/∂x = ∂f/∂v1 · x + ∂f/∂v1 · x + ∂f/∂v2 · ∂v2/∂x",  # ∂v1/∂x would be 2x, for both uses
        *(f"via v1: ∂f/∂v1 · x = {UNKNOWN}",) * 2,
        f"via v2: ∂f/∂v2 · 3 = {UNKNOWN}",
        f"∂f/∂x = {UNKNOWN}",
    ]
    assert [lines[-1] for lines in changes[1:3]] == ["∂f/∂x: so far 3, 1 of 3", "∂f/∂x: so far 3.5, 2 of 3"]
    assert changes[3][2:6] == [
        *("via v1: ∂f/∂v1 · x = 1 · 0.5 = 0.5",) * 2,
        "via v2: ∂f/∂v2 · 3 = 1 · 3 = 3",
        "∂f/∂x = 0.5 + 0.5 + 3 = 4",
    ]


def test_of_many_uses_only_the_present_one_is_written_out() -> None:
    walk = every("conv")
    note, done = explain(walk)["k11"], walk.passes[0]
    index = walk.net.graph.index["k11"]
    landings = [ld for ld in walk.landings if ld.number == 0 and ld.arrival.target == index]
    assert len(landings) == 16
    for count, landing in enumerate(landings, 1):
        lines = lines_at(note, landing.frame)
        assert lines[1] == "∂E/∂k<sub>11</sub> is the sum over 16 uses"
        now = line_with(lines, "now via")
        assert numbers(now)[-3:] == pytest.approx([float(x) for x in landing.arrival[3:6]], rel=HALF)
        if count < 16:
            so_far = line_with(lines, "∂E/∂k<sub>11</sub>: so far")
            assert numbers(so_far)[0] == pytest.approx(landing.arrival.total, rel=HALF)
            assert so_far.endswith(f", {count} of 16")
    after = lines_at(note, done.end - 1)
    assert not [line for line in after if line.startswith("now via")]
    assert line_with(after, "∂E/∂k<sub>11</sub> = <b>").endswith("</b>, the sum of all 16")


# p − y


def test_softmax_with_cross_entropy_sends_p_minus_y() -> None:
    for i, numbers_said in ((1, "0.705 − 0 = 0.705"), (2, "0.259 − 1 = −0.741"), (3, "0.0351 − 0 = 0.0351")):
        assert plain(told(every("softmax"), f"z{i}", "backward")[-1]) == f"p{i} − y{i} = {numbers_said}: the same"


def test_in_a_batch_it_is_p_minus_y_over_the_batch_size() -> None:
    walk = every("batch of 2")
    line = line_with(told(walk, "z", "backward"), "0.5 · (p − y)")
    assert line.endswith(": the same")
    assert numbers(line)[-1] == pytest.approx(walk.passes[1].exact[walk.net.graph.index["z"]], rel=HALF)


@pytest.mark.parametrize(
    ("values", "key", "why"),
    [
        ({"network": "softmax", "edits": "y1=1"}, "z1", "not the same, for the targets do not add up to 1"),
        ({"network": "mlp", "edits": "b=35, y=0"}, "z", "not the same, for so near to 0 or 1 rounding decides"),
    ],
)
def test_where_it_is_not_p_minus_y_that_is_said(values: dict[str, Any], key: str, why: str) -> None:
    assert any(line.endswith(why) for line in told(walked(**values), key, "backward"))


def test_squared_error_does_not_speak_of_p_minus_y() -> None:
    walk = walked(network="mlp", loss="half-square")
    assert not any("p − y" in line and "the same" in line for line in told(walk, "z", "backward"))


@pytest.mark.parametrize(("batch_size", "seed"), [(1, "1"), (2, "0.5, 1 / batch size"), (4, "0.25, 1 / batch size")])
def test_backward_begins_with_the_samples_share_in_the_mean(batch_size: int, seed: str) -> None:
    walk = walked(network="mlp", batch_size=batch_size)
    assert told(walk, "E", "loss")[1] == f"∂E/∂E = {seed}: here it begins"


def test_the_last_batch_of_an_epoch_may_be_smaller() -> None:
    walk = walked(network="mlp", batch_size=3, updates=5)  # 20 flowers: the seventh batch has two
    assert told(walk, "E", "loss", update=5)[1].startswith("∂E/∂E = 0.333,")
    assert told(walk, "E", "loss", update=6)[1].startswith("∂E/∂E = 0.5,")


# .grad and the step


def test_grad_is_told_where_something_was_in_it() -> None:
    walk = every("batch of 2")
    frames, note = last_frames(walk), explain(walk)["x1→z11"]
    first, second = (at(walk.gradients, frames[0, turn, "backward"])["u11"].total for turn in (0, 1))
    assert not any(".grad" in line for line in lines_at(note, frames[0, 0, "backward"]))
    assert numbers(line_with(lines_at(note, frames[0, 1, "forward"]), "u<sub>11</sub>.grad still")) == pytest.approx(
        [first], rel=HALF
    )
    held = line_with(lines_at(note, frames[0, 1, "backward"]), "u<sub>11</sub>.grad: ")
    assert numbers(held) == pytest.approx([first, second], rel=HALF)
    assert any("still holds" in line for line in lines_at(note, frames[0, 1, "step"] + 1))
    assert not any(".grad" in line for line in lines_at(note, frames[1, 0, "zero_grad"]))


@pytest.mark.parametrize("name", ["neuron", "textbook", "batch of 2", "conv"])
def test_a_step_is_told_with_its_numbers_from_the_step_to_the_next_sample(name: str) -> None:
    walk = every(name)
    notes = explain(walk)
    for parameter, update in product(walk.net.start, (0, 1)):
        iteration = walk.iterations[update]
        home = notes[walk.net.home(walk.net.graph.index[parameter])]
        end = next((k for k in range(walk.num_frames) if walk.updates[k] > update), walk.num_frames) - 1
        line = line_with(lines_at(home, end), "step: ")
        expected = [iteration.before.parameters[parameter], walk.config.lr, iteration.grads[parameter]]
        assert numbers(line) == pytest.approx([*expected, iteration.after.parameters[parameter]], rel=HALF)
        shown = {walk.phases[k] for k in range(walk.num_frames) if any("step:" in x for x in lines_at(home, k))}
        assert shown == {"step"}


SIGNS = {"none": "− η", "no-zero-grad": "− η", "bias-fan-in": "− 2 · η", "wrong-sign": "+ η"}


@pytest.mark.parametrize("fault", SIGNS)
def test_a_faulty_step_is_written_as_it_is_done(fault: str) -> None:
    walk = walked(fault=fault)
    line = line_with(told(walk, "b", "step"), "step: ")
    assert line.startswith(f"step: b ← b {SIGNS[fault]} · b.grad = ")
    before, *factors, after = numbers(line.partition(" = ")[2])
    step = 1.0
    for factor in factors:
        step *= factor
    assert before + (step if fault == "wrong-sign" else -step) == pytest.approx(after, rel=0.01)
    assert ("≠ torch.optim.SGD" in line) == (fault in ("bias-fan-in", "wrong-sign"))


def test_without_zero_grad_the_old_gradient_is_told_and_marked() -> None:
    walk = walked(fault="no-zero-grad")
    old = line_with(told(walk, "w1", "forward", update=1), "w<sub>1</sub>.grad still holds −0.649")
    assert "dp-wrong" in old
    assert wrong(told(walk, "w1", "data", update=1)) == []
    now = line_with(told(walk, "w1", "backward", update=1), "w<sub>1</sub>.grad: −0.649 was there, now −0.907")
    assert "≠ the gradient of this batch" in now


def test_behind_detach_nothing_arrives_and_torchs_gradient_is_beside() -> None:
    walk = walked(network="textbook", fault="detach")
    notes = explain(walk)
    before, after = walk.phases.index("backward"), walk.phases.index("step")
    assert f"∂E/∂a<sub>1</sub> = {UNKNOWN}" in lines_at(notes["a1"], before)
    (nothing,) = wrong(lines_at(notes["a1"], after))
    assert "≠ Nothing arrives: .grad is None.</span> autograd 0.0364 · finite differences 0.0364" in nothing
    back, _, step = wrong(lines_at(notes["x1→z1"], walk.updates.index(1) - 1))
    assert "≠ Nothing comes back." in back
    assert step.startswith("step: w<sub>1</sub>.grad is None, so w<sub>1</sub> stays 0.15")
    assert wrong(lines_at(notes["z3→a3"], after)) == []


# Questions


def begin_and_end(walk: Walk, name: str) -> list[tuple[int, int]]:
    """From backward's beginning to the frame at which all shares of a gradient are in, pass by pass."""
    found = []
    for number, done in enumerate(walk.passes):
        index = walk.net.graph.index[name]
        frames = [ld.frame for ld in walk.landings if ld.number == number and ld.arrival.target == index]
        found += [(walk.first("backward", done.start, done.end), frames[-1])] if frames else []
    return found


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in EVERY if name != "large"])
def test_a_gradient_can_be_guessed_from_backwards_beginning_until_it_is_complete(name: str, fault: str) -> None:
    walk = walked(**EVERY[name], fault=fault)
    asked = 0
    for key, note in explain(walk).items():
        for who in {question.name for question in note.questions}:
            windows = [(start, end) for start, end, asked_of in note.questions if asked_of == who]
            assert windows == begin_and_end(walk, who)
            for start, end in windows:
                gradient = at(walk.gradients, end)[who]
                assert gradient.arrived == gradient.expected
                before = at(walk.gradients, end - 1).get(who)
                assert before is None or before.arrived != before.expected or who in walk.net.start
                assert walk.phases[start - 1] == "loss"
            asked += len(windows)
        learns = {who for who in (key, *note.leaves) if walk.net.graph.index.get(who) is not None}
        assert {question.name for question in note.questions} == {who for who in learns if begin_and_end(walk, who)}
    assert asked > 0 or (name, fault) == ("neuron", "detach")


def test_where_a_gradient_is_not_finite_nothing_is_asked() -> None:
    for formula in ("x + sqrt(x)", "sqrt(x) + x"):  # what is infinite comes last, or first
        walk = walked(network="formula", formula=formula, edits="x=0")
        assert walk.phases[-1] == "backward"
        assert explain(walk)["x"].questions == []
