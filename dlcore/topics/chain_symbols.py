"""Knows how the chain rule of a network is written with symbols: every gradient as a sum over the uses of its node."""

from collections import Counter
from typing import NamedTuple

from dlcore.topics.notation import as_factor, as_operand, written_slope, written_value
from dlcore.topics.scalar_net import Net, Wire, label

MOST_TERMS = 4  # of a sum that is written out


class Use(NamedTuple):
    """A node is the input number `slot` of the node `source`, which sends a share of its gradient back."""

    source: int
    slot: int


class Symbols:
    """The names of a network's nodes in HTML, and what is written with them."""

    def __init__(self, net: Net) -> None:
        self.nodes = net.graph.nodes
        self.labels = [label(node.name) for node in self.nodes]
        self.uses: list[list[Use]] = [[] for _ in self.nodes]
        for source, node in enumerate(self.nodes):
            for slot, target in enumerate(node.inputs):
                self.uses[target].append(Use(source, slot))
        self.ways = Counter((wire.source, wire.target) for wire in net.wires)

    def title(self, index: int) -> str:
        """A node, and what it is computed from: z = w · x + b."""
        node = self.nodes[index]
        return f"{self.labels[index]} = {written_value(node, self.operands(index))}" if node.op else self.labels[index]

    def way(self, wire: Wire) -> str:
        """An edge; one of several between the same two nodes has its number."""
        number = f", use {wire.key.partition('·')[2] or 1}" if self.ways[wire.source, wire.target] > 1 else ""
        return f"{self.labels[wire.source]} → {self.labels[wire.target]}{number}"

    def operands(self, index: int) -> list[str]:
        """The inputs of a node."""
        return [as_operand(self.labels[j]) for j in self.nodes[index].inputs]

    def partial(self, index: int) -> str:
        """The gradient: ∂E/∂z."""
        return f"∂{self.labels[-1]}/∂{self.labels[index]}"

    def rule(self, index: int) -> str:
        """The chain rule: ∂E/∂z = ∂E/∂a · ∂a/∂z = ∂E/∂a · (1 − a²), or a sum of such products."""
        uses = self.uses[index]
        if len(uses) == 1:
            return f"{self.partial(index)} = {self.product(uses[0])}"
        if len(uses) > MOST_TERMS:
            return f"{self.partial(index)} is the sum over {len(uses)} uses"
        return f"{self.partial(index)} = {' + '.join(map(self.derivatives, uses))}"

    def product(self, use: Use) -> str:
        """What one use sends back, in general and for its operation."""
        general, share = self.derivatives(use), self.share(use)
        return share if share == general else f"{general} = {share}"

    def derivatives(self, use: Use) -> str:
        """∂E/∂a · ∂a/∂z; with the slope itself for the loss, and for v = x · x, where ∂v/∂x is not that of one use."""
        inputs = self.nodes[use.source].inputs
        target = inputs[use.slot]
        if use.source == len(self.nodes) - 1 or inputs.count(target) > 1:
            return self.share(use)
        return f"{self.partial(use.source)} · ∂{self.labels[use.source]}/∂{self.labels[target]}"

    def share(self, use: Use) -> str:
        """∂E/∂a · (1 − a²)."""
        node = self.nodes[use.source]
        slope = written_slope(node, use.slot, self.labels[use.source], self.operands(use.source))
        return f"{self.partial(use.source)} · {as_factor(slope)}"
