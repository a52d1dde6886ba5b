"""A fault in the loop shows in just the numbers that it spoils, and a walk ends where numbers leave the finite ones."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore.topics.backprop_config import FAULTS, BackpropConfig
from dlcore.topics.walk import Walk
from tests.topics.torch_loop import right_turn
from tests.topics.walks import EVERY, at, configs, every, last_frames, together, walked

# .grad


def held(walk: Walk, frame: int) -> dict[str, float]:
    """.grad of the parameters, where it is not None."""
    known = at(walk.gradients, frame)
    return {name: known[name].total for name in walk.net.start if name in known and known[name].total is not None}


@pytest.mark.parametrize("name", ["neuron", "textbook", "batch of 2", "conv"])
def test_grad_is_kept_until_zero_grad_clears_it(name: str) -> None:
    walk = every(name)
    second = walk.updates.index(1)
    assert held(walk, 0) == held(walk, 1) == {}
    assert held(walk, second - 1) == held(walk, second) == walk.iterations[0].grads
    assert held(walk, second + 1) == {}
    assert held(walk, walk.num_frames - 1) == walk.iterations[1].grads


@pytest.mark.parametrize("name", ["neuron", "textbook", "batch of 2", "conv"])
def test_without_zero_grad_it_grows(name: str) -> None:
    walk = walked(**EVERY[name], fault="no-zero-grad")
    second = walk.updates.index(1)
    first = walk.iterations[0].grads
    assert held(walk, second) == held(walk, second + 1) == first
    alone, _ = right_turn(walk.config, walk.iterations[1].before.parameters, samples(walk, 1))
    both = {w: first[w] + alone[-1][w] for w in first}
    assert held(walk, walk.num_frames - 1) == pytest.approx(both, rel=1e-9, abs=1e-12)


# Faults


def samples(walk: Walk, turn: int) -> list[dict[str, float]]:
    """The inputs and targets of an iteration's batch."""
    names = walk.net.data[0].keys()
    return [{name: done.leaves[name] for name in names} for done in walk.iterations[turn].passes]


def differs(shown: float | None, right: float) -> bool:
    return shown is None or not math.isclose(shown, right, rel_tol=1e-7, abs_tol=1e-9)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in EVERY if name != "uses"])
def test_a_fault_marks_just_the_numbers_that_torchs_loop_has_not(name: str, fault: str) -> None:
    walk = walked(**EVERY[name], fault=fault)
    frames, compared = last_frames(walk), 0
    for turn, iteration in enumerate(walk.iterations):
        batch = samples(walk, turn)
        grads, after = right_turn(walk.config, iteration.before.parameters, batch)
        for number, right in enumerate(grads):
            known = at(walk.gradients, frames[iteration.update, number, "backward"])
            assert known.keys() == right.keys()
            for key, shown in known.items():
                assert shown.wrong == differs(shown.total, right[key]), (key, shown, right[key])
                compared += 1
        values = at(walk.values, frames[iteration.update, len(batch) - 1, "step"])
        for key, right_value in after.items():
            assert values[key].wrong == differs(values[key].number, right_value), key
    assert compared > 10


FAULTY: list[tuple[str, set[str], set[str]]] = [
    ("none", set(), set()),
    ("no-zero-grad", {"w1", "w2", "b"}, {"w1", "w2", "b"}),
    ("detach", {"x1", "x2", "m1", "m2", "z", "a", "w1", "w2", "b"}, {"w1", "w2", "b"}),
    ("bias-fan-in", set(), {"b"}),
    ("wrong-sign", set(), {"w1", "w2", "b"}),
]


@pytest.mark.parametrize(("fault", "gradients", "values"), FAULTY, ids=[fault for fault, *_ in FAULTY])
def test_what_is_wrong_in_a_neurons_second_turn(fault: str, gradients: set[str], values: set[str]) -> None:
    walk = walked(fault=fault)
    end = walk.num_frames - 1
    assert {key for key, what in at(walk.gradients, end).items() if what.wrong} == gradients
    assert {key for key, what in at(walk.values, end).items() if what.wrong} == values


