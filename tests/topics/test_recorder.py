"""The walk's frames are the training loop's steps, and every number comes when the loop has it."""

from collections import Counter
from itertools import groupby

import pytest

from dlcore.topics.backprop import FIXED
from dlcore.topics.walk import PHASES, Walk
from tests.topics.torch_loop import right_turn
from tests.topics.walks import EVERY, at, every

NEURON = [
    *(("data", ""), ("zero_grad", "")),
    *(("forward", name) for name in ("m1", "m2", "z", "a")),
    *(("loss", "E"), ("backward", "E")),
    *(("backward", wire) for wire in ("a→E", "z→a", "m1→z", "m2→z", "b→z", "x2→m2", "w2→m2", "x1→m1", "w1→m1")),
    *(("step", name) for name in ("w1", "w2", "b")),
]
ONE = ["data", "zero_grad", "forward", "loss", "backward", "step"]
TWO = ["data", "zero_grad", "forward", "loss", "backward", "data", "forward", "loss", "backward", "step"]


def stages(walk: Walk) -> list[str]:
    return [phase for phase, _ in groupby(walk.phases)]


def name_of(walk: Walk, index: int) -> str:
    return walk.net.graph.nodes[index].name


# The order of the loop


def test_the_frames_of_one_neuron_are_the_loops_steps() -> None:
    walk = every("neuron")
    assert list(zip(walk.phases, walk.active, strict=True)) == 2 * NEURON
    assert walk.updates == (0,) * len(NEURON) + (1,) * len(NEURON)
    assert set(walk.turns) == {0}
    assert {phase for phase, _ in NEURON} == set(PHASES)


@pytest.mark.parametrize("name", ["neuron", "textbook", "mlp", "softmax", "conv", "formula", "uses"])
def test_with_single_samples_every_turn_has_the_six_phases_in_order(name: str) -> None:
    assert stages(every(name)) == 2 * ONE


@pytest.mark.parametrize("name", ["batch of 2", "large"])
def test_in_a_batch_zero_grad_and_step_come_once_the_rest_for_every_sample(name: str) -> None:
    walk = every(name)
    assert stages(walk) == 2 * TWO
    taken = [(walk.updates[k], walk.turns[k]) for k, phase in enumerate(walk.phases) if phase == "data"]
    assert taken == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("name", EVERY)
def test_forward_computes_inputs_before_their_uses_and_the_loss_last(name: str) -> None:
    walk = every(name)
    nodes = walk.net.graph.nodes
    for taken in walk.taken:
        known: set[str] = set()
        for frame in range(taken.start, taken.end):
            if walk.phases[frame] in ("forward", "loss"):
                node = nodes[walk.net.graph.index[walk.active[frame]]]
                inputs = {nodes[j].name for j in node.inputs if nodes[j].op}
                assert (
                    inputs <= known == at(walk.values, frame).keys() - {node.name} - {n.name for n in nodes if not n.op}
                )
                known.add(node.name)
        assert known == {node.name for node in nodes if node.op}


def test_layers_of_many_parameters_step_together_few_alone() -> None:
    for name, steps in (("textbook", 10), ("conv", 10), ("mlp", 3), ("large", 5)):
        assert every(name).phases.count("step") == 2 * steps


def test_the_convolution_goes_back_node_by_node() -> None:
    walk = every("conv")
    done = walk.passes[0]
    back = [walk.active[k] for k in range(done.start, done.end) if walk.phases[k] == "backward"]
    cells = [f"c{i}{j}" for i in range(1, 5) for j in range(1, 5)]
    assert back[0] == "E"  # begins with its own gradient
    assert back[1:] == ["E", "o", *("h22", "h21", "h12", "h11"), *reversed(cells)]
    for key, frames in groupby(range(done.start, done.end), key=lambda k: walk.active[k]):
        landings = [ld.arrival for frame in frames for ld in walk.landings if ld.frame == frame]
        assert {name_of(walk, arrival.source) for arrival in landings} <= {key}


# When numbers are known


