"""Knows the walk through the training loop at the level of modules: the same numbers as the walk of scalars, as arrays.

A frame is what one module does. What a fault breaks is read off the scalars; nothing is trained here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dlcore.topics.graph_checks import EXACT, largest_difference
from dlcore.topics.modules import Block, Link, Local, backward, blocks, chain
from dlcore.topics.scribe import Scribe
from dlcore.topics.timeline import Iteration, Pass, problem_of
from dlcore.topics.walk import Checked, Gradient, Value, Walk, largest

Numbers = Mapping[str, float]  # name of a node -> number


@dataclass(frozen=True, kw_only=True)
class ModuleWalk(Walk):
    """A walk whose keys are those of blocks ("X0", "W1"), modules ("F1") and wires between them ("X0→F1").

    The number in a span is the root mean square of an array; arrays: (kind of span, key, first frame) -> the array.
    """

    links: tuple[Link, ...]
    products: tuple[tuple[Local, ...], ...]  # (passes, modules)
    arrays: Mapping[tuple[str, str, int], np.ndarray]

    def differences(self) -> tuple[float, float]:
        """Those of the scalars, or larger ones between the products of matrices and torch.autograd."""
        exact, numeric = super().differences()
        complete = [number for number, checked in enumerate(self.passes) if checked.is_complete]
        mine = [self.off(number, link) for number in complete for link in self.links]
        return largest([exact, *mine]), numeric

    def off(self, number: int, link: Link) -> float:
        """How far a module's gradients in one pass are from torch.autograd's, at most."""
        local = self.products[number][self.links.index(link)]
        pairs = [(local.gradient(block.key).ravel(), self.exact(number, block)) for block in link.learning]
        return largest(largest_difference(mine, exact) for mine, exact in pairs)

    def exact(self, number: int, block: Block) -> np.ndarray:
        """torch.autograd's gradient of a block in one pass, (numbers,)."""
        index = self.net.graph.index
        return self.passes[number].exact[[index[name] for name in block.names]]


def record_modules(walk: Walk) -> ModuleWalk:
    """The same iterations, module by module."""
    recorder = _Recorder(walk)
    for iteration in walk.iterations:
        recorder.iteration(iteration)
    return recorder.finish()


