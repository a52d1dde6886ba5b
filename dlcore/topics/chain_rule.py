"""Knows the chain rule of every node and wire of a walk, written out with symbols and numbers, frame by frame.

Lines are HTML; each holds for the frames start <= frame < end, and says "not yet known" where backward has not come.
"""

import math
from collections.abc import Iterator, Sequence

from dlcore.numerals import bracketed, digits
from dlcore.topics.chain_symbols import Symbols
from dlcore.topics.explanation import UNKNOWN, Explanation, Line, wrong
from dlcore.topics.gradient_lines import GradientLines
from dlcore.topics.notation import written_value
from dlcore.topics.scalar_net import Wire
from dlcore.topics.walk import Taken, Value, Walk, by_key


def explain(walk: Walk) -> dict[str, Explanation]:
    """The explanation of every drawn node and wire, by key."""
    writer = _Writer(walk)
    nodes = {walk.net.graph.nodes[index].name: writer.node(index) for index in walk.net.places}
    return {**nodes, **{wire.key: writer.wire(wire) for wire in walk.net.wires}}


class _Writer:
    def __init__(self, walk: Walk) -> None:
        self.walk, self.net, self.nodes = walk, walk.net, walk.net.graph.nodes
        self.symbols, self.values = Symbols(walk.net), by_key(walk.values)
        self.gradients = GradientLines(walk, self.symbols)
        self.iterations = {iteration.update: iteration for iteration in walk.iterations}

    def node(self, index: int) -> Explanation:
        """A node: its value, then its gradient, then the biases that belong to it."""
        node = self.nodes[index]
        biases = [j for j in node.inputs if j not in self.net.places and self.net.home(j) == node.name]
        lines = [*self.value(index), *self.gradients.of(index), *self.steps(index)]
        for bias in biases:
            lines += self.part("Its bias", bias)
        leaves = biases if node.op or node.role == "constant" else [index]
        return self.explanation(self.symbols.title(index), lines, leaves, [index, *biases])

    def wire(self, wire: Wire) -> Explanation:
        """An edge: what comes back over it, and the gradient of the weight that rides on it."""
        title, lines = self.symbols.way(wire), list(self.gradients.back(wire))
        if wire.weight is None:
            return self.explanation(title, lines, [], [])
        lines += self.part("The weight", wire.weight)
        title += f", weight {self.symbols.labels[wire.weight]}"
        return self.explanation(title, lines, [wire.weight], [wire.weight])

    def explanation(self, title: str, lines: list[Line], leaves: Sequence[int], asked: Sequence[int]) -> Explanation:
        """All of it, without the lines that no frame shows."""
        names = tuple(self.nodes[leaf].name for leaf in leaves)
        questions = [question for index in asked for question in self.gradients.questions(index)]
        return Explanation(title, [line for line in lines if line.start < line.end], names, questions)

    def part(self, what: str, index: int) -> Iterator[Line]:
        """A parameter that is drawn with something else: its number, its gradient, its step."""
        for span in self.values.get(self.nodes[index].name, []):
            number = f"{self.symbols.labels[index]} = {digits(span.what.number)}"
            yield Line(span.start, span.end, f"<b>{what} {number}</b>")
        yield from self.gradients.of(index)
        yield from self.steps(index)

    def value(self, index: int) -> Iterator[Line]:
        """A node's number, computed from its inputs' numbers; before that, that it is not yet known."""
        node = self.nodes[index]
        spans = self.values.get(node.name, [])
        if not node.op:
            for span in spans if node.role != "constant" else ():
                yield Line(span.start, span.end, f"{self.symbols.labels[index]} = <b>{digits(span.what.number)}</b>")
            return
        for taken in self.walk.taken:
            known = next((span.start for span in spans if taken.start <= span.start < taken.end), taken.end)
            yield Line(taken.start, known, f"= {UNKNOWN}")
            if known < taken.end:
                yield Line(known, taken.end, self.computed(index, taken))

    def computed(self, index: int, taken: Taken) -> str:
        """An op in numbers; where they have no finite result, the walk ends with this line."""
        values, node = taken.done.values, self.nodes[index]
        result = float(values[index])
        numbers = written_value(node, [bracketed(values[j]) for j in node.inputs])
        if math.isfinite(result):
            return f"= {numbers} = <b>{digits(result)}</b>"
        return f"= {numbers} <b>{'has no value' if math.isnan(result) else 'is infinite'}</b>"

    def steps(self, index: int) -> Iterator[Line]:
        """What the optimizer's step does to a parameter, until the next sample is taken."""
        for span in self.values.get(self.nodes[index].name, []):
            if self.walk.phases[span.start] == "step":
                yield Line(span.start, span.end, self.step(index, self.walk.updates[span.start], span.what))

    def step(self, index: int, update: int, stepped: Value) -> str:
        """w ← w − η · w.grad, with its numbers."""
        name, w, iteration = self.nodes[index].name, self.symbols.labels[index], self.iterations[update]
        before, mark = digits(iteration.before.parameters[name]), wrong("torch.optim.SGD") if stepped.wrong else ""
        if name not in iteration.grads:
            return f"step: {w}.grad is None, so {w} stays {before} {mark}".strip()
        by = self.direction(name)
        numbers = by.format(digits(self.walk.config.lr), bracketed(iteration.grads[name]))
        rule = f"{w} ← {w} {by.format('η', f'{w}.grad')}"
        return f"step: {rule} = {before} {numbers} = <b>{digits(stepped.number)}</b> {mark}".strip()

    def direction(self, name: str) -> str:
        """By what the loop steps, from a rate and a gradient; its fault may be here."""
        fault = self.walk.config.fault
        factor = self.net.fan_in.get(name, 1) if fault == "bias-fan-in" else 1
        return f"{'+' if fault == 'wrong-sign' else '−'} {f'{factor} · ' if factor != 1 else ''}{{}} · {{}}"
