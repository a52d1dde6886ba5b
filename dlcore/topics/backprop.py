"""Backpropagation over scalars, one gradient contribution at a time.

Knows a graph of scalar operations, its forward values, every local derivative, and the order in which contributions
arrive. Does not know layers, batches or pictures; broadcasting is left out on purpose: a node is one number.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple

import numpy as np

Role = Literal["input", "target", "parameter", "constant", "hidden"]
#: Leaves to which no gradient is sent.
FIXED: tuple[Role, ...] = ("target", "constant")
SMALLEST = float(np.float32(1e-12))  # torch's least p (1 − p) in the slope of cross-entropy
Number = Any  # a float64, or an array of them: the same graph at many values side by side ("lanes")


class Op(NamedTuple):
    """An operation: its value at its inputs, and its local derivatives: slopes(output, *inputs), one for each input."""

    value: Callable[..., Number]
    slopes: Callable[..., tuple[Number, ...]]


def _affine(*inputs: Number) -> Number:
    """x1 w1 + x2 w2 + ... + b, from x1, x2, ..., w1, w2, ..., b."""
    half = len(inputs) // 2
    return sum((x * w for x, w in zip(inputs[:half], inputs[half:-1], strict=True)), start=inputs[-1])


def _affine_slopes(_: Number, *inputs: Number) -> tuple[Number, ...]:
    half = len(inputs) // 2
    return (*inputs[half:-1], *inputs[:half], 1.0)


def _winner_takes_all(_: Number, *inputs: Number) -> tuple[Number, ...]:
    """1 for the first of the largest inputs, 0 for the others, as max-pooling has it."""
    winner = np.argmax(np.broadcast_arrays(*inputs), axis=0)
    return tuple(np.float64(winner == slot) for slot in range(len(inputs)))


def _power_slopes(y: Number, a: Number, b: Number) -> tuple[Number, ...]:
    """b a^(b-1) and a^b ln a; 0 for a constant (b = 0), and 0 for a power of zero (a = 0, b >= 0)."""
    base = np.where(b == 0, 0.0, b * np.power(a, b - 1))
    exponent = np.where((a == 0) & (b >= 0), 0.0, y * np.log(a))
    return base[()], exponent[()]  # [()] makes a number of an array without dimensions


def _cross_entropy(p: Number, y: Number) -> Number:
    """-y log p - (1 - y) log(1 - p); as in torch no logarithm falls below -100, so a sure mistake costs 100 at most."""
    return -y * np.maximum(np.log(p), -100.0) - (1 - y) * np.maximum(np.log1p(-p), -100.0)


def _cross_entropy_slopes(_: Number, p: Number, y: Number) -> tuple[Number, ...]:
    return (p - y) / np.maximum(p * (1 - p), SMALLEST), np.log((1 - p) / p)


#: Every operation by name. Where two branches meet (relu and abs at 0, equal arguments) the slope is torch's choice.
OPS: dict[str, Op] = {
    "add": Op(lambda *u: sum(u), lambda y, *u: (1.0,) * len(u)),
    "subtract": Op(lambda a, b: a - b, lambda y, a, b: (1.0, -1.0)),
    "multiply": Op(lambda a, b: a * b, lambda y, a, b: (b, a)),
    "divide": Op(lambda a, b: a / b, lambda y, a, b: (1 / b, -y / b)),
    "negate": Op(lambda a: -a, lambda y, a: (-1.0,)),
    "power": Op(np.power, _power_slopes),
    "exp": Op(np.exp, lambda y, a: (y,)),
    "log": Op(np.log, lambda y, a: (1 / a,)),
    "sqrt": Op(np.sqrt, lambda y, a: (0.5 / y,)),
    "abs": Op(np.abs, lambda y, a: (np.sign(a),)),
    "sin": Op(np.sin, lambda y, a: (np.cos(a),)),
    "cos": Op(np.cos, lambda y, a: (-np.sin(a),)),
    "tan": Op(np.tan, lambda y, a: (1 + y * y,)),
    "asin": Op(np.arcsin, lambda y, a: (1 / np.sqrt(1 - a * a),)),
    "acos": Op(np.arccos, lambda y, a: (-1 / np.sqrt(1 - a * a),)),
    "atan": Op(np.arctan, lambda y, a: (1 / (1 + a * a),)),
    "sinh": Op(np.sinh, lambda y, a: (np.cosh(a),)),
    "cosh": Op(np.cosh, lambda y, a: (np.sinh(a),)),
    "tanh": Op(np.tanh, lambda y, a: (1 - y * y,)),
    "sigmoid": Op(lambda a: 1 / (1 + np.exp(-a)), lambda y, a: (y * (1 - y),)),
    "relu": Op(lambda a: np.maximum(a, 0.0), lambda y, a: (np.heaviside(a, 0.0),)),
    "minimum": Op(np.minimum, lambda y, a, b: (np.heaviside(b - a, 0.5), np.heaviside(a - b, 0.5))),
    "maximum": Op(np.maximum, lambda y, a, b: (np.heaviside(a - b, 0.5), np.heaviside(b - a, 0.5))),
    "max": Op(lambda *u: reduce(np.maximum, u), _winner_takes_all),
    "affine": Op(_affine, _affine_slopes),
    "half-square": Op(lambda a, y: 0.5 * (a - y) ** 2, lambda _, a, y: (a - y, y - a)),
    "cross-entropy": Op(_cross_entropy, _cross_entropy_slopes),
}


@dataclass(frozen=True)
class Node:
    """One number of the graph: a leaf (no op), or an op of earlier nodes."""

    name: str
    op: str = ""
    inputs: tuple[int, ...] = ()
    role: Role = "hidden"


class Arrival(NamedTuple):
    """One contribution on its way back: `source` sends upstream · local to `target`, its input number `slot`."""

    source: int
    target: int
    slot: int
    upstream: float
    local: float
    contribution: float
    total: float  # what has arrived at the target so far, this one included


class Graph:
    """Scalar nodes in the order in which they were made, so inputs come before their uses; the last is the loss."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.index: dict[str, int] = {}

    def leaf(self, name: str, role: Role = "parameter") -> int:
        """Adds a leaf and returns its index. Raises: ValueError for a name that is taken."""
        return self._add(Node(name, role=role))

    def apply(self, op: str, *inputs: int, name: str = "") -> int:
        """Adds an op of earlier nodes and returns its index. Raises: ValueError for a name that is taken."""
        return self._add(Node(name or f"v{len(self.nodes)}", op, inputs))

    def _add(self, node: Node) -> int:
        if node.name in self.index:
            raise ValueError(f"name is {node.name!r}: another node has it already.")
        self.index[node.name] = len(self.nodes)
        self.nodes.append(node)
        return len(self.nodes) - 1

    @np.errstate(all="ignore")
    def forward(self, leaves: Mapping[str, Number], nudges: Mapping[int, Number] | None = None) -> list[Number]:
        """Every node's value, in order; where a value is undefined it is NaN or infinite.

        leaves: name -> value of every leaf. nudges: index -> what is added to a node after it is computed.
        """
        values: list[Number] = []
        for i, node in enumerate(self.nodes):
            inputs = [values[j] for j in node.inputs]
            value = OPS[node.op].value(*inputs) if node.op else np.float64(leaves[node.name])
            values.append(value + nudges[i] if nudges and i in nudges else value)
        return values

    @np.errstate(all="ignore")
    def backward(self, values: list[Number], seed: float = 1.0, cut: Collection[int] = ()) -> list[Arrival]:
        """Every contribution to a gradient of seed · loss, in the order in which it arrives.

        A node sends once all its own contributions are in, which the reverse of the order of making grants.
        cut: nodes that are detached: nothing arrives there, nor where all has been computed from such and fixed leaves.
        """
        without = self._without_gradient(cut)
        totals: dict[int, Number] = {len(self.nodes) - 1: np.float64(seed)}
        arrivals: list[Arrival] = []
        for source in reversed(range(len(self.nodes))):
            node = self.nodes[source]
            if not node.op or source not in totals:
                continue
            upstream = totals[source]
            slopes = OPS[node.op].slopes(values[source], *[values[j] for j in node.inputs])
            for slot, (target, local) in enumerate(zip(node.inputs, slopes, strict=True)):
                if target in without:
                    continue
                contribution = upstream * local  # the chain rule
                total = totals.get(target, 0.0) + contribution  # over several uses, gradients add
                totals[target] = total
                arrivals.append(Arrival(source, target, slot, upstream, local, contribution, total))
        return arrivals

    def _without_gradient(self, cut: Collection[int]) -> set[int]:
        """Fixed leaves, detached nodes, and what is computed from such alone: what needs no gradient in autograd."""
        found = set(cut)
        for i, node in enumerate(self.nodes):
            if node.role in FIXED or (node.op and found.issuperset(node.inputs)):
                found.add(i)
        return found

    def gradients(self, arrivals: list[Arrival], seed: float = 1.0) -> dict[int, Number]:
        """index -> the gradient, for every node that something arrived at; the loss has the seed itself."""
        return {len(self.nodes) - 1: np.float64(seed), **{a.target: a.total for a in arrivals}}