def test_an_old_gradient_is_wrong_from_the_missing_zero_grad_on() -> None:
    walk = walked(**EVERY["batch of 2"], fault="no-zero-grad")
    second = walk.updates.index(1)
    wrong = [{key for key, what in at(walk.gradients, k).items() if what.wrong} for k in range(walk.num_frames)]
    assert set().union(*wrong[: second + 1]) == set()
    assert all(names == set(walk.net.start) for names in wrong[second + 1 :])


# Where the walk begins and ends


def test_the_walk_begins_after_as_many_updates_as_are_asked_for_or_could_be_made() -> None:
    assert walked(network="mlp", updates=5).updates[0] == 5
    config = BackpropConfig(network="formula", formula="log(x)", lr=1e-4, edits="x=-1@3", updates=9)
    walk, training = together(config)
    assert walk.updates == (3,) * walk.num_frames
    assert walk.iterations[0].before == training.states[3]


def test_changes_by_hand_hold_from_their_update_on() -> None:
    walk = walked(network="textbook", edits="w1=0.7@1, x1=2@1")
    first, second = (at(walk.values, walk.updates.index(update)) for update in (0, 1))
    assert (first["w1"].number, first["x1"].number) == (0.15, 0.05)
    assert (second["w1"].number, second["x1"].number) == (0.7, 2)


ENDS: list[tuple[dict[str, Any], tuple[str, str], str]] = [
    (
        {"network": "softmax", "edits": "z1=1000"},
        ("forward", "e1"),
        "e<sub>1</sub> is infinite where z<sub>1</sub> = 1000.",
    ),
    ({"network": "softmax", "edits": "z1=1000@1"}, ("forward", "e1"), "e<sub>1</sub> is infinite"),
    (
        {"network": "softmax", "edits": "z2=-1000"},
        ("forward", "l2"),
        "l<sub>2</sub> is infinite where p<sub>2</sub> = 0.",
    ),
    ({"network": "conv", "lr": 100.0, "updates": 100}, ("loss", "E"), "E is infinite"),
    ({"network": "formula", "formula": "log(x)", "edits": "x=-1@1"}, ("loss", "f"), "f has no value where x = −1."),
    (
        {"network": "formula", "formula": "sqrt(x)", "edits": "x=0"},
        ("backward", "x→f"),
        "f sends to x is not finite: 1 · ∞.",
    ),
    (
        {"network": "formula", "formula": "exp(x)", "lr": 100.0, "edits": "x=709.5"},
        ("step", "x"),
        "x is not finite after",
    ),
]


@pytest.mark.parametrize(("values", "last", "sentence"), ENDS, ids=str)
def test_where_numbers_leave_the_finite_the_walk_ends_with_a_sentence(
    values: dict[str, Any], last: tuple[str, str], sentence: str
) -> None:
    walk = walked(**values)
    assert (walk.phases[-1], walk.active[-1]) == last
    assert sentence in walk.problem
    assert walk.problem.endswith(".")
    shown = [span.what.number for span in walk.values if span.start < walk.num_frames - 1]
    assert np.isfinite(shown).all()


def test_a_sure_mistake_costs_100_and_breaks_nothing() -> None:
    walk = walked(network="mlp", edits="b=800, y=0")
    assert walk.problem == ""
    assert walk.passes[0].done.values[-1] == 100  # as in torch
    assert at(walk.gradients, walk.phases.index("step"))["z"].total == 0  # rounded to 1, p has no slope left


@given(configs())
@settings(max_examples=150)
def test_whatever_the_settings_frames_are_in_order_and_no_number_is_known_twice(config: BackpropConfig) -> None:
    walk, _ = together(config)
    assert len(walk.phases) == len(walk.active) == len(walk.updates) == len(walk.turns) > 1
    for spans in (walk.values, walk.gradients, walk.sent):
        assert all(0 <= span.start < span.end <= walk.num_frames for span in spans)
        for key in {span.key for span in spans}:
            mine = [span for span in spans if span.key == key]
            assert all(a.end <= b.start for a, b in pairwise(mine))
    finite = [span for span in walk.values if not math.isfinite(span.what.number)]
    assert all(walk.phases[span.start] == "step" or span.start == walk.num_frames - 1 for span in finite)
    assert bool(walk.problem) == (len(walk.iterations) < 2 or bool(walk.iterations[-1].problem))
