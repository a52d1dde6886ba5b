"""Records a walk: turns iterations of the training loop into frames, and notes from when to when each number holds."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from dlcore.topics.backprop import Arrival
from dlcore.topics.backprop_config import WALKED, BackpropConfig
from dlcore.topics.graph_checks import EXACT, autograd, finite_differences
from dlcore.topics.scalar_net import Net
from dlcore.topics.scribe import Scribe
from dlcore.topics.timeline import Iteration, Pass, Training, iterate, problem_of
from dlcore.topics.walk import Checked, Gradient, Landing, Value, Walk

#: Up to so many parameters are updated one by one, more of them a layer at a time.
ONE_BY_ONE = 12


@np.errstate(all="ignore")
def record(config: BackpropConfig, net: Net, training: Training) -> Walk:
    """The walk that begins after `config.updates` updates, or after the last one that training came to."""
    first = min(config.updates, len(training.states) - 1)
    recorder = _Recorder(config, net)
    state, iterations = training.states[first], []
    for update in range(first, first + WALKED):
        iterations.append(iterate(config, net, state, update, training.order[update]))
        recorder.iteration(iterations[-1])
        if iterations[-1].problem:
            break
        # Edits made before the next update are in training's states, as far as it went.
        state = training.states[update + 1] if update + 1 < len(training.states) else iterations[-1].after
    return recorder.finish(tuple(iterations))


class _Recorder(Scribe):
    """Writes the loop's events down, node by node and edge by edge."""

    def __init__(self, config: BackpropConfig, net: Net) -> None:
        super().__init__()
        self.config, self.net, self.nodes = config, net, net.graph.nodes
        self.passes: list[Checked] = []
        self.landings: list[Landing] = []
        self.problem = ""
        self.wires = {(wire.target, wire.slot): wire.key for wire in net.wires}
        self.loss_nodes = _loss_nodes(net)
        self.groups = _updated_together(net)
        self.held: dict[str, float] = {}  # .grad
        self.right: dict[str, float] = {}  # .grad in a right loop
        self.exact: dict[str, float] = {}  # what the batch has added to it so far, by autograd

    def iteration(self, iteration: Iteration) -> None:
        """data, zero_grad, then forward, loss and backward for every sample, then step; to where numbers end."""
        self.update = iteration.update
        self.held, self.right = dict(iteration.before.held), {}
        self.exact = dict.fromkeys(self.net.start, 0.0)
        for self.turn, done in enumerate(iteration.passes):
            began = self.take(done)
            if self.turn == 0:
                self.show_held()
                self.event("zero_grad")
                self.held = dict(iteration.held)
                self.show_held(wrong=True)
            self.forward(done)
            if self.problem:
                return
            self.passes.append(self.check(done, began))
            self.backward(self.passes[-1])
            if self.problem:
                return
        self.step(iteration)

    def take(self, done: Pass) -> int:
        """A sample is taken: the leaves are known, nothing else of it. Returns the frame."""
        self.event("data")
        for node in self.nodes:
            if node.name not in self.net.start:
                self.set("values", node.name, None if node.op else Value(done.leaves[node.name]))
                self.set("gradients", node.name, None)
            elif self.turn == 0:
                self.set("values", node.name, Value(done.leaves[node.name]))
        for key in self.wires.values():
            self.set("sent", key, None)
        return self.now

    def show_held(self, *, wrong: bool = False) -> None:
        """What .grad holds before this sample's gradients arrive."""
        for name in self.net.start:
            self.set("gradients", name, Gradient(self.held[name], 0, 0, wrong) if name in self.held else None)

    def forward(self, done: Pass) -> None:
        """Node by node, to the first value that is not finite."""
        for index, node in enumerate(self.nodes):
            if node.op:
                self.event("loss" if index in self.loss_nodes else "forward", self.net.home(index))
                self.set("values", node.name, Value(done.values[index]))
                if not math.isfinite(done.values[index]):
                    self.problem = problem_of(self.net, done)
                    return

    def check(self, done: Pass, began: int) -> Checked:
        """The pass with the gradients it should have."""
        exact = autograd(self.net.graph, done.leaves, done.seed)
        numeric = finite_differences(self.net.graph, done.leaves, done.seed)
        for name in self.exact:
            gradient = exact[self.net.graph.index[name]]
            self.exact[name] += gradient if math.isfinite(gradient) else 0.0
        return Checked(done, exact, numeric, began, 0, self.update, dict(self.held))

    def backward(self, checked: Checked) -> None:
        """Edge by edge; where wires are quiet, all edges of a node at once."""
        done = checked.done
        self.event("backward", self.nodes[-1].name)
        self.set("gradients", self.nodes[-1].name, Gradient(done.seed, 1, 1))
        expected, arrived = Counter(arrival.target for arrival in done.arrivals), Counter[int]()
        for key, arrivals in groupby(_along_wires(self.net, done.arrivals), key=self.where):
            self.event("backward", key)
            for arrival in arrivals:
                arrived[arrival.target] += 1
                self.arrive(checked, arrival, (arrived[arrival.target], expected[arrival.target]))
                if not math.isfinite(arrival.total):
                    self.problem = problem_of(self.net, done)
            if self.problem:
                return
        self.miss(checked, expected)

    def where(self, arrival: Arrival) -> str:
        """The key of what is active while a contribution arrives."""
        if self.net.quiet:
            return self.nodes[arrival.source].name
        return self.wires.get((arrival.source, arrival.slot)) or self.net.home(arrival.target)

    def arrive(self, checked: Checked, arrival: Arrival, share: tuple[int, int]) -> None:
        """A contribution is added at its target, the last one compared with autograd. share: arrived, expected."""
        name, total, is_last = self.nodes[arrival.target].name, arrival.total, share[0] == share[1]
        self.landings.append(Landing(self.now, len(self.passes) - 1, arrival))
        if (arrival.source, arrival.slot) in self.wires:
            self.set("sent", self.wires[arrival.source, arrival.slot], Value(arrival.contribution))
        if name in self.net.start:
            total = self.held[name] = self.held.get(name, 0.0) + arrival.contribution
            self.right[name] = self.exact[name] if is_last else self.right.get(name, 0.0) + arrival.contribution
            wrong = _differs(total, self.right[name])
        else:
            wrong = is_last and _differs(total, checked.exact[arrival.target])
        self.set("gradients", name, Gradient(total, *share, wrong))

    def miss(self, checked: Checked, arrived: Counter[int]) -> None:
        """What autograd has a gradient for and nothing arrived at: it is None, not 0."""
        for index, node in enumerate(self.nodes[:-1]):
            if math.isfinite(checked.exact[index]) and index not in arrived:
                self.set("gradients", node.name, Gradient(None, 0, 0, wrong=True))

    def step(self, iteration: Iteration) -> None:
        """Parameter by parameter, or layer by layer; compared with a right step along autograd's gradient."""
        before, after = iteration.before.parameters, iteration.after.parameters
        for names in self.groups:
            self.event("step", self.net.home(self.net.graph.index[names[0]]))
            for name in names:
                right = before[name] - self.config.lr * self.exact[name]
                self.set("values", name, Value(after[name], wrong=_differs(after[name], right)))

    def finish(self, iterations: tuple[Iteration, ...]) -> Walk:
        """Hands the walk over; a pass ends where the next sample is taken, whether or not that one comes to its end."""
        taken = [frame for frame, phase in enumerate(self.phases) if phase == "data"]
        ends = [*taken[1:], len(self.phases)]
        passes = tuple(replace(checked, end=end) for checked, end in zip(self.passes, ends, strict=False))
        problem = self.problem or next((i.problem for i in iterations if i.problem), "")
        return Walk(
            config=self.config,
            net=self.net,
            iterations=iterations,
            passes=passes,
            landings=tuple(self.landings),
            problem=problem,
            **self.written(),
        )