@pytest.mark.parametrize("name", EVERY)
def test_before_backward_reaches_a_node_there_is_no_gradient_not_0(name: str) -> None:
    walk = every(name)
    first = {(ld.number, name_of(walk, ld.arrival.target)): ld.frame for ld in reversed(walk.landings)}
    for number, done in enumerate(walk.passes):
        begin = walk.first("backward", done.start, done.end)
        for frame in range(done.start, done.end):
            known = at(walk.gradients, frame)
            held = walk.net.start.keys() & done.held.keys()
            if frame <= done.start + 1:
                continue  # .grad still holds the last turn's until it is cleared
            for node in walk.net.graph.nodes[:-1]:
                come = first.get((number, node.name), done.end)
                assert (node.name in known) == (frame >= come or node.name in held), (frame, node.name)
            assert (walk.net.graph.nodes[-1].name in known) == (frame >= begin)


@pytest.mark.parametrize("name", EVERY)
def test_what_lands_adds_up_to_the_engines_totals_and_to_autograds(name: str) -> None:
    walk = every(name)
    for number, done in enumerate(walk.passes):
        sums: dict[int, float] = {}
        for landing in walk.landings:
            if landing.number == number:
                index = landing.arrival.target
                sums[index] = sums.get(index, 0.0) + landing.arrival.contribution
        totals = walk.net.graph.gradients(done.done.arrivals, done.done.seed)
        assert sums == pytest.approx({i: total for i, total in totals.items() if i in sums}, rel=1e-12, abs=1e-15)
        assert sums == pytest.approx({i: done.exact[i] for i in sums}, rel=1e-9, abs=1e-12)
        learning = {i for i, node in enumerate(walk.net.graph.nodes[:-1]) if node.role not in FIXED}
        assert sums.keys() == learning


@pytest.mark.parametrize("name", EVERY)
def test_a_gradient_is_complete_once_all_users_sent_and_only_then_goes_on(name: str) -> None:
    walk = every(name)
    users = Counter(walk.net.graph.nodes[j].name for node in walk.net.graph.nodes for j in node.inputs)
    for number, done in enumerate(walk.passes):
        mine = [landing for landing in walk.landings if landing.number == number]
        complete = {landing.arrival.target: landing.frame for landing in mine}
        assert all(complete.get(landing.arrival.source, -1) < landing.frame for landing in mine)
        for index, frame in complete.items():
            key = name_of(walk, index)
            spans = [s for s in walk.gradients if s.key == key and done.start <= s.start < done.end and s.what.arrived]
            assert [span.what.arrived for span in spans] == [*range(1, users[key] + 1)]
            assert {span.what.expected for span in spans} == {users[key]}
            assert spans[-1].start == frame


@pytest.mark.parametrize("name", EVERY)
def test_what_came_back_over_all_wires_of_a_node_is_its_gradient(name: str) -> None:
    walk = every(name)
    net, nodes = walk.net, walk.net.graph.nodes
    users = Counter(j for node in nodes for j in node.inputs)
    for done in walk.passes:
        frame = max(k for k in range(done.start, done.end) if walk.phases[k] == "backward")
        sent = at(walk.sent, frame)
        for index in net.places:
            wires = [wire.key for wire in net.wires if wire.source == index]
            if wires and len(wires) == users[index] and nodes[index].role not in FIXED:
                assert sum(sent[key].number for key in wires) == pytest.approx(done.exact[index], rel=1e-9, abs=1e-12)
        assert not sent.keys() & {wire.key for wire in net.wires if nodes[wire.source].role in FIXED}
        assert at(walk.sent, walk.first("loss", done.start, done.end)) == {}


def test_a_wires_number_is_upstream_times_local() -> None:
    walk = every("textbook")
    grads, _ = right_turn(walk.config, walk.net.start, [walk.net.data[0]])
    sent = at(walk.sent, walk.phases.index("step"))
    for key, upstream, weight in (("a1→z3", "z3", 0.40), ("a1→z4", "z4", 0.50), ("x2→z1", "z1", 0.20)):
        assert sent[key].number == pytest.approx(grads[0][upstream] * weight, rel=1e-12)
