"""The stage of a walk shows what the walk knows: numbers when they are known and question marks before."""

import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore.figures.backprop import checks, walk_stage
from dlcore.figures.drawing import Drawing, Shown
from dlcore.figures.notes import Notes, Program
from dlcore.figures.scalar_graph import scalar_drawing, soft
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.numerals import compact
from dlcore.topics.backprop import FIXED
from dlcore.topics.backprop_config import FAULTS, BackpropConfig
from dlcore.topics.module_walk import record_modules
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train
from dlcore.topics.walk import Walk
from tests.figures.plotted import plotted
from tests.topics.walks import EVERY, at, configs, every, together, walked


@cache
def stage(name: str) -> tuple[Walk, Stage]:
    walk, training = together(BackpropConfig(**EVERY[name]))
    return walk, walk_stage(walk, training)


def view(made: Stage, key: str) -> Any:
    return next(item for item in made.views if item.key == key)


def shown(items: Any, frame: int) -> dict[str, Shown]:
    """What is shown at a frame, by key; no two texts may stand in one place."""
    found = [item for item in items if item.start <= frame < item.end and (item.text or item.shade is None)]
    assert len(found) == len({item.key for item in found})
    return {item.key: item for item in found}


def nodes(walk: Walk) -> list[str]:
    return [walk.net.graph.nodes[index].name for index in walk.net.places]


# The graph


@pytest.mark.parametrize("name", EVERY)
def test_values_stand_in_their_boxes_from_when_they_are_known(name: str) -> None:
    walk = every(name)
    drawing = scalar_drawing(walk)
    digits = 2 if len(walk.net.places) > 36 else 3
    for frame in range(0, walk.num_frames, 3):
        known = at(walk.values, frame)
        found = {key: (item.text, item.wrong) for key, item in shown(drawing.values, frame).items()}
        drawn = [(key, known[key]) for key in nodes(walk) if key in known]
        assert found == {key: (compact(what.number, digits), what.wrong) for key, what in drawn}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["neuron", "textbook", "batch of 2", "softmax", "conv", "formula"])
def test_a_gradient_that_backward_has_not_reached_is_a_question_mark_never_0(name: str, fault: str) -> None:
    walk = walked(**EVERY[name], fault=fault)
    drawing, roles = scalar_drawing(walk), {node.name: node.role for node in walk.net.graph.nodes}
    digits = 2 if name == "conv" else 3
    learning = {key for key in nodes(walk) if roles[key] not in FIXED}
    for frame in range(walk.num_frames):
        known, found = at(walk.gradients, frame), shown(drawing.grads, frame)
        assert found.keys() == learning
        assert {key for key, item in found.items() if item.text == "?"} == learning - known.keys()
        for key in learning & known.keys():
            total, arrived, expected, wrong = known[key]
            text = "None" if total is None else compact(total, digits) + (" …" if arrived < expected else "")
            assert (found[key].text, found[key].wrong) == (text, wrong)


def riding(walk: Walk) -> dict[str, str]:
    """Weights without a place of their own -> their wires."""
    names = [node.name for node in walk.net.graph.nodes]
    return {names[wire.weight]: wire.key for wire in walk.net.wires if wire.weight is not None}


def test_few_weights_have_their_numbers_on_the_wires_many_only_their_shade() -> None:
    for name, number in (("textbook", 8), ("batch of 2", 6), ("mlp", 14), ("large", 126)):
        walk = every(name)
        drawing = scalar_drawing(walk)
        assert len(riding(walk)) == number
        for item in drawing.weights:
            assert bool(item.text) == (number <= 14)
        texts = [item for item in drawing.sent if item.text]
        assert {item.key for item in texts} == (set(riding(walk).values()) if number <= 14 else set())


def test_on_a_wire_stands_its_weight_and_from_backward_on_the_weights_gradient() -> None:
    walk = every("textbook")
    drawing, wires = scalar_drawing(walk), riding(walk)
    end = walk.updates.index(1) - 1
    weights, gradients = shown(drawing.weights, end), shown([s for s in drawing.sent if s.text], end)
    for name, key in wires.items():
        assert weights[key].text == compact(walk.iterations[0].after.parameters[name])
        assert gradients[key].text == compact(walk.iterations[0].grads[name])
    assert shown([s for s in drawing.sent if s.text], walk.phases.index("loss")) == {}