def _loss_nodes(net: Net) -> set[int]:
    """The nodes of the loss: the last node, and what depends on a target."""
    found: set[int] = {len(net.graph.nodes) - 1}
    for index, node in enumerate(net.graph.nodes):
        if any(net.graph.nodes[j].role == "target" or j in found for j in node.inputs):
            found.add(index)
    return found


def _updated_together(net: Net) -> list[list[str]]:
    """The parameters that are updated in one frame: each alone, or a layer's."""
    layers: dict[str, int] = {}
    if len(net.start) > ONE_BY_ONE:
        layers = {name: i for i, module in enumerate(net.modules) for name in (*module.weights, *module.biases)}
    groups: dict[int | str, list[str]] = {}
    for name in net.start:
        groups.setdefault(layers.get(name, name), []).append(name)
    return list(groups.values())


def _along_wires(net: Net, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The contributions with a weight's beside that of the input it rides with: one wire, one frame."""

    def place(arrival: Arrival) -> tuple[int, int, int]:
        node = net.graph.nodes[arrival.source]
        half = len(node.inputs) // 2
        rides = node.op == "affine" and half <= arrival.slot < 2 * half and arrival.target not in net.places
        return -arrival.source, arrival.slot - half if rides else arrival.slot, arrival.slot

    return sorted(arrivals, key=place)


def _differs(value: float, reference: float) -> bool:
    """Whether two numbers are not the same but for rounding; infinite ones may be."""
    return value != reference and not abs(value - reference) <= EXACT * max(1.0, abs(reference))
