"""The chain rule in words and numbers: of every part at every frame, true to the engine, and no more than it knows."""

import re

import pytest

from dlcore.numerals import digits
from dlcore.topics.backprop import FIXED
from dlcore.topics.backprop_config import FAULTS
from dlcore.topics.chain_rule import explain
from dlcore.topics.explanation import UNKNOWN, Explanation
from dlcore.topics.scalar_net import label
from dlcore.topics.walk import Walk
from tests.topics.notes_read import HALF, line_with, lines_at, numbers, told
from tests.topics.walks import EVERY, at, every, walked

#: Mazur, A step by step backpropagation example (2015). What he does not print follows from what he does.
PUBLISHED_VALUES = {"z1": 0.3775, "a1": 0.593269992, "a2": 0.596884378, "z3": 1.105905967, "a3": 0.75136507}
PUBLISHED_VALUES |= {"a4": 0.772928465, "E1": 0.274811083, "E2": 0.023560026, "E": 0.298371109}
PUBLISHED_GRADIENTS = {"a3": 0.74136507, "z3": 0.138498562, "a1": 0.036350306, "z1": 0.0087713546}
PUBLISHED_WEIGHTS = {
    "a1→z3": ("w5", 0.082167041),
    "a2→z3": ("w6", 0.0826676),
    "a1→z4": ("w7", -0.02260254),
    "a2→z4": ("w8", -0.02274024),
    "x1→z1": ("w1", 0.000438568),
}


@pytest.fixture(scope="module")
def textbook() -> Walk:
    return every("textbook")


def parts(note: Explanation, frame: int) -> list[str]:
    """The lines on the node itself, without those on its bias."""
    lines = lines_at(note, frame)
    bias = next((i for i, line in enumerate(lines) if line.startswith("<b>Its bias")), len(lines))
    return lines[:bias]


# All of it


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in EVERY if name != "large"])
def test_every_part_has_something_to_say_at_every_frame(name: str, fault: str) -> None:
    walk = walked(**EVERY[name], fault=fault)
    notes = explain(walk)
    drawn = {walk.net.graph.nodes[index].name for index in walk.net.places}
    assert notes.keys() == drawn | {wire.key for wire in walk.net.wires}
    for note in notes.values():
        said = {frame for line in note.lines for frame in range(line.start, line.end)}
        assert said == set(range(walk.num_frames))
        assert all(line.start < line.end for line in note.lines)


@pytest.mark.parametrize("name", EVERY)
def test_lines_are_well_formed_html_without_nan(name: str) -> None:
    for note in explain(every(name)).values():
        for text in {note.title, *(line.html for line in note.lines)}:
            assert re.sub(r"<(\w+)( class=\"dp-wrong\")?>|</\w+>", "", text).find("<") == -1, text
            for tag in re.findall(r"<(\w+)", text):
                assert len(re.findall(rf"<{tag}\b", text)) == text.count(f"</{tag}>"), text
            assert "nan" not in text.lower()
            assert "  " not in text


@pytest.mark.parametrize("name", EVERY)
def test_a_node_says_what_is_not_yet_known_just_as_long_as_it_is_not(name: str) -> None:
    walk = every(name)
    notes, nodes = explain(walk), walk.net.graph.nodes
    last = {(ld.number, nodes[ld.arrival.target].name): ld.frame for ld in walk.landings}
    for number, taken in enumerate(walk.taken):
        for frame in {*range(taken.start, taken.end, 7), *(k for (n, _), k in last.items() if n == number)}:
            values = at(walk.values, frame)
            for node in (nodes[index] for index in walk.net.places):
                lines = parts(notes[node.name], frame)
                if node.op:
                    assert (lines[0] == f"= {UNKNOWN}") == (node.name not in values)
                if node.role not in FIXED and node is not nodes[-1]:
                    rule = next(i for i, line in enumerate(lines) if line.startswith("∂"))
                    waits = any(UNKNOWN in line or "so far" in line for line in lines[rule:])
                    assert waits == (frame < last[number, node.name]), (frame, node.name)


# Numbers


