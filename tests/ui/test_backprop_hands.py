"""What a hand does in the picture becomes controls: before which update, for which sample, with which verdict."""

from typing import Any, cast

import pytest
import streamlit as st

from dlcore.topics.backprop_config import WALKED, BackpropConfig
from dlcore.topics.edits import read_edits
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train
from dlcore.topics.walk import Walk
from dlcore.ui import backprop_hands
from dlcore.ui.controls import Controls


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {"edits": "", "updates": 0, "trained": 0, "step": 5, "selected": "", **values}

    def key(self, name: str) -> str:
        return f"backprop.{name}"

    def set(self, **values: Any) -> None:
        self.values |= values

    def restart(self, **values: Any) -> None:
        self.set(**values, step=0)

    def present(self, name: str) -> Any:
        return self.values[name]


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A reader's session, without a server."""
    own: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", own)
    return own


def walk_of(**settings: Any) -> Walk:
    config = BackpropConfig(**settings)
    net = build(config)
    return record(config, net, train(config, net, config.updates + WALKED))


def hands(rail: Rail, walk: Walk, level: str = "scalars") -> dict[str, Any]:
    return backprop_hands.listeners(cast("Controls", rail), walk, level)


def frames(walk: Walk, phase: str) -> list[int]:
    return [k for k, now in enumerate(walk.phases) if now == phase]


def edited(walk: Walk, name: str, step: int, before: str = "") -> str:
    """The edits after the number `name` was set to 2 at a frame."""
    rail = Rail(edits=before)
    hands(rail, walk)["on_edit"](name, 2.0, step)
    return rail.values["edits"]


NEURON = walk_of()
LATER = walk_of(updates=7)
BATCH = walk_of(network="mlp", batch_size=4, updates=3)

# Changes


@pytest.mark.parametrize("phase", ["data", "zero_grad", "forward", "loss", "backward"])
def test_before_the_step_a_change_is_made_before_this_update(phase: str) -> None:
    first, second = frames(NEURON, phase)[0], frames(NEURON, phase)[-1]
    assert edited(NEURON, "w1", first) == "w1=2"
    assert edited(NEURON, "w1", second) == "w1=2@1"
    assert edited(NEURON, "x2", first) == "x2=2"
    assert edited(NEURON, "y", second) == "y=2@1"


def test_after_the_step_a_weight_is_changed_before_the_next_update() -> None:
    first, *_, last = frames(NEURON, "step")
    assert edited(NEURON, "w1", first) == "w1=2@1"
    assert edited(NEURON, "b", last) == "b=2@2"
    assert edited(NEURON, "x1", first) == "x1=2"  # no step changes an input


def test_a_walk_that_begins_later_counts_from_there() -> None:
    assert edited(LATER, "w1", 0) == "w1=2@7"
    assert edited(LATER, "x1", LATER.num_frames - 1) == "x1=2@8"
    assert edited(LATER, "w1", LATER.num_frames - 1) == "w1=2@9"


def test_in_a_batch_an_input_is_that_of_one_sample_and_a_weight_that_of_all() -> None:
    samples = frames(BATCH, "data")[:4]
    assert [edited(BATCH, "x1", k) for k in samples] == ["x1=2@3", "x1=2@3.1", "x1=2@3.2", "x1=2@3.3"]
    assert [edited(BATCH, "u11", k) for k in samples] == ["u11=2@3"] * 4
    changed = walk_of(network="mlp", batch_size=4, updates=3, edits="x1=2@3.2")
    inputs = [done.leaves["x1"] for done in changed.iterations[0].passes]
    assert [value == 2 for value in inputs] == [False, False, True, False]


def test_a_change_takes_the_place_of_its_like_and_leaves_the_others() -> None:
    step = frames(NEURON, "step")[0]
    assert edited(NEURON, "w1", 0, "b=1, w1=0.5, w1=3@1") == "b=1, w1=3@1, w1=2"
    assert edited(NEURON, "w1", step, "b=1, w1=0.5, w1=3@1") == "b=1, w1=0.5, w1=2@1"


@pytest.mark.parametrize("step", [10**9, NEURON.num_frames])
def test_a_frame_beyond_the_walk_is_its_last(step: int) -> None:
    assert edited(NEURON, "w2", step) == edited(NEURON, "w2", NEURON.num_frames - 1) == "w2=2@2"


