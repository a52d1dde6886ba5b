"""Knows a walk through the training loop: what happens at each frame, and from when to when each number is known.

Every frame is one event; frame 0 is the taking of the first sample. Does not know how it is drawn.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from dlcore.topics.backprop import Arrival
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.graph_checks import largest_difference
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import Iteration, Pass

PHASES = ("data", "zero_grad", "forward", "loss", "backward", "step")


class Value(NamedTuple):
    """A node's number, and whether a right training loop would have another one here."""

    number: float
    wrong: bool = False


class Gradient(NamedTuple):
    """What is known of a gradient: the sum so far, how many contributions came of how many; total None: .grad is None.

    A parameter's total is its .grad, with what was held before; of that alone no contribution is counted.
    """

    total: float | None
    arrived: int
    expected: int
    wrong: bool = False


What = TypeVar("What", Value, Gradient)


class Span(NamedTuple, Generic[What]):
    """Something that holds while start <= frame < end; `key` is a node's name or a wire's key."""

    key: str
    start: int
    end: int
    what: What


def by_key(spans: Iterable[Span[What]]) -> dict[str, list[Span[What]]]:
    """The spans of every key, in their order."""
    found: dict[str, list[Span[What]]] = {}
    for span in spans:
        found.setdefault(span.key, []).append(span)
    return found


class Landing(NamedTuple):
    """The frame at which a contribution arrives, in which pass."""

    frame: int
    number: int  # of the pass, counted over the walk
    arrival: Arrival


class Taken(NamedTuple):
    """A sample's pass, from the frame at which it is taken to the one at which the next is, or the walk's end."""

    done: Pass
    start: int
    end: int


@dataclass(frozen=True)
class Checked:
    """A pass and what it is compared with: (nodes,) arrays, NaN where there is no gradient."""

    done: Pass
    exact: np.ndarray  # torch.autograd
    numeric: np.ndarray  # central finite differences
    start: int  # the frame at which its sample is taken
    end: int  # the frame at which another one is, or the walk's end
    update: int
    held: Mapping[str, float]  # .grad before it

    @cached_property
    def is_complete(self) -> bool:
        """Whether backward came to its end, with finite numbers only."""
        return all(math.isfinite(arrival.total) for arrival in self.done.arrivals)

    def gradients(self, num_nodes: int) -> np.ndarray:
        """What arrived at each node, (nodes,); 0 where nothing did, 1 (or 1 / batch size) at the loss."""
        found = np.zeros(num_nodes)
        for arrival in self.done.arrivals:
            found[arrival.target] = arrival.total
        found[-1] = self.done.seed
        return found


@dataclass(frozen=True)
class Walk:
    """A walk's frames: phases (frames,), active keys (frames,), and the spans of values, gradients, wires."""

    config: BackpropConfig
    net: Net
    iterations: tuple[Iteration, ...]
    passes: tuple[Checked, ...]  # whose forward came to the loss
    phases: tuple[str, ...]
    active: tuple[str, ...]
    updates: tuple[int, ...]  # (frames,): how many updates were made before this turn of the loop
    turns: tuple[int, ...]  # (frames,): which sample of the batch
    values: tuple[Span[Value], ...]
    gradients: tuple[Span[Gradient], ...]
    sent: tuple[Span[Value], ...]  # wires that a contribution has come back over
    landings: tuple[Landing, ...]
    problem: str = ""

    @property
    def num_frames(self) -> int:
        """How many frames there are, frame 0 included."""
        return len(self.phases)

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """Every sample, also a last one whose forward breaks off, which is not among the passes."""
        starts = [frame for frame, phase in enumerate(self.phases) if phase == "data"]
        passes = (done for iteration in self.iterations for done in iteration.passes)
        ends = [*starts[1:], self.num_frames]
        return tuple(Taken(done, start, end) for done, start, end in zip(passes, starts, ends, strict=False))

    def first(self, phase: str, start: int, end: int) -> int:
        """The first frame of a phase from `start` on; `end` if there is none before."""
        return next((frame for frame in range(start, end) if self.phases[frame] == phase), end)

    def differences(self) -> tuple[float, float]:
        """How far this loop's gradients are from torch.autograd's and from finite differences, at most.

        Relative to the gradient's size where that is above 1. What should have arrived and did not counts as 0.
        Nodes are compared in every complete pass, parameters by what .grad holds when all of a batch's are complete.
        NaN where there is nothing to compare.
        """
        complete = [checked for checked in self.passes if checked.is_complete]
        pairs = [self._of_nodes(checked) for checked in complete]
        for iteration in self.iterations:
            batch = [checked for checked in complete if checked.update == iteration.update]
            if len(batch) == len(iteration.passes):
                pairs.append(self._of_parameters(iteration, batch))
        return largest(exact for exact, _ in pairs), largest(numeric for _, numeric in pairs)

    def _of_nodes(self, checked: Checked) -> tuple[float, float]:
        """How far the gradients of one pass are off, those of parameters apart: the loop adds them up in .grad."""
        nodes = self.net.graph.nodes
        inner = [i for i, node in enumerate(nodes) if node.name not in self.net.start]
        here = checked.gradients(len(nodes))[inner]
        return largest_difference(here, checked.exact[inner]), largest_difference(here, checked.numeric[inner])

    def _of_parameters(self, iteration: Iteration, batch: Sequence[Checked]) -> tuple[float, float]:
        """How far .grad is off before an iteration's step."""
        order = [self.net.graph.index[name] for name in self.net.start]
        held = np.array([iteration.grads.get(name, 0.0) for name in self.net.start])
        exact = np.sum([checked.exact[order] for checked in batch], axis=0)
        numeric = np.sum([checked.numeric[order] for checked in batch], axis=0)
        return largest_difference(held, exact), largest_difference(held, numeric)


def largest(differences: Iterable[float]) -> float:
    """The largest of those that are numbers; NaN if none is."""
    return max((number for number in differences if not math.isnan(number)), default=math.nan)


def prediction_map(walk: Walk, size: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The network's answer over the plane of its two inputs, at the walk's beginning: x, y (size,), p (size, size)."""
    state, graph = walk.iterations[0].before, walk.net.graph
    x, y = (_axis([sample[name] for sample in state.data], size) for name in ("x1", "x2"))
    across, down = (axis.ravel() for axis in np.meshgrid(x, y))
    values = graph.forward({**state.data[0], **state.parameters, "x1": across, "x2": down})
    p = values[graph.index[walk.net.prediction[0]]]
    return x, y, np.broadcast_to(p, size * size).reshape(size, size)


def _axis(numbers: Sequence[float], size: int) -> np.ndarray:
    return np.linspace(min(numbers) - 0.4, max(numbers) + 0.4, size)