@pytest.mark.parametrize("name", EVERY)
def test_values_are_written_with_the_engines_numbers(name: str) -> None:
    walk = every(name)
    notes, compared = explain(walk), 0
    for done in walk.passes:
        for index in walk.net.places:
            node = walk.net.graph.nodes[index]
            if node.op:
                line = parts(notes[node.name], done.end - 1)[0]
                assert numbers(line)[-1] == pytest.approx(done.done.values[index], rel=HALF)
                compared += 1
    assert compared >= 2


@pytest.mark.parametrize("name", EVERY)
def test_gradients_are_written_with_the_engines_numbers_and_autograds_beside(name: str) -> None:
    walk = every(name)
    notes = explain(walk)
    for done in walk.passes:
        for index in walk.net.places:
            node = walk.net.graph.nodes[index]
            if node.role in FIXED or index == len(walk.net.graph.nodes) - 1:
                continue
            lines = parts(notes[node.name], done.end - 1)
            beside = line_with(lines, "autograd")
            total = lines[lines.index(beside) - 1]
            bold = numbers(total.partition("<b>")[2].partition("</b>")[0])
            assert bold == pytest.approx([done.exact[index]], rel=HALF)
            autograd, _, numeric, _ = numbers(beside)
            assert (autograd, numeric) == pytest.approx((done.exact[index], done.numeric[index]), rel=HALF, abs=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_what_comes_back_over_a_wire_is_upstream_times_local(name: str) -> None:
    walk = every(name)
    notes = explain(walk)
    landings = {(ld.number, ld.arrival.source, ld.arrival.slot): ld for ld in walk.landings}
    for number, taken in enumerate(walk.taken):
        for wire in walk.net.wires:
            landing = landings.get((number, wire.target, wire.slot))
            if landing is None:
                assert lines_at(notes[wire.key], taken.start)[0].startswith("No gradient goes to a ")
                continue
            before, after = (lines_at(notes[wire.key], frame)[1] for frame in (landing.frame - 1, landing.frame))
            assert before == f"= {UNKNOWN}"
            assert after.startswith("= ")
            assert numbers(after) == pytest.approx([float(x) for x in landing.arrival[3:6]], rel=HALF)


# The textbook


def test_the_notes_of_the_textbooks_network_have_its_published_numbers(textbook: Walk) -> None:
    for name, value in PUBLISHED_VALUES.items():
        assert told(textbook, name, "loss")[0].endswith(f"= <b>{digits(value)}</b>")
    for name, gradient in PUBLISHED_GRADIENTS.items():
        assert any(f"<b>{digits(gradient)}</b>" in line for line in told(textbook, name, "backward")[1:])
    for key, (weight, gradient) in PUBLISHED_WEIGHTS.items():
        note = explain(textbook)[key]
        assert note.title.endswith(f", weight {label(weight)}")
        lines = lines_at(note, textbook.phases.index("step"))
        header = next(i for i, line in enumerate(lines) if line.startswith("<b>The weight"))
        assert lines[header + 2].endswith(f"= <b>{digits(gradient)}</b>")
    assert any("<b>0.0822</b>" in line for line in told(textbook, "a1→z3", "backward"))


def test_the_note_of_a_hidden_unit_after_backward(textbook: Walk) -> None:
    note = explain(textbook)["a1"]
    assert note.title == "a<sub>1</sub> = σ(z<sub>1</sub>)"
    value, rule, first, second, total, beside = told(textbook, "a1", "backward")
    assert value == "= σ(0.378) = <b>0.593</b>"
    assert rule.replace("<sub>", "").replace("</sub>", "") == "∂E/∂a1 = ∂E/∂z3 · ∂z3/∂a1 + ∂E/∂z4 · ∂z4/∂a1"
    assert first == "via z<sub>3</sub>: ∂E/∂z<sub>3</sub> · w<sub>5</sub> = 0.138 · 0.4 = 0.0554"
    assert second == "via z<sub>4</sub>: ∂E/∂z<sub>4</sub> · w<sub>7</sub> = −0.0381 · 0.5 = −0.0190"
    assert total == "∂E/∂a<sub>1</sub> = 0.0554 + (−0.0190) = <b>0.0364</b>"
    assert re.fullmatch(r"autograd 0.0364, off by .* · finite differences 0.0364, off by .*", beside)


# Short where there is little to say


def test_a_leaf_with_one_use_says_every_equation_once() -> None:
    lines = told(every("neuron"), "w1", "step")
    assert lines[0] == "w<sub>1</sub> = <b>0.665</b>"
    assert lines[1].startswith("∂E/∂w<sub>1</sub> = ∂E/∂m<sub>1</sub> · ∂m<sub>1</sub>/∂w<sub>1</sub> = ")
    assert lines[2] == "= −0.649 · 1 = <b>−0.649</b>"
    assert len(lines) == 5
    assert len(set(lines)) == 5


def test_what_does_not_learn_says_so() -> None:
    assert told(every("neuron"), "y", "step") == ["y = <b>1</b>", "No gradient goes to a target."]
    assert told(every("neuron"), "y→E", "step") == ["No gradient goes to a target."]
    assert told(every("uses"), "3", "step") == ["No gradient goes to a constant."]


def test_what_can_be_set_in_a_note_is_the_leaf_that_it_is_about() -> None:
    notes = {**explain(every("neuron")), **explain(every("mlp")), **explain(every("uses"))}
    leaves = {key: notes[key].leaves for key in ("x1", "w1", "y", "m1", "z11", "p", "x1→z11", "z11→a11", "3", "v1")}
    assert leaves == {
        "x1": ("x1",),
        "w1": ("w1",),
        "y": ("y",),
        "m1": (),
        "z11": ("b11",),
        "p": (),
        "x1→z11": ("u11",),
        "z11→a11": (),
        "3": (),
        "v1": (),
    }


def test_a_wire_says_what_it_brings_to_whom(textbook: Walk) -> None:
    notes = explain(textbook)
    share = "Back to a<sub>1</sub>, its share of ∂E/∂a<sub>1</sub>: "
    assert notes["a1→z3"].lines[0].html.startswith(share + "∂E/∂z<sub>3</sub> · ∂z<sub>3</sub>/∂a<sub>1</sub> = ")
    assert notes["z1→a1"].lines[0].html.startswith("Back to z<sub>1</sub>, all of ∂E/∂z<sub>1</sub>: ")
    assert notes["a3→E1"].title == "a<sub>3</sub> → E<sub>1</sub>"


def test_two_wires_between_the_same_nodes_are_told_apart() -> None:
    notes = explain(every("uses"))
    assert [notes[key].title for key in ("x→v1", "x→v1·2")] == [
        "x → v<sub>1</sub>, use 1",
        "x → v<sub>1</sub>, use 2",
    ]


# Where numbers end


def test_a_computation_that_fails_is_shown() -> None:
    walk = walked(network="formula", formula="log(x)", edits="x=-1@1")
    assert len(walk.passes) == 1
    assert lines_at(explain(walk)["f"], walk.num_frames - 1)[0] == "= ln(−1) <b>has no value</b>"
    assert lines_at(explain(walk)["x"], walk.num_frames - 1)[:1] == ["x = <b>−1</b>"]
    walk = walked(network="softmax", edits="z1=1000")
    assert walk.passes == ()
    last = walk.num_frames - 1
    assert lines_at(explain(walk)["e1"], last)[0] == "= e<sup>1000</sup> <b>is infinite</b>"
    assert lines_at(explain(walk)["s"], last)[0] == f"= {UNKNOWN}"
    assert all(UNKNOWN in lines_at(explain(walk)[key], last)[-1] for key in ("e1", "s", "p1", "z1"))


def test_a_gradient_that_is_not_finite_is_shown() -> None:
    walk = walked(network="formula", formula="sqrt(x)", edits="x=0")
    assert lines_at(explain(walk)["x"], walk.num_frames - 1)[-1] == "= 1 · ∞ = <b>∞</b>"
    assert lines_at(explain(walk)["x→f"], walk.num_frames - 1)[-1] == "= 1 · ∞ = ∞"