def test_shades_have_the_sign_of_the_number_and_grow_with_it() -> None:
    assert [soft(number) for number in (0.0, 1.0, -1.0)] == [0, 0.5, -0.5]
    assert -1 < soft(-1e6) < soft(-2.0) < soft(0.0) < soft(0.1) < soft(3.0) < 1
    assert [soft(number) for number in (math.inf, math.nan)] == [0, 0]
    walk = every("textbook")
    shades = {(s.key, s.start): s.shade for s in scalar_drawing(walk).sent if not s.text}
    sizes = {(s.key, s.start): s.what.number for s in walk.sent}
    assert shades.keys() == sizes.keys()
    assert all((shades[place] or 0) * number > 0 for place, number in sizes.items())
    assert max(abs(shade or 0) for shade in shades.values()) == 1
    assert max(sizes, key=lambda place: abs(sizes[place])) == max(shades, key=lambda place: abs(shades[place] or 0))


def test_a_dead_relu_sends_wires_without_colour() -> None:
    walk = walked(activation="relu", edits="b=-3")
    shades = {item.key: item.shade for item in scalar_drawing(walk).sent if not item.text}
    assert shades.pop("a→E") == -1
    assert set(shades.values()) == {0}


def test_wrong_numbers_are_wrong_in_the_picture() -> None:
    drawing = scalar_drawing(walked(network="textbook", fault="bias-fan-in"))
    assert {item.key for item in drawing.values if item.wrong} == {"b1", "b2"}
    assert not any(item.wrong for item in (*drawing.grads, *drawing.sent, *drawing.weights))
    drawing = scalar_drawing(walked(network="textbook", fault="wrong-sign"))
    assert {item.key for item in drawing.weights if item.wrong} == set(riding(every("textbook")).values())


def test_small_operations_have_their_sign_beside_their_name_layers_have_not() -> None:
    def labels(drawing: Drawing) -> dict[str, str]:
        return {node.key: node.label for node in drawing.nodes}

    assert labels(scalar_drawing(every("neuron")))["m1"] == "m<sub>1</sub> ×"
    assert labels(scalar_drawing(every("textbook")))["a1"] == "a<sub>1</sub>"


# What stands beside it


@pytest.mark.parametrize("name", EVERY)
def test_all_that_is_drawn_or_happens_has_a_note(name: str) -> None:
    walk, made = stage(name)
    graph, notes, loop = view(made, "graph"), view(made, "chain-rule"), view(made, "loop")
    assert isinstance(notes, Notes)
    assert isinstance(loop, Program)
    quiet = {wire.key for wire in walk.net.wires if wire.quiet}
    assert set(notes.items) == set(graph.targets) | quiet
    assert set(walk.active) - {""} <= set(notes.items)
    assert len(notes.active) == len(loop.active) == made.num_frames == walk.num_frames


def test_a_leaf_can_be_changed_where_it_is_and_shows_its_number() -> None:
    walk, made = stage("textbook")
    items = view(made, "chain-rule").items
    assert items["a1→z3"].edit.name == "w5"
    assert items["a1→z3"].edit.label == "w<sub>5</sub>"
    for key, name in (("a1→z3", "w5"), ("x1", "x1"), ("b2", "b2"), ("y1", "y1")):
        for frame in range(walk.num_frames):
            (number,) = [value for start, end, value in items[key].edit.values if start <= frame < end]
            assert number == at(walk.values, frame)[name].number
    assert items["a1"].edit is None


def test_a_question_is_revealed_at_the_frame_that_ends_it() -> None:
    _, made = stage("textbook")
    ask = view(made, "chain-rule").items["a1→z3"].ask
    assert [(name, label) for *_, name, label in ask] == [("w5", "∂E/∂w<sub>5</sub>")] * 2
    assert all(start < end == reveal for start, end, reveal, *_ in ask)


def test_the_curve_of_training_follows_the_walk() -> None:
    walk, training = together(BackpropConfig(network="mlp", updates=30))
    curve = view(walk_stage(walk, training), "training")
    (track,) = curve.tracks
    assert track.data["x"].tolist() == [float(update) for update in walk.updates]
    assert set(track.data["x"]) == {30.0, 31.0}
    np.testing.assert_array_equal(track.data["y"], training.loss[list(walk.updates)])
    np.testing.assert_array_equal(plotted(curve).data[0].y, training.loss)
    assert curve.pick == "stay"


