"""What is known of a walk: which samples it takes, and how far its gradients are from autograd's and differences."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore.topics.backprop_config import FAULTS, BackpropConfig
from dlcore.topics.module_walk import record_modules
from dlcore.topics.walk import Span, Value, by_key, largest, prediction_map
from tests.topics.walks import EVERY, configs, every, together, walked

SPANS = (Span("a", 0, 2, Value(1.0)), Span("b", 1, 3, Value(2.0)), Span("a", 2, 5, Value(3.0)))


def test_spans_are_sorted_by_what_they_are_of() -> None:
    assert by_key(SPANS) == {"a": [SPANS[0], SPANS[2]], "b": [SPANS[1]]}


def test_the_largest_of_what_are_numbers() -> None:
    assert largest([math.nan, 2.0, 1.0, math.nan]) == 2
    assert math.isnan(largest([math.nan]))
    assert math.isnan(largest([]))


@pytest.mark.parametrize("name", EVERY)
def test_samples_follow_one_another_through_all_frames(name: str) -> None:
    walk = every(name)
    assert walk.taken[0].start == 0
    assert [taken.end for taken in walk.taken] == [*(taken.start for taken in walk.taken[1:]), walk.num_frames]
    assert [(done.done, done.start, done.end) for done in walk.passes] == list(walk.taken)
    assert [taken.done.sample for taken in walk.taken] == [p.sample for i in walk.iterations for p in i.passes]


def test_a_sample_whose_forward_breaks_off_is_taken_but_no_pass() -> None:
    walk = walked(network="softmax", edits="z1=1000@1")
    assert (len(walk.taken), len(walk.passes)) == (2, 1)
    assert walk.taken[1].end == walk.num_frames


def test_a_phase_is_found_from_its_first_frame() -> None:
    walk = every("neuron")
    assert [walk.first(phase, 0, 20) for phase in ("data", "zero_grad", "backward", "step")] == [0, 1, 7, 17]
    assert walk.first("step", 0, 10) == 10


# Differences


@pytest.mark.parametrize("name", EVERY)
def test_a_right_loops_gradients_are_autograds_and_nearly_those_of_differences(name: str) -> None:
    exact, numeric = every(name).differences()
    assert exact < 1e-12
    assert numeric < 1e-8


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "none"])
@pytest.mark.parametrize("name", ["neuron", "textbook", "batch of 2", "conv"])
def test_a_fault_shows_in_the_difference_if_it_is_in_the_gradients(name: str, fault: str) -> None:
    exact, numeric = walked(**EVERY[name], fault=fault).differences()
    wrong = fault in ("no-zero-grad", "detach")
    assert (exact > 1e-3) == (numeric > 1e-3) == wrong
    assert wrong or exact < 1e-12


def test_what_should_arrive_and_does_not_counts_as_0() -> None:
    walk = walked(network="textbook", fault="detach")
    lost = [walk.passes[0].exact[walk.net.graph.index[name]] for name in ("x1", "x2", "z1", "a1", "w1", "b1", "a2")]
    assert walk.differences()[0] == pytest.approx(max(map(abs, lost)), rel=0.05)


def test_where_no_sample_came_to_the_loss_there_is_nothing_to_compare() -> None:
    for walk in (walked(network="softmax", edits="z1=1000"), walked(network="formula", formula="log(x)", edits="x=-1")):
        assert walk.passes == ()
        assert np.isnan(walk.differences()).all()
        assert np.isnan(record_modules(walk).differences()).all() if walk.net.modules else True


def test_where_no_backward_came_to_its_end_there_is_nothing_to_compare() -> None:
    walk = walked(network="formula", formula="sqrt(x)", edits="x=0")
    assert [done.is_complete for done in walk.passes] == [False]
    assert np.isnan(walk.differences()).all()


def test_a_turn_that_is_complete_is_compared_though_the_next_breaks_off() -> None:
    for values in (
        {"network": "softmax", "edits": "z1=1000@1"},
        {"network": "formula", "formula": "log(x)", "edits": "x=-1@1"},
    ):
        walk = walked(**values)
        assert walk.problem
        assert walk.differences()[0] < 1e-12


def test_a_step_to_infinity_leaves_its_gradients_comparable() -> None:
    walk = walked(network="formula", formula="exp(x)", lr=100.0, edits="x=709.5")
    assert walk.iterations[0].problem == "x is not finite after the step."
    assert walk.differences()[0] < 1e-12


@given(configs())
@settings(max_examples=60)
def test_whatever_the_settings_the_difference_is_a_number_or_said_to_be_none(config: BackpropConfig) -> None:
    walk, _ = together(config)
    for difference in walk.differences():
        assert difference >= 0 or (math.isnan(difference) and not any(done.is_complete for done in walk.passes))


# The plane of the data


def test_the_prediction_is_the_networks_answer_at_every_point_of_the_plane() -> None:
    walk = every("mlp")
    state, graph = walk.iterations[0].before, walk.net.graph
    x, y, p = prediction_map(walk, size=7)
    assert p.shape == (7, 7)
    for i, j in ((0, 0), (2, 5), (6, 3)):
        leaves = {**state.parameters, **state.data[0], "x1": x[j], "x2": y[i]}
        assert p[i, j] == pytest.approx(graph.forward(leaves)[graph.index["p"]], rel=1e-12)
    for axis, name in ((x, "x1"), (y, "x2")):
        assert axis[0] < min(sample[name] for sample in state.data) <= max(s[name] for s in state.data) < axis[-1]