class _Recorder(Scribe):
    """Turns the passes of a walk into frames of modules."""

    def __init__(self, walk: Walk) -> None:
        super().__init__()
        self.walk = walk
        self.names = [node.name for node in walk.net.graph.nodes]
        self.links = chain(walk.net)
        self.blocks = blocks(self.links)
        self.parameters = [block for block in self.blocks.values() if block.held_in(walk.net.start)]
        self.passes: list[Checked] = []
        self.products: list[tuple[Local, ...]] = []
        self.arrays: dict[tuple[str, str, int], np.ndarray] = {}

    def show(self, key: str, array: np.ndarray, *, wrong: bool = False) -> None:
        """From now on a block has these values."""
        self.set("values", key, Value(_size(array), wrong))
        self.arrays["values", key, self.now] = array

    def show_gradient(self, key: str, array: np.ndarray, *, arrived: int = 1, wrong: bool = False) -> None:
        """From now on a block has this gradient; none of it has arrived where .grad still holds an older one."""
        self.set("gradients", key, Gradient(_size(array), arrived, arrived, wrong))
        self.arrays["gradients", key, self.now] = array

    def iteration(self, iteration: Iteration) -> None:
        """data, zero_grad, then forward, loss and backward for every sample, then step; to where numbers end."""
        self.update = iteration.update
        held, expected = dict(iteration.before.held), dict.fromkeys(iteration.before.parameters, 0.0)
        for self.turn, done in enumerate(iteration.passes):
            began = self.take(done)
            if self.turn == 0:
                self.show_held(held)
                self.event("zero_grad")
                held = dict(iteration.held)
                self.show_held(held, wrong=True)
            self.forward(done)
            if len(self.passes) == len(self.walk.passes):
                return  # a value was not finite, so no gradient was taken
            self.passes.append(replace(self.walk.passes[len(self.passes)], start=began))
            self.backward(self.passes[-1], held, expected)
            if iteration.problem and problem_of(self.walk.net, done):
                return
        self.step(iteration, expected)

    def take(self, done: Pass) -> int:
        """A sample is taken: what is given is known, nothing else of it. Returns the frame."""
        self.event("data")
        for key, block in self.blocks.items():
            if block.held_in(done.leaves):
                self.show(key, block.of(done.leaves))
            else:
                self.set("values", key, None)
            if block not in self.parameters:
                self.set("gradients", key, None)
        for link in self.links:
            for block in (link.x_in, *link.leaves):
                self.set("sent", f"{block.key}→{link.key}", None)
            self.set("sent", f"{link.key}→{link.x_out.key}", None)
            self.set("values", link.key, Value(0.0))
        return self.now

    def show_held(self, held: Numbers, *, wrong: bool = False) -> None:
        """What .grad holds before this sample's gradients arrive."""
        for block in self.parameters:
            self.set("gradients", block.key, None)
            if block.held_in(held):
                self.show_gradient(block.key, as_gradient(block, held), arrived=0, wrong=wrong)

    def forward(self, done: Pass) -> None:
        """Module by module, to the first one whose output is not finite."""
        numbers = dict(zip(self.names, done.values, strict=True))
        for link in self.links:
            self.event("loss" if link.y else "forward", link.key)
            self.set("values", link.key, Value(0.0))
            x_out = link.x_out.of(numbers)
            self.show(link.x_out.key, x_out)
            if not np.isfinite(x_out).all():
                return

    def backward(self, checked: Checked, held: dict[str, float], expected: dict[str, float]) -> None:
        """Module by module: what goes on to its input, then what is for its parameters; to where it is not finite."""
        done = checked.done
        arrived = {self.names[arrival.target] for arrival in done.arrivals}
        exact = dict(zip(self.names, checked.exact, strict=True))
        self.products.append(backward(self.links, dict(zip(self.names, done.values, strict=True)), done.seed))
        for name in expected:
            expected[name] += exact[name] if np.isfinite(exact[name]) else 0.0
        right = {**exact, **expected}
        self.event("backward", "E")
        self.show_gradient("E", np.full((1, 1), done.seed))
        for link, local in zip(reversed(self.links), reversed(self.products[-1]), strict=True):
            reached = [block for block in link.learning if arrived.issuperset(block.names)]
            for block in reached:
                self.event("backward", f"{block.key}→{link.key}")
                if block is reached[0]:
                    self.set("sent", f"{link.key}→{link.x_out.key}", Value(_size(local.grad_out)))
                self.arrive(link, block, local.gradient(block.key), held, right)
                if not np.isfinite(local.gradient(block.key)).all():
                    return
        self.miss(arrived, exact)

    def arrive(self, link: Link, block: Block, gradient: np.ndarray, held: dict[str, float], expected: Numbers) -> None:
        """A gradient comes out of a module; at a parameter it is added to what .grad holds."""
        self.set("sent", f"{block.key}→{link.key}", Value(_size(gradient)))
        if block in self.parameters:
            for name, share in zip(block.names, gradient.flat, strict=True):
                held[name] = held.get(name, 0.0) + share
            gradient = as_gradient(block, held)
        right = np.array([expected[name] for name in block.names])
        self.show_gradient(block.key, gradient, wrong=_differ(gradient.ravel(), right))

    def miss(self, arrived: set[str], exact: Numbers) -> None:
        """Where autograd has a gradient and nothing arrived, it is None, not 0."""
        for key, block in self.blocks.items():
            if key != "E" and not arrived.issuperset(block.names) and np.isfinite(block.of(exact)).all():
                self.set("gradients", key, Gradient(None, 0, 0, wrong=True))

    def step(self, iteration: Iteration, expected: Numbers) -> None:
        """Module by module; compared with a right step along autograd's gradient."""
        before, after = iteration.before.parameters, iteration.after.parameters
        right = {name: w - self.walk.config.lr * expected[name] for name, w in before.items()}
        for link in self.links:
            mine = [block for block in link.learning if block in self.parameters]
            if mine:
                self.event("step", link.key if link.w else link.x_in.key)
            for block in mine:
                self.show(block.key, block.of(after), wrong=_differ(block.of(after), block.of(right)))

    def finish(self) -> ModuleWalk:
        """Hands the walk over."""
        walk = self.walk
        taken = [frame for frame, phase in enumerate(self.phases) if phase == "data"]
        ends = [*taken[1:], len(self.phases)]  # a last sample, whose forward pass breaks off, is no pass
        passes = tuple(replace(checked, end=end) for checked, end in zip(self.passes, ends, strict=False))
        return ModuleWalk(
            config=walk.config,
            net=walk.net,
            iterations=walk.iterations,
            passes=passes,
            landings=(),
            problem=walk.problem,
            links=self.links,
            products=tuple(self.products),
            arrays=self.arrays,
            **self.written(),
        )


def as_gradient(block: Block, numbers: Numbers) -> np.ndarray:
    """As gradients are written: W's in W's shape, all others as a row."""
    return block.of(numbers) if block.key[0] == "W" else block.of(numbers).reshape(1, -1)


def _size(array: np.ndarray) -> float:
    """The root mean square."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(np.mean(np.square(array))))


def _differ(array: np.ndarray, reference: np.ndarray) -> bool:
    return not bool(np.all(np.abs(array - reference) <= EXACT * np.maximum(1.0, np.abs(reference))))