def test_the_flower_that_is_taken_is_ringed_and_has_its_species() -> None:
    walk, made = stage("batch of 2")
    data = view(made, "data")
    (track,), traces = data.tracks, plotted(data).data
    for taken in walk.taken:
        for frame in (taken.start, taken.end - 1):
            place = (track.data["x"][frame], track.data["y"][frame])
            assert place == (taken.done.leaves["x1"], taken.done.leaves["x2"])
            species = traces[1 + round(taken.done.leaves["y"])]
            assert place in set(zip(species.x, species.y, strict=True))
    assert sum(len(trace.x) for trace in traces[1:3]) == 20


def test_only_the_perceptron_has_data_to_look_at() -> None:
    assert [name for name in EVERY if any(item.key == "data" for item in stage(name)[1].views)] == [
        "mlp",
        "batch of 2",
        "batch of 4",
        "large",
    ]


def badge(walk: Walk) -> list[str]:
    """What is said of torch.autograd and of finite differences."""
    return [readout.note for readout in checks(walk) if readout.values is None]


MARKS: list[tuple[dict[str, Any], str]] = [
    ({}, "✓✓"),
    ({"fault": "bias-fan-in"}, "✓✓"),
    ({"fault": "no-zero-grad"}, "≠≠"),
    ({"network": "conv", "fault": "detach"}, "≠≠"),
]


@pytest.mark.parametrize(("values", "marks"), MARKS, ids=str)
def test_the_badge_tells_whether_gradients_agree(values: dict[str, Any], marks: str) -> None:
    assert "".join(note[-1] for note in badge(walked(**values))) == marks


def test_where_nothing_can_be_compared_the_badge_says_so() -> None:
    walk = walked(network="softmax", edits="z1=1000")
    for one in (walk, record_modules(walk)):
        assert badge(one) == ["nothing to compare"] * 2


def test_a_walk_that_breaks_off_says_at_its_end_why() -> None:
    walk, training = together(BackpropConfig(network="softmax", edits="z1=1000@1"))
    made = walk_stage(walk, training)
    assert made.note == "e₁ is infinite where z₁ = 1000. The walk ends with the last finite numbers."
    assert made.note_from == walk.num_frames - 1
    assert stage("softmax")[1].note == ""


def test_training_that_ends_after_the_walk_is_told_of_from_the_first_frame_on() -> None:
    config = BackpropConfig(network="formula", formula="log(x)", lr=0.05)
    net = build(config)
    training = train(config, net, 50)
    walk = record(config, net, training)
    assert walk.problem == ""
    number = len(training.states)  # the states before every update that was made, and the one that it began from
    made = walk_stage(walk, training)
    assert made.note.startswith(f"Training ended early. Update {number}: f has no value where x = −")
    assert made.note_from == 0
    with_end = record(replace(config, updates=50), net, training)
    assert walk_stage(with_end, training).note.startswith("f has no value where x = −")


def test_the_turn_of_the_loop_is_counted_from_1() -> None:
    walk = walked(network="mlp", updates=7)
    (turns,) = [readout.values for readout in checks(walk) if isinstance(readout.values, np.ndarray)]
    assert turns.tolist() == [update + 1 for update in walk.updates]


def test_playing_halts_where_the_first_gradients_are_complete() -> None:
    for name in EVERY:
        walk, made = stage(name)
        assert [walk.phases[made.halt + k] for k in (0, 1)] == ["backward", "step"]
        assert walk.phases.index("step") == made.halt + 1


def test_short_walks_are_slow_and_long_ones_take_a_while() -> None:
    assert {name: stage(name)[1].rate for name in ("neuron", "large")} == {"neuron": 2.5, "large": 12}


# Any settings


@given(configs())
@settings(max_examples=80)
def test_whatever_the_settings_the_stage_is_drawn_and_packed(config: BackpropConfig) -> None:
    walk, training = together(config)
    made = walk_stage(walk, training)
    message = pack(made)
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    assert header["frames"] == walk.num_frames
    notes = next(item for item in header["views"] if item["type"] == "notes")
    assert all(note["lines"] for note in notes["items"].values())
    for item in made.views:
        assert not isinstance(item, Plot) or item.alt
    assert bool(made.note) == bool(walk.problem)
    assert "<" not in made.note