def test_what_the_hand_writes_can_be_read() -> None:
    text = edited(BATCH, "x1", frames(BATCH, "data")[1], edited(BATCH, "o1", BATCH.num_frames - 1))
    assert [str(edit) for edit in read_edits(text, BATCH.net)] == ["x1=2@3.1", "o1=2@5"]


def test_a_module_has_no_single_number_to_change() -> None:
    rail = Rail(edits="b=1")
    hands(rail, NEURON, "modules")["on_edit"]("w1", 2.0, 3)
    assert rail.values["edits"] == "b=1"


# Guesses


def guessed(walk: Walk, name: str, value: float, number: int = 0, level: str = "scalars") -> dict[str, Any]:
    """The verdict on a guess of a gradient in the number-th pass of a walk."""
    landed = [landing for landing in walk.landings if landing.number == number]
    reveal = max(x.frame for x in landed if walk.net.graph.nodes[x.arrival.target].name == name)
    hands(Rail(), walk, level)["on_guess"](name, value, 3, reveal)
    return hands(Rail(), walk, level).get("verdict", {})


def test_nothing_guessed_no_verdict() -> None:
    assert "verdict" not in hands(Rail(), NEURON)


def test_the_sum_of_all_contributions_is_right() -> None:
    """f = x·x + 3·x at x = 0.5: 2x + 3 = 4."""
    walk = walk_of(network="formula", formula="x*x + 3*x")
    assert guessed(walk, "x", 4.0)["html"].startswith("✓ Yes. It is 4 = ")
    assert guessed(walk, "x", 3.0)["html"].startswith("✕ Not 3.")
    assert "gradients add" in guessed(walk, "x", 3.0)["html"]


def test_each_turn_has_its_own_answer() -> None:
    walk = walk_of(network="formula", formula="x*x + 3*x", lr=0.1)  # x: 0.5, then 0.5 − 0.1 · 4 = 0.1
    assert guessed(walk, "x", 3.2, number=1)["html"].startswith("✓")
    assert guessed(walk, "x", 4.0, number=1)["html"].startswith("✕")


def test_in_a_batch_each_sample_has_its_own_answer() -> None:
    gradient = BATCH.passes[2].exact[BATCH.net.graph.index["p"]]
    assert guessed(BATCH, "p", float(gradient), number=2)["html"].startswith("✓")


def test_a_verdict_says_which_question_it_answers() -> None:
    verdict = guessed(NEURON, "w1", 1.0)
    assert verdict["name"] == "w1"
    assert NEURON.active[verdict["reveal"]] == "w1→m1"


@pytest.mark.parametrize("other", [{"lr": 0.2}, {"edits": "w1=0.5"}, {"updates": 1}, {"network": "textbook"}])
def test_a_guess_on_another_walk_is_forgotten(session: dict[str, Any], other: dict[str, Any]) -> None:
    assert guessed(NEURON, "w1", 1.0)
    assert "verdict" not in hands(Rail(), walk_of(**other))
    assert "verdict" not in hands(Rail(), NEURON)
    assert session == {}


def test_a_guess_is_forgotten_at_another_level_where_frames_are_others() -> None:
    assert guessed(NEURON, "w1", 1.0)
    assert "verdict" not in hands(Rail(), NEURON, "modules")
    assert "verdict" not in hands(Rail(), NEURON)


@pytest.mark.parametrize(("name", "reveal"), [("w9", 16), ("y", 16), ("w1", -1), ("w1", 10**9), ("w1→m1", 16)])
def test_what_is_no_question_has_no_verdict(name: str, reveal: int) -> None:
    hands(Rail(), NEURON)["on_guess"](name, 1.0, 3, reveal)
    assert "verdict" not in hands(Rail(), NEURON)


# Looking around


@pytest.mark.parametrize(
    ("trained", "updates", "x", "there"),
    [(50, 50, 20.2, 20), (50, 50, 19.7, 20), (50, 10, 49.6, 50), (50, 10, 52, 50), (50, 10, -0.4, 0), (0, 30, 12, 12)],
)
def test_a_click_in_the_curve_goes_there_and_no_update_is_lost(
    trained: int, updates: int, x: float, there: int
) -> None:
    rail = Rail(trained=trained, updates=updates)
    hands(rail, NEURON)["on_pick"](x, 0.7)
    assert rail.values["updates"] == there
    assert rail.values["trained"] == max(trained, updates)
    assert rail.values["step"] == 0


def test_a_part_is_selected_and_let_go() -> None:
    rail = Rail()
    for key in ("w1", "x1→m1", ""):
        hands(rail, NEURON)["on_select"](key)
        assert rail.values["selected"] == key
