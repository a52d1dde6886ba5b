"""Knows how the training loop changes a network's numbers, one update after another, right or with a fault in it.

Does not know how a single update is shown; `walk.py` does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from dlcore.numerals import bracketed, digits
from dlcore.topics.backprop import Arrival, Node
from dlcore.topics.backprop_config import WALKED, BackpropConfig
from dlcore.topics.edits import Edit, read_edits
from dlcore.topics.scalar_net import Net, label

Values = Mapping[str, float]  # name -> number


@dataclass(frozen=True)
class State:
    """Where the loop stands before an update: parameters, what .grad still holds (a missing name is None), data."""

    parameters: Values
    held: Values
    data: tuple[Values, ...]


@dataclass(frozen=True)
class Pass:
    """One sample forward and back; its loss is scaled by `seed`, 1 / batch size."""

    sample: int
    leaves: Values
    values: list[float]  # (nodes,)
    arrivals: list[Arrival]
    seed: float


@dataclass(frozen=True)
class Iteration:
    """One turn of the loop. held: .grad after zero_grad; grads: .grad before the step; problem: what is not finite."""

    update: int
    before: State
    held: Values
    passes: tuple[Pass, ...]
    grads: Values
    after: State
    problem: str = ""


@dataclass(frozen=True)
class Training:
    """The states from before the first update on, and the loss at each: its mean over all samples."""

    states: tuple[State, ...]
    loss: np.ndarray  # (states,)
    order: tuple[tuple[int, ...], ...]  # the samples of every update
    problem: str = ""  # why it ended early


def train(config: BackpropConfig, net: Net, num_updates: int) -> Training:
    """`num_updates` turns of the loop, or fewer if a number leaves the finite ones.

    Raises: ValueError for edits that this network does not allow.
    """
    edits = read_edits(config.edits, net)
    order = batches(config, len(net.data), num_updates + WALKED + 1)  # a walk may begin behind the last update
    states = [_edited(State(dict(net.start), {}, net.data), edits, 0, order[0])]
    problem = ""
    for update in range(num_updates):
        done = iterate(config, net, states[-1], update, order[update])
        if done.problem:
            problem = f"Update {update + 1}: {done.problem}"
            break
        states.append(_edited(done.after, edits, update + 1, order[update + 1]))
    return Training(tuple(states), _losses(net, states), order, problem)


def batches(config: BackpropConfig, num_samples: int, num_updates: int) -> tuple[tuple[int, ...], ...]:
    """The samples of (at least) so many updates: each epoch is a fresh permutation, cut into batches."""
    generator = torch.Generator().manual_seed(config.seed)
    rows: list[tuple[int, ...]] = []
    while len(rows) < num_updates:
        permutation = torch.randperm(num_samples, generator=generator)
        rows += [tuple(batch.tolist()) for batch in permutation.split(config.batch_size)]
    return tuple(rows)


@np.errstate(all="ignore")
def iterate(config: BackpropConfig, net: Net, state: State, update: int, batch: Sequence[int]) -> Iteration:
    """One turn of the training loop from a state: zero_grad, forward, loss, backward, step."""
    held = state.held if config.fault == "no-zero-grad" else {}
    grads, passes = dict(held), []
    for sample in batch:
        done = _pass(config, net, state, sample, 1 / len(batch))
        passes.append(done)
        for index, gradient in net.graph.gradients(done.arrivals).items():
            name = net.graph.nodes[index].name
            if name in state.parameters:
                grads[name] = grads.get(name, 0.0) + gradient
    parameters = {name: stepped(config, net, name, w, grads.get(name)) for name, w in state.parameters.items()}
    problem = next(filter(None, (problem_of(net, done) for done in passes)), "") or _outgrown(parameters)
    return Iteration(update, state, held, tuple(passes), grads, State(parameters, grads, state.data), problem)


def _pass(config: BackpropConfig, net: Net, state: State, sample: int, seed: float) -> Pass:
    leaves = {**constants(net), **state.parameters, **state.data[sample]}
    values = net.graph.forward(leaves)
    cut = net.detached if config.fault == "detach" else ()
    return Pass(sample, leaves, values, net.graph.backward(values, seed, cut), seed)


def stepped(config: BackpropConfig, net: Net, name: str, w: float, gradient: float | None) -> float:
    """w − η · .grad, unless the loop's fault is in the step; where .grad is None, w stays."""
    if gradient is None:
        return w
    factor = -1.0 if config.fault == "wrong-sign" else 1.0
    if config.fault == "bias-fan-in":
        factor = float(net.fan_in.get(name, 1))
    return w - factor * config.lr * gradient


def constants(net: Net) -> Values:
    """The values of the leaves that are numbers in a formula; their name is their value."""
    return {node.name: float(node.name) for node in net.graph.nodes if node.role == "constant"}


def problem_of(net: Net, done: Pass) -> str:
    """Which number left the finite ones first, in one sentence; empty if none did."""
    nodes = net.graph.nodes
    for node, value in zip(nodes, done.values, strict=True):
        if not math.isfinite(value):
            what = "is infinite" if math.isinf(value) else "has no value"
            return f"{label(node.name)} {what}{_where(net, node, done.values)}."
    for arrival in done.arrivals:
        if not math.isfinite(arrival.total):
            source, target = label(nodes[arrival.source].name), label(nodes[arrival.target].name)
            product = f"{bracketed(arrival.upstream, 4)} · {bracketed(arrival.local, 4)}"
            return f"the gradient that {source} sends to {target} is not finite: {product}."
    return ""


def _where(net: Net, node: Node, values: Sequence[float]) -> str:
    """The numbers that a node is computed from, at most four of them."""
    inputs = [j for j in node.inputs if net.graph.nodes[j].role != "constant"]
    known = [f"{label(net.graph.nodes[j].name)} = {digits(values[j], 4)}" for j in inputs[:4]]
    return f" where {', '.join([*known, *['...'] * (len(inputs) > 4)])}" if known else ""


def _outgrown(parameters: Values) -> str:
    name = next((name for name, w in parameters.items() if not math.isfinite(w)), "")
    return f"{label(name)} is not finite after the step." if name else ""


def _edited(state: State, edits: Sequence[Edit], update: int, batch: Sequence[int]) -> State:
    """The state with the edits that are made before this update."""
    for edit in edits:
        if edit.update != update:
            continue
        if edit.name in state.parameters:
            state = replace(state, parameters={**state.parameters, edit.name: edit.value})
        elif edit.turn < len(batch):
            data = list(state.data)
            data[batch[edit.turn]] = {**data[batch[edit.turn]], edit.name: edit.value}
            state = replace(state, data=tuple(data))
    return state


@np.errstate(all="ignore")
def _losses(net: Net, states: Sequence[State]) -> np.ndarray:
    """The mean loss over all samples at every state, (states,): one forward pass with a lane for every pair."""
    samples = range(len(net.data))
    lanes = {
        name: np.array([state.parameters[name] for state in states for _ in samples]) for name in states[0].parameters
    }
    inputs = {name: np.array([state.data[s][name] for state in states for s in samples]) for name in states[0].data[0]}
    values = net.graph.forward({**constants(net), **lanes, **inputs})
    return np.broadcast_to(values[-1], len(states) * len(net.data)).reshape(len(states), -1).mean(axis=1)
